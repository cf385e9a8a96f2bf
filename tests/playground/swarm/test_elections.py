"""What fails while a leader is elected is asked again, and nothing else is."""

from __future__ import annotations

import pytest
import requests
from docker.errors import APIError, NotFound

from labs.playground.swarm import elections

ELECTION = [
    "rpc error: code = DeadlineExceeded desc = context deadline exceeded",
    "rpc error: code = Unknown desc = The swarm does not have a leader..",
    "rpc error: code = Unknown desc = raft: lost leader status",
    "rpc error: code = Unavailable desc = all SubConns are in TransientFailure",
]


class Manager:
    """Answers with these errors, one after the other, then with `nodes`."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.asked = 0

    def nodes(self) -> str:
        self.asked += 1
        if self._errors:
            raise self._errors.pop(0)
        return "nodes"


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elections, "_PAUSE_S", 0)


@pytest.mark.parametrize("words", ELECTION)
def test_request_that_an_election_fails_is_sent_again(words: str):
    manager = Manager(APIError("500", explanation=words), APIError("500", explanation=words))
    assert elections.through_elections(manager.nodes) == "nodes"
    assert manager.asked == 3


@pytest.mark.parametrize(
    "error",
    [
        NotFound("404", explanation="service zork not found"),
        APIError("500", explanation="update out of sequence"),
        APIError("503", explanation="This node is not a swarm manager."),
        requests.ReadTimeout("read timed out"),
    ],
)
def test_other_failure_is_raised_at_once(error: Exception):
    manager = Manager(error)
    with pytest.raises(type(error)):
        elections.through_elections(manager.nodes)
    assert manager.asked == 1


def test_election_that_takes_too_long_is_an_error():
    manager = Manager(*(APIError("500", explanation=ELECTION[0]) for _ in range(3)))
    with pytest.raises(APIError):
        elections.through_elections(manager.nodes, timeout_s=-1)
    assert manager.asked == 1
