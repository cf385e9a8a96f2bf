"""Webhooks: who is told of a push, in Docker Hub's payload, with a signature that Docker Hub lacks."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import secrets
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlsplit

import urllib3
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Min
from django.utils import timezone

from labs.hub.error_text import CONFLICT
from labs.hub.models import Delivery, Repository, Tag, Webhook

# A receiver that is down for some minutes misses nothing.
PAUSES_S = (1, 2, 5, 15, 60, 300)
MOST = 10
_TIMEOUT_S, _WHOLE_S = 5.0, 10.0
_AT_ONCE = 4
_SHOWN = 1000


def queue(tag: Tag) -> None:
    """Note one delivery for each webhook of the tag's repository."""
    body = json.dumps(payload(tag))
    for webhook in tag.repository.webhooks.all():
        Delivery.objects.create(webhook=webhook, payload=body, next_try=timezone.now())


def payload(tag: Tag) -> dict[str, object]:
    """What Docker Hub sends, without `callback_url`, which it no longer answers, and with the digest besides."""
    repository = tag.repository
    pushed = int(tag.pushed.timestamp())
    return {
        "push_data": {
            "pushed_at": pushed,
            "pusher": tag.pusher,
            "tag": tag.name,
            "digest": tag.image.digest,
        },
        "repository": {
            "repo_name": str(repository),
            "namespace": repository.namespace.name,
            "name": repository.name,
            "owner": repository.namespace.name,
            "repo_url": f"https://{settings.HOSTS[0]}/{repository}",
            "description": repository.description,
            "full_description": repository.full_description,
            "is_private": repository.private,
            "is_official": False,
            "is_trusted": False,
            "comment_count": 0,
            "star_count": 0,
            "date_created": int(repository.created.timestamp()),
            "status": "Active",
        },
    }


def signature(secret: str, time: str, body: str) -> str:
    """`sha256=` and the HMAC of time, dot and body: with the time, an old delivery cannot be sent again later."""
    mac = hmac.new(secret.encode(), f"{time}.{body}".encode(), hashlib.sha256)
    return f"sha256={mac.hexdigest()}"


def check_url(url: str) -> None:
    """Accept a URL of a webhook.

    Raises:
        ValidationError: With what is wrong.
    """
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError as error:
        raise ValidationError("not a URL: %(url)r", params={"url": url}) from error
    if parts.scheme not in ("http", "https") or not host:
        raise ValidationError(
            "a URL with http:// or https:// and a host; got %(url)r", params={"url": url}
        )
    if parts.username or parts.password:
        raise ValidationError(
            "no user and password in the URL: everyone who reads the page would see them"
        )


def add(repository: Repository, name: str, url: str) -> Webhook:
    """Add a webhook with a new secret.

    Raises:
        ValidationError: The URL is not one, or the repository has enough.
    """
    check_url(url)
    if repository.webhooks.count() >= MOST:
        raise ValidationError(
            f"{repository} has {MOST} webhooks, the most that a repository can have", code=CONFLICT
        )
    webhook = Webhook(repository=repository, name=name, url=url, secret=secrets.token_hex(20))
    webhook.full_clean()
    webhook.save()
    return webhook


def deliver_due() -> int:
    """Send what is due, of each webhook the oldest; return how many were tried.

    A receiver that is slow delays its own webhook, and at most a few others: what is due longest comes first.
    """
    due = Delivery.objects.filter(state=Delivery.Outcome.WAITING, next_try__lte=timezone.now())
    oldest = due.values("webhook").annotate(first=Min("id")).values("first")
    tried = list(
        due.filter(pk__in=oldest).select_related("webhook").order_by("next_try")[:_AT_ONCE]
    )
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        results = list(pool.map(_post, tried))
    for delivery, (status, text) in zip(tried, results, strict=True):
        _note(delivery, status, text)
    return len(tried)


def send_again(delivery: Delivery) -> Delivery:
    """Queue the same payload once more, as a delivery of its own."""
    return Delivery.objects.create(
        webhook=delivery.webhook, payload=delivery.payload, next_try=timezone.now()
    )


def _note(delivery: Delivery, status: int | None, text: str) -> None:
    attempts = delivery.attempts + 1
    values: dict[str, object] = {"status": status, "response": text[:_SHOWN], "attempts": attempts}
    if status is not None and status < 300:
        values["state"] = Delivery.Outcome.DELIVERED
    elif attempts > len(PAUSES_S):
        values["state"] = Delivery.Outcome.GIVEN_UP
    else:
        values["next_try"] = timezone.now() + timedelta(seconds=PAUSES_S[attempts - 1])
    # Not `save`, which would write it again after the webhook was deleted.
    Delivery.objects.filter(pk=delivery.pk).update(**values)


def _post(delivery: Delivery) -> tuple[int | None, str]:
    """The receiver's status and the begin of its answer; None and what is wrong."""
    try:
        return _sent(delivery.webhook, delivery.payload, delivery.pk)
    except ValidationError as wrong:
        return None, " ".join(wrong.messages)
    except Exception as wrong:  # nothing that a receiver answers may end the deliveries of others
        return None, f"{type(wrong).__name__}: {wrong}"


def _sent(webhook: Webhook, body: str, number: int) -> tuple[int, str]:
    parts = urlsplit(webhook.url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    address = allowed_address(host)
    time = str(int(timezone.now().timestamp()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "hub-webhook/1",
        "Host": parts.netloc,
        "X-Hub-Delivery": str(number),
        "X-Hub-Timestamp": time,
        "X-Hub-Signature-256": signature(webhook.secret, time, body),
    }
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    # To the address that was looked at, not to the name again: its second answer could be another.
    with _pool(parts.scheme, host, address, port) as pool:
        # No redirect is followed: it could lead to where the hub sends nothing.
        answer = pool.request(
            "POST", path, body=body.encode(), headers=headers, redirect=False, preload_content=False
        )
        # One that sends a byte now and then would never time out.
        ender = threading.Timer(_WHOLE_S, answer.shutdown)
        ender.start()
        try:
            return answer.status, answer.read(_SHOWN).decode(errors="replace")
        finally:
            ender.cancel()
            answer.close()


def _pool(scheme: str, host: str, address: str, port: int) -> urllib3.HTTPConnectionPool:
    timeout = urllib3.Timeout(_TIMEOUT_S)
    if scheme == "http":
        return urllib3.HTTPConnectionPool(address, port, timeout=timeout, retries=False)
    return urllib3.HTTPSConnectionPool(
        address,
        port,
        timeout=timeout,
        retries=False,
        server_hostname=host,
        assert_hostname=host,
        # The playground's authority: there is no other in its network.
        ca_certs=str(settings.ENGINE_CERTIFICATES / "ca.pem"),
    )


def allowed_address(host: str) -> str:
    """Return the address of a host, if the hub sends webhooks there.

    A webhook's URL is chosen by anyone who administers a repository, and the hub reaches what they do not: the
    registry, the database, and addresses of the machine. So it sends to the playground's network alone, and neither to
    itself nor to the gateway, which is the machine.

    Raises:
        ValidationError: It is elsewhere, or there is no such host.
    """
    try:
        found = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_STREAM)[0][4][0]
    except OSError as error:
        raise ValidationError(f"no such host: {host}") from error
    address = ipaddress.ip_address(found)
    if (
        settings.NETWORK is None
        or address not in settings.NETWORK
        or address in settings.NO_WEBHOOKS
    ):
        raise ValidationError(f"{host} is {address}, where the hub sends no webhooks")
    return str(address)
