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
# # Move and sign
#
# **You will** move images from one registry to another and over a disk, sign them, and run only what verifies.
# It takes about 60 minutes. You should know what manifests, indexes and referrers are ([lesson
# 4](04-push-more-than-images.ipynb)), and how a clean-up loses images ([lesson 11](11-clean-up.ipynb)).
#
# **Why it matters.** An image is built in one place and runs in another, behind a firewall or behind no network at all.
# A digest tells whether all bytes arrived; it does not tell who made them. And most tools that copy an image leave its
# signature behind, without a word.

# %% [markdown] id="open-text"
# ## Run these three cells first, each time
#
# They remove what an earlier run left, so each section needs the cells above it. When you come back, use *Run All Above
# Selected Cell* in JupyterLab's menu *Run*; that takes half a minute.
#
# There are two registries in node 1: `HERE`, where things are built, and `THERE`, where they run. `fill` pushes
# `team/app` to `HERE`: two images, `1` and `2`, and an index `both` for two platforms. You can read what they are made
# of in `labs/lessons/move_and_sign/app_images.py`.

# %% id="open"
import labs
from labs.lessons.move_and_sign.app_images import fill

lab = labs.open("move-and-sign")
docker, HERE, THERE = lab.docker, "127.0.0.1:5000", "127.0.0.1:5001"
lab.remove(*(container.name for container in docker.containers.list(all=True)))
lab.node().exec(["sh", "-c", "rm -rf /srv/*"])
options = {"detach": True, "environment": {"REGISTRY_STORAGE_DELETE_ENABLED": "true"}}
for name, port in [("here", 5000), ("there", 5001)]:
    docker.containers.run("registry:2", name=name, ports={"5000/tcp": port}, **options)
    lab.wait(port)
here, there = (labs.RegistryClient(lab.url(port)) for port in (5000, 5001))
fill(lab.node())

# %% [markdown] id="functions-text"
# Three programs do the work of this lesson, and none of them needs an engine: **skopeo** copies images, **oras**
# attaches other things to them, **cosign** signs and verifies. They come in an image of the course, called `tools`,
# made from Debian's packages. It has 118 MB and was fetched when you opened this lesson for the first time, as no other
# lesson uses it.
#
# The container `tools` is on the node's network, beside the registries, works in the node's folder `/srv`, and waits.
# `tool` runs a command in it; one that fails is an error with all that it said. `verify` says `verified`, or why not.
# `PLAIN` are the two options by which skopeo agrees to plain HTTP; between machines, use TLS as in lesson 5 and leave
# them out. `tags` lists tags, with each digest in them shortened to `…`.

# %% id="functions"
import re

PLAIN = ["--src-tls-verify=false", "--dest-tls-verify=false"]
work = {"network_mode": "host", "volumes": ["/srv:/srv"], "working_dir": "/srv"}
work |= {"name": "tools", "environment": {"COSIGN_PASSWORD": ""}, "detach": True}
lab.remove("tools")
tools = docker.containers.run("tools", ["busybox", "sleep", "infinity"], **work)


def tool(*command):
    status, said = tools.exec_run([*command])
    if status:
        raise RuntimeError(said.decode())


# %% id="more-functions"
def verify(image, key="team.pub", *more):
    command = ["cosign", "verify", "--key", key, "--insecure-ignore-tlog", *more, image]
    status, said = tools.exec_run(command)
    return said.decode().splitlines()[-1].rpartition("execution: ")[2] if status else "verified"


def tags(registry, repository):
    return sorted(re.sub("[0-9a-f]{64}", "…", tag) for tag in registry.tags(repository))


# %% [markdown] id="copy-text"
# ## Copy an image from one registry to another: skopeo copy
#
# You could pull, tag and push. But an engine unpacks an image and writes a manifest of its own when it pushes, so the
# copy may have another digest; and of an index it takes the one platform that it can run. `skopeo copy` takes the bytes
# of the manifest as they are and sends blobs from registry to registry. `docker://` says that both are registries.
#
# Copy `1` and `both`, and compare digests.

# %% id="copy"
for tag in ("1", "both"):
    source, target = (f"docker://{place}/team/app:{tag}" for place in (HERE, THERE))
    tool("skopeo", "copy", *PLAIN, source, target)
    same = here.head("team/app", tag).digest == there.head("team/app", tag).digest
    print(f"{tag:5} digest kept: {same}")

# %% [markdown] id="copy-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container run -d --name tools --network host -v /srv:/srv -w /srv -e COSIGN_PASSWORD= \
#   tools busybox sleep infinity
# tools() { docker exec tools "$@"; }
# tools skopeo copy --src-tls-verify=false --dest-tls-verify=false \
#   docker://127.0.0.1:5000/team/app:1 docker://127.0.0.1:5001/team/app:1
# tools skopeo copy --src-tls-verify=false --dest-tls-verify=false \
#   docker://127.0.0.1:5000/team/app:both docker://127.0.0.1:5001/team/app:both
# ```
#
# </details>
#
# The image `1` has the same digest in both places. `both` has not, and nothing failed: skopeo chose one platform too,
# that of the machine it runs on, and copied one image under the name of the index. Anyone with another processor
# finds out later.
#
# Two more options decide about digests. `--all` copies an index with all that it lists. `--preserve-digests` makes
# skopeo stop rather than change a manifest: without it, a layer that was not compressed is compressed on the way, and
# the image gets another digest. You will meet such an image in exercise 15.7.
#
# **15.1** `skopeo sync` copies a whole repository, each tag of it, into the place that you name, to which it adds the
# last part of the repository's name: `team/app` into `THERE/team` becomes `team/app`. Like `copy`, it takes one
# platform unless it is told otherwise. Run the cell as it is: it fills `by-sync/app`. Then add a line that brings
# `team/app` to `team/app`, with all its digests, and run it again.

# %% id="answer-15-1"
sync = ["skopeo", "sync", "--src", "docker", "--dest", "docker", *PLAIN]
tool(*sync, f"{HERE}/team/app", f"{THERE}/by-sync")
### BEGIN SOLUTION
tool(*sync, "--all", f"{HERE}/team/app", f"{THERE}/team")
### END SOLUTION
print(tags(there, "by-sync/app"), tags(there, "team/app"))
print("digest of both kept:", here.head("team/app", "both") == there.head("team/app", "both"))

# %% id="check-15-1"
lab.check("15.1")

# %% [markdown] id="sync-twin" tags=["solution"]
# <details><summary>The same with docker</summary>
#
# ```bash
# tools skopeo sync --all --src docker --dest docker --src-tls-verify=false --dest-tls-verify=false \
#   127.0.0.1:5000/team/app 127.0.0.1:5001/team
# ```
#
# </details>

# %% [markdown] id="sign-text"
# ## Sign an image with cosign: a local key, no transparency log
#
# A digest proves that you have the bytes that somebody named. A *signature* proves that the holder of a key named them.
# cosign makes a pair of keys: with the private one, `team.key`, you sign, and it is encrypted with the password from
# `COSIGN_PASSWORD`, here an empty one. The public one, `team.pub`, you give to all who verify.
#
# By default cosign also writes each signature into a *transparency log*, a public list at sigstore.dev, so that a
# stolen key is noticed. It needs the internet. `--tlog-upload=false` signs without it, and `--insecure-ignore-tlog`
# verifies without it. (This is cosign 2.5. Version 3 by default attaches a signature as a referrer, like the SBOM
# below, and not under a tag `.sig`; `--new-bundle-format=false --use-signing-config=false` makes it sign as here (read,
# not run here).)
#
# **15.2** Sign the image `1` of `team/app` at `HERE`. Sign its digest, `exact`: between your look at a tag and the
# signature, the tag may move, and cosign warns of that. The command is `cosign sign`, with `--key team.key`,
# `--tlog-upload=false`, and `--yes`, which answers its question: each option a text of its own, as in the cell above.
# (`tool` shows output only of what fails.)

# %% id="answer-15-2"
lab.node().exec(["rm", "-f", "/srv/team.key", "/srv/team.pub"])
tool("cosign", "generate-key-pair", "--output-key-prefix", "team")
exact = f"{HERE}/team/app@{here.head('team/app', '1').digest}"
### BEGIN SOLUTION
tool("cosign", "sign", "--key", "team.key", "--tlog-upload=false", "--yes", exact)
### END SOLUTION
for tag in ("1", "2"):
    print(tag, verify(f"{HERE}/team/app:{tag}"))
print(tags(here, "team/app"))

# %% id="check-15-2"
lab.check("15.2")

# %% [markdown] id="sign-twin" tags=["solution"]
# <details><summary>The same with docker</summary>
#
# ```bash
# tools cosign generate-key-pair --output-key-prefix team
# tools cosign sign --key team.key --tlog-upload=false --yes 127.0.0.1:5000/team/app@sha256:…
# tools cosign verify --key team.pub --insecure-ignore-tlog 127.0.0.1:5000/team/app:1
# tools cosign verify --key team.pub --insecure-ignore-tlog 127.0.0.1:5000/team/app:2  # fails
# ```
#
# </details>

# %% [markdown] id="sign-explain"
# The registry knows nothing of signatures. cosign pushed one more image, under a tag that it makes from the digest:
# `sha256-<digits>.sig`. Its layer is the *claim*, a small JSON document that names the repository and the digest, and
# an annotation of the layer holds the signature of these bytes. `cosign verify` asks what digest a tag stands for, gets
# what is under that other tag, and compares: the signature with the key, and the digest with that in the claim. The
# repository it does not compare.
#
# Note what the claim does not say: nothing of the tag `1`. A signature belongs to bytes, whatever they are called.

# %% [markdown] id="travel-text"
# ## What travels with an image: skopeo copy, oras copy, cosign copy
#
# The next cell attaches an *SBOM* to the image, a list of the software in it. `oras attach` pushes it as a referrer, a
# manifest that names the image as its subject. Where a registry has no referrers API, as version 2 of distribution, the
# list of referrers is an index under the *fallback tag*, `sha256-<digits>` without an ending.
#
# **15.3** Then `1` has two companions at `HERE`: a signature and an SBOM. Before you copy it, say which of them goes
# along with `skopeo copy`.

# %% id="answer-15-3"
lab.node().write_file("/srv/sbom.json", '{"spdxVersion": "SPDX-2.3"}')
sbom = ["--artifact-type", "application/spdx+json", exact, "sbom.json:application/spdx+json"]
tool("oras", "attach", "--plain-http", *sbom)
lab.question("15.3")
choice = None
### BEGIN SOLUTION
choice = "c"
### END SOLUTION

# %% id="check-15-3"
lab.check("15.3", choice=choice)

# %% [markdown] id="travel-see"
# Now copy it three times, by each of the tools, into repositories of their own.

# %% id="travel"
source = f"{HERE}/team/app:1"
plain = ["--from-plain-http", "--to-plain-http"]
tool("skopeo", "copy", *PLAIN, f"docker://{source}", f"docker://{THERE}/by-skopeo/app:1")
tool("oras", "copy", "--recursive", *plain, source, f"{THERE}/by-oras/app:1")
tool("cosign", "copy", source, f"{THERE}/by-cosign/app:1")
for name in ("by-skopeo", "by-oras", "by-cosign"):
    print(f"{name:9}", verify(f"{THERE}/{name}/app:1"), tags(there, f"{name}/app"))

# %% [markdown] id="travel-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# tools oras copy --recursive --from-plain-http --to-plain-http \
#   127.0.0.1:5000/team/app:1 127.0.0.1:5001/by-oras/app:1
# tools cosign copy 127.0.0.1:5000/team/app:1 127.0.0.1:5001/by-cosign/app:1
# tools cosign verify --key team.pub --insecure-ignore-tlog 127.0.0.1:5001/by-cosign/app:1
# tools cosign verify --key team.pub --insecure-ignore-tlog 127.0.0.1:5001/by-oras/app:1  # fails
# ```
#
# </details>
#
# | tool | image | signature | SBOM |
# |---|---|---|---|
# | `skopeo copy` | yes | lost | lost |
# | `oras copy --recursive` | yes | lost | yes |
# | `cosign copy` | yes | yes | lost |
# | `skopeo sync --all` of the repository | yes | yes | yes |
#
# Each tool takes what it knows of. `skopeo copy` takes what the tag stands for, and nothing else. oras follows
# referrers, and cosign's signature is not one; cosign looks for its own tag. The last line copies everything since it
# looks at nothing: signature and list are tags, the list is an index, and `--all` takes what it lists.
#
# With the referrers of cosign 3, read its signature like the column SBOM; and `garbage-collect -m` takes it.
#
# `by-cosign` has a tag of the fallback's form too. Do not be misled: cosign pushes the image itself under that name.
# To ask a tool is safer than to read tags: `oras discover` finds no SBOM there.

# %% [markdown] id="moved-text"
# ## Break it: a tag that was moved after signing
#
# `latest` is the image `2`, which is signed as well. Someone gets hold of a password and pushes other bytes as
# `latest`. `verify` has to notice that, and it does. Then they try something else: they move the tag back to the image
# `1`, which has a known hole and a good signature.
#
# **15.4** Run the cell for the first case, and say what `verify` answers in the second.


# %% id="answer-15-4"
def move(source, target="latest"):
    source, target = (f"docker://{HERE}/team/app:{tag}" for tag in (source, target))
    tool("skopeo", "copy", "--all", *PLAIN, source, target)


fill(lab.node())
move("2")
sign = ["cosign", "sign", "--key", "team.key", "--tlog-upload=false", "--yes"]
tool(*sign, "-a", "tag=latest", f"{HERE}/team/app@{here.head('team/app', '2').digest}")
print("signed:     ", verify(f"{HERE}/team/app:latest"))
move("both")
print("other bytes:", verify(f"{HERE}/team/app:latest"))
lab.question("15.4")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-15-4"
lab.check("15.4", choice=choice)

# %% id="older"
move("1")
print("older image:", verify(f"{HERE}/team/app:latest"))
print("with tag:   ", verify(f"{HERE}/team/app:latest", "team.pub", "-a", "tag=latest"))

# %% [markdown] id="older-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# tools skopeo copy --src-tls-verify=false --dest-tls-verify=false \
#   docker://127.0.0.1:5000/team/app:1 docker://127.0.0.1:5000/team/app:latest
# tools cosign verify --key team.pub --insecure-ignore-tlog 127.0.0.1:5000/team/app:latest
# tools cosign verify --key team.pub --insecure-ignore-tlog -a tag=latest \
#   127.0.0.1:5000/team/app:latest  # fails
# ```
#
# </details>
#
# A signature does not expire, and does not know that there is a newer image. To replace an image by an older one is
# called a *rollback*, and each registry in which tags can be moved allows it.
#
# Against it, put into the claim what you want to be sure of. `-a tag=latest` at signing adds it as an annotation, and
# the same option at verifying demands it. Image `1` was signed without it, so the answer is `missing or incorrect
# annotation`. Or write digests into what you deploy; then no tag is asked for.

# %% [markdown] id="clean-text"
# ## no signatures found: a clean-up deleted the signature
#
# A colleague cleans up at `HERE`, with a script that keeps the tags that people use, `1`, `both` and `latest`, and
# deletes the digests of all others. `sha256-….sig` is one of these.

# %% id="clean"
keep = {here.head("team/app", tag).digest for tag in ("1", "both", "latest")}
found = {here.head("team/app", tag).digest for tag in here.tags("team/app")}
for digest in found - keep:
    here.delete("team/app", digest)
print(tags(here, "team/app"), verify(f"{HERE}/team/app:1"))

# %% [markdown] id="clean-explain"
# The image is whole, and nothing that verifies will run it any more. Lesson 11 had the rule that prevents this: a
# signature's tag stays as long as the digest that is in its name. There you also lost a signature to `garbage-collect
# -m`. That one was a referrer, without a tag of its own. cosign's has a tag, so `-m` keeps it; the SBOM it would take.
#
# You could sign again. But the private key of a team is not on every machine, as it should not be. A signature is data
# like any other, and anyone who has a copy may put it back: it is worth what the key says, not who uploads it.
#
# **15.5** Make `team/app:1` verify again at `HERE`. `by-cosign/app` at `THERE` has a copy, under the tag
# `signature_tag`, and there it belongs at `HERE` too. (Here you have `team.key`: to sign again is accepted as well.)

# %% id="answer-15-5"
signature_tag = exact.partition("@")[2].replace(":", "-") + ".sig"
### BEGIN SOLUTION
kept, lost = f"{THERE}/by-cosign/app:{signature_tag}", f"{HERE}/team/app:{signature_tag}"
tool("skopeo", "copy", *PLAIN, f"docker://{kept}", f"docker://{lost}")
### END SOLUTION
print(verify(f"{HERE}/team/app:1"))

# %% id="check-15-5"
lab.check("15.5")

# %% [markdown] id="clean-twin" tags=["solution"]
# <details><summary>The same with docker</summary>
#
# ```bash
# tools skopeo copy --src-tls-verify=false --dest-tls-verify=false \
#   docker://127.0.0.1:5001/by-cosign/app:sha256-….sig docker://127.0.0.1:5000/team/app:sha256-….sig
# ```
#
# </details>

# %% [markdown] id="exercise-15-6"
# ## Exercise 15.6: verify before run, by digest and not by tag
#
# From now on a shop delivers images, and signs them with a key of its own. Its public key is in the node as `shop.pub`:
# the shop's people gave it to you in person, since a key that comes by the same way as the images proves nothing.
#
# `deliver` pushes `shop/web` with the tags `1` to `5`. Not all of them are the shop's, and not each that has a
# signature has a good one. Besides, someone watches the registry's log: as soon as anyone has *read* what tag `5`
# stands for, they move it to an image of their own. Between a check and the use there is time enough. (This is called
# *time of check to time of use*, and is the reason why you verify a digest, and pull that digest.)
#
# Write `run_verified(image)`, which takes a reference with a tag. It runs the image if the shop has signed it, with
# `docker.containers.run`, and returns what it prints; else it runs nothing and returns why. Then call it for all five
# tags. Tag `5` is the shop's when you first read it, so your function should run that image. Leave the containers
# there: the check looks at which image each was made of. (The port has a colon too: `image.rpartition(":")`.)

# %% id="answer-15-6"
from labs.lessons.move_and_sign.deliveries import deliver

deliver(lab.node())
### BEGIN SOLUTION


def run_verified(image):
    name, _, tag = image.rpartition(":")
    repository = name.partition("/")[2]
    exact = f"{name}@{here.head(repository, tag).digest}"
    said = verify(exact, "shop.pub").partition(": sha256")[0]
    return docker.containers.run(exact).decode().strip() if said == "verified" else said


for number in range(1, 6):
    print(number, run_verified(f"{HERE}/shop/web:{number}"))
### END SOLUTION

# %% id="check-15-6"
lab.check("15.6")

# %% [markdown] id="run-twin" tags=["solution"]
# <details><summary>The same with docker</summary>
#
# ```bash
# exact=127.0.0.1:5000/shop/web@$(tools skopeo inspect --tls-verify=false --format '{{.Digest}}' \
#   docker://127.0.0.1:5000/shop/web:1)
# tools cosign verify --key shop.pub --insecure-ignore-tlog "$exact" && docker container run "$exact"
# ```
#
# </details>

# %% [markdown] id="run-explain"
# `2` had no signature. `3` had one, made by a stranger's key. `4` had a good signature of the shop, that of `1`: its
# claim names another digest. `5` was signed, and the image that its tag stood for a moment later was not.

# %% [markdown] id="exercise-15-7"
# ## Exercise 15.7: move a repository with all platforms and signatures
#
# The shop has a second repository, `shop/tea`. `1` is an index for two platforms, `2` has a layer that is not
# compressed, `3` has an SBOM. All are signed.
#
# Move it to `THERE`, as `shop/tea` too. Each tag has the digest that it had, the index has both platforms, the SBOM is
# found, and **all three verify there with the shop's key**. You have no private key of the shop.

# %% id="answer-15-7"
from labs.lessons.move_and_sign.shop_images import deliver_tea

deliver_tea(lab.node())
### BEGIN SOLUTION
tool(*sync, "--all", "--preserve-digests", f"{HERE}/shop/tea", f"{THERE}/shop")
for number in (1, 2, 3):
    print(number, verify(f"{THERE}/shop/tea:{number}", "shop.pub"))
### END SOLUTION

# %% id="check-15-7"
lab.check("15.7")

# %% [markdown] id="exercise-15-8"
# ## Exercise 15.8: air gap, images on a USB stick
#
# A school has no internet access, so the images come on a stick. skopeo writes to a disk as it writes to a registry:
# with `--dest dir`, each tag becomes a folder with the manifest and the blobs, and `--src dir` reads them. `/srv/stick`
# is the stick here. The first lines of the cell pack it: into `tea:1`, `tea:2`, `tea:3`, and one for each other tag. A
# sync of `/srv/stick` into `THERE/new` arrives as `new/tea`, with these tags.
#
# `post` sends it, and empties `school/tea`, so that you can run the cell again. Someone opens the parcel. One of the
# three images arrives damaged, and one has been exchanged for another image, with care: every digest in it is right,
# and there is a signature and a file `shop.pub` beside it.
#
# Bring what is on the stick to `THERE`, as `school/tea`, but **only what the shop has signed**, with its signature, so
# that it verifies there. cosign cannot read such folders. So take everything into another repository first, verify it
# there, and then take what is good. skopeo stops at the damaged image, unless it is told `--keep-going`; even then it
# ends with an error: put `tool` into `try … except RuntimeError`.

# %% id="answer-15-8"
from labs.lessons.move_and_sign.stick_in_the_post import post

lab.node().exec(["rm", "-rf", "/srv/stick"])
whole = ["skopeo", "sync", "--all", "--preserve-digests", *PLAIN]
tool(*whole, "--src", "docker", "--dest", "dir", f"{HERE}/shop/tea", "/srv/stick")
post(lab.node())
### BEGIN SOLUTION
try:
    tool(*whole, "--keep-going", "--src", "dir", "--dest", "docker", "/srv/stick", f"{THERE}/new")
except RuntimeError as error:
    print(*re.findall("does not match expected", str(error)))
for tag in filter(str.isdigit, tags(there, "new/tea")):
    found = f"{THERE}/new/tea@{there.head('new/tea', tag).digest}"
    print(tag, said := verify(found, "shop.pub"))
    if said == "verified":
        tool("cosign", "copy", found, f"{THERE}/school/tea:{tag}")
### END SOLUTION

# %% id="check-15-8"
lab.check("15.8")

# %% [markdown] id="stick-twin" tags=["solution"]
# <details><summary>The same with docker</summary>
#
# ```bash
# tools skopeo sync --all --preserve-digests --keep-going --src dir --dest docker --dest-tls-verify=false \
#   /srv/stick 127.0.0.1:5001/new  # fails
# tools cosign verify --key shop.pub --insecure-ignore-tlog 127.0.0.1:5001/new/tea:1
# tools cosign copy 127.0.0.1:5001/new/tea@sha256:… 127.0.0.1:5001/school/tea:1
# ```
#
# </details>

# %% [markdown] id="stick-explain"
# There were two faults, and each is found in its own way. In the damaged image one letter of the config was another
# one. A digest tells that, and skopeo compares it by itself: `does not match expected`. An exchange it cannot tell,
# since anyone who makes bytes makes their digest too. There only the signature helps, verified with a key that did not
# come along.
#
# cosign has a form for disks of its own: `cosign save --dir` writes one image with its signature, and `cosign verify
# --local-image` verifies it before any registry has it.
#
# For a class you would pack in the same way: each image of the lesson, with all platforms that the class has,
# signatures, and the tools, as a file of `docker save`. The public key is sent by another way, or its digest is read
# out on the phone.

# %% [markdown] id="learned"
# ## What you learned
#
# - `skopeo sync --all --preserve-digests` moves a repository whole. `skopeo copy` loses signatures and SBOMs.
# - A signature is about a digest, and does not know which image is newest. A clean-up may delete it: a tag with cosign
#   2, a referrer with cosign 3.
# - Ask for the digest once, verify it with a key that came by another way, and run that digest.
#
# `lab.close()` removes this lesson's node, with both registries and the tools. The image `tools` stays on your engine
# for the next time; `docker image rm registry-course/tools:1` removes it.
#
# **Next:** [lesson 16](16-choose-a-registry.ipynb): the same walk through three registries, and which one to choose.

# %% id="progress"
lab.progress()
