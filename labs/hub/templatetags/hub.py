"""How templates write sizes, digests, times, texts of users, and the fields of a form."""

from __future__ import annotations

import re
from datetime import datetime

from django import template
from django.forms import BaseForm, BoundField
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# What a URL in a text may hold. Quotes and brackets end it, and so does a sign that a sentence ends with.
_URL = re.compile(r"https?://[^\s<>\"'`\\^{|}\[\]]{1,1000}")
_AFTER = ".,:;!?)*_"
_UNITS = ((60, "minute"), (3600, "hour"), (86_400, "day"))
_DAYS_SHOWN = 30


@register.filter
def size(number: int | None) -> str:
    """Bytes as `4.3 MB`; a dash for an index, which has no size of its own."""
    if number is None:
        return "–"
    value = float(number)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} GB"


@register.filter
def count(number: int) -> str:
    """A number as `48,213`."""
    return f"{number:,}"


@register.filter
def short(digest: str) -> str:
    """A digest as `sha256:4f53cda18c2b`, with as many digits as `docker image ls` shows."""
    return digest[: digest.find(":") + 13]


@register.filter
def ago(when: datetime) -> SafeString:
    """A time as `3 hours ago`, or its date after a month; exact in the title."""
    seconds = (timezone.now() - when).total_seconds()
    said = "seconds ago"
    for length, unit in _UNITS:
        if seconds >= length:
            count = int(seconds // length)
            said = f"{count} {unit}{'' if count == 1 else 's'} ago"
    if seconds >= _DAYS_SHOWN * 86_400:
        said = f"{when:%Y-%m-%d}"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        when.isoformat(timespec="seconds"),
        f"{when:%Y-%m-%d %H:%M:%S} UTC",
        said,
    )


@register.filter
def linked(text: str) -> SafeString:
    """A user's text, escaped, with its `http` and `https` URLs as links.

    Not Django's `urlize`, which guesses at hosts without a scheme and at addresses of mail.
    """
    parts, end = [], 0
    for match in _URL.finditer(text):
        url = match[0].rstrip(_AFTER)
        # `https://hub.lab@elsewhere` reads as another host than the one that it leads to.
        host = url.partition("://")[2].partition("/")[0]
        if not host or "@" in host:
            continue
        parts.append(conditional_escape(text[end : match.start()]))
        parts.append(format_html('<a href="{0}" rel="nofollow noopener noreferrer">{0}</a>', url))
        end = match.start() + len(url)
    parts.append(conditional_escape(text[end:]))
    return mark_safe("".join(parts))  # each part is escaped


@register.filter
def described(field: BoundField, form: BaseForm) -> SafeString:
    """A field with the ids of its help and error, for screen readers; the first that is wrong has the focus."""
    name = field.id_for_label
    ids = [f"{name}-help"] if field.help_text else []
    attributes: dict[str, str | bool] = {}
    if field.errors:
        ids.append(f"{name}-error")
        attributes |= {"aria-invalid": "true"}
        attributes |= {"autofocus": True} if next(iter(form.errors)) == field.name else {}
    if ids:
        attributes["aria-describedby"] = " ".join(ids)
    return field.as_widget(attrs=attributes)


@register.filter
def coded(text: str) -> str:
    """What is between backticks as code; everything is escaped."""
    parts = str(text).split("`")
    # `format_html` escapes each part.
    html = ("<code>{}</code>" if number % 2 else "{}" for number in range(len(parts)))
    return mark_safe("".join(map(format_html, html, parts)))
