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
# mistake, and leave a job behind that collects garbage by itself. It takes about 60 minutes. You should know what is
# on a registry's disk ([lesson 2](02-keep-what-you-push.ipynb)), and what manifests and indexes are ([lesson
# 4](04-push-more-than-images.ipynb)).
#
# **Why it matters.** Every build pushes, no one deletes, and one night the disk is full. The tools for this are
# sharp: one option of a clean-up tool has cost a project every image that it had tagged `latest`. You will lose a few
# images too, here, where it costs nothing.

# %% [markdown] id="open-text"
# ## Run this first, each time
#
# Run the next two cells each time that you come back. They remove all containers and volumes of node 1, so that the
# lesson begins with an empty disk. Go on with the next section; at the exercises 11.6 to 11.8, with the first cell of
# 11.6.
#
# Node 1 has the registry. Node 2 is a colleague's machine, which pulls from `node1:5000` over plain HTTP; its engine
# is told to accept that. (On a real network, do what lesson 5 does.) `http` is an HTTP client as in lesson 3.

# %% id="open"
import labs
from labs.lessons.common.by_hand import ACCEPT, image, index, noise, push, put, signature, upload
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
# `serve` runs the registry again on the same volume, with the variables that you give it: a setting is changed by a
# new container, and the volume keeps the images. `collect` runs another command of the registry's program in its
# container; the section after the next is about that.

# %% [markdown] id="delete-text"
# ## Delete an image from a registry: 405 UNSUPPORTED
#
# `image` makes an image of layers, `noise` is the content of a layer, 3 MB, and `push` sends it with the requests of
# lesson 3: all in `labs/lessons/common/by_hand.py`. Both images of `team/app` have the same base, and the first one
# has two tags: `1` and `stable`.
#
# Deleting is one request: `DELETE /v2/<repository>/manifests/<digest>`. Two mistakes are common: the registry was not
# told to allow it, or the request has a tag. Make both, and read the answers.

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
# (`registry:3` can.) So you find out the tag's digest, and delete by that.
#
# **11.1** Before you do it: what will be left?

# %% id="answer-11-1"
lab.question("11.1")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-11-1"
lab.check("11.1", choice=choice)

# %% [markdown] id="digest-text"
# Now send it, and compare the size of the registry's folder before and after. `sizes` asks `du` in the registry's
# container and rounds to megabytes. The cell also begins an upload, sends 2 MB, and never ends it, like a push that
# is cut off in the middle.

# %% id="digest"
print("before:", sizes(registry), sorted(lab.registry.tags("team/app")))
digest = lab.registry.head("team/app", "1").digest
print("DELETE", http.delete(f"/v2/team/app/manifests/{digest}").status_code)
begun = http.post("/v2/team/app/blobs/uploads/")
http.patch(begun.headers["location"], content=noise("never finished", 2))
print("after: ", sizes(registry), sorted(lab.registry.tags("team/app")))

# %% [markdown] id="digest-explain"
# 202 means *accepted*. Both tags are gone, as they were two names of one manifest, and not one byte of the blobs is:
# a DELETE removes links, the small files of lesson 2. An image that was deleted costs as much as before. The 2 MB
# below `repositories` are the upload, in a folder called `_uploads`.
#
# <details><summary>With curl, at a registry that wants TLS and a password</summary>
#
# ```bash
# registry=https://registry.lab:5000/v2/team/app/manifests
# accept='Accept: application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json'
# curl --cacert ca.crt -u moby --head -H "$accept" $registry/1  # its docker-content-digest
# curl --cacert ca.crt -u moby -X DELETE $registry/sha256:…
# ```
#
# `-u moby` asks for the password. An HTTP client of Python takes `auth=("moby", "gordon")`.
#
# </details>

# %% [markdown] id="collect-text"
# ## Free the disk: registry garbage-collect
#
# The registry's program has a second command for that. It *marks*: it reads each manifest of each repository, and
# notes the blobs that it names. Then it *sweeps*: it deletes the blobs that were not noted. With `--dry-run` it
# marks, and says what it would sweep. Begin with that each time: people have reported that it [wants to remove
# everything](https://github.com/distribution/distribution/issues/4703).
#
# <details><summary>The same with docker</summary>
#
# ```bash
# docker exec registry registry garbage-collect --dry-run /etc/docker/registry/config.yml
# ```
#
# </details>
#
# **11.2** Run the next cell as it is, and read the dry run. Four blobs are marked: the manifest of `team/app:2`, its
# config and its two layers. Three are *eligible for deletion*: manifest and config of the image that you deleted, and
# the one layer that no other image has. Lines `marking manifest` name every manifest of a repository, those without a
# tag too. You will need that.
#
# Then add the line that collects them, and run the cell again.

# %% id="answer-11-2"
print(collect("--dry-run"))
### BEGIN SOLUTION
print(collect())
### END SOLUTION
print(sizes(registry))
lab.storage()

# %% id="check-11-2"
lab.check("11.2")

# %% [markdown] id="collect-explain"
# 3 MB less, and the picture has one image. Two links lead to no blob any more; `garbage-collect` leaves them, and
# they do no harm. The upload is still there too: the registry itself deletes uploads that are a week old, and looks
# for them once a day.

# %% [markdown] id="untagged-text"
# ## Garbage collection frees nothing: untagged manifests
#
# This is how most registries fill up: a build pushes `2`, and tomorrow a build pushes another `2`. The next cell does
# that, and adds what build tools of today make: an index for two platforms, `both`, and a signature for it. It is
# pushed as [lesson 4](04-push-more-than-images.ipynb) attached a report: by its digest alone, and listed by an index
# under the *fallback tag*. Then the cell collects.
#
# 0 are eligible. The first image that was called `2` has lost its tag, and still answers by its digest, which may be
# written into a deployment ([lesson 8](08-guard-a-swarm.ipynb) told you to). For the registry, a manifest without a
# tag is a manifest like any other. Many answers on the web name an option against that, `--delete-untagged`, or `-m`.
#
# **11.3** Run the cell, and say what the option will do before you try it.

# %% id="answer-11-3"
push(http, "team/app", "2", image(base, noise("app 2, next day")))
pair = [image(base, architecture=each) for each in ("amd64", "arm64")]
both = index(*pair)
push(http, "team/app", "both", both)
signed = signature(both)
push(http, "team/app", None, signed)
push(http, "team/app", both.digest.replace(":", "-"), index(signed))
print(collect().split("\n\n")[-1])
print(sizes(registry))
lab.question("11.3")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-11-3"
lab.check("11.3", choice=choice)

# %% [markdown] id="m-text"
# Try it, and ask for one of each kind: the index, an image that it lists, the signature. Then your colleague pulls
# the index. `last_words` gives what node 2's engine says last.

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
# The index is there, and what it lists is not: `manifest unknown`, on each machine that pulls it. The signature is
# gone too, and its list still names it. In version 3 the command keeps what an index lists.
#
# A button "delete untagged" of a service does the same: in July 2026 each `latest` of [a project on GitHub's
# registry](https://github.com/some-natalie/kubernoodles/issues/664) was dead. With version 2, do not use `-m` where
# there may be an index. Delete the digests that you mean, as you did above.

# %% [markdown] id="break-text"
# ## Break it: Layer already exists, then manifest unknown
#
# Someone cleans up too much, and pushes the image again, which should repair everything. Do it with busybox. Read
# what the engine says of its layer at the second push, and what your colleague gets.

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
# `garbage-collect` is a program of its own. It deleted files, and told the registry nothing. The registry has a cache
# in its memory with each blob that it has met. At the second push it found layer, config and manifest there, and
# wrote none of them again.
#
# **11.4** Repair it, so that node 2 can pull `team/box:1`. It takes two steps, and their order matters. (After a new
# start, `lab.wait(5000)` waits until the registry answers.)

# %% id="answer-11-4"
### BEGIN SOLUTION
registry.restart()
lab.wait(5000)
lab.push("127.0.0.1:5000/team/box:1")
### END SOLUTION
print(last_words(colleague, "node1:5000/team/box:1"))

# %% id="check-11-4"
lab.check("11.4")

# %% [markdown] id="during-text"
# ## Push during garbage collection: read-only mode
#
# A push sends its blobs first, its manifest last. Between the two, no manifest names these blobs, and to
# `garbage-collect` they are garbage. Here it collects at that moment, and then the push goes on.

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
# The registry *acknowledged* an image whose layer was gone. The layer is announced with its length, and then the
# connection ends without a byte: you find out when something pulls it.
#
# There is no lock between the two programs. So nothing may be pushed while garbage is collected: stop the registry,
# or make it read-only, which goes on serving pulls. The obstacle is the spelling.
# `REGISTRY_STORAGE_MAINTENANCE_READONLY_ENABLED=true` looks right, and with it the registry ends with a panic. What
# works is the variable of the section above, `REGISTRY_STORAGE_MAINTENANCE`, and as its value the rest, as JSON.
#
# **11.5** Run the registry read-only, so that it still serves what it has. `serve` takes variables.

# %% id="answer-11-5"
### BEGIN SOLUTION
registry = serve(REGISTRY_STORAGE_MAINTENANCE='{"readonly": {"enabled": true}}')
### END SOLUTION
reply = http.post("/v2/team/app/blobs/uploads/")
print("POST", reply.status_code, reply.text.strip())
print("GET ", http.get("/v2/team/app/manifests/2").status_code)

# %% id="check-11-5"
lab.check("11.5")

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

# %% [markdown] id="exercise-11-6"
# ## Exercise 11.6: purge a secret that was pushed by mistake
#
# In `shop/api`, an image was pushed as `2` with a layer that holds an access key, and later an image without that
# layer as `2`. Meanwhile `shop/worker:1` had been built on the first one. The next cell pushes all of this, and what
# exercise 11.7 needs. `secret` is the digest of the layer.
#
# Remove both images with the key. Afterwards no manifest lists the layer, and the layer and the configs of these
# images are neither on the registry's disk nor in its answers. **All other tags stay as they are**, and one of them
# is an index.
#
# In real life you change the key first: each machine that pulled the image has it.

# %% id="leak"
from labs.lessons.clean_up import leaked_shop, old_builds

registry = serve(REGISTRY_STORAGE_DELETE_ENABLED="true")
secret = leaked_shop.fill(http)
old_builds.fill(http)
print({name: sorted(lab.registry.tags(name)) for name in ["shop/api", "shop/worker"]})

# %% id="answer-11-6"
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

# %% id="check-11-6"
lab.check("11.6")

# %% [markdown] id="exercise-11-7"
# ## Exercise 11.7: keep the last three images
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
# collect. If you delete too much, the first cell of 11.6 brings all builds back. Registries of large providers have
# rules for this: "keep the last N".

# %% id="answer-11-7"
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

# %% id="check-11-7"
lab.check("11.7")

# %% [markdown] id="exercise-11-8"
# ## Exercise 11.8: automatic garbage collection
#
# `distribution` has no setting for automatic garbage collection. Its maintainers [call it
# admirable](https://github.com/distribution/distribution/issues/4351) and not achievable where much is pushed; many
# providers make the registry read-only instead. So does the job that you write.
#
# A job needs a clock, and a way to the engine. With internet access you would take the image `docker:cli` and give it
# the engine's socket. Here you mount the node's `/` at `/host`, in a container of `busybox`, and `chroot /host` runs
# a command as if it were there, `docker` too. Such a container may do all that root may do on its machine: keep its
# script short, and let no one else write to it.
#
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container run --rm -v /:/host busybox chroot /host docker container ls
# ```
#
# </details>
#
# Write a script into the node with `lab.node().write_file`. Run a container that calls it **at least once a minute**.
# (A real one runs at night: `crond` is in busybox too.) The script collects garbage in the registry on port 5000,
# without `-m`, and leaves behind a registry that takes pushes as before.
#
# The check does not read your script. It pushes an image and an index, leaves garbage, is in the middle of another
# push, pushes more all the time, and waits for your job, a minute and a half at most. What is garbage must be gone
# then, and what was acknowledged must be whole.

# %% id="answer-11-8"
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
command = ["sh", "-c", "while sleep 5; do chroot /host sh /srv/clean-up.sh; done"]
host = {"/": {"bind": "/host", "mode": "rw"}}
lab.remove("cleaner")
cleaner = docker.containers.run("busybox", command, name="cleaner", detach=True, volumes=host)
### END SOLUTION

# %% id="check-11-8"
lab.check("11.8")

# %% [markdown] id="job-explain"
# <details><summary>What a push meets that is under way</summary>
#
# No registry for a second or two, then perhaps a read-only one. `docker push` tries to upload a layer five times,
# over 50 seconds, so one that is at its layers comes through; one that is only beginning, or at its manifest, fails
# at once. If its blobs were collected meanwhile, the new registry refuses the manifest: that push fails, says so, and
# is pushed again. A push that fails is safe. One that is acknowledged and gone is not.
#
# </details>
#
# Your job runs until you close the lesson or remove its container: `lab.remove("cleaner")`, with the name that you
# gave it.

# %% [markdown] id="learned"
# ## What you learned
#
# - A DELETE takes a manifest with all of its tags, and frees nothing. `garbage-collect` frees what no manifest names.
# - With version 2, `-m` deletes what an index lists. First list the digests to keep, then delete the others by digest.
# - Collect while nothing can be pushed, and start the registry again afterwards: its cache knows nothing of it.
#
# `lab.close()` removes both nodes, with the registry, the job and all volumes. That gives their memory and disk back.
#
# **Next:** [lesson 12](12-store-it-elsewhere.ipynb): where a registry can keep its data, beside its own disk.

# %% id="progress"
lab.progress()
