# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] id="title"
# # Let the right people in
#
# **You will** give a registry members with passwords, log in, listen to a password on its way,
# and open a second door where everyone may pull and no one may push. It takes about 60 minutes.
# You should know how to run a registry, push to it ([lesson 1](01-run-a-registry.ipynb))
# and mount a folder ([lesson 2](02-keep-what-you-push.ipynb)).
#
# **Why it matters.** A registry as it comes lets in everyone who can reach it.
# Anyone who may push to it decides what your machines run tomorrow.
#
# ## Run this first, each time
#
# The registry runs on node 1, which node 2 knows as `registry.lab`. `sh` runs a command line inside a node.
# The `docker` command is there, and talks to that node's engine. `nodes.clear()` takes away what the
# lesson's own cells have left, and nothing of yours.
#
# Some of the steps here are meant to fail. `with print_error():` prints what the engine says then, instead of the long
# account that Python gives of an error. What else `nodes` does is said where it is used. You can read all of it in
# `labs/lessons/let_the_right_people_in/member_nodes.py`.

# %% id="open"
import labs
from labs.lessons.let_the_right_people_in.member_nodes import MemberNodes, print_error

lab = labs.open("let-the-right-people-in")
docker = lab.docker
nodes = MemberNodes(lab)
nodes.clear()
sh = nodes.sh

# %% [markdown] id="old-text"
# ## htpasswd: executable file not found
#
# The registry reads its members from a password file with a line for each: `user:hash`.
# A *hash* is made from a password, and no one can turn it back. Many guides, old ones above all, make that file
# with the `htpasswd` inside the registry's own image. Try it.

# %% id="old" tags=["nbval-ignore-output"] because="runc now and then says: read init-p: connection reset by peer"
command = ["-Bbn", "moby", "gordon"]
with print_error():
    docker.containers.run("registry:2", command, entrypoint="htpasswd", name="htpasswd")
lab.remove("htpasswd")

# %% [markdown] id="old-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container run --rm --entrypoint htpasswd registry:2 -Bbn moby gordon  # fails
# ```
#
# </details>
#
# The last words count: there is no program called `htpasswd` in that image. It was there up to 2.7.0 and left in
# June 2020. The web server Apache, whose program it is, has it in its image `httpd:2`.
#
# Those guides have a second fault. `-B` (bcrypt) and `-n` (print, write no file) are right, but `-b` takes the
# password from the command line.
#
# **6.1** Before you see it: while that program runs, who can read the password? Write the letter of your answer into
# the cell, as `choice = "…"`, and run both cells. A click tells whether an answer is right; only the letter in the
# cell counts.

# %% id="answer-6-1"
lab.question("6.1")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-6-1"
lab.check("6.1", choice=choice)

# %% id="ps"
docker.images.pull("httpd", tag="2")
slow = ["htpasswd", "-Bbn", "-C", "17", "moby", "gordon"]
docker.containers.run("httpd:2", slow, name="htpasswd", detach=True)
pid = docker.containers.get("htpasswd").attrs["State"]["Pid"]
print(sh(f"tr '\\0' ' ' </proc/{pid}/cmdline"))
lab.remove("htpasswd")

# %% [markdown] id="ways-text"
# `ps` and `docker inspect` show the same. (`-C 17` made it slow enough to be seen.) `-i` reads from standard input.
#
# ## Make a password file: three ways that work
#
# 1. `htpasswd` of `httpd:2`. On Debian it is in `apache2-utils`.
# 2. Python, with the package `bcrypt`.
# 3. Nothing installed at all: the system's own `crypt`, called from Perl. Debian's knows bcrypt.


# %% id="ways"
import bcrypt


def hashed(user, password):
    return f"{user}:{bcrypt.hashpw(password.encode(), bcrypt.gensalt(10)).decode()}"


moby = sh("echo gordon | docker run -i --rm httpd:2 htpasswd -niBC 10 moby")
barbara = hashed("barbara", "liskov")
salt = r'"\$2b\$10\$" . substr(`openssl rand -hex 16`, 0, 22)'
edsger = "edsger:" + sh(f"echo dijkstra | perl -ne 'chomp; print crypt($_, {salt})'")

for line in [moby, barbara, edsger]:
    user, digits = line.split(":")
    print(f"{user:8} {digits[:7]}… {len(digits)} characters")

# %% [markdown] id="ways-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# echo gordon | docker container run -i --rm httpd:2 htpasswd -niBC 10 moby
# ```
#
# </details>
#
# `$2y$` and `$2b$` both name bcrypt, `10` is the *cost*: each step more doubles the time to try one password. That is
# all that slows down a thief of the file. Without `-C`, `htpasswd` takes 5: a thief is 32 times as fast. But the
# registry tries the password too, at *each* request, so 14 makes each layer of a push wait. Take 10 to 12.
#
# Run the cell again and each hash is another one, because each has a *salt*, random digits of its own: the 22
# characters that the Perl line gives to `crypt`. `openssl passwd` is not a fourth way: it has MD5 and SHA hashes and
# no bcrypt. You see below what a registry does with those.
#
# **6.2** Now you. Write a password file for another registry: `/srv/team/htpasswd` on node 1, with a line for `ada`,
# whose password is `lovelace`. Make the hash any way you like. `lab.node().write_file(path, text)` writes a file of
# the node.

# %% id="answer-6-2"
### BEGIN SOLUTION
ada = hashed("ada", "lovelace")
lab.node().write_file("/srv/team/htpasswd", f"{ada}\n")
### END SOLUTION

# %% id="check-6-2"
lab.check("6.2")

# %% [markdown] id="run-text"
# ## Run a registry that asks
#
# Put the lines into a file and tell the registry about it with three environment variables. Mount the *folder*, not
# the file: a file that is written again is another file, and a container with a mount of the old one never sees it.
#
# `/srv/auth` is a folder of the node. With `-v "$(pwd)"/auth:/auth`, as many instructions have it, the engine would
# look for *your* folder's path in the node, make an empty folder there without a word, and the registry would find
# no password file.
#
# `nodes.run_registry` takes the name of a container, a port, a folder and the settings. It runs `registry:2` in place
# of a container of that name, mounts the folder at `/auth`, read-only, and waits until the registry answers. Folded
# below is what you would type.

# %% id="run"
dennis = "dennis:" + sh("echo ritchie | openssl passwd -6 -stdin")
lines = f"{moby}\n{barbara}\n{edsger}\n{dennis}\n"
lab.node().write_file("/srv/auth/htpasswd", lines, mode=0o600)
asks = {
    "REGISTRY_AUTH": "htpasswd",
    "REGISTRY_AUTH_HTPASSWD_REALM": "Team registry",
    "REGISTRY_AUTH_HTPASSWD_PATH": "/auth/htpasswd",
}
nodes.run_registry("registry", 5000, "/srv/auth", asks)

# %% [markdown] id="stranger-text"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container run --name registry -d -p 5000:5000 -v /srv/auth:/auth:ro \
#   -e REGISTRY_AUTH=htpasswd \
#   -e "REGISTRY_AUTH_HTPASSWD_REALM=Team registry" \
#   -e REGISTRY_AUTH_HTPASSWD_PATH=/auth/htpasswd registry:2
# ```
#
# </details>
#
# ## Come as a stranger
#
# Ask without a password, then with three. Then push.

# %% id="stranger"
http = lab.http(5000)
stranger = http.get("/v2/")
print(stranger.status_code, stranger.headers["www-authenticate"])
print(stranger.json()["errors"][0]["message"])
for member in [("moby", "gordon"), ("edsger", "dijkstra"), ("dennis", "ritchie")]:
    print(f"{member[0]:8}", http.get("/v2/", auth=member).status_code)

docker.images.pull("hello-world", tag="latest").tag("127.0.0.1:5000/hello-world")
with print_error():
    lab.push("127.0.0.1:5000/hello-world")

# %% [markdown] id="stranger-explain"
# `401` means: who are you? `WWW-Authenticate` says how to answer. The scheme is `Basic`, user and password in a
# header of each request. The *realm* is a name to show to people; it has no other use here.
#
# dennis gave the right password and is not let in: his hash is SHA-512. A registry takes bcrypt alone.
# It does not say so, neither at its start nor to him.
#
# **6.3** Now you. Add a line for `grace` with the password `hopper` to your file, and run a registry on port **5001**
# that lets in ada, grace and no one else. Under a name of its own it leaves the registry of the lesson as it is.

# %% id="answer-6-3"
### BEGIN SOLUTION
grace = hashed("grace", "hopper")
lab.node().write_file("/srv/team/htpasswd", f"{ada}\n{grace}\n")
nodes.run_registry("team", 5001, "/srv/team", asks)
### END SOLUTION

# %% id="check-6-3"
lab.check("6.3")

# %% [markdown] id="login-text"
# ## docker login: where the password is kept
#
# `docker login` tries the password at the registry and keeps it. Where, it says itself.
# `DOCKER_CONFIG` names another folder: there a file as it comes from another machine names a *credential helper*.

# %% id="login"
import base64
import json

login = "docker login --username moby --password-stdin"
print(sh(f"echo gordon | {login} 127.0.0.1:5000"))
config = json.loads(lab.node().read_file("/root/.docker/config.json"))
print(config)
kept = config["auths"]["127.0.0.1:5000"]["auth"]
print(base64.b64decode(kept).decode())

lab.node().write_file("/root/elsewhere/config.json", '{"credsStore": "desktop"}')
print(sh(f"export DOCKER_CONFIG=/root/elsewhere; echo gordon | {login} 127.0.0.1:5000"))

# %% [markdown] id="login-explain"
# `--password-stdin` keeps the password out of the list of processes, where `--password` shows it to everyone on
# the machine. The file hides nothing: base64 is another spelling, not encryption. One line of Python reads it.
#
# So Docker advises a helper. `"credsStore": "pass"` in that file makes Docker call the program
# `docker-credential-pass`, which keeps passwords encrypted; others use the keyring of the system. With one that is
# not installed, a right password cannot be kept: `docker-credential-desktop` comes with Docker Desktop. Take the
# line with `credsStore` out, and log in again.
#
# The SDK has `login` as well. It keeps the password in the memory of this Python process and writes no file.
# `lab.node().environment()` has the variables that `lab.shell()` prints. One is `DOCKER_CONFIG`: each playground has
# a folder of its own, so your own logins stay as they are and none of them reaches a lesson. A login in that terminal
# is seen here too, and `reauth=True` asks the registry all the same. `login_flow` draws who says what.

# %% id="sdk"
from labs.views.login import login_flow

print(docker.login("moby", "gordon", registry="127.0.0.1:5000", reauth=True)["Status"])
print(lab.push("127.0.0.1:5000/hello-world"))
with open(lab.node().environment()["DOCKER_CONFIG"] + "/config.json") as file:
    print("written to DOCKER_CONFIG:", "127.0.0.1:5000" in file.read())
login_flow()

# %% [markdown] id="break-host-text"
# <details><summary>The same with docker</summary>
#
# ```bash
# echo gordon | docker login --username moby --password-stdin 127.0.0.1:5000
# docker image push 127.0.0.1:5000/hello-world
# ```
#
# </details>
#
# The engine does the talking, and it begins each time as a stranger: a `401` in a registry's log is not an alarm yet.
# A registry remembers no login. The password travels with every request.
#
# ## Break it: no basic auth credentials, after a login
#
# `localhost:5000`, `127.0.0.1:5000` and `registry.lab:5000` lead to the same registry. You are logged in to one of
# them. The next cell but one pushes to another spelling of it, lets node 2 log in, and then tries a wrong password,
# once with the command and twice with the SDK.
#
# **6.4** First say what you expect:

# %% id="answer-6-4"
lab.question("6.4")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-6-4"
lab.check("6.4", choice=choice)

# %% id="break"
docker.images.get("hello-world").tag("localhost:5000/hello-world")
with print_error():
    lab.push("localhost:5000/hello-world")
print(sh(f"echo gordon | {login} registry.lab:5000", node=2))

print(sh(f"echo gordno | {login} 127.0.0.1:5000"))
docker.login("moby", "gordno", registry="127.0.0.1:5000")  # no error
with print_error():
    docker.login("moby", "gordno", registry="127.0.0.1:5000", reauth=True)

# %% [markdown] id="break-explain"
# Credentials are kept under the host *as you wrote it*. No one compares addresses. For `no basic auth credentials`
# after a login, compare the reference with the keys in `config.json`, letter by letter.
#
# Node 2 fails earlier. `registry.lab` is not loopback, so its engine demands encryption before it says a word about
# you.
#
# A login that fails changes nothing: the old password is still kept. And the SDK's first login did not even ask: it
# had one for that user and host, and gave it back. `reauth=True` makes it try.
#
# A logout, `docker logout 127.0.0.1:5000`, tells the registry nothing either. It takes the entry out of your file.
#
# ## Basic auth without TLS: what a listener hears
#
# You can switch the demand off, with `insecure-registries` in node 2's `daemon.json`: `nodes.insecure` writes it.
# Do it, put a listener between the two nodes, and log in. `nodes.listening` runs `socat -v`, which passes on what it
# gets and writes down what went by. It is where anyone can be on the way: a switch, a Wi-Fi, a proxy. `heard` has three
# things of what it wrote: the requests, the statuses, and what the client said of itself.

# %% id="listen"
with nodes.listening(5002) as heard:
    nodes.insecure("registry.lab:5002")
    print(sh(f"echo gordon | {login} registry.lab:5002", node=2).splitlines()[0])
    nodes.insecure()
print(*heard, sep="\n")
secret = next(line for line in heard if "Basic" in line).split()[-1]
print("the listener knows:", base64.b64decode(secret).decode())

# %% [markdown] id="members-text"
# The same base64 as in the file. Basic authentication hides nothing; that is TLS's work.
# Passwords without TLS are for loopback only, as in this lesson. For everything else: lesson 5. One registry takes
# both: the two variables of its certificate, the three of its passwords, and a mount for each folder.
#
# ## Add and remove users without a restart
#
# The registry looks at the time of its password file with each request, and reads the file again if it is newer.
# No restart: no one who is pushing is cut off.
#
# **6.5** Now you. On the registry on port 5001, grace leaves, `linus` joins with the password `penguin`, and ada
# stays as she is. Do it **without a restart** of the registry.

# %% id="answer-6-5"
### BEGIN SOLUTION
lines = f"{ada}\n{hashed('linus', 'penguin')}\n"
lab.node().write_file("/srv/team/htpasswd", lines)
### END SOLUTION

# %% id="check-6-5"
lab.check("6.5")

# %% [markdown] id="proxy-text"
# ## Anonymous pull, push with a password
#
# A password file knows two kinds of people: members, who may do everything, and strangers, who may do nothing.
# For more, put a *proxy* in front, a web server that passes requests on. For a request that reads (`GET`, `HEAD`)
# this nginx logs in with a member's credentials. With any other it passes on what the client gave, or nothing.

# %% id="proxy"
rules = f"""
map $request_method $login {{ GET "Basic {kept}"; HEAD "Basic {kept}"; default $http_authorization; }}
server {{ listen 8080; client_max_body_size 0; location /v2/ {{
    proxy_set_header Host $http_host;
    proxy_set_header Authorization $login;
    proxy_pass http://127.0.0.1:5000;
}} }}"""
nodes.run_proxy("proxy", rules)

# %% [markdown] id="proxy-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container run --name proxy -d --network host -v /srv/proxy:/etc/nginx/conf.d:ro nginx
# ```
#
# </details>
#
# `map` gives `$login` its value, by the method of the request. `client_max_body_size 0` lets layers of any size
# through, `Host` keeps the addresses right that the registry sends back. `nodes.run_proxy` writes the rules to a file
# in `/srv/proxy`, where nginx looks for them, and runs nginx on the node's own network (`--network host`), so that
# `127.0.0.1:5000` is the registry.
#
# Then a stranger pulls and begins an upload, and moby does the same with his password. A wrong password is tried too,
# and in the end a push of Docker. Say to yourself what each of the five should do, before you run it.

# %% id="proxy-break"
lab.pull("127.0.0.1:8080/hello-world")
print("a stranger has pulled")
door, uploads = lab.http(8080), "/v2/hello-world/blobs/uploads/"
print("POST: stranger", door.post(uploads).status_code, end=", ")
print("moby", door.post(uploads, auth=("moby", "gordon")).status_code)

print("wrong password:", docker.login("moby", "gordno", registry="127.0.0.1:8080")["Status"])
docker.login("moby", "gordon", registry="127.0.0.1:8080", reauth=True)
with print_error():
    lab.push("127.0.0.1:8080/hello-world")
lab.remove("proxy")

# %% [markdown] id="door-text"
# With plain HTTP all is as wanted. Docker is not: it accepts a wrong password, and with the right one its push
# fails. Look at the drawing above. This engine keeps its images in Docker's *classic image store*, and finds out
# *once*, at `GET /v2/`, whether a password is wanted. Here the answer is 200, so a login has nothing to try, and a
# push never shows the password, whatever it is answered later.
#
# Engine 29 keeps images in containerd, unless it was upgraded from an older one. With that store an engine answers a
# `401` at any request, so moby's push would work. But a login still asks at `GET /v2/` alone, and accepts every
# password.
#
# So give readers a door of their own, for any engine and with logins that mean something: one port where
# anyone may `GET`, and the registry's own port for members. Services on the internet
# have one address because they use *tokens*: there the answer to `GET /v2/` is 401 for all, and strangers get a
# token for pulling.
#
# ## Exercise 6.6: a door for readers
#
# As ada, push `hello-world` to the registry on port 5001, as `team/hello` with the tag `latest`. Then run a proxy
# on port **8080** through which everyone pulls it without a password. Nothing can be written through that door,
# not even with a password: people who need none there should not be tempted to send one.

# %% id="answer-6-6"
### BEGIN SOLUTION
docker.login("ada", "lovelace", registry="127.0.0.1:5001", reauth=True)
docker.images.pull("hello-world", tag="latest").tag("127.0.0.1:5001/team/hello")
lab.push("127.0.0.1:5001/team/hello")
secret = base64.b64encode(b"ada:lovelace").decode()
rules = f"""server {{ listen 8080; location /v2/ {{
    limit_except GET HEAD {{ deny all; }}
    proxy_set_header Host $http_host;
    proxy_set_header Authorization "Basic {secret}";
    proxy_pass http://127.0.0.1:5001;
}} }}"""
nodes.run_proxy("readers", rules)
### END SOLUTION

# %% id="check-6-6"
lab.check("6.6")

# %% [markdown] id="learned"
# ## What you learned
#
# - A registry takes bcrypt alone, from a file that it reads again when it is newer. Passwords go in by standard input.
# - A login is an entry in a file, under the host as you wrote it, for all to read who can read the file.
#   Over plain HTTP everyone on the way can read it, too.
# - A login asks at `GET /v2/` alone, and so does the classic image store: readers and members need two doors.
#
# **Next:** [Serve a swarm](07-serve-a-swarm.ipynb), or the [assignment](50-assignment-secure-registry.ipynb), where
# encryption and passwords come together.

# %% id="progress"
lab.progress()
