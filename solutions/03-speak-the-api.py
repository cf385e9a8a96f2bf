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
# # Speak the registry's language
#
# **You will** push an image to a registry without Docker, request by request, and see what Docker really says.
# It takes about 75 minutes. You should know tags, digests and blobs ([lesson 2](02-keep-what-you-push.ipynb)),
# and read a little Python.
#
# **Why it matters.** Scanners, signers, mirrors and clean-up scripts talk to registries without an engine.
# The language is small: eight requests push and pull everything. Know them, and you can read a registry's errors.

# %% [markdown] id="open-text"
# ## A registry with three repositories
#
# `lab.http(5000)` is an ordinary client of the library `httpx` for the registry on the node's port 5000.
# One image goes into three repositories. `lab.push` returns its digest, the same each time.

# %% id="open"
import hashlib
import json

import labs

lab = labs.open("speak-the-api")
docker, http = lab.docker, lab.http(5000)
lab.remove("registry")
docker.containers.run("registry:2", name="registry", detach=True, ports={"5000/tcp": 5000})
lab.wait(5000)
busybox = docker.images.pull("busybox", tag="latest")
for repository in ["busybox", "team/base", "team/tools"]:
    busybox.tag(f"127.0.0.1:5000/{repository}", tag="latest")
    pushed = lab.push(f"127.0.0.1:5000/{repository}:latest")

# %% [markdown] id="run-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container run --name registry -d -p 5000:5000 registry:2
# docker image pull busybox
# for repository in busybox team/base team/tools; do
#   docker image tag busybox 127.0.0.1:5000/$repository
#   docker image push 127.0.0.1:5000/$repository
# done
# ```
#
# </details>

# %% [markdown] id="catalog-text"
# ## Ask, page by page
#
# `GET /v2/` asks "are you a registry, and may I come in?". The catalog comes in pages: `n` is the size of a page,
# `last` the last name you have. While there is more, the header `Link` holds the next request, ready to send.

# %% id="catalog"
print(http.get("/v2/").headers["docker-distribution-api-version"])
page = http.get("/v2/_catalog", params={"n": 2})
print(page.json(), page.headers["link"])
page = http.get(page.links["next"]["url"])
print(page.json(), page.headers.get("link"))
print(http.get("/v2/team/base/tags/list").json())

# %% [markdown] id="catalog-twin"
# <details><summary>The same with curl</summary>
#
# ```bash
# URL=http://127.0.0.1:5000  # or what print(lab.url(5000)) shows
# curl -i "$URL/v2/_catalog?n=2"
# curl -i "$URL/v2/_catalog?last=team%2Fbase&n=2"
# curl "$URL/v2/team/base/tags/list"
# ```
#
# </details>
#
# Without `n` you get 100 names at most. A script that reads one page and stops works until the 101st repository.

# %% [markdown] id="accept-text"
# ## Say what you can read
#
# A manifest has a *media type*. With `Accept` you say which types you read.
# Ask for one manifest twice, without that header and with it.


# %% id="accept"
def digest_of(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


DOCKER = {"accept": "application/vnd.docker.distribution.manifest.v2+json"}
OCI = "application/vnd.oci.image"
for headers in [{}, DOCKER]:
    reply = http.get("/v2/busybox/manifests/latest", headers=headers)
    print(reply.headers["content-type"])
    print("  the digest that was pushed:", digest_of(reply.content) == pushed)

# %% [markdown] id="accept-explain"
# The first answer is *schema 1*, a form from 2014 that the registry made up for a client that seems to be that old.
# It has another digest, and nobody ever pushed it. Say what you read, and compare digests of the bytes as they came.
#
# `application/vnd.docker…` are Docker's own types. The OCI (Open Container Initiative) made a standard of them,
# with types that begin with `application/vnd.oci…`. Registries hold both; what you push by hand will be OCI.

# %% [markdown] id="head-text"
# ## HEAD, GET and what a manifest lists
#
# `HEAD` gives the headers alone: is it there, how long is it, which digest has it? `GET` by that digest gives the
# bytes. A manifest lists *descriptors* (media type, digest, size) of one config and of the layers.
# The config is JSON too: which platform the image is for, and what runs in it.

# %% id="head"
head = http.head("/v2/busybox/manifests/latest", headers=DOCKER)
digest = head.headers["docker-content-digest"]
reply = http.get(f"/v2/busybox/manifests/{digest}", headers=DOCKER)
print("bytes that HEAD brought:", len(head.content))
announced = int(head.headers["content-length"])
print("GET brought as many as HEAD announced:", len(reply.content) == announced)
manifest = reply.json()
for descriptor in [manifest["config"], *manifest["layers"]]:
    print(sorted(descriptor), descriptor["mediaType"])
busybox_config = http.get(f"/v2/busybox/blobs/{manifest['config']['digest']}").json()
print("the config:", busybox_config["os"], busybox_config["config"]["Cmd"])

# %% [markdown] id="head-twin"
# <details><summary>The same with curl</summary>
#
# ```bash
# accept='Accept: application/vnd.docker.distribution.manifest.v2+json'
# curl --head -H "$accept" "$URL/v2/busybox/manifests/latest"
# curl -H "$accept" "$URL/v2/busybox/manifests/latest"
# ```
#
# </details>
#
# The course's own client, `lab.registry`, does nothing else: read `labs/registry/client.py`.

# %% [markdown] id="layer-text"
# ## Push by hand: a layer in two chunks
#
# A layer is a tar archive. Yours holds one file. This upload takes four requests: `POST` opens it and answers with a
# `Location`. Each `PATCH` sends a chunk there and gets the next `Location`. `PUT` closes it and names the digest.

# %% id="layer"
import io
import tarfile


def archive_of(name, content):
    file, archive = tarfile.TarInfo(name), io.BytesIO()
    file.size = len(content)
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.addfile(file, io.BytesIO(content))
    return archive.getvalue()


layer = archive_of("message", b"pushed by hand\n")
print("length of the layer:", len(layer))

# %% id="chunks"
reply = http.post("/v2/by-hand/blobs/uploads/")
print("POST ", reply.status_code)
for start, end in [(0, 4096), (4096, len(layer))]:
    headers = {"content-range": f"{start}-{end - 1}", "content-type": "application/octet-stream"}
    reply = http.patch(reply.headers["location"], content=layer[start:end], headers=headers)
    print("PATCH", reply.status_code, "the registry has", reply.headers["range"])
reply = http.put(reply.headers["location"] + "&digest=" + digest_of(layer))
print("PUT  ", reply.status_code, reply.headers["docker-content-digest"] == digest_of(layer))
own = {"mediaType": f"{OCI}.layer.v1.tar", "digest": digest_of(layer), "size": len(layer)}

# %% [markdown] id="chunks-explain"
# `Range` says what has arrived: after a broken connection you would go on from there. The digest comes last.
#
# What is small can go with the `PUT`, in two requests. Two functions, because you will need them again.
# Without a tag (`None`), `put_manifest` stores a manifest under its digest alone.


# %% id="functions"
def upload(repository, content, media_type):
    place = http.post(f"/v2/{repository}/blobs/uploads/").headers["location"]
    http.put(f"{place}&digest={digest_of(content)}", content=content).raise_for_status()
    return {"mediaType": media_type, "digest": digest_of(content), "size": len(content)}


def put_manifest(repository, tag, document):
    content, kind = json.dumps(document).encode(), document["mediaType"]
    url = f"/v2/{repository}/manifests/{tag or digest_of(content)}"
    reply = http.put(url, content=content, headers={"content-type": kind})
    print(f"PUT manifest {reply.status_code} {reply.text}".strip())
    return {"mediaType": kind, "digest": digest_of(content), "size": len(content)}


# %% [markdown] id="image-text"
# ## Push by hand: mount, config, manifest
#
# Your image stands on busybox's layer. Your config says what runs, and lists the digests of the *unpacked* layers
# (`diff_ids`). Put the manifest while busybox's layer is not yet in the repository, and read the answer.

# %% id="image"
base = {**manifest["layers"][0], "mediaType": f"{OCI}.layer.v1.tar+gzip"}
unpacked = [*busybox_config["rootfs"]["diff_ids"], own["digest"]]
config = {
    "os": "linux",
    "architecture": busybox_config["architecture"],
    "config": {"Cmd": ["cat", "/message"]},
    "rootfs": {"type": "layers", "diff_ids": unpacked},
}
blob = upload("by-hand", json.dumps(config).encode(), f"{OCI}.config.v1+json")
MANIFEST = {"schemaVersion": 2, "mediaType": f"{OCI}.manifest.v1+json"}
image = put_manifest("by-hand", "1", {**MANIFEST, "config": blob, "layers": [base, own]})

# %% [markdown] id="mount-text"
# A registry takes a manifest only when everything it lists is there. So the manifest goes last.
#
# The layer is in another repository of this registry, so you *mount* it: `POST` with `mount` and `from` links it,
# and no byte travels. 201 says that it is there; 202 would ask you to send it.
# Docker has never seen this image. Let it pull and run it.

# %% id="mount"
mount = {"mount": base["digest"], "from": "busybox"}
print("mount", http.post("/v2/by-hand/blobs/uploads/", params=mount).status_code)
image = put_manifest("by-hand", "1", {**MANIFEST, "config": blob, "layers": [base, own]})
print("pulled what you pushed:", lab.pull("127.0.0.1:5000/by-hand:1") == image["digest"])
print(docker.containers.run("127.0.0.1:5000/by-hand:1", remove=True).decode().strip())

# %% [markdown] id="pull-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container run --rm 127.0.0.1:5000/by-hand:1
# ```
#
# </details>

# %% [markdown] id="index-text"
# ## One tag for two platforms
#
# An *index* is a list of manifests, one for each platform. The engine picks its own. Your second image is for another
# processor. It holds the message and no program, and gets no tag: the index names it by digest.

# %% id="index"
other = "arm64" if config["architecture"] == "amd64" else "amd64"
second = {
    **config,
    "architecture": other,
    "rootfs": {"type": "layers", "diff_ids": [own["digest"]]},
}
blob = upload("by-hand", json.dumps(second).encode(), f"{OCI}.config.v1+json")
two = put_manifest("by-hand", None, {**MANIFEST, "config": blob, "layers": [own]})
one = {**image, "platform": {"os": "linux", "architecture": config["architecture"]}}
two = {**two, "platform": {"os": "linux", "architecture": other}}
INDEX = {"schemaVersion": 2, "mediaType": f"{OCI}.index.v1+json"}
put_manifest("by-hand", "both", {**INDEX, "manifests": [one, two]})
lab.pull("127.0.0.1:5000/by-hand:both")
pulled = docker.images.get("127.0.0.1:5000/by-hand:both")
print("pulled the one for this node:", pulled.attrs["Architecture"] == config["architecture"])

# %% [markdown] id="index-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker image pull 127.0.0.1:5000/by-hand:both
# docker image inspect --format '{{.Architecture}}' 127.0.0.1:5000/by-hand:both
# ```
#
# </details>

# %% [markdown] id="break-text"
# ## Break it
#
# Ask for the index as a client that reads only Docker's older manifests.

# %% id="break"
reply = http.get("/v2/by-hand/manifests/both", headers=DOCKER)
print(reply.status_code, reply.json()["errors"][0])
reply = http.get("/v2/by-hand/manifests/both", headers={"accept": INDEX["mediaType"]})
print(reply.status_code, len(reply.json()["manifests"]), "manifests")

# %% [markdown] id="break-explain"
# 404, although the tag exists. The code says `MANIFEST_UNKNOWN`; only the message tells that the fault is yours.
# A script that "loses" images once a new build tool pushes indexes has this fault.
# In `Accept`, name the types of images and those of indexes.

# %% [markdown] id="artifact-text"
# ## Attach something that is not an image
#
# A signature, a list of packages, a test report: an *artifact* is a manifest with an `artifactType`, an empty config
# and any bytes as its layer. With a `subject`, the descriptor of what it is about, it is a *referrer* of that.


# %% id="artifact"
def artifact(repository, subject, kind, text):
    document = {
        **MANIFEST,
        "artifactType": kind,
        "config": upload(repository, b"{}", "application/vnd.oci.empty.v1+json"),
        "layers": [upload(repository, text, "text/plain")],
        "subject": subject,
    }
    return put_manifest(repository, None, document) | {"artifactType": kind}


subject = {"mediaType": head.headers["content-type"], "digest": digest, "size": announced}
report = artifact("busybox", subject, "application/vnd.example.report", b"3 tests, 0 failures")
reply = http.get(f"/v2/busybox/referrers/{digest}")
print("GET referrers", reply.status_code, reply.text.strip())

# %% [markdown] id="fallback-text"
# The specification has a request for "who refers to this digest?". No release of `distribution`, the program in
# `registry:2`, knows it yet: 404. So clients keep the list themselves, as an index under the *fallback tag*:
# the digest with `-` in place of `:`. Each entry repeats the `artifactType`, so that readers can choose by it.
#
# The list is shared: others may have attached something before you. So `GET` it (404 is an empty list), append your
# entry, `PUT` it back. A `PUT` without the `GET` loses what the others attached: their manifests are still stored,
# and no client finds them.


# %% id="fallback"
def listed(repository, digest):
    url = f"/v2/{repository}/manifests/{digest.replace(':', '-')}"
    reply = http.get(url, headers={"accept": INDEX["mediaType"]})
    return [] if reply.status_code == 404 else reply.raise_for_status().json()["manifests"]


def put_list(repository, digest, entries):
    put_manifest(repository, digest.replace(":", "-"), {**INDEX, "manifests": entries})


others = [entry for entry in listed("busybox", digest) if entry["digest"] != report["digest"]]
put_list("busybox", digest, [*others, report])
found = [referrer.digest for referrer in lab.registry.referrers("busybox", digest)]
print("a client finds the report:", report["digest"] in found)

# %% [markdown] id="race-text"
# ## Two clients at the same moment
#
# A signer and a scanner attach to your image. Both `GET` the same list, then both `PUT`.

# %% id="race"
signature, scan = (
    artifact("by-hand", image, f"application/vnd.example.{kind}", b"all is well")
    for kind in ("signature", "scan")
)
put_list("by-hand", image["digest"], [])
seen = listed("by-hand", image["digest"])  # what both have read
put_list("by-hand", image["digest"], [*seen, signature])
put_list("by-hand", image["digest"], [*seen, scan])
print([entry["artifactType"] for entry in listed("by-hand", image["digest"])])

while signature not in (now := listed("by-hand", image["digest"])):
    put_list("by-hand", image["digest"], [*now, signature])
print([entry["artifactType"] for entry in listed("by-hand", image["digest"])])

# %% [markdown] id="race-explain"
# Each did it right, and the signature was lost: the registry keeps the last `PUT`, and nobody is told. So look again
# after your `PUT`, and repeat it until your entry is there. That makes a loss rare. Only one writer, for example a
# single job that attaches everything, rules it out.

# %% [markdown] id="see-text"
# ## See what Docker says
#
# The registry writes a line for each request into its access log. `lab.requests()` draws those of a `with` block.
# Push an image that no registry has seen: one file of random bytes. Then give it a label and push it again.

# %% id="see-push"
import os

tag = "127.0.0.1:5000/box"
new = archive_of("new", os.urandom(16))
docker.api.import_image_from_data(new, repository=tag, tag="1")
with lab.requests():
    lab.push(f"{tag}:1")
labeled = io.BytesIO(f"FROM {tag}:1\nLABEL version=2".encode())
docker.images.build(fileobj=labeled, tag=f"{tag}:2", rm=True)
with lab.requests():
    lab.push(f"{tag}:2")

# %% [markdown] id="see-push-explain"
# The same requests as yours: `POST`, `PATCH`, `PUT`, and the manifest last. Docker sends a blob in one `PATCH`.
# The second time, one `HEAD` with the answer 200 saved the whole layer. Only config and manifest are new.
#
# <details><summary>The same with docker</summary>
#
# ```bash
# head -c 16 /dev/urandom > new
# tar -c new | docker image import - 127.0.0.1:5000/box:1
# docker image push 127.0.0.1:5000/box:1
# printf 'FROM 127.0.0.1:5000/box:1\nLABEL version=2' | docker image build -t 127.0.0.1:5000/box:2 -
# docker image push 127.0.0.1:5000/box:2
# docker container logs registry 2>/dev/null
# ```
#
# </details>

# %% [markdown] id="see-pull-text"
# Now forget both images and pull them, one after the other.

# %% id="see-pull"
docker.images.remove(f"{tag}:2")
docker.images.remove(f"{tag}:1")
with lab.requests():
    lab.pull(f"{tag}:1")
with lab.requests():
    lab.pull(f"{tag}:2")

# %% [markdown] id="see-pull-explain"
# A pull asks from the top down: tag, manifest, config, layers. The second pull found a layer in the manifest
# that the engine had: for this one, no request at all.
#
# You have met them all, the eight that push and pull everything:
#
# | you want | manifest | blob | upload |
# |---|---|---|---|
# | is it there? | `HEAD` | `HEAD` | |
# | give me the bytes | `GET` | `GET` | |
# | take this | `PUT` | | `POST`, `PATCH`, `PUT` |
#
# <details><summary>The same with docker</summary>
#
# ```bash
# docker image remove 127.0.0.1:5000/box:2 127.0.0.1:5000/box:1
# docker image pull 127.0.0.1:5000/box:1
# docker image pull 127.0.0.1:5000/box:2
# docker container logs registry 2>/dev/null
# ```
#
# </details>

# %% [markdown] id="exercise-3-1"
# ## Exercise 3.1: a second tag
#
# Give `busybox:latest` the second tag `stable` in the repository `busybox`, so that both tags stand for
# **the same digest**. Leave `latest` as it is. `http.put` raises nothing when the registry says no:
# print the answer's `status_code` and `text`.

# %% id="answer-3-1"
### BEGIN SOLUTION
reply = http.get("/v2/busybox/manifests/latest", headers=DOCKER)
kind = {"content-type": reply.headers["content-type"]}
reply = http.put("/v2/busybox/manifests/stable", content=reply.content, headers=kind)
print(reply.status_code, reply.text)
### END SOLUTION

# %% id="check-3-1"
lab.check("3.1")

# %% [markdown] id="exercise-3-2"
# ## Exercise 3.2: an image of your own
#
# Push an image as `mine/shout:1` that prints `I speak the API` when it runs. Try it without a layer of your own:
# busybox's layer, your config. The check pulls the image and runs it.

# %% id="answer-3-2"
### BEGIN SOLUTION
http.post("/v2/mine/shout/blobs/uploads/", params=mount)
shout = {
    **config,
    "config": {"Cmd": ["echo", "I speak the API"]},
    "rootfs": busybox_config["rootfs"],
}
blob = upload("mine/shout", json.dumps(shout).encode(), f"{OCI}.config.v1+json")
put_manifest("mine/shout", "1", {**MANIFEST, "config": blob, "layers": [base]})
### END SOLUTION

# %% id="check-3-2"
lab.check("3.2")

# %% [markdown] id="exercise-3-3"
# ## Exercise 3.3: a review
#
# Attach a review to `busybox:latest`: any text, with the artifact type `application/vnd.example.review`.
# A client that asks for the referrers of `busybox:latest` must find it, and the report from above as well.

# %% id="answer-3-3"
### BEGIN SOLUTION
review = artifact("busybox", subject, "application/vnd.example.review", b"small and good")
put_list("busybox", digest, [*listed("busybox", digest), review])
### END SOLUTION

# %% id="check-3-3"
lab.check("3.3")

# %% [markdown] id="questions"
# ## A question
#
# Write the letter of your answer into the cell, as `choice = "…"`, and run both cells. A click tells
# whether an answer is right; only the letter in the cell counts.

# %% id="answer-3-4"
lab.question("3.4")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-3-4"
lab.check("3.4", choice=choice)

# %% [markdown] id="learned"
# ## What you learned
#
# - A push is blobs first, manifest last. `HEAD` and `mount` save what is there already.
# - `Accept` decides which document you get. A digest is that of the bytes served: never write the JSON again.
# - An index, an artifact, a referrer: each is a manifest that points to others by digest.
#
# **Next:** lesson 4. Everything you said here could be read by anyone on the way: encrypt it.

# %% id="progress"
lab.progress()
