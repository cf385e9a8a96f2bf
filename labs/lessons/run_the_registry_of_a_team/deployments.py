"""The check of 60.8: the program that deploys runs what the team has signed, by digest, and nothing else."""

from __future__ import annotations

import secrets
import threading
import time
from contextlib import suppress

import httpx

from labs.lesson import Answers, Finding, PushFailed, not_attempted, not_yet, passed
from labs.lessons.common import by_hand, image_of, service_of
from labs.lessons.run_the_registry_of_a_team.door import ADDRESS, TRIES, http, not_open
from labs.lessons.run_the_registry_of_a_team.signing_server import build, sign
from labs.lessons.run_the_registry_of_a_team.trial_image import why_refused
from labs.playground import ExecResult, Node, Playground
from labs.registry import ACCEPT
from labs.waiting import WaitTimeout, wait_until

PROGRAM = "/srv/team/deploy"
_PATIENCE_S = 60.0
# When the tag is moved, in shares of the time that a deployment takes.
_MOVED_AFTER = (0.25, 0.4, 0.55, 0.7, 0.8, 0.9)


class Deployments:
    """Images of a repository, signed or not, and what comes of it when they are deployed."""

    def __init__(self, playground: Playground) -> None:
        self._playground = playground
        self._node = playground.node(1)
        self._name = f"check-{secrets.token_hex(4)}"
        self.repository = f"{TRIES}/{self._name}"
        self._digests: dict[str, str] = {}
        self._seconds = 1.0

    def push(self) -> None:
        """Push two images that are signed, one without signature, and two with one that is good for nothing.

        Raises:
            PushFailed: The registry refuses.
            httpx.HTTPError: It refuses a signature.
        """
        for tag in ("good", "next", "unsigned", "stranger", "copied"):
            self._digests[tag] = build(self._node, self.repository, tag)
        for tag in ("good", "next"):
            sign(self._node, self.repository, self._digests[tag])
        sign(self._node, self.repository, self._digests["stranger"], by_team=False)
        sign(self._node, self.repository, self._digests["copied"], claim=self._digests["good"])

    def finding(self) -> Finding | None:
        """What is wrong with the program; None if it deploys what is signed, and that alone."""
        return (
            self._refuses("unsigned", "an image without a signature")
            or self._refuses("stranger", "an image that a stranger has signed")
            or self._refuses("copied", "an image whose signature is that of another image")
            or self._deploys("good")
            or self._deploys("next")
            or self._keeps("unsigned", "next")
            or self._while_moved()
        )

    def remove(self) -> None:
        """Remove the service and the repository."""
        self._playground.swarm.remove(self._name)
        with http(self._node) as writer, suppress(httpx.HTTPError):
            for digest in self._digests.values():
                for name in (digest, self._kept_as(writer, digest)):
                    writer.delete(f"/v2/{self.repository}/manifests/{name}")

    def _kept_as(self, writer: httpx.Client, digest: str) -> str:
        path = f"/v2/{self.repository}/manifests/{by_hand.signature_tag(digest)}"
        found = writer.head(path, headers={"Accept": ACCEPT})
        return str(found.headers.get("docker-content-digest", digest))

    def _deploy(self, tag: str) -> ExecResult:
        return self._node.exec([PROGRAM, self._name, f"{ADDRESS}/{self.repository}:{tag}"])

    def _image(self) -> str:
        """What the service runs; empty if there is no such service."""
        raw = service_of(self._playground, self._name)
        return image_of(raw) if raw else ""

    def _refuses(self, tag: str, what: str) -> Finding | None:
        done = self._deploy(tag)
        if image := self._image():
            self._playground.swarm.remove(self._name)
            pinned = " by digest" if "@sha256:" in image else ""
            return not_yet(
                f"{PROGRAM} deployed {what}{pinned}, wanted nothing deployed",
                hint="lesson 15: cosign verify --key …, and what it says decides",
            )
        if done.exit_code == 0:
            return not_yet(f"{PROGRAM} ends with 0 for {what}, wanted an error")
        return None

    def _deploys(self, tag: str) -> Finding | None:
        """Return None if a signed image runs as the service, by its digest; otherwise what is there instead."""
        began = time.monotonic()
        done = self._deploy(tag)
        self._seconds = time.monotonic() - began
        image = self._image()
        if done.exit_code or not image:
            said = (done.stderr or done.stdout).strip().splitlines()
            words = f": {said[-1][:200]}" if said else ""
            return not_yet(
                f"{PROGRAM} ends with {done.exit_code} for a signed image, wanted it deployed{words}"
            )
        if not image.endswith(f"@{self._digests[tag]}"):
            older = tag == "next" and image.endswith(self._digests["good"])
            is_older = "still the image of before" if older else "not that digest"
            return not_yet(
                f"after {PROGRAM} of a signed image the service runs {is_older}, wanted the digest that was verified",
                hint="a service that is there gets a new image by docker service update --image",
            )
        try:
            wait_until(self._runs, "its task", timeout_s=_PATIENCE_S)
        except WaitTimeout:
            errors = sorted({t.error for t in self._playground.swarm.tasks(self._name) if t.error})
            return not_yet(
                f"what {PROGRAM} deployed does not run" + (f": {errors[0]}" if errors else ""),
                hint="lesson 8: each node has to pull it, and the registry asks for a password",
            )
        return None

    def _runs(self) -> bool:
        tasks = self._playground.swarm.tasks(self._name)
        newest = [task for task in tasks if task.desired == "running"]
        return any(task.state == "running" for task in newest)

    def _keeps(self, tag: str, kept: str) -> Finding | None:
        """Return None if a service goes on with what it has when an image without a signature is deployed to it."""
        self._deploy(tag)
        if not self._image().endswith(f"@{self._digests[kept]}"):
            return not_yet(f"{PROGRAM} updated a service to an image without a signature")
        return None

    def _while_moved(self) -> Finding | None:
        """Return None if nothing but a signed image is deployed by a tag that someone moves meanwhile."""
        signed = {self._digests["good"], self._digests["next"]}
        for share in _MOVED_AFTER:
            self._move("good")
            mover = threading.Timer(share * self._seconds, self._move, args=("unsigned",))
            mover.start()
            self._deploy("moving")
            mover.join(timeout=_PATIENCE_S)
            if self._image().rpartition("@")[2] not in signed:
                return not_yet(
                    f"someone moved the tag while {PROGRAM} verified, and what it deployed is not signed",
                    hint="lesson 15: ask once for the digest; verify that, and deploy that",
                )
        return None

    def _move(self, tag: str) -> None:
        """Let a tag stand for the image of another one; again while a clean-up has the registry off."""

        def moved() -> bool:
            with http(self._node) as writer, suppress(httpx.HTTPError):
                content, kind = self._document(writer, tag)
                path = f"/v2/{self.repository}/manifests/moving"
                writer.put(path, content=content, headers={"content-type": kind}).raise_for_status()
                return True
            return False

        with suppress(WaitTimeout):
            wait_until(moved, "the tag to move", timeout_s=_PATIENCE_S, interval_s=0.2)

    def _document(self, writer: httpx.Client, tag: str) -> tuple[bytes, str]:
        path = f"/v2/{self.repository}/manifests/{self._digests[tag]}"
        found = writer.get(path, headers={"Accept": ACCEPT}).raise_for_status()
        return found.content, found.headers["content-type"]


def signed_alone(playground: Playground, _answers: Answers) -> Finding:
    """The program deploys what the team has signed, by digest, updates it, and refuses everything else."""
    if closed := not_open(playground):
        return closed
    if not _is_there(playground.node(1)):
        return not_attempted(f"write the program {PROGRAM} into node 1")
    trial = Deployments(playground)
    try:
        trial.push()
        return trial.finding() or passed()
    except PushFailed as error:
        return not_yet(f"the build server cannot push as writer: {error.message}")
    except httpx.HTTPError as error:
        return why_refused(error)
    finally:
        trial.remove()


def _is_there(node: Node) -> bool:
    return node.read_output(["test", "-x", PROGRAM]).exit_code == 0
