"""The hub in this process, with a database in memory that each test finds empty."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings

if "HUB_DATA" not in os.environ:
    os.environ["HUB_DATA"] = tempfile.mkdtemp(prefix="hub-")
    atexit.register(shutil.rmtree, os.environ["HUB_DATA"], ignore_errors=True)
os.environ.setdefault("HUB_NETWORK", "172.18.0.0/24")
os.environ.setdefault("HUB_NO_WEBHOOKS", "172.18.0.1 172.18.0.9")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "labs.hub.settings")
if not settings.configured:
    django.setup()

from django.db import connection
from django.test import Client, TestCase
from django.test.utils import setup_test_environment, teardown_test_environment

from labs.hub.automation import git
from labs.hub.models import Account, Namespace, Repository, Source
from labs.hub.rights.namespaces import found_organization, make_repository, sign_up
from tests.hub.automation.git_source import RULES, commit

PASSWORD = "correct horse"
Api = Callable[..., Any]


@pytest.fixture(scope="session")
def database() -> Iterator[None]:
    """The tables, made by the migrations as in a new hub."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    setup_test_environment()
    name = connection.creation.create_test_db(verbosity=0)
    yield
    connection.creation.destroy_test_db(name, verbosity=0)
    teardown_test_environment()


@pytest.fixture(autouse=True)
def undone(database: None) -> Iterator[None]:
    """What a test writes is gone after it."""
    TestCase.setUpClass()
    case = TestCase()
    case._pre_setup()
    yield
    case._post_teardown()
    TestCase.tearDownClass()


@pytest.fixture
def people() -> dict[str, Account]:
    """Accounts, and an organization that ada owns, with linus as a member."""
    found = {name: sign_up(name, PASSWORD) for name in ("ada", "grace", "linus", "eve")}
    acme = found_organization("acme", found["ada"])
    acme.memberships.create(account=found["linus"])
    return found


@pytest.fixture
def acme(people: dict[str, Account]) -> Namespace:
    """The organization."""
    return Namespace.objects.get(name="acme")


@pytest.fixture
def repository(people: dict[str, Account]) -> Callable[..., Repository]:
    """Make a repository: `repository("acme/app", private=True)`."""

    def make(path: str, *, private: bool = False) -> Repository:
        space, _, name = path.partition("/")
        return make_repository(Namespace.objects.get(name=space), name, private=private)

    return make


@pytest.fixture
def client() -> Client:
    """A browser or another client, without a login."""
    return Client(HTTP_HOST="hub.lab")


@pytest.fixture
def api(client: Client, people: dict[str, Account]) -> Api:
    """Send a request as an account: `api("ada", "GET", "/v2/access-tokens")`."""

    def send(who: str, method: str, path: str, /, *, secret: str = PASSWORD, **body: Any) -> Any:
        headers = {}
        if who:
            login = {"identifier": who, "secret": secret}
            token = client.post("/v2/auth/token", login, content_type="application/json").json()
            headers["HTTP_AUTHORIZATION"] = f"Bearer {token['access_token']}"
        data = json.dumps(body) if body else ""
        return client.generic(method, path, data, content_type="application/json", **headers)

    return send


@pytest.fixture
def source(
    repository: Callable[..., Repository], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Source:
    """A source with one commit, linked to acme/app, which has two rules."""
    monkeypatch.setattr(settings, "GIT_FOLDER", tmp_path / "git")
    app = repository("acme/app")
    for kind, pattern, tag in RULES:
        app.rules.create(kind=kind, source=pattern, tag=tag)
    made = Source.objects.create(namespace=app.namespace, name="app", repository=app)
    folder = git.init(made)
    commit(
        folder, tmp_path / "work", {"Dockerfile": "FROM busybox\n", "sub/Dockerfile": "FROM x\n"}
    )
    return made
