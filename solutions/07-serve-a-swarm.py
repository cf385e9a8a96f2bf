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
# runs on, and end with one that no single machine can take down. It takes about 60 minutes. You should know how to
# keep a registry's data ([lesson 2](02-keep-what-you-push.ipynb)).
#
# **Why it matters.** One engine has its images at hand. On five, a task may start anywhere, and where it starts,
# its image has to come from. The registry is what they all depend on, and it runs on machines that fail.

# %% [markdown] id="open-text"
# ## Run this cell first, each time
#
# A *swarm* is several engines that act as one. *Managers* decide what runs where, and any engine may run it. Here all
# five machines are managers and there are no workers. One manager leads. `docker` talks to node 1, as before.
#
# `SwarmRegistry` saves typing later, when the lesson runs one registry again and again. You can read it in
# `labs/lessons/serve_a_swarm/swarm_registry.py`.
#
# `lab.watch()` draws the swarm and keeps the drawing up to date while you work. In JupyterLab, right-click the
# drawing and choose *Create New View for Output*, so that it stays beside the cells below. *Quorum* means that more
# than half of the managers hear each other: so many it takes to decide anything.

# %% id="open"
import labs
from labs.lessons.serve_a_swarm.swarm_registry import SwarmRegistry, as_secret

lab = labs.open("serve-a-swarm")
docker = lab.docker
registry = SwarmRegistry(lab)
lab.watch()

# %% [markdown] id="registry-text"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker node ls
# ```
#
# </details>
#
# ## docker service create: a registry as a service
#
# A *service* says what should run: an image, how many *replicas*, which port. The swarm makes *tasks* of that, finds
# a node for each, and starts a new one where one ends. A replica is one task; by default there is one.
#
# A published port is open on *every* node, whichever runs the task. That is the *routing mesh*. It is done by a part of
# the kernel called IPVS. On a kernel without it the service runs, no port answers, and nothing says why. So
# `lab.swarm.publish` looks first. Where IPVS is missing it puts an *edge* in the mesh's place: a service `edge-5000`,
# one small proxy on each node. It says which of the two you have. The rest is the same on both. In `lab.shell()` leave
# out `--publish`, and call `lab.swarm.publish` here.

# %% id="registry"
lab.swarm.remove("registry")
docker.services.create("registry:2", name="registry")
print(lab.swarm.publish("registry", port=5000))
docker.images.pull("hello-world", tag="latest").tag("127.0.0.1:5000/hello-world")
lab.push("127.0.0.1:5000/hello-world")
for node in lab.nodes:
    print(node.name, labs.RegistryClient(node.url(5000)).catalog())
print(docker.info()["RegistryConfig"]["InsecureRegistryCIDRs"])

# %% [markdown] id="registry-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker service create --name registry --publish 5000:5000 registry:2
# docker service ps registry
# docker image pull hello-world
# docker image tag hello-world 127.0.0.1:5000/hello-world
# docker image push 127.0.0.1:5000/hello-world
# # on any node
# curl http://127.0.0.1:5000/v2/_catalog
# docker info
# ```
#
# </details>
#
# `node.url(5000)` is how this notebook reaches `127.0.0.1:5000` *inside that node*. There is one registry, and five
# nodes that see it at the same address. It speaks plain HTTP, and no engine was told to accept that. The last line is
# why: engines take 127.0.0.0/8 as insecure from the start, as what goes there never leaves the machine. Here it does
# leave, inside the swarm's own network.
#
# A name would do as well: the nodes of this swarm share the name `swarm.lab`, which leads to any of them that is on.
# But for a name Docker demands a certificate, as in [lesson 5](05-encrypt-it.ipynb).
#
# **7.1** Now you. Node 1 has pushed `hello-world` to 127.0.0.1:5000. Let the engine of **node 3** pull it from there.
# `lab.pull` and `lab.push` take one reference and, for another node than the first, `node=`. Then `lab.check` looks at
# what node 3's engine has, and where it got that.

# %% id="answer-7-1"
### BEGIN SOLUTION
lab.pull("127.0.0.1:5000/hello-world", node=3)
### END SOLUTION

# %% id="check-7-1"
lab.check("7.1")

# %% [markdown] id="nginx-text"
# ## Run five replicas from your own registry
#
# The image's reference begins with your registry. Each node reads it and pulls from *its* 127.0.0.1:5000. The last
# line asks the registry's log whether they really did. A node that pulls asks `HEAD …/manifests/latest` first, and
# fetches the manifest by its digest if it does not have it yet.

# %% id="nginx"
from docker.types import ServiceMode

docker.images.pull("nginx", tag="latest").tag("127.0.0.1:5000/nginx")
lab.push("127.0.0.1:5000/nginx")
five = ServiceMode("replicated", 5)
lab.swarm.remove("nginx")
docker.services.create("127.0.0.1:5000/nginx", name="nginx", mode=five)
print("runs on", sorted(task.node for task in lab.swarm.wait("nginx", running=5)))
lab.swarm.publish("nginx", port=80)
print("port 80 answers", [lab.http(80, node=number).get("/").status_code for number in range(1, 6)])
print("asked the registry:", registry.askers("nginx"), "nodes")

# %% [markdown] id="nginx-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker image pull nginx
# docker image tag nginx 127.0.0.1:5000/nginx
# docker image push 127.0.0.1:5000/nginx
# docker service create --name nginx -p 80:80 --replicas 5 --detach=false 127.0.0.1:5000/nginx
# docker service ps nginx
# docker service logs registry
# ```
#
# </details>
#
# The swarm spreads tasks of a service over the nodes that have the fewest of them. That the registry is on one of the
# five does not matter to anyone who asks for 127.0.0.1:5000. All five asked. Four of them fetched, on a first run:
# node 1 pushed the image, so it has it.
#
# `docker service logs` gets the logs of all tasks, from all the nodes that they are on. On some runs
# [it never ends](https://github.com/docker/cli/issues/4678): press Ctrl-C, and ask again.
#
# **7.2** Now you. Run a service called `pages` with **five** replicas of `httpd:2`, the Apache web server, from *your*
# registry on port 5000. It listens on port 80 in its container; publish that as port **8080** of every node
# (`target=80` tells `lab.swarm.publish` the port in the container). Begin with `lab.swarm.remove("pages")`, so that
# you can run your cell more than once. The check looks at all five nodes: what runs there, where its image came from,
# and what port 8080 says.

# %% id="answer-7-2"
### BEGIN SOLUTION
docker.images.pull("httpd", tag="2").tag("127.0.0.1:5000/pages")
lab.push("127.0.0.1:5000/pages")
lab.swarm.remove("pages")
docker.services.create("127.0.0.1:5000/pages:latest", name="pages", mode=five)
print(lab.swarm.publish("pages", port=8080, target=80))
### END SOLUTION

# %% id="check-7-2"
lab.check("7.2")

# %% [markdown] id="own-text"
# ## Break it: No such image, on all nodes but one
#
# Next you build an image on node 1, push it nowhere, and ask for five replicas. A task that fails is tried again,
# after 1 second here, on any node.
#
# **7.3** Before you see it: how does that end? Write the letter of your answer into the cell, as `choice = "…"`, and
# run both cells. A click tells whether an answer is right; only the letter in the cell counts.

# %% id="answer-7-3"
lab.question("7.3")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-7-3"
lab.check("7.3", choice=choice)

# %% id="own"
from io import BytesIO

from docker.types import RestartPolicy, UpdateConfig

docker.images.build(fileobj=BytesIO(b'FROM nginx\nLABEL made.on="node 1"\n'), tag="own")
again = RestartPolicy(condition="any", delay=1_000_000_000)  # nanoseconds: 1 s
at_once = UpdateConfig(parallelism=0, monitor=100_000_000)
options = {"mode": five, "restart_policy": again, "update_config": at_once}
lab.swarm.remove("own")
docker.services.create("own:latest", name="own", **options)
tasks = lab.swarm.wait("own", running=5, timeout_s=120)
print("errors: ", sorted({task.error for task in lab.swarm.tasks("own") if task.error}))
print("runs on:", sorted({task.node for task in tasks}))

# %% [markdown] id="own-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker image build -t own .
# docker service create --name own --replicas 5 --restart-delay 1s --update-parallelism 0 own
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
# one node that has the image. `docker service ls` says 5/5 and no one is alarmed. Switch off node 1, and all are gone.
#
# **7.4** Now you. Repair it: let the service `own` run that same image on all five nodes. An image that all nodes can
# reach is an image in a registry. `docker.images.get("own")` has it, and
# `docker.services.get("own").update(image=…, fetch_current_spec=True)` gives a service another image and keeps
# everything else. (`UpdateConfig` above is about such an update: `parallelism=0` replaces all five tasks at once, where
# the default is one after the other, and `monitor` is how long each is watched for a failure.)

# %% id="answer-7-4"
### BEGIN SOLUTION
docker.images.get("own").tag("127.0.0.1:5000/own")
lab.push("127.0.0.1:5000/own")
docker.services.get("own").update(image="127.0.0.1:5000/own:latest", fetch_current_spec=True)
tasks = lab.swarm.wait("own", running=5)
### END SOLUTION

# %% id="check-7-4"
lab.check("7.4")

# %% [markdown] id="lose-text"
# ## Lose a machine: does the registry survive?
#
# `registry.run()` replaces the registry by one that may be on any node but the first: this notebook talks to node 1,
# which therefore stays on. `registry.home()` is the node that its task is on. `stop` switches a node off, as if by its
# plug. Its disk stays as it is. The services of before go first, since their images are in the registry that you are
# about to lose.
#
# After six seconds without a sign of life the leader takes a node of this playground for lost (a swarm of your own
# waits 15), and starts a new task elsewhere.
#
# **7.5** What does the registry have then?

# %% id="answer-7-5"
lab.question("7.5")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-7-5"
lab.check("7.5", choice=choice)

# %% id="lose"
lab.swarm.remove("nginx", "pages", "own")
registry.run()
lab.push("127.0.0.1:5000/hello-world")
print("pushed:", lab.registry.catalog())
lost = registry.home()
lost.stop()
registry.wait_for_move(lost)
print("moved: ", lab.registry.catalog())
lost.start()

# %% [markdown] id="lose-explain"
# The service healed itself. The images did not: they are in an anonymous volume on the disk of the machine that is off.
# When it comes back, no one looks there any more.
#
# ## First answer: a volume, and a constraint
#
# A named volume belongs to one node. So the task must always be on that node. A *constraint* says where tasks may be.
# `registry.waits()` is what the swarm says of a task that it has no node for.

# %% id="volume"
from docker.types import Mount

volume = Mount("/var/lib/registry", "registry-data")
registry.run(mounts=[volume], place="node.hostname == node2")
lab.push("127.0.0.1:5000/hello-world")
lab.node(2).stop()
print("its node is off:", registry.waits())
lab.node(2).start()
print("its node is on, and all is there:", registry.serves(lab.node(1)))

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
#
# **7.6** Now you. Node 2 is to be replaced next week. Run the registry so that it is always on **node 3**, with its
# images in a volume called `kept`, and push `hello-world` to it.

# %% id="answer-7-6"
### BEGIN SOLUTION
registry.run(mounts=[Mount("/var/lib/registry", "kept")], place="node.hostname == node3")
lab.push("127.0.0.1:5000/hello-world")
### END SOLUTION

# %% id="check-7-6"
lab.check("7.6")

# %% [markdown] id="store-text"
# ## Second answer: S3 storage that all nodes reach
#
# Take the data off the nodes. A registry can keep its blobs in S3, the web's common language for storage, and then
# it does not matter where its tasks run, or how many there are.
#
# `lab.store` is such a server, OpenStack Swift, beside the nodes. It starts when you first use it. It wants a key,
# and a key does not belong into `env` (or `-e`): `docker inspect` shows that to all who may ask an engine. So write a
# configuration file, and let the swarm keep it as a *secret*: it gives it to the service's tasks alone, in memory,
# as `/run/secrets/registry.yml`. (JSON is YAML, too.) `registry.run` does that with the settings that you give it.
# `redirect: disable` makes the registry pass the bytes on itself. Else it would send clients to the store, which they
# might not reach.
#
# Then the cell does by hand what a push does first: `POST` opens an upload, `PATCH` sends bytes to it. Each of these
# requests is a connection of its own, and connections go to the replicas in turn. `try_uploads` does it twelve times
# and gives the errors. (An upload whose two requests meet the same replica is accepted in any case.)

# %% id="store"
store = lab.store
s3 = {"regionendpoint": store.endpoint, "region": "us-east-1", "bucket": store.bucket}
s3 |= {"accesskey": store.access_key, "secretkey": store.secret_key}
storage = {"s3": s3, "redirect": {"disable": True}}
config = {"version": 0.1, "http": {"addr": ":5000"}, "storage": storage}
registry.run(config, replicas=2)
print("nodes:", len({task.node for task in lab.swarm.wait("registry", running=2)}))
shown = str(docker.services.get("registry").attrs)
print("inspect shows the file:", "registry.yml" in shown, "- the key:", s3["secretkey"] in shown)
print("uploads fail with:", *registry.try_uploads())

# %% [markdown] id="question-7-7"
# The two replicas share all that was ever pushed, and do not agree about what is being pushed. With `docker push` it
# looks like this: it tries again for almost a minute and ends with `blob upload unknown`.
#
# **7.7** Before you read on: what is missing?

# %% id="answer-7-7"
lab.question("7.7")
choice = None
### BEGIN SOLUTION
choice = "c"
### END SOLUTION

# %% id="check-7-7"
lab.check("7.7", choice=choice)

# %% [markdown] id="survive-text"
# ## Repair it: one http.secret for all replicas
#
# A registry signs what it tells a client about an upload, with its `http.secret`. Without one of yours each replica
# draws its own, and takes the other's signature for a forgery: `BLOB_UPLOAD_INVALID`. With one secret for all, any
# replica goes on where another began.
#
# Push for good then, and switch off a node that runs one of the two. Is there a moment without a registry?

# %% id="survive"
from secrets import token_hex

config["http"]["secret"] = token_hex(16)
registry.run(config, replicas=2)
print("uploads fail with:", registry.try_uploads() or "nothing")
lab.push("127.0.0.1:5000/hello-world")
manifest = lab.registry.manifest("hello-world", "latest")
lost = registry.home()
lost.stop()
others = [node for node in lab.nodes if node is not lost]
print("served through the others:", [registry.serves(node) for node in others])
lost.start()
stored = " ".join(each.name for each in store.objects())
print("in the store:", all(part.digest.split(":")[1] in stored for part in manifest.layers))

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
# until the node counts as lost, some connections still go to it and wait. `serves` asks again. What is left to
# lose is the store itself: here it is one server, in production it is a cluster, or a service of somebody else.
#
# <details><summary>Third answer: NFS, a file system that all nodes mount (not run here)</summary>
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
#
# </details>
#
# ## Exercise 7.8: survive the loss of any one node
#
# Run another registry, a service called `depot`, on port **5001** of every node (`target=5000`), with
# `hello-world` in it. Whichever node goes, `depot` must serve the image through all that are left, a minute
# later at most. It needs a folder of its own in the store: `rootdirectory` beside `bucket`, for example `/depot`.
# `as_secret(lab, name, settings)` makes a secret of settings, and gives the options with which
# `docker.services.create` hands it to the tasks.
#
# The check believes nothing. It switches off each node, pulls through those that are on, and switches
# it on again. That takes a minute or two; all nodes are on when it ends.

# %% id="answer-7-8"
### BEGIN SOLUTION
lab.swarm.remove("depot")
own = {**config, "storage": {**storage, "s3": {**s3, "rootdirectory": "/depot"}}}
two = ServiceMode("replicated", 2)
docker.services.create("registry:2", name="depot", mode=two, **as_secret(lab, "depot", own))
lab.swarm.publish("depot", port=5001, target=5000)
docker.images.get("hello-world").tag("127.0.0.1:5001/hello-world")
lab.push("127.0.0.1:5001/hello-world")
### END SOLUTION

# %% id="check-7-8"
lab.check("7.8")

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
