"""Webhooks and their deliveries by API."""

from __future__ import annotations

from typing import Any

from labs.hub.api.api_rights import repository_seen, row_of
from labs.hub.api.json_body import NUMBER, TEXT, TIME, body, field, maybe, page_of, record
from labs.hub.api.listing import page
from labs.hub.api.operation import ApiRequest, Operations
from labs.hub.automation import webhooks
from labs.hub.models import Delivery, Level, Webhook

operations = Operations("Webhooks", own=True)
_ALL = "/v2/namespaces/{namespace}/repositories/{repository}/webhooks"
_WEBHOOK = record("Webhook", id=NUMBER, name=TEXT, url=TEXT)
_NEW_WEBHOOK = record("NewWebhook", id=NUMBER, name=TEXT, url=TEXT, secret=TEXT)
_DELIVERY = record(
    "Delivery",
    id=NUMBER,
    state={**TEXT, "enum": Delivery.Outcome.values},
    attempts=NUMBER,
    created=TIME,
    next_try=TIME,
    response_status=maybe(NUMBER),
    response_body=TEXT,
    payload=TEXT,
)


@operations.add("GET", _ALL, answer=page_of(_WEBHOOK), paged=True)
def list_webhooks(request: ApiRequest, namespace: str, repository: str) -> dict[str, Any]:
    """List webhooks, without their secrets: for administrators."""
    found = repository_seen(request, namespace, repository, Level.ADMIN)
    return page(request, found.webhooks.order_by("id"), _webhook)


@operations.add(
    "POST",
    _ALL,
    status=201,
    answer=_NEW_WEBHOOK,
    wrong={409: f"the repository has {webhooks.MOST} webhooks, the most that it can have"},
    body=body(
        name=field("what it is for", "deploy", maxLength=100),
        url=field(
            "where a push is told: a host in the playground",
            "http://node1:8080/hook",
            maxLength=500,
        ),
    ),
)
def create_webhook(request: ApiRequest, namespace: str, repository: str) -> dict[str, Any]:
    """Add a webhook; the secret that signs its deliveries is in this answer alone: for administrators."""
    found = repository_seen(request, namespace, repository, Level.ADMIN)
    made = webhooks.add(found, request.body["name"], request.body["url"])
    return {**_webhook(made), "secret": made.secret}


@operations.add("DELETE", f"{_ALL}/{{id}}", status=204)
def delete_webhook(request: ApiRequest, namespace: str, repository: str, id: str) -> None:
    """Delete a webhook with its deliveries: for administrators."""
    _found(request, namespace, repository, id).delete()


@operations.add("GET", f"{_ALL}/{{id}}/deliveries", answer=page_of(_DELIVERY), paged=True)
def list_deliveries(
    request: ApiRequest, namespace: str, repository: str, id: str
) -> dict[str, Any]:
    """List the deliveries of a webhook, the newest first: for administrators.

    The response's body is kept up to 1000 characters. Without an answer, it says what went wrong.
    """
    return page(request, _found(request, namespace, repository, id).deliveries.all(), _delivery)


@operations.add(
    "POST", f"{_ALL}/{{id}}/deliveries/{{number}}/redeliver", status=201, answer=_DELIVERY
)
def redeliver(
    request: ApiRequest, namespace: str, repository: str, **numbers: str
) -> dict[str, Any]:
    """Send a payload once more, as a new delivery: for administrators."""
    webhook = _found(request, namespace, repository, numbers["id"])
    return _delivery(webhooks.send_again(row_of(webhook.deliveries, numbers["number"], "delivery")))


def _found(request: ApiRequest, namespace: str, repository: str, number: str) -> Webhook:
    found = repository_seen(request, namespace, repository, Level.ADMIN)
    webhook: Webhook = row_of(found.webhooks, number, "webhook")
    return webhook


def _webhook(each: Webhook) -> dict[str, Any]:
    return {"id": each.pk, "name": each.name, "url": each.url}


def _delivery(each: Delivery) -> dict[str, Any]:
    return {
        "id": each.pk,
        "state": each.state,
        "attempts": each.attempts,
        "created": each.created.isoformat(),
        "next_try": each.next_try.isoformat(),
        "response_status": each.status,
        "response_body": each.response,
        "payload": each.payload,
    }
