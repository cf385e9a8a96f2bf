"""The address that students type, and the code at its end."""

from __future__ import annotations

import pytest

from labs.images import ClassAddress, ImageError
from labs.images.class_address import code_of

WHOLE = "http://192.168.1.7:5005/3f9c-12ab-77d0-5e21"


@pytest.mark.parametrize(
    "typed",
    [
        WHOLE,
        f" {WHOLE}/ ",
        "192.168.1.7:5005/3f9c-12ab-77d0-5e21",
        "http://192.168.1.7:5005/3F9C12AB77D05E21",
        "http://192.168.1.7:5005/3f9c12ab-77d05e21",
    ],
)
def test_address_is_read_as_students_type_it(typed: str):
    assert str(ClassAddress.parse(typed)) == WHOLE


def test_address_may_be_a_name_with_tls():
    address = ClassAddress.parse("https://teacher.local:443/3f9c-12ab-77d0-5e21")
    assert address.url == "https://teacher.local:443"


@pytest.mark.parametrize(
    "typed", ["http://192.168.1.7:5005", "192.168.1.7:5005/", "192.168.1.7:5005/3f9c-12ab-77d0-5e2"]
)
def test_address_without_its_whole_code_is_refused(typed: str):
    with pytest.raises(ImageError, match=r"has \d+ digits, not 16: without it") as refused:
        ClassAddress.parse(typed)
    assert "the whole address" in refused.value.hint


@pytest.mark.parametrize(
    "typed",
    [
        *("", "zork", "192.168.1.7/3f9c-12ab-77d0-5e21", "ftp://a:1/3f9c-12ab-77d0-5e21"),
        *(f"http://user:word@{WHOLE[7:]}", f"{WHOLE}/more", f"{WHOLE}?a=1", f"{WHOLE}g"),
        "http://192.168.1.7:5005/v2/registry-course/node",
    ],
)
def test_text_that_is_not_such_an_address_is_shown(typed: str):
    with pytest.raises(ImageError, match="is not the address of a class registry"):
        ClassAddress.parse(typed)


def test_code_follows_each_name_and_digest_and_not_their_order():
    some = {"a": "sha256:1", "b": "sha256:2"}
    assert code_of(some) == code_of(dict(reversed(some.items())))
    others = [{"a": "sha256:1"}, {"a": "sha256:2", "b": "sha256:1"}, {**some, "b": "sha256:3"}]
    assert len({code_of(some), *map(code_of, others)}) == 4
    assert str(ClassAddress.parse(f"http://a:1/{code_of(some)}")).endswith(code_of(some))
