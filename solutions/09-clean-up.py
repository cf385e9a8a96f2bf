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
# # Clean up
#
# **You will** delete images, get their bytes back without losing another image, purge a key that was pushed by
# mistake, and leave a job behind that collects garbage by itself. It takes about 70 minutes. You should know what is
# on a registry's disk ([lesson 2](02-keep-what-you-push.ipynb)), and what manifests and indexes are ([lesson
# 3](03-speak-the-api.ipynb)).
#
# **Why it matters.** Every build pushes, no one deletes, and one night the disk is full. The tools for this are sharp:
# a project has lost every image that it had tagged `latest`, to one option of a clean-up tool. You will lose a few
# images too, here, where it costs nothing.

# %% [markdown] id="open-text"
# ## Run this first, each time
#
# Run the next two cells each time that you come back. They remove what an earlier run left on node 1, containers and
# volumes, so that the lesson begins with an empty disk. Then go on with the next section, whose cells take seconds;
# or, if you are at one of the exercises 9.6 to 9.8, with the first cell of 9.6.
#
# Node 1 has the registry. Node 2 is the machine of a colleague, who wants to pull what you push. There the registry is
# called `node1:5000` and speaks plain HTTP, so the engine of node 2 is told to accept that. (On a real network, do
# what lesson 4 does.) `http` is an HTTP client as in lesson 3; its header `Accept` names the types of images and of
# indexes.

# %% id="open"
import labs
from labs.lessons.clean_up.by_hand import ACCEPT, image, index, noise, push, put, signature, upload
from labs.lessons.clean_up.folder_sizes import sizes
from labs.lessons.clean_up.last_words import last_words

lab = labs.open("clean-up")
docker, colleague, http = lab.docker, lab.node(2).docker, lab.http(5000)
http.headers["accept"] = ACCEPT
# The oldest first: a job that still runs would start the registry again.
lab.remove(*(container.name for container in reversed(docker.containers.list(all=True))))
docker.volumes.prune({"all": True})
lab.node(2).configure_engine({"insecure-registries": ["node1:5000"]})


# %% id="functions"
def serve(**settings):
    lab.remove("registry")
    data = {"registry-data": {"bind": "/var/lib/registry", "mode": "rw"}}
    options = {"ports": {"5000/tcp": 5000}, "volumes": data, "environment": settings}
    docker.containers.run("registry:2", name="registry", detach=True, **options)
    lab.wait(5000)
    return docker.containers.get("registry")


def collect(*options):
    command = ["registry", "garbage-collect", *options, "/etc/docker/registry/config.yml"]
    return docker.containers.get("registry").exec_run(command, stderr=False).output.decode()


# %% [markdown] id="functions-text"
# `serve` runs the registry again, each time on the same volume, with the variables that you give it. Remember it: a
# setting of a registry is changed by a new container, and the volume keeps the images meanwhile. `collect` runs
# another command of the registry's program, inside its container. The section after the next is about that.

# %% [markdown] id="delete-text"
# ## Delete an image from a registry: 405 UNSUPPORTED
#
# To build images that are large enough would take minutes. So the course has a small module that makes them and pushes
# them by HTTP, with the requests of lesson 3: `image` takes layers, `noise` is the content of one, 3 MB, the same
# bytes in each run. You can read it in `labs/lessons/clean_up/by_hand.py`. Both images of `team/app` have the same
# base, and the first one has two tags: `1` and `stable`.
#
# Deleting is one request: `DELETE /v2/<repository>/manifests/<digest>`. People get it wrong in two ways. They send it
# to a registry that was not told to allow it, and they send it with a tag. Do both, and read the two answers.

# %% id="delete"
registry = serve()
base = noise("base")
for tag, content in [("1", "app 1"), ("stable", "app 1"), ("2", "app 2")]:
    push(http, "team/app", tag, image(base, noise(content)))
reply = http.delete("/v2/team/app/manifests/1")
print(reply.status_code, reply.json()["errors"][0]["code"])

registry = serve(REGISTRY_STORAGE_DELETE_ENABLED="true")
reply = http.delete("/v2/team/app/manifests/1")
print(reply.status_code, reply.json()["errors"][0]["code"])

# %% [markdown] id="delete-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container rm -f registry
# docker container run --name registry -d -p 5000:5000 -v registry-data:/var/lib/registry \
#   -e REGISTRY_STORAGE_DELETE_ENABLED=true registry:2
# ```
#
# There is no `docker` command that deletes an image from a registry. `docker image rm` removes it from your engine
# only.
#
# </details>
#
# 405 `UNSUPPORTED`: a registry deletes nothing unless `REGISTRY_STORAGE_DELETE_ENABLED` is `true`.
#
# 400 `DIGEST_INVALID`: where the registry wanted a digest, it read `1`. Version 2 cannot delete a tag alone.
# (`registry:3` can.) So you find out the digest that the tag stands for, and delete by that.
#
# **9.1** Before you do it: what will be left?

# %% id="answer-9-1"
lab.question("9.1")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-9-1"
lab.check("9.1", choice=choice)

# %% [markdown] id="digest-text"
# Now send it, and compare the size of the registry's folder before and after. `sizes` asks `du` in the registry's
# container and rounds to megabytes.
#
# One thing more happens in this cell. An upload begins, sends 2 MB, and never ends, like each push that is cut off in
# the middle.

# %% id="digest"
print("before:", sizes(registry), sorted(lab.registry.tags("team/app")))
digest = lab.registry.head("team/app", "1").digest
print("DELETE", http.delete(f"/v2/team/app/manifests/{digest}").status_code)
begun = http.post("/v2/team/app/blobs/uploads/")
http.patch(begun.headers["location"], content=noise("never finished", 2))
print("after: ", sizes(registry), sorted(lab.registry.tags("team/app")))

# %% [markdown] id="digest-explain"
# 202 means *accepted*. Both tags are gone, as they were two names of one manifest. And not one byte of the blobs is
# gone: a DELETE removes links, the small files of lesson 2, and nothing else. An image that was deleted costs as much
# as before.
#
# The 2 MB below `repositories` are the upload that never ended. Its bytes are in a folder called `_uploads`.

# %% [markdown] id="collect-text"
# ## Free the disk: registry garbage-collect
#
# The registry's program has a second command for that. It works in two steps. It *marks*: it reads each manifest of
# each repository, and notes the blobs that it names. Then it *sweeps*: it deletes the blobs that were not noted.
#
# With `--dry-run` it marks, and says what it would sweep. Begin with that each time. People have reported that it
# [wants to remove everything](https://github.com/distribution/distribution/issues/4703): a dry run tells you before it
# does.
#
# <details><summary>The same with docker</summary>
#
# ```bash
# docker exec registry registry garbage-collect --dry-run /etc/docker/registry/config.yml
# ```
#
# </details>
#
# **9.2** Run the next cell as it is, and read the dry run. Four blobs are marked: the manifest of `team/app:2`, its
# config and its two layers. Three are *eligible for deletion*: manifest and config of the image that you deleted, and
# the one layer that no other image has. Their base is not among them, as `team/app:2` needs it.
#
# Its lines `marking manifest` name every manifest of a repository, those without a tag too. You will need that.
#
# Then add the line that collects them, and run the cell again. The cell's last two lines print what is left.

# %% id="answer-9-2"
print(collect("--dry-run"))
### BEGIN SOLUTION
print(collect())
### END SOLUTION
print(sizes(registry))
lab.storage()

# %% id="check-9-2"
lab.check("9.2")

# %% [markdown] id="collect-explain"
# 3 MB less, and the picture has one image. Two links lead to no blob any more; `garbage-collect` leaves them, and they
# do no harm.
#
# The upload is still there. `garbage-collect` does not look at `_uploads`; the registry itself deletes uploads that
# are a week old, and looks for them once a day. That takes too long to show here, and there is nothing for you to do.

# %% [markdown] id="untagged-text"
# ## Garbage collection frees nothing: untagged manifests
#
# This is how most registries fill up. No one deletes anything. A build pushes `2`, and tomorrow a build pushes another
# `2`. The next cell does that, and adds two things that build tools of today make: an index for two platforms, `both`,
# and a signature for it. The signature is pushed as lesson 3 attached a report: by its digest alone, and listed by an
# index under the *fallback tag*. Then the cell collects.
#
# What it prints: 0 eligible. The first image that was called `2` has lost its tag, and still answers by its digest.
# Somewhere that digest may be written into a deployment (lesson 7 told you to). For the registry, a manifest without a
# tag is a manifest like any other.
#
# There is an option against that, `--delete-untagged`, or `-m`. You find it in many answers on the web.
#
# **9.3** Run the cell, and say what the option will do before you try it.

# %% id="answer-9-3"
push(http, "team/app", "2", image(base, noise("app 2, next day")))
pair = [image(base, architecture=each) for each in ("amd64", "arm64")]
both = index(*pair)
push(http, "team/app", "both", both)
signed = signature(both)
push(http, "team/app", None, signed)
push(http, "team/app", both.digest.replace(":", "-"), index(signed))
print(collect().split("\n\n")[-1])
print(sizes(registry))
lab.question("9.3")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-9-3"
lab.check("9.3", choice=choice)

# %% [markdown] id="m-text"
# Try it, and ask for one of each kind: the index itself, one of the images that it lists, the signature. Then your
# colleague pulls the index, as any machine would. `last_words` gives what node 2's engine says last.

# %% id="m"
collect("--delete-untagged")
for name, document in [("index", both), ("image", pair[0]), ("signature", signed)]:
    print(name, http.head(f"/v2/team/app/manifests/{document.digest}").status_code)
print(last_words(colleague, "node1:5000/team/app:both"))

# %% [markdown] id="m-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker exec registry registry garbage-collect --delete-untagged /etc/docker/registry/config.yml
# # node 2
# docker image pull node1:5000/team/app:both  # fails
# ```
#
# </details>
#
# The index is there, and what it lists is not: `manifest unknown`, on each machine that pulls it. The signature went
# the same way, and the list of signatures still names it. In version 3 the command keeps what an index lists.
#
# Clean-up actions and services with a button "delete untagged" have done the same to their users. In July 2026 it was
# [a project on GitHub's registry](https://github.com/some-natalie/kubernoodles/issues/664), where each image called
# `latest` was dead. So, with version 2, do not use `-m` where there may be an index. Delete the digests that you mean,
# as you did above.

# %% [markdown] id="break-text"
# ## Break it: Layer already exists, then manifest unknown
#
# Someone cleans up too much, notices it, and pushes the image again. That should repair everything. Do it with
# busybox, and read what the engine says of its layer at the second push, and what your colleague gets.

# %% id="break"
docker.images.pull("busybox", tag="latest").tag("127.0.0.1:5000/team/box", tag="1")
digest = lab.push("127.0.0.1:5000/team/box:1")
lab.registry.delete("team/box", digest)
collect()
steps = docker.images.push("127.0.0.1:5000/team/box", tag="1", stream=True, decode=True)
print(*{step["status"] for step in steps if "id" in step and "exists" in step["status"]})
print("tags:", lab.registry.tags("team/box"))
print(last_words(colleague, "node1:5000/team/box:1"))

# %% [markdown] id="break-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker image pull busybox
# docker image tag busybox 127.0.0.1:5000/team/box:1
# docker image push 127.0.0.1:5000/team/box:1
# … # DELETE by its digest, over HTTP, then garbage-collect as above
# docker image push 127.0.0.1:5000/team/box:1
# # node 2
# docker image pull node1:5000/team/box:1  # fails
# ```
#
# </details>
#
# The push says that all is well, the tag is listed, and no machine can pull it.
#
# `garbage-collect` is a program of its own. It deleted files, and told the registry that was running beside it
# nothing. The registry has a cache in its memory, with each blob that it has met. At the second push it looked there,
# found layer, config and manifest, and wrote none of them again. So its answers are about a disk of some minutes ago.
#
# **9.4** Repair it, so that node 2 can pull `team/box:1`. It takes two steps, and their order matters. (After a new
# start, `lab.wait(5000)` waits until the registry answers.)

# %% id="answer-9-4"
### BEGIN SOLUTION
registry.restart()
lab.wait(5000)
lab.push("127.0.0.1:5000/team/box:1")
### END SOLUTION
print(last_words(colleague, "node1:5000/team/box:1"))

# %% id="check-9-4"
lab.check("9.4")

# %% [markdown] id="during-text"
# ## Push during garbage collection: read-only mode
#
# Remember the order of a push: the blobs first, the manifest last. Between the two, no manifest names these blobs, and
# to `garbage-collect` they are garbage. Here a push has sent its blobs, garbage is collected, and the push goes on
# with its last request.

# %% id="during"
late = image(noise("late"))
for blob in late.blobs:
    upload(http, "team/app", blob)
print(collect().split("\n\n")[-1])
put(http, "team/app", "late", late)
print("acknowledged:", "late" in lab.registry.tags("team/app"))
try:
    lab.registry.blob("team/app", lab.registry.manifest("team/app", "late").layers[0].digest)
except labs.RegistryError as error:
    print(error.code or "the connection is closed")

# %% [markdown] id="during-explain"
# The registry *acknowledged* an image whose layer was gone, and the push was told that it had succeeded. The tag is
# there, the layer is announced with its length, and then the connection ends without a byte. You find out when
# something pulls it.
#
# There is no lock between the two programs. So nothing may be pushed while garbage is collected: stop the registry, or
# make it read-only, which goes on serving pulls. The obstacle is the spelling. Variables follow the sections of the
# configuration file, and `REGISTRY_STORAGE_MAINTENANCE_READONLY_ENABLED=true` looks right. With it the registry ends
# with a panic. What works is the variable of the section above, `REGISTRY_STORAGE_MAINTENANCE`, and as its value the
# rest, as JSON.
#
# **9.5** Run the registry read-only, so that it still serves what it has. `serve` takes variables.

# %% id="answer-9-5"
### BEGIN SOLUTION
registry = serve(REGISTRY_STORAGE_MAINTENANCE='{"readonly": {"enabled": true}}')
### END SOLUTION
reply = http.post("/v2/team/app/blobs/uploads/")
print("POST", reply.status_code, reply.text.strip())
print("GET ", http.get("/v2/team/app/manifests/2").status_code)

# %% id="check-9-5"
lab.check("9.5")

# %% [markdown] id="during-twin" tags=["solution"]
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container rm -f registry
# docker container run --name registry -d -p 5000:5000 -v registry-data:/var/lib/registry \
#   -e 'REGISTRY_STORAGE_MAINTENANCE={"readonly": {"enabled": true}}' registry:2
# ```
#
# </details>

# %% [markdown] id="exercise-9-6"
# ## Exercise 9.6: purge a secret that was pushed by mistake
#
# In `shop/api`, an image was pushed as `2` with a layer that holds an access key. The mistake was noticed, and an
# image without that layer pushed as `2`. Meanwhile `shop/worker:1` had been built on the first one. The next cell puts
# all of this into your registry, and what exercise 9.7 needs. `secret` is the digest of the layer.
#
# Remove both images with the key. Afterwards the registry has no manifest that lists the layer; the layer itself, and
# the configs of these images, are neither on its disk nor in its answers to anyone who knows the digest. **All other
# tags stay as they are**, and one of them is an index.
#
# The check asks for each blob on its own, from node 1 and from node 2. In real life you change the key first: each
# machine that pulled the image has it.

# %% id="leak"
from labs.lessons.clean_up import leaked_shop, old_builds

registry = serve(REGISTRY_STORAGE_DELETE_ENABLED="true")
secret = leaked_shop.fill(http)
old_builds.fill(http)
print({name: sorted(lab.registry.tags(name)) for name in ["shop/api", "shop/worker"]})

# %% id="answer-9-6"
### BEGIN SOLUTION
folder = "/var/lib/registry/docker/registry/v2/repositories"
command = ["find", folder, "-path", "*/revisions/*/link"]
links = registry.exec_run(command).output.decode().split()
for link in links:
    repository = link.removeprefix(f"{folder}/").partition("/_manifests/")[0]
    digest = f"sha256:{link.split('/')[-2]}"
    if secret.encode() in http.get(f"/v2/{repository}/manifests/{digest}").content:
        lab.registry.delete(repository, digest)
collect()
registry = serve(REGISTRY_STORAGE_DELETE_ENABLED="true")
### END SOLUTION

# %% id="check-9-6"
lab.check("9.6")

# %% [markdown] id="exercise-9-7"
# ## Exercise 9.7: keep the last three images
#
# `team/site` has builds of some weeks. Delete the old ones, so that these are left:
#
# - the **three newest images**, by the date `created` in their config. Two tags of one digest are one image. An index
#   is one image, and its date is that of the first image that it lists;
# - what **`stable`** stands for, however old it is;
# - the **signatures** of what is left. A tag `sha256-<digits>.sig` holds the signature of the digest
#   `sha256:<digits>`, and goes when that goes. Signatures have no date.
#
# Names do not help: `build-12` has the highest number and an old date, that of an old state of the code. You need not
# collect. If you delete too much, the first cell of 9.6 brings all builds back. Registries of large providers have
# rules for this, "keep the last N"; this is what such a rule does.

# %% id="answer-9-7"
### BEGIN SOLUTION
site, dates, client = "team/site", {}, lab.registry
digests = {tag: client.head(site, tag).digest for tag in client.tags(site)}
for tag, digest in digests.items():
    if not tag.endswith(".sig"):
        found = client.manifest(site, digest)
        if hasattr(found, "manifests"):
            found = client.manifest(site, found.manifests[0].digest)
        config = http.get(f"/v2/{site}/blobs/{found.config.digest}").json()
        dates[digest] = config["created"]
keep = {digests["stable"], *sorted(dates, key=dates.get)[-3:]}
keep |= {d for tag, d in digests.items() if tag[:-4].replace("-", ":", 1) in keep}
for digest in set(digests.values()) - keep:
    client.delete(site, digest)
### END SOLUTION

# %% id="check-9-7"
lab.check("9.7")

# %% [markdown] id="exercise-9-8"
# ## Exercise 9.8: automatic garbage collection
#
# `distribution` has no setting for automatic garbage collection. Its maintainers [call it
# admirable](https://github.com/distribution/distribution/issues/4351) and not achievable where much is pushed; many
# providers make the registry read-only instead. So you write a job that does that.
#
# A job needs a clock, and a way to the engine, since it has to stop the registry or run it with another variable. So
# it is a container of its own. On a machine with internet access you would take the image `docker:cli` and give it the
# engine's socket. Here `busybox` borrows what the node has: you mount the node's `/` at `/host`, and `chroot
# /host` runs a command as if it were there, the node's `docker` too. Either way such a container may do all that root
# may do on its machine. Keep its script short, and let no one else write to it.
#
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container run --rm -v /:/host busybox chroot /host docker container ls
# ```
#
# </details>
#
# Write a script into the node with `lab.node().write_file`. Run a container that calls it again and again, **at least
# once a minute**. (A real one runs at night: `crond` is in busybox too.) The script collects garbage in the registry
# on port 5000, without `-m`, and leaves behind a registry that takes pushes as before.
#
# The check does not read your script. It pushes an image and an index, leaves garbage, is in the middle of another
# push, pushes more all the time, and waits until your job has run, a minute and a half at most. What is garbage must be
# gone then, and what was acknowledged must be whole.

# %% id="answer-9-8"
### BEGIN SOLUTION
data = "-v registry-data:/var/lib/registry"
run = f"docker run -d --name registry -p 5000:5000 {data}"
script = f"""
docker rm -f registry
{run} -e REGISTRY_STORAGE_MAINTENANCE='{{"readonly": {{"enabled": true}}}}' registry:2
docker exec registry registry garbage-collect /etc/docker/registry/config.yml
docker rm -f registry
{run} -e REGISTRY_STORAGE_DELETE_ENABLED=true registry:2
"""
lab.node().write_file("/srv/clean-up.sh", script)
command = ["sh", "-c", "while sleep 10; do chroot /host sh /srv/clean-up.sh; done"]
host = {"/": {"bind": "/host", "mode": "rw"}}
lab.remove("cleaner")
cleaner = docker.containers.run("busybox", command, name="cleaner", detach=True, volumes=host)
### END SOLUTION

# %% id="check-9-8"
lab.check("9.8")

# %% [markdown] id="job-explain"
# What does a push that is under way meet? For a second or two no registry, then perhaps a read-only one. `docker push`
# tries to upload a layer five times, over 50 seconds, so one that is at its layers comes through; one that is only
# beginning, or at its manifest, fails at once. If its blobs were collected meanwhile, the registry that was started
# afterwards does not know them and refuses the manifest. That push fails, and says so: it is pushed again, and nothing
# is lost. A push that fails is safe. One that is acknowledged and gone is not.
#
# Your job runs until you close the lesson or remove its container: `lab.remove("cleaner")`, with the name that you gave
# it.

# %% [markdown] id="learned"
# ## What you learned
#
# - A DELETE takes a manifest with all of its tags, and frees nothing. `garbage-collect` frees what no manifest names.
# - With version 2, `-m` deletes what an index lists. First list the digests to keep, then delete the others by digest.
# - Collect while nothing can be pushed, and start the registry again afterwards: its cache knows nothing of it.
#
# `lab.close()` removes both nodes, with the registry, the job and all volumes. That gives their memory and disk back.
#
# **Next:** [lesson 10](10-store-it-elsewhere.ipynb): where a registry can keep its data, beside its own disk.

# %% id="progress"
lab.progress()
