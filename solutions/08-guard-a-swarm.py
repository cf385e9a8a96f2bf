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
# # Guard a swarm's registry
#
# **You will** give the registry of a swarm its certificate and its members, let every node log in, and pin what runs
# by its digest. It takes about 50 minutes. You should know what a service is ([lesson 7](07-serve-a-swarm.ipynb)),
# certificates ([lesson 5](05-encrypt-it.ipynb)) and password files ([lesson 6](06-let-the-right-people-in.ipynb)).
#
# **Why it matters.** A swarm runs what its registry has, on every machine, without asking anyone again. If a stranger
# can push there, or if a tag means something else tomorrow, the stranger or the tag decides what you run.

# %% [markdown] id="open-text"
# ## Run this cell first, each time
#
# Three machines, all of them managers, and an empty swarm. All nodes know the name `registry.lab`; it leads to node 1.
# On 127.0.0.1 Docker would ask for no certificate at all.
#
# `SwarmFiles` makes what lessons 5 to 7 have taught: a certificate for `registry.lab`, which every node trusts, the
# settings of a registry that keeps its images in the store, and variables for its certificate and its members. You can
# read it in `labs/lessons/guard_a_swarm/swarm_files.py`. `sh` runs a command line inside a node.

# %% id="open"
import labs
from labs.lessons.common import SiteVersions, task_containers
from labs.lessons.guard_a_swarm.swarm_files import SwarmFiles

lab = labs.open("guard-a-swarm")
docker = lab.docker
given = SwarmFiles.made(lab.playground)
site = SiteVersions(lab.playground, "registry.lab:5000")


def sh(command, node=1):
    done = lab.node(node).exec(["sh", "-c", command])
    return (done.stdout + done.stderr).strip()


# %% [markdown] id="secrets-text"
# ## docker secret, docker config: files for tasks
#
# A task may start on any node, so a folder of one node is not a place for its certificate. The swarm keeps small files
# itself and hands them to the tasks that need them: *configs* and *secrets*. Neither can be changed. A new version gets
# a new name. The next cell but one makes one config, the certificate, and three secrets: its key, the lines of the
# members, and `registry.yml`, which has the key of the store in it. What an earlier run has left goes first.
#
# **8.1** Then it asks a manager for a config and for a secret, as `docker config inspect` and `docker secret inspect`
# do. Whose content comes back? Write the letter of your answer into the cell, as `choice = "…"`, and run both cells.
# A click tells whether an answer is right; only the letter in the cell counts.

# %% id="answer-8-1"
lab.question("8.1")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-8-1"
lab.check("8.1", choice=choice)

# %% id="secrets"
import bcrypt

lab.swarm.remove("registry", "notice", "site", "pinned", "floating")
for kept in [*docker.secrets.list(), *docker.configs.list()]:
    kept.remove()
line = f"moby:{bcrypt.hashpw(b'gordon', bcrypt.gensalt(10)).decode()}\n"
docker.configs.create(name="registry.crt", data=given.certificate)
contents = {"registry.key": given.key, "registry.yml": given.settings, "members": line}
for name, data in contents.items():
    docker.secrets.create(name=name, data=data)
print("config:", sorted(docker.configs.get("registry.crt").attrs["Spec"]))
print("secret:", sorted(docker.secrets.get("members").attrs["Spec"]))

# %% [markdown] id="secrets-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker config create registry.crt lab.crt
# docker secret create registry.key lab.key
# docker secret create registry.yml registry.yml
# echo gordon | htpasswd -niBC 10 moby | docker secret create members -
# docker config inspect registry.crt
# docker secret inspect members
# ```
#
# </details>
#
# The config has its `Data` in it, so it is for what everyone may see. The secret has none: managers keep it encrypted,
# and no command reads it back. If you lose your own copy, make a new secret. (A password file holds hashes only, and is
# a secret all the same: whoever has the hashes can try passwords on a fast machine of their own.)
#
# A service names the files that its tasks get. `ConfigReference(id, name, path)` says where a task sees a config;
# without a path it is `/` and the name.
#
# **8.2** Now you. Run a service called `notice`, one replica of `nginx`, whose page
# `/usr/share/nginx/html/index.html` is a config with a text of yours. (`docker.services.create` takes
# `configs=[…]`. To run your cell again, begin with `lab.swarm.remove("notice")`, and remove the old config.)

# %% id="answer-8-2"
from docker.types import ConfigReference

### BEGIN SOLUTION
lab.swarm.remove("notice")
for old in docker.configs.list(filters={"name": "notice"}):
    old.remove()
page = docker.configs.create(name="notice", data=b"back at ten\n")
place = ConfigReference(page.id, page.name, "/usr/share/nginx/html/index.html")
docker.services.create("nginx", name="notice", configs=[place])
tasks = lab.swarm.wait("notice", running=1)
### END SOLUTION

# %% id="check-8-2"
lab.check("8.2")

# %% [markdown] id="registry-text"
# ## A registry with TLS and members, as a service
#
# `given.variables` has the two variables of lesson 5 and the three of lesson 6. What is new is where the files are. A
# secret is below `/run/secrets`, under its name, or under the `filename` of its `SecretReference`. Variables hold paths
# alone: `inspect` shows them, so a key or a hash may not be among them.


# %% id="registry"
from docker.types import SecretReference


def secret(name, filename=None):
    return SecretReference(docker.secrets.get(name).id, name, filename)


print(*given.variables.items(), sep="\n")
files = [secret("registry.yml"), secret("registry.key"), secret("members")]
crt = [ConfigReference(docker.configs.get("registry.crt").id, "registry.crt", "/registry.crt")]
options = {"args": ["/run/secrets/registry.yml"], "env": given.variables, "configs": crt}
lab.swarm.remove("registry")
docker.services.create("registry:2", name="registry", secrets=files, **options)
print(lab.swarm.publish("registry", port=5000))

# %% [markdown] id="registry-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker service create --name registry --publish 5000:5000 \
#   --secret registry.yml --secret registry.key --secret members \
#   --config source=registry.crt,target=/registry.crt \
#   -e REGISTRY_HTTP_TLS_CERTIFICATE=/registry.crt -e REGISTRY_HTTP_TLS_KEY=/run/secrets/registry.key \
#   -e REGISTRY_AUTH=htpasswd -e REGISTRY_AUTH_HTPASSWD_REALM=Swarm \
#   -e REGISTRY_AUTH_HTPASSWD_PATH=/run/secrets/members registry:2 /run/secrets/registry.yml
# ```
#
# </details>
#
# **8.3** The registry runs. Who can read the hash of moby's password now?

# %% id="answer-8-3"
lab.question("8.3")
choice = None
### BEGIN SOLUTION
choice = "c"
### END SOLUTION

# %% id="check-8-3"
lab.check("8.3", choice=choice)

# %% id="inside"
shown = str(docker.services.get("registry").attrs)
print("inspect shows the store's key:", lab.store.secret_key in shown, "- a hash:", "$2b$" in shown)
(task,) = task_containers(lab.nodes, "registry")
print("in the task:", task.exec_run("cat /run/secrets/members").output.decode()[:12])
mounts = [each.split() for each in task.exec_run("cat /proc/mounts").output.decode().splitlines()]
print({path: kind for _, path, kind, *_ in mounts if path.startswith("/run/secrets")})

# %% [markdown] id="push-text"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker service inspect registry
# ```
#
# </details>
#
# `inspect` shows names and paths. In the task, the file is there to be read. `tmpfs` is a file system in memory: no
# disk of that node has the secret, and it is gone with the task.
#
# ## Break it: No such image, the swarm is not logged in
#
# Next, a small site in two versions. `site.push` builds one and pushes it, with its number as the tag, and
# `site.versions` asks the tasks of a service which one they have (`labs/lessons/common/site_versions.py`). Log in on
# node 1, push, and let node 2 pull. `site.forget` takes away what an earlier run has left: services, and on nodes 2 and
# 3 images and logins.

# %% id="push"
site.forget("site", "pinned", "floating")
docker.login("moby", "gordon", registry="registry.lab:5000")
for version in (1, 2):
    site.push(version)
print("in the store:", any("/_manifests/tags/2/" in each.name for each in lab.store.objects()))
print("node 2:", sh("docker image pull registry.lab:5000/site:1", node=2))

# %% [markdown] id="auth-text"
# <details><summary>The same with docker</summary>
#
# ```bash
# echo gordon | docker login -u moby --password-stdin registry.lab:5000
# docker image build -t registry.lab:5000/site:1 .
# docker image push registry.lab:5000/site:1
# # on node 2
# docker image pull registry.lab:5000/site:1  # fails
# ```
#
# </details>
#
# Node 2 is not logged in, and says so: `no basic auth credentials`.
#
# **8.4** In a moment, node 1 logs in with the `docker` command too, and makes a service with three replicas of
# `registry.lab:5000/site:1`. What do nodes 2 and 3 say to their tasks?

# %% id="answer-8-4"
lab.question("8.4")
choice = None
### BEGIN SOLUTION
choice = "c"
### END SOLUTION

# %% id="check-8-4"
lab.check("8.4", choice=choice)

# %% id="auth"
from labs.waiting import wait_until

print(sh("echo gordon | docker login -u moby --password-stdin registry.lab:5000").splitlines()[0])
site.forget("site")
create = "docker service create --detach --name site --replicas 3 --update-monitor 1s"
print(sh(f"{create} registry.lab:5000/site:1 2>&1 >/dev/null"))
words = wait_until(lambda: {t.error for t in lab.swarm.tasks("site") if t.error}, "an error")
print(*sorted(words))

# %% [markdown] id="auth-explain"
# The service was created all the same. Only node 1 had the image; the others said `No such image`, and nothing of
# passwords. A login is kept where you made it. The command's warning tells of something else: without the login, not
# even the *digest* of the tag could be found out.
#
# `--with-registry-auth`, of `docker service create` and `docker service update`, gives the login to the swarm, which
# hands it to each node that has to pull. The SDK sends the login that it has, without being asked.
#
# The service keeps the login for its later tasks. After a new password, give it to the service again.
#
# **8.5** Now you. Repair it: let the service `site` run its three replicas on all three nodes. No one logs in on
# nodes 2 and 3. The check looks at where the tasks run, and at where their image came from.

# %% id="answer-8-5"
### BEGIN SOLUTION
sh("docker service update --detach --with-registry-auth --image registry.lab:5000/site:1 site")
tasks = lab.swarm.wait("site", running=3)
### END SOLUTION

# %% id="check-8-5"
lab.check("8.5")

# %% [markdown] id="pin-text"
# ## Tag or digest: what will a tag mean next week?
#
# The `docker` command asks the registry for the tag's digest and writes *that* into the service. The SDK writes what
# you gave. Run one task of each, with the tag `latest`, which is version 1 for now.

# %% id="pin"
lab.swarm.remove("pinned", "floating")
site.move_latest(1)
sh("docker service create --detach --name pinned --with-registry-auth registry.lab:5000/site")
docker.services.create("registry.lab:5000/site:latest", name="floating")
for name in ["pinned", "floating"]:
    lab.swarm.wait(name, running=1)
    image = docker.services.get(name).attrs["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"]
    print(f"{name:9}{image}")

# %% [markdown] id="tag-text"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker image tag registry.lab:5000/site:1 registry.lab:5000/site:latest
# docker image push registry.lab:5000/site:latest
# docker service create --name pinned --with-registry-auth registry.lab:5000/site
# docker service create --name floating --with-registry-auth --no-resolve-image registry.lab:5000/site:latest
# ```
#
# </details>
#
# **8.6** Then somebody moves the tag, and you ask for three replicas of each. What do you expect?

# %% id="answer-8-6"
lab.question("8.6")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-8-6"
lab.check("8.6", choice=choice)

# %% id="moved"
site.move_latest(2)
sh("docker service scale --detach pinned=3 floating=3")
for name in ["pinned", "floating"]:
    lab.swarm.wait(name, running=3)
    print(f"{name:9}{site.versions(name)}")

# %% [markdown] id="moved-explain"
# `floating` runs two versions at once, and `docker service ls` says 3/3. Which visitor gets which is chance, and the
# next node that fails changes it again. A digest cannot be moved. In Python you find it out and write it yourself:
# `docker.images.get_registry_data("registry.lab:5000/site:2").id` is the digest that the registry has for a tag, and
# `repository:tag@digest` is a reference that keeps the tag for people to read.
#
# **8.7** Now you. Repair `floating`: its three tasks run version 2, and no push changes that any more. (`update` of a
# service takes `image=…`, and `fetch_current_spec=True` keeps all that you do not name.)

# %% id="answer-8-7"
### BEGIN SOLUTION
digest = docker.images.get_registry_data("registry.lab:5000/site:2").id
image = f"registry.lab:5000/site:2@{digest}"
docker.services.get("floating").update(image=image, fetch_current_spec=True)
tasks = lab.swarm.wait("floating", running=3)
### END SOLUTION

# %% id="check-8-7"
lab.check("8.7")

# %% [markdown] id="exercise-8-8"
# ## Exercise 8.8: a second member, and the first one stays
#
# **grace** with the password **hopper** is to be let in by the registry as well, and moby stays. As before, the hashes
# are a secret's business. Nothing else changes: TLS, the name, what was pushed.
# The check knocks at all three nodes, as both, as a stranger, and with wrong passwords.

# %% id="answer-8-8"
### BEGIN SOLUTION
both = line + f"grace:{bcrypt.hashpw(b'hopper', bcrypt.gensalt(10)).decode()}\n"
second = docker.secrets.create(name=f"members-{len(docker.secrets.list())}", data=both.encode())
files = [secret("registry.yml"), secret("registry.key"), secret(second.name, "members")]
docker.services.get("registry").update(secrets=files, fetch_current_spec=True)
tasks = lab.swarm.wait("registry", running=1)
### END SOLUTION

# %% id="check-8-8"
lab.check("8.8")

# %% [markdown] id="learned"
# The secret `members` is of no use any more, and `docker secret rm members` removes it. One that a service uses is not
# removed: `secret 'registry.key' is in use by the following service: registry`. A certificate is renewed like this,
# too: a new config and a new secret, under the old names in the task, and the tasks are replaced one by one.
#
# ## What you learned
#
# - Certificates and passwords reach tasks as configs and secrets, whichever node a task is on. Neither can be changed.
# - A login stays where it was made. `--with-registry-auth` hands it to each node that has to pull.
# - A digest says what runs; a tag says what runs until somebody moves it.
#
# **Next:** [Keep a swarm serving](09-keep-a-swarm-serving.ipynb): roll out a new version, take a bad one back, and lose
# managers.

# %% id="progress"
lab.progress()
