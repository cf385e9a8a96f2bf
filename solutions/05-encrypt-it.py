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
# # Encrypt it
#
# **You will** give a registry a certificate, meet each message that a wrong one causes, and renew it without
# losing a push. It takes about 60 minutes. You should know how to run a registry and keep its data
# ([lesson 2](02-keep-what-you-push.ipynb)).
#
# **Why it matters.** On your own machine Docker lets everything pass. The first time a second machine pulls,
# it asks: are you really `registry.lab`, and who says so? Most teams answer by switching the question off.
#
# ## Run this first, each time
#
# This lesson has two nodes. The registry runs on node 1, and node 2 pulls from it. Both engines know node 1 by the name
# `registry.lab`. That name is the point: Docker exempts 127.0.0.0/8 from TLS, so with `127.0.0.1:5000` nothing in this
# lesson would be tested.
#
# `two` does what is repeated all the time; you can read it in `labs/lessons/encrypt_it/two_machines.py`.
# `two.run_registry` runs a new registry on node 1, with the certificate of the name that you give it, and keeps its
# data in a folder. `two.certs` runs a command in `/srv/certs`, the folder of certificates that the registry's container
# sees. `two.pull` lets node 2 pull, and prints what its engine says.

# %% id="open"
import labs
from labs.lessons.encrypt_it.two_machines import TwoMachines
from labs.views.certificate import inspect

lab = labs.open("encrypt-it")
docker, two = lab.docker, TwoMachines(lab)
lab.node(2).exec(["rm", "-rf", "/etc/docker/certs.d/registry.lab:5000"])
for node in lab.nodes:
    print(node.name, "finds", node.exec(["getent", "hosts", "registry.lab"]).stdout.split()[1])

# %% [markdown] id="plain-text"
# ## http: server gave HTTP response to HTTPS client
#
# Run the registry as before, push to it on node 1, and pull on node 2.

# %% id="plain"
two.run_registry()
image = docker.images.pull("hello-world", tag="latest")
image.tag("127.0.0.1:5000/hello-world", tag="latest")
lab.push("127.0.0.1:5000/hello-world:latest")
two.pull()

# %% [markdown] id="nameless-text"
# <details><summary>The same with docker</summary>
#
# ```bash
# # node 1
# docker container run --name registry -d -p 5000:5000 -v /srv/registry:/var/lib/registry registry:2
# docker image pull hello-world
# docker image tag hello-world 127.0.0.1:5000/hello-world
# docker image push 127.0.0.1:5000/hello-world
# # node 2; lab.shell(2) prints how to get there
# docker image pull registry.lab:5000/hello-world  # fails
# ```
#
# </details>
#
# Node 2 began a TLS *handshake*, the talk in which two sides agree on a key and one shows who it is.
# A plain HTTP answer came back. It would not go on without encryption.
#
# ## x509: certificate relies on legacy Common Name field
#
# A *certificate* says: this public key belongs to this name. With the private *key* the registry
# proves that it is meant. A *self-signed* certificate is signed with its own key.
# Many tutorials make one like this, and fill a form in which only the *common name* (CN) seems to matter.
#
# `openssl req -x509` makes a key and a certificate for it. `-nodes` leaves the key without a password, `-subj`
# fills the form, `-keyout` and `-out` name the two files.
#
# **5.1** The certificate of the next cell but one has the common name `registry.lab` and nothing else, and node 2 has
# never seen it. What will node 2 say first? Write the letter of your answer into the cell, as `choice = "…"`, and run
# both cells. A click tells whether an answer is right; only the letter in the cell counts.

# %% id="answer-5-1"
lab.question("5.1")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-5-1"
lab.check("5.1", choice=choice)

# %% id="nameless"
two.certs(
    "openssl req -newkey rsa:4096 -nodes -sha256 -x509 -days 365 "
    "-subj /CN=registry.lab -keyout nameless.key -out nameless.crt"
)
two.run_registry("nameless")
two.pull()

# %% [markdown] id="stranger-text"
# <details><summary>The same with docker</summary>
#
# ```bash
# # node 1: certificate and key are in /srv/certs
# docker container rm -f registry
# docker container run --name registry -d -p 5000:5000 \
#   -v /srv/registry:/var/lib/registry -v /srv/certs:/certs:ro \
#   -e REGISTRY_HTTP_TLS_CERTIFICATE=/certs/nameless.crt \
#   -e REGISTRY_HTTP_TLS_KEY=/certs/nameless.key registry:2
# # node 2
# docker image pull registry.lab:5000/hello-world  # fails
# ```
#
# </details>
#
# The registry speaks TLS now: two settings, each the path of a file *inside the container*.
# The certificate is useless all the same. Clients look for the name in a list called
# *Subject Alternative Names* (SAN), and this one has none. The engine looks at names before it asks who signed,
# so trusting this certificate would not change the message.
#
# ## x509: certificate signed by unknown authority
#
# `-addext` puts the name where clients look. The port is not part of it.
# `-newkey ec` makes an elliptic-curve key: as safe as a long RSA key, and made in milliseconds.

# %% id="stranger"
NEW = "openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256"
NAMED = "-subj /CN=registry.lab -addext subjectAltName=DNS:registry.lab"
two.certs(f"{NEW} -days 365 {NAMED} -keyout registry.key -out registry.crt")
two.run_registry("registry")
two.pull()

# %% [markdown] id="stranger-explain"
# The name is right. But anybody can write `registry.lab` into a certificate, you did it a moment ago.
# So the engine asks who signed it, and looks for that *authority* among those it knows.
#
# **5.2** Now you. Run another registry, called `shelf`, on port **5001**, over TLS, with a certificate that is valid
# today for `registry.lab`. Who signs it is up to you.

# %% id="answer-5-2"
### BEGIN SOLUTION
two.certs(f"{NEW} -days 90 {NAMED} -keyout shelf.key -out shelf.crt")
two.run_registry("shelf", name="shelf", port=5001)
### END SOLUTION

# %% id="check-5-2"
lab.check("5.2")

# %% [markdown] id="works-text"
# ## Trust it: certs.d, ca.crt
#
# An engine looks into the folder `/etc/docker/certs.d/<host>:<port>/`. Each file there that ends in `.crt` is an
# authority for that one registry. Copy the certificate, never the key.
#
# A file in a folder proves nothing: a registry goes on serving what it read when it started. `inspect` connects
# from a node as its engine does, and shows what is *really served*, with the handshake of a pull.

# %% id="works"
content = lab.node(1).read_file("/srv/certs/registry.crt")
lab.node(2).write_file("/etc/docker/certs.d/registry.lab:5000/ca.crt", content)
two.pull()
inspect(lab.node(2), "registry.lab:5000")

# %% [markdown] id="works-explain"
# <details><summary>The same with docker</summary>
#
# ```bash
# # node 2, with registry.crt copied over from node 1
# mkdir -p /etc/docker/certs.d/registry.lab:5000
# cp registry.crt /etc/docker/certs.d/registry.lab:5000/ca.crt
# docker image pull registry.lab:5000/hello-world
# ```
#
# </details>
#
# No restart: the folder is read at each connection, whatever old tutorials say.
#
# A name without a port means 443, the port of HTTPS. A registry that is published by `-p 443:5000` has references like
# `registry.lab/hello-world`, and its folder is `/etc/docker/certs.d/registry.lab/`.
#
# <details><summary>Engine 29 has a second way (not run here)</summary>
#
# It keeps images in containerd by default, and containerd also reads a `hosts.toml` in the same folder.
# This one says the same as your `ca.crt`:
#
# ```toml
# server = "https://registry.lab:5000"
#
# [host."https://registry.lab:5000"]
#   ca = "/etc/docker/certs.d/registry.lab:5000/ca.crt"
# ```
#
# </details>
#
# - Everything after `ServerHello` is encrypted, even the repository's name. Only `registry.lab` was readable before.
# - The engine asks three questions: is it valid today, is the name in it, do I know who signed? One no ends the talk.
# - Only then does the engine send its first HTTP request, `GET /v2/`. A password would travel after this point.
#
# **5.3** Now you. Push `hello-world` to the registry on port 5001, and pull `registry.lab:5001/hello-world` on node 2.
# Node 2 must verify the certificate. Node 1 may push to `127.0.0.1:5001`: there its engine verifies
# nothing.

# %% id="answer-5-3"
### BEGIN SOLUTION
image.tag("127.0.0.1:5001/hello-world", tag="latest")
lab.push("127.0.0.1:5001/hello-world:latest")
content = lab.node(1).read_file("/srv/certs/shelf.crt")
lab.node(2).write_file("/etc/docker/certs.d/registry.lab:5001/ca.crt", content)
two.pull("registry.lab:5001/hello-world")
### END SOLUTION

# %% id="check-5-3"
lab.check("5.3")

# %% [markdown] id="insecure-text"
# ## Break it: insecure-registries
#
# `insecure-registries` in the engine's `daemon.json` makes each of those messages go away. An engine reads it again
# when it gets the signal SIGHUP, and its containers run on. (A restart stops all that have no restart policy.)
# `two.insecure` writes the setting, sends the signal and waits until the engine knows.
#
# **5.4** The next cell but one uses it, and lets an impostor take the registry's place, with the certificate that has
# no name and that node 2 never trusted. First say what you expect:

# %% id="answer-5-4"
lab.question("5.4")
choice = None
### BEGIN SOLUTION
choice = "c"
### END SOLUTION

# %% id="check-5-4"
lab.check("5.4", choice=choice)

# %% id="insecure"
two.insecure("registry.lab:5000")
two.run_registry("nameless")  # the impostor
two.pull()
two.run_registry()  # no TLS at all
two.pull()
two.insecure()
two.pull()

# %% [markdown] id="authority-text"
# <details><summary>The same with docker</summary>
#
# ```bash
# # node 2: "insecure-registries": ["127.0.0.0/8", "registry.lab:5000"] in /etc/docker/daemon.json, then
# systemctl reload docker
# docker image pull registry.lab:5000/hello-world
# ```
#
# </details>
#
# The first three lines: it believed an impostor, then it pulled without any encryption, and only without the setting
# did it refuse. The setting does not mean "trust this certificate". It means "ask nothing".
# `certs.d` asks for one file and keeps every question.
#
# To take it back, write the list without the name. If you take the whole line out, a reload changes nothing.
#
# <details><summary>Engines differ in what they exempt (26.1 is run here)</summary>
#
# 26.1 exempts 127.0.0.0/8 in any case, 28.0 and later `::1` as well. From 29.10 on they are exempt only while this
# setting is not there: with it, list them too, as `insecure` does. There an empty list exempts nothing at all.
#
# </details>
#
# ## Your own certificate authority
#
# With self-signed certificates, each renewal means a new file on each engine.
# A *certificate authority* (CA) solves that: engines trust its *root* for ten years, and it signs what changes.
# The root's key is too precious for daily work, so it signs an *intermediate*, and that one signs for registries.
# With one of these keys anyone makes a certificate for any name. So they are in `/srv/ca`, a folder that no container
# sees. On your own, keep them on another machine.
#
# `-CA` and `-CAkey` name who signs. `CA:TRUE` lets a certificate sign others, and `pathlen:0` says that those may not
# sign any further.
#
# Node 2 gets the root alone. `two.trust` copies it, and `two.issue` makes a certificate for `registry.lab` that the
# intermediate signs.

# %% id="authority"
two.certs(f'{NEW} -days 3650 -subj "/CN=Lab root" -keyout root.key -out root.crt', "/srv/ca")
two.certs(
    f'{NEW} -days 365 -subj "/CN=Lab intermediate" -CA root.crt -CAkey root.key '
    "-addext basicConstraints=critical,CA:TRUE,pathlen:0 -keyout intermediate.key -out intermediate.crt",
    "/srv/ca",
)
two.trust("/srv/ca/root.crt")
two.issue("registry")
two.run_registry("registry")
two.pull()

# %% [markdown] id="chain-text"
# Node 2 has the root, the certificate is signed by an intermediate that the root has signed, and the message is that of
# a stranger.
#
# **5.5** Where is the mistake?

# %% id="answer-5-5"
lab.question("5.5")
choice = None
### BEGIN SOLUTION
choice = "a"
### END SOLUTION

# %% id="check-5-5"
lab.check("5.5", choice=choice)

# %% id="chain"
two.complete("registry")
two.run_registry("chain")
two.pull()
seen = docker.containers.get("registry").exec_run("ls /certs").output.decode().split()
print("root.key in its container:", "root.key" in seen, "- chain.key:", "chain.key" in seen)
inspect(lab.node(2), "registry.lab:5000")

# %% [markdown] id="expired-text"
# `two.complete` wrote both certificates into one file, `chain.crt`: a *chain*. `unknown authority` has a second
# meaning, then: *the chain has a gap*. Node 2 knows the root and has never heard of the intermediate. The registry has
# to send it: its own certificate first, then each that leads upward. The root stays at home.
#
# ## x509: certificate has expired. Renew it, and lose nothing
#
# Every certificate ends. The next one ended in February 2026; the chain is complete.
#
# A new certificate needs a new start of the registry: it reads the files once. What was pushed is in the folder.
# But what about a push that is under way? `HalfUpload` sends the first half of a blob, and `finish` the rest.
# In between the registry restarts with a new certificate, first as you know it, then with `REGISTRY_HTTP_SECRET` set.

# %% id="expired"
two.issue("old", "-not_before 20260101000000Z -not_after 20260201000000Z")
two.complete("old")
two.run_registry("chain")
two.pull()
inspect(lab.node(2), "registry.lab:5000")

# %% id="renew"
from labs.lessons.encrypt_it.upload import HalfUpload

for settings in [{}, {"REGISTRY_HTTP_SECRET": "stays the same"}]:
    two.issue("registry")
    two.complete("registry")
    two.run_registry("chain", environment=settings)
    upload = HalfUpload(lab.node(1), lab.node(1).read_file("/srv/ca/root.crt"))
    two.issue("registry")
    two.complete("registry")
    docker.containers.get("registry").restart()
    lab.wait(5000)
    print(sorted(settings), upload.finish())
two.pull()

# %% [markdown] id="renew-explain"
# <details><summary>The same with docker</summary>
#
# ```bash
# # node 1: overwrite chain.crt and chain.key in /srv/certs, then
# docker container restart registry
# ```
#
# </details>
#
# The registry signs each `Location` of an upload (lesson 3). Without a secret of yours it draws a new one at each
# start and no longer knows its own signature: the push has to begin again. With one it goes on where it was.
# (`docker inspect` shows variables to all who may ask the engine: lesson 7 keeps such a secret in a file.)
# Node 2 noticed nothing at all. It trusts the root, and that has not changed.
#
# ## Exercise 5.6: renew it, and keep what was pushed
#
# Give the registry on port 5001 a certificate that the lab's intermediate signed. Node 2 is to trust only the root
# for it, and the `hello-world` that you pushed must still be there, without a second push.
# `inspect(lab.node(2), "registry.lab:5001")` shows what is served.

# %% id="answer-5-6"
### BEGIN SOLUTION
two.issue("renewed")
two.certs("cat renewed.crt /srv/ca/intermediate.crt > shelf.crt && cp renewed.key shelf.key")
docker.containers.get("shelf").restart()
lab.wait(5001)
two.trust("/srv/ca/root.crt", port=5001)
### END SOLUTION

# %% id="check-5-6"
lab.check("5.6")

# %% [markdown] id="learned"
# ## What you learned
#
# - A certificate is taken if it is valid today, has the host among its SANs, and leads to a known authority.
# - `certs.d/<host>:<port>/ca.crt` is that trust, without a restart. `insecure-registries` is the lack of any.
# - With a root on the engines and a chain on the registry, a renewal changes the registry alone.
#
# **Next:** [Let the right people in](06-let-the-right-people-in.ipynb). Now everyone can be sure who the registry is.
# The registry does not know yet who they are.

# %% id="progress"
lab.progress()
