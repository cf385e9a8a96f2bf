"""One of everything that a lesson shows."""

from labs.lesson import Question, Standing, Verdict
from labs.lesson.shown import (
    Answer,
    Asked,
    Conversation,
    Hint,
    Note,
    ProgressReport,
    RequestTable,
    Tree,
    Tried,
)
from labs.registry import Step, Storage, StoredFile, TrafficRow
from tests.views import swarms

EVIL = '<script>alert("x")</script> & $6$ or \\(x\\) \\begin{x}y\\end{x} more'
ROOT = "/var/lib/registry"
A, B = "a" * 64, "b" * 64


def tree():
    repository = f"{ROOT}/docker/registry/v2/repositories/app"
    blobs = f"{ROOT}/docker/registry/v2/blobs/sha256"
    files = [
        StoredFile(f"{repository}/_manifests/tags/v1/current/link", 71, f"sha256:{A}"),
        StoredFile(f"{repository}/_manifests/revisions/sha256/{A}/link", 71, f"sha256:{A}"),
        StoredFile(f"{repository}/_layers/sha256/{B}/link", 71, f"sha256:{B}"),
        StoredFile(f"{repository}/_layers/sha256/{'c' * 64}/link", 71, f"sha256:{'c' * 64}"),
        StoredFile(f"{blobs}/aa/{A}/data", 525),
        StoredFile(f"{blobs}/bb/{B}/data", 1),
    ]
    return Tree(Storage.read(files), ROOT)


def conversation():
    return Conversation(
        (
            Step("HEAD", "/v2/app/blobs/<layer 1>", 200, f"skipped {EVIL}", "skip"),
            Step("PATCH", f"/v2/{EVIL}", 202, "the bytes of config", "send"),
            Step("GET", "/v2/app/blobs/<config>", 200, "the bytes of config", "fetch"),
            Step("", "layer 2", 0, "layer 2: not asked for", "skip"),
        )
    )


def request_table():
    rows = (
        TrafficRow("HEAD", "/v2/app/manifests/latest", 200, (1, 1), (0, 0)),
        TrafficRow("GET", f"/v2/{EVIL}/blobs/<layer 1>", 200, (1, 2), (1000, 2000)),
    )
    return RequestTable(("cache", EVIL), rows)


def question():
    return Question("1.4", EVIL, {"a": "An engine", "b": EVIL}, "b", {"a": "No.", "b": EVIL})


def standing():
    exercises = (("1.2", EVIL, "passed"), ("1.3", "Pull", "not yet"))
    return Standing(1, "toy", "Toy", exercises)


def everything():
    return [
        Verdict("1.2", "passed"),
        Verdict("1.2", "not yet", EVIL, EVIL),
        Verdict("1.2", "not attempted", "do it"),
        Verdict("1.2", "unavailable", "dead"),
        Hint("1.2", EVIL, 1, 2),
        Answer("1.2", f"x = 1\n\ny = '{EVIL}'", EVIL),
        Asked(question(), lambda choice: Tried("1.4", False, False, EVIL)),
        ProgressReport(standing(), (standing(),)),
        Note(EVIL),
        tree(),
        Tree(Storage.read([]), ROOT),
        conversation(),
        request_table(),
        RequestTable(("cache", "hub"), ()),
        Conversation(()),
        swarms.whole(),
        swarms.broken(),
        swarms.headless(),
        *(Tried("1.4", right, right is True, EVIL) for right in (True, False, None)),
    ]
