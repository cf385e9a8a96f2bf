"""Limits of a real hub: the disk of a node that a build takes, its processes, and sign-ups of one address."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from labs.playground import Playground, hub_container
from labs.waiting import wait_until
from tests.playground.hub_accounts import populate, post
from tests.playground.hub_sources import Work, browser

pytestmark = [pytest.mark.engine, pytest.mark.full]
MOST = 60_000_000
PLAIN = {"hooks/pre_build": "", "Dockerfile": "FROM busybox\n"}
# Each file is far below the limit for one file.
WRITE = "dd if=/dev/urandom of={file} bs=1M count=25 2>/dev/null; sleep 2"
WRITES = [WRITE.format(file=f"/large{number}") for number in range(9)]


@pytest.fixture(scope="module")
def playground(opened: Callable[..., Playground]) -> Iterator[Playground]:
    """One node, and a hub whose builds may take 60 MB."""
    before = hub_container._environment
    with pytest.MonkeyPatch.context() as patch:
        small = {"HUB_BUILD_BYTES": str(MOST)}
        patch.setattr(hub_container, "_environment", lambda *given: before(*given) | small)
        made = opened("hub-limits", nodes=1)
        populate(made.hub)
        yield made


@pytest.fixture(scope="module")
def work(playground: Playground, tmp_path_factory: pytest.TempPathFactory) -> Work:
    """The source of eve/large, which makes latest of main."""
    made = Work(playground, "eve/large", tmp_path_factory.mktemp("large") / "large", owner="eve")
    made.rule()
    assert made.build(PLAIN)["state"] == "successful"
    return made


def left(playground: Playground) -> tuple[int, int, int]:
    """How many containers, volumes and images the node's engine has."""
    engine = playground.node(1).docker
    containers = engine.containers.list(all=True)
    return len(containers), len(engine.volumes.list()), len(engine.images.list(all=True))


SOURCES = {
    "one hook": {"hooks/pre_build": "\n".join(WRITES)},
    "two hooks": {"hooks/post_checkout": "\n".join(WRITES[:2]), "hooks/pre_build": WRITES[2]},
    "one step": {"Dockerfile": f"FROM busybox\nRUN {'; '.join(WRITES)}\n"},
    "many steps": {"Dockerfile": "FROM busybox\n" + "".join(f"RUN {each}\n" for each in WRITES)},
    "stages": {
        "Dockerfile": "".join(
            f"FROM busybox AS s{n}\nRUN {each}\n" for n, each in enumerate(WRITES)
        )
    },
    "a volume": {
        "Dockerfile": f"FROM busybox\nVOLUME /v\nRUN {'; '.join(WRITES).replace('/large', '/v/large')}\n"
    },
    "copies": {
        "hooks/pre_build": WRITES[0].replace("/large", "/src/large"),
        "Dockerfile": "FROM busybox\n" + "".join(f"COPY . /copy{number}\n" for number in range(9)),
    },
}


@pytest.mark.parametrize("where", SOURCES)
def test_build_that_takes_too_much_disk_is_ended_and_leaves_nothing(
    playground: Playground, work: Work, where: str
):
    before = left(playground)
    build = work.build({**PLAIN, "hooks/post_checkout": "", **SOURCES[where]})
    assert build["state"] == "failed", build["text"]
    last = build["text"].strip().splitlines()[-1]
    assert last.startswith("the build has taken ")
    assert last.endswith(" MB of disk, more than the 60 MB of a build")
    assert left(playground) == before
    # The queue goes on, and what the image of the base takes is not counted.
    assert work.build({**PLAIN, "hooks/post_checkout": ""})["state"] == "successful"


MANY = "i=0; while [ $i -lt 2000 ]; do sleep 5 & i=$((i+1)); done; wait"


def asleep(playground: Playground) -> int:
    """How many processes of the node sleep."""
    shown = playground.node(1).container.top()["Processes"]
    return sum("sleep 5" in " ".join(each) for each in shown)


@pytest.mark.parametrize("where", ["hooks/pre_build", "Dockerfile"])
def test_build_of_two_thousand_processes_ends_and_the_hub_answers_meanwhile(
    playground: Playground, work: Work, where: str
):
    # A shell that cannot fork ends. The one around it then counts, so that there is time to look.
    hook = f"({MANY}) || true\ni=0; while [ $i -lt 400000 ]; do i=$((i+1)); done; exit 3\n"
    text = hook if where.startswith("hooks") else f"FROM busybox\nRUN {MANY}\n"
    work.commit({**PLAIN, where: text})
    (number,) = work.push()
    wait_until(lambda: asleep(playground) > 20, "the processes", timeout_s=60)
    most = asleep(playground)
    with browser(playground, "grace") as client:
        assert client.get("/").status_code == 200
    build = work.ended(number)
    assert build["state"] == "failed", build["text"]
    assert "can't fork" in build["text"]
    assert most < 2000
    if where.startswith("hooks"):
        last = build["text"].strip().splitlines()[-1]
        assert last.endswith("ended with status 3: a hook has at most 100 processes")
    wait_until(lambda: asleep(playground) == 0, "the processes to end", timeout_s=10)
    assert work.build(PLAIN)["state"] == "successful"


# What a program has made: it takes minutes, since each password is hashed.
MADE = """
import django
django.setup()
from labs.hub.models import Account
address = Account.objects.get(username="first").address
Account.objects.bulk_create(Account(username=f"made{n}", address=address) for n in range(120))
"""


def test_sign_ups_of_one_address_are_slowed_down_also_after_a_restart(playground: Playground):
    def ask(name: str) -> httpx.Response:
        with playground.hub.http() as client:
            # A client does not choose its address: the proxy before the hub names it.
            client.headers["X-Real-IP"] = "172.18.0.99"
            return client.post("/v2/users", json={"username": name, "password": "a password"})

    assert ask("first").status_code == 201
    done = playground.hub.container.exec_run(["python3.13", "-c", MADE])
    assert done.exit_code == 0, done.output.decode()
    for restarts in (False, True):
        if restarts:
            playground.hub.container.restart(timeout=2)
            wait_until(playground.hub.answers, "the hub to answer again", timeout_s=60)
        refused = ask("second")
        assert refused.status_code == 429
        assert 0 < int(refused.headers["Retry-After"]) <= 60
        assert "too many new accounts from this address" in refused.json()["message"]
    # What a lesson does again: the account is there.
    assert ask("first").status_code == 409
    with browser(playground) as client:
        given = {"username": "second", "password": "a password"}
        page = post(client, "/signup", **given)
    assert (page.status_code, "too many new accounts" in page.text) == (429, True)
