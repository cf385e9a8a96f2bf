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
# # Serve a swarm
#
# **You will** run a registry as a service of a swarm, run five replicas from it, switch off the machine that it
# runs on, and end with one that no single machine can take down. It takes about 75 minutes. You should know how to
# keep a registry's data ([lesson 2](02-keep-what-you-push.ipynb)).
#
# **Why it matters.** One engine has its images at hand. On five, a task may start anywhere, and where it starts,
# its image has to come from. The registry is what they all depend on, and it runs on machines that fail.

# %% [markdown] id="open-text"
# ## Five machines, one swarm
#
# A *swarm* is several engines that act as one. *Managers* decide what runs where, and any engine may run it.
# Here all five are managers and there are no workers. One manager leads.

# %% id="open"
import json

import httpx
import labs
from docker.types import Mount, RestartPolicy, SecretReference, ServiceMode
from labs.waiting import wait_until

lab = labs.open("serve-a-swarm")
docker = lab.docker
lab.swarm.remove("registry", "nginx", "own", "pages", "depot")
members = sorted(docker.nodes.list(), key=lambda node: node.attrs["Description"]["Hostname"])
for node in members:
    role, state = node.attrs["Spec"]["Role"], node.attrs["Status"]["State"]
    print(node.attrs["Description"]["Hostname"], role, state)
print("leaders:", sum(node.attrs["ManagerStatus"].get("Leader", False) for node in members))

# %% [markdown] id="open-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker node ls
# ```
#
# </details>

# %% [markdown] id="watch-text"
# `lab.watch()` draws the swarm and keeps the drawing up to date while you work. In JupyterLab, right-click the
# drawing and choose *Create New View for Output*, so that it stays beside the cells below. *Quorum* means that more
# than half of the managers hear each other: so many it takes to decide anything.

# %% id="watch"
lab.watch()

# %% [markdown] id="registry-text"
# ## A registry as a service
#
# A *service* says what should run: an image, how many *replicas*, which port. The swarm makes *tasks* of that, finds
# a node for each, and starts a new one where one ends.


# %% id="registry"
docker.services.create("registry:2", name="registry")
lab.swarm.wait("registry", running=1)
print(lab.swarm.publish("registry", port=5000))

# %% [markdown] id="registry-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker service create --name registry --publish 5000:5000 registry:2
# docker service ps registry
# ```
#
# </details>
#
# A published port is open on *every* node, whichever runs the task. That is the *routing mesh*, and `--publish` is all
# it takes. It is done by a part of the kernel called IPVS. On a kernel without it the service runs, no port answers,
# and nothing says why. So `lab.swarm.publish` looks first. Where IPVS is missing it puts an *edge* in the mesh's place:
# a service `edge-5000`, one small proxy on each node. It said which of the two you have. The rest is the same on both;
# in `lab.shell()` leave out `--publish`, and call `lab.swarm.publish` here.

# %% [markdown] id="catalog-text"
# ## One address on all nodes
#
# `node.url(5000)` is how this notebook reaches `127.0.0.1:5000` *inside that node*. Push on node 1, then ask each.

# %% id="catalog"
for name in ["hello-world", "nginx"]:
    docker.images.pull(name, tag="latest").tag(f"127.0.0.1:5000/{name}")
    lab.push(f"127.0.0.1:5000/{name}")
for node in lab.nodes:
    print(node.name, labs.RegistryClient(node.url(5000)).catalog())
print(docker.info()["RegistryConfig"]["InsecureRegistryCIDRs"])

# %% [markdown] id="catalog-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker image pull nginx
# docker image tag nginx 127.0.0.1:5000/nginx
# docker image push 127.0.0.1:5000/nginx
# # on any node
# curl http://127.0.0.1:5000/v2/_catalog
# docker info
# ```
#
# </details>
#
# There is one registry, and five nodes that see it at the same address. It speaks plain HTTP, and nobody was told to
# accept that. The last line is why: engines take 127.0.0.0/8 as insecure from the start, as what goes there never
# leaves the machine. Here it does leave, inside the swarm's own network.

# %% [markdown] id="nginx-text"
# ## Five replicas from your own registry
#
# The image's reference begins with your registry. Each node reads it and pulls from *its* 127.0.0.1:5000.

# %% id="nginx"
five = ServiceMode("replicated", 5)
docker.services.create("127.0.0.1:5000/nginx", name="nginx", mode=five)
tasks = lab.swarm.wait("nginx", running=5)
print("runs on", sorted(task.node for task in tasks))
lab.swarm.publish("nginx", port=80)
print("port 80 answers", [httpx.get(node.url(80)).status_code for node in lab.nodes])

# %% [markdown] id="nginx-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker service create --name nginx -p 80:80 --replicas 5 --detach=false 127.0.0.1:5000/nginx
# docker service ps nginx
# ```
#
# </details>

# %% id="show" tags=["nbval-ignore-output"] because="which node gets the registry's one task is the swarm's own choice"
lab.show_swarm()

# %% [markdown] id="show-explain"
# The swarm spreads tasks of a service over the nodes that have the fewest of them. That the registry is on one of the
# five does not matter to anybody who asks for 127.0.0.1:5000.

# %% [markdown] id="log-text"
# Did each node really pull from your registry? Its log tells, on the node that runs its task. A node that pulls asks
# `HEAD …/manifests/latest` first, and gets the manifest by its digest if it does not have it yet.

# %% id="log"
from collections import Counter

where = lab.swarm.wait("registry", running=1)[0].node
node = next(each for each in lab.nodes if each.name == where)
(task,) = node.docker.containers.list(filters={"label": "com.docker.swarm.service.name=registry"})
lines = [line for line in task.logs(stderr=False).decode().splitlines() if "/v2/nginx/" in line]
asked = {line.split()[0] for line in lines if '"HEAD /v2/nginx/manifests/latest' in line}
fetched = Counter(line.split()[0] for line in lines if '"GET /v2/nginx/manifests/sha256' in line)
print("asked for nginx:", len(asked), "nodes")
print("fetched it more than once:", [address for address, times in fetched.items() if times > 1])

# %% [markdown] id="log-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker service logs registry
# ```
#
# </details>
#
# `docker service logs` gets the logs of all tasks, from whichever nodes they are on. On some runs
# [it never ends](https://github.com/docker/cli/issues/4678): press Ctrl-C, and ask again.
#
# Look at `fetched`: on a first run it holds four addresses, each once. Node 1 asks and fetches nothing: it pushed the
# image, so it has it. On a second run all nodes have it.

# %% [markdown] id="own-text"
# ## Break it: an image that only node 1 has
#
# Build an image on node 1, push it nowhere, and ask for five replicas.

# %% id="own"
from io import BytesIO

dockerfile = b'FROM nginx\nLABEL made.on="node 1"\n'
docker.images.build(fileobj=BytesIO(dockerfile), tag="own")
again = RestartPolicy(condition="any", delay=1_000_000_000)  # nanoseconds: try again after 1 s
docker.services.create("own:latest", name="own", mode=five, restart_policy=again)
tasks = lab.swarm.wait("own", running=5, timeout_s=120)
print("errors: ", sorted({task.error for task in lab.swarm.tasks("own") if task.error}))
print("runs on:", sorted({task.node for task in tasks}))

# %% [markdown] id="own-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker image build -t own .
# docker service create --name own --replicas 5 --restart-delay 1s own
# docker service ps --no-trunc own
# ```
#
# The command warns, before it creates the service all the same:
#
# ```
# image own:latest could not be accessed on a registry to record
# its digest. Each node will access own:latest independently,
# possibly leading to different nodes running different
# versions of the image.
# ```
#
# </details>
#
# Four nodes said `No such image`. The swarm tried elsewhere, again and again, until all five tasks had ended up on the
# one node that has the image. `docker service ls` says 5/5 and nobody is alarmed. Switch off node 1, and all are gone.

# %% [markdown] id="repair-text"
# An image that all nodes can reach is an image in a registry. Push it and give the service its new reference.

# %% id="repair"
docker.images.get("own").tag("127.0.0.1:5000/own")
lab.push("127.0.0.1:5000/own")
docker.services.get("own").update(image="127.0.0.1:5000/own:latest", fetch_current_spec=True)
tasks = lab.swarm.wait("own", running=5)
print("runs on:", sorted({task.node for task in tasks}))
lab.swarm.remove("own")

# %% [markdown] id="repair-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker image tag own 127.0.0.1:5000/own
# docker image push 127.0.0.1:5000/own
# docker service update --image 127.0.0.1:5000/own own
# docker service rm own
# ```
#
# </details>

# %% [markdown] id="functions-text"
# ## Lose a machine
#
# `run_registry` replaces the registry. Its *constraint* allows any node but the first: this
# notebook talks to node 1, which therefore stays on. What `as_secret` does comes with the store, below.


# %% id="functions"
def as_secret(name, config):
    for old in docker.secrets.list(filters={"name": name}):
        old.remove()
    kept = docker.secrets.create(name=name, data=json.dumps(config).encode())
    file = SecretReference(kept.id, kept.name, filename="registry.yml")
    return {"args": ["/run/secrets/registry.yml"], "secrets": [file]}


def run_registry(config=None, *, replicas=1, place="node.hostname != node1", **options):
    lab.swarm.remove("registry")
    options |= as_secret("registry", config) if config else {}
    mode = ServiceMode("replicated", replicas)
    docker.services.create("registry:2", name="registry", mode=mode, constraints=[place], **options)
    lab.swarm.publish("registry", port=5000)


# %% [markdown] id="serves-text"
# `serves` asks a node for the image's manifest, and waits for it up to two minutes: a node that has come back needs a
# while until it is in touch with all others.


# %% id="serves"
def serves(node):
    def answers():
        try:
            return labs.RegistryClient(node.url(5000)).head("hello-world", "latest").digest
        except labs.RegistryError:
            return ""

    return bool(wait_until(answers, f"hello-world from {node.name}", timeout_s=120))


# %% [markdown] id="lose-text"
# `home` is the node that the registry's first task is on. `stop` switches a node off, as if by its plug. Its disk stays
# as it is.


# %% id="lose"
def home():
    name = lab.swarm.tasks("registry")[0].node
    return next(node for node in lab.nodes if node.name == name)


run_registry()
lab.push("127.0.0.1:5000/hello-world")
print("pushed:    ", lab.registry.catalog())
lost = home()
lost.stop()
wait_until(lambda: lab.swarm.tasks("registry")[0].node != lost.name, "a new task", timeout_s=90)
lab.swarm.wait("registry", running=1, timeout_s=120)
lab.wait(5000, timeout_s=90)
print("moved:     ", lab.registry.catalog())
lost.start()

# %% [markdown] id="lose-explain"
# After six seconds without a sign of life the leader takes a node of this playground for lost (a swarm of your own
# waits 15), and starts a new task elsewhere. The service healed itself. The images did not: they are in an anonymous
# volume on the disk of the machine that is off. When it comes back, nobody looks there any more.

# %% [markdown] id="volume-text"
# ## First answer: a volume, and a fixed place
#
# A named volume belongs to one node. So the task must always be on that node: that is what a *constraint* is for.
# `words` is what the swarm says of tasks that wait for a node.


# %% id="volume"
def words():
    return [task.error for task in lab.swarm.state().waiting if task.error]


volume = Mount("/var/lib/registry", "registry-data")
run_registry(mounts=[volume], place="node.hostname == node2")
lab.push("127.0.0.1:5000/hello-world")
lab.node(2).stop()
waiting = wait_until(words, "the swarm to notice", timeout_s=90)
print("its node is off:", *waiting)
lab.node(2).start()
print("its node is on, and all is there:", serves(lab.node(1)))

# %% [markdown] id="volume-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker service create --name registry --publish 5000:5000 --constraint node.hostname==node2 \
#   --mount type=volume,source=registry-data,target=/var/lib/registry registry:2
# docker service ps --no-trunc registry
# ```
#
# </details>
#
# Nothing is lost now. But while node 2 is off there is no registry, and no node can start what it has not pulled.
# The constraint is needed all the same: without it the task would move to a node with an empty volume of that name.

# %% [markdown] id="store-text"
# ## Second answer: storage that all nodes reach
#
# Take the data off the nodes. A registry can keep its blobs in S3, the web's common language for storage, and then
# it does not matter where its tasks run, or how many there are.
#
# `lab.store` is such a server, OpenStack Swift, beside the nodes. It starts when you first use it. It wants a key,
# and a key does not belong into `env` (or `-e`): `docker inspect` shows that to all who may ask an engine. So write a
# configuration file, and let the swarm keep it as a *secret*: it gives it to the service's tasks alone, in memory,
# as `/run/secrets/registry.yml`. (JSON is YAML, too.)

# %% id="store"
store = lab.store
s3 = {"regionendpoint": store.endpoint, "region": "us-east-1", "bucket": store.bucket}
s3 |= {"accesskey": store.access_key, "secretkey": store.secret_key}
storage = {"s3": s3, "redirect": {"disable": True}}
config = {"version": 0.1, "http": {"addr": ":5000"}, "storage": storage}
run_registry(config, replicas=2)
print("on different nodes:", len({t.node for t in lab.swarm.wait("registry", running=2)}) == 2)
shown = str(docker.services.get("registry").attrs)
print(
    "inspect shows the file's place:",
    "registry.yml" in shown,
    "- the key:",
    s3["secretkey"] in shown,
)

# %% [markdown] id="store-explain"
# `redirect: disable` makes the registry pass the bytes on itself. Else it would send clients to the store, which they
# might not reach.
#
# Now push. Or rather, do by hand what a push does first: `POST` opens an upload, `PATCH` sends bytes to it. Each of
# these requests is a connection of its own, and connections go to the replicas in turn. An upload whose two requests
# meet the same replica is accepted in any case: look at the others.


# %% id="secret"
from secrets import token_hex


def upload():
    opened = httpx.post(lab.url(5000) + "/v2/hello-world/blobs/uploads/")
    place = httpx.URL(opened.headers["location"])
    answer = httpx.patch(lab.url(5000) + place.raw_path.decode(), content=b"some bytes")
    return answer.json()["errors"][0]["code"] if answer.is_error else "accepted"


print("each with a secret of its own:", sorted({upload() for _ in range(12)} - {"accepted"}))
config["http"]["secret"] = token_hex(16)
run_registry(config, replicas=2)
print("with one secret:              ", sorted({upload() for _ in range(12)}))

# %% [markdown] id="secret-explain"
# A registry signs what it tells a client about an upload, with its `http.secret`. Without one of yours each replica
# draws its own, and takes the other's signature for a forgery: `BLOB_UPLOAD_INVALID`. `docker push` then tries again
# for almost a minute and ends with `blob upload unknown`. With one secret for all, any replica goes on where another
# began.

# %% [markdown] id="survive-text"
# Push for good, and switch off a node that runs one of the two. Is there a moment without a registry?

# %% id="survive"
lab.push("127.0.0.1:5000/hello-world")
manifest = labs.RegistryClient(lab.url(5000)).manifest("hello-world", "latest")
lost = home()
lost.stop()
others = [node for node in lab.nodes if node is not lost]
print("served through the others:", [serves(node) for node in others])
lost.start()
lab.swarm.wait("registry", running=2, timeout_s=120)
digests = [manifest.digest, manifest.config.digest, *(layer.digest for layer in manifest.layers)]
stored = " ".join(each.name for each in store.objects())
print(
    "of its", len(digests), "blobs in the store:", sum(d.split(":")[1] in stored for d in digests)
)

# %% [markdown] id="survive-twin"
# <details><summary>The same with docker</summary>
#
# The file `registry.yml`, whose secret is what `openssl rand -hex 16` prints:
#
# ```yaml
# version: 0.1
# http: {addr: ":5000", secret: …}
# storage:
#   s3: {regionendpoint: "http://…", region: us-east-1, bucket: registry, accesskey: …, secretkey: …}
#   redirect: {disable: true}
# ```
#
# ```bash
# docker secret create registry.yml registry.yml
# docker service create --name registry --publish 5000:5000 --replicas 2 \
#   --secret registry.yml registry:2 /run/secrets/registry.yml
# docker service inspect registry
# ```
#
# </details>
#
# The other replica went on answering, and the swarm made up for the lost one. There may be a moment all the same:
# until the node counts as lost, some connections still go to it and wait. `wait_until` asks again. What is left to
# lose is the store itself: here it is one server, in production it is a cluster, or somebody else's service.

# %% [markdown] id="nfs"
# ## Third answer: a file system that all nodes mount
#
# Where the nodes' kernel has NFS, a volume can be a folder of a file server, the same one on each node:
#
# ```bash
# nfs='volume-opt=type=nfs,volume-opt=device=:/srv/registry,"volume-opt=o=addr=10.0.0.9,rw"'
# docker service create --name registry --publish 5000:5000 --replicas 2 --secret registry.yml \
#   --mount "type=volume,source=shared,target=/var/lib/registry,$nfs" registry:2 /run/secrets/registry.yml
# ```
#
# A *volume plugin* does the same for other storage: `docker plugin install`, then `volume-driver=…` in the mount.
# Both are **not run here**: many kernels have no NFS, that of your laptop's Docker perhaps, and a plugin wants a
# storage system behind it. The rule stays the same: the data do not live on a machine that may go, and replicas
# share one secret.

# %% [markdown] id="exercise-7-1"
# ## Exercise 7.1: five replicas from your own registry
#
# Run a service called `pages` with **five** replicas of `httpd:2`, the Apache web server, from *your* registry
# on port 5000. It listens on port 80 in its container; publish that as port **8080** of every node
# (`target=80` tells `lab.swarm.publish` the port in the container).
# The check looks at all five nodes: what runs there, where its image came from, and what port 8080 says.

# %% id="answer-7-1"
### BEGIN SOLUTION
docker.images.pull("httpd", tag="2").tag("127.0.0.1:5000/pages")
lab.push("127.0.0.1:5000/pages")
lab.swarm.remove("pages")
docker.services.create("127.0.0.1:5000/pages:latest", name="pages", mode=five)
print(lab.swarm.publish("pages", port=8080, target=80))
### END SOLUTION

# %% id="check-7-1"
lab.check("7.1")

# %% [markdown] id="exercise-7-2"
# ## Exercise 7.2: survive the loss of any one node
#
# Run another registry, a service called `depot`, on port **5001** of every node (`target=5000`), with
# `hello-world` in it. Whichever node goes, `depot` must serve the image through all that are left, a minute
# later at most. It needs a folder of its own in the store: `rootdirectory` beside `bucket`, for example `/depot`.
#
# The check believes nothing. It switches off each node in turn, pulls through the other four, and switches
# it on again. That takes a minute or two; all nodes are on when it ends.

# %% id="answer-7-2"
### BEGIN SOLUTION
lab.swarm.remove("depot")
own = {**config, "storage": {**storage, "s3": {**s3, "rootdirectory": "/depot"}}}
two = ServiceMode("replicated", 2)
docker.services.create("registry:2", name="depot", mode=two, **as_secret("depot", own))
lab.swarm.publish("depot", port=5001, target=5000)
docker.images.get("hello-world").tag("127.0.0.1:5001/hello-world")
lab.push("127.0.0.1:5001/hello-world")
### END SOLUTION

# %% id="check-7-2"
lab.check("7.2")

# %% [markdown] id="questions"
# ## Two questions
#
# Write the letter of your answer into the cell, as `choice = "…"`, and run both cells. A click tells
# whether an answer is right; only the letter in the cell counts.

# %% id="answer-7-3"
lab.question("7.3")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-7-3"
lab.check("7.3", choice=choice)

# %% id="answer-7-4"
lab.question("7.4")
choice = None
### BEGIN SOLUTION
choice = "c"
### END SOLUTION

# %% id="check-7-4"
lab.check("7.4", choice=choice)

# %% [markdown] id="learned"
# ## What you learned
#
# - A published port is open on every node, so `127.0.0.1:5000/nginx` names the same image on all of them.
# - An image that is in no registry runs only where it was built, and a service may hide that.
# - A registry outlives its node if its data are elsewhere; several replicas need one `http.secret`.
#
# **Next:** [Guard a swarm's registry](08-guard-a-swarm.ipynb): TLS, members, logins of nodes, and what a tag means.

# %% id="progress"
lab.progress()
