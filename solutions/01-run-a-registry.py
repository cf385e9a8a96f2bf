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
# # Run a registry
#
# **You will** run a registry, push images to it, remove your own copies and pull them back, and move everything that is
# in one registry to another. It takes about 45 minutes. You should have run a container before; nothing else is needed.
#
# **Why it matters.** An image on your laptop helps nobody else. Every deployment, every CI job and every
# cluster gets its images from a registry. It is a small web server, and you can run one yourself.

# %% [markdown] id="open-text"
# ## Run this cell first, each time
#
# This lesson has a *node*: a container with a Docker engine inside that is yours to break.
# The engine you use for your own work stays as it is. `docker` below is a client of the Docker SDK for Python.
# It talks to the node. Run the cell again whenever you come back to the lesson.
#
# The node asks a *mirror* before it asks Docker Hub. The mirror has what this lesson pulls, so you need no internet
# access for it: `registry:2`, `hello-world:latest` and `busybox:latest`.

# %% id="open"
import labs

lab = labs.open("run-a-registry")
docker = lab.docker
print("the node's engine answers:", docker.ping())

# %% [markdown] id="run-text"
# `lab.shell()` prints what to type in a terminal so that the `docker` command talks to this node too. A folder after
# `-v` is then one of the node, not of your machine.
# Below each step, folded, is the same step as a command.
#
# Something went wrong? `lab.reset()` gives you a new node in about a second. Then run the first cell again,
# because `docker` still talks to the old one.
#
# ## Run it
#
# A registry is one container. It listens on port 5000. `ports` publishes that port on the node:
# the container's port on the left, the node's port on the right. (The `docker` command has it the other way round:
# in `-p 5000:5000` the node's port comes first.)
#
# `detach=True` gives the cell back to you. Without it `run` waits until the container ends, and a registry does not
# end. Is a cell stuck at `[*]`? The button ■ (*Interrupt the kernel*) stops it, and `lab.remove("registry")` removes
# what it had started. At the top of a cell it also makes the cell safe to run twice. `lab.wait` waits until the
# registry answers, because a container runs a moment before its program listens.

# %% id="run"
lab.remove("registry")
registry = docker.containers.run(
    "registry:2", name="registry", detach=True, ports={"5000/tcp": 5000}
)
lab.wait(5000)
for container in docker.containers.list(filters={"name": "^registry$"}):
    print(container.name, container.status, container.image.tags)
    addresses = {address["HostIp"] for address in container.ports["5000/tcp"]}
    print("open on every address of the node:", "0.0.0.0" in addresses)

# %% [markdown] id="run-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container run --name registry -d -p 5000:5000 registry:2
# docker container ls
# ```
#
# </details>
#
# **On a machine of your own** type `-p 127.0.0.1:5000:5000`, or `ports={"5000/tcp": ("127.0.0.1", 5000)}`. `5000:5000`
# opens the port on every address, and this registry lets in everyone who can reach it. A node's neighbors are the
# other nodes of your lesson, so here it does no harm.
#
# The tag `2` is there on purpose: `latest` is version 3 today. Name the version that you mean.
#
# <details><summary>You have <code>registry:3</code>? (not run here)</summary>
#
# `registry:2` is the old major, 2.8: Docker Hub still gives it out and no longer lists it. What you type for
# `registry:3` is the same, with these differences:
#
# - The configuration file is `/etc/distribution/config.yml`, not `/etc/docker/registry/config.yml`. The variables
#   `REGISTRY_…` have the same names. The image's own file allows `DELETE`, of tags too.
# - Lesson 3: it never makes up schema 1. Without `Accept` it gives Docker's manifests as they were pushed.
# - Lesson 7: S3 at an address of your own needs `REGISTRY_STORAGE_S3_FORCEPATHSTYLE=true` as well. The storage drivers
#   `swift` and `oss` are gone.
# - `garbage-collect -m` keeps what an index lists; 2.8 deletes it.
#
# </details>
#
# **1.1** Now you. Run another registry, called `shelf`, so that it answers on port **5001** of the node. Begin with
# `lab.remove("shelf")`, so that you can run your cell more than once. `lab.hint("1.1")` helps; ask it more than once.
# `lab.solution("1.1")` shows one answer.

# %% id="answer-1-1"
### BEGIN SOLUTION
lab.remove("shelf")
docker.containers.run("registry:2", name="shelf", detach=True, ports={"5000/tcp": 5001})
lab.wait(5001)
### END SOLUTION

# %% id="check-1-1"
lab.check("1.1")

# %% [markdown] id="hello-text"
# ## Pull an image, and read its reference
#
# To have something to push, pull an image with one small program, which prints a text.

# %% id="hello"
image = docker.images.pull("hello-world", tag="latest")
output = docker.containers.run("hello-world", remove=True).decode()
print(output.splitlines()[1])

# %% [markdown] id="reference-text"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker image pull hello-world
# docker container run --rm hello-world
# ```
#
# </details>
#
# A *reference* says where an image is. `hello-world` looks like one word, and it has three parts:
# a registry, a *repository* and a *tag*. What you leave out, Docker fills in:
#
# | you write | registry | repository | tag |
# |---|---|---|---|
# | `hello-world` | `docker.io` | `library/hello-world` | `latest` |
# | `127.0.0.1:5000/hello-world` | `127.0.0.1:5000` | `hello-world` | `latest` |
#
# The part before the first `/` is a registry if it has a dot or a colon in it, or if it is `localhost`.
# Without one, the reference means Docker Hub (`docker.io`), and a repository without `/` gets `library/` in front.
# So an image goes to your registry because of its reference, and for no other reason. `labs.Reference.parse("…")`
# shows the parts of any reference.
#
# **1.2** A reference has no port and no dot in it. Where does it go? Write the letter of your answer into the cell, as
# `choice = "…"`, and run both cells. A click tells whether an answer is right; only the letter in the cell counts.

# %% id="answer-1-2"
lab.question("1.2")
choice = None
### BEGIN SOLUTION
choice = "c"
### END SOLUTION

# %% id="check-1-2"
lab.check("1.2", choice=choice)

# %% [markdown] id="tag-text"
# ## Tag it, push it, ask the registry
#
# `tag` gives an image one more reference. It copies nothing.

# %% id="tag"
image.tag("127.0.0.1:5000/hello-world", tag="latest")
image.reload()
print(sorted(image.tags))

# %% [markdown] id="push-text"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker image tag hello-world 127.0.0.1:5000/hello-world
# docker image ls
# ```
#
# </details>
#
# Why `127.0.0.1`? The engine does the pushing, so this address is the node's own, not your laptop's.
# Docker demands encryption (TLS) from every registry except those on 127.0.0.0/8. Lesson 5 is about the others.
#
# The SDK gives what the engine reports while it pushes, a dictionary for each step. The last one names the *digest*:
# the SHA-256 of the *manifest*, the short text that lists what the image is made of.
#
# A registry speaks HTTP. `GET /v2/_catalog` lists its repositories, `GET /v2/hello-world/tags/list` the tags of one.
# `lab.registry` sends these requests for you. From your machine the node's port 5000 has another number,
# and `lab.url(5000)` knows it: open `lab.url(5000) + "/v2/_catalog"` in a browser to see the JSON.

# %% id="push"
steps = docker.images.push("127.0.0.1:5000/hello-world", tag="latest", stream=True, decode=True)
for step in steps:
    if "aux" in step:
        print(step["aux"]["Tag"], step["aux"]["Digest"])

print("GET /v2/_catalog", lab.registry.catalog())
print("GET /v2/hello-world/tags/list", lab.registry.tags("hello-world"))

# %% [markdown] id="push-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker image push 127.0.0.1:5000/hello-world
# docker run --rm --network host busybox wget -qO- http://127.0.0.1:5000/v2/_catalog
# ```
#
# </details>
#
# **1.3** Now you. Pull `busybox:latest` and push it to your other registry, on port 5001: into the repository
# `tools/busybox`, with the tag `1.37`. `lab.push` takes one reference with everything in it,
# `registry/repository:tag`, and raises an error if the push fails.

# %% id="answer-1-3"
### BEGIN SOLUTION
busybox = docker.images.pull("busybox", tag="latest")
busybox.tag("127.0.0.1:5001/tools/busybox", tag="1.37")
lab.push("127.0.0.1:5001/tools/busybox:1.37")
### END SOLUTION

# %% id="check-1-3"
lab.check("1.3")

# %% [markdown] id="back-text"
# ## Remove it, pull it back
#
# Now the image has two names on the engine: `hello-world:latest`, and the one of your registry.
#
# **1.4** In a moment you remove `hello-world:latest`, and not yet the other name. What is left on the engine then?

# %% id="answer-1-4"
lab.question("1.4")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-1-4"
lab.check("1.4", choice=choice)

# %% [markdown] id="remove-text"
# Remove both, one after the other. Then pull from the registry, which has forgotten nothing.
#
# A tag can be moved to another image. A digest cannot: `repository@sha256:…` names exactly these bytes, for ever.
# `lab.registry.head` asks the registry what a tag stands for, and `.digest` of its answer is what the push told you.

# %% id="remove"
for tag in ["hello-world:latest", "127.0.0.1:5000/hello-world:latest"]:
    docker.images.remove(tag)
    left = [name for image in docker.images.list() for name in image.tags]
    print("removed:", tag, "- left:", [name for name in left if "hello-world" in name])

# %% id="pull-back"
image = docker.images.pull("127.0.0.1:5000/hello-world", tag="latest")
print(image.tags)
print(docker.containers.run("127.0.0.1:5000/hello-world", remove=True).decode().splitlines()[1])

digest = lab.registry.head("hello-world", "latest").digest
same = docker.images.pull(f"127.0.0.1:5000/hello-world@{digest}")
print("pulled by its digest, the same image:", same.id == image.id)

# %% [markdown] id="back-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker image remove hello-world 127.0.0.1:5000/hello-world
# docker image ls
# docker image pull 127.0.0.1:5000/hello-world:latest
# docker container run --rm 127.0.0.1:5000/hello-world
# docker image pull 127.0.0.1:5000/hello-world@sha256:…
# ```
#
# </details>
#
# `remove` takes one name away. With the last name goes the image.
#
# **1.5** Now you. Remove all tags of busybox from the engine. Then pull it from the registry on port 5001 by its
# digest, so that the engine has it under that digest and under no tag. `lab.registry` asks port 5000;
# `labs.RegistryClient(lab.url(5001))` asks the other one in the same way.

# %% id="answer-1-5"
### BEGIN SOLUTION
digest = labs.RegistryClient(lab.url(5001)).head("tools/busybox", "1.37").digest
for image in docker.images.list():
    for tag in image.tags:
        if "busybox" in tag:
            docker.images.remove(tag)
docker.images.pull(f"127.0.0.1:5001/tools/busybox@{digest}")
### END SOLUTION

# %% id="check-1-5"
lab.check("1.5")

# %% [markdown] id="break-text"
# ## Break it
#
# Push to a port where nothing listens. Read the answer: does this call fail?

# %% id="break-silent"
image = docker.images.get("127.0.0.1:5000/hello-world")
image.tag("127.0.0.1:5999/hello-world", tag="latest")
answer = docker.images.push("127.0.0.1:5999/hello-world", tag="latest")
print("the push returned text:", type(answer) is str)

# %% [markdown] id="break-explain"
# No exception, and nothing listens there.
#
# **1.6** The same call, to a registry that does run: what does it tell you?

# %% id="answer-1-6"
lab.question("1.6")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-1-6"
lab.check("1.6", choice=choice)

# %% [markdown] id="break-why"
# The engine answered "200 OK" before it had tried, and the failure came later, inside the stream.
# A script that calls `images.push` and goes on believes that everything is fine. Read the last line. `lab.push` does it
# for you, and raises the engine's own words: use it from here on. The `docker` command exits with status 1.

# %% id="break-last-line"
import json

last = json.loads(answer.splitlines()[-1])
print(last["errorDetail"]["message"])
try:
    lab.push("127.0.0.1:5999/hello-world")
except labs.PushFailed as error:
    print("PushFailed:", error)
docker.images.remove("127.0.0.1:5999/hello-world:latest")

# %% [markdown] id="exercise-1-7"
# Read the message from its end: the engine sent a request, and at that address no program accepted it.
# Whenever you see `connection refused`, ask first: is the registry's container running, and on that port?
#
# ## Exercise 1.7: move everything to another registry
#
# The registry on port 5000 will be switched off. `fill_registry` fills it as a team would have, and one name is drawn
# by chance. Bring every tag of every repository that it has to the registry on port 5001, under the same repository
# and the same tag. `lab.registry.catalog()` and `lab.registry.tags(…)` say what there is.

# %% id="answer-1-7"
from labs.lessons.run_a_registry.filled_registry import fill_registry

fill_registry(lab)
### BEGIN SOLUTION
for repository in lab.registry.catalog():
    for tag in lab.registry.tags(repository):
        image = docker.images.pull(f"127.0.0.1:5000/{repository}", tag=tag)
        image.tag(f"127.0.0.1:5001/{repository}", tag=tag)
        lab.push(f"127.0.0.1:5001/{repository}:{tag}")
### END SOLUTION

# %% id="check-1-7"
lab.check("1.7")

# %% [markdown] id="stop-text"
# ## Kill it, remove it
#
# `kill` stops the process at once, `remove` deletes the container. Lesson 2 asks what became of your images. The engine
# still has a copy of all that it pushed and pulled: remove those that are named after a registry of yours.

# %% id="stop"
registry.kill()
registry.remove()
for name in [name for image in docker.images.list() for name in image.tags]:
    if name.startswith("127.0.0.1:"):
        docker.images.remove(name)
print(docker.containers.list(all=True, filters={"name": "^registry$"}))

# %% [markdown] id="learned"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container kill registry
# docker container rm registry
# ```
#
# </details>
#
# ## What you learned
#
# - A registry is one container that speaks HTTP on port 5000. A reference decides which registry an image goes to.
# - A tag is a name you can move. A digest names bytes.
# - `images.push` of the SDK returns even when nothing was pushed: read the stream.
#
# **Next:** [Keep what you push](02-keep-what-you-push.ipynb). You removed the registry. Where is your image now?

# %% id="progress"
lab.progress()
