"""Right, blank and wrong submissions of the capstone, and what each of them is worth.

Each is the stored solution, with some of its cells changed: what a student would have done in another way, or left out.
"""

from __future__ import annotations

from contextlib import redirect_stdout
from functools import cache
from io import StringIO
from typing import Any

import nbformat

from labs.lesson import Lab
from labs.lessons import find
from labs.playground import Playground
from tests.lessons.actions import nothing
from tests.lessons.cases import Blank, LessonTests, Right, Table, Wrong
from tests.lessons.open_lesson import ROOT

SLUG = "run-the-registry-of-a-team"
BASE = ("60.1", "60.2", "60.3")
Change = dict[str, list[tuple[str, str]]]


@cache
def cells() -> dict[str, str]:
    """The solution's cells that do something, by exercise; that of the start is `open`."""
    lesson = find(SLUG)
    solved = nbformat.read(ROOT / "solutions" / f"{lesson.file_stem}.ipynb", as_version=4)
    source = {cell.id: cell.source for cell in solved.cells}
    answers = {task.id: source[task.cell] for task in lesson.tasks}
    opening = source["open"].replace(f'lab = labs.open("{SLUG}")', "")
    return {"open": f"{opening}\n{source['sh']}", **answers}


def submit(playground: Playground, change: Change, *, only: tuple[str, ...] = ()) -> None:
    """Run the solution's cells with their changes, as a student's notebook does.

    Args:
        playground: Where.
        change: Pairs of old and new text, by exercise.
        only: Exercises whose cells are run; by default all.
    """
    lesson = find(SLUG)
    names: dict[str, Any] = {"lab": Lab(lesson, playground, show=lambda _shown: None)}
    for exercise, source in cells().items():
        if only and exercise not in ("open", *only):
            continue
        for old, new in change.get(exercise, ()):
            assert old in source, (exercise, old)
            source = source.replace(old, new)
        with redirect_stdout(StringIO()):
            exec(compile(source, f"<{exercise}>", "exec"), names)


def complete(playground: Playground) -> None:
    submit(playground, {})


HAPROXY = r'''ROLES = """defaults
  mode http
  timeout connect 1s
  timeout client 5m
  timeout server 5m
  retries 3
  option redispatch
resolvers swarm
  nameserver engine 127.0.0.11:53
  accepted_payload_size 8192
  hold valid 1s
userlist team
  group writers users writer
  user reader insecure-password reading-room
  user writer insecure-password writing-desk
frontend door
  bind :5000 ssl crt /run/secrets/door.pem
  http-request auth realm team unless { http_auth(team) }
  http-request deny deny_status 403 unless METH_GET or { http_auth_group(team) writers }
  http-request set-header X-Forwarded-Proto https
  use_backend reader if METH_GET
  default_backend registry
backend reader
  server-template task 5 tasks.reader:5000 check inter 1s resolvers swarm init-addr none
backend registry
  server-template task 5 tasks.registry:5000 check inter 1s resolvers swarm init-addr none
"""
SITE = "/usr/local/etc/haproxy/haproxy.cfg"
files = {"/run/secrets/door.pem": crt + key, SITE: ROLES}
serve(lab, "door", "haproxy:3", files=files, networks=["team"])
print(lab.swarm.publish("door", port=5000))
'''


def with_haproxy(playground: Playground) -> None:
    """HAProxy tells readers from writers, the cache is one replica on its own disk, the authority's name is another."""
    change: Change = {
        "60.1": [("/CN=team", "/O=Acme/CN=acme-authority")],
        "60.3": [(cells()["60.3"], HAPROXY)],
        "60.5": [("replicas=2", "replicas=1"), (YML_CACHE, LOCAL_CACHE)],
        "60.6": [("sleep 5", "sleep 3")],
    }
    submit(playground, change)


YML_CACHE = '{YML: config("/cache", proxy={"remoteurl": f"http://{hub}:5000"})}'
_STORAGE = '"storage": {"filesystem": {"rootdirectory": "/var/lib/registry"}}'
LOCAL_CACHE = (
    '{YML: json.dumps({"version": 0.1, "http": http, '
    f'{_STORAGE}, "proxy": {{"remoteurl": f"http://{{hub}}:5000"}}}})}}'
)


def over_plain_http(playground: Playground) -> None:
    """What lesson 7 leaves: a registry without TLS on every node. One engine asks port 5001."""
    engine = playground.node(1).docker
    engine.services.create("registry:2", name="registry")
    playground.swarm.publish("registry", port=5000)
    playground.node(1).reload_engine({"registry-mirrors": ["http://127.0.0.1:5001"]})


_REPLICAS = 'replicas=2, networks=["team"])'
_KEY_SHOWN = (_REPLICAS, f"{_REPLICAS[:-1]}, env=[f'S3_SECRETKEY={{store.secret_key}}'])")
_SELF_SIGNED = [
    ('"-CA ca.crt -CAkey ca.key -addext', '"-addext'),
    ('swarm.lab:5000/ca.crt", ca)', 'swarm.lab:5000/ca.crt", crt)'),
]
_ROLES = "limit_except GET { auth_basic team; auth_basic_user_file /run/secrets/writers; }"
_OPEN_COPY = ("127.0.0.1:5002:5000", "5002:5000")
_TIED = (
    _REPLICAS,
    f"{_REPLICAS[:-1]}, constraints=['node.hostname == node2'] * (name == 'registry'))",
)
_ON_S3 = "-v /srv/registry.yml:/etc/docker/registry/config.yml registry:2"


def careless(playground: Playground) -> None:
    """A flaw in each part but 60.4: what is not looked at when all goes well."""
    change: Change = {
        "60.1": [("for node in lab.nodes:", "for node in lab.nodes[:4]:")],
        "60.2": [_KEY_SHOWN],
        "60.3": [
            (_ROLES, ""),
            ('networks=["team"])', 'networks=["team"], constraints=["node.hostname == node3"])'),
        ],
        "60.5": [(YML_CACHE, LOCAL_CACHE)],
        "60.6": [("sort -rn /tmp/all", "sort -rk3 /tmp/all")],
        "60.7": [("swarm scale --detach registry=0", "true"), ("idle && ", "")],
        "60.8": [
            (
                'tool cosign verify --key /srv/team/team.pub --insecure-ignore-tlog "$exact" >/dev/null\n',
                "",
            )
        ],
        "60.9": [
            (
                "docker.images.pull",
                'lab.node(5).write_file("/srv/registry.yml", config("/team"))\ndocker.images.pull',
            ),
            ("-v restored:/var/lib/registry registry:2", _ON_S3),
        ],
        "60.10": [("door=3 ", ""), ('("door", "reader")', '("reader",)')],
    }
    submit(playground, change)


def thoughtless(playground: Playground) -> None:
    """Other flaws, in each part but 60.4 and 60.7."""
    change: Change = {
        "60.1": _SELF_SIGNED,
        "60.2": [_TIED],
        "60.3": [('networks=["team"])', 'networks=["team"], env=["WRITER=writing-desk"])')],
        "60.5": [("for node in lab.nodes:", "for node in lab.nodes[:4]:")],
        "60.6": [('$3 == "stable"', '$3 == "none"')],
        "60.8": [
            ("SSL_CERT_FILE=/srv/team/ca.crt", "SSL_CERT_FILE=/srv/team/door.crt"),
            ('--image "$exact" "$1"', '--image "$2" "$1"'),
            ('--name "$1" "$exact"', '--name "$1" "$2"'),
        ],
        "60.9": [_OPEN_COPY, ("print(", 'sh("rm -rf /srv/backup/*", node=5)\nprint(')],
    }
    submit(playground, change)


def secret_in_env(playground: Playground) -> None:
    submit(playground, {"60.2": [_KEY_SHOWN]})


def open_copy(playground: Playground) -> None:
    submit(playground, {"60.9": [_OPEN_COPY]})


def tied_registry(playground: Playground) -> None:
    submit(playground, {"60.2": [_TIED]})


def without_secret(playground: Playground) -> None:
    change: Change = {"60.2": [(', "secret": token_hex(16)', "")]}
    submit(playground, change, only=BASE)


def small_bodies(playground: Playground) -> None:
    submit(playground, {"60.3": [("client_max_body_size 0; ", "")]}, only=BASE)


def leaves_it_off(playground: Playground) -> None:
    once = "swarm scale --detach registry=2; while sleep 25; do"
    change: Change = {"60.7": [("while swarm scale --detach registry=2; sleep 15; do", once)]}
    submit(playground, change, only=(*BASE, "60.7"))


_FIRST = "run a registry that answers with TLS at swarm.lab:5000 first (60.1)"
_PLAIN = Wrong(
    over_plain_http,
    "port 5000 speaks plain HTTP, wanted TLS",
    "lesson 5 has the settings of a registry; a proxy in front has others",
)
_SLOW = [Right(each, slow=True) for each in (with_haproxy, secret_in_env, open_copy, tied_registry)]


def rights(*but: Right) -> list[Right]:
    return [Right(complete), *(each for each in _SLOW if each not in but)]


_HAPROXY, _SECRET, _OPEN, _TIED_ONE = _SLOW
_SECRETS = "lesson 8: what is not to be seen is kept as a secret, and read from a file"
_KEY_IN_ENV = (
    "docker service inspect reader shows the secret key of the store to all who may ask an engine",
    _SECRETS,
)
_COPY_FOR_ALL = (
    "port 5002 of node5 gives the team's images to everyone: GET /v2/team/app/tags/list gives 200, wanted 401",
    "close it, or publish it on 127.0.0.1 alone; swarm.lab:5000 is the way in",
)
_NO_PUSH = (
    "with two nodes off, no push is accepted",
    "what takes pushes has to move to a node that is on, or to have a replica there",
)
_ENGINE = 'lab.node(…).reload_engine({"registry-mirrors": ["http://127.0.0.1:5001"]}) on each node'
CASES: Table = {
    "60.1": [
        *rights(),
        Blank(nothing, _FIRST),
        _PLAIN,
        Wrong(
            careless,
            "node5 does not trust the certificate of swarm.lab:5000",
            "/etc/docker/certs.d/swarm.lab:5000/ca.crt on every node, and what has signed it in there",
            slow=True,
        ),
        Wrong(
            thoughtless,
            "the certificate of swarm.lab:5000 has signed itself, wanted one that your authority signed",
            "with one authority you can replace the registry's certificate and no node has to be told",
            slow=True,
        ),
    ],
    "60.2": [
        *rights(_SECRET),
        Blank(nothing, _FIRST),
        _PLAIN,
        Wrong(careless, *_KEY_IN_ENV, slow=True),
        Wrong(secret_in_env, *_KEY_IN_ENV, slow=True),
        Wrong(
            thoughtless,
            "docker service inspect door shows the password of writer to all who may ask an engine",
            _SECRETS,
            slow=True,
        ),
    ],
    "60.3": [
        *rights(_OPEN),
        Blank(nothing, _FIRST),
        _PLAIN,
        Wrong(
            careless,
            "reader may write: POST /v2/course-check/trial/blobs/uploads/ gives 202, wanted 401 or 403",
            "who looks at the method? A registry's htpasswd knows no roles, a proxy in front of it can",
            slow=True,
        ),
        Wrong(thoughtless, *_COPY_FOR_ALL, slow=True),
        Wrong(open_copy, *_COPY_FOR_ALL, slow=True),
    ],
    "60.4": [
        *rights(),
        Right(careless, slow=True),
        Right(thoughtless, slow=True),
        Blank(nothing, _FIRST),
        _PLAIN,
        Wrong(
            without_secret,
            "an upload to swarm.lab:5000 that one request opens is refused to the next: BLOB_UPLOAD_INVALID",
            "lesson 7: replicas share one http.secret, and their storage",
            slow=True,
        ),
        Wrong(
            small_bodies,
            "after a push was cut, the same push is refused: 413",
            "a proxy may limit the size of a request",
            slow=True,
        ),
    ],
    "60.5": [
        *rights(),
        Blank(nothing, "run a cache on port 5001 of all nodes, and let engines ask it"),
        Wrong(
            over_plain_http,
            "node2's engine asks http://mirror:5000/ first, wanted port 5001",
            _ENGINE,
        ),
        Wrong(
            careless,
            "without the hub, some nodes do not get httpd:2 of port 5001, which was pulled before",
            "replicas that keep a copy each need the hub once more: let them share one",
            slow=True,
        ),
        Wrong(
            thoughtless,
            "node5's engine asks http://mirror:5000/ first, wanted port 5001",
            _ENGINE,
            slow=True,
        ),
    ],
    "60.6": [
        *rights(),
        Blank(nothing, _FIRST),
        _PLAIN,
        Wrong(
            careless,
            'the clean-up deleted ["dahlia", "iris", "latest", "lily", "the signature of iris"], which had to stay',
            "the three newest by the date `created`, what stable stands for, and their signatures",
            slow=True,
        ),
        Wrong(
            thoughtless,
            'the clean-up deleted ["aster", "stable", "the signature of aster"], which had to stay',
            "the three newest by the date `created`, what stable stands for, and their signatures",
            slow=True,
        ),
    ],
    "60.7": [
        *rights(),
        Right(thoughtless, slow=True),
        Blank(nothing, _FIRST),
        _PLAIN,
        Wrong(
            careless,
            "garbage-collect ran while the registry began an upload (202), wanted refused",
            "what is pushed between its two steps is lost: no task that takes pushes may run meanwhile",
            slow=True,
        ),
        Wrong(
            leaves_it_off,
            "after the clean-up the registry takes no push for 40 s",
            "is it scaled up again, or no longer read-only, whatever came in between?",
            slow=True,
        ),
    ],
    "60.8": [
        *rights(),
        Blank(nothing, _FIRST),
        _PLAIN,
        Wrong(
            careless,
            "/srv/team/deploy deployed an image without a signature by digest, wanted nothing deployed",
            "lesson 15: cosign verify --key …, and what it says decides",
            slow=True,
        ),
        Wrong(
            thoughtless,
            "someone moved the tag while /srv/team/deploy verified, and what it deployed is not signed",
            "lesson 15: ask once for the digest; verify that, and deploy that",
            slow=True,
        ),
    ],
    "60.9": [
        *rights(),
        Blank(nothing, _FIRST),
        _PLAIN,
        Wrong(
            careless,
            "with no other machine in reach, port 5002 of node 5 has no team/app",
            "it has to hold the data itself: not in the store, and not as a cache of the registry",
            slow=True,
        ),
        Wrong(
            thoughtless,
            "node 5 has no file in /srv/backup, wanted the backup there",
            "restore from files: what goes from registry to registry was never a backup",
            slow=True,
        ),
    ],
    "60.10": [
        *rights(_TIED_ONE),
        Blank(nothing, _FIRST),
        _PLAIN,
        Wrong(
            careless,
            "with nodes lost, none of the others can pull what was pushed",
            "what is tied to the lost nodes? One replica, a constraint, a volume, an address",
            slow=True,
        ),
        Wrong(thoughtless, *_NO_PUSH, slow=True),
        Wrong(tied_registry, *_NO_PUSH, slow=True),
    ],
}
TESTS = LessonTests(
    attempted_by_earlier_answers=frozenset(("60.4", "60.10")),
    totals={
        "complete": 100,
        "with_haproxy": 100,
        "over_plain_http": 0,
        "careless": 6,
        "thoughtless": 14,
        "secret_in_env": 92,
        "open_copy": 86,
        "tied_registry": 86,
    },
)
