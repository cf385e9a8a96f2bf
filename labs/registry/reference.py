"""References, `host[:port]/repository[:tag][@digest]`, read as Docker reads them; no server is asked.

The grammar is distribution's (github.com/distribution/reference, reference.go and normalize.go): a
name whose first part could not be a host belongs to Docker Hub, and an official image there lives
under `library/`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from labs.errors import LabsError

DOCKER_HUB = "docker.io"
EXAMPLE = "127.0.0.1:5000/hello-world:latest"

_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?")
_PATH_PART = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*")
# ASCII: without it \w would match letters of all scripts.
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
# Any other algorithm is an "unsupported digest algorithm" for Docker (opencontainers/go-digest, algorithm.go).
_DIGEST_DIGITS = {"sha256": 64, "sha384": 96, "sha512": 128}
_DIGEST = re.compile(r"([a-z0-9]+):([0-9a-f]+)")
_IMAGE_ID = re.compile(r"[0-9a-f]{64}")
_REPOSITORY_MAX = 255  # distribution/reference: RepositoryNameTotalLengthMax


class InvalidReference(LabsError):
    """A text that is not a reference; the message has the rule, an example and what was seen."""


@dataclass(frozen=True)
class Reference:
    """Where one image is: a registry, a repository in it, and a tag or digest in that.

    `registry` is a host with its port, if it has one; `repository` may be nested (`team/app/api`).
    `tag` is empty where only a digest was given, `digest` is empty where none was.
    """

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Read `text` and fill in what Docker fills in: `docker.io`, `library/` and `:latest`.

        Raises:
            InvalidReference: The text breaks a rule; the message has it.
        """
        if "://" in text:
            rule = "it has no scheme; the registry's host and port come first"
            raise _invalid(rule, EXAMPLE, text)
        # As in distribution/reference: clients would take such a name for an image ID.
        if _IMAGE_ID.fullmatch(text):
            raise _invalid(
                "64 hexadecimal digits are an image ID and cannot be a name", "hello-world", text
            )
        name, at, digest = text.partition("@")
        if at:
            _check_digest(digest, text)
        name, tag = _split_tag(name, text)
        registry, repository = _split_registry(name)
        _check_registry(registry, text)
        _check_repository(repository, text)
        return cls(registry, repository, tag or ("" if digest else "latest"), digest)

    @property
    def host(self) -> str:
        """The registry without its port."""
        return re.sub(r":[0-9]+$", "", self.registry)

    @property
    def port(self) -> int | None:
        """The registry's port, where the reference names one."""
        found = re.search(r":([0-9]+)$", self.registry)
        return int(found[1]) if found else None

    @property
    def name(self) -> str:
        """Registry and repository; a tag or a digest follows it."""
        return f"{self.registry}/{self.repository}"

    @property
    def familiar_name(self) -> str:
        """The name as Docker prints it: without `docker.io/` and `library/`."""
        if self.registry != DOCKER_HUB:
            return self.name
        # Only before a single part: `library/a/b` is not an official image, and Docker prints it in full.
        return re.sub(r"^library/(?=[^/]+$)", "", self.repository)

    @property
    def familiar(self) -> str:
        """The whole reference as Docker prints it."""
        return self.familiar_name + self._end

    @property
    def _end(self) -> str:
        return (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")

    def __str__(self) -> str:
        return self.name + self._end


def _invalid(rule: str, example: str, seen: str) -> InvalidReference:
    return InvalidReference(f"invalid reference {seen!r}: {rule}", hint=f"a good one: {example}")


def _split_tag(name: str, text: str) -> tuple[str, str]:
    """Cut off what follows the last colon, unless a slash follows: that colon is a port's."""
    head, colon, tag = name.rpartition(":")
    # `]`: the colon is inside of an IPv6 address, `[::1]`.
    if not colon or "/" in tag or tag.endswith("]"):
        return name, ""
    if rule := tag_rule(tag):
        raise _invalid(rule, EXAMPLE, text)
    return head, tag


def _split_registry(name: str) -> tuple[str, str]:
    """A host has a dot, a colon or a capital, or is `localhost`; other names are Docker Hub's."""
    first, slash, rest = name.partition("/")
    # A capital: a repository has none, so this can only be a host.
    is_host = bool(slash) and (
        bool(re.search(r"[.:]", first)) or first == "localhost" or first != first.lower()
    )
    registry, repository = (first, rest) if is_host else (DOCKER_HUB, name)
    # The legacy domain of Docker Hub (normalize.go: legacyDefaultDomain).
    if registry == "index.docker.io":
        registry = DOCKER_HUB
    if registry == DOCKER_HUB and repository and "/" not in repository:
        repository = f"library/{repository}"
    return registry, repository


def _check_registry(registry: str, text: str) -> None:
    if not _HOST.fullmatch(registry):
        rule = f"a registry is a host name or address with an optional :port, not {registry!r}"
        raise _invalid(rule, EXAMPLE, text)


def _check_repository(repository: str, text: str) -> None:
    if rule := repository_rule(repository):
        raise _invalid(rule, "registry.lab/team/my-app:1.0", text)


def repository_rule(repository: str) -> str:
    """The rule of a repository's name that this one breaks; empty for a good name."""
    if repository != repository.lower():
        return "a repository is written in lower case"
    if len(repository) > _REPOSITORY_MAX:
        return f"a repository has at most {_REPOSITORY_MAX} characters"
    for part in repository.split("/"):
        if not _PATH_PART.fullmatch(part):
            return f"a repository's parts are a-z and digits, joined by . _ __ or -, not {part!r}"
    return ""


def tag_rule(tag: str) -> str:
    """The rule of a tag that this one breaks; empty for a good tag."""
    if _TAG.fullmatch(tag):
        return ""
    return "a tag is 1 to 128 letters, digits, '_', '.', '-', none of the last two at its start"


def digest_rule(digest: str) -> str:
    """The rule of a digest that this one breaks; empty for a good digest."""
    algorithm, _, digits = digest.partition(":")
    wanted = _DIGEST_DIGITS.get(algorithm)
    if wanted and _DIGEST.fullmatch(digest) and len(digits) == wanted:
        return ""
    if wanted:
        return f"a digest of {algorithm} has {wanted} of 0-9a-f behind its colon"
    lengths = ", ".join(f"{name} ({length})" for name, length in _DIGEST_DIGITS.items())
    return f"a digest is an algorithm, a colon and hexadecimal digits; Docker has {lengths}"


def _check_digest(digest: str, text: str) -> None:
    if rule := digest_rule(digest):
        raise _invalid(rule, f"hello-world@sha256:{'0123456789abcdef' * 4}", text)
