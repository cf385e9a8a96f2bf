"""Checks of exercises 3.3 and 3.7: a second tag, and an image that the node's engine pulls and runs.

The small tasks are judged in `small_steps` and `half_upload`.
"""

from __future__ import annotations

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import listed, no_registry, refused_attempt, tags_of, wrong_image
from labs.lessons.speak_the_api.first_images import SAME
from labs.lessons.speak_the_api.image_run import run_image
from labs.playground import Node, Playground
from labs.registry import RegistryClient

PORT = 5000
BASE, TAG, STABLE = "busybox", "latest", "stable"
OWN, OWN_TAG, SENTENCE = "mine/shout", "1", "I speak the API"
_OTHER_PLATFORM = not_yet(
    f"{OWN}:{OWN_TAG} prints the sentence, but its config names another platform than this node's",
    hint='"os" and "architecture" of your config are those of busybox\'s config',
)
NO_BASE = f"run the lesson's first cell: it pushes {BASE}:{TAG} to port {PORT}"


def second_tag(playground: Playground, _answers: Answers) -> Finding:
    """The tags `stable` and `latest` of busybox have the same digest."""
    node = playground.node(1)
    if missing := no_registry(node, PORT, left="registry"):
        return missing
    registry = RegistryClient(node.url(PORT))
    tags = tags_of(registry, BASE)
    if TAG not in tags:
        return not_attempted(NO_BASE)
    if STABLE not in tags:
        return _no_second_tag(registry, tags) or _second_tag_refused(node)
    wanted, seen = (registry.manifest(BASE, tag) for tag in (TAG, STABLE))
    if wanted.digest == seen.digest:
        return _moved(playground, registry, wanted.digest) or passed()
    if wanted.json == seen.json:
        return not_yet(
            f"{BASE}:{STABLE} has the same fields as {BASE}:{TAG}, in other bytes: another digest",
            hint="JSON written again is another document: send reply.content, not json.dumps(reply.json())",
        )
    return not_yet(
        f"{BASE}:{STABLE} stands for another manifest than {BASE}:{TAG}",
        hint=f"GET the manifest of {TAG}, with Accept, and PUT exactly these bytes",
    )


def _moved(playground: Playground, registry: RegistryClient, digest: str) -> Finding | None:
    """Whether latest was made to fit: it is busybox still, and the lesson pushed it to two more repositories."""
    if wrong := wrong_image(playground, registry, BASE, TAG, image=f"{BASE}:{TAG}"):
        return wrong
    for name in SAME:
        if TAG in tags_of(registry, name) and registry.head(name, TAG).digest != digest:
            return not_yet(
                f"{BASE}:{TAG} no longer stands for the manifest that was pushed: {name}:{TAG} does",
                hint="latest was written again too: run the lesson's first cell again, then PUT to stable alone",
            )
    return None


def _no_second_tag(registry: RegistryClient, tags: list[str]) -> Finding | None:
    others = [tag for tag in tags if tag != TAG]
    if others:
        return not_yet(
            f"{BASE} has tags {listed(others)} beside {TAG}, wanted {STABLE}",
            hint=f"the tag is what follows /manifests/: PUT /v2/{BASE}/manifests/{STABLE}",
        )
    elsewhere = [name for name in registry.catalog() if STABLE in tags_of(registry, name)]
    if elsewhere:
        return not_yet(
            f"{listed(elsewhere)} has the tag {STABLE}, wanted the repository {BASE}",
            hint=f"the repository stands before /manifests/: PUT /v2/{BASE}/manifests/{STABLE}",
        )
    return None


def _second_tag_refused(node: Node) -> Finding:
    hint = "print status_code and text of the answer: the bytes go with the content-type that the GET told"
    return refused_attempt(node, PORT, f"/{STABLE}", hint=hint) or not_attempted(
        f"give {BASE}:{TAG} the second tag {STABLE}"
    )


def own_image(playground: Playground, _answers: Answers) -> Finding:
    """The engine pulls mine/shout:1, and what runs prints the sentence."""
    node = playground.node(1)
    if missing := no_registry(node, PORT, left="registry"):
        return missing
    registry = RegistryClient(node.url(PORT))
    tags = tags_of(registry, OWN)
    if OWN_TAG not in tags:
        return _no_own_image(registry, tags) or _own_image_refused(node)
    # Run by the engine: only that shows that manifest, config and layers fit together.
    ran = run_image(node, f"127.0.0.1:{PORT}/{OWN}:{OWN_TAG}")
    if ran.error:
        return not_yet(f"{OWN}:{OWN_TAG}: {ran.error}", hint=ran.hint)
    if ran.output.strip() == SENTENCE:
        return passed() if ran.fits else _OTHER_PLATFORM
    return not_yet(
        f'{OWN}:{OWN_TAG} prints "{_shortened(ran.output)}", wanted "{SENTENCE}"',
        hint='what runs is in the config, under "config": {"Cmd": ["echo", …]}',
    )


def _no_own_image(registry: RegistryClient, tags: list[str]) -> Finding | None:
    if tags:
        return not_yet(
            f'repository "{OWN}" has tags {listed(tags)}, wanted "{OWN_TAG}"',
            hint=f"PUT the manifest as /v2/{OWN}/manifests/{OWN_TAG}",
        )
    names = registry.catalog()
    if OWN in names:
        return not_yet(
            f"{OWN} has blobs and no manifest",
            hint="print the answer to the PUT: MANIFEST_BLOB_UNKNOWN means that a blob is not in this repository",
        )
    near = [name for name in names if "shout" in name or name.startswith("mine")]
    if near:
        return not_yet(
            f'the registry has {listed(near)}, wanted "{OWN}"',
            hint=f"blobs and manifest go to the same repository: /v2/{OWN}/…",
        )
    return None


def _own_image_refused(node: Node) -> Finding:
    hint = f"print status_code and text of the answer; addresses begin with /v2/{OWN}/"
    return refused_attempt(node, PORT, "/mine", "shout", hint=hint) or not_attempted(
        f'push an image as {OWN}:{OWN_TAG} that prints "{SENTENCE}"'
    )


def _shortened(text: str) -> str:
    lines = text.strip().splitlines()
    # 80 characters: the output is the student's, of any length, and a verdict is one line.
    return lines[0][:80] if lines else ""
