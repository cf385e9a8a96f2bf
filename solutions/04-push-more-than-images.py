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
# # Push more than images
#
# **You will** see which requests `docker push` and `docker pull` send, push one tag for two platforms, and attach
# reports and signatures to an image. It takes about 50 minutes. You should know how to push a blob and a manifest by
# hand ([lesson 3](03-speak-the-api.ipynb)).
#
# **Why it matters.** Build tools of today push indexes, lists of packages and signatures beside each image. A script
# that knows images only does not see them: it copies an image without its signature, or deletes what others need.

# %% [markdown] id="open-text"
# ## Run this cell first, each time
#
# It runs an empty registry and pushes busybox to it, so run the cells after it again too when you come back. `http` is
# the client of lesson 3, and `put_manifest` and `archive_of` are functions that you know from there.

# %% id="open"
import io
import os

import labs
from labs.lessons.common import archive_of, put_manifest
from labs.lessons.push_more_than_images.attachments import attach, listed, put_list
from labs.lessons.push_more_than_images.two_platforms import deliver_shop, push_two_platforms

lab = labs.open("push-more-than-images")
docker, http = lab.docker, lab.http(5000)
lab.remove("registry")
docker.containers.run("registry:2", name="registry", detach=True, ports={"5000/tcp": 5000})
lab.wait(5000)
docker.images.pull("busybox", tag="latest").tag("127.0.0.1:5000/busybox", tag="latest")
pushed = lab.push("127.0.0.1:5000/busybox:latest")

# %% [markdown] id="see-text"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container run --name registry -d -p 5000:5000 registry:2
# docker image pull busybox
# docker image tag busybox 127.0.0.1:5000/busybox
# docker image push 127.0.0.1:5000/busybox
# ```
#
# </details>
#
# ## See which requests docker push and pull send
#
# The registry writes a line for each request into its access log. `lab.requests()` draws those of a `with` block. Push
# an image that no registry has seen: one layer, with a file of random bytes.

# %% id="see-push"
tag = "127.0.0.1:5000/box"
layer = archive_of("new", os.urandom(16))
docker.api.import_image_from_data(layer, repository=tag, tag="1")
with lab.requests():
    lab.push(f"{tag}:1")

# %% [markdown] id="question-4-1"
# The same requests as yours: `POST`, `PATCH`, `PUT`, and the manifest last. Docker sends a blob in one `PATCH`, and
# asks with `HEAD` before and after. *Layer 1* and *config* are written where the log has digests.
#
# Next, you give this image a label and push it as tag `2`. Afterwards both images are removed from the engine and
# pulled, one after the other.
#
# **4.1** Before you run that: what travels in the second push? Write the letter of your answer into the cell, as
# `choice = "…"`, and run both cells. A click tells whether an answer is right; only the letter in the cell counts.

# %% id="answer-4-1"
lab.question("4.1")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-4-1"
lab.check("4.1", choice=choice)

# %% id="see-label"
labeled = io.BytesIO(f"FROM {tag}:1\nLABEL version=2".encode())
docker.images.build(fileobj=labeled, tag=f"{tag}:2", rm=True)
with lab.requests():
    lab.push(f"{tag}:2")

# %% id="see-pull"
docker.images.remove(f"{tag}:2")
docker.images.remove(f"{tag}:1")
with lab.requests():
    lab.pull(f"{tag}:1")
with lab.requests():
    lab.pull(f"{tag}:2")

# %% [markdown] id="index-text"
# <details><summary>The same with docker</summary>
#
# ```bash
# head -c 16 /dev/urandom > new
# tar -c new | docker image import - 127.0.0.1:5000/box:1
# docker image push 127.0.0.1:5000/box:1
# printf 'FROM 127.0.0.1:5000/box:1\nLABEL version=2' | docker image build -t 127.0.0.1:5000/box:2 -
# docker image push 127.0.0.1:5000/box:2
# docker image remove 127.0.0.1:5000/box:2 127.0.0.1:5000/box:1
# docker image pull 127.0.0.1:5000/box:1
# docker image pull 127.0.0.1:5000/box:2
# docker container logs registry 2>/dev/null
# ```
#
# </details>
#
# In the push of tag `2`, one `HEAD` with the answer 200 saved the whole layer: only config and manifest are new. A pull
# asks from the top down: tag, manifest, config, layers. The pull of tag `2` found a layer in the manifest that the
# engine had: for this one, no request at all.
#
# ## Push a multi-platform image: one tag, an index, two manifests
#
# An *index* is a list of manifests, one for each platform. The engine picks its own. `push_two_platforms` pushes two
# images to `by-hand`, as you did in lesson 3: one for this node's processor, which prints a message, and one for
# another processor, which holds the message and no program. Neither gets a tag: the index names them by digest. The
# function returns their descriptors by architecture, such as `amd64` and `arm64`. You can read it in
# `labs/lessons/push_more_than_images/two_platforms.py`.
#
# An entry of an index is a descriptor with a `platform`. Then the index is put as any manifest is, with its own media
# type, under the tag `both`.

# %% id="index"
INDEX = "application/vnd.oci.image.index.v1+json"
entries = []
for architecture, image in push_two_platforms(lab, "by-hand", "pushed by hand").items():
    entries.append({**image, "platform": {"os": "linux", "architecture": architecture}})
document = {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}
both = put_manifest(http, "by-hand", "both", document)
lab.pull("127.0.0.1:5000/by-hand:both")
print(docker.containers.run("127.0.0.1:5000/by-hand:both", remove=True).decode().strip())

# %% [markdown] id="exercise-4-2"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker image pull 127.0.0.1:5000/by-hand:both
# docker image inspect --format '{{.Architecture}}' 127.0.0.1:5000/by-hand:both
# docker container run --rm 127.0.0.1:5000/by-hand:both
# ```
#
# </details>
#
# Build tools write an index for you. The registry does not look into the configs, and the engine believes what the
# index says of each platform.
#
# **4.2** Now you. `deliver_shop` pushes `shop/app:1`, an index for two processors. The person who made it mixed up the
# platforms: this node pulls the image that has no program. Repair it: the tag `1` has to be an index that lists
# **both** images, each with the platform that its config has. An index is read like a manifest, with the type `INDEX`
# in `Accept`.

# %% id="answer-4-2"
deliver_shop(lab)
### BEGIN SOLUTION
index = http.get("/v2/shop/app/manifests/1", headers={"accept": INDEX}).json()
first, second = index["manifests"]
first["platform"], second["platform"] = second["platform"], first["platform"]
index = put_manifest(http, "shop/app", "1", index)
### END SOLUTION

# %% id="check-4-2"
lab.check("4.2")

# %% [markdown] id="break-text"
# ## Break it: MANIFEST_UNKNOWN although the tag exists
#
# Ask for the index as a client that reads only Docker's older manifests. Then ask as one that reads indexes.

# %% id="break"
DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
reply = http.get("/v2/by-hand/manifests/both", headers={"accept": DOCKER})
print(reply.status_code, reply.json()["errors"][0])
reply = http.get("/v2/by-hand/manifests/both", headers={"accept": INDEX})
print(reply.status_code, len(reply.json()["manifests"]), "manifests")

# %% [markdown] id="exercise-4-3"
# 404, although the tag exists. The code says `MANIFEST_UNKNOWN`; only the message tells that the fault is yours.
# A script that "loses" images once a new build tool pushes indexes has this fault. The opposite happens too: asked with
# `INDEX` alone for `busybox:latest`, the registry makes up a manifest of schema 1, as in lesson 3.
#
# **4.3** Now you. Write the one header for a script that reads everything in this registry as it was pushed:
# `busybox:latest`, `by-hand:both`, and the images that the index lists. Several types are separated by commas. The
# check asks the registry with your header.

# %% id="answer-4-3"
accept = None
### BEGIN SOLUTION
accept = ", ".join([DOCKER, INDEX, "application/vnd.oci.image.manifest.v1+json"])
### END SOLUTION

# %% id="check-4-3"
lab.check("4.3", accept=accept)

# %% [markdown] id="artifact-text"
# ## Attach an artifact that is not an image: subject and referrer
#
# A signature, a list of packages, a test report: an *artifact* is a manifest with an `artifactType`, an empty config
# and any bytes as its layer. With a `subject`, the descriptor of what it is about, it is a *referrer* of that.
# `attach(http, repository, subject, kind=…, text=…)` uploads the two blobs and puts such a manifest, under its digest
# and no tag. You can read it in `labs/lessons/push_more_than_images/attachments.py`.
#
# **4.4** The next cell attaches a report to `busybox:latest`. What becomes of that image?

# %% id="answer-4-4"
lab.question("4.4")
choice = None
### BEGIN SOLUTION
choice = "a"
### END SOLUTION

# %% id="check-4-4"
lab.check("4.4", choice=choice)

# %% [markdown] id="subject-text"
# A descriptor needs three things, and `HEAD` tells all of them: the media type, the digest, and the size. The digest is
# `pushed`, which the push of the first cell gave. The cell ends with two looks: at the image, and at what the registry
# answers when you ask who refers to it.

# %% id="artifact"
head = http.head("/v2/busybox/manifests/latest", headers={"accept": DOCKER})
size = int(head.headers["content-length"])
subject = {"mediaType": DOCKER, "digest": pushed, "size": size}
kind = "application/vnd.example.report"
report = attach(http, "busybox", subject, kind=kind, text=b"3 tests, 0 failures")
print("the image's digest is as before:", lab.registry.head("busybox", "latest").digest == pushed)
print("GET referrers", http.get(f"/v2/busybox/referrers/{pushed}").status_code)

# %% [markdown] id="fallback-text"
# ## Find what is attached: referrers and the fallback tag
#
# The report points at the image, and the image knows nothing of it. So who can find the report? The specification has a
# request for "who refers to this digest?", `GET /v2/<repository>/referrers/<digest>`. No release of `distribution`, the
# program in `registry:2`, knows it yet: 404. So clients keep the list themselves, as an index under the *fallback tag*:
# the digest with `-` in place of `:`. Each entry repeats the `artifactType`, so that readers can choose by it.
#
# The list is shared: others may have attached something before you. So `GET` it (404 is an empty list), append your
# entry, `PUT` it back. `listed` and `put_list` do the two requests, and `attach` has returned the entry.

# %% id="fallback"
others = [entry for entry in listed(http, "busybox", pushed) if entry != report]
put_list(http, "busybox", pushed, [*others, report])
found = [referrer.digest for referrer in lab.registry.referrers("busybox", pushed)]
print("a client finds the report:", report["digest"] in found)

# %% [markdown] id="exercise-4-5"
# A `PUT` without the `GET` loses what the others attached: their manifests are still stored, and no client finds them.
#
# ## Exercise 4.5: a review
#
# Attach a review to `busybox:latest`: any text, with the artifact type `application/vnd.example.review`.
# A client that asks for the referrers of `busybox:latest` must find it, and the report from above as well.

# %% id="answer-4-5"
### BEGIN SOLUTION
kind = "application/vnd.example.review"
review = attach(http, "busybox", subject, kind=kind, text=b"small and good")
put_list(http, "busybox", pushed, [*listed(http, "busybox", pushed), review])
### END SOLUTION

# %% id="check-4-5"
lab.check("4.5")

# %% [markdown] id="race-text"
# ## Two clients at the same moment: a lost update
#
# A signer and a scanner attach to `by-hand:both`; an index can be a subject too. Both `GET` the same list, before
# either of them writes. Then both `PUT`.
#
# **4.6** Before you run it: what will the list name?

# %% id="answer-4-6"
lab.question("4.6")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-4-6"
lab.check("4.6", choice=choice)

# %% [markdown] id="clients-text"
# `seen` is what both clients have read: an empty list. Follow the two `PUT` in the last lines but one: each of them
# writes what its client knows, and nothing else.

# %% id="race"
kinds = ["application/vnd.example.signature", "application/vnd.example.scan"]
put_list(http, "by-hand", both["digest"], [])
seen = listed(http, "by-hand", both["digest"])  # what both have read
signature, scan = (attach(http, "by-hand", both, kind=kind, text=b"all is well") for kind in kinds)
put_list(http, "by-hand", both["digest"], [*seen, signature])
put_list(http, "by-hand", both["digest"], [*seen, scan])
print([entry["artifactType"] for entry in listed(http, "by-hand", both["digest"])])

# %% [markdown] id="exercise-4-7"
# Each client did it right, and the signature was lost: the registry keeps the last `PUT`, and no one is told. So look
# again after your `PUT`, and repeat it until your entry is there. That makes a loss rare. Only one writer, for example
# a single job that attaches everything, rules it out.
#
# ## Exercise 4.7: the signature that was lost
#
# Be the signer who looks again: bring `signature` back into the list of `by-hand:both`, so that a client finds it and
# the scan. Nothing has to be attached a second time.

# %% id="answer-4-7"
### BEGIN SOLUTION
while signature not in (now := listed(http, "by-hand", both["digest"])):
    put_list(http, "by-hand", both["digest"], [*now, signature])
### END SOLUTION

# %% id="check-4-7"
lab.check("4.7")

# %% [markdown] id="learned"
# ## What you learned
#
# - Docker sends the requests that you sent: `HEAD` saves what is there, and a pull asks from the top down.
# - An index, an artifact, a referrer: each is a manifest that points to others by digest. Name their types in `Accept`.
# - Where the registry keeps no list of referrers, clients share one, and the last `PUT` decides what is in it.
#
# **Next:** [Encrypt it](05-encrypt-it.ipynb). Everything you said here could be read by anyone on the way.

# %% id="progress"
lab.progress()
