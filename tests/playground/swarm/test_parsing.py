"""What engines say of a swarm, turned into records."""

from labs.playground.swarm import parsing
from labs.playground.swarm.state import TaskState

MACHINES = {"node1": "running", "node2": "running", "node3": "stopped", "node4": "running"}


def node(name, id=None, *, state="ready", created="1", **manager):
    raw = {
        "ID": id or f"id-{name}",
        "CreatedAt": created,
        "Description": {"Hostname": name},
        "Spec": {"Role": "manager" if manager else "worker", "Availability": "active"},
        "Status": {"State": state},
    }
    return {**raw, "ManagerStatus": manager} if manager else raw


def task(slot, where, state="running", desired="running", created="1", error=""):
    return {
        "ServiceID": "web-id",
        "NodeID": f"id-{where}" if where else "",
        "Slot": slot,
        "CreatedAt": created,
        "Spec": {"ContainerSpec": {"Image": "nginx"}},
        "Status": {"State": state, "Err": error},
        "DesiredState": desired,
    }


def service(**spec):
    return {
        "ID": "web-id",
        "Spec": {
            "Name": "web",
            "TaskTemplate": {"ContainerSpec": {"Image": "nginx"}},
            "Mode": {"Replicated": {"Replicas": 3}},
            **spec,
        },
    }


NODES = [
    node("node1", Leader=True, Reachability="reachable"),
    node("node2", Reachability="unreachable"),
    node("node3", Reachability="reachable"),
]


def state(*tasks, nodes=NODES, services=None):
    return parsing.swarm_state(MACHINES, nodes, services or [service()], list(tasks))


def test_state_tells_what_each_node_is():
    assert [(m.name, m.role, m.leader, m.status) for m in state().nodes] == [
        ("node1", "manager", True, "ready"),
        ("node2", "manager", False, "unreachable"),
        ("node3", "manager", False, "stopped"),
        ("node4", "worker", False, "out"),
    ]


def test_leader_that_was_just_switched_off_leads_no_more():
    nodes = [node("node3", Leader=True, Reachability="reachable")]
    assert not state(nodes=nodes).member("node3").leader


def test_service_counts_what_runs_on_nodes_that_are_ready():
    found = state(task(1, "node1"), task(2, "node3"), task(3, "", "pending", error="no place"))
    assert (found.services[0].wanted, found.services[0].running) == (3, 1)
    assert found.waiting == (
        TaskState("web", 3, "", "nginx", "pending", "running", error="no place"),
    )
    assert found.member("node3").tasks == ()


def updated(**raw):
    template = {"ContainerSpec": {"Image": "nginx:2"}, "Placement": {"MaxReplicas": 1}}
    return {**service(TaskTemplate=template), **raw}


def test_update_that_was_accepted_and_not_begun_is_pending():
    """For a moment all tasks still have the old specification, and the engine says nothing of an update."""
    old = [task(slot, "node1") for slot in (1, 2, 3)]
    assert state(*old).services[0].update == ""
    assert state(*old, services=[updated()]).services[0].update == "pending"
    assert state(services=[updated()]).services[0].update == ""
    ended = task(1, "node1", desired="shutdown")
    assert state(ended, services=[updated()]).services[0].update == ""


def test_update_that_was_begun_is_told_as_the_swarm_tells_it():
    """A paused update leaves tasks of the old specification for good."""
    services = [updated(UpdateStatus={"State": "paused"})]
    assert state(task(1, "node1"), services=services).services[0].update == "paused"


def test_tasks_that_ended_are_history_and_not_in_the_state():
    ended = [task(1, "node1", "failed", "shutdown"), task(1, "node1", "shutdown", "shutdown")]
    assert state(*ended).member("node1").tasks == ()
    assert len(parsing.tasks(ended, [service()], NODES)) == 2


def test_tasks_of_a_slot_come_youngest_first():
    both = [task(1, "node1", "failed", "shutdown", created="1"), task(1, "node2", created="2")]
    assert [t.state for t in parsing.tasks(both, [service()], NODES)] == ["running", "failed"]


def test_global_service_wants_a_task_for_each_that_the_swarm_made():
    tasks = [task(0, "node1"), task(0, "node2", "preparing")]
    found = state(*tasks, services=[service(Mode={"Global": {}})]).services[0]
    assert (found.mode, found.wanted, found.running) == ("global", 2, 1)


def test_of_two_members_with_one_name_the_ready_one_counts():
    nodes = [node("node2", "old", state="down", created="2"), node("node2", "new", created="1")]
    assert parsing.by_name(nodes)["node2"]["ID"] == "new"


def test_member_that_has_not_told_its_name_yet_is_left_out():
    silent = {**node("node2"), "Description": {"Resources": {}}}
    assert list(parsing.by_name([silent, node("node1")])) == ["node1"]


def test_without_a_quorum_what_runs_is_still_told():
    labels = {
        "com.docker.swarm.service.name": "web",
        "com.docker.swarm.task.name": "web.2.abc",
    }
    held = {"node1": [{"Image": "nginx:latest", "Labels": labels}, {"Image": "other"}]}
    found = parsing.without_quorum(MACHINES, {"node1", "node2"}, held)
    assert not found.quorum
    assert [(m.name, m.role, m.status) for m in found.nodes][1:3] == [
        ("node2", "manager", "unknown"),
        ("node3", "worker", "stopped"),
    ]
    assert found.member("node1").tasks == (
        TaskState("web", 2, "node1", "nginx:latest", "running", "unknown"),
    )
