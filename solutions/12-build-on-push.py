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
# **You will** make a hub build an image from each `git push`, build what depends on it, and tell a receiver of your own
# that puts the new image into service. It takes about 60 minutes. You should know what a registry is
# ([lesson 1](01-run-a-registry.ipynb)) and how git commits, branches and tags.
#
# **Why it matters.** An image that was built by hand on a laptop has no known source. When a base image gets a
# security fix, everything that is built on it has to be built again, today. And a program that deploys what it is told
# must know who tells it.

# %% [markdown] id="open-text"
# ## Run this cell first each time
#
# `lab.hub` is a small hub of the course: accounts, git repositories, builds and web pages in front of a registry.
# Engines call it `hub.lab`. `ada` is an HTTP client of its API, logged in. Open the printed page beside the notebook,
# log in as `ada` with the same password, and you see there all that the API does.
#
# `git` runs git in a container of node 1, in a folder below `/work`, and prints what the hub answers. `git.push` writes
# files, commits them and pushes. You can read both in `labs/lessons/build_on_push/node_git.py`.

# %% id="open"
import labs
from labs.lessons.build_on_push.node_git import NodeGit
from labs.waiting import wait_until

lab = labs.open("build-on-push")
hub, git = lab.hub, NodeGit(lab.node(1))
ada = hub.sign_up("ada", "correct-horse")
ada.post("/v2/orgs", json={"orgname": "acme"})
ACME = "/v2/namespaces/acme/repositories"
print(f"{hub.url}/acme")

# %% [markdown] id="link-text"
# ## Link a repository to git
#
# An image's repository has a *source*: the git repository that it is built from. Docker Hub takes one at GitHub or
# Bitbucket. This hub keeps it itself, at `https://hub.lab/git/…`. What is to be built is said by *build rules*, and
# there are none yet.


# %% id="link"
def start_over(name):
    ada.delete(f"{ACME}/{name}")
    ada.post(ACME, json={"name": name})
    source = ada.put(f"{ACME}/{name}/source", json={"git_repository": name}).json()
    git.start(name, source["clone_url"])
    print(source["clone_url"])


DOCKERFILE = 'FROM busybox\nCMD ["httpd", "-f", "-h", "/www"]\nCOPY www /www\n'
APP = f"{ACME}/app"
start_over("app")
git.push("app", {"Dockerfile": DOCKERFILE, "www/index.html": "<h1>Hello</h1>\n"}, "a first page")

# %% [markdown] id="link-twin"
# <details><summary>The same with curl and git</summary>
#
# ```bash
# token=$(curl -d '{"identifier": "ada", "secret": "correct-horse"}' -H 'Content-Type: application/json' \
#   http://127.0.0.1:…/v2/auth/token | sed 's/.*"access_token": "\([^"]*\)".*/\1/')
# hub() { curl -X "$1" "http://127.0.0.1:…$2" -H "Authorization: Bearer $token" \
#   -H 'Content-Type: application/json' -d "${3:-{\}}"; }
# hub POST /v2/namespaces/acme/repositories '{"name": "app"}'
# hub PUT /v2/namespaces/acme/repositories/app/source '{"git_repository": "app"}'
# # node 1; here `git` is the container that you saw, with /work/app as its folder
# git init
# git remote add origin https://ada:correct-horse@hub.lab/git/acme/app.git
# git add --all
# git commit --message 'a first page'
# git push origin HEAD
# ```
#
# </details>
#
# The lines with `remote:` come from the hub. After a push git runs the hook `post-receive` on the server, if there is
# one. The hub's hook asks the hub what it makes of the push, and prints the answer. GitHub does the same by HTTP: it
# calls a URL of Docker Hub after each push. The hub calls others by *webhooks*, which come later in this lesson; this
# is one in the other direction, so people call it the *reverse webhook*.

# %% [markdown] id="exercise-12-1"
# ## Exercise 12.1: a build rule
#
# A rule says: what is pushed to this branch (`source`) makes this tag of the image (`tag`). Fill in the two names, so
# that a push to git's branch `main` makes `acme/app:latest`.


# %% id="answer-12-1"
def rule(name, source_type, source, tag, **more):
    wanted = {"source_type": source_type, "source": source, "tag": tag, **more}
    rules = ada.get(f"{ACME}/{name}/build-rules").json()["results"]
    if not any(wanted.items() <= each.items() for each in rules):
        ada.post(f"{ACME}/{name}/build-rules", json=wanted)


source, tag = None, None
### BEGIN SOLUTION
source, tag = "main", "latest"
### END SOLUTION
rule("app", "branch", source, tag)
git.push("app", {}, "the same page again")

# %% id="check-12-1"
lab.check("12.1")

# %% [markdown] id="build-text"
# The push was accepted before anything was built. The build waits in a queue, and its outcome is not git's.

# %% [markdown] id="broken-text"
# ## Break it: a build that fails, and its log
#
# `built` waits for the last build. The next Dockerfile has a mistake. Open the build's page while it runs: its log
# grows there. Below, the same build is queued once more, by *retry*, and canceled.


# %% id="broken"
def built(name):
    last = f"{ACME}/{name}/builds/{ada.get(f'{ACME}/{name}/builds').json()['results'][0]['number']}"
    wait_until(lambda: ada.get(last).json()["ended"], "the build", timeout_s=120)
    return ada.get(last).json()


rule("app", "branch", "main", "latest")
git.push("app", {"Dockerfile": DOCKERFILE.replace("COPY www", "COPY pages")}, "another folder")
failed = built("app")
print(failed["state"], failed["log"].strip().splitlines()[-1], sep="\n")
again = ada.post(f"{APP}/builds/{failed['number']}/retry").json()
print(again["state"], ada.post(f"{APP}/builds/{again['number']}/cancel").json()["state"])
print(*failed)

# %% [markdown] id="broken-twin"
# <details><summary>The same with curl</summary>
#
# ```bash
# hub GET /v2/namespaces/acme/repositories/app/builds
# hub GET /v2/namespaces/acme/repositories/app/builds/…
# hub POST /v2/namespaces/acme/repositories/app/builds/…/retry
# hub POST /v2/namespaces/acme/repositories/app/builds/…/cancel
# ```
#
# </details>
#
# The reason is in the log's last lines, in the engine's own words. The last line that was printed names the fields of
# a build: the `commit` that it was made from, the `cause`, the `digest` that was pushed, the `duration` in seconds. A
# failed build pushes nothing: `latest` is still the image from before. A retry builds the *same commit*, so it helps
# where the network failed, and never where the Dockerfile is wrong.

# %% [markdown] id="exercise-12-2"
# ## Exercise 12.2: mend it
#
# Make `latest` an image again that has `/www/index.html` with the word `Welcome` in it.

# %% id="answer-12-2"
page = {"www/index.html": "<h1>Welcome</h1>\n"}
### BEGIN SOLUTION
git.push("app", {**page, "Dockerfile": DOCKERFILE}, "the right folder")
print(built("app")["state"])
### END SOLUTION

# %% id="check-12-2"
lab.check("12.2")

# %% [markdown] id="rules-text"
# ## Rules with a regular expression
#
# A `source` between slashes is a regular expression. What it matches can be used in the image's tag: `{sourceref}` is
# the whole name of branch or tag, and `{\1}` to `{\9}` are the groups in parentheses. What no rule matches is not
# built, and git's answer says so. `acme/tools` is a second repository, which others use by its versions.

# %% id="rules"
start_over("tools")
rule("tools", "branch", "/^feature.+/", "{sourceref}")
git.push("tools", {"Dockerfile": 'FROM busybox\nCMD ["date"]\n'}, "a first tool")
git("tools", "push", "--force", "origin", "HEAD:feature/login")
built("tools")
print(lab.pull("hub.lab/acme/tools:feature-login", node=2))

# %% [markdown] id="rules-twin"
# <details><summary>The same with curl, git and docker</summary>
#
# ```bash
# hub POST /v2/namespaces/acme/repositories/tools/build-rules \
#   '{"source_type": "branch", "source": "/^feature.+/", "tag": "{sourceref}"}'
# git push origin HEAD:feature/login
# # node 2
# docker image pull hub.lab/acme/tools:feature-login
# ```
#
# </details>
#
# A tag cannot have a slash, so it became a dash. The expression is *searched*, not matched as a whole: without `^` it
# would find `my-feature` too. A rule with `"autobuild": false` is not started by a push, only by you or a trigger.
#
# Rules for git's *tags* have `"source_type": "tag"`. One rule can make several tags of one image: separate them by
# commas.

# %% [markdown] id="exercise-12-3"
# ## Exercise 12.3: v1.2.3 makes 1.2.3, 1.2 and 1
#
# People who write `acme/tools:1` want the newest 1, those who write `1.2.3` always the same. Make the git tag `v1.2.3`
# produce all three image tags, of one image. Any other `v`, number, dot, number, dot, number has to do so too, and no
# other tag of git anything: not `v1.2.3-rc1`, which is no release yet. Push `v1.2.3` to git. The check looks at the
# result, copies your rules to a repository of its own, and pushes tags there.

# %% id="answer-12-3"
### BEGIN SOLUTION
rule("tools", "tag", r"/^v([0-9]+)\.([0-9]+)\.([0-9]+)$/", r"{\1}.{\2}.{\3}, {\1}.{\2}, {\1}")
git("tools", "tag", "--force", "v1.2.3")
git("tools", "push", "--force", "origin", "v1.2.3")
print(built("tools")["tags"])
### END SOLUTION

# %% id="check-12-3"
lab.check("12.3")

# %% [markdown] id="hooks-text"
# ## Hooks: scripts before and after the steps of a build
#
# Which commit is in the image that runs there? The build knows. If the source has a file `hooks/pre_build`, it is run
# before the build, in the folder of the source. `post_checkout`, `post_build`, `pre_push` and `post_push` are further
# ones. They are given `SOURCE_BRANCH`, `SOURCE_COMMIT`, `COMMIT_MSG`, `DOCKER_REPO`, `DOCKERFILE_PATH`, `DOCKER_TAG`
# and `IMAGE_NAME`, with Docker Hub's names. A hook that ends with an error ends the build.
#
# Here a hook runs in a container of busybox without the engine's socket. So `hooks/build`, which replaces the build on
# Docker Hub, does nothing here.

# %% [markdown] id="exercise-12-4"
# ## Exercise 12.4: an image that knows its commit
#
# Let each build write its commit into the image's file `/www/version`, and push that to `main`.

# %% id="answer-12-4"
### BEGIN SOLUTION
git.push("app", {"hooks/pre_build": 'echo "$SOURCE_COMMIT" >www/version\n'}, "note the commit")
print(built("app")["log"].splitlines()[0])
### END SOLUTION

# %% id="check-12-4"
lab.check("12.4")

# %% [markdown] id="base-text"
# ## Link to a base image: the chain that rebuilds
#
# `acme/base` gets a source and a rule of its own, and the app's Dockerfile begins with `FROM hub.lab/acme/base`. The
# link says: build `acme/app` again whenever `acme/base` has a new image.

# %% id="base"
start_over("base")
rule("base", "branch", "main", "latest")
base = DOCKERFILE.replace("www /www", "base.txt /www/")
git.push("base", {"Dockerfile": base, "base.txt": "one\n"}, "base one")
print(built("base")["state"])
git.push("app", {"Dockerfile": "FROM hub.lab/acme/base\nCOPY www /www\n"}, "on the base")
print(built("app")["state"])
print(ada.post(f"{APP}/links", json={"repository": "acme/base"}).status_code)
print(ada.post(f"{ACME}/base/links", json={"repository": "acme/app"}).json()["message"])

# %% [markdown] id="base-twin"
# <details><summary>The same with curl</summary>
#
# ```bash
# hub POST /v2/namespaces/acme/repositories/app/links '{"repository": "acme/base"}'
# hub POST /v2/namespaces/acme/repositories/base/links '{"repository": "acme/app"}'  # fails
# ```
#
# </details>
#
# The second link would be a circle, and each build would start the next for ever. The message names the way around.

# %% [markdown] id="question-12-5"
# ## Predict 12.5: a push to the base
#
# The next cell pushes `base two` to the git repository of the base, and nothing to the app's.

# %% id="answer-12-5"
lab.question("12.5")
choice = None
### BEGIN SOLUTION
choice = "c"
### END SOLUTION

# %% id="check-12-5"
lab.check("12.5", choice=choice)

# %% id="chain"
before = built("app")
git.push("base", {"base.txt": "two\n"}, "base two")
print(built("base")["cause"])
wait_until(lambda: built("app")["number"] > before["number"], "the app's build", timeout_s=60)
again = built("app")
print(again["cause"], again["commit"] == before["commit"], again["digest"] == before["digest"])

# %% [markdown] id="chain-explain"
# The link follows the *image*, not the commit: the app's builds are queued when the base has been pushed to the
# registry. They build the app's last commits, without the engine's cache, since the cache would not see that `FROM`
# has changed. Each tag that rules have made is built again, a version like `1.2.3` too. Who needs an image that never
# changes names it by its digest.

# %% [markdown] id="trigger-text"
# ## Triggers: a URL that starts a build
#
# A *trigger* is for other services, a schedule for instance: a `POST` to its URL starts builds. There is no login. The
# URL holds a secret, and only the answer that makes it shows it. The body may name a branch or tag of the source, which
# starts what all rules make of it, or `docker_tag`, which runs the last build of that tag again.

# %% [markdown] id="exercise-12-6"
# ## Exercise 12.6: nightly
#
# A push to `main` is not to make `acme/tools:nightly`; the trigger is. The call below does not do that yet. Read what
# it answers, and repair the call.

# %% id="answer-12-6"
rule("tools", "branch", "main", "nightly", autobuild=False)
git.push("tools", {}, "a push that builds nothing")
trigger = ada.post(f"{ACME}/tools/triggers", json={"name": "every night"}).json()
asked = {"docker_tag": "nightly"}
### BEGIN SOLUTION
asked = {"source_type": "branch", "source_name": "main"}
### END SOLUTION
for _ in range(2):
    answer = hub.http().post(trigger["url"].removeprefix("https://hub.lab"), json=asked)
    print(answer.status_code, answer.json()["detail"])
print([call["asked"] for call in ada.get(f"{ACME}/tools/triggers").json()["results"][-1]["calls"]])

# %% id="check-12-6"
lab.check("12.6")

# %% [markdown] id="trigger-twin"
# <details><summary>The same with curl</summary>
#
# ```bash
# hub POST /v2/namespaces/acme/repositories/tools/triggers '{"name": "curl"}'
# curl -X POST http://127.0.0.1:…/trigger/… -d '{"source_type": "branch", "source_name": "main"}'
# curl -X POST http://127.0.0.1:…/trigger/… -d '{}'  # fails
# ```
#
# </details>
#
# The second call came too soon: one in ten seconds is allowed (Docker Hub allowed one in five minutes), and `429` means
# *too many requests*. The last ten calls are kept, with address, body and result; a refused one is not among them.

# %% [markdown] id="webhook-text"
# ## Webhooks: the hub tells a receiver
#
# A *webhook* is a URL that the hub calls after each push to the registry. `start_receiver` starts a web server on port
# 8081 of node 2, which runs the shell script `/srv/receiver/hook` for each call; you can read it in
# `labs/lessons/build_on_push/receiver.py`. `STORE`, the first script, only stores what it is sent. The webhook's secret
# is in the answer that makes it, and never again; it goes into `/srv/receiver/secret`.


# %% id="webhook"
from labs.lessons.build_on_push.receiver import STORE, start_receiver

print(STORE)
HOOKS, url = f"{APP}/webhooks", "http://node2:8081/cgi-bin/hook"
for old in ada.get(HOOKS).json()["results"]:
    ada.delete(f"{HOOKS}/{old['id']}")
hook = ada.post(HOOKS, json={"name": "deploy", "url": url}).json()
start_receiver(lab.node(2), STORE, hook["secret"])


def tried(after=0):
    listed = ada.get(f"{HOOKS}/{hook['id']}/deliveries").json()["results"]
    return next((each for each in listed if each["id"] > after and each["attempts"]), None)


# %% [markdown] id="payload-twin"
# <details><summary>The same with curl</summary>
#
# ```bash
# hub POST /v2/namespaces/acme/repositories/app/webhooks '{"name": "deploy", "url": "http://node2:8081/cgi-bin/hook"}'
# hub POST /v2/namespaces/acme/repositories/app/builds
# hub GET /v2/namespaces/acme/repositories/app/webhooks/…/deliveries
# ```
#
# </details>
#
# The hub waits for an answer, keeps its first thousand characters in the list of deliveries, and takes a status of 2xx
# for "delivered".

# %% [markdown] id="exercise-12-7"
# ## Exercise 12.7: verify a signature
#
# Anyone who reaches port 8081 can send such a payload. So the hub *signs* it: the header `X-Hub-Timestamp` is the time
# in seconds, and `X-Hub-Signature-256` is `sha256=` and the HMAC-SHA256, in hexadecimal digits, of that time, a dot and
# the body, with the webhook's secret as the key. Who does not have the secret cannot make it. The time is signed too,
# so that a delivery that was recorded cannot be sent again next week.
#
# `time`, `given` and `body` are what the receiver stored, `hook["secret"]` is the secret. Calculate the digits.

# %% id="answer-12-7"
import hashlib
import hmac
import json

ada.post(f"{APP}/builds", json={})
first = wait_until(tried, "a delivery", timeout_s=60)
body = lab.node(2).exec(["cat", "/srv/receiver/body"]).stdout
time, given = lab.node(2).exec(["cat", "/srv/receiver/headers"]).stdout.split()
print(*[f"{part}: {' '.join(fields)}" for part, fields in json.loads(body).items()], sep="\n")
mac = ""
mac = ""
### BEGIN SOLUTION
signed = f"{time}.{body}"
mac = hmac.new(hook["secret"].encode(), signed.encode(), hashlib.sha256).hexdigest()
### END SOLUTION
print(hmac.compare_digest(f"sha256={mac}", given))

# %% id="check-12-7"
lab.check("12.7", mac=mac, time=time, body=body)

# %% [markdown] id="verify-explain"
# `compare_digest` takes as long for a wrong first digit as for a wrong last one, so its time tells an attacker nothing.
#
# The payload has the form of Docker Hub's, and the digest besides. Docker Hub sends a `callback_url` too, to which a
# receiver was to report. It is dead: the documentation calls it a legacy field that is no longer supported.

# %% [markdown] id="again-text"
# ## A delivery that failed is sent again
#
# The receiver is switched off for a moment, as at each update of its machine.

# %% id="again"
receiver = lab.node(2).docker.containers.get("receiver")
receiver.kill()
ada.post(f"{APP}/builds", json={})
failed = wait_until(lambda: tried(first["id"]), "a try", timeout_s=60)
print(failed["state"], failed["response_status"], failed["response_body"].split(":")[0])
receiver.start()
wait_until(lambda: tried(first["id"])["state"] == "delivered", "another try")
path = f"{HOOKS}/{hook['id']}/deliveries/{failed['id']}/redeliver"
again = ada.post(path).json()
done = wait_until(lambda: tried(failed["id"]), "the same again")
print(again["payload"] == failed["payload"], done["state"])

# %% [markdown] id="again-twin"
# <details><summary>The same with docker and curl</summary>
#
# ```bash
# # node 2
# docker container kill receiver
# docker container start receiver
# # node 1
# hub POST /v2/namespaces/acme/repositories/app/webhooks/…/deliveries/…/redeliver
# ```
#
# </details>
#
# The hub tried again after 1 s, then after 2, 5, 15, 60 and 300: pauses that grow are called *back-off*. After the
# seventh try it gives up. *Send again*, also a button on the page, makes a new delivery with the same payload and a new
# signature. So a receiver may get the same news twice, and must not mind. It also has to answer within five seconds:
# answer first, work after that.

# %% [markdown] id="exercise-12-8"
# ## Exercise 12.8: deploy what the hub tells, and nothing else
#
# Write `/srv/receiver/hook` of node 2, so that a push to the git repository of `acme/base` ends, without you, in a new
# container of `acme/app` on port 8080 of node 2. The script is run by `sh` in `/srv/receiver`, with the body as its
# input and each header as a variable, as in the script that stores. What it prints is the answer.
#
# - A call that is not signed with the secret in `/srv/receiver/secret`, or whose time is more than five minutes ago,
#   must change nothing, and is answered with `Status: 403 Forbidden`.
# - `sh deploy >log 2>&1 &` runs the script below, which is ready, in the background.
# - The node has openssl. `openssl dgst -sha256 -hmac KEY -r` prints the HMAC of its input, a blank and more.
#   `printf '%s' "$time.$body"` prints without a line's end.
#
# The check calls the receiver in wrong ways, then pushes to the base and looks at port 8080.

# %% id="answer-12-8"
from labs.lessons.build_on_push.receiver import DEPLOY

print(DEPLOY)
### BEGIN SOLUTION
HOOK = """body=$(cat)
time=$HTTP_X_HUB_TIMESTAMP
mac=$(printf '%s' "$time.$body" | openssl dgst -sha256 -hmac "$(cat secret)" -r | cut -c 1-64)
if [ "$HTTP_X_HUB_SIGNATURE_256" != "sha256=$mac" ] || [ $(($(date +%s) - time)) -gt 300 ]; then
    printf 'Status: 403 Forbidden\n\nrefused\n'
    exit
fi
printf 'Status: 202 Accepted\n\ndeploying\n'
sh deploy >log 2>&1 &
"""
lab.node(2).write_file("/srv/receiver/hook", HOOK)
### END SOLUTION

# %% id="check-12-8"
lab.check("12.8")

# %% [markdown] id="deploy-explain"
# `rm` and `run` leave a gap of a second. On a swarm, `docker service update --image` replaces the tasks one by one
# ([lesson 6](06-serve-a-swarm.ipynb)), and the rest of the receiver stays the same.

# %% [markdown] id="elsewhere"
# ## Docker Hub, GitHub Actions, GitLab CI: how it is done today
#
# Docker Hub's *automated builds* had all that you used here: rules, hooks, links, triggers. Free accounts lost them on
# 18 June 2021, because they were used to mine cryptocurrency. Paid ones, Pro, Team and Business, keep them until **1
# April 2027**, when they are retired. Links are not carried on: the guide for moving calls them "not supported". The
# webhooks stay. They have no signature, so put a secret into the URL of yours, and let the receiver ask the registry
# what is new instead of believing the payload.
#
# Today the build belongs to the service that has the git repository. What was a rule is a file in it. On GitHub
# (**not run here**):
#
# ```yaml
# # .github/workflows/image.yml
# on:
#   push: {branches: [main], tags: ["v*.*.*"]}
#   repository_dispatch: {types: [base-image]}   # a trigger, called with a token
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
#           tags: |
#             type=raw,value=latest,enable={{is_default_branch}}
#             type=semver,pattern={{version}}
#             type=semver,pattern={{major}}.{{minor}}
#             type=semver,pattern={{major}}
#       - uses: docker/build-push-action@v6
#         with: {push: true, tags: "${{ steps.meta.outputs.tags }}"}
# ```
#
# The same on GitLab, for its own registry (**not run here**):
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
# A hook is a step of such a file, a webhook to your receiver is its last step, and the secret is the service's. Links
# have no counterpart. People build every night, or let Renovate or Dependabot open a pull request when the base has a
# new digest.

# %% [markdown] id="learned"
# ## What you learned
#
# - Rules decide which branch or tag of git makes which tag of the image. A failed build says why in its log.
# - A new base builds again what is linked to it; a trigger does so for any service that has its URL.
# - A receiver trusts a signature with a time in it, answers at once, and may be told twice.
#
# `lab.close()` removes this lesson's nodes and its hub, and gives back about 400 MB of memory and all that you pushed.
# Your progress stays.
#
# **Next:** [the assignment](50-assignment-secure-registry.ipynb): a secure registry, marked out of 100.

# %% id="progress"
lab.progress()
