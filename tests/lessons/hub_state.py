"""Empties the hub of a playground between cases: much quicker than a new playground."""

from __future__ import annotations

from labs.playground import Playground

# Repositories by the hub's own function, so that the registry has none of their tags; accounts stay.
_ROWS = """
import django
django.setup()
from labs.hub.models import AccessToken, FailedLogin, Namespace, Repository
from labs.hub.rights.namespaces import remove_repository
for repository in Repository.objects.all():
    remove_repository(repository)
for rows in (AccessToken.objects.all(), FailedLogin.objects.all(), Namespace.objects.filter(account=None)):
    rows.delete()
"""


def empty_hub(playground: Playground) -> None:
    """Remove repositories, organizations and access tokens. Blobs stay, as they do for a student."""
    done = playground.hub.container.exec_run(["python3.13", "-c", _ROWS])
    assert done.exit_code == 0, done.output.decode()


def new_hub(playground: Playground) -> None:
    """The same, and the registry has no blob: it is started again, since it remembers what it had."""
    empty_hub(playground)
    container = playground.hub.container
    done = container.exec_run(["sh", "-c", "rm -rf /data/registry/docker"])
    assert done.exit_code == 0, done.output.decode()
    container.restart(timeout=2)
    assert playground.hub.answers()
