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
# # Choose a registry
#
# **You will** take the same walk through three registries, repair what two of them refuse, and choose one for each of
# three teams. It takes about 40 minutes. You should know requests to a registry ([lesson 3](03-speak-the-api.ipynb)),
# deleting ([lesson 11](11-clean-up.ipynb)) and tokens ([lesson 13](13-share-it.ipynb)).
#
# **Why it matters.** Quay, GitLab, Harbor and the registries of the clouds speak one protocol, so every one of them
# takes a `docker push`. They differ in what you meet a year later: a tag that cannot be deleted, a signature that no
# one finds, a list that ends too early. You can see these things on the first day, with some twenty requests.

# %% [markdown] id="open-text"
# ## Run this cell first each time
#
# Three registries, in one playground:
#
# | name | what it is | where |
# |---|---|---|
# | `distribution` | `registry:2`, the registry of all lessons so far | node 1, port 5000 |
# | `crane` | `crane registry serve`: other code, by other people | node 1, port 5001 |
# | `hub` | the course's hub: distribution behind a token server ([lesson 13](13-share-it.ipynb)) | `lab.hub` |
#
# [crane](https://github.com/google/go-containerregistry) is a tool for images. It contains a small registry for tests,
# which keeps its manifests in memory: this cell starts it with nothing in it. `serve` runs distribution, each time on
# the same volume, with the variables that you give it, and with one more: its catalog gives 100 entries at most.

# %% id="open"
import json

import labs
from labs.lessons.choose_a_registry.many_repositories import fill
from labs.lessons.choose_a_registry.visit import Visit
from labs.lessons.choose_a_registry.conformance_walk import walk
from labs.lessons.choose_a_registry.walk_table import table

lab = labs.open("choose-a-registry")
docker, hub = lab.docker, lab.hub
ada = hub.sign_up("ada", "ada-password")
walks = {"distribution": {}}
lab.remove("crane")
docker.containers.run("crane", name="crane", detach=True, ports={"5000/tcp": 5001})
lab.wait(5001)


# %% id="serve"
def serve(**settings):
    lab.remove("distribution")
    data = {"distribution-data": {"bind": "/var/lib/registry", "mode": "rw"}}
    variables = {"REGISTRY_CATALOG_MAXENTRIES": "100", **settings}
    options = {"ports": {"5000/tcp": 5000}, "volumes": data, "environment": variables}
    docker.containers.run("registry:2", name="distribution", detach=True, **options)
    lab.wait(5000)


# %% [markdown] id="categories-text"
# ## OCI conformance: pull, push, content discovery, content management
#
# The [OCI distribution specification](https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md), version
# 1.1.1, says what a registry answers. It has four categories:
#
# | category | "Clients are able to …" | a registry |
# |---|---|---|
# | pull | "pull from the registry" | MUST have it |
# | push | "push to the registry" | SHOULD have it |
# | content discovery | "list or otherwise query the content stored in the registry" | SHOULD have it |
# | content management | "control the full life-cycle of the content stored in the registry" | SHOULD have it |
#
# MUST is required, SHOULD is advised, MAY is up to the registry. "A registry claiming conformance with one of these
# specification categories MUST implement all APIs in the claimed category." So a registry can be conformant and delete
# nothing. Logins are not in the specification, and `_catalog` is not either.
#
# **16.1** The next cell starts distribution without a setting of yours, and pushes an image that has to be there to the
# end. Run it, and decide what this registry refuses.

# %% id="answer-16-1"
serve()
docker.images.pull("hello-world", tag="latest").tag("127.0.0.1:5000/ada/hello", tag="1")
lab.push("127.0.0.1:5000/ada/hello:1")
lab.question("16.1")
choice = None
### BEGIN SOLUTION
choice = "c"
### END SOLUTION

# %% id="check-16-1"
lab.check("16.1", choice=choice)

# %% [markdown] id="walk-text"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container run --name crane -d -p 5001:5000 crane
# docker container run --name distribution -d -p 5000:5000 -v distribution-data:/var/lib/registry \
#   -e REGISTRY_CATALOG_MAXENTRIES=100 registry:2
# docker image pull hello-world
# docker image tag hello-world 127.0.0.1:5000/ada/hello:1
# docker image push 127.0.0.1:5000/ada/hello:1
# ```
#
# </details>
#
# ## Test a registry: a walk through its API
#
# `walk` takes 17 steps. Each one is a function of a few lines in
# [labs/lessons/choose_a_registry/conformance_walk.py](../labs/lessons/choose_a_registry/conformance_walk.py), with what
# the specification asks. Read two or three of them. This is the one that deletes a tag:
#
# ```python
# @_step("delete a tag", "content management", "MAY", "Deleting tags: end-9")
# def tag_deleted(visit: Visit) -> Found:
#     image = visit.image("two tags")
#     for tag in ("kept", "old"):
#         visit.put(image, tag)
#     deleted = visit.delete("manifests", "old")
#     after = [visit.get("manifests", tag).status_code for tag in ("old", "kept")]
#     return _found(after == [404, 200], deleted.status_code)
# ```
#
# `end-9` is the specification's number of this request. A `Visit` is an HTTP client with the name of a repository. The
# step does not believe the status: it asks again whether one tag is gone and the other is there. So `yes` means that it
# was done.

# %% id="walk"
walks["distribution"] = walk(Visit.to(lab.url(5000), "ada/walk"))
print(table(walks))

# %% [markdown] id="walk-explain"
# Pull and push are complete but for one row, and that `no` is allowed: 202 means "go on with a PUT". Content discovery
# has 0 of 3: distribution answers these requests, and not as the specification asks. Version 2 lists tags as its disk
# gives them, ignores `n` and sends all, and has no referrers. It deletes nothing, which is allowed too.
#
# **16.2** Let distribution delete, and keep what it has: `ada/hello:1` is still there afterwards. How many of the three
# rows become `yes`?

# %% id="answer-16-2"
### BEGIN SOLUTION
serve(REGISTRY_STORAGE_DELETE_ENABLED="true")
### END SOLUTION
walks["distribution"] |= walk(Visit.to(lab.url(5000), "ada/walk"), "content management")
print(table(walks, "content management"))

# %% id="check-16-2"
lab.check("16.2")

# %% [markdown] id="deletes-explain" tags=["solution"]
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container rm -f distribution
# docker container run --name distribution -d -p 5000:5000 -v distribution-data:/var/lib/registry \
#   -e REGISTRY_CATALOG_MAXENTRIES=100 -e REGISTRY_STORAGE_DELETE_ENABLED=true registry:2
# ```
#
# </details>

# %% [markdown] id="crane-text"
# Two of three: the image and the blob are deleted now. The tag is refused with another status, 400 in place of 405,
# which is the specification's answer of a registry that deletes no tags.
#
# ## Same protocol, another registry: crane registry serve
#
# crane keeps a table in memory: in each repository, each name, a tag or a digest, leads to a manifest. It has no
# setting for deletion.
#
# **16.3** Decide before you walk there.

# %% id="answer-16-3"
lab.question("16.3")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-16-3"
lab.check("16.3", choice=choice)

# %% id="crane"
walks["crane"] = walk(Visit.to(lab.url(5001), "ada/walk"))
print(table(walks))

# %% [markdown] id="crane-explain"
# crane has what distribution lacks: sorted tags, pages, deletion of one tag. And it has faults of its own, which a
# `docker push` does not show:
#
# 1. a deleted image can still be pulled by its tag;
# 2. after the last tag the list begins again;
# 3. a chunk is answered with 204, and a client may insist on 202.
#
# 202 for a mount is no fault. It says that an upload has begun, and the client sends the bytes.

# %% [markdown] id="break-text"
# ## Break it: a list of tags that never ends
#
# What does fault 2 do? This client asks for five tags, then for five after the last one, and so on,
# until nothing more comes. It stops after four pages, since it is in a lesson.

# %% id="break"
http, last = lab.http(5001), ""
for number in range(1, 5):
    tags = http.get("/v2/ada/walk/tags/list", params={"n": 5, "last": last}).json()["tags"]
    print(number, tags)
    last = tags[-1]

# %% [markdown] id="break-explain"
# The fourth page is the first one. A client that waits for an empty page runs until someone stops it. Where an answer
# has a header `Link`, go on there, however short the page is. Where it has none, end at a page with fewer tags than you
# asked for, or with a tag that you have seen. crane sends no `Link`, so ask it for no number: then it sends all. You
# will need this in 16.6.

# %% [markdown] id="hub-text"
# ## A registry with accounts: 401, and a token for strangers
#
# The hub is distribution behind a token server. A `Visit` has two clients, one with a login and a stranger's. Both do
# what `docker` does: read the challenge, fetch a token, ask again. The repository `ada/walk` is private.
#
# **16.4** Run the cell: it pushes an image with the tag `before`, and walks. Which row differs from distribution's?
# Then change the repository, so that **strangers may pull from it and not push**, and what is in it stays; walk again.
# (Or in the hub's page, which is at `hub.url`, as ada with `ada-password`: it is in the settings of the repository.
# Then run only the check.)

# %% id="answer-16-4"
repository = "/v2/namespaces/ada/repositories/walk"
ada.post("/v2/namespaces/ada/repositories", json={"name": "walk"})
ada.patch(repository, json={"is_private": True})
visit = Visit.to(hub.url, "ada/walk", ("ada", "ada-password"))
visit.put(visit.image("before"), "before")
print("a stranger:", visit.stranger.get(visit.path("tags", "list")).status_code)
### BEGIN SOLUTION
ada.patch(repository, json={"is_private": False})
### END SOLUTION
walks["hub"] = walk(visit)
print(table(walks))

# %% id="check-16-4"
lab.check("16.4")

# %% [markdown] id="missing-text"
# ## Registry without referrers, mount or tag deletion: what clients do
#
# For each `no` a client has a second way, at a price:
#
# | the registry answers | the client | the price |
# |---|---|---|
# | mount: 202 | uploads the blob | the bytes go over the network again |
# | one POST: 202 | sends a PUT | one request more |
# | referrers: 404 | keeps a list under the *fallback tag*, `sha256-<digits>` (lesson 4) | two writers lose an entry |
# | tags: all at once | takes all; where there is a header `Link`, it follows that | a long answer |
# | delete a tag: 400 or 405 | deletes the manifest by its digest | all other tags of that digest go too |
#
# None of the three has referrers, and `registry:3` has none either. Quay, ECR and zot have them.
#
# The OCI has a [conformance test](https://conformance.opencontainers.org/), with results that makers of registries send
# in. It is longer than this walk. Both are about the API alone: accounts and clean-up are not in it.

# %% [markdown] id="choose-text"
# ## Which container registry should I choose? Quay, GitLab, Harbor, the clouds
#
# There are dozens: Quay, GitLab, GitHub, Harbor, zot, Pulp, one in each cloud, [and
# more](https://github.com/veggiemonk/awesome-docker#hosting-images-registries). Ask in this order; each answer leaves
# fewer:
#
# 1. **Who must reach it, and for how long?** One job, for minutes: a process that ends with it. One network: your own
#    registry. The world: a service.
# 2. **Must it work without internet access (an air gap)?** Then no service does.
# 3. **Who logs in, and where are their accounts?** In a password file, in GitLab, in a cloud's roles.
# 4. **Who cleans up?** You (lesson 11), or a rule such as "keep the last ten".
# 5. **Do you sign, or attach reports?** Is `referrers` a `yes`? Does the clean-up spare fallback tags?
# 6. **What does it cost to pull from elsewhere?** Clouds charge for bytes that leave them.
# 7. **How do you get out again?** Can you list all, and copy it by digest? Accounts, rules and scans stay behind.
#
# What twelve registries answer, each with its source, is in [Registries compared](../site/registries-compared.md), a
# page of the course's site: `labs site` builds it into `build/site`; the file in `site/` is its source, without the
# tables.
#
# **16.5** Three teams, and five registries. Choose one for each team; of two that fit, take the one with less to run:
#
# | registry | where it runs | who logs in | who cleans up | keeps images |
# |---|---|---|---|---|
# | `crane` | one process of yours | anyone | you | manifests in memory, until it ends |
# | `distribution` | one container of yours | anyone, or a password file | you (lesson 11) | on your disk |
# | `gitlab` | a service, or a large installation of yours | accounts of GitLab | a rule, by age and number | there |
# | `docker hub` | a service | accounts of Docker Hub | you: no rule that deletes by age | there |
# | `cloud` | a service | roles of the cloud | a rule, by age or number | there |
#
# - **pipeline** tests a program that pushes images. Each job needs an empty registry for ten minutes;
# - **plant** has twelve machines and no internet access. Images come on a disk and have to survive a power cut. Two
#   people log in; one deletes old images twice a year;
# - **shop** has forty developers, with code, accounts and builds in GitLab, as a service. Old images should go by rule.

# %% id="answer-16-5"
pipeline = plant = shop = ""
### BEGIN SOLUTION
pipeline, plant, shop = "crane", "distribution", "gitlab"
### END SOLUTION

# %% id="check-16-5"
lab.check("16.5", pipeline=pipeline, plant=plant, shop=shop)

# %% [markdown] id="exercise-16-6"
# ## Exercise 16.6: list all repositories and tags before you move
#
# The next cell makes many repositories in distribution, by copies of a folder of links (lesson 2), and pushes an image
# to crane.
#
# Write the file `/srv/inventory.json` on node 1: for `distribution` and for `crane`, **every repository with all of its
# tags**.
#
# ```json
# {"distribution": {"ada/hello": ["1"], "shop/part-001": ["1.001"]}, "crane": {"ada/hello": ["1"]}}
# ```
#
# `lab.http(5000)` and `lab.http(5001)` are HTTP clients, `lab.node().write_file(path, text)` writes. A list is complete
# when the answer has no `Link`, if you asked for no number; `answer.links` has it, parsed. A number above its limit is
# refused: 400, `PAGINATION_NUMBER_INVALID`. A repository with blobs and no tags answers 404; you may leave it out. (If
# you come back here, run the first two cells of this notebook and those of 16.1 and 16.2 first.)

# %% id="fill"
fill(lab.node())
docker.images.get("hello-world").tag("127.0.0.1:5001/ada/hello", tag="1")
lab.push("127.0.0.1:5001/ada/hello:1")
for port in [5000, 5001]:
    print(port, len(lab.http(port).get("/v2/_catalog").json()["repositories"]), "repositories")


# %% id="answer-16-6"
### BEGIN SOLUTION
def inventory(http):
    found, path = {}, "/v2/_catalog"
    while path:
        page = http.get(path)
        for name in page.json()["repositories"]:
            if tags := http.get(f"/v2/{name}/tags/list").json().get("tags"):
                found[name] = tags
        path = page.links.get("next", {}).get("url")
    return found


told = {"distribution": inventory(lab.http(5000)), "crane": inventory(lab.http(5001))}
lab.node().write_file("/srv/inventory.json", json.dumps(told))
### END SOLUTION

# %% id="check-16-6"
lab.check("16.6")

# %% [markdown] id="inventory-explain"
# The header `Link` names the next page; the last one has none. A page of this catalog has 100 entries, so tools that do
# not follow `Link` show a hundred repositories. Many services have no `_catalog`; the hub has an API of its own. That
# is question 7.

# %% [markdown] id="learned"
# ## What you learned
#
# - All registries take a push. They differ in lists, deletion and referrers: some twenty requests show it.
# - MUST, SHOULD and MAY tell a fault from a choice. A client has a second way for each `no`, at a price.
# - Choose by who must reach it, who logs in, who cleans up, and how you get out again; by features last.
#
# `lab.close()` removes the node with its two registries, and the hub.
#
# **Next:** [the assignment](50-assignment-secure-registry.ipynb), if you have not done it yet.

# %% id="progress"
lab.progress()
