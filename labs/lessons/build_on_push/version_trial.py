"""Tries the build rules of a repository: copies them to one of its own, and pushes tags of git there.

Not in the student's repository: the images would stay in it, and each new base would build them again.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from contextlib import suppress

from labs.lesson import Finding, not_yet
from labs.lessons.build_on_push.check_git import CheckGit
from labs.lessons.build_on_push.hub_builds import HubBuilds, NothingBuilt
from labs.lessons.common import Record, listed
from labs.playground import Playground

REPOSITORY = "course-check"
_THREE = r"{\1}.{\2}.{\3}, {\1}.{\2}, {\1}: three tags with commas between, in one rule or in three"
_NONE = "a rule of source_type tag, with autobuild, whose expression has three groups of digits"
_ONE_DIGIT = "v1.2.3"
_MANY_DIGITS = ("10", "20", "300")
_COPIED = ("source_type", "source", "tag", "autobuild", "caching")


def try_rules(playground: Playground, hub: HubBuilds, rules: list[Record]) -> Finding | None:
    """None if the rules make three tags of one image of each version, and nothing of what only looks like one."""
    numbers = [str(each) for each in secrets.SystemRandom().sample(range(20, 1000), 3)]
    numbers[-1] += "0"  # which [1-9] is not
    root = hub.path(REPOSITORY)
    hub.http.delete(root)
    hub.http.post(root.rpartition("/")[0], json={"name": REPOSITORY}).raise_for_status()
    try:
        hub.http.put(f"{root}/source", json={"git_repository": REPOSITORY}).raise_for_status()
        for rule in rules:
            copy = {name: rule[name] for name in _COPIED}
            hub.http.post(f"{root}/build-rules", json=copy).raise_for_status()
        with CheckGit(playground.node(1), REPOSITORY) as git:
            return _judged(hub, git, numbers, len(rules))
    finally:
        # What waits still would be built for no one, before the student's next build.
        with suppress(NothingBuilt):
            for each in hub.listed(REPOSITORY, "builds"):
                if not each["ended"]:
                    hub.http.post(f"{root}/builds/{each['number']}/cancel")
        hub.http.delete(root)


def _judged(hub: HubBuilds, git: CheckGit, numbers: list[str], rules: int) -> Finding | None:
    # With one digit for each number too: another rule may take those alone.
    look_alikes = {
        name: _why_none(name, ".".join(each))
        for each in (numbers, list("123"))
        for name in _look_alikes(*each)
    }
    names = ("v" + ".".join(numbers), _ONE_DIGIT, *look_alikes)
    refs = (f"HEAD:refs/tags/{name}" for name in names)
    git.push({"Dockerfile": "FROM busybox\n"}, "check 14.3", *refs)
    # Queued, and not built: none of these need be waited for.
    builds = hub.listed(REPOSITORY, "builds")
    queued = {each["source"]: each for each in builds}
    for name, why in look_alikes.items():
        if name in queued:
            made = _shown(queued[name]["tags"], numbers)
            more = f'; acme/tools has {rules} rules for tags, and no_rules("tools", "tag") deletes them'
            return not_yet(
                f"a git tag like {_usual(name, numbers)} makes {made}, wanted nothing",
                hint=why + (more if rules > 1 else ""),
            )
    # By their source: a hub whose tables are new takes what an earlier check has pushed for new, too.
    of_version = [each for each in builds if each["source"] == names[0]]
    return _tags(of_version, numbers, one_digit=_ONE_DIGIT in queued) or _images(hub, of_version)


def _look_alikes(major: str, minor: str, patch: str) -> list[str]:
    version = f"{major}.{minor}.{patch}"
    return [
        # First, since an expression with such a dot takes two numbers for three: v12.34 is 1, 2 and 34.
        f"v{major}x{minor}x{patch}",
        *(f"v{version}-rc1", version, f"v{major}.{minor}", f"release-v{version}"),
        *(f"v{version}.7", "vX.Y.Z"),
    ]


def _shown(names: Iterable[str], numbers: list[str]) -> str:
    return listed(_usual(each, numbers) for each in names)


def _usual(name: str, numbers: list[str]) -> str:
    """A name with 1, 2 and 3 for the numbers that were drawn: the same words each time."""
    usual = {drawn: str(place) for place, drawn in enumerate(numbers, 1)}
    return re.sub(r"\d+", lambda each: usual.get(each[0], each[0]), name)


def _why_none(name: str, version: str) -> str:
    if name.startswith(f"v{version}"):
        return "$ at the end of the expression: it says that nothing follows the third number"
    if name.endswith(version):
        return "^v at the beginning of the expression: it is searched anywhere in the name"
    if "x" in name:
        return r"a dot stands for any character: write \. for a dot"
    return "the tag has to have three numbers, of digits alone"


def _tags(builds: list[Record], numbers: list[str], *, one_digit: bool) -> Finding | None:
    """None if the builds of a version make its three tags."""
    major, minor, _ = numbers
    wanted = {".".join(numbers), f"{major}.{minor}", major}
    queued = {tag for each in builds for tag in each["tags"]}
    if one_digit and not queued:
        major, minor, patch = _MANY_DIGITS
        return not_yet(
            f"a git tag like v{major}.{minor}.{patch} makes nothing, "
            f"wanted {listed([major, f'{major}.{minor}', f'{major}.{minor}.{patch}'])}",
            hint="a number has any digits, and more than one: [0-9]+",
        )
    if queued != wanted:
        made = _shown(queued, numbers) if queued else "nothing"
        return not_yet(
            f"a git tag like v1.2.3 makes {made}, wanted {_shown(wanted, numbers)}",
            hint=_THREE if queued else _NONE,
        )
    return None


def _images(hub: HubBuilds, queued: list[Record]) -> Finding | None:
    """None if the builds of a version make one image; a single one does, and is not waited for."""
    if len(queued) == 1:
        return None
    numbers = {each["number"] for each in queued}
    builds = [each for each in hub.builds(REPOSITORY) if each["number"] in numbers]
    failed = [each for each in builds if each["state"] != "successful"]
    if failed:
        return not_yet(
            f"a build is {failed[0]['state']}, wanted successful",
            hint=hub.last_line(REPOSITORY, failed[0]),
        )
    if len({each["digest"] for each in builds}) > 1:
        return not_yet(
            "1, 1.2 and 1.2.3 are different images, wanted one",
            hint="three rules without the cache build three times: one rule can make all three tags",
        )
    return None
