"""Webhooks: payload, signature, tries again, and where they are not sent."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from labs.hub.automation import webhooks
from labs.hub.models import Delivery, Repository, Tag, Webhook


class Receiver:
    """An HTTP server that keeps what it gets and answers with what it is told."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], str]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                outer.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                status, headers = outer.answers.pop(0) if outer.answers else (200, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(b"thanks")

            def log_message(self, *_: Any) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook?a=b"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver on this machine, which the hub is allowed to reach for this test."""
    monkeypatch.setattr(settings, "NETWORK", ip_network("127.0.0.0/8"))
    monkeypatch.setattr(settings, "NO_WEBHOOKS", set())
    found = Receiver()
    yield found
    found.close()


@pytest.fixture
def tag(repository: Callable[..., Repository]) -> Tag:
    """A tag that was pushed."""
    app = repository("acme/app")
    now = timezone.now()
    image = app.images.create(digest="sha256:" + "a" * 64, media_type="m", pushed=now)
    return Tag.objects.create(repository=app, image=image, name="1", pushed=now, pusher="linus")


def hook(tag: Tag, url: str) -> Webhook:
    return Webhook.objects.create(repository=tag.repository, name="deploy", url=url, secret="s3")


def due() -> None:
    """Make what waits due now."""
    Delivery.objects.filter(state=Delivery.Outcome.WAITING).update(next_try=timezone.now())


def test_delivery_has_the_payload_of_docker_hub_and_a_signature(receiver: Receiver, tag: Tag):
    hook(tag, receiver.url)
    webhooks.queue(tag)
    assert webhooks.deliver_due() == 1
    ((headers, body),) = receiver.got
    sent = json.loads(body)
    assert sent["push_data"]["tag"] == "1"
    assert sent["push_data"]["pusher"] == "linus"
    assert sent["repository"]["repo_name"] == "acme/app"
    assert "callback_url" not in sent
    text = f"{headers['x-hub-timestamp']}.{body}".encode()
    wanted = "sha256=" + hmac.new(b"s3", text, hashlib.sha256).hexdigest()
    assert headers["x-hub-signature-256"] == wanted
    done = Delivery.objects.get()
    assert (done.state, done.status, done.response, done.attempts) == (
        "delivered",
        200,
        "thanks",
        1,
    )
    assert webhooks.deliver_due() == 0


def test_failed_delivery_is_tried_again_later_and_given_up_at_last(receiver: Receiver, tag: Tag):
    hook(tag, receiver.url)
    webhooks.queue(tag)
    receiver.answers = [(500, {})] * 7
    pauses = []
    for _ in range(len(webhooks.PAUSES_S)):
        before = timezone.now()
        assert webhooks.deliver_due() == 1
        pauses.append(round((Delivery.objects.get().next_try - before).total_seconds()))
        assert webhooks.deliver_due() == 0
        due()
    assert tuple(pauses) == webhooks.PAUSES_S
    webhooks.deliver_due()
    assert Delivery.objects.get().state == Delivery.Outcome.GIVEN_UP
    due()
    assert webhooks.deliver_due() == 0


def test_delivery_that_failed_can_be_sent_again(receiver: Receiver, tag: Tag):
    hook(tag, receiver.url)
    webhooks.queue(tag)
    receiver.answers = [(503, {})]
    webhooks.deliver_due()
    webhooks.send_again(Delivery.objects.get())
    webhooks.deliver_due()
    assert receiver.got[0][1] == receiver.got[1][1]
    assert sorted(each.state for each in Delivery.objects.all()) == ["delivered", "waiting"]


def test_redirect_is_not_followed(receiver: Receiver, tag: Tag):
    hook(tag, receiver.url)
    receiver.answers = [(302, {"Location": receiver.url})]
    webhooks.queue(tag)
    webhooks.deliver_due()
    assert len(receiver.got) == 1
    assert Delivery.objects.get().state == Delivery.Outcome.WAITING


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "0.0.0.0",
        "169.254.169.254",
        "10.0.0.1",
        "172.18.0.1",
        "172.18.0.9",
    ],
)
def test_nothing_is_sent_elsewhere(tag: Tag, host: str):
    """The registry and the database are on 127.0.0.1, the machine is .1, the hub itself .9."""
    with pytest.raises(ValidationError, match="sends no webhooks"):
        webhooks.allowed_address(host)
    hook(tag, f"http://{host}:5000/")
    webhooks.queue(tag)
    webhooks.deliver_due()
    found = Delivery.objects.get()
    assert found.state == Delivery.Outcome.WAITING
    assert "sends no webhooks" in found.response


def test_node_is_allowed():
    assert webhooks.allowed_address("172.18.0.2") == "172.18.0.2"


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("ftp://node1/", "http://"),
        ("http://", "a host"),
        ("node1:8080", "http://"),
        ("file:///etc/passwd", "http://"),
        ("http://ada:secret@node1/", "no user and password"),
        ("http://node1:99999/", "not a URL"),
        ("http://node1:abc/", "not a URL"),
        ("http://a..b/", "not a URL"),
        (f"http://{'a' * 64}/", "not a URL"),
        ("http://[::1/", "not a URL"),
    ],
)
def test_url_that_is_refused(url: str, wrong: str):
    with pytest.raises(ValidationError, match=wrong):
        webhooks.check_url(url)


def test_due_deliveries_wait_for_their_time(receiver: Receiver, tag: Tag):
    each = hook(tag, receiver.url)
    later = timezone.now() + timedelta(seconds=30)
    Delivery.objects.create(webhook=each, payload="{}", next_try=later)
    assert webhooks.deliver_due() == 0
    assert receiver.got == []


def test_receiver_that_cannot_be_told_keeps_no_other_waiting(receiver: Receiver, tag: Tag):
    for url in ("http://node1:99999/", "http://nobody.invalid/", receiver.url):
        hook(tag, url)
    webhooks.queue(tag)
    assert webhooks.deliver_due() == 3
    assert len(receiver.got) == 1
    assert {each.attempts for each in Delivery.objects.all()} == {1}


def test_deliveries_of_one_webhook_are_sent_in_order(receiver: Receiver, tag: Tag):
    each = hook(tag, receiver.url)
    for number in range(3):
        Delivery.objects.create(webhook=each, payload=str(number), next_try=timezone.now())
    while webhooks.deliver_due():
        pass
    assert [body for _, body in receiver.got] == ["0", "1", "2"]


def test_webhook_that_was_deleted_meanwhile_is_no_error(receiver: Receiver, tag: Tag):
    each = hook(tag, receiver.url)
    webhooks.queue(tag)
    delivery = Delivery.objects.get()
    each.delete()
    webhooks._note(delivery, 200, "")
    assert not Delivery.objects.exists()


def test_repository_has_ten_webhooks_at_most(tag: Tag):
    for number in range(webhooks.MOST):
        webhooks.add(tag.repository, str(number), "http://node1/")
    with pytest.raises(ValidationError, match="the most"):
        webhooks.add(tag.repository, "one more", "http://node1/")


def test_flood_of_one_webhook_keeps_no_other_waiting(receiver: Receiver, tag: Tag):
    """What is due longest comes first, and not what was queued last."""
    first = hook(tag, receiver.url)
    due_since = timezone.now() - timedelta(seconds=5)
    Delivery.objects.create(webhook=first, payload='"mine"', next_try=due_since)
    for number in range(20):
        flood = hook(tag, receiver.url)
        Delivery.objects.create(webhook=flood, payload=str(number), next_try=timezone.now())
    webhooks.deliver_due()
    assert '"mine"' in [body for _, body in receiver.got]


def test_old_or_changed_delivery_is_refused_by_a_receiver_that_looks(receiver: Receiver, tag: Tag):
    """The check of a receiver: the signature covers the time, so an old delivery cannot get a new time."""
    hook(tag, receiver.url)
    webhooks.queue(tag)
    webhooks.deliver_due()
    ((headers, body),) = receiver.got

    def accepted(at: str, text: str, now: float) -> bool:
        wanted = "sha256=" + hmac.new(b"s3", f"{at}.{text}".encode(), hashlib.sha256).hexdigest()
        return hmac.compare_digest(wanted, headers["x-hub-signature-256"]) and now - int(at) < 300

    at = headers["x-hub-timestamp"]
    now = float(at)
    assert accepted(at, body, now)
    assert not accepted(at, body, now + 301)
    assert not accepted(str(int(at) + 301), body, now + 301)
    assert not accepted(at, body.replace("linus", "eve"), now)
