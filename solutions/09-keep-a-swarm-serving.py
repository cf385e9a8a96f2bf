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
# # Keep a swarm serving
#
# **You will** roll out an update task by task, take back one that fails, empty a node, lose the leader of a swarm, and
# then so many managers that nothing can be decided. It takes about 50 minutes. You should know what a service is
# ([lesson 7](07-serve-a-swarm.ipynb)) and what a digest does in it ([lesson 8](08-guard-a-swarm.ipynb)).
#
# **Why it matters.** A swarm goes on by itself, with whatever it was told. It will roll a broken image
# out to every machine as readily as a good one, and it takes no orders when too many of its managers are gone.
#
# ## Run this cell first, each time
#
# Three machines, all of them managers. This lesson is not about the registry, so it is as simple as it can be: one task
# on node 1, which all nodes reach at `127.0.0.1:5000`, without TLS and without members. `serve_registry` runs it where
# it is not there yet (`labs/lessons/keep_a_swarm_serving/plain_registry.py`).
#
# What is rolled out is a small site in three versions. The third is broken: there is a mistake in nginx's
# configuration, and its program ends at once. `site.push` builds a version and pushes it, `site.pinned` gives its
# reference with the digest, and `site.versions` asks the tasks of a service which one they have
# (`labs/lessons/common/site_versions.py`).

# %% id="open"
import labs
from labs.lessons.common import SiteVersions
from labs.lessons.keep_a_swarm_serving.plain_registry import serve_registry
from labs.waiting import wait_until

lab = labs.open("keep-a-swarm-serving")
docker = lab.docker
serve_registry(lab.playground)
site = SiteVersions(lab.playground, "127.0.0.1:5000")
for version in (1, 2, 3):
    site.push(version, broken=version == 3)
print("site has", sorted(lab.registry.tags("site")))

# %% [markdown] id="create-text"
# ## docker service update: a rolling update
#
# An `UpdateConfig` of a service says how its image is changed: one task after the other (`parallelism=1`), watching
# each new one for a while (`monitor`), and what to do if one fails (`failure_action`). A `RollbackConfig` says the same
# for the way back.
#
# The next cell but one runs version 1, a task on each node, and updates it to version 2. `site.most_versions` asks all
# tasks again and again until the update is over, and keeps the answer with the most versions in it. `site.state` is the
# state of the last update, as the swarm tells it.
#
# **9.1** What do visitors of the site get until the update is over? Write the letter of your answer into the cell, as
# `choice = "…"`, and run both cells. A click tells whether an answer is right; only the letter in the cell counts.

# %% id="answer-9-1"
lab.question("9.1")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-9-1"
lab.check("9.1", choice=choice)

# %% id="update"
from docker.types import RollbackConfig, ServiceMode, UpdateConfig

one_second = 1_000_000_000  # nanoseconds
careful = UpdateConfig(parallelism=1, monitor=one_second, failure_action="rollback")
back = RollbackConfig(parallelism=1, monitor=one_second)
three = ServiceMode("replicated", 3)
options = {"mode": three, "update_config": careful, "rollback_config": back}
lab.swarm.remove("site")
docker.services.create(site.pinned(1), name="site", **options)
lab.swarm.wait("site", running=3)
docker.services.get("site").update(image=site.pinned(2), fetch_current_spec=True)
print("side by side:", *site.most_versions("site"))
print(site.state("site"), site.versions("site"))

# %% [markdown] id="broken-text"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker service create --name site --replicas 3 --update-parallelism 1 --update-failure-action rollback \
#   --update-monitor 1s --rollback-parallelism 1 --rollback-monitor 1s 127.0.0.1:5000/site:1
# docker service update --image 127.0.0.1:5000/site:2 site
# docker service inspect --pretty site
# docker service ps --no-trunc site
# ```
#
# </details>
#
# For some seconds both versions answered. Where they write to one database, the old one has to get on with what the new
# one writes.
#
# ## Break it: an update that takes itself back (rollback)
#
# **9.2** Next comes version 3, whose program ends at once. What runs when the update is over?

# %% id="answer-9-2"
lab.question("9.2")
choice = None
### BEGIN SOLUTION
choice = "c"
### END SOLUTION

# %% id="check-9-2"
lab.check("9.2", choice=choice)

# %% id="broken"
docker.services.get("site").update(image=site.pinned(3), fetch_current_spec=True)
lab.swarm.wait("site", running=3, timeout_s=180)
print(site.state("site"), site.versions("site"))
print(*{task.error for task in lab.swarm.tasks("site") if task.error and ":3@" in task.image})

# %% [markdown] id="exercise-9-3"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker service update --image 127.0.0.1:5000/site:3 site
# docker service ps --no-trunc site
# ```
#
# </details>
#
# One task tried version 3 and failed, perhaps a second one, and the swarm went back by itself. The others never
# stopped. Where nothing is said, an update *pauses* at its first failure, with a task less, until somebody looks;
# `docker service rollback site` then goes back. Beware of `UpdateConfig()` of the SDK: what you leave out is
# `parallelism=0`, all at once, and `failure_action="continue"`, to the last task.
#
# `monitor` says for how long after its start the failure of a new task counts. **One second is for this lesson**, where
# version 3 ends at once: a version that fails after two seconds would reach all three. Unless you say otherwise it is
# 5 s. Give a service of your own as long as it may take to fail, 30 s or more, and a health check.
#
# ## Exercise 9.3: a service that takes back a bad update
#
# Push an image that goes on running to your registry, `httpd:2` for example, and run **three** replicas of it as a
# service called `shop`, pinned by digest. An update of it replaces one task after the other, and where a new task
# fails, it goes back by itself.
#
# The check believes nothing: it tries an update to a program that ends at once, and looks at what is left.
# Afterwards your service is as you made it.

# %% id="answer-9-3"
### BEGIN SOLUTION
docker.images.pull("httpd", tag="2").tag("127.0.0.1:5000/shop:1")
image = f"127.0.0.1:5000/shop:1@{lab.push('127.0.0.1:5000/shop:1')}"
lab.swarm.remove("shop")
docker.services.create(image, name="shop", **options)
tasks = lab.swarm.wait("shop", running=3)
### END SOLUTION

# %% id="check-9-3"
lab.check("9.3")

# %% [markdown] id="drain-text"
# ## drain: empty a node before you work on it
#
# Before you work on a machine, tell the swarm: a *drained* node gets no tasks, and those it has move. The next cell but
# one drains node 2, waits until it is empty, and makes it active again.
#
# **9.4** How many of the three tasks of `site` does node 2 have then?

# %% id="answer-9-4"
lab.question("9.4")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-9-4"
lab.check("9.4", choice=choice)


# %% id="drain"
def places():
    return sorted({task.node for task in lab.swarm.wait("site", running=3)})


node2 = docker.nodes.get("node2")
node2.update({**node2.attrs["Spec"], "Availability": "drain"})
wait_until(lambda: "node2" not in places(), "node2 to be empty", timeout_s=60)
node2.reload()
node2.update({**node2.attrs["Spec"], "Availability": "active"})
print("active again:", places())

# %% [markdown] id="drain-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker node update --availability drain node2
# docker node update --availability active node2
# ```
#
# </details>
#
# A node that is back gets no tasks back: moving them would cut off anyone who is being served. It waits for new ones.
#
# **9.5** Now you. Node 3 is to get a new disk. Empty it, and leave it so: all three tasks of `site` go on elsewhere. As
# a manager it still votes.

# %% id="answer-9-5"
### BEGIN SOLUTION
node3 = docker.nodes.get("node3")
node3.update({**node3.attrs["Spec"], "Availability": "drain"})
wait_until(lambda: "node3" not in places(), "node3 to be empty", timeout_s=60)
### END SOLUTION

# %% id="check-9-5"
lab.check("9.5")

# %% [markdown] id="forced-text"
# The disk is in: all nodes are active again. `force_update` replaces all tasks of a service, one after the other,
# though nothing in it has changed. Each new task goes where the fewest are.

# %% id="forced"
for node in docker.nodes.list():
    node.update({**node.attrs["Spec"], "Availability": "active"})
docker.services.get("site").force_update()
print("forced:", places())

# %% [markdown] id="leader-text"
# <details><summary>The same with docker</summary>
#
# ```bash
# docker node update --availability active node3
# docker service update --force site
# ```
#
# </details>
#
# ## docker node ls: lose the leader
#
# All managers know everything. One leads, the others follow. In a moment you switch the leader off, as if by its plug.
# The others hear nothing from it, and after ten seconds or more they vote.
#
# **9.6** What about `site` until they have voted, and what about an order to the swarm?

# %% id="answer-9-6"
lab.question("9.6")
choice = None
### BEGIN SOLUTION
choice = "b"
### END SOLUTION

# %% id="check-9-6"
lab.check("9.6", choice=choice)

# %% id="leader"
for node in lab.nodes:
    node.start()  # those that an earlier run of this cell has left off
first = lab.swarm.leader
first.stop()
left = [node for node in lab.nodes if node is not first]
print("at once:", *site.versions("site", left))
second = lab.swarm.leader  # waits for the vote
print("another leads:", second is not first)

# %% [markdown] id="leader-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# # node 2, or another one that is still on
# docker node ls
# ```
#
# </details>
#
# The first line came at once, the second after the vote. An order takes as long: the manager that was asked passes it
# on to the leader, and looks for one for 20 seconds where there is none. If the vote takes longer, you see `context
# deadline exceeded`, and ask again. When the old leader comes back, it follows.
#
# ## The swarm does not have a leader: lose the quorum
#
# A vote takes more than half of all managers, on or off: two of three, the *quorum*. One of three is off already.
#
# **9.7** Switch off the new leader too. What happens to the services?

# %% id="answer-9-7"
lab.question("9.7")
choice = None
### BEGIN SOLUTION
choice = "c"
### END SOLUTION

# %% id="check-9-7"
lab.check("9.7", choice=choice)

# %% id="quorum"
second.stop()
(last,) = [node for node in left if node is not second]
print("still running:", *site.versions("site", [last]))
listed = last.exec(["timeout", "5", "docker", "service", "ls"])
print("docker service ls:", (listed.stdout + listed.stderr).strip() or "no answer in 5 s")

# %% [markdown] id="quorum-twin"
# <details><summary>The same with docker</summary>
#
# ```bash
# # node 2, or the one that is still on
# docker service ls  # fails
# docker node ls  # fails
# docker container ls
# ```
#
# </details>
#
# The manager looks for a leader. Run the cell's last two lines again half a minute later, and it has given up: `The
# swarm does not have a leader. It's possible that too few managers are online. Make sure more than half of the managers
# are online.` In between it may say `context deadline exceeded`.

# %% id="lost" tags=["nbval-ignore-output"] because="which tasks the node has is the swarm's own choice"
lab.show_swarm()

# %% [markdown] id="lost-explain"
# What runs goes on running, and each engine still answers for its own containers. What needs the swarm's consent does
# not happen: no list, no update, no new task for one that ends. One of three cannot know whether the other two are off
# or only out of reach, so it does not act alone.
#
# **9.8** Now you. Bring the swarm back: all managers on, and then an order, **four** replicas of `site`. Switch on one
# first, and look: is a second manager enough?

# %% id="answer-9-8"
### BEGIN SOLUTION
second.start()
lab.swarm.reach().docker.services.get("site").scale(4)
first.start()
tasks = lab.swarm.wait("site", running=4, timeout_s=120)
### END SOLUTION

# %% id="check-9-8"
lab.check("9.8")

# %% [markdown] id="recover-explain"
# Nobody had to repair the swarm: two managers agree again, and it makes up for what was lost. A machine that comes back
# in the very moment in which it is given up may stay `down` in the swarm's list; then restart that engine.
#
# Where the lost machines will never come back, one manager can begin again with all it knows, alone:
# `docker swarm init --force-new-cluster`. Then remove the dead from its list and let new machines join. It is the last
# resort, and **not run here**: should the old managers be switched on after all, they find each other, have a quorum,
# and there are two swarms.
#
# Count your managers: of three, one may be lost; of five, two; of seven, three. Four survive no more than three do.
#
# ## What you learned
#
# - An update replaces task by task. It can watch itself and go back, if the service says so.
# - A drained node is empty, and its tasks stay where they went. Only new tasks come to it afterwards.
# - Services outlive managers. Orders need a quorum: more than half of all managers, whether they are on or off.
#
# **Next:** [Cache what you pull](10-cache-what-you-pull.ipynb): a cache between your engines and a hub.

# %% id="progress"
lab.progress()
