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
# **You will** list what a registry has, read a manifest, upload blobs, and push an image without Docker, request by
# request. It takes about 55 minutes. You should know tags, digests and blobs
# ([lesson 2](02-keep-what-you-push.ipynb)), and read a little Python.
#
# **Why it matters.** Scanners, signers, mirrors and clean-up scripts talk to registries without an engine.
# The language is small: eight requests push and pull everything. Know them, and you can read a registry's errors.

# %% [markdown] id="open-text"
# ## Run this cell first, each time
#
# It runs an empty registry and pushes images to it: busybox into three repositories, and one image that you have not
# seen, into a repository whose name is drawn by chance. After a break run it again, and then the cells down to where
# you were, since the registry is a new one.
#
# `http` is an ordinary client of the library `httpx` for the registry on the node's port 5000. What the other imports
# are for is said where you need them.

# %% id="open"
import json

import labs
from labs.lessons.common import archive_of, put_manifest, upload_blob
from labs.lessons.speak_the_api.first_images import push_first_images
from labs.lessons.speak_the_api.half_upload import begin_upload
from labs.registry import digest_of

lab = labs.open("speak-the-api")
docker, http = lab.docker, lab.http(5000)
lab.remove("registry")
docker.containers.run("registry:2", name="registry", detach=True, ports={"5000/tcp": 5000})
lab.wait(5000)
pushed = push_first_images(lab)  # the digest of busybox in this registry

# %% [markdown] id="ask-text"
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
#
# ## List repositories and tags: the catalog comes in pages
#
# You know what a request is from any web page: a *method* such as `GET`, and a path. The answer has a status (200 is
# good, 404 means "not found"), headers, and a body. In lesson 1 `lab.registry` sent requests for you; now you do.
#
# `GET /v2/` asks "are you a registry, and may I come in?". `GET /v2/_catalog` asks for the repositories. The parameter
# `n` is the size of a page, here 2, so that you see more than one page.

# %% id="ask"
reply = http.get("/v2/")
print(reply.status_code, reply.headers["docker-distribution-api-version"])
page = http.get("/v2/_catalog", params={"n": 2})
print(page.json())
print(page.headers["link"])
print(http.get("/v2/team/base/tags/list").json())

# %% [markdown] id="exercise-3-1"
# <details><summary>The same with curl</summary>
#
# ```bash
# URL=http://127.0.0.1:5000  # or what print(lab.url(5000)) shows
# curl -i "$URL/v2/"
# curl -i "$URL/v2/_catalog?n=2"
# curl "$URL/v2/team/base/tags/list"
# ```
#
# </details>
#
# While there is more, the header `Link` holds the next request, ready to send: `last` is the last name that you have.
# The client has read it for you: `page.links["next"]["url"]` is that address. On the last page there is no `Link`.
#
# Without `n` you get 100 names at most. A script that reads one page and stops works until the 101st repository.
#
# **3.1** Now you. Ask for the next page, and give the names of **all** repositories as one list, in `names`. `page` is
# the first page. `lab.hint("3.1")` helps; ask it more than once.

# %% id="answer-3-1"
names = None
### BEGIN SOLUTION
following = http.get(page.links["next"]["url"])
names = page.json()["repositories"] + following.json()["repositories"]
### END SOLUTION

# %% id="check-3-1"
lab.check("3.1", names=names)

# %% [markdown] id="accept-text"
# ## Read a manifest: Accept, HEAD, GET, config
#
# A manifest is at `/v2/<repository>/manifests/<tag or digest>`. It has a *media type*, and with the header `Accept` you
# say which types you read. Ask for one manifest twice: without that header, and with it. `digest_of` computes a digest,
# as you did by hand in lesson 2, and `pushed` is the digest that the push gave.

# %% id="accept"
DOCKER = {"accept": "application/vnd.docker.distribution.manifest.v2+json"}
for headers in [{}, DOCKER]:
    reply = http.get("/v2/busybox/manifests/latest", headers=headers)
    print(reply.headers["content-type"])
    print("  the digest that was pushed:", digest_of(reply.content) == pushed)

# %% [markdown] id="head-text"
# The first answer is *schema 1*, a form from 2014 that the registry made up for a client that seems to be that old.
# It has another digest, and no one ever pushed it. Say what you read, and compare digests of the bytes as they came.
#
# `application/vnd.docker…` are Docker's own types. The OCI (Open Container Initiative) made a standard of them,
# with types that begin with `application/vnd.oci…`. Registries hold both; what you push by hand will be OCI.
#
# `HEAD` gives the headers alone: is it there, how long is it, which digest has it? `GET` gives the bytes too. A
# manifest lists *descriptors* (media type, digest, size) of one config and of the layers. The config is a blob, at
# `/v2/<repository>/blobs/<digest>`, and JSON too: which platform the image is for, and what runs in it.

# %% id="head"
head = http.head("/v2/busybox/manifests/latest", headers=DOCKER)
print("HEAD brought", len(head.content), "bytes:", head.headers["docker-content-digest"] == pushed)
manifest = http.get(f"/v2/busybox/manifests/{pushed}", headers=DOCKER).json()
for descriptor in [manifest["config"], *manifest["layers"]]:
    print(sorted(descriptor), descriptor["mediaType"])
of_busybox = http.get(f"/v2/busybox/blobs/{manifest['config']['digest']}").json()
print("the config:", of_busybox["os"], of_busybox["config"]["Cmd"])

# %% [markdown] id="exercise-3-2"
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
# The course's own client, `lab.registry`, does nothing else: read `labs/registry/registry_client.py`.
#
# **3.2** Now you. One of your `names` begins with `test/`. That repository has one image, with the tag `1` (not
# `latest`). Its config has a label called `drawn`: in the config's JSON under `"config"`, then `"Labels"`. Give the
# value of that label. No tool is needed, only two requests of the kind that you have seen.

# %% id="answer-3-2"
label = None
### BEGIN SOLUTION
found = http.get(f"/v2/{names[-1]}/manifests/1", headers=DOCKER).json()
its_config = http.get(f"/v2/{names[-1]}/blobs/{found['config']['digest']}").json()
label = its_config["config"]["Labels"]["drawn"]
### END SOLUTION

# %% id="check-3-2"
lab.check("3.2", label=label)

# %% [markdown] id="exercise-3-3"
# ## Add a tag without docker: PUT a manifest
#
# So far you have read. `PUT /v2/<repository>/manifests/<tag>` writes: the body is a manifest, the header
# `Content-Type` says which type it is, and the tag need not exist before. A tag is no more than that: a name for a
# manifest. With `httpx` it is `http.put(path, content=…, headers=…)`. It raises nothing when the registry says no, so
# print the answer's `status_code` and `text`. 201 means "created".
#
# **3.3** Now you. Give `busybox:latest` the second tag `stable` in the repository `busybox`, so that both tags stand
# for **the same digest**. Leave `latest` as it is. The digest is that of the bytes: `reply.content` has them as they
# came, and JSON that is read and written again is other bytes.

# %% id="answer-3-3"
### BEGIN SOLUTION
reply = http.get("/v2/busybox/manifests/latest", headers=DOCKER)
kind = {"content-type": reply.headers["content-type"]}
reply = http.put("/v2/busybox/manifests/stable", content=reply.content, headers=kind)
print(reply.status_code, reply.text)
### END SOLUTION

# %% id="check-3-3"
lab.check("3.3")

# %% [markdown] id="blob-text"
# ## Upload a blob: POST, then PUT
#
# No image was moved for that tag, because all its blobs were there. Now you send bytes of your own. A blob takes two
# requests. `POST` opens an *upload* in a repository, which need not exist before, and answers 202 with a `Location`:
# the address for this upload and no other. `PUT` to that address sends the bytes, names their digest, and closes the
# upload. The registry computes the digest too, and takes the blob only if both are the same.

# %% id="blob"
text = b"A blob is any bytes"
reply = http.post("/v2/by-hand/blobs/uploads/")
print("POST", reply.status_code)
reply = http.put(reply.headers["location"] + "&digest=" + digest_of(text), content=text)
print("PUT ", reply.status_code)
print("HEAD", http.head(f"/v2/by-hand/blobs/{digest_of(text)}").status_code)

# %% [markdown] id="exercise-3-4"
# `HEAD` of a blob answers 200 if the repository has it, and 404 if not. Docker asks that before it sends anything.
#
# **3.4** Now you. Upload the bytes `I was uploaded by hand` as a blob to the repository `notes`.

# %% id="answer-3-4"
text = b"I was uploaded by hand"
### BEGIN SOLUTION
place = http.post("/v2/notes/blobs/uploads/").headers["location"]
reply = http.put(place + "&digest=" + digest_of(text), content=text)
print(reply.status_code, reply.text)
### END SOLUTION

# %% id="check-3-4"
lab.check("3.4")

# %% [markdown] id="chunks-text"
# ## Upload a layer in chunks: PATCH
#
# A layer of a real image has hundreds of megabytes, and connections break. So bytes can go in chunks: each `PATCH`
# sends one and gets the next `Location`, and `PUT` only closes the upload. The header `Range` of an answer says which
# bytes have arrived: `0-4095` are 4096 bytes.
#
# A layer is a tar archive. `archive_of(name, content)` makes one with a single file in it, of 10240 bytes.

# %% id="chunks"
layer = archive_of("message", b"pushed by hand\n")
reply = http.post("/v2/by-hand/blobs/uploads/")
for start in range(0, len(layer), 4096):
    chunk = layer[start : start + 4096]
    headers = {"content-range": f"{start}-{start + len(chunk) - 1}"}
    reply = http.patch(reply.headers["location"], content=chunk, headers=headers)
    print("PATCH", reply.status_code, "the registry has", reply.headers["range"])
reply = http.put(reply.headers["location"] + "&digest=" + digest_of(layer))
print("PUT  ", reply.status_code)

# %% [markdown] id="break-text"
# ## Break it: chunks in the wrong order
#
# Send the end of the layer first, and then its beginning. Where will the registry notice?

# %% id="break"
reply = http.post("/v2/by-hand/blobs/uploads/")
for chunk in [layer[4096:], layer[:4096]]:
    reply = http.patch(reply.headers["location"], content=chunk)
    print("PATCH", reply.status_code)
reply = http.put(reply.headers["location"] + "&digest=" + digest_of(layer))
print("PUT  ", reply.status_code, reply.json()["errors"][0]["code"])

# %% [markdown] id="exercise-3-5"
# Only at the end: `registry:2` adds each chunk to what it has, and asks nothing. The digest shows that the bytes are
# others (`DIGEST_INVALID`), so no wrong byte becomes a blob. The same happens if you send a chunk twice.
#
# **3.5** Now you. `begin_upload` sends a part of `content` to the repository `unfinished` and stops, as a program does
# that is killed. How much it has sent is drawn by chance. Bring **this** upload to its end, and send only what is
# missing: `GET` of `place`, the last `Location`, answers with a `Range`. `content[100:]` are the bytes from the 101st
# on. Did it go wrong? Run the cell again; it begins another upload.

# %% id="answer-3-5"
place, content = begin_upload(lab)
### BEGIN SOLUTION
arrived = int(http.get(place).headers["range"].split("-")[1]) + 1
reply = http.patch(place, content=content[arrived:])
reply = http.put(reply.headers["location"] + "&digest=" + digest_of(content))
print(reply.status_code, reply.text)
### END SOLUTION

# %% id="check-3-5"
lab.check("3.5")

# %% [markdown] id="image-text"
# ## Push an image without docker: config, mount, manifest
#
# Your image has two layers: busybox's, and the one that you uploaded to `by-hand`. Its config says what runs, and lists
# the digests of the *unpacked* layers (`diff_ids`). Yours was never packed, so its digest is the same.
#
# `base` and `own` are the descriptors of the two layers. In `base` Docker's media type becomes the OCI's: the bytes are
# the same, and the name that OCI manifests have for them is another.
#
# Two functions save typing from here on; you can read them in `labs/lessons/common/hand_push.py`. `upload_blob`
# sends a blob by `POST` and `PUT`, and returns its descriptor. `put_manifest` sends a manifest with the type that is in
# it, prints the answer, and returns its descriptor.

# %% id="image"
OCI = "application/vnd.oci.image"
diff_ids = [*of_busybox["rootfs"]["diff_ids"], digest_of(layer)]
config = {
    "os": "linux",
    "architecture": of_busybox["architecture"],
    "config": {"Cmd": ["cat", "/message"]},
    "rootfs": {"type": "layers", "diff_ids": diff_ids},
}
blob = upload_blob(http, "by-hand", json.dumps(config).encode(), f"{OCI}.config.v1+json")
base = {**manifest["layers"][0], "mediaType": f"{OCI}.layer.v1.tar+gzip"}
own = {"mediaType": f"{OCI}.layer.v1.tar", "digest": digest_of(layer), "size": len(layer)}

# %% [markdown] id="question-3-6"
# Config and layer are in `by-hand`. Busybox's layer is in the repository `busybox`, and not in this one. The next cell
# puts the manifest that lists all three.
#
# **3.6** Before you run it: what will the registry answer? Write the letter of your answer into the cell, as
# `choice = "…"`, and run both cells. A click tells whether an answer is right; only the letter in the cell counts.

# %% id="answer-3-6"
lab.question("3.6")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-3-6"
lab.check("3.6", choice=choice)

# %% [markdown] id="mount-text"
# A registry takes a manifest only when everything it lists is in the repository. A layer that is in another repository
# of this registry need not be sent: you *mount* it. `POST` with `mount` and `from` links it, and no byte travels. 201
# says that it is there; 202 would ask you to send it. Docker has never seen this image. At the end of the cell it pulls
# and runs it.

# %% id="mount"
document = {"schemaVersion": 2, "mediaType": f"{OCI}.manifest.v1+json"}
document |= {"config": blob, "layers": [base, own]}
put_manifest(http, "by-hand", "1", document)
mount = {"mount": base["digest"], "from": "busybox"}
print("mount", http.post("/v2/by-hand/blobs/uploads/", params=mount).status_code)
image = put_manifest(http, "by-hand", "1", document)
print("pulled what you pushed:", lab.pull("127.0.0.1:5000/by-hand:1") == image["digest"])
print(docker.containers.run("127.0.0.1:5000/by-hand:1", remove=True).decode().strip())

# %% [markdown] id="exercise-3-7"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container run --rm 127.0.0.1:5000/by-hand:1
# ```
#
# </details>
#
# You have met them all, the eight requests that push and pull everything:
#
# | you want | manifest | blob | upload |
# |---|---|---|---|
# | is it there? | `HEAD` | `HEAD` | |
# | give me the bytes | `GET` | `GET` | |
# | take this | `PUT` | | `POST`, `PATCH`, `PUT` |
#
# ## Exercise 3.7: an image of your own
#
# Push an image as `mine/shout:1` that prints `I speak the API` when it runs. Try it without a layer of your own:
# busybox's layer, your config. The check pulls the image and runs it.

# %% id="answer-3-7"
### BEGIN SOLUTION
http.post("/v2/mine/shout/blobs/uploads/", params=mount)
shout = {
    **config,
    "config": {"Cmd": ["echo", "I speak the API"]},
    "rootfs": of_busybox["rootfs"],
}
blob = upload_blob(http, "mine/shout", json.dumps(shout).encode(), f"{OCI}.config.v1+json")
document = {**document, "config": blob, "layers": [base]}
image = put_manifest(http, "mine/shout", "1", document)
### END SOLUTION

# %% id="check-3-7"
lab.check("3.7")

# %% [markdown] id="learned"
# ## What you learned
#
# - A push is blobs first, manifest last. `HEAD` and `mount` save what is there already.
# - `Accept` decides which document you get. A digest is that of the bytes served: never write the JSON again.
# - An upload can stop and go on: `Range` says what has arrived, and the digest at its end what was meant.
#
# **Next:** [Push more than images](04-push-more-than-images.ipynb). You see which of these requests Docker sends, and
# attach reports and signatures to an image.

# %% id="progress"
lab.progress()
