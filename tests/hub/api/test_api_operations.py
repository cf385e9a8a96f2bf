"""All operations of the API, by its document: each example is accepted, and each wrong caller and body is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from django.test import Client

from labs.hub import registry_reader
from labs.hub.automation import git
from labs.hub.models import AccessToken, Account, Build, Namespace
from tests.hub.api.api_world import ALL, DOCUMENT, World, content_of, make_world
from tests.hub.conftest import Api

PUBLIC = {"/v2/users", "/v2/auth/token"}


def some(wanted: Callable[[str, dict[str, Any]], bool]) -> pytest.MarkDecorator:
    """A test of those operations of which this is true, by path and operation."""
    chosen = [each for each in ALL if wanted(each[1], each[2])]
    ids = [f"{method} {path}" for method, path, _ in chosen]
    return pytest.mark.parametrize(("method", "path", "operation"), chosen, ids=ids)


every = some(lambda path, operation: True)
with_body = some(lambda path, operation: "requestBody" in operation)
with_login = some(lambda path, operation: path not in PUBLIC)
with_parts = some(lambda path, operation: "{" in path)
of_others = some(lambda path, operation: "{" in path and "{uuid}" not in path)
of_teams = some(lambda path, operation: "{repository}" in path and "collaborators" not in path)
COMMIT = "c0ffee" * 6 + "c0ff"


@pytest.fixture
def world(people: dict[str, Account], acme: Namespace, monkeypatch: pytest.MonkeyPatch) -> World:
    """One of everything; the registry deletes what it is told to, and git has one commit."""
    monkeypatch.setattr(git, "init", lambda _: None)
    monkeypatch.setattr(registry_reader, "delete", lambda *_: 202)
    monkeypatch.setattr(registry_reader, "tags", lambda _: [])
    monkeypatch.setattr(git, "resolve", lambda *_: COMMIT)
    monkeypatch.setattr(git, "message_of", lambda *_: "one")
    return make_world(people, acme)


def example(operation: dict[str, Any], world: World) -> dict[str, Any]:
    """The example of a body; the login's password and a group's number are those of this world."""
    found = dict(content_of(operation).get("example", {}))
    if "group_id" in found:
        found["group_id"] = world.numbers["groups/{id}"]
    if "secret" in found:
        found["secret"] = "correct horse"
    return found


def send(api: Api, who: str, method: str, path: str, body: dict[str, Any], secret: str = "") -> Any:
    more = {"secret": secret} if secret else {}
    if "secret" in body:  # of the login itself
        return Client(HTTP_HOST="hub.lab").post(path, body, content_type="application/json")
    return api(who, method, path, **more, **body)


def level_of(path: str, method: str) -> str:
    """What the rules for a repository's operations are: Docker Hub's table of permissions."""
    if "/groups" in path or "/collaborators" in path:
        return "admin"
    if path.endswith(("/builds/{number}", "/retry", "/cancel")) or (
        path.endswith("/builds") and method == "POST"
    ):
        return "write"
    read = path.endswith(("/{repository}", "/tags", "/tags/{tag}", "/builds"))
    return "read" if read and (method in ("GET", "HEAD") or "/tags" in path) else "admin"


@every
def test_example_is_accepted_and_its_answer_is_as_documented(
    api: Api, world: World, method: str, path: str, operation: dict[str, Any]
):
    if "cancel" not in path:
        Build.objects.update(state=Build.State.SUCCESS)
    answer = send(api, "ada", method, world.path(path), example(operation, world))
    status = str(answer.status_code)
    assert status in operation["responses"], answer.content
    assert status == next(iter(operation["responses"])), answer.content
    content = operation["responses"][status].get("content")
    if method == "HEAD" or content is None:
        assert answer.content == b""
        return
    schema = content["application/json"]["schema"]
    known = {"$defs": {}, "components": DOCUMENT["components"], **schema}
    jsonschema.Draft202012Validator(known).validate(answer.json())


@every
def test_stranger_reads_what_is_public_and_no_more(
    api: Api, world: World, method: str, path: str, operation: dict[str, Any]
):
    answer = send(api, "", method, world.path(path), example(operation, world))
    if path in PUBLIC or (path == "/v2/namespaces/{namespace}/repositories" and method == "GET"):
        assert answer.status_code < 300
    elif "{repository}" in path and level_of(path, method) == "read":
        assert answer.status_code in (200, 405)
    else:
        assert answer.status_code == 401, answer.content
        assert method == "HEAD" or "/v2/auth/token" in answer.json()["message"]


@of_others
def test_others_are_refused_and_see_nothing_that_is_private(
    api: Api, world: World, method: str, path: str, operation: dict[str, Any]
):
    world.app.private = True
    world.app.save()
    who = "grace" if "collaborators" in path else "eve"
    answer = send(api, who, method, world.path(path), example(operation, world))
    if path == "/v2/namespaces/{namespace}/repositories" and method == "GET":
        assert "app" not in [each["name"] for each in answer.json()["results"]]
    else:
        wanted = 403 if "collaborators" in path else 404
        assert answer.status_code == wanted, answer.content


@of_teams
@pytest.mark.parametrize(("who", "levels"), [("linus", {"read"}), ("grace", {"read", "write"})])
def test_team_may_do_what_its_level_says(
    api: Api,
    world: World,
    method: str,
    path: str,
    operation: dict[str, Any],
    who: str,
    levels: set[str],
):
    if "cancel" not in path:
        Build.objects.update(state=Build.State.SUCCESS)
    answer = send(api, who, method, world.path(path), example(operation, world))
    if level_of(path, method) in levels:
        assert answer.status_code in (200, 201, 405), answer.content
    else:
        assert answer.status_code == 403, answer.content
        said = answer.json()["message"]
        assert "wanted" in said or said == "only an owner of acme deletes its repositories"


@with_login
@pytest.mark.parametrize("scope", AccessToken.Scope.values)
def test_access_token_needs_the_scope(
    api: Api,
    people: dict[str, Account],
    world: World,
    method: str,
    path: str,
    operation: dict[str, Any],
    scope: str,
):
    if "cancel" not in path:
        Build.objects.update(state=Build.State.SUCCESS)
    _, secret = AccessToken.make(people["ada"], "robot", scope)
    answer = send(api, "ada", method, world.path(path), example(operation, world), secret)
    if "{repository}" in path:
        needed = level_of(path, method)
    elif path.startswith("/v2/namespaces"):
        needed = "read" if method == "GET" else "admin"
    else:
        reads = "/orgs/{org}" in path and method == "GET"
        needed = "read" if reads else "none"
    order = ["repo:public_read", "repo:read", "repo:write", "repo:admin"]
    least = {"read": 0, "write": 2, "admin": 3, "none": 9}[needed]
    if order.index(scope) >= least:
        assert answer.status_code in (200, 201, 204, 405), answer.content
    else:
        assert answer.status_code == 403, answer.content
        assert "access token" in answer.json()["message"]


def is_wrong(value: object, field: dict[str, Any]) -> bool:
    """Whether a value breaks what the document says of a field."""
    return not jsonschema.Draft202012Validator(field).is_valid(value)


@with_body
def test_wrong_body_says_what_was_seen_and_what_to_send(
    api: Api, client: Client, world: World, method: str, path: str, operation: dict[str, Any]
):
    schema, right = content_of(operation)["schema"], example(operation, world)
    for text in ("{", "[1]", '"x"', '{"x": "\\ud800"}', "[" * 100_000, b"\xff"):
        answer = client.generic(method, world.path(path), text, content_type="application/json")
        assert answer.status_code == 400
        assert "the body is not" in answer.json()["message"]
    if "secret" in right:
        return
    unknown = api("ada", method, world.path(path), **{**right, "colour": "red"})
    assert unknown.status_code == 400
    assert "known are" in unknown.json()["message"]
    for name, field in schema["properties"].items():
        long = "x" * 30_000
        for value in (None, {}, 1.5, 7, "", long):
            if not is_wrong(value, field):
                continue
            answer = api("ada", method, world.path(path), **{**right, name: value})
            assert answer.status_code == 400, (name, value)
            assert answer.json()["message"].startswith(f"{name}: "), answer.json()
            assert len(answer.json()["message"]) < 500
            assert ("; got " in answer.json()["message"]) == (name != "password")
        if name in schema["required"]:
            less = {key: value for key, value in right.items() if key != name}
            answer = api("ada", method, world.path(path), **less)
            assert answer.json()["message"].startswith(f"{name} is missing") or not less


@with_parts
def test_what_is_not_there_is_404(
    api: Api, world: World, method: str, path: str, operation: dict[str, Any]
):
    parts = [part for part in path.split("/") if part.startswith("{")]
    for part in parts:
        for other in ("999999999", "nothing", "x" * 300, "1" * 30, "ACME", "%00", "%ff", "²"):
            filled = world.path(path.replace(part, "\N{BULLET}")).replace("\N{BULLET}", other)
            answer = send(api, "ada", method, filled, example(operation, world))
            listed = part == "{namespace}" and method == "GET" and path.endswith("/repositories")
            if listed:
                assert answer.json()["count"] == 0
            elif operation["operationId"] == "refuse_to_delete_tag" and part == "{tag}":
                assert answer.status_code == 405
            else:
                assert answer.status_code == 404, (filled, answer.content)
                assert method == "HEAD" or len(answer.json()["message"]) > 10


@pytest.mark.parametrize("path", sorted(DOCUMENT["paths"]))
def test_other_method_is_405_and_names_those_there_are(api: Api, world: World, path: str):
    answer = api("ada", "TRACE", world.path(path))
    assert answer.status_code == 405
    methods = {method.upper() for method in DOCUMENT["paths"][path]}
    assert set(answer.headers["Allow"].split(", ")) == methods


@pytest.mark.parametrize(
    "path", ["/v2/orgs", "/v2/namespaces/", "/v2/orgs/a/b/c", "/v2/repositories/acme/app"]
)
def test_path_that_the_api_lacks_is_json_too(client: Client, path: str):
    answer = client.get(path)
    assert answer.status_code in (404, 405)
    assert answer.json()["message"]
