"""What the hub costs: start, memory, a token, a page, and pushes and builds beside the same without it."""

from __future__ import annotations

import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from labs import playground as playgrounds
from labs.bench.hub_person import PASSWORD, Person, zero_image
from labs.bench.open_times import IDLE_S, memory_bytes
from labs.bench.rows import MEGABYTE, Row, pairs, seconds
from labs.bench.setting import BenchError, Setting
from labs.images import Catalog
from labs.playground import Playground, remove_container
from labs.waiting import wait_until

SLUG = "bench-hub"
_TOKENS = 20
_TAGS = 200
_PUSHED_MB = 50
_BARE = "bare:5000"
_DOCKERFILE = """FROM busybox
COPY . /app
RUN seq 1 300000 | md5sum >/app/one
RUN seq 1 300000 | md5sum >/app/two
"""


def ready(setting: Setting) -> Iterator[Row]:
    """`playground.hub` until pages and registry answer; playground and image are there."""
    with _opened() as made:
        _remove_hub(made)  # its image may have been made for it
        taken = []
        for _ in range(setting.rounds):
            taken.append(seconds(lambda: made.hub))
            _remove_hub(made)
    yield Row("hub, new", "s", tuple(taken), target=3)


def memory(setting: Setting) -> Iterator[Row]:
    """Of a hub that has nothing to do."""
    with _opened() as made:
        container: Any = made.hub.container
        time.sleep(IDLE_S)
        used = [
            memory_bytes(container.stats(stream=False)) / MEGABYTE for _ in range(setting.rounds)
        ]
    yield Row("hub, memory", "MB", tuple(used), target=80, note="as `docker stats` counts")


def token(setting: Setting) -> Iterator[Row]:
    """One token of the registry for a name and a password, as an engine asks for it before each pull and push."""
    with _opened() as made, Person.signed_up(made.hub.url) as ada:

        def ask() -> None:
            scope = {"service": "registry", "scope": "repository:ada/app:pull,push"}
            ada.http.get("/auth/token", params=scope, auth=("ada", PASSWORD)).raise_for_status()

        ask()  # the first checks the password, which is slow on purpose
        taken = tuple(
            median(seconds(ask) * 1000 for _ in range(_TOKENS)) for _ in range(setting.rounds)
        )
    yield Row("hub, a token", "ms", taken, target=20, note="a password that was right a minute ago")


def page(setting: Setting) -> Iterator[Row]:
    """The page of a repository with 200 tags."""
    with _opened() as made, Person.signed_up(made.hub.url) as ada:
        zero_image(ada.http, "ada/many", [f"build-{number}" for number in range(_TAGS)])

        def show() -> str:
            return ada.http.get("/ada/many").raise_for_status().text

        wait_until(lambda: f"build-{_TAGS - 1}" in show(), "the last tag", timeout_s=60)
        taken = tuple(seconds(show) for _ in range(setting.rounds))
    yield Row(f"hub, page of {_TAGS} tags", "s", taken, target=0.3)


def push(setting: Setting) -> Iterator[Row]:
    """`docker push` of a new image of 50 MB to the hub, beside a registry alone on the same network."""
    with _opened() as made, Person.signed_up(made.hub.url), _bare(made):
        _log_in(made)

        def pushed(host: str) -> Callable[[], float]:
            def push_one() -> float:
                image = f"{host}/ada/app:{time.time_ns()}"
                _shell(
                    made,
                    f"mkdir -p /root/push && head -c {_PUSHED_MB * MEGABYTE} /dev/urandom >/root/push/data"
                    f" && tar -C /root/push -c data | docker import - {image}",
                )
                return seconds(lambda: _shell(made, f"docker push {image}"))

            return push_one

        measured, least = pairs(pushed(made.hub.host), pushed(_BARE), setting.rounds)
    yield Row(f"push of {_PUSHED_MB} MB through the hub", "s", measured, least, 1.15)


def build(setting: Setting) -> Iterator[Row]:
    """A build of the hub from its start to its end, beside `docker build` and `docker push` on the same node."""
    with (
        _opened() as made,
        Person.signed_up(made.hub.url) as ada,
        tempfile.TemporaryDirectory(dir=setting.folder) as folder,
    ):
        _log_in(made)
        number = _first_build(ada, Path(folder))
        made.node(1).write_file("/root/context/Dockerfile", _DOCKERFILE.encode())

        def by_hub() -> float:
            return ada.built_again("ada/app", number)

        def by_hand() -> float:
            image = f"{made.hub.host}/ada/hand:latest"
            # With the label that the hub gives: to the engine it is one more step.
            options = "--no-cache --pull --label org.opencontainers.image.revision=c0ffee"
            work = f"docker build {options} -t {image} /root/context && docker push {image}"
            return seconds(lambda: _shell(made, f"export DOCKER_BUILDKIT=0; {work}"))

        measured, least = pairs(by_hub, by_hand, setting.rounds)
    yield Row("build by the hub, with its push", "s", measured, least, 1.2)


def _first_build(ada: Person, folder: Path) -> str:
    ada.rule("ada/app")
    (folder / "Dockerfile").write_text(_DOCKERFILE)
    remote = str(ada.http.base_url).rstrip("/").replace("://", f"://ada:{PASSWORD}@")
    said = ""
    for command in (
        ["init", "-q", "-b", "main"],
        ["add", "."],
        ["-c", "user.name=ada", "-c", "user.email=ada@hub.lab", "commit", "-q", "-m", "bench"],
        ["push", f"{remote}/git/ada/app.git", "main"],
    ):
        done = subprocess.run(
            ["git", "-C", str(folder), *command], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise BenchError(f"git {command[0]}: {done.stderr.strip()}")
        said += done.stderr
    queued = re.search(r"build (\d+) queued", said)
    if queued is None:
        raise BenchError(f"the hub queued no build: {said}")
    ada.wait_for("ada/app", queued[1])
    return queued[1]


@contextmanager
def _opened() -> Iterator[Playground]:
    made = playgrounds.open_playground(SLUG, ports=(5000,))
    try:
        yield made
    finally:
        made.close()


def _remove_hub(made: Playground) -> None:
    container = made.hub.container
    volumes = [each["Name"] for each in container.attrs["Mounts"] if each["Type"] == "volume"]
    client: Any = container.client
    remove_container(container)
    for name in volumes:
        client.volumes.get(name).remove()


@contextmanager
def _bare(made: Playground) -> Iterator[None]:
    """The course's registry in a container beside the hub, without TLS: its engine is told that it may."""
    hub = made.hub.container
    client: Any = hub.client
    labels = {
        key: text for key, text in hub.labels.items() if key.startswith("org.registry-course")
    }
    labels["org.registry-course.node"] = "bare"
    image = Catalog.read().images["registry"].name
    container = client.containers.create(image, labels=labels, hostname="bare", network=made.name)
    network = client.networks.get(made.name)
    network.disconnect(container)
    network.connect(container, aliases=["bare"])
    container.start()
    try:
        made.node(1).configure_engine({"insecure-registries": [_BARE]})
        yield
    finally:
        remove_container(container)


def _log_in(made: Playground) -> None:
    _shell(made, f"printf %s {PASSWORD} | docker login {made.hub.host} -u ada --password-stdin")


def _shell(made: Playground, script: str) -> None:
    done = made.node(1).exec(["sh", "-c", script])
    if done.exit_code:
        raise BenchError(f"{script[:60]}: {(done.stdout + done.stderr).strip()[-300:]}")
