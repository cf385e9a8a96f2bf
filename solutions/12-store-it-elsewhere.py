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
# # Store it elsewhere
#
# **You will** run registries on S3 and on OpenStack Swift, read what each of them keeps there, repair one that
# answers 500, and move a registry from its disk to S3 while others push to it. It takes about 60 minutes. You should
# know what is in a registry's folder ([lesson 2](02-keep-what-you-push.ipynb)) and how an image is pushed request by
# request ([lesson 3](03-speak-the-api.ipynb)).
#
# **Why it matters.** A disk fills up, and a machine fails. Storage that is made for this grows by itself and is in
# several places. But its errors reach you as `500 Internal Server Error` and not a word more.

# %% [markdown] id="open-text"
# ## Run this cell first each time
#
# `lab.store` is a real OpenStack Swift in a container beside the node. It speaks Swift's own API and S3's.
# `run` replaces a registry by one with other settings.


# %% id="open"
import labs
from labs.waiting import wait_until

lab = labs.open("store-it-elsewhere")
docker, store = lab.docker, lab.store
lab.remove("try", "new")


def run(name, settings, port=5000, **more):
    lab.remove(name)
    more |= {"name": name, "environment": settings, "ports": {"5000/tcp": port}}
    container = docker.containers.run("registry:2", detach=True, **more)
    lab.wait(port)
    return container


# %% [markdown] id="drivers-text"
# ## Storage drivers: by configuration file and by environment
#
# What keeps a registry's data is called its *driver*, and a registry has one. The configuration file in the image
# names it:
#
# ```yaml
# storage:
#   filesystem:
#     rootdirectory: /var/lib/registry
# ```
#
# Each setting of the file can also be an environment variable. Its name is `REGISTRY_` and the path of the setting,
# in capitals, with `_` between the steps. A variable may also hold a whole section, as YAML or JSON. These two say
# the same:
#
# ```bash
# -e REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY=/data
# -e 'REGISTRY_STORAGE_FILESYSTEM={"rootdirectory": "/data"}'
# ```
#
# | driver | keeps the data in |
# |---|---|
# | `filesystem` | a folder of the machine, or a volume: lesson 2 |
# | `inmemory` | the memory of the registry, until it ends; for tests |
# | `s3` | Amazon S3, and every server that speaks its API |
# | `swift` | OpenStack Swift; not in `registry:3` |
# | `azure`, `gcs`, `oss` | Azure, Google Cloud, Alibaba Cloud: see the end of the lesson |
#
# `inmemory` has no settings, so it is the shortest example of choosing one.

# %% [markdown] id="question-12-1"
# ## Predict 12.1: which of these keeps images in memory?
#
# Decide before you run the long cell below: write the letter into the cell, as `choice = "…"`. Only that counts, not
# a click.

# %% id="answer-12-1"
lab.question("12.1")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-12-1"
lab.check("12.1", choice=choice)

# %% [markdown] id="drivers-see"
# Now try all three, and four more. `says` runs a registry and returns the line of its log that decides: that it
# listens, or why it ended. `logged` waits for such a line.


# %% id="drivers"
from labs.lessons.store_it_elsewhere.log_line import logged

DECIDES = r"listening on|panic: multiple storage drivers|panic: .*|configuration error"


def says(value):
    lab.remove("try")
    tried = docker.containers.run("registry:2", name="try", detach=True, environment=[value])
    return logged(tried, DECIDES)[0]


ends = ["_INMEMORY={}", "=inmemory", "_DRIVER=inmemory", '={"inmemory": {}}', "=s3", "=azure"]
for end in [*ends, "_MAINTENANCE_READONLY_ENABLED=true"]:
    print(f"REGISTRY_STORAGE{end:35}", says(f"REGISTRY_STORAGE{end}"))


# %% [markdown] id="drivers-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container run --rm -e REGISTRY_STORAGE_INMEMORY={} registry:2  # fails
# docker container run --rm -e REGISTRY_STORAGE=s3 registry:2  # fails
# docker container run --rm -e REGISTRY_STORAGE=azure registry:2  # fails
# docker container run --name try -d -p 5004:5000 -e REGISTRY_STORAGE=inmemory registry:2
# docker container rm -f try
# docker container run --name try -d -p 5004:5000 -e 'REGISTRY_STORAGE={"inmemory": {}}' registry:2
# docker container rm -f try
# ```
#
# </details>
#
# - The first *adds* a driver to the file's `filesystem`, and the registry does not guess:
#   `panic: multiple storage drivers specified in configuration or environment: filesystem, inmemory`. People meet it
#   with `REGISTRY_STORAGE_S3_BUCKET` alone.
# - `REGISTRY_STORAGE=inmemory` *replaces* the section by the name of a driver. So does the nested form, which can hold
#   settings as well. What the file says of a cache or of deleting is gone too.
# - `DRIVER` is not a setting: it would be a driver of that name, and a plain word is a configuration error.
# - With `=s3` the driver is known, and misses its first setting: `no region parameter provided`.
# - `StorageDriver not registered: azure`: this build of the registry has no such driver.
# - The last one looks as if it made the registry read-only, which exercise 12.7 needs, and `registry:2` cannot read
#   it. The nested form helps: `REGISTRY_STORAGE_MAINTENANCE={"readonly": {"enabled": true}}`.

# %% [markdown] id="s3-text"
# ## S3: REGISTRY_STORAGE=s3, endpoint, region, bucket, keys
#
# S3 is the API of Amazon's storage. A *bucket* holds *objects*: a name, the *key*, and bytes. There are no folders,
# only keys with slashes in them.
#
# For Amazon itself, region, bucket and the two keys are enough. Any other server needs `REGIONENDPOINT` too. The
# bucket has to exist; the driver makes none.

# %% id="s3"
s3 = {
    "REGISTRY_STORAGE": "s3",
    "REGISTRY_STORAGE_S3_REGIONENDPOINT": store.endpoint,
    "REGISTRY_STORAGE_S3_REGION": "us-east-1",
    "REGISTRY_STORAGE_S3_BUCKET": store.bucket,
    "REGISTRY_STORAGE_S3_ACCESSKEY": store.access_key,
    "REGISTRY_STORAGE_S3_SECRETKEY": store.secret_key,
}
container = run("registry", s3)
docker.images.pull("hello-world", tag="latest").tag("127.0.0.1:5000/hello-world")
lab.push("127.0.0.1:5000/hello-world")
own = [each for each in store.objects() if each.name.startswith("docker/")]
print(*sorted(f"{'bytes' if each.size_bytes else 'empty'} {each.name}" for each in own), sep="\n")
print("docker inspect shows the secret:", store.secret_key in str(container.attrs))

# %% [markdown] id="s3-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container run --name registry -d -p 5000:5000 -e REGISTRY_STORAGE=s3 \
#   -e REGISTRY_STORAGE_S3_REGIONENDPOINT=… -e REGISTRY_STORAGE_S3_REGION=us-east-1 \
#   -e REGISTRY_STORAGE_S3_BUCKET=… -e REGISTRY_STORAGE_S3_ACCESSKEY=… \
#   -e REGISTRY_STORAGE_S3_SECRETKEY=… registry:2
# docker image pull hello-world
# docker image tag hello-world 127.0.0.1:5000/hello-world
# docker image push 127.0.0.1:5000/hello-world
# ```
#
# </details>
#
# You know these names from lesson 2: three blobs called `data`, and links to them. A path below `/var/lib/registry`
# is a key now, to the letter. `REGISTRY_STORAGE_S3_ROOTDIRECTORY=/team` would put `team/` before each of them, so
# several registries can share one bucket. Nothing is in the container: another one with these settings has the image.
#
# The last line: what is given with `-e`, everybody can read who may ask this engine. Exercise 12.6 is about that.

# %% [markdown] id="question-12-2"
# ## Predict 12.2: how large is it in Swift?
#
# The next cell pushes the same image through the driver `swift`, into a container of Swift called `swift`. (What S3
# calls a bucket, Swift calls a *container*; it has nothing to do with Docker's.) Predict what the list of objects says
# of the layer.

# %% id="answer-12-2"
lab.question("12.2")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-12-2"
lab.check("12.2", choice=choice)

# %% [markdown] id="swift-text"
# ## OpenStack Swift: what its large objects look like
#
# The driver needs the URL where a client asks for a token, a user and a password. It makes the container itself.

# %% id="swift"
import re

swift = {
    "REGISTRY_STORAGE": "swift",
    "REGISTRY_STORAGE_SWIFT_AUTHURL": store.auth_url,
    "REGISTRY_STORAGE_SWIFT_USERNAME": store.access_key,
    "REGISTRY_STORAGE_SWIFT_PASSWORD": store.secret_key,
    "REGISTRY_STORAGE_SWIFT_CONTAINER": "swift",
}
run("registry", swift)
lab.push("127.0.0.1:5000/hello-world")
own = [each for each in store.objects("swift") if "_manifests" not in each.name]
lines = (f"{'bytes' if each.size_bytes else 'empty'} {each.name}" for each in own)
print(*sorted(re.sub("segments/.*/", "segments/…/", line) for line in lines), sep="\n")

# %% [markdown] id="swift-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container rm -f registry
# docker container run --name registry -d -p 5000:5000 -e REGISTRY_STORAGE=swift \
#   -e REGISTRY_STORAGE_SWIFT_AUTHURL=…/auth/v1.0 -e REGISTRY_STORAGE_SWIFT_USERNAME=… \
#   -e REGISTRY_STORAGE_SWIFT_PASSWORD=… -e REGISTRY_STORAGE_SWIFT_CONTAINER=swift registry:2
# docker image push 127.0.0.1:5000/hello-world
# ```
#
# </details>
#
# Config and layer are *large objects*. Their bytes are in segments, and `data` is an empty object that says where
# these begin. The manifest was written in one go and has its bytes in place. A program that adds up the sizes below
# `files/` finds almost nothing, and one that deletes `segments/` deletes the images.
#
# So the driver decides what is in the store. Change it, and the registry does not find what the other one wrote: its
# names begin with `files/`.

# %% [markdown] id="redirect-text"
# ## Break it: a redirect that the engine cannot follow
#
# A registry on S3 does not send a layer through itself. It answers `307 Temporary Redirect` with an address in the
# store, signed by the registry, and the engine gets the bytes there. That is fast, as long as *every client* reaches
# the store by *that name*. Here it is `hidden.store`, which the registry's container alone knows.

# %% id="redirect"
hidden = {**s3, "REGISTRY_STORAGE_S3_ROOTDIRECTORY": "/hidden"}
run("registry", hidden)
lab.push("127.0.0.1:5000/hello-world")
hidden["REGISTRY_STORAGE_S3_REGIONENDPOINT"] = "http://hidden.store:8080"
known = {"hidden.store": store.endpoint.split("/")[2].split(":")[0]}
run("registry", hidden, extra_hosts=known)
layer = lab.registry.manifest("hello-world", "latest").layers[0].digest
answer = lab.http().head(f"/v2/hello-world/blobs/{layer}")
print(answer.status_code, re.sub("[?].*(&X-Amz-E.*?)&.*", r"?…\1…", answer.headers["location"]))
docker.images.remove(docker.images.get("hello-world").id, force=True)  # under all its names
try:
    lab.pull("127.0.0.1:5000/hello-world")
except labs.PullFailed as error:
    print(error.message.partition(" on ")[0])

# %% [markdown] id="redirect-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container rm -f registry
# docker container run --name registry -d -p 5000:5000 --add-host hidden.store:… -e REGISTRY_STORAGE=s3 \
#   -e REGISTRY_STORAGE_S3_REGIONENDPOINT=http://hidden.store:8080 … registry:2
# docker image rm -f 127.0.0.1:5000/hello-world hello-world
# docker image pull 127.0.0.1:5000/hello-world  # fails
# ```
#
# </details>
#
# The engine looked up `hidden.store`, six times, and there is no such host for it. The manifest, which the registry
# sends itself, arrived. The address is good for 1200 seconds.
#
# A push breaks in the same way: the engine asks for each blob first, by `HEAD`, and gets the same redirect. It needs
# almost a minute to say so.

# %% [markdown] id="exercise-12-3"
# ## Exercise 12.3: let node 1 pull
#
# Make `127.0.0.1:5000/hello-world` arrive in node 1. Its data stay in the store, below `/hidden`. There is more
# than one way. The check asks port 5000 for the layer, and if it is sent elsewhere, it follows from inside the node.

# %% id="answer-12-3"
### BEGIN SOLUTION
run("registry", {**hidden, "REGISTRY_STORAGE_REDIRECT_DISABLE": "true"}, extra_hosts=known)
print(lab.pull("127.0.0.1:5000/hello-world"))
### END SOLUTION

# %% id="check-12-3"
lab.check("12.3")

# %% [markdown] id="redirect-explain"
# Either the engine reaches the store, or the registry passes the bytes on. With the redirect off, by
# `REGISTRY_STORAGE_REDIRECT_DISABLE=true`, every byte goes through the registry and its network card. With it on, the
# store has to be open to all who may pull. The driver for Swift never redirects here.

# %% [markdown] id="question-12-4"
# ## Predict 12.4: a wrong secret
#
# A registry is started with a secret key that the store does not know. What do you see first?

# %% id="answer-12-4"
lab.question("12.4")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-12-4"
lab.check("12.4", choice=choice)

# %% [markdown] id="wrong-text"
# ## Wrong secret, missing bucket: what the health check says
#
# Each registry here has one wrong setting. You see the answers to `GET /v2/` and `GET /v2/_catalog`, and the reason
# in its log. Here the health check asks the storage every second, so that you need not wait.

# %% id="wrong"
for setting, value in {"SECRETKEY": "wrong", "BUCKET": "missing", "REGION": "eu-west-1"}.items():
    wrong = {f"REGISTRY_STORAGE_S3_{setting}": value}
    often = {"REGISTRY_HEALTH_STORAGEDRIVER_INTERVAL": "1s"}
    container = run("try", {**s3, **wrong, **often}, 5004)
    http = lab.http(5004)
    statuses = [http.get(path).status_code for path in ("/v2/", "/v2/_catalog")]
    print(*statuses, logged(container, r"s3aws: (.*?)\\n")[1])
wait_until(lambda: http.get("/v2/").status_code == 503, "the health check", timeout_s=30)
print(503, http.get("/v2/").json()["errors"][0]["detail"])

# %% [markdown] id="wrong-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container run --name try -d -p 5004:5000 -e REGISTRY_STORAGE=s3 \
#   -e REGISTRY_STORAGE_S3_BUCKET=missing … registry:2
# curl http://127.0.0.1:5004/v2/
# curl http://127.0.0.1:5004/v2/_catalog  # fails
# docker container logs try
# docker container rm -f try
# ```
#
# </details>
#
# A registry does not look at its storage when it starts. So it runs and says 200 at `/v2/`. What needs the store
# answers 500 with `"code": "UNKNOWN"`, and only the log has the reason: `err.detail="s3aws: …"`.
#
# Then the health check has failed three times in a row, and *everything* answers 503, `/v2/` too. By default it asks
# every ten seconds, so the symptom changes half a minute after the start, and a monitor of `/v2/` sees nothing until
# then. From now on no request reaches the store, and the log stays silent: restart the registry and ask for
# `/v2/_catalog` at once, or open its port for `/debug/health`, by `REGISTRY_HTTP_DEBUG_ADDR=:5001`, which has the
# reason. A wrong region is refused by servers that check it.

# %% [markdown] id="depot-text"
# ## Exercise 12.5: repair a registry that answers 5xx
#
# A colleague has set up `depot` on port 5002, with an image. Then the settings were "tidied up". This is what a
# client gets now.

# %% id="depot"
from labs.lessons.store_it_elsewhere.broken_depot import break_depot

break_depot(lab)
print(lab.http(5002).get("/v2/hello-world/tags/list").status_code)

# %% [markdown] id="exercise-12-5"
# Make it serve `hello-world` on port 5002 again: the image that is there, not a new push.
# `docker.containers.get("depot")` has `logs()` and, below `attrs["Config"]["Env"]`, what it was told. More than one
# setting is wrong, and each shows itself when the one before is right.

# %% id="answer-12-5"
### BEGIN SOLUTION
run("depot", {**s3, "REGISTRY_STORAGE_S3_ROOTDIRECTORY": "/depot"}, 5002)
print(lab.http(5002).get("/v2/hello-world/tags/list").json())
### END SOLUTION

# %% id="check-12-5"
lab.check("12.5")

# %% [markdown] id="speed-text"
# ## How fast is it? A table of your own
#
# Put the four drivers into the order that you expect, fastest first, then measure how long a layer of 16 MB takes to
# push. The store is one small server on your own machine, so only your own numbers count.


# %% id="speed" tags=["nbval-ignore-output"] because="seconds, which differ from run to run"
import os
import time
from hashlib import sha256

blob = os.urandom(16 << 20)
digest = f"sha256:{sha256(blob).hexdigest()}"
drivers = {"filesystem": {}, "inmemory": {"REGISTRY_STORAGE": "inmemory"}}
drivers["s3"] = {**s3, "REGISTRY_STORAGE_S3_ROOTDIRECTORY": "/speed"}
drivers["swift"] = {**swift, "REGISTRY_STORAGE_SWIFT_CONTAINER": "speed"}
for name, settings in drivers.items():
    run("try", settings, 5004)
    http, begun = lab.http(5004), time.perf_counter()
    place = http.post("/v2/speed/blobs/uploads/").headers["location"]
    http.put(f"{place}&digest={digest}", content=blob, timeout=60)
    print(f"{name:11} {time.perf_counter() - begun:.2f} s")


# %% [markdown] id="speed-explain"
# On the two cores that this page was made on, it took 0.1 s to the disk, 0.4 s to Swift, 0.7 s to S3 and 1.2 s to
# memory. `inmemory` copies what it has again and again while an upload grows: it is quick for small layers and
# unusable for large ones. For S3 and Swift a push is many small steps: the upload, a copy to its last name, one
# object for each link. So many small layers suffer more than a few large ones, and a registry far from its store more
# than one beside it.
#
# The same holds for `garbage-collect`, which reads every link of every repository: on S3 each is a request. One user
# counted 13 hours for 700 GB ([distribution, issue 1950](https://github.com/distribution/distribution/issues/1950)).

# %% [markdown] id="secret-text"
# ## Secrets: not in -e, where docker inspect shows them
#
# Every setting can be in a file, and a file can have a mode. The configuration file is YAML, and JSON is YAML too:
#
# ```yaml
# version: 0.1
# storage:
#   s3:
#     regionendpoint: http://…
#     region: us-east-1
#     bucket: registry
#     accesskey: …
#     secretkey: …
# http:
#   addr: :5000
# ```
#
# Mount it at `/etc/docker/registry/config.yml`. Variables still win over it, so a setting that is not secret may stay
# one, such as the root directory. But not `REGISTRY_STORAGE=s3`: it replaces the file's section, and the keys with
# it. `registry:3` reads `/etc/distribution/config.yml` instead, and ignores the other path.
#
# Where the keys are left out, the driver looks where Amazon's own programs do: a file named by
# `AWS_SHARED_CREDENTIALS_FILE`, or the role of the machine. Such a file has the lines `[default]`, `aws_access_key_id =
# …` and `aws_secret_access_key = …`. On a swarm it is a *secret*: a task sees it in memory alone, and the managers keep
# it encrypted.
#
# ```bash
# docker secret create s3.credentials credentials
# docker service create --name registry --secret s3.credentials -e REGISTRY_STORAGE=s3 \
#   -e AWS_SHARED_CREDENTIALS_FILE=/run/secrets/s3.credentials … registry:2
# ```

# %% [markdown] id="exercise-12-6"
# ## Exercise 12.6: a registry whose secret nobody is shown
#
# Run a registry on port **5001** that keeps its data in the store, below a root directory of its own, and push
# `hello-world` to it. `docker inspect` must not show the secret key, in no field, and no file of the node that every
# user can read may hold it, in use or left over. `lab.node().write_file(path, content, mode=0o600)` writes a file in
# the node.

# %% id="answer-12-6"
### BEGIN SOLUTION
import json

keys = {"regionendpoint": store.endpoint, "region": "us-east-1", "bucket": store.bucket}
keys |= {"accesskey": store.access_key, "secretkey": store.secret_key, "rootdirectory": "/vault"}
config = {"version": 0.1, "storage": {"s3": keys}, "http": {"addr": ":5000"}}
lab.node().write_file("/srv/vault/config.yml", json.dumps(config), mode=0o600)
run("vault", {}, 5001, volumes=["/srv/vault/config.yml:/etc/docker/registry/config.yml:ro"])
docker.images.pull("hello-world", tag="latest").tag("127.0.0.1:5001/hello-world")
print(lab.push("127.0.0.1:5001/hello-world"))
### END SOLUTION

# %% id="check-12-6"
lab.check("12.6")

# %% [markdown] id="move-text"
# ## Move a registry from disk to S3
#
# `archive` on port 5003 keeps its data in the node's folder `/srv/archive`. `fill` pushes what a registry has after
# some years: an index for two platforms, a signature of it, and an image whose tag has moved on. Something still pulls
# that one by its digest, which is the value of `pinned`.

# %% id="archive"
from labs.lessons.store_it_elsewhere.archive_images import fill
from labs.lessons.store_it_elsewhere.build_server import start_builds

lab.remove("archive", "new", "try")
lab.node().exec(["rm", "-rf", "/srv/archive"])
disk = ["/srv/archive:/var/lib/registry"]
run("archive", {}, 5003, volumes=disk)
run("new", {"REGISTRY_STORAGE": "inmemory"}, 5004)
pinned = fill(lab.url(5003))
old, new = (labs.RegistryClient(lab.url(port)) for port in (5003, 5004))
for repository in old.catalog():
    print(repository, sorted(old.tags(repository)))
print("by digest only:", old.manifest("team/shop", pinned).digest == pinned)

# %% [markdown] id="copy-text"
# There are two ways to move. One copies *files*: keys are the paths below `/var/lib/registry`, so `aws s3 sync` or
# `rclone copy` of the folder moves everything. (Neither is installed here.) The other copies *images*, from one
# registry to another, by the API of lesson 3. It works between any two registries.
#
# `copy` does the second. It sends the bytes of a manifest as they came: written again from parsed JSON, they would
# have another digest. Of an index it copies each manifest first; a blob that is there is not sent again. Try it with
# one image, into a registry in memory.


# %% id="copy"
def copy(repository, reference):
    target, found = lab.http(5004), old.manifest(repository, reference)
    for child in getattr(found, "manifests", ()):
        copy(repository, child.digest)
    parts = [found.json["config"], *found.json["layers"]] if "layers" in found.json else []
    for digest in [part["digest"] for part in parts]:
        if target.head(f"/v2/{repository}/blobs/{digest}").status_code == 404:
            place = target.post(f"/v2/{repository}/blobs/uploads/", timeout=60).headers["location"]
            target.put(f"{place}&digest={digest}", content=old.blob(repository, digest), timeout=60)
    path, kind = f"/v2/{repository}/manifests/{reference}", {"Content-Type": found.media_type}
    target.put(path, content=found.content, headers=kind, timeout=60).raise_for_status()


copy("team/shop", "2")
print("digest kept:", new.head("team/shop", "2") == old.head("team/shop", "2"))


# %% [markdown] id="readonly-text"
# What others push to the old registry after you have read its list is lost at the switch, and they were told
# `201 Created`. So it has to refuse pushes meanwhile, and goes on serving pulls:
#
# ```bash
# -e 'REGISTRY_STORAGE_MAINTENANCE={"readonly": {"enabled": true}}'
# ```
#
# A push then gets `405 Method not allowed`, and a build server tries again later.

# %% [markdown] id="exercise-12-7"
# ## Exercise 12.7: move it, and lose nothing
#
# Port **5003** is to be answered by a registry that keeps its data in the store. Every image that was in the archive
# is there with its old digest, the signature and `pinned` too. `start_builds` starts a build server in the node, and
# waits for its first build. It pushes one of `base/tools` to port 5003 each second, 60 at most, and notes in
# `/srv/builds/accepted` what was accepted. None of these is lost. Port 5004 is free for a second registry.
#
# If it goes wrong, run the cell that fills the archive again, then yours.

# %% id="answer-12-7"
start_builds(lab.node())
### BEGIN SOLUTION
readonly = {"REGISTRY_STORAGE_MAINTENANCE": '{"readonly": {"enabled": true}}'}
run("archive", readonly, 5003, volumes=disk)
moved = {**s3, "REGISTRY_STORAGE_S3_ROOTDIRECTORY": "/archive"}
run("new", moved, 5004)
for repository in old.catalog():
    for tag in old.tags(repository):
        copy(repository, tag)
copy("team/shop", pinned)
lab.remove("new")
run("archive", moved, 5003)
### END SOLUTION

# %% id="check-12-7"
lab.check("12.7")

# %% [markdown] id="move-explain"
# Keep the folder until you trust the new place. A list by tags misses what only a digest names. On the disk it is a
# file: `_manifests/revisions/sha256/…/link` is there for each manifest that a repository has, tagged or not, so `find`
# tells what `tags/list` does not.

# %% [markdown] id="clouds"
# ## Azure, Google Cloud, Alibaba OSS: not run here
#
# You saw `panic: StorageDriver not registered: azure`. The build of this course has four drivers: `filesystem`,
# `inmemory`, `s3` and `swift`. Docker Hub's `registry:2` has these too; they are **not run here**.
#
# ```bash
# -e REGISTRY_STORAGE=azure -e REGISTRY_STORAGE_AZURE_ACCOUNTNAME=… -e REGISTRY_STORAGE_AZURE_ACCOUNTKEY=… \
#   -e REGISTRY_STORAGE_AZURE_CONTAINER=registry
# -e REGISTRY_STORAGE=gcs -e REGISTRY_STORAGE_GCS_BUCKET=registry -e REGISTRY_STORAGE_GCS_KEYFILE=/run/secrets/gcs.json
# -e REGISTRY_STORAGE=oss -e REGISTRY_STORAGE_OSS_ACCESSKEYID=… -e REGISTRY_STORAGE_OSS_ACCESSKEYSECRET=… \
#   -e REGISTRY_STORAGE_OSS_REGION=oss-eu-central-1 -e REGISTRY_STORAGE_OSS_BUCKET=registry
# ```
#
# `registry:3` has dropped `swift` and `oss`: there the panic says `StorageDriver not registered: swift`. Move such
# data before you update, with `copy`, or stay with Swift through its S3 API; and for any S3 but Amazon's, version 3
# wants `REGISTRY_STORAGE_S3_FORCEPATHSTYLE=true` as well.

# %% [markdown] id="learned"
# ## What you learned
#
# - A registry has one driver. `REGISTRY_STORAGE=s3` replaces the file's; a variable of a second driver is a panic.
# - With a redirect, engines need the store's address. A 500 has its reason in the log alone, and 503 comes later.
# - A move keeps digests if bytes are copied, and loses nothing if the old registry is read-only until the switch.
#
# `lab.close()` removes this lesson's node and store, and gives back about 300 MB of memory and all that you pushed.
# Your progress stays.
#
# **Next:** [lesson 13](13-share-it.ipynb): a hub, where each repository has people of its own.

# %% id="progress"
lab.progress()
