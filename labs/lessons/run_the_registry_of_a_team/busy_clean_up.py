"""The check of 60.7: garbage is collected while others push, and nothing that was acknowledged is lost.

One image is pushed in two halves. Its blobs are sent and no manifest names them: that they are gone says that the
clean-up has run. Then comes the manifest, as of a push that was under way: the registry must refuse it, or have all of
it. Other images are pushed all the time, some with a pause before the manifest. And on each node a watch waits for a
process that collects, holds it, and asks whether an upload may begin meanwhile.
"""

from __future__ import annotations

import base64
import random
import threading
from collections.abc import Callable
from contextlib import suppress

import httpx

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import by_hand
from labs.lessons.run_the_registry_of_a_team.door import (
    ADDRESS,
    PORT,
    READER,
    TRIES,
    WRITER,
    DoorProbe,
    http,
    not_open,
)
from labs.lessons.run_the_registry_of_a_team.retention import PATIENCE_S
from labs.lessons.run_the_registry_of_a_team.trial_image import (
    Trial,
    new_image,
    send,
    why_refused,
)
from labs.playground import Node, Playground
from labs.registry import digest_of
from labs.waiting import WaitTimeout, wait_until

_REPOSITORY = f"{TRIES}/busy"
_STOP = "/run/course-check-stop"
_BACK_S = 40.0
_PUSHERS = 2
_LONGEST_PAUSE_S = 1.5
_SLICE_S = 45  # of a command that takes a minute, a node says that it may have been forgotten

# From outside of the node this would be too slow: collecting takes less than a second.
_WATCH = r"""
my ($stop, $seconds, $port, $host, $login) = @ARGV; my $end = time + $seconds;
sub begins {
  my $ask = "POST /v2/course-check/busy/blobs/uploads/ HTTP/1.0\r\nHost: $host\r\n"
    . "Authorization: Basic $login\r\nContent-Length: 0\r\n\r\n";
  open(my $out, ">", "/run/course-check-ask") or return "0"; print $out $ask; close $out;
  my $said = `timeout 4 socat -t 3 - OPENSSL:127.0.0.1:$port,verify=0 </run/course-check-ask 2>/dev/null`;
  return $said =~ m{^HTTP/\S+ (\d+)} ? $1 : "0";
}
while (time < $end && ! -e $stop) {
  opendir(my $all, "/proc");
  for my $pid (grep { /^\d+$/ } readdir $all) {
    open(my $file, "<", "/proc/$pid/cmdline") or next;
    my @words = split /\0/, do { local $/; <$file> } // "";
    next unless @words && $words[0] =~ m{(^|/)(docker-)?registry$} && grep { $_ eq "garbage-collect" } @words;
    next if grep { /^(-d|--dry-run)/ } @words;
    kill "STOP", $pid; my $answer = begins(); kill "CONT", $pid;
    print "$answer\n"; exit;
  }
  select(undef, undef, undef, 0.02);
}
"""


class BusyCleanUp:
    """One trial. `finding` says what is wrong; `end` stops it and removes what it pushed."""

    def __init__(self, playground: Playground) -> None:
        self._nodes = list(playground.nodes)
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []
        self._taken: list[Trial] = []
        self._met: list[str] = []

    def finding(self) -> Finding | None:
        """What is wrong with the clean-up; None if garbage goes and pushes stay.

        Raises:
            httpx.HTTPError: A push is refused before it begins.
        """
        before, half = Trial(_REPOSITORY, "before", new_image()), new_image()
        send(self._nodes[0], before.repository, before.tag, before.document)
        self._half(half.blobs)
        for node in self._nodes:
            node.exec(["rm", "-f", _STOP])
            self._start(self._watch, node)
        for number in range(_PUSHERS):
            self._start(self._push_on, number)
        garbage = digest_of(half.blobs[-1])
        probe = DoorProbe(self._nodes[0])
        path = f"/v2/{_REPOSITORY}/blobs/{garbage}"
        try:
            wait_until(
                lambda: probe.status(path, member=READER) == 404,
                "the garbage to go",
                timeout_s=PATIENCE_S,
                interval_s=0.3,
            )
        except WaitTimeout:
            return not_attempted(
                f"collect garbage by a job that runs by itself: {PATIENCE_S:g} s later, a blob that no manifest "
                "names is still there"
            )
        self.stop()
        return self._judge(before, half)

    def stop(self) -> None:
        """Stop pushing and watching."""
        self._ended.set()
        for node in self._nodes:
            node.exec(["touch", _STOP])
        for thread in self._threads:
            thread.join(timeout=_BACK_S)

    def end(self) -> None:
        """Stop, and delete what was pushed."""
        self.stop()
        with http(self._nodes[0]) as writer, suppress(httpx.HTTPError):
            for trial in self._taken:
                writer.delete(f"/v2/{_REPOSITORY}/manifests/{trial.document.digest}")
        for node in self._nodes:
            node.exec(["rm", "-f", _STOP, "/run/course-check-ask"])

    def _judge(self, before: Trial, half: by_hand.HandMade) -> Finding | None:
        if any(status.startswith("2") for status in self._met):
            return not_yet(
                "garbage-collect ran while the registry began an upload (202), wanted refused",
                hint="what is pushed between its two steps is lost: no task that takes pushes may run meanwhile",
            )
        node = self._nodes[1]
        last = Trial(_REPOSITORY, "after", new_image())
        try:
            send(node, last.repository, last.tag, last.document, patience_s=_BACK_S)
        except httpx.HTTPError:
            return not_yet(
                f"after the clean-up the registry takes no push for {_BACK_S:g} s",
                hint="is it scaled up again, or no longer read-only, whatever came in between?",
            )
        self._taken += [last, before]
        if (
            self._is_taken(half)
            and DoorProbe(node).status(f"/v2/{_REPOSITORY}/manifests/{half.digest}", member=READER)
            == 200
        ):
            return not_yet(
                "a push that was under way got 201 after its blobs were collected",
                hint="the registry answers from its cache of blobs: leave `cache` out, or start it anew afterwards",
            )
        for trial in self._taken:
            if missing := trial.lacks(node, patience_s=_BACK_S):
                return not_yet(
                    f"a push that was acknowledged cannot be pulled after the clean-up: {missing}",
                    hint="no push may be acknowledged while garbage is collected",
                )
        return None

    def _is_taken(self, half: by_hand.HandMade) -> bool:
        """Send the manifest whose blobs were collected; whether it is acknowledged."""

        def answered() -> str:
            with http(self._nodes[1]) as writer:
                try:
                    by_hand.put(writer, _REPOSITORY, "half", half)
                except httpx.HTTPStatusError as error:
                    return "refused" if error.response.status_code in (400, 404) else ""
                except httpx.HTTPError:
                    return ""
            return "taken"

        with suppress(WaitTimeout):
            return wait_until(answered, "an answer", timeout_s=_BACK_S) == "taken"
        return False

    def _half(self, blobs: tuple[bytes, ...]) -> None:
        def sent() -> bool:
            with http(self._nodes[2]) as writer, suppress(httpx.HTTPError):
                for blob in blobs:
                    by_hand.upload(writer, _REPOSITORY, blob)
                return True
            return False

        wait_until(sent, "the first half of a push", timeout_s=_BACK_S, interval_s=0.3)

    def _push_on(self, number: int) -> None:
        """Push small images, one after the other, and remember those that were acknowledged."""
        count = 0
        while not self._ended.is_set():
            count += 1
            trial = Trial(_REPOSITORY, f"live-{number}-{count}", new_image())
            with http(self._nodes[count % len(self._nodes)]) as writer, suppress(httpx.HTTPError):
                for blob in trial.document.blobs:
                    by_hand.upload(writer, _REPOSITORY, blob)
                self._ended.wait(random.uniform(0, _LONGEST_PAUSE_S))
                by_hand.put(writer, _REPOSITORY, trial.tag, trial.document)
                self._taken.append(trial)

    def _watch(self, node: Node) -> None:
        login = base64.b64encode(":".join(WRITER).encode()).decode()
        for _ in range(int(PATIENCE_S / _SLICE_S) + 1):
            command = ["perl", "-e", _WATCH, _STOP, str(_SLICE_S), str(PORT), ADDRESS, login]
            # Not `read_output`, which may run it twice: it tells what happened once.
            found = node.exec(command)
            said = found.stdout.strip()
            if said:
                self._met.append(said)
            if said or self._ended.is_set():
                return

    def _start(self, work: Callable[..., None], *given: object) -> None:
        thread = threading.Thread(target=work, args=given, daemon=True)
        thread.start()
        self._threads.append(thread)


def loses_nothing(playground: Playground, _answers: Answers) -> Finding:
    """Garbage goes while others push, no upload begins meanwhile, and what was acknowledged is whole."""
    if closed := not_open(playground):
        return closed
    trial = BusyCleanUp(playground)
    try:
        return trial.finding() or passed()
    except httpx.HTTPError as error:
        return why_refused(error)
    finally:
        trial.end()
