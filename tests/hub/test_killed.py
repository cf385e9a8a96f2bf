"""The hub's database in a file: several threads write it, and the process is killed in the middle."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.process
SETUP = """
import os, sys, threading
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
call_command("migrate", verbosity=0)
from labs.hub.models import Account, Namespace
from labs.hub.rights.namespaces import make_repository, sign_up
"""
WRITE = """
def write(number):
    for step in range(10_000):
        name = f"t{number}x{step}"
        make_repository(sign_up(name, "password").namespace, "app")
        os.write(1, f"{name}\\n".encode())
for number in range(8):
    threading.Thread(target=write, args=(number,)).start()
"""
READ = """
names = sys.stdin.read().split()
known = set(Account.objects.values_list("username", flat=True))
print(len(set(names) - known), Namespace.objects.filter(repositories=None).count() > 8)
sign_up("after", "password")
"""


def run(code: str, data: Path, **more: object) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "HUB_DATA": str(data),
        "DJANGO_SETTINGS_MODULE": "labs.hub.settings",
    }
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-c", SETUP + code], env=environment, **pipes)  # type: ignore[call-overload, no-any-return]


def test_what_was_acknowledged_is_there_after_a_kill(tmp_path: Path):
    writer = run(WRITE, tmp_path)
    assert writer.stdout is not None
    acknowledged = [writer.stdout.readline() for _ in range(300)]
    writer.kill()
    rest, errors = writer.communicate()
    acknowledged += rest.splitlines(keepends=True)
    whole = [line for line in acknowledged if line.endswith(b"\n")]
    assert b"locked" not in errors  # a thread waits for the one that writes
    assert len({line.split(b"x")[0] for line in whole}) > 1
    reader = run(READ, tmp_path)
    out, errors = reader.communicate(b"".join(whole))
    assert reader.returncode == 0, errors
    assert out.split() == [b"0", b"False"]
