"""Checks of lesson 14. They ask the hub's API, read files of images, and push to git. `base_trial` has the last one."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.build_on_push.base_trial import try_base
from labs.lessons.build_on_push.check_git import CheckGit
from labs.lessons.build_on_push.hub_builds import HubBuilds, NothingBuilt
from labs.lessons.build_on_push.receiver import SECRET
from labs.lessons.build_on_push.signature_digits import pair, wrong_digits, wrong_for_forged
from labs.lessons.build_on_push.version_trial import try_rules
from labs.lessons.common import Record, listed
from labs.playground import Playground

APP, TOOLS = "app", "tools"
BROKEN = "another folder"
"""The message of the commit that the lesson itself makes with a mistake."""
_LESSONS_TRIES = 2  # its push, and its retry
_PUSH = "push of "  # the cause of a build that no one has asked for
_PAGE, _VERSION = "/www/index.html", "/www/version"

_Judge = Callable[[Playground, HubBuilds, Answers], Finding]


def _of_hub(judge: _Judge) -> Callable[[Playground, Answers], Finding]:
    """A check that is given the hub's builds too; not attempted where the lesson has not made them."""

    @wraps(judge)
    def check(playground: Playground, answers: Answers) -> Finding:
        try:
            # Else a hub without the lesson's repositories would hide that an engine is dead.
            playground.node(1).docker.ping()
            return judge(playground, HubBuilds(playground), answers)
        except NothingBuilt:
            return not_attempted("run the lesson's cells before this one first")

    return check


@_of_hub
def built_by_rule(_playground: Playground, hub: HubBuilds, _answers: Answers) -> Finding:
    """acme/app:latest was made by a build of git's branch main."""
    rules = hub.listed(APP, "build-rules")
    if not rules and not hub.tags(APP):
        return not_attempted("acme/app has no build rule")
    if not rules:
        return not_yet(
            "acme/app has an image and no build rule",
            hint="a rule makes images of each push to git",
        )
    wanted = "wanted latest of branch main"
    builds = hub.builds(APP, "latest")
    good = [each for each in builds if (each["source_type"], each["source"]) == ("branch", "main")]
    if not good:
        rule = rules[-1]
        made = f"{rule['tag']} of {rule['source_type']} {rule['source']}"
        if (rule["source_type"], rule["source"], rule["tag"]) != ("branch", "main", "latest"):
            return not_yet(
                f"a rule makes {made}, {wanted}",
                hint="source is what git calls it, tag is what follows the colon in the image's reference",
            )
        return not_yet(
            "the rule is there and no build of latest", hint="a push after the rule starts one"
        )
    pushed = [each for each in good if each["cause"].startswith(_PUSH)]
    if not pushed:
        return not_yet(
            f"latest was {good[0]['cause']}, wanted by a push",
            hint="a rule with autobuild, then git.push",
        )
    if all(each["state"] != "successful" for each in pushed):
        return not_yet(
            f"the build of latest is {pushed[0]['state']}", hint=hub.last_line(APP, pushed[0])
        )
    return passed()


@_of_hub
def mended(_playground: Playground, hub: HubBuilds, _answers: Answers) -> Finding:
    """The last build of latest was successful, after one that failed, and its image has the new page."""
    builds = hub.builds(APP, "latest")
    failed = [
        each
        for each in builds
        if each["state"] == "failed" and hub.details(APP, each)["message"] == BROKEN
    ]
    if not failed:
        return not_attempted("run the cell with the build that fails first")
    if hub.by_hand(APP, "latest"):
        return not_yet(
            "latest was pushed by hand, wanted the image of the last build",
            hint="mend the Dockerfile, and let git push build it",
        )
    last, tries = builds[0], [each["commit"] for each in builds if each["state"] == "failed"]
    if last["state"] != "successful" and last["commit"] == failed[0]["commit"]:
        if tries.count(last["commit"]) <= _LESSONS_TRIES:
            return not_attempted("mend the Dockerfile: the last build of latest failed")
        return not_yet(
            "the last build of latest failed again",
            hint="a retry builds the same commit, with the same mistake: push another one",
        )
    if last["state"] != "successful":
        return not_yet("the last build of latest failed again", hint=hub.last_line(APP, last))
    page = hub.file(APP, last["digest"], _PAGE)
    if page is None:
        return not_yet(
            f"the image of the last build has no {_PAGE}", hint="COPY www /www in the Dockerfile"
        )
    if b"welcome" not in page.lower():
        return not_yet(f"{_PAGE} does not say Welcome", hint="push the page too: **page")
    return passed()


@_of_hub
def version_tags(playground: Playground, hub: HubBuilds, _answers: Answers) -> Finding:
    """Each version tag of git makes three tags of one image, and no other tag of git makes any."""
    rules = _rules(hub, "tag")
    if not rules and any(each["source_type"] == "tag" for each in hub.listed(APP, "build-rules")):
        return not_yet(
            "the rule for tags of git is one of acme/app, wanted one of acme/tools",
            hint='rule("tools", "tag", …)',
        )
    if not rules:
        return not_attempted("acme/tools has no rule for tags of git")
    if wrong := try_rules(playground, hub, rules):
        return wrong
    hub.settle(TOOLS)
    digests = hub.tags(TOOLS)
    if missing := sorted({"1", "1.2", "1.2.3"} - digests.keys()):
        return not_yet(
            f"the rules are right, and acme/tools has no {listed(missing)}",
            hint="tag and push after the rule; a tag that git has starts nothing unless it moves to a new commit",
        )
    if not any("1.2.3" in each["tags"] for each in hub.builds(TOOLS) if each["source"] == "v1.2.3"):
        return not_yet("acme/tools:1.2.3 was not built from v1.2.3", hint="push v1.2.3 to git")
    for tag in ("1", "1.2", "1.2.3"):
        if hub.by_hand(TOOLS, tag):
            return not_yet(
                f"acme/tools:{tag} was pushed by hand after it was built",
                hint="move v1.2.3 to a new commit and push it to git",
            )
    return passed()


@_of_hub
def knows_commit(playground: Playground, hub: HubBuilds, _answers: Answers) -> Finding:
    """The image of the last build of latest holds the commit that it was built from."""
    builds = hub.builds(APP, "latest")
    if not builds:
        return not_attempted("no build has made acme/app:latest yet")
    last = builds[0]
    hooks = "$ hooks/" in hub.log(APP, last)
    if last["state"] != "successful":
        return (not_yet if hooks else not_attempted)(
            f"the last build of latest failed: {hub.last_line(APP, last)}"
        )
    found = hub.file(APP, last["digest"], _VERSION)
    if found is None:
        if not hooks:
            return _ran_no_hook(playground)
        return not_yet(
            f"a hook ran, and the image has no {_VERSION}",
            hint="it runs before the build, in the folder of the source: it writes www/version, which COPY takes",
        )
    words = found.decode(errors="replace").split()
    if not any(len(word) >= 7 and str(last["commit"]).startswith(word) for word in words):
        return not_yet(
            f"{_VERSION} holds {_short(words) or 'nothing'}, wanted the commit of its build",
            hint="the variable is $SOURCE_COMMIT, and the hook reads it at each build",
        )
    return passed()


def _short(words: list[str]) -> str:
    return " ".join(words)[:60]


def _ran_no_hook(playground: Playground) -> Finding:
    with CheckGit(playground.node(1), APP) as git:
        git("clone", "--quiet", "--depth", "1", "--no-checkout", git.url, ".")
        files = git("ls-tree", "-r", "--name-only", "HEAD").split()
    hooks = [each for each in files if "hook" in each]
    if not hooks:
        return not_attempted("the last build of latest ran no hook")
    return not_yet(
        f"git has {hooks[0]}, and the last build of latest ran no hook",
        hint="its name is hooks/pre_build, or post_checkout, post_build, pre_push, post_push",
    )


@_of_hub
def nightly(_playground: Playground, hub: HubBuilds, _answers: Answers) -> Finding:
    """A call of a trigger has built nightly, and no push has."""
    builds = hub.builds(TOOLS, "nightly")
    if any(each["cause"].startswith(_PUSH) for each in builds):
        return not_yet(
            "a push to git has built nightly, wanted the trigger alone",
            hint="autobuild=False in the rule; start over with the cell that makes acme/tools",
        )
    if any(each["autobuild"] and "nightly" in each["tag"] for each in _rules(hub, "branch")):
        return not_yet(
            "a rule lets the next push build nightly, wanted the trigger alone",
            hint='no_rules("tools", "branch") deletes the rules for branches; then run this cell again',
        )
    called = [each for each in builds if each["cause"].startswith("trigger ")]
    if not called:
        return _not_called(hub, builds)
    if all(each["state"] != "successful" for each in called):
        return not_yet("the build of nightly failed", hint=hub.last_line(TOOLS, called[0]))
    return passed()


def _rules(hub: HubBuilds, source_type: str) -> list[Record]:
    rules = hub.listed(TOOLS, "build-rules")
    return [each for each in rules if each["source_type"] == source_type]


def _not_called(hub: HubBuilds, builds: list[Record]) -> Finding:
    if builds:
        return not_yet(
            f"nightly was {builds[0]['cause']}, wanted by the trigger", hint="POST to its URL"
        )
    calls = [call for each in hub.listed(TOOLS, "triggers") for call in each["calls"]]
    if not calls:
        return not_attempted("no trigger of acme/tools was called")
    return not_yet(
        f"the trigger was asked for {calls[0]['asked']}",
        hint=f"it answered: {calls[0]['result']}",
    )


@_of_hub
def verified(playground: Playground, hub: HubBuilds, answers: Answers) -> Finding:
    """The digits are those of the signature of a delivery, and others for a body that the hub did not send."""
    time = str(answers.get("time") or "")
    (body, mac), (forged, of_forged) = zip(
        pair(answers.get("texts")), pair(answers.get("macs")), strict=True
    )
    webhooks = hub.listed(APP, "webhooks")
    if not webhooks:
        return not_attempted("run the cell that makes the webhook first")
    if not mac:
        return not_attempted("calculate the digits of the signature")
    sent = [
        each["payload"]
        for hook in webhooks
        for each in hub.listed(APP, f"webhooks/{hook['id']}/deliveries")
    ]
    if body not in sent:
        return not_yet(
            "body is not what the hub sent", hint="the text as it came, not parsed and not printed"
        )
    secret = playground.node(2).read_output(["cat", SECRET]).stdout.strip()
    wrong = wrong_digits(secret, time, body, mac)
    return wrong or wrong_for_forged(secret, time, forged, (mac, of_forged)) or passed()


@_of_hub
def deployed(playground: Playground, hub: HubBuilds, _answers: Any) -> Finding:
    """A push to the base arrives on node 2, and calls that the hub did not sign change nothing."""
    return try_base(playground, hub) or passed()
