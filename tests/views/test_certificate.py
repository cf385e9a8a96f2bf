"""The picture of a handshake and the table of what was served."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from labs.registry.tls_transcript import Certificate, Served
from labs.views.certificate import served_view
from labs.views.handshake import checks

NOW = datetime.now(UTC)
OWN = Certificate(
    "CN=registry.lab",
    "CN=<b>Lab</b>",
    ("registry.lab",),
    False,
    NOW - timedelta(days=1),
    NOW + timedelta(days=1),
)
MET = Served("registry.lab:5000", "TLSv1.3", (OWN,), trusted=True)


@pytest.mark.parametrize(
    ("met", "last"),
    [
        (MET, "known authority"),
        (replace(MET, trusted=False), "unknown authority"),
        (replace(MET, chain=(replace(OWN, names=()),), trusted=False), "it has no names (SAN)"),
        (
            replace(MET, chain=(replace(OWN, names=("a.lab",)),)),
            "registry.lab is not among its names",
        ),
        (
            replace(MET, chain=(replace(OWN, not_after=NOW, names=()),)),
            "expired, or not valid yet",
        ),
    ],
)
def test_checks_end_at_the_first_no(met, last):
    *before, final = checks(met)
    assert final[1] == last
    assert all(good for good, _ in before)


def test_view_asks_for_nothing_over_http_after_a_no():
    assert "GET /v2/" in served_view(MET, "node2").text
    refused = served_view(replace(MET, trusted=False), "node2")
    assert "GET /v2/" not in refused.text
    assert "alert" in refused.html


def test_view_escapes_what_a_certificate_says_and_names_no_date():
    view = served_view(MET, "node2")
    assert "<b>Lab" not in view.html
    assert "&lt;b&gt;Lab" in view.html
    assert str(OWN.not_after.year) not in view.text


def test_view_without_tls_says_so():
    assert "no TLS here" in served_view(Served("registry.lab:5000", words="eof"), "node2").text
    silent = Served("registry.lab:5000", words="Connection refused")
    assert "nobody listens" in served_view(silent, "node2").text
