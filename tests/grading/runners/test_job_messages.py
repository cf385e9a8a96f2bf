"""What travels to and from the jobs of a swarm comes out as it went in, whatever the log does to it."""

from __future__ import annotations

import random
import secrets

from labs.grading.runners import job_messages

SAID = {"result": "é\n" + secrets.token_hex(30_000)}


def test_work_comes_out_as_it_went_in_and_fits_into_configs():
    work = {"orders": [[1, {"source": secrets.token_hex(600_000)}]]}
    pieces = job_messages.pack(work)
    assert len(pieces) > 1
    assert max(map(len, pieces)) <= 500_000
    assert job_messages.unpack(pieces) == work


def test_answer_comes_whole_once_all_lines_came_in_any_order_and_twice():
    lines = job_messages.lines(7, SAID)
    assert len(lines) > 2
    assert all(len(line) < 16_000 for line in lines)
    inbox = job_messages.Inbox()
    mixed = lines[1:] * 2
    random.Random(1).shuffle(mixed)
    assert [inbox.take(line) for line in mixed] == [None] * len(mixed)
    assert inbox.take(lines[0]) == (7, SAID)


def test_answers_of_several_orders_may_be_mixed():
    inbox = job_messages.Inbox()
    pairs = zip(job_messages.lines(1, SAID), job_messages.lines(2, SAID), strict=True)
    found = [inbox.take(line) for pair in pairs for line in pair]
    assert found[-2:] == [(1, SAID), (2, SAID)]


def test_lines_that_are_no_answer_are_passed_over():
    inbox = job_messages.Inbox()
    whole = job_messages.lines(1, {"message": "x"})[0]
    for line in (
        b"",
        b"warning: the log of node3 cannot be read",
        whole[:-5],
        whole.replace(b" 0 1 ", b" 1 1 "),
        whole.replace(b" 0 1 ", b" 0 999999999 "),
        b"labs-said 1 0 1 ====\n",
        b"labs-said x 0 1 AAAA\n",
    ):
        assert inbox.take(line) is None, line
    assert inbox.take(whole) == (1, {"message": "x"})
