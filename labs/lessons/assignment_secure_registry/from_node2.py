"""The check of the assignment that looks from node 2: whether its engine trusts, has pulled, and may push."""

from __future__ import annotations

from typing import Any

from docker.errors import APIError

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.assignment_secure_registry.access_probe import (
    ADDRESS,
    FIRST,
    REPOSITORY,
    TAG,
    RegistryProbe,
    allowed,
    as_client,
)
from labs.lessons.common import CERTS_D, Member, is_insecure, wrong_image
from labs.playground import Node, Playground

IMAGE = "hello-world"


def from_node_2(playground: Playground, answers: Answers) -> Finding:
    """Node 2's engine verifies the registry, has the image from there, and a member may push more."""
    probe, node = RegistryProbe(playground.node(1)), playground.node(2)
    probe.wait()
    if not probe.status():
        return not_attempted(FIRST)
    if is_insecure(node, ADDRESS):
        return not_yet(
            f"node 2 takes {ADDRESS} for an insecure registry: it would believe anybody there",
            hint="take insecure-registries out; trust the certificate",
        )
    member = allowed(probe, answers)
    if member is None:
        return not_attempted("let a member in first (50.3)")
    if words := _said_by_engine(node, member):
        return _why_refused(node, words)
    with as_client(probe, member) as registry:
        image = f"{IMAGE}:{TAG}"
        if wrong := wrong_image(playground, registry, REPOSITORY, TAG, image=image):
            return wrong
        digest = registry.head(REPOSITORY, TAG).digest
    if not _has_image(node, digest):
        return not_yet(
            f"node 2 has no {ADDRESS}/{REPOSITORY} with the digest of {TAG}",
            hint="push it from node 2, or pull it there: the reference begins with the host",
        )
    status = probe.begins_upload(REPOSITORY, member)
    if status != 202:
        return not_yet(
            f"{member[0]} cannot push: POST gives {status}, wanted 202", hint="its log says why"
        )
    return passed()


def _said_by_engine(node: Node, member: Member) -> str:
    """Return node 2's error when a member asks its engine for the image; empty if there is none."""
    api: Any = node.docker.api
    login = dict(zip(("username", "password"), member, strict=True))
    try:
        # With the member's login in the request, not with a stored one: it must not depend on where the student
        # logged in.
        api.inspect_distribution(f"{ADDRESS}/{REPOSITORY}:{TAG}", auth_config=login)
    except APIError as error:
        return str(error.explanation)
    return ""


def _why_refused(node: Node, words: str) -> Finding:
    trusts = node.read_output(["ls", f"{CERTS_D}/{ADDRESS}"]).stdout.split()
    if "x509: " in words:
        if not trusts:
            return not_attempted(
                f"let node 2 trust {ADDRESS}, push {REPOSITORY} from there and pull it"
            )
        return not_yet(
            f"node 2 does not believe {ADDRESS}: {words.partition('x509: ')[2]}",
            hint="lesson 5: the name in the certificate, and who signed it",
        )
    if "HTTP response to HTTPS" in words:
        return not_yet(f"node 2 wants HTTPS at {ADDRESS}", hint="exercise 50.1")
    return not_yet(f"{ADDRESS} has no {REPOSITORY}:{TAG}", hint="push it from node 2")


def _has_image(node: Node, digest: str) -> bool:
    names = (n for image in node.docker.images.list() for n in image.attrs["RepoDigests"] or ())
    return f"{ADDRESS}/{REPOSITORY}@{digest}" in names
