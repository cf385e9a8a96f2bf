"""What the hub does beside answering requests: one thread builds, one sends webhooks."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta

from django.contrib.sessions.models import Session
from django.db import connections
from django.utils import timezone

from labs.hub import events
from labs.hub.automation import build_runner, builds, webhooks
from labs.hub.automation.catch_up import catch_up_all
from labs.hub.models import Build, Delivery, FailedLogin
from labs.hub.rights.namespaces import forget_addresses
from labs.hub.room import UploadGuard

_log = logging.getLogger("hub")
# A table that is asked ten times a second costs nothing to notice, and a build starts at once.
_PAUSE_S = 0.1
_AFTER_ERROR_S = 2.0
_FORGET_S = 3600
_KEPT = 2000


def start() -> None:
    """Put right what a sudden end has left, then start both threads."""
    if waiting := builds.put_back():
        _log.info("%s builds were running when the hub ended: they wait again", waiting)
    for work in (_build, webhooks.deliver_due, _guard, _forget):
        threading.Thread(target=_repeat, args=(work,), daemon=True).start()
    threading.Thread(target=_reconcile, daemon=True).start()


def _build() -> int:
    build = builds.next_build()
    if build is None:
        return 0
    build_runner.run(build)
    return 1


_ROOM = UploadGuard()


def _guard() -> int:
    if dropped := _ROOM.look():
        _log.warning("the disk is nearly full: %s uploads were ended", dropped)
    return 0


def _forget() -> int:
    """Once an hour: what is not asked for any more, so that no table grows for ever."""
    now = timezone.now()
    FailedLogin.objects.filter(at__lt=now - timedelta(hours=1)).delete()
    forget_addresses()
    Session.objects.filter(expire_date__lt=now).delete()
    ended = Delivery.objects.exclude(state=Delivery.Outcome.WAITING)
    ended.filter(pk__in=list(ended.values_list("pk", flat=True)[_KEPT:])).delete()
    waiting = [Build.State.PENDING, Build.State.RUNNING]
    built = Build.objects.exclude(state__in=waiting)
    built.filter(pk__in=list(built.values_list("pk", flat=True)[_KEPT:])).delete()
    connections.close_all()
    time.sleep(_FORGET_S)
    return 1


def _reconcile() -> None:
    """Once, as soon as the registry answers: it starts beside the hub."""
    if queued := catch_up_all():
        _log.info("%s builds were queued for pushes that no hook had told of", queued)
    for _ in range(60):
        try:
            if wrong := events.reconcile():
                _log.info("%s tags had changed without an event", wrong)
            return
        except Exception as error:  # whatever it is, pages and pushes go on
            _log.info("the registry does not answer yet: %s", error)
            time.sleep(1)
        finally:
            connections.close_all()


def _repeat(work: Callable[[], int]) -> None:
    while True:
        try:
            if not work():
                time.sleep(_PAUSE_S)
        except Exception:  # one delivery or build that cannot be done must not end all others
            _log.exception("%s failed", work.__name__)
            connections.close_all()
            time.sleep(_AFTER_ERROR_S)
