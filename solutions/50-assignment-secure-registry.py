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
# # Assignment: a secure registry
#
# **You will** run a registry that a second machine can rely on: encrypted, with members, and with data that outlive
# its container. It takes about 75 minutes. You should have done lessons 1 to 6.
# All that you need is in them; here you decide what to do and in which order.
#
# | Exercise | What | Points |
# |---|---|---|
# | 50.1 | Node 2 reaches `registry.lab:5000` over TLS, the certificate is for that name, plain HTTP is refused | 20 |
# | 50.2 | No other user of node 1 can read the private key | 5 |
# | 50.3 | `moby` with the password `gordon` and a second user of your choice get in, all others get 401 | 20 |
# | 50.4 | Node 2 verifies the certificate, pushes `team/hello` and pulls it | 20 |
# | 50.5 | The registry comes back by itself | 15 |
# | 50.6 | What was pushed survives the removal of the container | 20 |
# | All | | **100** |

# %% [markdown] id="rules"
# ## How it is marked
#
# Each check knocks from outside, and reads none of your code: do it with the SDK, with `docker` in a terminal
# (`lab.shell()` tells how), or with files. Each passed check gives all of its points, each other one none.
# You may repair and check again as often as you like. `lab.hint("50.1")` costs nothing.
#
# The registry runs on node 1. Keep data, certificate and password file in folders or volumes of node 1,
# and mount them.

# %% id="open"
import labs

lab = labs.open("assignment-secure-registry")
docker = lab.docker


def sh(command, node=1):
    done = lab.node(node).exec(["sh", "-c", command])
    return (done.stdout + done.stderr).strip()


# %% [markdown] id="exercise-50-1"
# ## 50.1 Encrypted, as registry.lab (20 points)
#
# Run a registry on port **5000** of node 1. Node 2 gets a certificate there that is valid today for `registry.lab`.
# No port of node 1 asks for passwords over plain HTTP.

# %% id="answer-50-1"
### BEGIN SOLUTION
TLS = {f"REGISTRY_HTTP_TLS_{k}": f"/certs/{k}" for k in ("CERTIFICATE", "KEY")}
MOUNTS = ["/srv/data:/var/lib/registry", "/srv/certs:/certs:ro", "/srv/auth:/auth:ro"]
KIND = {"name": "registry", "detach": True, "ports": {"5000/tcp": 5000}, "volumes": MOUNTS}


def run_registry(environment, **options):
    lab.remove("registry")
    docker.containers.run("registry:2", environment=environment, **KIND, **options)
    lab.wait(5000)


NEW = "openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 90"
NAMED = "-subj /CN=registry.lab -addext subjectAltName=DNS:registry.lab"
sh(f"mkdir -p /srv/certs && cd /srv/certs && {NEW} {NAMED} -keyout KEY -out CERTIFICATE")
run_registry(TLS)
### END SOLUTION

# %% id="check-50-1"
lab.check("50.1")

# %% [markdown] id="exercise-50-2"
# ## 50.2 A private key (5 points)
#
# The check tries to read each private key in what your container mounts, as a user who is not root.

# %% id="answer-50-2"
### BEGIN SOLUTION
print(sh("chmod 600 /srv/certs/KEY && stat -c %A /srv/certs/KEY"))
### END SOLUTION

# %% id="check-50-2"
lab.check("50.2")

# %% [markdown] id="exercise-50-3"
# ## 50.3 Two members, no strangers (20 points)
#
# Let in `moby` with the password `gordon`, and one more user. Tell the check who, in `user` and `password`.
# Anyone without a password or with a wrong one gets 401, whatever is asked: reading too, and on every port.

# %% id="answer-50-3"
user, password = "", ""
### BEGIN SOLUTION
user, password = "grace", "hopper"
AUTH = {"REGISTRY_AUTH": "htpasswd", "REGISTRY_AUTH_HTPASSWD_REALM": "Secure registry"}
AUTH["REGISTRY_AUTH_HTPASSWD_PATH"] = "/auth/htpasswd"
docker.images.pull("httpd", tag="2")
lines = ""
for name, secret in [("moby", "gordon"), (user, password)]:
    made = sh(f"echo {secret} | docker run -i --rm httpd:2 htpasswd -niBC 10 {name}")
    lines += made + "\n"
lab.node(1).write_file("/srv/auth/htpasswd", lines, mode=0o600)
run_registry({**TLS, **AUTH})
### END SOLUTION

# %% id="check-50-3"
lab.check("50.3", user=user, password=password)

# %% [markdown] id="exercise-50-4"
# ## 50.4 Push and pull from node 2 (20 points)
#
# From node 2, push `hello-world` as `registry.lab:5000/team/hello` with the tag `latest`, and pull it there.
# Node 2 must refuse a registry whose authority it does not know. `lab.push` pushes from node 1: here take
# `sh("docker …", node=2)`.

# %% id="answer-50-4"
### BEGIN SOLUTION
authority = lab.node(1).read_file("/srv/certs/CERTIFICATE")
lab.node(2).write_file("/etc/docker/certs.d/registry.lab:5000/ca.crt", authority)
sh("echo gordon | docker login --username moby --password-stdin registry.lab:5000", node=2)
sh("docker pull hello-world && docker tag hello-world registry.lab:5000/team/hello", node=2)
sh("docker push registry.lab:5000/team/hello", node=2)
print(sh("docker pull registry.lab:5000/team/hello", node=2).splitlines()[-2])
### END SOLUTION

# %% id="check-50-4"
lab.check("50.4", user=user, password=password)

# %% [markdown] id="exercise-50-5"
# ## 50.5 It comes back (15 points)
#
# The registry comes back when its process ends and when its engine restarts. This is a *restart policy*:
# `docker.containers.run(…, restart_policy={"Name": …})`, or `--restart`. A container has `no` unless you say
# `on-failure`, `always` or `unless-stopped`; two of these do what is wanted. The check **kills its process**
# and waits: what was pushed and saved is not touched, a push that is under way has to begin again.

# %% id="answer-50-5"
### BEGIN SOLUTION
registry = docker.containers.get("registry")
print(registry.update(restart_policy={"Name": "unless-stopped"}))
### END SOLUTION

# %% id="check-50-5"
lab.check("50.5")

# %% [markdown] id="exercise-50-6"
# ## 50.6 The data survive the container (20 points)
#
# Remove the registry's container and run a new one, without pushing again. `team/hello` has to be there:
# the check looks for an image that is older than the container that serves it.

# %% id="answer-50-6"
### BEGIN SOLUTION
run_registry({**TLS, **AUTH}, restart_policy={"Name": "unless-stopped"})
### END SOLUTION

# %% id="check-50-6"
lab.check("50.6", user=user, password=password)

# %% [markdown] id="points-text"
# ## Your points
#
# All checks once more: a new container may have lost what an earlier one had.

# %% id="points"
points = 0
for exercise in lab.lesson.exercises:
    verdict = lab.verdict(exercise.id, user=user, password=password)
    print(f"{exercise.points:3}", verdict.line)
    points += exercise.points * (verdict.outcome == "passed")
print(f"{points:3} of 100 points")

# %% [markdown] id="learned"
# ## What you learned
#
# - A registry for others needs a name, a certificate for it, members, and mounts for all that lasts.
# - Each of these can be seen from outside, and so can its absence.
#
# **Next:** what you built is right, and it is for practice: its passwords are in this notebook, and other computers do
# not reach its address. Before they reach one of yours:
#
# - Choose passwords that no page shows, `openssl rand -base64 18` for example, and hash them with a cost of 10 or more.
# - Keep the authority's key off the machine that runs the registry, and note the day on which the certificate ends.
# - Back up `/srv/data`, and restore it once, into an empty folder.
# - Knock at it from another computer, as the checks did: without a password, with a wrong one, over plain HTTP, at each
#   open port. Then do what you would not like others to do, before they do.

# %% id="progress"
lab.progress()
