"""Tries a job that collects garbage: leaves garbage for it, pushes meanwhile, and looks at what is left of both.

One image is pushed in two halves. Its blobs are sent and no manifest names them, so they are the garbage; that they are
gone from the disk says that the job has run. Then comes the manifest, as of a push that was under way. The registry
must refuse it, or have all of it. Other images are pushed whole all the time, and one was there before.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from contextlib import suppress

import httpx

from labs.lesson import Finding, not_yet
from labs.lessons.clean_up.registry_data import data_of, is_on_disk
from labs.lessons.common import by_hand, missing_part
from labs.playground import Node
from labs.registry import RegistryClient, authorities, digest_of
from labs.waiting import WaitTimeout, wait_until

PORT = 5000
REPOSITORY = "course-check"
# The job runs once a minute at least, and needs a few seconds for the rest.
_PATIENCE_S = 80.0
# For the job to bring the registry back. A container takes 1 to 2 s, on a machine that grades a class more.
_BACK_S = 30.0
_SAID_S = 5.0  # for the watch's output to arrive
_PAUSE_S = 0.2  # between two pushes: tens of them during the trial, and not a load of its own

# Waits in the node for a `registry garbage-collect` that is not a dry run, stops it with a signal, asks whether the
# registry begins an upload, and lets it go on. From outside of the node this would be too slow: collecting takes 0.1 s.
_WATCH = r"""
use IO::Socket::INET;
my ($port, $seconds) = @ARGV; my $end = time + $seconds;
sub begins {
  my $http = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port", Timeout => 2) or return "0";
  print $http "POST /v2/course-check/blobs/uploads/ HTTP/1.0\r\nHost: 127.0.0.1:$port\r\nContent-Length: 0\r\n\r\n";
  my $line = ""; eval { local $SIG{ALRM} = sub { die }; alarm 2; $line = <$http>; alarm 0 };
  return $line && $line =~ m{^HTTP/\S+ (\d+)} ? $1 : "0";
}
while (time < $end) {
  opendir(my $all, "/proc");
  for my $pid (grep { /^\d+$/ } readdir $all) {
    open(my $file, "<", "/proc/$pid/cmdline") or next;
    my @words = split /\0/, do { local $/; <$file> } // "";
    next unless @words && $words[0] =~ m{(^|/)(docker-)?registry$} && grep { $_ eq "garbage-collect" } @words;
    next if grep { /^(-d|--dry-run)/ } @words;
    kill "STOP", $pid; my $answer = begins(); kill "CONT", $pid;
    print "$answer\n"; exit;
  }
  select(undef, undef, undef, 0.01);
}
"""


class JobTrial:
    """One trial of the job that runs on a node. `finding` says what is wrong; `end` removes what the trial pushed.

    Args:
        node: Where the registry and the job run.
        data: The folder with the blobs and repositories of the registry, as the node sees it.
    """

    def __init__(self, node: Node, data: str) -> None:
        self._node = node
        self._data = data
        self._http = httpx.Client(
            base_url=node.url(PORT), verify=authorities(), trust_env=False, timeout=10
        )
        self._registry = RegistryClient(node.url(PORT))
        self._ended = threading.Event()
        self._taken: list[str] = []
        self._while_collecting = self._watch_failed = ""
        self._threads: list[threading.Thread] = []

    def finding(self) -> Finding | None:
        """What is wrong with the job; None if garbage goes and pushes stay."""
        before = by_hand.index(self._image("a"), self._image("b"))
        half = self._image("half")
        if not self._within(
            lambda: by_hand.push(self._http, REPOSITORY, "before", before), _BACK_S
        ):
            return _takes_no_push("the registry")
        watch = self._start(self._watch)
        self._within(
            lambda: [by_hand.upload(self._http, REPOSITORY, blob) for blob in half.blobs], _BACK_S
        )
        self._start(self._push_on)
        garbage = digest_of(half.blobs[-1])
        try:
            wait_until(
                lambda: not is_on_disk(self._node, self._data, garbage),
                "the garbage to go",
                timeout_s=_PATIENCE_S,
                interval_s=0.2,
            )
        except WaitTimeout:
            return self._not_collected()
        self._ended.set()
        watch.join(timeout=_SAID_S)
        if self._watch_failed:
            raise RuntimeError(f"the watch in the node ended: {self._watch_failed}")
        return self._judge(before, half)

    def end(self) -> None:
        """Stop pushing, and remove the trial's repository; its blobs are garbage for the next run of the job."""
        self._ended.set()
        for thread in self._threads:
            thread.join(timeout=_BACK_S)
        folder = f"{self._data}/repositories/{REPOSITORY}"
        self._node.exec(["rm", "-rf", folder])

    def _judge(self, before: by_hand.HandMade, half: by_hand.HandMade) -> Finding | None:
        last = self._image("after")
        if not self._within(lambda: by_hand.push(self._http, REPOSITORY, "after", last), _BACK_S):
            return _takes_no_push("after garbage-collect the registry")
        if self._while_collecting.startswith("2"):
            return not_yet(
                "garbage-collect ran while the registry began uploads (202), wanted refused",
                hint="what is pushed between its two steps is lost: read-only first, or the registry stopped",
            )
        if missing := self._missing(before.digest):
            if missing.startswith("its manifest"):
                return not_yet(
                    f"what was pushed before the job ran is gone: {missing}",
                    hint="the job has to leave a registry behind, on the same volume",
                )
            return not_yet(
                f"an index that was pushed before cannot be pulled any more: {missing}",
                hint="-m deletes what has no tag, and what an index lists has none",
            )
        if self._is_taken(half) and (missing := self._missing(half.digest)):
            return not_yet(
                f"a push that was under way got 201 after its blobs were collected, and {missing}",
                hint="the registry answers from its cache: only a new start of it empties that",
            )
        if missing := self._acknowledged_and_missing():
            return not_yet(
                f"a push that the registry acknowledged cannot be pulled: {missing}",
                hint="no push may be acknowledged while garbage is collected",
            )
        return None

    def _is_taken(self, half: by_hand.HandMade) -> bool:
        """Send the manifest of the image whose blobs were collected; whether it is acknowledged."""
        answer = self._within(lambda: self._answer_to(half), _BACK_S)
        return answer == "taken"

    def _answer_to(self, half: by_hand.HandMade) -> str:
        try:
            by_hand.put(self._http, REPOSITORY, "half", half)
        except httpx.HTTPStatusError as error:
            # Read-only, or between two containers: once more. 400 and 404 are the answers for a missing blob.
            return "refused" if error.response.status_code in (400, 404) else ""
        return "taken"

    def _acknowledged_and_missing(self) -> str:
        missing = (self._missing(digest) for digest in self._taken)
        return next((each for each in missing if each), "")

    def _missing(self, digest: str) -> str:
        """What cannot be pulled of an image, also when the job has the registry off at this moment."""
        missing = ""

        def is_certain() -> bool:
            nonlocal missing
            # Before and after: no container is replaced between the two.
            there = self._registry.speaks()
            missing = missing_part(self._registry, REPOSITORY, digest)
            return not missing or (there and self._registry.speaks())

        with suppress(WaitTimeout):
            wait_until(is_certain, "the registry", timeout_s=_BACK_S, interval_s=0.3)
        return missing

    def _not_collected(self) -> Finding:
        return not_yet(
            f"{_PATIENCE_S:g} s later, blobs that no manifest names are still on the disk",
            hint="the job runs less than once a minute, or its script fails: read what it prints, "
            "print(docker.containers.get(…).logs().decode())",
        )

    def _watch(self) -> None:
        # In two parts: of a command that takes a minute, a node says that it may have been forgotten.
        seconds = str(int(_PATIENCE_S / 2))
        for _ in range(2):
            found = self._node.exec(["perl", "-e", _WATCH, str(PORT), seconds])
            self._while_collecting = found.stdout.strip()
            self._watch_failed = found.stderr.strip()
            if self._while_collecting or self._watch_failed or self._ended.is_set():
                break

    def _push_on(self) -> None:
        """Push small images, one after the other, and remember those that were acknowledged."""
        while not self._ended.wait(_PAUSE_S):
            made = self._image("live")
            with suppress(httpx.HTTPError):
                by_hand.push(self._http, REPOSITORY, f"live-{len(self._taken)}", made)
                self._taken.append(made.digest)

    def _start(self, work: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        self._threads.append(thread)
        return thread

    def _image(self, name: str) -> by_hand.HandMade:
        # By chance: what an earlier trial pushed may be in the registry's cache.
        return by_hand.image(by_hand.noise(f"{name} {secrets.token_hex(8)}", 0.02))

    def _within(self, work: Callable[[], object], seconds: float) -> object:
        """Do something that the job may disturb, again until it is done; None if it cannot be done in time."""

        def once() -> object:
            with suppress(httpx.HTTPError):
                return work()
            return None

        with suppress(WaitTimeout):
            return wait_until(once, "the registry", timeout_s=seconds, interval_s=0.2)
        return None


def _takes_no_push(what: str) -> Finding:
    return not_yet(
        f"{what} takes no push for {_BACK_S:g} s",
        hint="is it stopped, or still read-only? The last step makes it a registry that can be written to",
    )


def tried(node: Node) -> Finding | None:
    """Try the job that runs on a node; None if it does what it should."""
    data = ""
    with suppress(WaitTimeout):  # the job may be running, and the registry away
        data = wait_until(lambda: data_of(node, PORT), "the registry", timeout_s=_BACK_S)
    if not data:
        return not_yet(
            f"no registry with a folder or a volume of its own has been on port {PORT} for {_BACK_S:g} s",
            hint="the job has to leave a registry behind, on the same volume",
        )
    trial = JobTrial(node, data)
    try:
        return trial.finding()
    finally:
        trial.end()
