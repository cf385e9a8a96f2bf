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
# # Build on push
#
# **You will** make a hub build an image from each `git push`, build again what depends on it, and write a receiver that
# puts the new image into service. It takes about 60 minutes. You should know the hub
# ([lesson 13](13-share-it.ipynb)), and how git commits, branches and tags.
#
# **Why it matters.** An image that was built by hand has no known source. When a base image gets a security fix,
# everything that is built on it has to be built again, today. And a program that deploys what it is told must know who
# tells it.

# %% [markdown] id="open-text"
# ## Run this cell first each time
#
# You are ada, in the organization acme. `git` runs git in a container of node 1 and prints what the hub says;
# `git.push` writes files, commits and pushes. `start_over`, `rule`, `built` and the others are calls of the hub's API.
# All of them are in `labs/lessons/build_on_push/`, in `node_git.py` and `acme_repositories.py`.
#
# Open the printed page beside the notebook and log in as ada, with `ada-password`. In a repository, *Builds* has the
# logs, and *Automation* the rest. After this one, each cell can be run again.

# %% id="open"
import labs
from labs.lessons.build_on_push.acme_repositories import AcmeRepositories
from labs.lessons.build_on_push.node_git import NodeGit
from labs.waiting import wait_until

lab = labs.open("build-on-push")
hub, git = lab.hub, NodeGit(lab.node(1))
ada = hub.sign_up("ada", "ada-password")
acme = AcmeRepositories(ada, git)
start_over, rule, no_rules, built = acme.start_over, acme.rule, acme.no_rules, acme.built
no_webhooks, tried = acme.no_webhooks, acme.tried
ACME = "/v2/namespaces/acme/repositories"
APP = f"{ACME}/app"
DOCKERFILE = 'FROM busybox\nCMD ["httpd", "-f", "-h", "/www"]\nCOPY www /www\n'
print(f"{hub.url}/acme")

# %% [markdown] id="link-text"
# ## Link a repository to git: git push builds an image
#
# A repository of images can have a *source*: the git repository that it is built from. Docker Hub takes one at GitHub
# or Bitbucket; this hub keeps it itself, below `https://hub.lab/git/`. *Build rules* say what is built. `start_over`
# makes `acme/app` without any, and links it.

# %% id="link"
start_over("app")
git.push("app", {"Dockerfile": DOCKERFILE, "www/index.html": "<h1>Hello</h1>\n"}, "a first page")

# %% [markdown] id="link-twin"
# <details><summary>The same with curl</summary>
#
# `HUB` is the address that the first cell printed, without `/acme`. On node 1, `git` is the container, and
# `/srv/git/app` its folder.
#
# ```bash
# curl -H 'Content-Type: application/json' -d '{"identifier": "ada", "secret": "ada-password"}' \
#   "$HUB/v2/auth/token" | sed 's/.*"access_token": "\([^"]*\)".*/Authorization: Bearer \1/' >ada
# api() { curl -X "$1" -H @ada -H 'Content-Type: application/json' "$HUB/v2/namespaces/acme/repositories$2" -d "$3"; }
# api POST '' '{"name": "app"}'
# api PUT /app/source '{"git_repository": "app"}'
# # node 1
# git init
# git remote add origin https://ada:ada-password@hub.lab/git/acme/app.git
# git add --all
# git commit --message 'a first page'
# git push origin HEAD
# ```
#
# </details>
#
# The line with `remote:` is the hub's: after a push, git runs the hook `post-receive` on the server, and prints what it
# says. GitHub calls a URL of Docker Hub instead, which is sometimes called the *reverse webhook*: the hub receives it.
#
# **14.1** `rule` adds a build rule, if it is not there: for which repository; whether for a `"branch"` or a `"tag"` of
# git; its name; which tag of the image it makes. Add the rule by which a push to git's branch `main` makes
# `acme/app:latest`, and push again: `git.push("app", {}, "the same page again")`.

# %% id="answer-14-1"
### BEGIN SOLUTION
rule("app", "branch", "main", "latest")
git.push("app", {}, "the same page again")
### END SOLUTION

# %% id="check-14-1"
lab.check("14.1")

# %% [markdown] id="broken-text"
# ## Break it: a build that fails, and its log
#
# The push is accepted before anything is built: the build waits in a queue. `built` waits for the last one. The next
# Dockerfile has a mistake.

# %% id="broken"
rule("app", "branch", "main", "latest")
git.push("app", {"Dockerfile": DOCKERFILE.replace("COPY www", "COPY pages")}, "another folder")
failed = built("app")
print(failed["state"], failed["log"].strip().splitlines()[-1], sep="\n")
print(ada.post(f"{APP}/builds/{failed['number']}/retry").json()["state"])
print(built("app")["state"], built("app")["commit"] == failed["commit"])
print(*failed)

# %% [markdown] id="broken-twin"
# <details><summary>The same with curl</summary>
#
# ```bash
# api GET /app/builds
# api GET /app/builds/…
# api POST /app/builds/…/retry
# api POST /app/builds/…/cancel # fails
# ```
#
# </details>
#
# The reason is in the log's last line, in the engine's words. A failed build pushes nothing: `latest` is the image from
# before. *Retry* (*Run again* on the page) builds the same commit again, which helps where the network failed. *Cancel*
# ends a build that waits or runs. The last line printed has the names of a build's fields.
#
# **14.2** Make `latest` an image again that has `/www/index.html`, now with the word `Welcome` in it.

# %% id="answer-14-2"
page = {"www/index.html": "<h1>Welcome</h1>\n"}
### BEGIN SOLUTION
git.push("app", {**page, "Dockerfile": DOCKERFILE}, "the right folder")
print(built("app")["state"])
### END SOLUTION

# %% id="check-14-2"
lab.check("14.2")

# %% [markdown] id="rules-text"
# ## Build rules: branches, tags and regular expressions
#
# A `source` between slashes is a regular expression. In the image's tag, `{sourceref}` is the whole name of the branch
# or tag, and `{\1}` to `{\9}` are what the groups in parentheses have matched. `acme/tools` is a second repository.

# %% id="rules"
start_over("tools")
rule("tools", "branch", "/^feature.+/", "{sourceref}")
git.push("tools", {"Dockerfile": 'FROM busybox\nCMD ["date"]\n'}, "a first tool")
git("tools", "push", "--force", "origin", "HEAD:feature/login")
print(built("tools")["state"], lab.pull("hub.lab/acme/tools:feature-login", node=2))

# %% [markdown] id="rules-twin"
# <details><summary>The same with curl</summary>
#
# ```bash
# api POST /tools/build-rules '{"source_type": "branch", "source": "/^feature.+/", "tag": "{sourceref}"}'
# # node 1
# git push origin HEAD:feature/login
# # node 2
# docker image pull hub.lab/acme/tools:feature-login
# ```
#
# </details>
#
# What no rule matches is not built. A tag cannot have a slash, so it became a dash. The expression is *searched*:
# without `^` it would find `my-feature` too.

# %% [markdown] id="exercise-14-3"
# ## Exercise 14.3: v1.2.3 makes the tags 1.2.3, 1.2 and 1
#
# People who write `acme/tools:1` want the newest 1; those who write `1.2.3`, that version. A rule for git's *tags* has
# `"source_type": "tag"`, and can make several tags of one image, with commas between.
#
# Let the git tag `v1.2.3` make all three tags of the image, and every other `v`, number, dot, number, dot, number too.
# No other tag of git makes any: not `v1.2.3-rc1`. Then push `v1.2.3` to git. The check also copies your rules to a
# repository of its own, and pushes tags there.
#
# `git("tools", "tag", "--force", "v1.2.3")` gives the name to the last commit, and
# `git("tools", "push", "--force", "origin", "v1.2.3")` pushes it. The cell's first lines are for a second try: a rule
# stays until it is deleted, and a tag that git has starts nothing unless it moves. Write expressions and `{\1}` as
# `r"…"`: without the `r`, Python takes `\1` for a character.

# %% id="answer-14-3"
no_rules("tools", "tag")
git.push("tools", {}, "the version 1.2.3")
### BEGIN SOLUTION
rule("tools", "tag", r"/^v([0-9]+)\.([0-9]+)\.([0-9]+)$/", r"{\1}.{\2}.{\3}, {\1}.{\2}, {\1}")
git("tools", "tag", "--force", "v1.2.3")
git("tools", "push", "--force", "origin", "v1.2.3")
print(built("tools")["tags"])
### END SOLUTION

# %% id="check-14-3"
lab.check("14.3")

# %% [markdown] id="hooks-text"
# ## Build hooks: pre_build, SOURCE_COMMIT, DOCKER_TAG
#
# Which commit is in the image that runs there? The hub adds it as a label, `org.opencontainers.image.revision`, which a
# person who asks the app by HTTP does not see. If the source has a file `hooks/pre_build`, its commands are run before
# the build, in the folder of the source; here in a container of busybox. One that fails ends the build. As on Docker
# Hub, it is told `SOURCE_COMMIT`, `SOURCE_BRANCH` and `DOCKER_TAG`.
#
# <details><summary>Other hooks and variables</summary>
#
# Further hooks are `post_checkout`, `post_build`, `pre_push` and `post_push`; further variables `COMMIT_MSG`,
# `DOCKER_REPO`, `DOCKERFILE_PATH` and `IMAGE_NAME`. Hooks do not get the engine's socket here, so `hooks/build`, which
# on Docker Hub takes the place of the build, is not run.
#
# </details>
#
# **14.4** Let each build write its commit into the image's file `/www/version`, and push that to `main` of the app.

# %% id="answer-14-4"
### BEGIN SOLUTION
git.push("app", {"hooks/pre_build": 'echo "$SOURCE_COMMIT" >www/version\n'}, "note the commit")
print(built("app")["log"].splitlines()[0])
### END SOLUTION

# %% id="check-14-4"
lab.check("14.4")

# %% [markdown] id="base-text"
# ## Link to a base image: a new base builds the app again
#
# `acme/base` gets a source of its own, and the app's Dockerfile begins with `FROM hub.lab/acme/base`. The *link* says:
# build `acme/app` again whenever `acme/base` has a new image. A second link, in the other direction, is tried too.

# %% id="base"
start_over("base")
rule("base", "branch", "main", "latest")
base = {"Dockerfile": DOCKERFILE.replace("www /www", "base.txt /www/"), "base.txt": "one\n"}
git.push("base", base, "base one")
print(built("base")["state"])
git.push("app", {"Dockerfile": "FROM hub.lab/acme/base\nCOPY www /www\n"}, "on the base")
print(built("app")["state"], ada.post(f"{APP}/links", json={"repository": "acme/base"}).status_code)
print(ada.post(f"{ACME}/base/links", json={"repository": "acme/app"}).json()["message"])

# %% [markdown] id="base-twin"
# <details><summary>The same with curl</summary>
#
# ```bash
# api POST /app/links '{"repository": "acme/base"}'
# api POST /base/links '{"repository": "acme/app"}' # fails
# ```
#
# </details>
#
# The second link is refused: each build would start the next.
#
# **14.5** The cell after the next pushes a new `base.txt` to the base, and nothing to the app. Predict what happens.

# %% id="answer-14-5"
lab.question("14.5")
choice = None
### BEGIN SOLUTION
choice = "c"
### END SOLUTION

# %% id="check-14-5"
lab.check("14.5", choice=choice)

# %% id="chain"
before = built("app")
git.push("base", {"base.txt": "two\n"}, "base two")
print(built("base")["cause"])
wait_until(lambda: built("app")["number"] > before["number"], "the app's build", timeout_s=60)
again = built("app")
print(again["cause"], again["commit"] == before["commit"], again["digest"] == before["digest"])

# %% [markdown] id="chain-explain"
# The same commit, another image. The engine's cache is not used then: what a `RUN` downloads would be the old one. Each
# tag that rules have made is built again, a version like `1.2.3` too. For an image that never changes, write its
# digest.

# %% [markdown] id="trigger-text"
# ## Build triggers: a secret URL for curl
#
# A *trigger* is for other services, a schedule for instance: a `POST` to its URL starts builds, without a login. The
# URL holds a secret, and is shown once. The body names a branch or tag of the source, and starts what all rules make of
# it, those with `autobuild=False` too, which no push starts. `docker_tag` runs the last build of that tag again.
#
# **14.6** A push is not to make `acme/tools:nightly`; a trigger is. The rule is there. Call `url` twice, with
# `hub.http().post(url, json={…})`, and print status and text of both answers. The second is refused: why?

# %% id="answer-14-6"
rule("tools", "branch", "main", "nightly", autobuild=False)
git.push("tools", {}, "a push that builds nothing")
TRIGGERS = f"{ACME}/tools/triggers"
for old in ada.get(TRIGGERS).json()["results"]:
    ada.delete(f"{TRIGGERS}/{old['id']}")
trigger = ada.post(TRIGGERS, json={"name": "every night"}).json()
url = trigger["url"].removeprefix("https://hub.lab")
### BEGIN SOLUTION
for _ in range(2):
    answer = hub.http().post(url, json={"source_type": "branch", "source_name": "main"})
    print(answer.status_code, answer.text)
### END SOLUTION
print([call["asked"] for call in ada.get(TRIGGERS).json()["results"][-1]["calls"]])

# %% id="check-14-6"
lab.check("14.6")

# %% [markdown] id="trigger-twin"
# <details><summary>The same with curl</summary>
#
# ```bash
# api POST /tools/triggers '{"name": "curl"}' | sed 's|.*"https://hub.lab\([^"]*\)".*|\1|' >url
# curl "$HUB$(cat url)" -d '{"source_type": "branch", "source_name": "main"}'
# curl "$HUB$(cat url)" -d '{"source_type": "branch", "source_name": "main"}' # fails
# ```
#
# </details>
#
# One call in ten seconds is allowed (Docker Hub allowed one in five minutes), and `429` means *too many requests*. The
# last ten calls are kept, with address, body and result.

# %% [markdown] id="webhook-text"
# ## Webhooks: tell a receiver of each push
#
# A *webhook* is a URL that the hub calls after each push to the registry. `start_receiver` runs a web server on port
# 8081 of node 2, which runs the shell script `/srv/receiver/hook` for each call
# (`labs/lessons/build_on_push/receiver.py`). `STORE`, the first script, keeps what it is sent. The secret is shown
# once, in the answer that makes the webhook, and goes into `/srv/receiver/secret`. A `POST` to `builds` builds now what
# the rules make of `main`, and the build pushes. After a restart of the kernel, run this cell before those below it.

# %% id="webhook"
import json

from labs.lessons.build_on_push.receiver import STORE, start_receiver

print(STORE)
no_webhooks("app")
url = "http://node2:8081/cgi-bin/hook"
hook = ada.post(f"{APP}/webhooks", json={"name": "deploy", "url": url}).json()
start_receiver(lab.node(2), STORE, hook["secret"])
ada.post(f"{APP}/builds", json={})
wait_until(lambda: tried("app", "delivered"), "a delivery", timeout_s=60)
body = lab.node(2).exec(["cat", "/srv/receiver/body"]).stdout
print(*[f"{part}: {' '.join(fields)}" for part, fields in json.loads(body).items()], sep="\n")

# %% [markdown] id="webhook-twin"
# <details><summary>The same with curl</summary>
#
# ```bash
# api POST /app/webhooks '{"name": "deploy", "url": "http://node2:8081/cgi-bin/hook"}' >made
# api GET /app/webhooks/…/deliveries
# ```
#
# </details>
#
# Anyone who reaches port 8081 can send such a call. So the hub signs: `X-Hub-Timestamp` is the time in seconds, and
# `X-Hub-Signature-256` is `sha256=` and the HMAC-SHA256, in hexadecimal digits, of that time, a dot and the body as it
# came, byte by byte; the webhook's secret is the key. The time is signed too, so that a recorded call cannot be sent
# again next week.
#
# **14.7** `given` is the signature of `time` and `body`, as the receiver has stored them. Let `digits` calculate and
# return its digits, as small letters and without `sha256=`. They are compared for that body, and for a forged one.

# %% id="answer-14-7"
import hashlib
import hmac

key = hook["secret"].encode()
time, given = lab.node(2).exec(["cat", "/srv/receiver/headers"]).stdout.split()


def digits(time, body):
    """HMAC-SHA256 of time, dot and body."""
    ### BEGIN SOLUTION
    return hmac.new(key, f"{time}.{body}".encode(), hashlib.sha256).hexdigest()
    ### END SOLUTION


texts = [body, body.replace("latest", "forged")]
macs = [digits(time, text) for text in texts]
print(*[hmac.compare_digest(f"sha256={mac}", given) for mac in macs])

# %% id="check-14-7"
lab.check("14.7", time=time, texts=texts, macs=macs)

# %% [markdown] id="verify-explain"
# `compare_digest` takes as long for a wrong first digit as for a wrong last one, so its time tells an attacker nothing.
#
# <details><summary>Docker Hub's payload, and <code>callback_url</code></summary>
#
# The payload has Docker Hub's fields, and the digest besides, but for `callback_url`, to which a receiver was to
# report: Docker Hub's documentation calls it a legacy field, no longer supported.
#
# </details>

# %% [markdown] id="again-text"
# ## A delivery that failed is sent again
#
# The receiver is off for a moment, as when its machine is updated.

# %% id="again"
last = tried("app")["id"]
receiver = lab.node(2).docker.containers.get("receiver")
receiver.kill()
ada.post(f"{APP}/builds", json={})
failed = wait_until(lambda: tried("app", after=last), "a try", timeout_s=60)
print(failed["state"], failed["response_status"], failed["response_body"].split(":")[0])
receiver.start()
wait_until(lambda: tried("app", "delivered", after=last), "another try")
again = ada.post(f"{APP}/webhooks/{hook['id']}/deliveries/{failed['id']}/redeliver").json()
done = wait_until(lambda: tried("app", after=failed["id"]), "the same again")
print(again["payload"] == failed["payload"], done["state"], done["response_status"])

# %% [markdown] id="again-twin"
# <details><summary>The same with curl</summary>
#
# ```bash
# # node 2
# docker container kill receiver
# docker container start receiver
# # node 1
# api POST /app/webhooks/…/deliveries/…/redeliver
# ```
#
# </details>
#
# The hub tries again after 1 s, then after 2, 5, 15, 60 and 300: pauses that grow are called *back-off*. Then it gives
# up. *Send again*, a button of the page too, makes a new delivery of the same payload, signed again. So a receiver may
# be told twice. And it has five seconds: answer first, work after that.

# %% [markdown] id="exercise-14-8"
# ## Exercise 14.8: deploy what the hub tells, and nothing else
#
# Write `/srv/receiver/hook` of node 2, so that a push to the git repository of `acme/base` ends, without you, in a new
# container of `acme/app` on port **8080** of node 2.
#
# - Answer `Status: 403 Forbidden`, and change nothing, unless the call is signed with the secret in the file `secret`,
#   at most five minutes ago.
# - Else answer at once, also while the engine is busy: `sh deploy >log 2>&1 &` runs the printed script, which is there
#   already, in the background.
# - `openssl dgst -sha256 -hmac "$key" -r` prints the HMAC of its input, and a blank and more behind it. `printf '%s'`
#   prints without the end of a line, which would be signed too. `date +%s` is the time in seconds.
# - What the script writes to stderr is in `docker logs receiver`, what `deploy` said in `log`.
#
# The check calls the receiver in wrong ways, pushes to the base, and looks at port 8080.

# %% id="answer-14-8"
from labs.lessons.build_on_push.receiver import DEPLOY

print(DEPLOY)
### BEGIN SOLUTION
HOOK = r"""body=$(cat) time=$HTTP_X_HUB_TIMESTAMP
mac=$(printf '%s' "$time.$body" | openssl dgst -sha256 -hmac "$(cat secret)" -r | cut -c 1-64)
if [ "$HTTP_X_HUB_SIGNATURE_256" != "sha256=$mac" ] || [ $(($(date +%s) - time)) -gt 300 ]; then
    printf 'Status: 403 Forbidden\n\n'
    exit
fi
printf 'Status: 202 Accepted\n\n'
sh deploy >log 2>&1 &
"""
lab.node(2).write_file("/srv/receiver/hook", HOOK)
### END SOLUTION

# %% id="check-14-8"
lab.check("14.8")

# %% [markdown] id="deploy-explain"
# `[` stops at the first other character. Here the network hides that; a receiver for the Internet compares with a
# function like `compare_digest`. Between `rm` and `run` nothing answers for a second; on a swarm, `docker service
# update --image` replaces tasks one by one ([lesson 7](07-serve-a-swarm.ipynb)).

# %% [markdown] id="elsewhere"
# ## Docker Hub's automated builds, GitHub Actions, GitLab CI
#
# Docker Hub's *automated builds* have rules, hooks and triggers like these. Free accounts lost them on 18 June 2021 to
# miners of cryptocurrency; Pro, Team and Business keep them until **1 April 2027**, when they retire. Links are gone:
# the guide for moving away calls them "not supported". Webhooks stay, without a signature: put a secret into the URL of
# yours, and let the receiver ask the registry what is new.
#
# Today the service that has the git repository builds, and a file in it says what. A hook is a step of such a file, and
# so is the call of your receiver. A link has no counterpart: people build every night, or let Renovate or Dependabot
# propose a change when the base has a new digest.
#
# <details><summary>The same at GitHub (not run here)</summary>
#
# ```yaml
# # .github/workflows/image.yml
# on:
#   push: {branches: [main], tags: ["v*.*.*"]}
#   repository_dispatch: {types: [new-base]}  # a trigger: POST with a token
# jobs:
#   image:
#     runs-on: ubuntu-latest
#     steps:
#       - uses: actions/checkout@v4
#       - uses: docker/login-action@v3
#         with: {username: acme, password: "${{ secrets.DOCKERHUB_TOKEN }}"}
#       - uses: docker/metadata-action@v5
#         id: meta
#         with:
#           images: acme/app
#           flavor: latest=false  # else each version is latest too
#           tags: |
#             type=raw,value=latest,enable={{is_default_branch}}
#             type=semver,pattern={{version}}
#             type=semver,pattern={{major}}.{{minor}}
#             type=semver,pattern={{major}}
#       - uses: docker/build-push-action@v6
#         with: {push: true, tags: "${{ steps.meta.outputs.tags }}"}
# ```
#
# </details>
#
# <details><summary>The same at GitLab, for its own registry (not run here)</summary>
#
# ```yaml
# # .gitlab-ci.yml
# image:
#   image: docker:28
#   services: [docker:28-dind]
#   rules:
#     - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
#       variables: {TAG: latest}
#     - if: $CI_COMMIT_TAG =~ /^v\d+\.\d+\.\d+$/
#       variables: {TAG: $CI_COMMIT_TAG}
#   script:
#     - echo "$CI_REGISTRY_PASSWORD" | docker login -u "$CI_REGISTRY_USER" --password-stdin "$CI_REGISTRY"
#     - docker build --pull -t "$CI_REGISTRY_IMAGE:$TAG" .
#     - docker push "$CI_REGISTRY_IMAGE:$TAG"
# ```
#
# </details>

# %% [markdown] id="learned"
# ## What you learned
#
# - Rules decide which branch or tag of git makes which tag of the image. A failed build says why in its log.
# - A new base builds again what is linked to it; a trigger does so for a service that has its URL.
# - A receiver trusts a signature with a time in it, has five seconds to answer, and may be told twice.
#
# `lab.close()` removes this lesson's nodes and hub, and gives back about 400 MB of memory and all that you pushed.
#
# **Next:** [lesson 15](15-move-and-sign.ipynb): images that move to other registries and keep their signatures.

# %% id="progress"
lab.progress()
