"""Right, blank and wrong answers to lesson 9."""

from __future__ import annotations

from typing import Any

from docker.types import RollbackConfig, ServiceMode, UpdateConfig

from labs.lesson import transfer
from labs.lessons.common import SiteVersions
from labs.lessons.keep_a_swarm_serving.plain_registry import serve_registry
from labs.playground import Playground, service_spec
from labs.waiting import wait_until
from tests.lessons.actions import nothing, pull
from tests.lessons.cases import Blank, LessonTests, Right, Table, Wrong, choose
from tests.lessons.open_lesson import OpenLesson

ADDRESS = "127.0.0.1:5000"
SHOP = f"{ADDRESS}/shop:1"
KEPT = ("registry", "edge-5000")
SECOND_NS = 10**9
SITE = {
    "mode": ServiceMode("replicated", 3),
    "update_config": UpdateConfig(parallelism=1, failure_action="rollback", monitor=SECOND_NS),
    "rollback_config": RollbackConfig(parallelism=1, monitor=SECOND_NS),
}


def the_lessons_registry(playground: Playground) -> None:
    """The registry as the lesson makes it, with images of `site` and `shop`; all nodes are on and take tasks."""
    for node in playground.nodes:
        node.start()
    wait_until(lambda: whole(playground), "all nodes", timeout_s=90)
    swarm, engine = playground.swarm, playground.node(1).docker
    swarm.remove(*(each.name for each in engine.services.list() if each.name not in KEPT))
    for name in ("node1", "node2", "node3"):
        set_availability(playground, name, "active")
    serve_registry(playground)
    site = SiteVersions(playground, ADDRESS)
    for version in (1, 2):
        site.push(version)
    pull(playground, "nginx").tag(SHOP)
    transfer.push(engine, SHOP)


def whole(playground: Playground) -> bool:
    state = playground.swarm.state()
    return state.quorum and all(member.status == "ready" for member in state.nodes)


def digest_of(playground: Playground) -> str:
    return str(playground.node(1).docker.images.get_registry_data(SHOP).id)


def shop(playground: Playground, image: str = "", **options: Any) -> None:
    the_lessons_registry(playground)
    image = image or f"{SHOP}@{digest_of(playground)}"
    three = ServiceMode("replicated", 3)
    create = playground.node(1).docker.services.create
    create(image, name="shop", **{"mode": three, "update_config": careful(), **options})


def careful(**options: Any) -> UpdateConfig:
    return UpdateConfig(**{"parallelism": 1, "failure_action": "rollback", **options})


def run(playground: Playground, command: str) -> None:
    done = playground.node(1).exec(["sh", "-c", command])
    assert done.exit_code == 0, done.stderr


def pinned_with_the_sdk(playground: Playground) -> None:
    shop(playground)


def by_the_command_that_pins(playground: Playground) -> None:
    the_lessons_registry(playground)
    options = "--detach --name shop --replicas 3 --update-failure-action rollback"
    run(playground, f"docker service create {options} {SHOP}")


def one_on_each_node(playground: Playground) -> None:
    shop(playground, mode=ServiceMode("global"), update_config=careful(order="start-first"))


def one_wrong_answer_to_each(playground: Playground) -> None:
    """A wrong answer to each exercise: to put the registry right in between takes longer than all three."""
    shop(playground, SHOP)
    site(playground)
    set_availability(playground, "node3", "pause")
    run(playground, "docker service scale --detach site=5")


def from_docker_hub(playground: Playground) -> None:
    digest = pull(playground, "nginx").attrs["RepoDigests"]
    shop(playground, next(each for each in digest if each.startswith("nginx@")))


def four_replicas(playground: Playground) -> None:
    shop(playground, mode=ServiceMode("replicated", 4))


def image_id_for_digest(playground: Playground) -> None:
    the_lessons_registry(playground)
    shop(playground, f"{SHOP}@{playground.node(1).docker.images.get(SHOP).id}")


def on_one_node(playground: Playground) -> None:
    shop(playground, constraints=["node.hostname == node1"])


def all_at_once(playground: Playground) -> None:
    shop(playground, update_config=UpdateConfig(failure_action="rollback"))


def pauses(playground: Playground) -> None:
    shop(playground, update_config=None)


def goes_on_to_the_last(playground: Playground) -> None:
    shop(playground, update_config=careful(failure_action="continue"))


def check_that_tries_a_bad_update_leaves_the_service_as_it_was(opened: OpenLesson) -> None:
    goes_on_to_the_last(opened.playground)
    opened.playground.swarm.wait("shop", running=3)
    api = opened.playground.node(1).docker.api
    before = service_spec.service(api, "shop")["Spec"]
    assert opened.verdict("9.3").outcome == "not yet"
    assert service_spec.service(api, "shop")["Spec"] == before
    opened.playground.swarm.wait("shop", running=3)
    for node in opened.playground.nodes:
        assert not node.docker.images.list(name="hello-world:latest")


def site(playground: Playground) -> None:
    """The service that the lesson makes, beside what is there already."""
    version_2 = SiteVersions(playground, ADDRESS).pinned(2)
    playground.node(1).docker.services.create(version_2, name="site", **SITE)
    playground.swarm.wait("site", running=3)


def the_lessons_site(playground: Playground) -> None:
    the_lessons_registry(playground)
    site(playground)


def set_availability(playground: Playground, name: str, wanted: str) -> None:
    node = playground.swarm.reach().docker.nodes.get(name)
    if node.attrs["Spec"]["Availability"] != wanted:
        node.update({**node.attrs["Spec"], "Availability": wanted})


def drained_with_the_sdk(playground: Playground) -> None:
    the_lessons_site(playground)
    set_availability(playground, "node3", "drain")


def drained_by_the_command(playground: Playground) -> None:
    the_lessons_site(playground)
    run(playground, "docker node update --availability drain node3")


def paused(playground: Playground) -> None:
    the_lessons_site(playground)
    set_availability(playground, "node3", "pause")


def another_node_drained(playground: Playground) -> None:
    the_lessons_site(playground)
    set_availability(playground, "node2", "drain")


def node_2_left_drained_too(playground: Playground) -> None:
    the_lessons_site(playground)
    set_availability(playground, "node2", "drain")
    set_availability(playground, "node3", "drain")


def kept_away_by_a_constraint(playground: Playground) -> None:
    the_lessons_site(playground)
    run(playground, "docker service update --detach --constraint-add node.hostname!=node3 site")
    playground.swarm.wait("site", running=3)


def drained_with_a_task_less(playground: Playground) -> None:
    the_lessons_site(playground)
    set_availability(playground, "node3", "drain")
    run(playground, "docker service scale --detach site=2")


def switched_off(playground: Playground) -> None:
    the_lessons_site(playground)
    playground.node(3).stop()


def without_a_quorum(playground: Playground) -> None:
    """What the lesson's cells leave: the first manager to lead and the second are off."""
    the_lessons_site(playground)
    for number in (2, 3):
        playground.node(number).stop()


def back_with_four_replicas(playground: Playground) -> None:
    without_a_quorum(playground)
    for number in (2, 3):
        playground.node(number).start()
    playground.swarm.reach().docker.services.get("site").scale(4)


def back_by_the_command(playground: Playground) -> None:
    without_a_quorum(playground)
    for number in (2, 3):
        playground.node(number).start()
    wait_until(lambda: whole(playground), "all nodes", timeout_s=90)
    run(playground, "docker service scale --detach site=4")


def one_left_off(playground: Playground) -> None:
    the_lessons_site(playground)
    playground.node(3).stop()
    playground.swarm.reach().docker.services.get("site").scale(4)


RUN_SHOP = "run a service called shop, 3 replicas of an image from your registry"
RUN_SITE = "run the cell that makes the service site, then drain node3"
RUN_LESSON = "run the cells of the lesson first: there is no service site"
TRIED = "an update to a program that ends at once was tried, and its state is"

# Each action but nothing begins with the lesson's registry and puts it right: a clean swarm for each takes minutes.
TESTS = LessonTests(
    clean_each=False, extra=(check_that_tries_a_bad_update_leaves_the_service_as_it_was,)
)

CASES: Table = {
    "9.1": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Right(
            nothing,
            "Old and new tasks answer side by side, so two versions have to get on with the same data.",
            choose("b"),
        ),
        Wrong(
            nothing,
            "For that there would have to be six tasks. The swarm replaces one, then the next.",
            "",
            choose("a"),
        ),
        Wrong(
            nothing,
            "Only the task that is being replaced stops. The others go on.",
            "",
            choose("c"),
        ),
    ],
    "9.2": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Right(
            nothing,
            "The first failure stops the update, and what was replaced gets its old image back.",
            choose("c"),
        ),
        Wrong(
            nothing,
            "So it would be with `pause`, which is what the docker command writes if you say nothing.",
            "",
            choose("a"),
        ),
        Wrong(
            nothing,
            "So it would be with `continue`, which is what the SDK's UpdateConfig() writes.",
            "",
            choose("b"),
        ),
    ],
    "9.3": [
        Blank(nothing, RUN_SHOP),
        Blank(the_lessons_registry, RUN_SHOP),
        Right(pinned_with_the_sdk),
        Right(by_the_command_that_pins, slow=True),
        Right(one_on_each_node, slow=True),
        Wrong(
            one_wrong_answer_to_each,
            "shop runs 127.0.0.1:5000/shop:1, wanted it pinned by digest",
            "docker.images.get_registry_data(…).id is the digest; put @ before it",
        ),
        Wrong(
            from_docker_hub,
            "shop runs nginx, wanted an image from 127.0.0.1:5000",
            "push it there, and name it 127.0.0.1:5000/…",
        ),
        Wrong(
            four_replicas,
            "shop has 4 replicas, wanted 3",
            'docker.services.get("shop").scale(3)',
        ),
        Wrong(
            image_id_for_digest,
            "0 of 3 tasks of shop run",
            "No such image: 127.0.0.1:5000/shop:1",
        ),
        Wrong(
            on_one_node,
            "all tasks of shop run on node1, wanted them on several nodes",
            "a constraint holds them there, or the others cannot pull the image",
        ),
        Wrong(
            all_at_once,
            "an update of shop replaces all tasks at once, wanted one after the other",
            "UpdateConfig(parallelism=1, …): where nothing is said, the SDK says 0, which is all at once",
        ),
        Wrong(
            pauses,
            f"{TRIED} paused; wanted rollback_completed",
            "UpdateConfig(failure_action=…) says what to do when a new task fails; "
            "without it an update pauses",
        ),
        Wrong(
            goes_on_to_the_last,
            f"{TRIED} completed; wanted rollback_completed",
            "UpdateConfig(failure_action=…) says what to do when a new task fails, "
            "and max_failure_ratio how many may",
            slow=True,
        ),
    ],
    "9.4": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Right(
            nothing,
            "Moving a task would cut off those whom it serves. The node waits for new tasks.",
            choose("b"),
        ),
        Wrong(
            nothing,
            "That task has ended. Another one has taken its place on another node.",
            "",
            choose("a"),
        ),
        Wrong(
            nothing,
            "The swarm evens out only what it has to place anyway.",
            "",
            choose("c"),
        ),
    ],
    "9.5": [
        Blank(nothing, RUN_SITE),
        Blank(the_lessons_site, "node3 takes tasks: drain it"),
        Right(drained_with_the_sdk),
        Right(drained_by_the_command),
        Wrong(
            one_wrong_answer_to_each,
            "node3 is paused: it takes no new tasks, and keeps those that it has",
            '"Availability": "drain"',
        ),
        Wrong(
            paused,
            "node3 is paused: it takes no new tasks, and keeps those that it has",
            '"Availability": "drain"',
        ),
        Wrong(
            another_node_drained,
            "node2 has the availability drain, wanted node3 drained alone",
            "docker.nodes.get takes the name of a node; active takes it back",
        ),
        Wrong(
            node_2_left_drained_too,
            "node2 has the availability drain, wanted node3 drained alone",
            "docker.nodes.get takes the name of a node; active takes it back",
        ),
        Wrong(
            kept_away_by_a_constraint,
            "node3 has no task of site now, and still takes new ones",
            "drain says it to the swarm, for all services",
        ),
        Wrong(
            drained_with_a_task_less,
            "site has 2 replicas, wanted 3",
            'docker.services.get("site").scale(3)',
        ),
        Wrong(
            switched_off,
            "node3 is stopped, wanted all nodes on and connected",
            "lab.node(3).start()",
        ),
    ],
    "9.6": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Right(
            nothing,
            "Followers pass orders on to the leader, and wait until there is one.",
            choose("b"),
        ),
        Wrong(
            nothing,
            "Each engine runs its own containers. It needs a manager to be told what to change.",
            "",
            choose("a"),
        ),
        Wrong(
            nothing,
            "Each knows everything, and one alone may change it: else two could change it in two ways.",
            "",
            choose("c"),
        ),
    ],
    "9.7": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Right(
            nothing,
            "Nothing is listed, updated or started again, until a second manager is back.",
            choose("c"),
        ),
        Wrong(
            nothing,
            "Each engine runs its own containers. It needs a manager to be told what to change.",
            "",
            choose("a"),
        ),
        Wrong(
            nothing,
            "A vote takes more than half of all managers, of those that are off too: two of three.",
            "",
            choose("b"),
        ),
    ],
    "9.8": [
        Blank(nothing, RUN_LESSON),
        Blank(the_lessons_site, "site has 3 replicas: ask the swarm for 4"),
        Blank(without_a_quorum, "2 of 3 managers are off: bring back a quorum"),
        Right(back_with_four_replicas),
        Right(back_by_the_command),
        Wrong(
            one_wrong_answer_to_each,
            "site has 5 replicas, wanted 4",
            'docker.services.get("site").scale(4)',
        ),
        Wrong(
            one_left_off,
            "node3 is stopped, wanted all nodes on and connected",
            "lab.node(3).start()",
        ),
        Wrong(
            drained_with_a_task_less,
            "site has 2 replicas, wanted 4",
            'docker.services.get("site").scale(4)',
        ),
    ],
}
