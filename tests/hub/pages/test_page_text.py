"""What templates make of texts, times, digests and sizes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from labs.hub.templatetags.hub import ago, linked, short, size


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://acme.example/a?b=1&c=2#d.", ["https://acme.example/a?b=1&amp;c=2#d"]),
        (
            "(http://acme.example) and https://b.example/x,",
            ["http://acme.example", "https://b.example/x"],
        ),
        ("javascript:alert(1) data:text/html,x ftp://a.example //a.example www.a.example", []),
        ("https://hub.lab@evil.example/ and https://", []),
        ('https://a.example/"onclick="x', ["https://a.example/"]),
        ("https://a.example/<b>", ["https://a.example/"]),
        ("ada@acme.example <b>bold</b> & more", []),
    ],
)
def test_text_of_a_user_is_escaped_and_links_to_http_alone(text: str, links: list[str]):
    made = linked(text)
    found = [part.partition('"')[0] for part in made.split('<a href="')[1:]]
    assert found == links
    left = made
    for link in links:
        left = left.replace(f'<a href="{link}" rel="nofollow noopener noreferrer">{link}</a>', link)
    assert "<" not in left
    assert '"' not in left


def test_long_text_is_linked_in_time_that_grows_with_its_length():
    """A pattern that tries again at each sign would take minutes for this."""
    assert linked("https://" * 3000).count("<a ") <= 3000
    assert linked("." * 25_000 + "http") == "." * 25_000 + "http"
    assert "<a " in linked("https://a" + "." * 24_000)


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=5), "seconds ago"),
        (timedelta(seconds=60), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(days=2, hours=5), "2 days ago"),
    ],
)
def test_time_is_relative_and_exact_in_its_title(age: timedelta, said: str):
    when = timezone.now() - age
    made = ago(when)
    assert f">{said}</time>" in made
    assert f'title="{when:%Y-%m-%d %H:%M:%S} UTC"' in made


def test_time_of_long_ago_is_a_date():
    when = timezone.now() - timedelta(days=40)
    assert f">{when:%Y-%m-%d}</time>" in ago(when)


def test_digest_is_short_with_its_algorithm():
    assert short("sha256:" + "4f53cda18c2b" + "0" * 52) == "sha256:4f53cda18c2b"
    assert short("sha512:" + "4f53cda18c2b" + "0" * 116) == "sha512:4f53cda18c2b"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (None, "–"),
        (0, "0 B"),
        (999, "999 B"),
        (4_300_000, "4.3 MB"),
        (61_300_000, "61.3 MB"),
        (2e10, "20 GB"),
    ],
)
def test_size_is_in_the_units_of_docker_image_ls(number: int | None, said: str):
    assert size(number) == said
