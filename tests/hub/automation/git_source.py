"""A git repository of the hub for tests: commits, and what the hook says of a push."""

from __future__ import annotations

import subprocess
from pathlib import Path

from django.test import Client

from labs.hub.automation import git_http
from labs.hub.models import Source

RULES = (("branch", "main", "latest"), ("tag", r"/^v([0-9]+)\.([0-9]+)$/", r"{\1}.{\2}, {\1}"))


def commit(bare: Path, work: Path, files: dict[str, str], message: str = "first") -> None:
    """Commit files and push them to `main`, by the file system."""

    def run(*arguments: str) -> None:
        who = ("-c", "user.name=ada", "-c", "user.email=ada@hub.lab")
        subprocess.run(["git", *who, "-C", str(work), *arguments], check=True, capture_output=True)

    if not work.exists():
        work.mkdir()
        run("init", "-q", "-b", "main")
    for name, content in files.items():
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text(content)
    run("add", ".")
    run("commit", "-q", "-m", message)
    run("push", "-q", str(bare), "main")


def received(client: Client, source: Source, *, secret: str = "") -> str:
    """What the hook is answered after a push."""
    answer = client.post(
        f"/git-received/{source.pk}",
        "what git gave the hook",
        content_type="text/plain",
        HTTP_AUTHORIZATION=f"Bearer {secret or git_http.hook_secret()}",
    )
    return str(answer.content.decode()) if answer.status_code == 200 else str(answer.status_code)
