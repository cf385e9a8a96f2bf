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
# **You will** lose what you pushed, keep it in a folder and in a volume, read it on the disk byte by byte, and rescue
# images from a registry that was started wrong. It takes about 45 minutes. You should know how to run a registry and
# push to it ([lesson 1](01-run-a-registry.ipynb)).
#
# **Why it matters.** A registry that forgets is a deployment that fails on the day its machine restarts.
# What has to be kept is one folder. Once you have seen what is in it, backups, moves and clean-ups stop being magic.

# %% [markdown] id="open-text"
# ## Run this first, each time
#
# Run the next two cells whenever you come back. The lesson runs a registry many times over, so two small functions save
# typing. `run_registry` removes the registry and runs it again, with or without a place to keep things. `push_hello`
# pushes `hello-world` to it. `push_own` comes with the course: it builds an image that exists nowhere else, pushes it,
# and removes it from the engine.

# %% id="open"
import labs
from labs.lessons.keep_what_you_push.own_image import push_only_copies, push_own

lab = labs.open("keep-what-you-push")
docker = lab.docker


# %% id="functions"
def run_registry(volumes=None):
    lab.remove("registry")
    options = {"detach": True, "ports": {"5000/tcp": 5000}, "volumes": volumes}
    docker.containers.run("registry:2", name="registry", **options)
    lab.wait(5000)


def push_hello(repository="hello-world"):
    image = docker.images.pull("hello-world", tag="latest")
    image.tag(f"127.0.0.1:5000/{repository}", tag="latest")
    lab.push(f"127.0.0.1:5000/{repository}:latest")


# %% [markdown] id="lose-text"
# ## Lose it: registry empty after docker rm
#
# The next cell pushes an image, removes the registry and runs it again. No line says where to keep anything.
#
# **2.1** Before you run it: where is the image afterwards? Write the letter of your answer into the cell, as
# `choice = "…"`, and run both cells. A click tells whether an answer is right; only the letter in the cell counts.

# %% id="answer-2-1"
lab.question("2.1")
choice = None
### BEGIN SOLUTION
choice = "c"
### END SOLUTION

# %% id="check-2-1"
lab.check("2.1", choice=choice)

# %% id="lose"
run_registry()
push_hello()
print("pushed:  ", lab.registry.catalog())
mounts = docker.containers.get("registry").attrs["Mounts"]
lost = next(m["Name"] for m in mounts if m["Destination"] == "/var/lib/registry")
run_registry()
print("run again:", lab.registry.catalog())

# %% [markdown] id="anonymous-explain"
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
# The second registry is empty, and nothing was deleted. The image `registry:2` declares `VOLUME /var/lib/registry`.
# Without a word from you the engine makes an *anonymous volume* for each container of it, and gives it a name of 64
# hexadecimal digits. `attrs["Mounts"]` of a container tells that name: the cell above kept it in `lost`.
#
# Once the container is gone, the volume is one of those that no container uses, and the next `docker volume prune`
# removes it, whatever is in it. (Engines before 23.0, and newer ones asked by an older client, remove those with a name
# too.) So copy it into a volume with a name of yours before somebody cleans up. A container that was run with `--rm`
# takes its anonymous volume along when it ends. A volume with a name stays in both cases.

# %% id="saved"
both = [f"{lost}:/from:ro", "saved:/to"]
docker.containers.run("busybox", "cp -a /from/. /to", remove=True, volumes=both)
docker.volumes.prune()
left = [volume.name for volume in docker.volumes.list()]
print("after a prune: the lost one", lost in left, "- saved", "saved" in left)
run_registry(["saved:/var/lib/registry"])
print("found again:", lab.registry.catalog())

# %% [markdown] id="saved-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker volume ls --filter dangling=true
# docker container run --rm -v …:/from:ro -v saved:/to busybox cp -a /from/. /to
# docker volume prune --force
# docker container rm -f registry
# docker container run --name registry -d -p 5000:5000 -v saved:/var/lib/registry registry:2
# ```
#
# </details>
#
# ## Keep it in a folder: a bind mount
#
# `saved:/var/lib/registry` has two sides. On the right is the folder as the container sees it. On the left is where the
# bytes are: a name means a volume, a path means a folder of the engine's machine. The second is called a *bind mount*.
# Here that machine is the node, so `/srv/registry-data` is a folder in the node and not on your laptop. The engine
# makes the folder if it is not there.
#
# **2.2** Now you. Run the registry on port 5000 so that it writes to the node's folder `/srv/shelf`, and push
# `hello-world` to it. Which options you use is up to you. The check looks for the manifest's file below `/srv/shelf`.

# %% id="answer-2-2"
### BEGIN SOLUTION
run_registry(["/srv/shelf:/var/lib/registry"])
push_hello()
### END SOLUTION

# %% id="check-2-2"
lab.check("2.2")

# %% [markdown] id="see-text"
# ## See what is kept: blobs, links, tags
#
# Another folder, for the rest of the lesson, with one image in it. `lab.storage()` draws it as the container sees it:
# one part holds the *repositories*, the other the *blobs*. All images are in this folder. A backup needs it, and the
# registry's settings.

# %% id="see"
lab.node().exec(["rm", "-rf", "/srv/registry-data"])
run_registry(["/srv/registry-data:/var/lib/registry"])
push_hello()
lab.storage()

# %% [markdown] id="see-explain"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container rm -f registry
# docker container run --name registry -d -p 5000:5000 -v /srv/registry-data:/var/lib/registry registry:2
# docker image push 127.0.0.1:5000/hello-world
# ```
#
# </details>
#
# - A *blob* is bytes, kept under their own digest. A manifest is one, the image's *config* is one, each *layer* is one.
# - A repository holds no images. It holds *links*: files of 71 bytes, each with one digest inside.
#   The `layer` link to the smaller blob is the config's; the registry keeps both kinds together.
# - A tag is a link to a manifest. Moving a tag rewrites one small file.
#
# **2.3** The next cell pushes the same image once more, into the repository `team/hello`. What will be new on the disk?

# %% id="answer-2-3"
lab.question("2.3")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-2-3"
lab.check("2.3", choice=choice)

# %% id="twice"
push_hello("team/hello")
lab.storage()

# %% [markdown] id="digest-text"
# Not one blob more. Before it sends a layer, the engine asks the registry (`HEAD /v2/team/hello/blobs/sha256:…`)
# or offers to *mount* it from a repository it knows. A hundred images on one base cost that base once.
#
# ## A blob's name is its content: verify a digest
#
# Take the manifest's file and compute its SHA-256 yourself. The file is in the folder of its first two digits.

# %% id="digest"
import hashlib

digest = lab.registry.head("hello-world", "latest").digest
algorithm, digits = digest.split(":")
blobs = "/srv/registry-data/docker/registry/v2/blobs"
content = lab.node().read_file(f"{blobs}/{algorithm}/{digits[:2]}/{digits}/data")
print("the file hashes to its name:", hashlib.sha256(content).hexdigest() == digits)

push_own(lab, "drawn")

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
#
# **2.4** Now you. The last line of the cell pushed an image with a number that was drawn by chance, as `drawn`, so no
# one else has its digest. Give the path of the file that holds the **manifest** of `drawn:latest`, as the registry's
# container sees it. It begins with `/var/lib/registry`.

# %% id="answer-2-4"
path = None
### BEGIN SOLUTION
digits = lab.registry.head("drawn", "latest").digest.removeprefix("sha256:")
path = f"/var/lib/registry/docker/registry/v2/blobs/sha256/{digits[:2]}/{digits}/data"
### END SOLUTION

# %% id="check-2-4"
lab.check("2.4", path=path)

# %% [markdown] id="volume-text"
# ## Keep it in a named volume
#
# A *named volume* is a folder that the engine looks after. You choose the name, the engine the place, and
# `docker volume ls` lists it. It is the better choice where no one has to look at the files by hand. A bind mount is
# the better one where a backup program of that machine must find them. A backup is a copy of the folder, made while no
# one pushes: a push writes blobs first and links later, so a copy that is made meanwhile can have a link and not its
# blob.

# %% id="volume"
lab.remove("registry")
for old in docker.volumes.list(filters={"name": "registry-data"}):
    old.remove()
run_registry(["registry-data:/var/lib/registry"])
push_hello()
print([volume.name for volume in docker.volumes.list(filters={"name": "registry-data"})])

# %% [markdown] id="volume-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container rm -f registry
# docker container run --name registry -d -p 5000:5000 -v registry-data:/var/lib/registry registry:2
# docker image push 127.0.0.1:5000/hello-world
# docker volume ls
# ```
#
# </details>
#
# **2.5** Now you. Keep `hello-world` in a volume called `keep`. Remove the registry and run a new one, so that the
# image is still there without a second push. The check compares when you pushed with when the container was made.

# %% id="answer-2-5"
### BEGIN SOLUTION
run_registry(["keep:/var/lib/registry"])
push_hello()
run_registry(["keep:/var/lib/registry"])
### END SOLUTION

# %% id="check-2-5"
lab.check("2.5")

# %% [markdown] id="break-text"
# ## Break it: a volume mounted at the wrong path
#
# `registry` is a word that fingers get wrong. Mount the folder at `/var/lib/registery`, push, and look.

# %% id="break"
run_registry(["/srv/misspelled:/var/lib/registery"])
push_only_copies(lab, "lost", "team/ledger")
print("the catalog:", lab.registry.catalog())
print("the folder: ", lab.node().exec(["ls", "/srv/misspelled"]).stdout.split())
mounts = docker.containers.get("registry").attrs["Mounts"]
print(sorted((mount["Type"], mount["Destination"]) for mount in mounts))

# %% [markdown] id="exercise-2-6"
# No error, nowhere. The engine makes a folder of any name, and the registry goes on writing to its own, the anonymous
# volume. You find out on the day you need the data. So look before you trust a mount: the entry to be afraid of is a
# `volume` at `/var/lib/registry` that you did not ask for.
#
# ## Exercise 2.6: rescue it
#
# Say that the registry of the last cell has run for a year. `lost` and `team/ledger` exist nowhere else: your engine
# does not have them, and no one can build the same again. Bring everything that the registry has into a volume called
# `rescued`, and run the registry on port 5000 on that volume. Its container has two mounts: choose by `Destination`,
# and before you remove it, since afterwards its volume is one of several without a name. (Removed too early? Run the
# cell of *Break it* again: it pushes two new images.)

# %% id="answer-2-6"
### BEGIN SOLUTION
mounts = docker.containers.get("registry").attrs["Mounts"]
written = next(each["Name"] for each in mounts if each["Destination"] == "/var/lib/registry")
both = [f"{written}:/from:ro", "rescued:/to"]
docker.containers.run("busybox", "cp -a /from/. /to", remove=True, volumes=both)
run_registry(["rescued:/var/lib/registry"])
### END SOLUTION

# %% id="check-2-6"
lab.check("2.6")

# %% [markdown] id="learned"
# ## What you learned
#
# - Without a mount, a registry writes to an anonymous volume: the next one starts empty, and a prune removes it.
# - A bind mount or a named volume at `/var/lib/registry` keeps everything; one letter off keeps nothing.
# - On the disk there are blobs, named by their SHA-256 and stored once, and links that lead to them.
#
# **Next:** [Speak the registry's language](03-speak-the-api.ipynb). You send the requests of a push yourself.

# %% id="progress"
lab.progress()
