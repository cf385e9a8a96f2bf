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
# # Cache what you pull
#
# **You will** put a cache between your engines and a hub, count what it saves, switch the hub off and see what still
# works, and find out what a cache gives away. It takes about 60 minutes. You should know how to run a registry and
# push to it ([lesson 1](01-run-a-registry.ipynb)), and what a manifest and a blob are
# ([lesson 3](03-speak-the-api.ipynb)).
#
# **Why it matters.** Thirty machines that pull one image load it thirty times over the same line, and Docker Hub counts
# each pull. A *pull-through cache* loads it once. But it also keeps, and gives away, more than people expect.

# %% [markdown] id="open-text"
# ## Run this cell first each time
#
# There are two nodes: `here` is your side, with the cache, and on node 2 runs a hub of your own. It takes the place of
# Docker Hub, so that you can switch it off.
#
# Engines of this course ask a *mirror* of the course's images before Docker Hub. The cell puts that setting back, in
# case you were here before: after it, 10.1 has to be done again, and the cells from the top have to be run. Then it
# points two names at the node itself, where nothing answers on port 443: with and without internet you see the same,
# and no pull reaches the real Docker Hub.

# %% id="open"
import re
from io import BytesIO
from secrets import token_hex

import labs
from labs.waiting import wait_until

lab = labs.open("cache-what-you-pull")
here, there = lab.node(1), lab.node(2)
docker = lab.docker
names = "0.0.0.0 registry-1.docker.io quay.io"
for node in lab.nodes:
    node.reload_engine({"registry-mirrors": ["http://mirror:5000"]})
    node.exec(["sh", "-c", f"grep -q '{names}' /etc/hosts || echo '{names}' >>/etc/hosts"])

# %% [markdown] id="hub-text"
# ## A hub of your own
#
# A registry on node 2, port 5001, with three images. `docker pull nginx` is short for `docker.io/library/nginx`, and
# a mirror is asked for the part behind the host: so on your hub the repository has to be `library/nginx`.
#
# `run` is for all registries of this lesson. It removes what has the name from an earlier run, starts `registry:2`, and
# waits until it answers on the port that you name.


# %% id="hub"
def run(name, port, node=1, **options):
    lab.remove(name, node=node)
    engine = lab.node(node).docker
    container = engine.containers.run("registry:2", name=name, detach=True, **options)
    lab.wait(port, node=node)
    return container


lab.remove("door", "passwords", "vault", node=2)  # of an earlier run: they keep nginx in use
hub = run("hub", 5001, node=2, ports={"5000/tcp": 5001})
for name in ["nginx", "hello-world", "busybox"]:
    there.docker.images.pull(name, tag="latest").tag(f"127.0.0.1:5001/library/{name}")
    lab.push(f"127.0.0.1:5001/library/{name}", node=2)
print(labs.RegistryClient(there.url(5001)).catalog())

# %% [markdown] id="hub-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# # node 2
# docker container run --name hub -d -p 5001:5000 registry:2
# docker image pull nginx
# docker image tag nginx 127.0.0.1:5001/library/nginx
# docker image push 127.0.0.1:5001/library/nginx
# ```
#
# </details>

# %% [markdown] id="cache-text"
# ## A pull-through cache
#
# The same image, `registry:2`, is a cache as soon as it is told whose: `REGISTRY_PROXY_REMOTEURL` names its *upstream*.
# For Docker Hub that is `https://registry-1.docker.io`. The second variable lets it remove what is old; 10.5 shows what
# for. Then both engines forget all images that no container uses, so that each pull below has to fetch.
#
# Below, the hub is switched off several times. `switch_on` starts hub and cache where they are off, in this order, and
# waits for both. What runs is left alone. The last two lines of the cell wait until the cache's log names its upstream,
# and print that part of it.


# %% id="cache"
def switch_on():
    for registry, port, node in [(hub, 5001, 2), (cache, 5000, 1)]:
        registry.start()
        lab.wait(port, node=node)


upstream = {
    "REGISTRY_PROXY_REMOTEURL": "http://node2:5001",
    "REGISTRY_STORAGE_DELETE_ENABLED": "true",
}
cache = run("cache", 5000, network_mode="host", environment=upstream)
for node in lab.nodes:
    node.docker.images.prune({"dangling": False})
says = r"Registry configured as a proxy cache to \S+(?=\")"
print(wait_until(lambda: re.search(says, cache.logs().decode()), "the cache's log")[0])

# %% [markdown] id="cache-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container run --name cache -d --network host \
#   -e REGISTRY_PROXY_REMOTEURL=http://node2:5001 \
#   -e REGISTRY_STORAGE_DELETE_ENABLED=true registry:2
# docker image prune -a -f
# ```
#
# </details>
#
# `network_mode="host"` has a reason: containers on Docker's bridge ask other name servers than their machine, and would
# not find `node2`.

# %% [markdown] id="exercise-10-1"
# ### 10.1: set registry-mirrors without a restart
#
# So far nobody uses the cache. An engine asks one if its `daemon.json` names it in `registry-mirrors`: scheme, host and
# **port**, no path. The cell at the top shows the call. Tell **both** engines to ask `http://node1:5000` and nothing
# else. An engine reads this setting again when it gets the signal `SIGHUP` (`systemctl reload docker`). No restart is
# needed, and a restart would stop the cache.

# %% id="answer-10-1"
### BEGIN SOLUTION
for node in lab.nodes:
    node.reload_engine({"registry-mirrors": ["http://node1:5000"]})
### END SOLUTION

# %% id="check-10-1"
lab.check("10.1")

# %% [markdown] id="first-text"
# ## The first pull costs more
#
# An engine fetches nothing that it has. So `said` makes it forget unused images once more, then pulls, and gives the
# digest, or what the engine says instead. Node 1 pulls `nginx`. `lab.requests` with two names shows what each server
# was asked, side by side.


# %% id="first" tags=["nbval-ignore-output"] because="two downloads at once share some of their GET /v2/"
def said(ref, node=1):
    lab.node(node).docker.images.prune({"dangling": False})
    try:
        return lab.pull(ref, node=node)
    except labs.PullFailed as error:
        return error.message.partition(": dial")[0]  # what follows depends on your network


with lab.requests("cache", "hub") as seen:
    first = said("nginx")
print("blobs sent by the cache:", seen["cache"].blobs, "- by the hub:", seen["hub"].blobs)

# %% [markdown] id="first-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker image pull nginx
# docker container logs cache
# # node 2
# docker container logs hub
# ```
#
# </details>
#
# The engine asked the cache five times, as it would ask any registry. The cache asked the hub about sixteen times. It
# looks at `/v2/` again and again to learn whether a login is wanted, and loads each blob **twice**: one copy goes
# through to the engine while a second one is stored. So the first pull saves nothing: it costs twice the bytes.

# %% [markdown] id="exercise-10-2"
# ### 10.2: predict the second engine
#
# Now node 2 pulls `nginx`. It has never seen the image. How many blobs will the **hub** send? Write your number, then
# run the cell.

# %% id="answer-10-2"
blobs = None
### BEGIN SOLUTION
blobs = 0
### END SOLUTION
with lab.requests("cache", "hub") as seen:
    said("nginx", node=2)
sent, asked = seen["hub"].blobs, seen["cache"].blobs
print("requests at the hub:", seen["hub"].count, "- blobs it sent:", sent)

# %% id="check-10-2"
lab.check("10.2", blobs=blobs, sent=sent, asked=asked)

# %% [markdown] id="second-explain"
# Two requests: is a login wanted, and which digest has `latest` now? The answer was a digest that the cache has, so it
# gave out its own bytes. That `HEAD` is why a cache is not stale while its upstream is up. At Docker Hub a `HEAD`
# does not count as a pull.

# %% [markdown] id="off-text"
# ## Break it: the hub is down
#
# Switch the hub off. Pull what the cache has, then what it has never had. Then start the cache again, with the hub
# still off.

# %% id="off"
switch_on()
hub.stop(timeout=1)
print("nginx, as before:", said("nginx") == first)
with lab.requests("cache"):
    words = said("busybox")
print(words)
cache.restart(timeout=1)
print("started again, it ends with status", cache.wait()["StatusCode"])
print(re.search(r'panic: Get "\S+"', cache.logs().decode())[0])
print("the same words with the cache off:", said("busybox") == words)

# %% [markdown] id="off-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# # node 2
# docker container stop hub
# # node 1
# docker image prune -a -f
# docker image pull nginx
# docker image pull busybox # fails
# docker container logs cache
# docker container restart cache
# docker container wait cache
# docker image pull busybox # fails
# ```
#
# </details>
#
# A cache that runs needs no hub for what it has. One that *starts* needs it: it asks `/v2/` once, and ends if nobody
# answers. So give a cache a restart policy (`--restart unless-stopped`): it tries until the hub is back.
#
# ## My mirror is ignored: what does the error say?
#
# Nothing about the mirror. When a mirror fails in any way, the engine goes on to Docker Hub, and the message is about
# the last one it asked. An image that the mirror cannot get, a mirror that is off, a port left out of
# `registry-mirrors`: all read alike. If Docker Hub is up, there is no error at all, and all pulls go past your cache.
# So look at the **cache's own log**. A `404` or `500` there means it was asked and could not give it; no line means it
# was not asked.

# %% [markdown] id="exercise-10-3"
# ### 10.3: predict which digest
#
# The hub comes back, gets a second `nginx:latest`, and goes off again before anyone has pulled it. Then node 2 pulls
# `nginx`. Does it get the `"first"` image, the `"second"`, or an `"error"`? Write one of the three, then run the cell.

# %% id="answer-10-3"
which = None
### BEGIN SOLUTION
which = "first"
### END SOLUTION
switch_on()
text = b"FROM nginx\nLABEL release=2\n"
there.docker.images.build(fileobj=BytesIO(text), tag="127.0.0.1:5001/library/nginx", rm=True)
second = lab.push("127.0.0.1:5001/library/nginx", node=2)
hub.stop(timeout=1)
answer = said("nginx", node=2)
other = "another" if answer.startswith("sha256:") else "error"
got = {first: "first", second: "second"}.get(answer, other)
print("node 2 got:", got)

# %% id="check-10-3"
lab.check("10.3", which=which, got=got)

# %% [markdown] id="stale-explain"
# The cache could not ask, so it gave the last digest that it had seen, with status 200 and no warning. A deployment
# by tag takes an old image then and reports success. A deployment by digest cannot: it gets these bytes or none.

# %% [markdown] id="refused-text"
# ## What does not go through a mirror
#
# With the hub on again, node 2 gets the second image. Now try to write to the cache: over HTTP, since an engine
# tries a push five times and needs 50 seconds to say the same. Last, pull from another registry.

# %% id="refused"
switch_on()
print("the hub is on, node 2 gets the second:", said("nginx", node=2) == second)
http = lab.http(5000)
http.headers["Accept"] = "application/vnd.docker.distribution.manifest.v2+json"
push = http.post("/v2/library/mine/blobs/uploads/")
delete = http.delete(f"/v2/library/nginx/manifests/{first}")
print("POST:", push.status_code, push.text.strip())
print("DELETE:", delete.status_code, delete.text.strip())
with lab.requests("cache") as seen:
    print(said("quay.io/library/nginx"))
print("requests at the cache:", seen["cache"].count)

# %% [markdown] id="refused-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# # node 2
# docker container start hub
# docker image pull nginx
# # node 1
# docker image pull quay.io/library/nginx # fails
# ```
#
# </details>
#
# `405`: a cache takes no pushes and deletes nothing on request, whatever its settings. And `registry-mirrors` is for
# `docker.io` alone: any other host is asked directly, and the cache knew nothing of `quay.io`.
#
# ### Mirror or pull-through cache: what is the difference?
#
# Three things are called "mirror":
#
# 1. A *pull-through cache*: has what was asked for, knows one upstream, asks it for each tag.
# 2. A *mirrored copy*: a registry into which someone pushes or syncs images. It has what it was given and asks nobody;
#    the course's own `mirror:5000` is one.
# 3. The *setting* `registry-mirrors`: where an engine asks before Docker Hub. It takes either of the two.

# %% [markdown] id="exercise-10-4"
# ### 10.4: use the cache by name
#
# To cache another registry, such as `quay.io`, run one more cache with that upstream, and name it in the reference.
# Naming it also says for certain where an image comes from. Write the reference by which node 1 gets `hello-world` from
# the cache, without `registry-mirrors`, and pull it with `lab.pull`. To node 1 the cache is on `127.0.0.1`.

# %% id="answer-10-4"
reference = None
### BEGIN SOLUTION
reference = "127.0.0.1:5000/library/hello-world"
lab.pull(reference)
### END SOLUTION

# %% id="check-10-4"
lab.check("10.4", reference=reference)

# %% [markdown] id="exercise-10-5"
# ## How long does a cache keep an image?
#
# Seven days from the day it was fetched, pulled again or not. `scheduler-state.json`, beside the stored images, lists
# when each thing expires. `let_a_week_pass` stops the cache, sets the dates in that file back to 2020, starts the cache
# and waits until its log says `Deleting`. Then the cell switches the hub off.
#
# ### 10.5: predict what is left
#
# The cell first asks the cache for `busybox`, by HTTP as an engine would. What will it still give of it later:
# `"everything"`, the `"manifest"` alone, or `"nothing"`?

# %% id="answer-10-5"
kept = None
### BEGIN SOLUTION
kept = "nothing"
### END SOLUTION
from labs.lessons.cache_what_you_pull.expiry import let_a_week_pass

switch_on()
layer = labs.RegistryClient(there.url(5001)).manifest("library/busybox", "latest").layers[0].digest
paths = [f"/v2/library/busybox/{end}" for end in ["manifests/latest", f"blobs/{layer}"]]
print("manifest and layer:", [http.get(path).status_code for path in paths])
let_a_week_pass(here, cache, layer)
hub.stop(timeout=1)
left = [http.get(path).status_code for path in paths]
print("a week later:      ", left)

# %% id="check-10-5"
lab.check("10.5", kept=kept, left=left)

# %% [markdown] id="ttl-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container exec cache cat /var/lib/registry/scheduler-state.json
# docker container exec cache du -sk /var/lib/registry
# docker container logs cache
# ```
#
# </details>
#
# `500`, and not the `404` of before: it still knows the tag, has no copy, and there is nobody to ask. The log says
# `Deleting blob`: the bytes of layers and configs are gone from the disk. Small files of the manifest stay there, and
# are not served any more. So a cache is not a backup: a week after the fetch its upstream has to be up, or nobody gets
# the image.
#
# Nothing else limits its disk: what is pulled in seven days has to fit. Without `REGISTRY_STORAGE_DELETE_ENABLED` not
# even that holds: the log says `Scheduler error returned from OnExpire` and `unsupported`, and nothing is ever removed.
# (`registry:3` has a setting for the time, `proxy.ttl`; version 2 has none.)

# %% [markdown] id="private-text"
# ## Docker login for a cache
#
# Private repositories need a login, and a cache can have one. `run_private_hub` starts a second hub on node 2. It wants
# a login from everyone and knows two accounts: `ada` (`lovelace`) may read everything, `robot` (`tin-man`) only what is
# below `library/`. It has three ports:
#
# - `node2:5003` asks with `Bearer`: it sends clients to another address for a *token*, as Docker Hub does.
# - `node2:5000` gives the same images, and asks with `Basic`, for the password in each request ([lesson
#   6](06-let-the-right-people-in.ipynb)).
# - `127.0.0.1:5002`, on node 2 alone, wants no login: to fill the others.

# %% id="private"
from labs.lessons.cache_what_you_pull.private_hub import run_private_hub

switch_on()
run_private_hub(there)
for name, image in [("library/hello-world", "hello-world"), ("team/plans", "busybox")]:
    there.docker.images.pull(image, tag="latest").tag(f"127.0.0.1:5002/{name}")
    lab.push(f"127.0.0.1:5002/{name}", node=2)
config = """version: 0.1
storage: {filesystem: {rootdirectory: /var/lib/registry}}
http: {addr: ":5003"}
proxy: {remoteurl: "http://node2:PORT", username: ada, password: lovelace}"""

# %% [markdown] id="members-text"
# ## Your mirror publishes what you may read
#
# `members` is a cache with ada's login. Its password is in a file with mode 600, since a variable can be read by
# `docker inspect`. It runs three times: as a cache of port 5000, which asks with `Basic`, as a cache of port 5003,
# which asks with `Bearer`, and once more with ada's login taken out. A stranger without a login asks for the team's
# plans.

# %% id="members"
plans, file = "/v2/team/plans/manifests/latest", "/srv/members/config.yml"
mount = "/srv/members:/etc/docker/registry:ro"
stranger = lab.http(5003)
stranger.headers = http.headers
for port in [5000, 5003]:
    here.write_file(file, config.replace("PORT", str(port)), mode=0o600)
    members = run("members", 5003, network_mode="host", volumes=[mount])
    refused, given = lab.http(port, node=2).get(plans), stranger.get(plans)
    kind = refused.headers["www-authenticate"].split()[0]
    print(f"{kind}: {refused.status_code} from the hub, {given.status_code} from the cache")
here.write_file(file, config.replace("PORT", "5003").partition(", username")[0] + "}", mode=0o600)
members.restart(timeout=1)
lab.wait(5003)
print("without ada's login:", stranger.get(plans).status_code, "from the cache")

# %% [markdown] id="members-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker container run --name members -d --network host \
#   -v /srv/members:/etc/docker/registry:ro registry:2
# docker container restart members
# ```
#
# </details>
#
# - **Basic, 404**: the login was right, and this version of the registry cannot use it. As a cache it logs in with
#   tokens alone (version 3 can do both), and it says "not there" where it was not let in.
# - **Bearer, 200**: the hub refuses strangers and the cache does not. It logs in as ada for anyone who asks.
# - **Without the login, still 200**: its upstream refuses now, so it answers from its disk, as it did with the hub off.
#   What was stored once stays public: for seven days, or for good in a cache without `delete: {enabled: true}`, as this
#   one is, unless you also take away the data.
#
# `members` runs on, and gives the plans to everyone who reaches node 1. Exercise 10.7 is about that.

# %% [markdown] id="exercise-10-6"
# ## Exercise 10.6: both engines, and no hub
#
# The first lines put a new image on the hub, `library/shop`, and make both engines forget what they have pulled. Run a
# cache of your hub on port **5001** of node 1, so that `docker pull shop` works on **both** nodes while the hub is off,
# by this cache. (`REGISTRY_HTTP_ADDR`, or `http: addr:` in a file, sets the port on which it listens.) The check
# switches the hub off, pulls, looks at each blob, and switches the hub on again.

# %% id="answer-10-6"
drawn = f"FROM 127.0.0.1:5001/library/busybox\nRUN echo {token_hex(8)} >/drawn\n".encode()
there.docker.images.build(fileobj=BytesIO(drawn), tag="127.0.0.1:5001/library/shop", rm=True)
lab.push("127.0.0.1:5001/library/shop", node=2)
for node in lab.nodes:
    node.docker.images.prune({"dangling": False})
### BEGIN SOLUTION
settings = {**upstream, "REGISTRY_HTTP_ADDR": ":5001"}
run("shop-cache", 5001, network_mode="host", environment=settings)
for node in lab.nodes:
    node.reload_engine({"registry-mirrors": ["http://node1:5001"]})
lab.pull("shop")
### END SOLUTION

# %% id="check-10-6"
lab.check("10.6")

# %% [markdown] id="exercise-10-7"
# ## Exercise 10.7: public images for all, private ones for nobody
#
# The hub on `node2:5003` gives nothing to anyone without a login. Run a cache of it on port **5002** of node 1 that
# gives `library/hello-world` to everybody and nothing of `team/plans` to anybody. No other port of node 1 may give the
# plans to a stranger either: repair what the lesson left. There is more than one way.

# %% id="answer-10-7"
### BEGIN SOLUTION
public = """version: 0.1
storage: {filesystem: {rootdirectory: /var/lib/registry}}
http: {addr: ":5002"}
proxy: {remoteurl: "http://node2:5003", username: robot, password: tin-man}"""
here.write_file("/srv/public/config.yml", public, mode=0o600)
run("public", 5002, network_mode="host", volumes=["/srv/public:/etc/docker/registry:ro"])
lab.remove("members")
### END SOLUTION

# %% id="check-10-7"
lab.check("10.7")

# %% [markdown] id="questions"
# ## A question
#
# Write the letter of your answer into the cell, as `choice = "…"`, and run both cells. A click tells
# whether an answer is right; only the letter in the cell counts.

# %% id="answer-10-8"
lab.question("10.8")
choice = None
### BEGIN SOLUTION
choice = "c"
### END SOLUTION

# %% id="check-10-8"
lab.check("10.8", choice=choice)

# %% [markdown] id="learned"
# ## What you learned
#
# - A pull-through cache fetches an image once for all engines, and asks its upstream for each tag with one `HEAD`.
# - With the upstream off it serves what it has, stale and in silence, for seven days; the engine's message never names
#   the cache, its own log does.
# - It gives what it can read to everyone who reaches it, and what it has stored even without a login.
#
# `lab.close()` removes both nodes with all that they pulled, half a gigabyte; `labs.open` makes new ones.
#
# **Next:** [lesson 11](11-clean-up.ipynb): how to delete images, and get their bytes back.

# %% id="progress"
lab.progress()
