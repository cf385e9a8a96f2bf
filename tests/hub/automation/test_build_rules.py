r"""Build rules: what Docker Hub's documentation promises of `{\1}`, branches and tags."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from labs.hub.automation.build_rules import check, tags_of_each
from labs.hub.models import BuildRule

pytestmark = pytest.mark.process


def tags_of(rule: BuildRule, kind: str, ref: str) -> list[str]:
    """The tags that one branch or tag makes; none if the rule does not match it."""
    return tags_of_each(rule, kind, [ref]).get(ref, [])


@pytest.mark.parametrize(
    ("kind", "source", "tag", "ref", "wanted"),
    [
        ("branch", "main", "latest", "main", ["latest"]),
        ("branch", "main", "latest", "maintenance", []),
        ("branch", "m.in", "latest", "main", []),
        ("tag", r"/^v([0-9.]+)$/", r"{\1}", "v1.2.3", ["1.2.3"]),
        ("tag", r"/^v([0-9.]+)$/", r"release-{\1}", "1.2.3", []),
        (
            "tag",
            r"/^v([0-9]+)\.([0-9]+)\.([0-9]+)$/",
            r"{\1}.{\2}.{\3}, {\1}.{\2}, {\1}",
            "v1.2.3",
            ["1.2.3", "1.2", "1"],
        ),
        ("branch", "/.*/", "{sourceref}", "feature/login", ["feature-login"]),
        ("branch", "/.*/", "{sourceref}", "x;rm -rf $HOME", ["x-rm--rf--HOME"]),
        ("branch", "/.*/", "{sourceref}", "<script>", []),
        ("branch", "/.*/", "x{sourceref}", "<script>", ["x-script-"]),
        ("branch", "/^(a)?b$/", r"x{\1}", "b", ["x"]),
        ("branch", "/.*/", "same, same", "b", ["same"]),
        ("branch", "/.*/", "{sourceref}", "x" * 129, []),
        ("branch", "/.*/", "latest", "x" * 201, []),
    ],
)
def test_tags_of_a_push(kind: str, source: str, tag: str, ref: str, wanted: list[str]):
    rule = BuildRule(kind=kind, source=source, tag=tag)
    assert tags_of(rule, kind, ref) == wanted
    assert tags_of(rule, "tag" if kind == "branch" else "branch", ref) == []


def test_expression_that_takes_for_ever_matches_nothing():
    rule = BuildRule(kind="branch", source="/^(a+)+$/", tag="latest")
    assert tags_of(rule, "branch", "a" * 40 + "!") == []
    assert tags_of(rule, "branch", "aaa") == ["latest"]


@pytest.mark.parametrize(
    ("source", "tag", "wrong"),
    [
        ("/(/", "latest", "not a regular expression"),
        ("/a{99999999999}/", "latest", "not a regular expression"),
        ("/v(.*)/", r"{\2}", "has 1"),
        ("main", r"{\1}", "has 0"),
        ("main", " ", "needs the image's tag"),
    ],
)
def test_rule_that_is_refused(source: str, tag: str, wrong: str):
    with pytest.raises(ValidationError, match=wrong):
        check(source, tag)


@pytest.mark.parametrize("tag", ["{\x01}", "a/b", "1.0;rm", "{0}"])
def test_tag_with_what_no_tag_has_is_refused_and_shown(tag: str):
    """Without `r` before its quotes, Python takes the group of a template for a control character."""
    with pytest.raises(ValidationError, match="got '"):
        check("/v(.)/", tag)
