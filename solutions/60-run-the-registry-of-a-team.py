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
# # Run the registry of a team
#
# **You will** build the registry of a team on a swarm of five machines, and keep it serving while it is attacked.
# It takes about 180 minutes. You should have done lessons 1 to 12 and 15: all that you need is in them. What you use,
# and in which order, you decide.
#
# | Exercise | What has to hold | It is attacked by | Points |
# |---|---|---|---|
# | 60.1 | one address on all nodes, TLS by an authority of your own | clients that verify, clients without TLS | 12 |
# | 60.2 | the data are on S3, and no key can be read | `docker inspect`, a full store | 8 |
# | 60.3 | readers and writers | strangers, wrong passwords, a reader who deletes | 14 |
# | 60.4 | a push that is cut does no harm | a connection that ends in the middle | 6 |
# | 60.5 | a cache of the hub | a hub that is off | 10 |
# | 60.6 | old builds go by themselves | builds that look old and must stay | 10 |
# | 60.7 | a clean-up loses nothing | pushes at every moment of it | 8 |
# | 60.8 | only what the team has signed is deployed | signatures of others, a tag that moves | 10 |
# | 60.9 | a backup that was restored once | a machine that reaches no other | 8 |
# | 60.10 | any two nodes may be off | nodes lost one by one | 14 |
# | All | | | **100** |

# %% [markdown] id="rules"
# ## What the checks rely on
#
# | What | Where |
# |---|---|
# | The registry | `https://swarm.lab:5000`, the same on each node. The name leads to any node that is on |
# | Certificate of your authority | `/srv/team/ca.crt` on node 1, and in what each engine trusts |
# | Who may read | `reader`, with the password `reading-room` |
# | Who may read, push and delete | `writer`, with the password `writing-desk` |
# | The store | `lab.store`, its bucket `lab.store.bucket` |
# | The hub | `mirror:5000`, without TLS; containers know no such name, only nodes do |
# | The cache | `http://127.0.0.1:5001` on each node |
# | The program that deploys | `/srv/team/deploy SERVICE REFERENCE` on node 1 |
# | The public key of the team | `/srv/team/team.pub` on node 1; it is there when you have run the next cell |
# | Backup of `team/app` | files in `/srv/backup` on node 5 |
# | What was restored from it | a registry on `127.0.0.1:5002` of node 5 |
#
# Each check knocks from outside, and reads none of your code. What is handed in and graded is what your cells do: use
# the SDK, or `sh("docker …")`, which runs a command line in a node. Each check that passes gives all of its points,
# each other one none. Attacks take a while, up to some minutes where something is missing. After each of them all nodes
# are on again. Repair and check as often as you like; `lab.hint("60.1")` costs nothing.
#
# `serve(lab, "name", "image", *command, files={path: content}, replicas=2, …)` runs a service, and replaces one of that
# name. Each of the `files` is kept as a secret of the swarm, and the tasks find it at its path. You can read it in
# `labs/lessons/run_the_registry_of_a_team/services.py`, and need not use it. The image `tools` of lesson 15, with
# skopeo and cosign, is on node 1.

# %% id="open"
import json
from secrets import token_hex

import bcrypt
import labs
from docker.types import Mount
from labs.lessons.run_the_registry_of_a_team.signing_server import give_key
from labs.lessons.run_the_registry_of_a_team.services import serve

lab = labs.open("run-the-registry-of-a-team")
docker, store = lab.docker, lab.store
give_key(lab.node())


# %% id="sh"
def sh(command, node=1):
    done = lab.node(node).exec(["sh", "-c", command])
    return (done.stdout + done.stderr).strip()


# %% [markdown] id="exercise-60-1"
# ## 60.1 One address, and TLS by your own authority (12 points)
#
# On each of the five nodes, `swarm.lab:5000` answers with TLS. Its certificate is valid today for `swarm.lab` and was
# signed by an authority that you made. All five engines trust that authority, and none takes the address for an
# insecure one. No port 5000 speaks plain HTTP.
#
# Think ahead: what answers on this port has to tell readers from writers (60.3), and what is behind it has to outlive
# any two nodes (60.10). A proxy in front of replicas can do both.

# %% id="answer-60-1"
### BEGIN SOLUTION
lab.swarm.remove(*(service.name for service in docker.services.list()))
NEW = "openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 90"
NAMED = "-subj /CN=swarm.lab -addext subjectAltName=DNS:swarm.lab"
SIGNED = "-CA ca.crt -CAkey ca.key -addext basicConstraints=critical,CA:FALSE"
sh(f"cd /srv/team && {NEW} -subj /CN=team -keyout ca.key -out ca.crt")
sh(f"cd /srv/team && {NEW} {NAMED} {SIGNED} -keyout door.key -out door.crt")
ca, crt, key = (lab.node().read_file(f"/srv/team/{n}") for n in ("ca.crt", "door.crt", "door.key"))
for node in lab.nodes:
    node.write_file("/etc/docker/certs.d/swarm.lab:5000/ca.crt", ca)
if not docker.networks.list(names=["team"]):
    docker.networks.create("team", driver="overlay")
serve(lab, "registry", "registry:2", networks=["team"])
OPEN = """server {
  listen 5000 ssl; ssl_certificate /run/secrets/door.crt; ssl_certificate_key /run/secrets/door.key;
  resolver 127.0.0.11 valid=1s; set $there tasks.registry;
  location / { proxy_pass http://$there:5000; }
}"""
SITE = "/etc/nginx/conf.d/default.conf"
tls = {"/run/secrets/door.crt": crt, "/run/secrets/door.key": key}
serve(lab, "door", "nginx", files={**tls, SITE: OPEN}, networks=["team"])
print(lab.swarm.publish("door", port=5000))
### END SOLUTION

# %% id="check-60-1"
lab.check("60.1")

# %% [markdown] id="exercise-60-2"
# ## 60.2 The data are on S3 (8 points)
#
# What is pushed to `swarm.lab:5000` is in the bucket of `lab.store`, all of it. Its secret key, your passwords, their
# hashes and the key of the certificate are not seen by anyone who may ask an engine about services, configs and
# containers. When the store is full, a push is refused, and what is there can still be pulled. When it has room again,
# pushes go on without anybody's help.

# %% id="answer-60-2"
### BEGIN SOLUTION
s3 = {"regionendpoint": store.endpoint, "region": "us-east-1", "bucket": store.bucket}
s3 |= {"accesskey": store.access_key, "secretkey": store.secret_key}
http = {"addr": ":5000", "secret": token_hex(16)}
YML = "/run/secrets/registry.yml"


def config(folder, **more):
    storage = {"s3": {**s3, "rootdirectory": folder}, "delete": {"enabled": True}}
    storage["redirect"] = {"disable": True}
    return json.dumps({"version": 0.1, "http": http, "storage": storage, **more})


for name in ["registry", "reader"]:
    files = {YML: config("/team")}
    serve(lab, name, "registry:2", YML, files=files, replicas=2, networks=["team"])
    lab.swarm.wait(name, running=2)
### END SOLUTION

# %% id="check-60-2"
lab.check("60.2")

# %% [markdown] id="exercise-60-3"
# ## 60.3 Readers and writers (14 points)
#
# `reader` pulls everything. `writer` pulls, pushes and deletes. A request with a wrong password or with none gets 401,
# whatever it asks for, and a request of `reader` that would change anything is refused. No port of any node gives an
# image of the team to anyone without a password, or asks for one without TLS. (The cache of 60.5 may give images of the
# hub to everybody.)
#
# The password file of a registry knows no roles. What could look at the method of a request?

# %% id="answer-60-3"
### BEGIN SOLUTION
ROLES = """client_max_body_size 0; proxy_request_buffering off; resolver 127.0.0.11 valid=1s;
map $request_method $service { default registry; GET reader; HEAD reader; }
server {
  listen 5000 ssl; ssl_certificate /run/secrets/door.crt; ssl_certificate_key /run/secrets/door.key;
  location / {
    auth_basic team; auth_basic_user_file /run/secrets/readers;
    limit_except GET { auth_basic team; auth_basic_user_file /run/secrets/writers; }
    proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto https;
    proxy_http_version 1.1; proxy_connect_timeout 1s; proxy_pass http://tasks.$service:5000;
  }
}"""


def line(user, password):
    return f"{user}:{bcrypt.hashpw(password.encode(), bcrypt.gensalt(10)).decode()}\n"


writers = line("writer", "writing-desk")
readers = writers + line("reader", "reading-room")
files = {**tls, SITE: ROLES, "/run/secrets/readers": readers, "/run/secrets/writers": writers}
serve(lab, "door", "nginx", files=files, networks=["team"])
print(lab.swarm.publish("door", port=5000))
### END SOLUTION

# %% id="check-60-3"
lab.check("60.3")

# %% [markdown] id="exercise-60-4"
# ## 60.4 A push that is cut (6 points)
#
# The requests of one push may come through different nodes, and meet different replicas. A connection that ends in the
# middle of a layer leaves nothing that anyone could pull, and the same push works the next time.

# %% id="answer-60-4"
### BEGIN SOLUTION
# One `http.secret`, one store and no limit for the size of a request: all there since 60.2 and 60.3.
print(sh("docker service ls --format '{{.Name}} {{.Replicas}}' | sort"))
### END SOLUTION

# %% id="check-60-4"
lab.check("60.4")

# %% [markdown] id="exercise-60-5"
# ## 60.5 A cache of the hub (10 points)
#
# On port 5001 of each node there is a pull-through cache of the hub, and each engine asks the one of its own node
# first. What any of the five has pulled, all of them get while the hub is off.

# %% id="answer-60-5"
### BEGIN SOLUTION
hub = sh("getent hosts mirror").split()[0]
files = {YML: config("/cache", proxy={"remoteurl": f"http://{hub}:5000"})}
serve(lab, "cache", "registry:2", YML, files=files, replicas=2)
print(lab.swarm.publish("cache", port=5001, target=5000))
for node in lab.nodes:
    node.reload_engine({"registry-mirrors": ["http://127.0.0.1:5001"]})
### END SOLUTION

# %% id="check-60-5"
lab.check("60.5")

# %% [markdown] id="exercise-60-6"
# ## 60.6 Old builds go by themselves (10 points)
#
# A service deletes old builds, without anybody's help and within two minutes. Of each repository below `builds/`, these
# tags are left, as in exercise 11.7:
#
# - those of the **three newest images**, by the date `created` in the config. Two tags of one digest are one image;
# - **`stable`**, however old its image is, and the other tags of that image;
# - the **signatures** of what is left, `sha256-<digits>.sig`.
#
# Builds are images for one platform, there are no indexes among them. In all other repositories nothing is deleted.

# %% id="answer-60-6"
### BEGIN SOLUTION
docker.login("writer", "writing-desk", registry="swarm.lab:5000")
docker.images.get("tools").tag("swarm.lab:5000/team/tools:1")
lab.push("swarm.lab:5000/team/tools:1")
RETAIN = r"""
ask() { busybox wget -qO- "http://tasks.reader:5000/v2/$1"; }
list() { ask "$1" | busybox sed 's/.*\[//; s/\].*//' | busybox tr , '\n' | busybox tr -d '"'; }
look() { skopeo inspect --tls-verify=false --no-tags --format "{{.Created.Unix}} {{.Digest}} $2" \
  "docker://tasks.reader:5000/$1:$2"; }
drop() { skopeo delete --tls-verify=false "docker://tasks.registry:5000/$1"; }
retain() {
  tags=$(list "$1/tags/list")
  for tag in $(echo "$tags" | busybox grep -v -e '[.]sig$' -e '[{]')
  do look "$1" "$tag" || return; done >/tmp/all
  { busybox sort -rn /tmp/all | busybox awk '!seen[$2]++ {print $2}' | busybox head -n 3
    busybox awk '$3 == "stable" {print $2}' /tmp/all; } >/tmp/keep
  for digest in $(busybox awk '{print $2}' /tmp/all | busybox sort -u | busybox grep -vFf /tmp/keep); do
    signature="sha256-${digest#sha256:}.sig"
    ! echo "$tags" | busybox grep -qx "$signature" || drop "$1:$signature" || return
    drop "$1@$digest"
  done
}
while busybox sleep 5
do for name in $(list '_catalog?n=1000' | busybox grep '^builds/'); do retain "$name"; done; done
"""
files = {"/run/secrets/retain.sh": RETAIN}
tools = ["swarm.lab:5000/team/tools:1", "sh", "/run/secrets/retain.sh"]
serve(lab, "retention", *tools, files=files, networks=["team"])
### END SOLUTION

# %% id="check-60-6"
lab.check("60.6")

# %% [markdown] id="exercise-60-7"
# ## 60.7 A clean-up that loses nothing (8 points)
#
# A service collects garbage, without anybody's help: two minutes after its upload, a blob that no manifest names is
# gone. Others push all the time. A push may fail meanwhile, and has to be possible again 40 seconds later. One that was
# acknowledged is whole, for good.
#
# The check holds a process `registry garbage-collect` that it finds on a node, and tries to begin an upload. In
# lesson 11 the job stopped one container. Here there are replicas on several nodes: when do you know that all of them
# have ended?

# %% id="answer-60-7"
### BEGIN SOLUTION
COLLECT = r"""
swarm() { chroot /host docker service "$@"; }
idle() {
  states=$(swarm ps --format '{{.CurrentState}}' registry) || return
  ! echo "$states" | grep -q -e ^Run -e ^Start -e ^Ready -e ^Prepar -e ^Assign -e ^Accept -e ^Pend -e ^New
}
while swarm scale --detach registry=2; sleep 15; do
  swarm scale --detach registry=0
  for try in 1 2 3 4 5 6 7 8 9
  do sleep 1; idle && registry garbage-collect /run/secrets/registry.yml && break; done
done
"""
files = {"/run/secrets/collect.sh": COLLECT, YML: config("/team", log={"level": "error"})}
host = Mount("/host", "/", type="bind")
script = ["sh", "/run/secrets/collect.sh"]
serve(lab, "collector", "registry:2", *script, files=files, mounts=[host])
### END SOLUTION

# %% id="check-60-7"
lab.check("60.7")

# %% [markdown] id="exercise-60-8"
# ## 60.8 Only what the team has signed (10 points)
#
# The build server of the team pushes images and signs them as cosign does. `/srv/team/team.pub` is its public key.
#
# Write the program `/srv/team/deploy` into node 1. `deploy SERVICE REFERENCE`, with a reference such as
# `swarm.lab:5000/team/app:1`, runs that image as the service, or updates the service if it is there, **by the digest
# that was verified**. It ends with 0 as soon as the swarm has the order. An image that the team has not signed is not
# deployed: the program ends with another status, and a service that is there stays as it is. Someone may move the tag
# at any moment. Whichever node gets the task has to be able to pull.

# %% id="answer-60-8"
### BEGIN SOLUTION
DEPLOY = r"""#!/bin/sh
set -eu
tool() { docker run --rm --network host -v /srv/team:/srv/team:ro -v /root/.docker:/root/.docker:ro \
  -e SSL_CERT_FILE=/srv/team/ca.crt swarm.lab:5000/team/tools:1 "$@"; }
exact="${2%:*}@$(tool skopeo inspect --no-tags --format '{{.Digest}}' "docker://$2")"
tool cosign verify --key /srv/team/team.pub --insecure-ignore-tlog "$exact" >/dev/null
if docker service inspect "$1" >/dev/null 2>&1
then docker service update --detach --with-registry-auth --image "$exact" "$1"
else docker service create --detach --with-registry-auth --name "$1" "$exact"; fi
"""
sh("echo writing-desk | docker login --username writer --password-stdin swarm.lab:5000")
lab.node().write_file("/srv/team/deploy", DEPLOY, mode=0o755)
### END SOLUTION

# %% id="check-60-8"
lab.check("60.8")

# %% [markdown] id="exercise-60-9"
# ## 60.9 A backup that was restored once (8 points)
#
# Push `hello-world` as `team/app` with the tag `1`, sign it if you like, and back up this repository, with all tags and
# their digests, into files in `/srv/backup` of node 5. Then restore it from there into a new registry on
# `127.0.0.1:5002`
# of node 5, which nobody else reaches. The check cuts node 5 off, and pulls.

# %% id="answer-60-9"
### BEGIN SOLUTION
docker.images.pull("hello-world", tag="latest").tag("swarm.lab:5000/team/app:1")
lab.push("swarm.lab:5000/team/app:1")
sh("echo reading-room | docker login -u reader --password-stdin swarm.lab:5000", node=5)
sh("docker rm -fv restored; rm -rf /srv/backup; mkdir -p /srv/backup", node=5)
sh(
    "docker run -d --name restored -p 127.0.0.1:5002:5000 -v restored:/var/lib/registry registry:2",
    5,
)
MOUNTS = "-v /srv/backup:/backup -v /root/.docker:/root/.docker:ro -v /etc/docker/certs.d:/certs:ro"
TOOLS = f"docker run --rm --network host {MOUNTS} -e SSL_CERT_FILE=/certs/swarm.lab:5000/ca.crt"
SYNC = f"{TOOLS} swarm.lab:5000/team/tools:1 skopeo sync --all --preserve-digests"
sh(f"{SYNC} --src docker --dest dir swarm.lab:5000/team/app /backup", node=5)
plain = "--dest-tls-verify=false"
sh(f"{SYNC} --src dir --dest docker {plain} /backup 127.0.0.1:5002/team", node=5)
print(labs.RegistryClient(lab.node(5).url(5002)).tags("team/app"))
### END SOLUTION

# %% id="check-60-9"
lab.check("60.9")

# %% [markdown] id="exercise-60-10"
# ## 60.10 Any two nodes (14 points)
#
# Whichever two of the five nodes are off, one after the other, the three that are left pull what was pushed, and push,
# a minute later at most. The check loses four of your nodes in two pairs, first those that run most.

# %% id="answer-60-10"
### BEGIN SOLUTION
sh("docker service scale --detach door=3 reader=3")
tasks = [lab.swarm.wait(name, running=3) for name in ("door", "reader")]
### END SOLUTION

# %% id="check-60-10"
lab.check("60.10")

# %% [markdown] id="points-text"
# ## Your points
#
# All of it has to hold at once. A later step may have undone an earlier one, so the checks that take seconds are made
# once more. For the others use *Run All Cells* in JupyterLab's menu *Run*.

# %% id="points"
for exercise in lab.lesson.exercises[:5]:
    print(f"{exercise.points:3}", lab.verdict(exercise.id).line)

# %% [markdown] id="learned"
# ## What you learned
#
# - A registry for a team is several services. Each may fail, and what the others do then is decided beforehand.
# - Roles, an address, retention and verification are not in `distribution`. A proxy, DNS, a job and a program add them.
# - What was not attacked is not known to work: a backup that was not restored, a replica that was not switched off.
#
# **Next:** run one for your own team. Beyond what you built here, it needs:
#
# - A store of several machines, or of a provider, and a backup that is not in the same building.
# - Passwords, or better tokens, of its own for each person and each machine ([lesson 13](13-share-it.ipynb)).
# - A clean-up at night, once a day, and an alarm when it has not run, when the store fills up, and two weeks before the
#   certificate ends.
#
# `lab.close()` removes the five nodes and the store, with all that is in them.

# %% id="progress"
lab.progress()
