"""How many accounts one address makes: a class at once, a program some hundred an hour."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from labs.hub.models import Account, Namespace
from labs.hub.rights.namespaces import forget_addresses

PATH, PASSWORD = "/v2/users", "hamilton 69"
FREE = 100


def ask(client: Client, name: str, address: str = "172.18.0.2") -> Any:
    given = {"username": name, "password": PASSWORD}
    return client.post(PATH, given, content_type="application/json", HTTP_X_REAL_IP=address)


@pytest.fixture
def full(client: Client) -> None:
    """As many accounts as an address makes without a wait."""
    answers = {ask(client, f"student{number}").status_code for number in range(FREE)}
    assert answers == {201}


def test_program_is_slowed_down_and_told_how_long(client: Client, full: None):
    refused = ask(client, "onemore")
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == refused.headers["X-Retry-After"] == "1"
    assert "too many new accounts from this address: try again in 1 s" in refused.json()["message"]
    assert not Namespace.objects.filter(name="onemore").exists()
    assert not Account.objects.filter(username="onemore").exists()
    assert ask(client, "elsewhere", "172.18.0.3").status_code == 201


def test_page_says_it_beside_the_form_and_keeps_the_name(client: Client, full: None):
    given = {"username": "onemore", "password": PASSWORD}
    answer = client.post("/signup", given, HTTP_X_REAL_IP="172.18.0.2")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    shown = answer.content.decode()
    assert "too many new accounts from this address: try again in 1 s" in shown
    assert 'value="onemore"' in shown
    assert "hub_session" not in answer.cookies


def test_name_that_is_taken_is_told_all_the_same(client: Client, full: None):
    """A lesson's `sign_up` of an account that is there logs in after a 409."""
    assert ask(client, "student1").status_code == 409


@pytest.mark.parametrize(
    ("more", "ago", "status"),
    [(0, 2, 201), (3, 2, 429), (3, 9, 201), (20, 59, 429), (20, 61, 201), (20, 3601, 201)],
)
def test_pause_grows_to_a_minute_and_ends(
    client: Client, full: None, more: int, ago: int, status: int
):
    """What is counted is in the database, so a restart changes nothing."""
    for number in range(more):
        Account.objects.create(username=f"more{number}", address="172.18.0.2")
    Account.objects.update(created=timezone.now() - timedelta(seconds=ago))
    assert ask(client, "onemore").status_code == status


def test_wrong_names_and_passwords_are_not_counted(client: Client):
    for _ in range(FREE + 5):
        assert ask(client, "x").status_code == 400
    assert ask(client, "right").status_code == 201


def test_addresses_are_forgotten_after_an_hour(client: Client):
    ask(client, "old")
    Account.objects.update(created=timezone.now() - timedelta(minutes=61))
    ask(client, "fresh")
    forget_addresses()
    assert dict(Account.objects.values_list("username", "address")) == {
        "old": "",
        "fresh": "172.18.0.2",
    }
