"""What a check gives and what goes wrong around it: never mistaken for each other."""

from types import SimpleNamespace

import docker.errors
import httpx
import pytest
import requests

from labs.lesson import Exercise, Finding, LessonError, not_yet, passed
from labs.lesson.judgment import judge
from labs.playground import NodeUnavailable
from labs.registry import Reference, RegistryClient, RegistryError


def exercise(check):
    return Exercise("1.2", "Push", check, (), "answer-1-2")


def raising(error):
    def check(playground, answers):
        raise error

    return exercise(check)


def api_error(status):
    return docker.errors.APIError("no", SimpleNamespace(status_code=status, reason="", url=""))


def test_finding_becomes_a_verdict(playground):
    finding = Finding("not yet", "seen", "hint")
    verdict = judge(exercise(lambda *_: finding), playground, {})
    assert (verdict.exercise, verdict.outcome, verdict.message, verdict.hint) == (
        "1.2",
        "not yet",
        "seen",
        "hint",
    )


DEAD = [
    NodeUnavailable("node1 does not answer"),
    requests.exceptions.ConnectionError("refused"),
    requests.exceptions.ReadTimeout("slow"),
    requests.exceptions.ChunkedEncodingError("cut"),
    api_error(502),
]


@pytest.mark.parametrize("error", DEAD, ids=lambda error: type(error).__name__)
def test_dead_engine_is_unavailable_and_says_what_to_do(playground, error):
    verdict = judge(raising(error), playground, {})
    assert verdict.outcome == "unavailable"
    assert 'labs.open("toy")' in verdict.message


ANY = [KeyError("x"), RegistryError("GET", "http://x"), httpx.ConnectError("x"), OSError("x")]


@pytest.mark.parametrize("error", ANY, ids=lambda error: type(error).__name__)
def test_any_error_while_the_engine_is_dead_is_unavailable(playground, error):
    playground.nodes[0].alive = False
    assert 'labs.open("toy")' in judge(raising(error), playground, {}).message


@pytest.mark.parametrize("error", DEAD, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(("fault", "alive", "call"), [("stopped", 0, "start"), ("cut", 1, "heal")])
def test_engine_with_a_fault_on_purpose_is_not_yet(playground, error, fault, alive, call):
    playground.nodes.append(type(playground.nodes[0])("node2"))
    playground.nodes[1].fault, playground.nodes[1].alive = fault, bool(alive)
    verdict = judge(raising(error), playground, {})
    assert verdict.outcome == "not yet"
    assert f"lab.node(2).{call}()" in verdict.hint


def test_dead_engine_beside_one_that_was_stopped_is_unavailable(playground):
    playground.nodes.append(type(playground.nodes[0])("node2"))
    playground.nodes[1].fault, playground.nodes[0].alive = "stopped", False
    assert judge(raising(DEAD[0]), playground, {}).outcome == "unavailable"


OF_A_PORT = [httpx.ConnectError("[Errno 111]"), OSError("[Errno 111]")]


@pytest.mark.parametrize("error", [*DEAD, *OF_A_PORT], ids=lambda error: type(error).__name__)
def test_playground_whose_only_node_was_stopped_is_as_one_of_many_not_yet(playground, error):
    playground.nodes[0].fault, playground.nodes[0].alive = "stopped", False
    verdict = judge(raising(error), playground, {})
    assert (verdict.outcome, verdict.hint) == (
        "not yet",
        "node1 cannot be looked at now: lab.node(1).start()",
    )


def test_node_that_ended_by_itself_beside_its_playground_is_unavailable(playground):
    playground.nodes[0].alive = False
    assert judge(raising(DEAD[0]), playground, {}).outcome == "unavailable"


def test_words_of_an_http_client_are_not_shown(playground):
    playground.nodes[0].fault, playground.nodes[0].alive = "stopped", False
    error = requests.exceptions.ConnectionError("HTTPSConnectionPool(host='127.0.0.1', port=1)")
    assert judge(raising(error), playground, {}).message == "node1 does not answer"


def test_closed_playground_is_unavailable(playground):
    playground.close()
    verdict = judge(exercise(lambda playground, _: playground.node(1)), playground, {})
    assert 'labs.open("toy")' in verdict.line


def test_dead_registry_is_not_yet(playground):
    def check(playground, answers):
        RegistryClient("http://127.0.0.1:1").ping()

    verdict = judge(exercise(check), playground, {})
    assert verdict.outcome == "not yet"
    assert "GET http://127.0.0.1:1/v2/" in verdict.message
    assert "running" in verdict.hint


def test_answer_that_is_no_reference_is_not_yet(playground):
    check = exercise(lambda _, answers: Reference.parse(answers["ref"]))
    verdict = judge(check, playground, {"ref": "No"})
    assert (verdict.outcome, verdict.hint[:10]) == ("not yet", "a good one")


@pytest.mark.parametrize(
    "error", [KeyError("tags"), httpx.ReadError("cut"), api_error(404), AssertionError()]
)
def test_mistake_in_a_check_is_never_a_wrong_answer(playground, error):
    verdict = judge(raising(error), playground, {})
    assert verdict.outcome == "unavailable"
    assert f"the check itself failed: {type(error).__name__}" in verdict.message


@pytest.mark.parametrize("result", [None, True, "passed"])
def test_check_that_returns_no_finding_is_a_mistake(playground, result):
    verdict = judge(exercise(lambda *_: result), playground, {})
    assert (verdict.outcome, "not a Finding" in verdict.message) == ("unavailable", True)


def test_interrupt_is_not_swallowed(playground):
    with pytest.raises(KeyboardInterrupt):
        judge(raising(KeyboardInterrupt()), playground, {})


def test_answers_make_a_round_trip_through_json(playground):
    got = []
    given = {"tags": ("a", "b"), "more": {"n": [1, 2.5, None, True]}}
    judge(exercise(lambda _, answers: got.append(answers) or passed()), playground, given)
    assert got == [{"tags": ["a", "b"], "more": {"n": [1, 2.5, None, True]}}]
    assert got[0]["more"]["n"] is not given["more"]["n"]


def wants_path(playground, answers):
    return passed() if answers.get("path") == "/data" else not_yet("another path")


@pytest.mark.parametrize("name", ["pth", "Path", "choice"])
def test_argument_of_another_name_is_named(playground, name):
    verdict = judge(exercise(wants_path), playground, {name: "/data"})
    assert (verdict.outcome, verdict.message) == (
        "not yet",
        f'lab.check("1.2", …): there is no argument {name}=…; it takes path=…',
    )


@pytest.mark.parametrize(
    "ask",
    [lambda answers: answers["path"], lambda answers: "path" in answers and answers["path"]],
    ids=["item", "in"],
)
def test_way_in_which_a_check_asks_does_not_matter(playground, ask):
    def check(_, answers):
        try:
            return passed() if ask(answers) == "/data" else not_yet("another path")
        except KeyError:
            return not_yet("no path")

    assert judge(exercise(check), playground, {"path": "/data"}).outcome == "passed"
    assert "it takes path=…" in judge(exercise(check), playground, {"pth": "/data"}).message


@pytest.mark.parametrize("given", [{"path": "/x", "more": 1}, {"path": "/x"}, {}, {"path": None}])
def test_argument_of_the_right_name_is_judged_as_ever(playground, given):
    assert judge(exercise(wants_path), playground, given).message == "another path"


def test_check_that_fails_before_it_asks_says_what_it_saw(playground):
    check = exercise(lambda playground, answers: not_yet("no registry"))
    assert judge(check, playground, {"pth": "/data"}).message == "no registry"


LOOP = []
LOOP.append(LOOP)


@pytest.mark.parametrize("value", [object(), {1, 2}, b"x", float("nan"), ..., {1: "x"}, LOOP, len])
def test_answer_that_is_no_json_names_the_argument(playground, value):
    called = []
    with pytest.raises(LessonError) as caught:
        judge(exercise(lambda *_: called.append(1)), playground, {"fine": 1, "image": value})
    assert 'lab.check("1.2", image=…)' in caught.value.message
    assert "image.id" in caught.value.hint
    assert not called
