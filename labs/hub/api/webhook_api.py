"""Webhooks and their deliveries by API."""

from __future__ import annotations

from typing import Any

from labs.hub.api.api_rights import row_of
from labs.hub.api.api_session import ApiRequest
from labs.hub.api.json_body import NUMBER, TEXT, TIME, body, field, maybe
from labs.hub.api.operation import Operations
from labs.hub.api.row_record import RowRecord
from labs.hub.automation import webhooks
from labs.hub.models import Delivery, Level, Repository, Webhook

operations = Operations("Webhooks", own=True, level=Level.ADMIN)
_ALL = "/v2/namespaces/{namespace}/repositories/{repository}/webhooks"
_WEBHOOK = RowRecord("Webhook", id=NUMBER, name=TEXT, url=TEXT)
_NEW_WEBHOOK = RowRecord("NewWebhook", id=NUMBER, name=TEXT, url=TEXT, secret=TEXT)
_DELIVERY = RowRecord(
    "Delivery",
    id=NUMBER,
    state={**TEXT, "enum": Delivery.Outcome.values},
    attempts=NUMBER,
    created=TIME,
    next_try=TIME,
    response_status=(maybe(NUMBER), "status"),
    response_body=(TEXT, "response"),
    payload=TEXT,
)


@operations.add("GET", _ALL, answer=_WEBHOOK, paged=True)
def list_webhooks(request: ApiRequest, repository: Repository) -> Any:
    """List webhooks, without their secrets: for administrators."""
    return repository.webhooks.order_by("id")


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
def create_webhook(request: ApiRequest, repository: Repository) -> Any:
    """Add a webhook; the secret that signs its deliveries is in this answer alone: for administrators."""
    return webhooks.add(repository, request.body["name"], request.body["url"])


@operations.add("DELETE", f"{_ALL}/{{id}}", status=204)
def delete_webhook(request: ApiRequest, repository: Repository, id: str) -> None:
    """Delete a webhook with its deliveries: for administrators."""
    _found(repository, id).delete()


@operations.add("GET", f"{_ALL}/{{id}}/deliveries", answer=_DELIVERY, paged=True)
def list_deliveries(request: ApiRequest, repository: Repository, id: str) -> Any:
    """List the deliveries of a webhook, the newest first: for administrators.

    The response's body is kept up to 1000 characters. Without an answer, it says what went wrong.
    """
    return _found(repository, id).deliveries.all()


@operations.add(
    "POST", f"{_ALL}/{{id}}/deliveries/{{number}}/redeliver", status=201, answer=_DELIVERY
)
def redeliver(request: ApiRequest, repository: Repository, **numbers: str) -> Any:
    """Send a payload once more, as a new delivery: for administrators."""
    webhook = _found(repository, numbers["id"])
    return webhooks.send_again(row_of(webhook.deliveries, numbers["number"], "delivery"))


def _found(repository: Repository, number: str) -> Webhook:
    webhook: Webhook = row_of(repository.webhooks, number, "webhook")
    return webhook
