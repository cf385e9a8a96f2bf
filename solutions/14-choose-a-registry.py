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
# deleting ([lesson 9](09-clean-up.ipynb)) and tokens ([lesson 11](11-share-it.ipynb)).
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
# | `crane` | `crane registry serve`, of Google's go-containerregistry: other code, by other people | node 1, port 5001 |
# | `hub` | the course's hub: distribution behind a token server | [lesson 11](11-share-it.ipynb) |
#
# crane is a tool for images. It contains a small registry for tests, which keeps manifests in memory. `serve` runs
# distribution again on the same volume, with the variables that you give it.

# %% id="open"
import json

import labs
from labs.lessons.choose_a_registry.many_repositories import fill
from labs.lessons.choose_a_registry.visit import Visit
from labs.lessons.choose_a_registry.walk import walk
from labs.lessons.choose_a_registry.walk_table import claims, table

lab = labs.open("choose-a-registry")
docker, hub = lab.docker, lab.hub
ada = hub.sign_up("ada", "ada-password")
private = {"name": "walk", "is_private": True}
ada.post("/v2/namespaces/ada/repositories", json=private)
lab.remove("crane")
docker.containers.run("crane", name="crane", detach=True, ports={"5000/tcp": 5001})
lab.wait(5001)


# %% id="serve"
def serve(**settings):
    lab.remove("distribution")
    data = {"distribution-data": {"bind": "/var/lib/registry", "mode": "rw"}}
    options = {"ports": {"5000/tcp": 5000}, "volumes": data, "environment": settings}
    docker.containers.run("registry:2", name="distribution", detach=True, **options)
    lab.wait(5000)


# %% [markdown] id="categories-text"
# ## OCI conformance: pull, push, content discovery, content management
#
# The [OCI distribution specification](https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md), version
# 1.1.1, says what a registry answers. It has four categories:
#
# | category | the specification's words | asked of registries |
# |---|---|---|
# | pull | "Clients are able to pull from the registry" | MUST |
# | push | "Clients are able to push to the registry" | SHOULD |
# | content discovery | "Clients are able to list or otherwise query the content stored in the registry" | SHOULD |
# | content management | "Clients are able to control the full life-cycle of the content stored in the registry" | SHOULD |
#
# "A registry claiming conformance with one of these specification categories MUST implement all APIs in the claimed
# category." So a registry may be conformant and delete nothing. The words in capitals are exact: MUST is required,
# SHOULD is advised, MAY is up to the registry.
#
# **14.1** Run the cell: it starts distribution without a setting, and pushes an image that you will need later. Then
# decide.

# %% id="answer-14-1"
serve()
docker.images.pull("hello-world", tag="latest").tag("127.0.0.1:5000/ada/hello", tag="1")
lab.push("127.0.0.1:5000/ada/hello:1")
lab.question("14.1")
choice = None
### BEGIN SOLUTION
choice = "c"
### END SOLUTION

# %% id="check-14-1"
lab.check("14.1", choice=choice)

# %% [markdown] id="walk-text"
# ## Test a registry: walk through its API
#
# `walk` takes 17 steps, and each is a function of a few lines in `labs/lessons/choose_a_registry/walk.py`, with the
# section of the specification beside it. This is the one that mounts a blob:
#
# ```python
# @_step("blob mounted from elsewhere", "push", "MAY", "Mounting a blob: end-11")
# def mounted(visit: Visit) -> Found:
#     other = f"{visit.repository}-base"
#     digest = visit.upload(b"a base", of=other)["digest"]
#     answer = visit.begin(f"?mount={digest}&from={other}")
#     return _found(answer.status_code == 201, answer.status_code)
# ```
#
# A `Visit` is a client with a repository. `yes` means that what was wanted happened, and not that the status was a
# good one: after a DELETE, the step asks again. The number is the status of the last request that mattered.

# %% id="walk"
walks = {"distribution": walk(Visit.to(lab.url(5000), "ada/walk"))}
print(table(walks))

# %% [markdown] id="walk-explain"
# TODO
#
# **14.2** TODO

# %% id="answer-14-2"
### BEGIN SOLUTION
serve(REGISTRY_STORAGE_DELETE_ENABLED="true")
### END SOLUTION
walks["distribution"] = walk(Visit.to(lab.url(5000), "ada/walk"))
print(table(walks))

# %% id="check-14-2"
lab.check("14.2")
