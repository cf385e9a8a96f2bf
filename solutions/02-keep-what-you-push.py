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
# # Keep what you push
#
# **You will** lose what you pushed, keep it in a folder and in a volume, and read it on the disk byte by byte.
# It takes about 40 minutes. You should know how to run a registry and push to it
# ([lesson 1](01-run-a-registry.ipynb)).
#
# **Why it matters.** A registry that forgets is a deployment that fails on the day its machine restarts.
# What has to be kept is one folder. Once you have seen what is in it, backups, moves and clean-ups stop being magic.

# %% [markdown] id="open-text"
# ## Start with one image and an empty registry
#
# Two small functions save typing. One runs the registry again, with or without a place to keep things.
# The other pushes `hello-world` to it.

# %% id="open"
import labs

lab = labs.open("keep-what-you-push")
docker = lab.docker


# %% id="functions"
def run_registry(volumes=None):
    lab.remove("registry")
    docker.containers.run(
        "registry:2", name="registry", detach=True, ports={"5000/tcp": 5000}, volumes=volumes
    )
    lab.wait(5000)


def push_hello(repository="hello-world"):
    image = docker.images.pull("hello-world", tag="latest")
    image.tag(f"127.0.0.1:5000/{repository}", tag="latest")
    lab.push(f"127.0.0.1:5000/{repository}:latest")


# %% [markdown] id="lose-text"
# ## Lose it
#
# Push an image, remove the registry, run it again.

# %% id="lose"
volumes_before = len(docker.volumes.list())
run_registry()
push_hello()
print("pushed:  ", lab.registry.catalog())
lost = docker.containers.get("registry").attrs["Mounts"][0]["Name"]
run_registry()
print("run again:", lab.registry.catalog())

# %% [markdown] id="lose-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container rm -f registry
# docker container run --name registry -d -p 5000:5000 registry:2
# docker image pull hello-world
# docker image tag hello-world 127.0.0.1:5000/hello-world
# docker image push 127.0.0.1:5000/hello-world
# docker container rm -f registry
# docker container run --name registry -d -p 5000:5000 registry:2
# ```
#
# </details>
#
# The second registry is empty. So was the image deleted? Count the volumes.

# %% id="anonymous"
print("volumes more than before:", len(docker.volumes.list()) - volumes_before)

# %% [markdown] id="anonymous-explain"
# Two more: one for each registry you ran. The image `registry:2` declares `VOLUME /var/lib/registry`.
# Without a word from you the engine makes an *anonymous volume* for it, with 64 random digits as its name.
# `attrs["Mounts"]` of a container tells that name: `lost` has it. Once the container is gone, the volume is one of
# those that no container uses. Copy it into a volume with a name of yours before somebody cleans up.

# %% id="saved"
both = [f"{lost}:/from:ro", "saved:/to"]
docker.containers.run("busybox", "cp -a /from/. /to", remove=True, volumes=both)
docker.volumes.prune()
left = [volume.name for volume in docker.volumes.list()]
print("after a prune: the lost one", lost in left, "- saved", "saved" in left)
run_registry(["saved:/var/lib/registry"])
print("found again:", lab.registry.catalog())

lab.node().exec(["docker", "run", "--rm", "registry:2", "--version"])
print("volumes that --rm has left:", len(docker.volumes.list()) - len(left))

# %% [markdown] id="saved-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker volume ls --filter dangling=true
# docker container run --rm -v …:/from:ro -v saved:/to busybox cp -a /from/. /to
# docker volume prune --force
# docker container rm -f registry
# docker container run --name registry -d -p 5000:5000 -v saved:/var/lib/registry registry:2
# docker run --rm registry:2 --version
# ```
#
# </details>
#
# `docker volume prune` removes every anonymous volume that no container uses, whatever is in it. (Engines before 23.0,
# and newer ones asked by an older client, remove those with a name too.) A container that was run with `--rm` takes
# its anonymous volume along when it ends. A volume with a name stays in both cases.

# %% [markdown] id="bind-text"
# ## Keep it in a folder
#
# A *bind mount* shows a folder of the engine's machine to the container. Here that machine is the node,
# so `/srv/registry-data` is a folder in the node and not on your laptop.

# %% id="bind"
lab.node().exec(["rm", "-rf", "/srv/registry-data"])
run_registry({"/srv/registry-data": {"bind": "/var/lib/registry", "mode": "rw"}})
push_hello()
run_registry({"/srv/registry-data": {"bind": "/var/lib/registry", "mode": "rw"}})
print("run again:", lab.registry.catalog())

# %% [markdown] id="bind-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container rm -f registry
# docker container run --name registry -d -p 5000:5000 -v /srv/registry-data:/var/lib/registry registry:2
# docker image push 127.0.0.1:5000/hello-world
# docker container rm -f registry
# docker container run --name registry -d -p 5000:5000 -v /srv/registry-data:/var/lib/registry registry:2
# ```
#
# </details>

# %% [markdown] id="see-text"
# ## See what is kept
#
# `lab.storage()` draws the registry's folder. One part holds the *repositories*, the other the *blobs*.

# %% id="see"
lab.storage()

# %% [markdown] id="see-explain"
# - A *blob* is bytes, kept under their own digest. A manifest is one, the image's *config* is one, each *layer* is one.
# - A repository holds no images. It holds *links*: files of 71 bytes, each with one digest inside.
#   The `layer` link to the smaller blob is the config's; the registry keeps both kinds together.
# - A tag is a link to a manifest. Moving a tag rewrites one small file.

# %% [markdown] id="digest-text"
# ## A blob's name is its content
#
# Take the manifest's file and compute its SHA-256 yourself. `node.exec` runs a command inside the node.

# %% id="digest"
import hashlib

digest = lab.registry.head("hello-world", "latest").digest
algorithm, digits = digest.split(":")
blobs = "/srv/registry-data/docker/registry/v2/blobs"
content = lab.node().read_file(f"{blobs}/{algorithm}/{digits[:2]}/{digits}/data")
print("the file hashes to its name:", hashlib.sha256(content).hexdigest() == digits)

# %% [markdown] id="digest-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker exec registry sh -c 'cd /var/lib/registry/docker/registry/v2/blobs/sha256 && sha256sum */*/data'
# ```
#
# </details>
#
# Everybody who gets a blob can check it like this, and Docker does so at each pull.
# That is why a digest can be trusted even if the registry cannot.

# %% [markdown] id="twice-text"
# ## Push it twice, store it once
#
# Push the same image into a second repository, and count blobs and links before and after.


# %% id="twice"
def count(name):
    found = lab.node().exec(["find", "/srv/registry-data", "-type", "f", "-name", name])
    return len(found.stdout.splitlines())


before = count("data"), count("link")
push_hello("team/hello")
print("new blobs:", count("data") - before[0])
print("new links:", count("link") - before[1] > 0)
print(lab.registry.catalog())

# %% [markdown] id="twice-explain"
# Not one blob more. Before it sends a layer, the engine asks the registry (`HEAD /v2/team/hello/blobs/sha256:…`)
# or offers to *mount* it from a repository it knows. A hundred images on one base cost that base once.

# %% [markdown] id="volume-text"
# ## Keep it in a named volume
#
# A *named volume* is a folder that the engine looks after. You choose the name, the engine the place.
# It is the better choice where nobody has to look at the files by hand.

# %% id="volume"
lab.remove("registry")
for old in docker.volumes.list(filters={"name": "registry-data"}):
    old.remove()
run_registry({"registry-data": {"bind": "/var/lib/registry", "mode": "rw"}})
push_hello()
run_registry({"registry-data": {"bind": "/var/lib/registry", "mode": "rw"}})
print("run again:", lab.registry.catalog())
print([volume.name for volume in docker.volumes.list(filters={"name": "registry-data"})])

# %% [markdown] id="volume-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container rm -f registry
# docker container run --name registry -d -p 5000:5000 -v registry-data:/var/lib/registry registry:2
# docker image push 127.0.0.1:5000/hello-world
# docker container rm -f registry
# docker container run --name registry -d -p 5000:5000 -v registry-data:/var/lib/registry registry:2
# docker volume ls
# ```
#
# </details>

# %% [markdown] id="break-text"
# ## Break it
#
# `registry` is a word that fingers get wrong. Mount the folder at `/var/lib/registery` and watch what happens.

# %% id="break"
run_registry({"/srv/misspelled": {"bind": "/var/lib/registery", "mode": "rw"}})
push_hello()
print("the catalog:", lab.registry.catalog())
print("the folder: ", lab.node().exec(["ls", "/srv/misspelled"]).stdout.split())

# %% [markdown] id="break-explain"
# No error, nowhere. The engine makes a folder of any name, and the registry goes on writing to its own,
# the anonymous volume. You find out on the day you need the data. So look before you trust a mount:

# %% id="break-repair"
mounts = docker.containers.get("registry").attrs["Mounts"]
print(sorted((mount["Type"], mount["Destination"]) for mount in mounts))

# %% [markdown] id="break-repair-text"
# The entry to be afraid of is a `volume` at `/var/lib/registry` that you did not ask for.

# %% [markdown] id="exercise-2-1"
# ## Exercise 2.1: a shelf
#
# Run the registry on port 5000 so that it writes to the node's folder `/srv/shelf`, and push `hello-world` to it.
# Which options you use is up to you. The check looks for the manifest's file below `/srv/shelf`.

# %% id="answer-2-1"
### BEGIN SOLUTION
run_registry({"/srv/shelf": {"bind": "/var/lib/registry", "mode": "rw"}})
push_hello()
### END SOLUTION

# %% id="check-2-1"
lab.check("2.1")

# %% [markdown] id="exercise-2-2"
# ## Exercise 2.2: survive
#
# Keep `hello-world` in a volume called `keep`. Remove the registry and run a new one, so that the image
# is still there without a second push. The check compares when you pushed with when the container was made.

# %% id="answer-2-2"
### BEGIN SOLUTION
keep = {"keep": {"bind": "/var/lib/registry", "mode": "rw"}}
run_registry(keep)
push_hello()
run_registry(keep)
### END SOLUTION

# %% id="check-2-2"
lab.check("2.2")

# %% [markdown] id="exercise-2-3"
# ## Exercise 2.3: find it on the disk
#
# The first cell builds an image with a number that is drawn by chance, so nobody else has it, and pushes it as
# `drawn`. Give the path of the file that holds the **manifest** of `drawn:latest`, as the registry's container sees
# it. It begins with `/var/lib/registry`.

# %% id="drawn"
from io import BytesIO
from secrets import token_hex

dockerfile = f"FROM hello-world\nLABEL drawn={token_hex(8)}\n"
docker.images.build(fileobj=BytesIO(dockerfile.encode()), tag="127.0.0.1:5000/drawn")
lab.push("127.0.0.1:5000/drawn")

# %% id="answer-2-3"
path = None
### BEGIN SOLUTION
digits = lab.registry.head("drawn", "latest").digest.removeprefix("sha256:")
path = f"/var/lib/registry/docker/registry/v2/blobs/sha256/{digits[:2]}/{digits}/data"
### END SOLUTION

# %% id="check-2-3"
lab.check("2.3", path=path)

# %% [markdown] id="questions"
# ## Two questions
#
# Write the letter of your answer into the cell, as `choice = "…"`, and run both cells. A click tells
# whether an answer is right; only the letter in the cell counts.

# %% id="answer-2-4"
lab.question("2.4")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-2-4"
lab.check("2.4", choice=choice)

# %% id="answer-2-5"
lab.question("2.5")
choice = None
### BEGIN SOLUTION
choice = "c"
### END SOLUTION

# %% id="check-2-5"
lab.check("2.5", choice=choice)

# %% [markdown] id="learned"
# ## What you learned
#
# - Without a mount, a registry writes to an anonymous volume: the next one starts empty, and a prune removes it.
# - A bind mount or a named volume at `/var/lib/registry` keeps everything; one letter off keeps nothing.
# - On the disk there are blobs, named by their SHA-256 and stored once, and links that lead to them.
#
# **Next:** lesson 3, where you speak the registry's language yourself.

# %% id="progress"
lab.progress()
