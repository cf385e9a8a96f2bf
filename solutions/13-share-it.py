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
# # Share it
#
# **You will** fetch a token by hand and pull with it, build an organization whose team may pull and not push, and give
# a robot a login that you can take back. It takes about 60 minutes, 70 if you do it in the page too. You should know
# password files and `docker login` ([lesson 6](06-let-the-right-people-in.ipynb)), requests to a registry
# ([lesson 3](03-speak-the-api.ipynb)) and what a DELETE leaves on the disk ([lesson 11](11-clean-up.ipynb)).
#
# **Why it matters.** A password file knows members and strangers, and a member may overwrite everything. Docker Hub,
# GitLab, Quay and Harbor decide for each repository who may do what, all by one protocol. If you know it, you can tell
# from a message who has refused you, and why.

# %% [markdown] id="open-text"
# ## Run this cell first each time
#
# `lab.hub` is a hub, in a container beside the nodes. The first start on a machine may take a minute. `sign_up` makes
# an account, if it is not there, and returns a client of the hub's API that is logged in. These passwords are in a
# notebook since the accounts are the lesson's own; a real one never is. A request that is refused raises nothing: print
# its `.text`.
#
# You are ada, on node 1. Node 2 is the machine of a colleague, linus; grace is another user, robot is for a program.
# `tried` pushes or pulls, and returns "done" or the words with which the engine was refused; `bearer` is a header with
# a token; `wait_until` asks until something is true. Cells can be run again. If a cell misses what a later one took
# away, begin with the first cell of its section.

# %% id="open"
import base64
import json

import labs
from labs.lessons.share_it.short_forms import bearer, tried
from labs.waiting import wait_until

lab = labs.open("share-it")
docker, colleague, hub = lab.docker, lab.node(2).docker, lab.hub
ada, linus, grace, robot = (
    hub.sign_up(name, f"{name}-password") for name in ("ada", "linus", "grace", "robot")
)
print(hub)

# %% [markdown] id="parts-text"
# ## What a hub is made of
#
# Open the address in a browser, log in as ada, with `ada-password`, and look at the page after each section. It does
# most of what the lesson does by API.
#
# | part | what it does |
# |---|---|
# | `distribution` 2.8.3 | the registry of all lessons before: it keeps manifests and blobs |
# | token server | says who may do what: this lesson |
# | receiver of events | the registry tells it each push, so that pages and API know tags and sizes |
# | git, and a queue | keep sources, and what waits to be built or told: the next lessons |
# | pages and API | for people and for programs |
#
# All but registry and git is one Django application with SQLite. nginx is in front of all: one *origin* (scheme, host
# and port). Engines call it `hub.lab` and trust its certificate. The API's paths are Docker Hub's, where Docker Hub
# documents them, and `/api` lists them.
#
# The next cell pushes an image, and waits until the API has it: the registry tells of a push after it has answered the
# engine.
#
# **13.1** Run it, and decide who may pull that image. Write the letter into the cell, and run it again.

# %% id="answer-13-1"
docker.login("ada", "ada-password", registry="hub.lab", reauth=True)
docker.images.pull("hello-world", tag="latest").tag("hub.lab/ada/hello", tag="1")
print("ada pushes:", tried(lab.push, "hub.lab/ada/hello:1"))
tags = "/v2/namespaces/ada/repositories/hello/tags"
wait_until(lambda: ada.get(tags).json().get("count"), "the event of the push")
for tag in ada.get(tags).json()["results"]:
    print(tag["name"], "for", tag["images"][0]["os"], "by", tag["last_updater_username"])
lab.question("13.1")
choice = None
### BEGIN SOLUTION
choice = "c"
### END SOLUTION

# %% id="check-13-1"
lab.check("13.1", choice=choice)

# %% [markdown] id="push-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# echo ada-password | docker login --username ada --password-stdin hub.lab
# docker image pull hello-world
# docker image tag hello-world hub.lab/ada/hello:1
# docker image push hub.lab/ada/hello:1
# ```
#
# </details>
#
# `hub.lab` is the host, `ada` the *namespace*, `hello` the repository. No one had made that repository: the push did.
# An account may do so in its own namespace.

# %% [markdown] id="bearer-text"
# ## From Basic to Bearer: read the WWW-Authenticate
#
# Node 2 has no login (the first time; later it has one), and it can pull. Its engine sends no password, but it does
# send a token. Get one by hand: ask the registry, and read the answer.

# %% id="challenge"
print("a stranger pulls:", tried(lab.pull, "hub.lab/ada/hello:1", node=2))
http = hub.http()
http.headers["accept"] = "application/vnd.docker.distribution.manifest.v2+json"
for path in ["/v2/", "/v2/ada/hello/manifests/1"]:
    reply = http.get(path)
    print(reply.status_code, reply.headers["www-authenticate"])

# %% [markdown] id="challenge-explain"
# In lesson 6 it was `Basic`: send name and password to the registry. `Bearer` means: send a *token*, which you get from
# another server.
#
# - `realm` is where: the URL of a token server. Docker Hub's is `https://auth.docker.io/token`.
# - `service` is the name of this registry at that server.
# - `scope` is what for: a type, a name and actions, `pull`, `push` or `delete`. `/v2/` needs none: a login asks there.
#
# So ask the realm for the scope. `claims` decodes a token. It has three parts with dots between, each in base64url:
# header, claims, signature.


# %% id="token"
def token(scope, auth=None):
    asked = {"service": "registry", "scope": scope}
    return http.get("/auth/token", params=asked, auth=auth).raise_for_status().json()["token"]


def claims(token):
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


pulling = token("repository:ada/hello:pull")
said = claims(pulling)
print({name: said[name] for name in ("iss", "aud", "sub", "access")})
print("valid:", (said["exp"] - said["iat"]) // 60, "minutes")
print(http.get("/v2/ada/hello/manifests/1", headers=bearer(pulling)).status_code)

# %% [markdown] id="token-twin"
# <details><summary>The same with docker</summary>
#
# With `curl`, since `docker` does all of it by itself. `HUB` is the address that the first cell printed.
#
# ```bash
# curl "$HUB/auth/token?service=registry&scope=repository:ada/hello:pull" >answer
# TOKEN=$(sed 's/.*"token": "\([^"]*\)".*/\1/' answer)
# echo "$TOKEN" | cut -d . -f 2 | tr -- -_ +/ | base64 -d 2>/dev/null || true
# curl -H "Authorization: Bearer $TOKEN" "$HUB/v2/ada/hello/tags/list"
# ```
#
# </details>
#
# That is a JSON Web Token (JWT): who made it, for which registry, for which account (none: a stranger), and what it is
# good for. It is not encrypted, so all can read it. It is *signed*. The registry has the certificate of the token
# server, verifies the signature, and reads the rest: it needs no database, and never asks the token server.
#
# A stranger gets this token since `ada/hello` is public. With name and password you get more.
#
# **13.2** Fill in the scope for a token with which ada can pull from `ada/hello` and push to it, and nothing more.

# %% id="answer-13-2"
scope = ""
### BEGIN SOLUTION
scope = "repository:ada/hello:pull,push"
### END SOLUTION
pushing = token(scope, auth=("ada", "ada-password"))
print(claims(pushing)["sub"], claims(pushing)["access"])

# %% id="check-13-2"
lab.check("13.2", scope=scope)

# %% [markdown] id="less-text"
# ## insufficient_scope: a token grants less, and 401 means something else
#
# Now linus asks for the same. Then eve asks, who has no account.

# %% id="less"
asked = token("repository:ada/hello:pull,push", auth=("linus", "linus-password"))
print(claims(asked)["sub"], claims(asked)["access"])
reply = http.post("/v2/ada/hello/blobs/uploads/", headers=bearer(asked))
print(reply.status_code, reply.headers["www-authenticate"].rpartition(",")[2])
reply = http.get("/auth/token", auth=("eve", "wrong"))
print(reply.status_code, reply.json())

# %% [markdown] id="less-explain"
# The token server does not refuse what one may not do. It leaves it out: linus gets a token for `pull` alone. The
# registry then refuses the push, since the token is too small: its 401 carries `insufficient_scope`, which Docker
# writes as `denied`. 401 from the *token server* means a wrong name or password, and nothing else. So Docker's message
# tells who has refused:
#
# | message | who refused | what to do |
# |---|---|---|
# | `unauthorized: incorrect username or password` | token server | log in with a valid password or access token |
# | `toomanyrequests: too many wrong passwords` | token server, after five (Docker Hub: often too many pulls) | wait |
# | `denied: requested access to the resource is denied` | registry | ask someone for the permission |

# %% [markdown] id="private-text"
# ## Break it: pull access denied
#
# ada makes a private repository before she pushes to it. linus logs in on node 2.
#
# **13.3** Run the cell. The one after it lets linus pull `ada/plans:1`, and `ada/never:1`, which is not there. What do
# you expect?

# %% id="answer-13-3"
ada.post("/v2/namespaces/ada/repositories", json={"name": "plans", "is_private": True})
docker.images.get("hello-world").tag("hub.lab/ada/plans", tag="1")
print("ada pushes:", tried(lab.push, "hub.lab/ada/plans:1"))
print(colleague.login("linus", "linus-password", registry="hub.lab", reauth=True)["Status"])
lab.question("13.3")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-13-3"
lab.check("13.3", choice=choice)

# %% [markdown] id="private-twin"
# <details><summary>The same with docker</summary>
#
# The API wants a token too, one of its own: `POST /v2/auth/token`, as Docker Hub's. It is valid for ten minutes.
#
# ```bash
# json() { curl -H 'Content-Type: application/json' "$@"; }
# json "$HUB/v2/auth/token" -d '{"identifier": "ada", "secret": "ada-password"}' >answer
# ADA="Authorization: Bearer $(sed 's/.*"access_token": "\([^"]*\)".*/\1/' answer)"
# json -H "$ADA" "$HUB/v2/namespaces/ada/repositories" -d '{"name": "plans", "is_private": true}'
# docker image tag hello-world hub.lab/ada/plans:1
# docker image push hub.lab/ada/plans:1
# # node 2
# echo linus-password | docker login --username linus --password-stdin hub.lab
# ```
#
# </details>

# %% id="hidden"
for name in ["plans", "never"]:
    reply = linus.get(f"/v2/namespaces/ada/repositories/{name}")
    print(reply.status_code, reply.json()["message"])
    print(tried(lab.pull, f"hub.lab/ada/{name}:1", node=2))
people = "/v2/repositories/ada/plans/collaborators"
ada.post(people, json={"user": "linus"})
print("a collaborator pulls:", tried(lab.pull, "hub.lab/ada/plans:1", node=2))
print("taken out:", ada.delete(f"{people}/linus").status_code)

# %% [markdown] id="hidden-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# # node 2
# docker image pull hub.lab/ada/plans:1  # fails
# docker image pull hub.lab/ada/never:1  # fails
# ```
#
# </details>
#
# A name can be a secret too: `ada/merger-with-initech`. So the answers for "you may not" and "there is none" are the
# same to the letter, here and on Docker Hub. If *you* read "repository does not exist or may require 'docker login'",
# check the spelling, the login (`docker login hub.lab` and the host in the reference are the same text), and the
# permission.
#
# The last lines are another way: a repository of a person can have *collaborators*, who pull and push.

# %% [markdown] id="teams-text"
# ## Organizations, teams, permissions
#
# A list of people for each repository is hard to keep right. An *organization* is a namespace of several accounts. Its
# *owners* may do all. Its *members* may do what their *teams* may: a team has `read`, `write` or `admin` in a
# repository, each with what is before it. The API calls teams *groups*, as Docker Hub's does.
#
# In the page: *New organization*; *Members*: add linus; *Teams*: add him there too. (The API's call for a team does
# both.) The permission is in the settings of a repository. (It counts no pull by linus: node 2 has this image, and only
# asks with HEAD.)
#
# **13.4** Run the cell as it is: the team may pull. But developers push. Add a line that repairs it, and run the cell
# again. No more than that: linus is not to delete images, or to change who may do what. (Done in the page? Run only the
# check: this cell gives `read` again.)

# %% id="answer-13-4"
ada.post("/v2/orgs", json={"orgname": "acme"})
ada.post("/v2/orgs/acme/groups", json={"name": "developers"})
ada.post("/v2/orgs/acme/groups/developers/members", json={"member": "linus"})
developers = ada.get("/v2/orgs/acme/groups/developers").json()["id"]
ada.post("/v2/namespaces/acme/repositories", json={"name": "site", "is_private": True})
site = "/v2/repositories/acme/site/groups"
ada.post(site, json={"group_id": developers, "permission": "read"})
docker.images.get("hello-world").tag("hub.lab/acme/site", tag="1")
print("ada pushes:", tried(lab.push, "hub.lab/acme/site:1"))
print("linus pulls:", tried(lab.pull, "hub.lab/acme/site:1", node=2))
### BEGIN SOLUTION
ada.post(site, json={"group_id": developers, "permission": "write"})
### END SOLUTION
colleague.images.get("hub.lab/acme/site:1").tag("hub.lab/acme/site", tag="2")
print("linus pushes:", tried(lab.push, "hub.lab/acme/site:2", node=2))

# %% id="check-13-4"
lab.check("13.4")

# %% [markdown] id="teams-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# json -H "$ADA" "$HUB/v2/orgs" -d '{"orgname": "acme"}'
# json -H "$ADA" "$HUB/v2/orgs/acme/groups" -d '{"name": "developers"}'
# json -H "$ADA" "$HUB/v2/orgs/acme/groups/developers/members" -d '{"member": "linus"}'
# json -H "$ADA" "$HUB/v2/namespaces/acme/repositories" -d '{"name": "site", "is_private": true}'
# json -H "$ADA" "$HUB/v2/repositories/acme/site/groups" -d '{"group_id": …, "permission": "read"}'
# docker image tag hello-world hub.lab/acme/site:1
# docker image push hub.lab/acme/site:1
# # node 2
# docker image pull hub.lab/acme/site:1
# docker image tag hub.lab/acme/site:1 hub.lab/acme/site:2
# docker image push hub.lab/acme/site:2  # fails
# ```
#
# </details>

# %% [markdown] id="robot-text"
# ## Personal access token: a login for a program
#
# A build server has to push at night. With linus' password it could do all that linus may; and if that leaks, he needs
# a new one everywhere. A *personal access token* takes the place of the password and can do less. Its *scope* is
# `repo:public_read`, `repo:read`, `repo:write` or `repo:admin`, each with those before it. In the page, at *Access
# tokens*: *Public repositories: read*, *Read*, *Read and write*, *Read, write and delete*.
#
# linus makes one, and the build server on node 2 logs in with it.

# %% id="access-token"
wanted = {"token_label": "build server", "scopes": ["repo:write"]}
made = linus.post("/v2/access-tokens", json=wanted).json()
print(made["token"][:8] + "…")
colleague.login("linus", made["token"], registry="hub.lab", reauth=True)
print("it pushes:", tried(lab.push, "hub.lab/acme/site:2", node=2))
path = f"/v2/access-tokens/{made['uuid']}"
print("shown again:", "token" in linus.get(path).json())
print("uses:", *(each["asked"] for each in linus.get(f"{path}/uses").json()["results"]))

# %% [markdown] id="access-token-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# json "$HUB/v2/auth/token" -d '{"identifier": "linus", "secret": "linus-password"}' >answer
# LINUS="Authorization: Bearer $(sed 's/.*"access_token": "\([^"]*\)".*/\1/' answer)"
# json -H "$LINUS" "$HUB/v2/access-tokens" -d '{"token_label": "build server", "scopes": ["repo:write"]}' >made
# … # copy the token, a field of `made`, to node 2
# # node 2
# echo … | docker login --username linus --password-stdin hub.lab
# docker image push hub.lab/acme/site:2
# ```
#
# </details>
#
# The text is shown once. The hub keeps a hash of it: a copy of its database logs in nowhere. It notes each use, with
# time and address. A prefix such as `hub_pat_` lets scanners find tokens that were committed by mistake. Docker Hub's
# is `dckr_pat_`.
#
# The next cell tries what it cannot do, although linus can: make a larger one, found an organization, and delete a
# repository of his.
#
# **13.5** Then it leaks, and linus switches it off (in the page: *Switch off*). A moment before, someone had fetched a
# registry token with it.
# What is that good for? Run the cell, and decide.

# %% id="answer-13-5"
program = hub.log_in("linus", made["token"])
linus.post("/v2/namespaces/linus/repositories", json={"name": "mine"})
larger = {"token_label": "larger", "scopes": ["repo:admin"]}
tries = [("POST", "/v2/access-tokens", larger), ("POST", "/v2/orgs", {"orgname": "mine"})]
tries += [("DELETE", "/v2/namespaces/linus/repositories/mine", None)]
for method, path, body in tries:
    reply = program.request(method, path, json=body)
    print(reply.status_code, reply.json()["message"])
lab.question("13.5")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-13-5"
lab.check("13.5", choice=choice)

# %% id="revoke"
fetched = token("repository:acme/site:pull,push", auth=("linus", made["token"]))
linus.patch(f"/v2/access-tokens/{made['uuid']}", json={"is_active": False})
print("its engine pushes:", tried(lab.push, "hub.lab/acme/site:2", node=2))
colleague.login("linus", "linus-password", registry="hub.lab", reauth=True)
reply = http.post("/v2/acme/site/blobs/uploads/", headers=bearer(fetched))
print("with the token that was fetched before:", reply.status_code)
print("the API:", program.get("/v2/namespaces/acme/repositories/site").status_code)

# %% [markdown] id="revoke-explain"
# The engine is refused. 202 is an upload that begins: the registry looks nothing up. What was signed is valid until
# `exp`, and this registry allows one minute more, for clocks that differ. A thief with a copy has six minutes, in the
# repositories that it names: the price for a registry without a database. A shorter time breaks pushes: where it was
# one minute, it [had expired before a large layer was
# uploaded](https://gitlab.com/gitlab-org/gitlab-foss/-/issues/17890). The hub's API does look up each request.
#
# An access token can do no more than its account. But it has no list of repositories, here and on Docker Hub: this one
# pushed wherever linus may push. So a program for one repository gets *an account of its own*, in a team of its own.

# %% [markdown] id="delete-text"
# ## Delete an image, a tag, a repository
#
# `ada/tools` is private and has two images: `1` and `old` are one, `2` is another.
#
# A tag alone cannot be deleted, as in lesson 11: version 2 of the registry deletes by digest. The hub has a path for
# that, for those with `admin` (in the page: click a tag):
# `DELETE /v2/namespaces/<namespace>/repositories/<repository>/images/<digest>`.
#
# **13.6** Run the cell as it is. Then add a line that deletes the image of the tags `1` and `old`, and keeps `2`.

# %% id="answer-13-6"
tools = "/v2/namespaces/ada/repositories/tools"
ada.post("/v2/namespaces/ada/repositories", json={"name": "tools", "is_private": True})
for tag, image in {"1": "hello-world", "old": "hello-world", "2": "busybox"}.items():
    docker.images.pull(image, tag="latest").tag("hub.lab/ada/tools", tag=tag)
    lab.push(f"hub.lab/ada/tools:{tag}")
wait_until(lambda: ada.get(f"{tools}/tags").json()["count"] >= 3, "the events")
print("linus:", linus.delete(tools).status_code)
print("ada, a tag:", ada.delete(f"{tools}/tags/1").status_code)
digest = ada.get(f"{tools}/tags/1").json()["digest"]
owner = bearer(token("repository:ada/tools:pull", auth=("ada", "ada-password")))
manifest = http.get(f"/v2/ada/tools/manifests/{digest}", headers=owner).json()
blob = f"/v2/ada/tools/blobs/{manifest['layers'][0]['digest']}"
### BEGIN SOLUTION
ada.delete(f"{tools}/images/{digest}")
### END SOLUTION
print("tags:", sorted(each["name"] for each in ada.get(f"{tools}/tags").json()["results"]))
print("its layer:", http.head(blob, headers=owner).status_code)

# %% id="check-13-6"
lab.check("13.6")

# %% [markdown] id="delete-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# json -H "$ADA" "$HUB/v2/namespaces/ada/repositories" -d '{"name": "tools", "is_private": true}'
# docker image pull busybox
# docker image tag hello-world hub.lab/ada/tools:1
# docker image tag hello-world hub.lab/ada/tools:old
# docker image tag busybox hub.lab/ada/tools:2
# docker image push --all-tags hub.lab/ada/tools
# ```
#
# </details>
#
# linus gets 404, not 403: he is not told that there is such a repository. The layer of the deleted image is still
# served to those who may pull. As in lesson 11, bytes are freed when garbage is collected: this hub does so at its
# start, while nothing can be pushed.
#
# Only owners of a namespace delete whole repositories. It has a trap: look at the second `private` below.

# %% id="gone"
plans = "/v2/namespaces/ada/repositories/plans"
ada.post("/v2/namespaces/ada/repositories", json={"name": "plans", "is_private": True})
print("private:", ada.get(plans).json()["is_private"])
print("deleted:", ada.delete(plans).status_code, ada.get(plans).status_code)
lab.push("hub.lab/ada/plans:1")
wait_until(lambda: ada.get(plans).status_code == 200, "the event of the push")
print("private:", ada.get(plans).json()["is_private"])
print("deleted:", ada.delete(plans).status_code)

# %% [markdown] id="gone-explain"
# The push made the repository again, and it is **public**. A push cannot say what it should be. People ask for that
# ([docker/cli, issue 4977](https://github.com/docker/cli/issues/4977)); the answer is a default of the namespace, on
# Docker Hub as here (in the page of a namespace). So make a private repository before the first push.

# %% [markdown] id="exercise-13-7"
# ## Exercise 13.7: an organization whose team may pull and not push
#
# Make the organization `studio`, owned by ada, with two **private** repositories: `studio/site` and `studio/notes`.
# Each has `hello-world` as tag `1`. linus is in a team that may **pull `studio/site` and not push** to it. He cannot
# see `studio/notes`. grace and strangers see neither, and no one but ada can make a repository there.

# %% id="answer-13-7"
### BEGIN SOLUTION
ada.post("/v2/orgs", json={"orgname": "studio"})
for name in ["site", "notes"]:
    ada.post("/v2/namespaces/studio/repositories", json={"name": name, "is_private": True})
    docker.images.get("hello-world").tag(f"hub.lab/studio/{name}", tag="1")
    lab.push(f"hub.lab/studio/{name}:1")
ada.post("/v2/orgs/studio/groups", json={"name": "readers"})
ada.post("/v2/orgs/studio/groups/readers/members", json={"member": "linus"})
readers = ada.get("/v2/orgs/studio/groups/readers").json()["id"]
permission = {"group_id": readers, "permission": "read"}
ada.post("/v2/repositories/studio/site/groups", json=permission)
### END SOLUTION

# %% id="check-13-7"
lab.check("13.7")

# %% [markdown] id="exercise-13-8"
# ## Exercise 13.8: a robot that pushes to one repository
#
# Node 2 is to push `studio/site` at night, as the account **robot**. What 13.7 says of all others stays true: linus
# does not push. Write an access token of robot into the file `/srv/robot/token` of node 2, which only its owner can
# read: `lab.node(2).write_file(path, text, mode=0o600)`. (`read_file(path).decode()` reads it.) What it is good for:
#
# - it can **pull from and push to `studio/site`**;
# - in `studio` it can do nothing else: it cannot see `studio/notes`, make a repository, or delete anything;
# - by the API it cannot make or delete a repository, not even in robot's own namespace. (A push may still make one
#   there: `repo:write` includes that.)
#
# Push something with it from a node, so that `studio/site` has a tag `2` by robot.

# %% id="answer-13-8"
### BEGIN SOLUTION
ada.post("/v2/orgs/studio/groups", json={"name": "robots"})
ada.post("/v2/orgs/studio/groups/robots/members", json={"member": "robot"})
robots = ada.get("/v2/orgs/studio/groups/robots").json()["id"]
permission = {"group_id": robots, "permission": "write"}
ada.post("/v2/repositories/studio/site/groups", json=permission)
wanted = {"token_label": "night", "scopes": ["repo:write"]}
secret = robot.post("/v2/access-tokens", json=wanted).json()["token"]
lab.node(2).write_file("/srv/robot/token", secret, mode=0o600)
colleague.login("robot", secret, registry="hub.lab", reauth=True)
colleague.images.pull("hello-world", tag="latest").tag("hub.lab/studio/site", tag="2")
lab.push("hub.lab/studio/site:2", node=2)
### END SOLUTION

# %% id="check-13-8"
lab.check("13.8")

# %% [markdown] id="elsewhere"
# ## Docker Hub, and other hubs
#
# What you called here works there: `/v2/auth/token`, `/v2/access-tokens`, `/v2/namespaces/…/repositories`,
# `/v2/orgs/…/groups`, `/v2/repositories/…/groups`. What differs:
#
# | what | this hub | Docker Hub |
# |---|---|---|
# | organizations | made by API, members are added | made in the page, members are invited |
# | a program of an organization | an account in a team | the same, or an *organization access token* (OAT) |
# | who manages an organization by API | an owner's password | an OAT can; a personal access token cannot |
# | tags | deleted with their image | deleted one by one |
#
# Quay, GitLab and Harbor have other APIs and this protocol, [token
# authentication](https://distribution.github.io/distribution/spec/auth/token/): what you did by hand with `realm`,
# `service` and `scope` finds the fault there too.

# %% [markdown] id="learned"
# ## What you learned
#
# - A registry asks for a signed token and knows no accounts. The token server knows them, and grants what one may do.
# - "Does not exist" and "may not" read alike. `unauthorized` is about the login, `denied` about the permission.
# - A team has a level for each repository. A program gets its own account and a token, which can be switched off.
#
# `lab.close()` removes both nodes and the hub, with its accounts, tokens and images.
#
# **Next:** [lesson 14](14-build-on-push.ipynb): images that are built from git and deployed by a webhook.

# %% id="progress"
lab.progress()
