"""People who use a hub in tests: by its pages, its API, git, and `docker` in a node."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import httpx

from labs.playground import Node
from labs.playground.hub_container import HubServer

PASSWORDS = {name: f"{name}-password" for name in ("ada", "linus", "grace", "eve")}
MANIFESTS = "application/vnd.docker.distribution.manifest.v2+json"


class Person:
    """One account: by the API, and by `docker` in a node."""

    def __init__(self, hub: HubServer, name: str) -> None:
        self.name = name
        self.http = httpx.Client(base_url=hub.url, timeout=30, trust_env=False)
        if name:
            login = {"identifier": name, "secret": PASSWORDS[name]}
            token = self.http.post("/v2/auth/token", json=login).json()["access_token"]
            self.http.headers["Authorization"] = f"Bearer {token}"

    def token(self, *scopes: str) -> str:
        """A token of the registry, as an engine asks for one."""
        with httpx.Client(base_url=str(self.http.base_url), trust_env=False) as client:
            login = (self.name, PASSWORDS[self.name]) if self.name else None
            answer = client.get("/auth/token", params=[("scope", s) for s in scopes], auth=login)
        assert answer.status_code == 200
        return str(answer.json()["token"])

    def ask(self, method: str, repository: str, path: str, action: str, **more: Any) -> int:
        """The registry's status for one request, with a token for one action."""
        headers = {"Authorization": f"Bearer {self.token(f'repository:{repository}:{action}')}"}
        with httpx.Client(base_url=str(self.http.base_url), trust_env=False) as client:
            url = f"/v2/{repository}/{path}"
            return client.request(
                method, url, headers={**headers, "Accept": MANIFESTS}, **more
            ).status_code


def sign_up(hub: HubServer, name: str) -> None:
    """By the page, as a person does it."""
    with httpx.Client(base_url=hub.url, trust_env=False, follow_redirects=True) as browser:
        form = browser.get("/signup").text
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
        assert token
        given = {"csrfmiddlewaretoken": token[1], "username": name, "password": PASSWORDS[name]}
        assert browser.post("/signup", data=given, headers={"Referer": hub.url}).status_code == 200


def populate(hub: HubServer) -> None:
    """Make the accounts, and the organization acme, which ada owns."""
    for name in PASSWORDS:
        sign_up(hub, name)
    made = Person(hub, "ada").http.post("/v2/orgs", json={"orgname": "acme"})
    assert made.status_code == 201, made.text


def log_in(browser: httpx.Client, name: str) -> None:
    post(browser, "/login", username=name, password=PASSWORDS[name])


def post(browser: httpx.Client, path: str, /, at: str = "", **given: str) -> httpx.Response:
    """Send a form of a page."""
    page = browser.get(at or path).text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    given["csrfmiddlewaretoken"] = token[1]
    headers = {"Referer": str(browser.base_url)}
    return browser.post(path, data=given, headers=headers)


def docker(node: Node, *command: str, stdin: str = "") -> tuple[int, str]:
    """Run `docker` in a node, where logins of earlier calls are kept."""
    script = 'printf %s "$0" | docker "$@"' if stdin else 'docker "$@"'
    done = node.exec(["sh", "-c", script, *([stdin] if stdin else ["-"]), *command])
    return done.exit_code, done.stdout + done.stderr


def as_account(node: Node, name: str) -> None:
    docker(node, "logout", "hub.lab")
    if name:
        login = ("login", "hub.lab", "-u", name, "--password-stdin")
        code, said = docker(node, *login, stdin=PASSWORDS[name])
        assert code == 0, said


def push(node: Node, path: str, image: str = "hello-world") -> tuple[int, str]:
    node.docker.images.pull(image, "latest")
    docker(node, "tag", image, f"hub.lab/{path}")
    return docker(node, "push", f"hub.lab/{path}")


def git(work: Path, *arguments: str) -> str:
    """Run git for someone whose work is in a folder."""
    who = ("-c", "user.name=ada", "-c", "user.email=ada@hub.lab")
    command = ["git", *who, "-C", str(work), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr
