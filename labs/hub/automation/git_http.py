"""Git over HTTP: `git http-backend` behind the hub's own login."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from typing import IO

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from labs.hub.automation import git
from labs.hub.automation.catch_up import catch_up
from labs.hub.models import Source
from labs.hub.rights.access import PUSH, STRANGER, Caller, actions, is_owner
from labs.hub.rights.credentials import TooManyTries, WrongCredentials, caller_of, has_secret
from labs.hub.room import has_room
from labs.hub.signing_key import secret_of

_PIECE = 1 << 16
_MOST_PUSH = 100 << 20
# Each holds a thread and some of git's memory; further ones are asked to come again.
_AT_ONCE = threading.BoundedSemaphore(4)
# Of the protocol that git has spoken since 2010. The older one asks for files of the repository by their path.
_ASKED = ("info/refs", "git-upload-pack", "git-receive-pack")


@csrf_exempt
def git_http(request: HttpRequest, space: str, name: str, rest: str) -> HttpResponseBase:
    """Answer a request of git, if the caller may write what the source makes.

    Reading needs the same: a source may hold what its image does not show.
    """
    try:
        caller = caller_of(request, f"git {space}/{name}")
    except WrongCredentials:
        return _login()
    except TooManyTries as error:
        return HttpResponse(str(error), status=429, headers=error.headers)
    source = Source.objects.filter(namespace__name=space, name=name).first()
    if source is None or rest not in _ASKED or not _may(caller, source):
        return _login() if caller == STRANGER else HttpResponse("no such source\n", status=404)
    if rest == "git-receive-pack" and not has_room():
        return HttpResponse("the hub's disk is full\n", status=507)
    if not _AT_ONCE.acquire(timeout=10):
        return HttpResponse("busy, try again\n", status=503, headers={"Retry-After": "5"})
    try:
        return _backend(request, source, caller, rest)
    except BaseException:
        _AT_ONCE.release()
        raise


@csrf_exempt
@require_POST
def received(request: HttpRequest, number: int) -> HttpResponse:
    """Take from the hook what was pushed; what is answered, `git push` prints."""
    if not has_secret(request, hook_secret()):
        return HttpResponse(status=403)
    source = Source.objects.select_related("repository__namespace", "namespace").get(pk=number)
    said = catch_up(source)
    return HttpResponse("".join(f"hub: {each}\n" for each in said), content_type="text/plain")


def _may(caller: Caller, source: Source) -> bool:
    if source.repository is not None:
        return PUSH in actions(caller, str(source.repository))
    scope_allows = caller.token is None or caller.token.scope in ("repo:write", "repo:admin")
    return scope_allows and is_owner(caller.account, source.namespace)


def _login() -> HttpResponse:
    headers = {"WWW-Authenticate": 'Basic realm="hub"'}
    return HttpResponse(
        "log in with your name and a password or token\n", status=401, headers=headers
    )


def hook_secret() -> str:
    """What the hook sends, so that no one else can."""
    return secret_of(settings.DATA / "hook.key")


def _backend(request: HttpRequest, source: Source, caller: Caller, rest: str) -> HttpResponseBase:
    settings_of_git = {
        "core.hooksPath": str(git.hooks_folder()),
        "safe.directory": "*",
        "receive.maxInputSize": str(_MOST_PUSH),
        "receive.fsckObjects": "true",
        # A warning by default: one name with a slash in it, which an archive would write outside of its folder.
        "receive.fsck.fullPathname": "error",
        "gc.autoDetach": "false",
        # Larger files are not held in memory to find what they share.
        "core.bigFileThreshold": "8m",
    }
    environment = {
        **git.environment(),
        "GIT_PROJECT_ROOT": str(git.init(source)),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{rest}",
        "QUERY_STRING": request.META.get("QUERY_STRING", ""),
        "REQUEST_METHOD": request.method or "GET",
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": request.headers.get("Content-Length", ""),
        "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        "REMOTE_USER": caller.name,
        "HUB_HOOK": hook_secret(),
        "HUB_RECEIVED": f"{settings.SELF}/git-received/{source.pk}",
        "GIT_CONFIG_COUNT": str(len(settings_of_git)),
    }
    for number, (key, value) in enumerate(settings_of_git.items()):
        environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen(["git", "http-backend"], env=environment, **pipes)  # type: ignore[call-overload]
    # Fed by a thread of its own: git answers while it still reads.
    threading.Thread(target=_feed, args=(request, process.stdin), daemon=True).start()
    status, headers = _head(process.stdout)
    return StreamingHttpResponse(_body(process), status=status, headers=headers)


def _feed(request: HttpRequest, pipe: IO[bytes]) -> None:
    try:
        while piece := request.read(_PIECE):
            pipe.write(piece)
        pipe.close()
    except OSError:  # git has ended: it says why in its answer
        pass


def _head(out: IO[bytes]) -> tuple[int, dict[str, str]]:
    status, headers = 200, {}
    while line := out.readline().decode().strip():
        name, _, value = line.partition(": ")
        if name == "Status":
            status = int(value.split()[0])
        else:
            headers[name] = value
    return status, headers


def _body(process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    assert process.stdout is not None
    try:
        while piece := process.stdout.read1(_PIECE):  # type: ignore[attr-defined]
            yield piece
    finally:
        process.stdout.close()
        process.kill()
        process.wait()
        _AT_ONCE.release()
