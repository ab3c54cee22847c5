"""The `alerts` part of penstock.yml: where messages go, and which. Settings only; the room `alerts` writes and sends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

Severity = Literal["info", "warn", "page"]
Tls = Literal["starttls", "ssl", "none"]


class Slack(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="slack"
):
    """An incoming webhook (`url`), or a bot (`token` and `channel`), which keeps an incident in one thread."""

    url: str | None = None
    token: str | None = None
    channel: str | None = None
    server: str = "https://slack.com"


class Smtp(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="smtp"
):
    host: str
    sender: str = msgspec.field(name="from")
    to: list[str]
    port: int = 587
    user: str | None = None
    password: str | None = None
    tls: Tls = "starttls"


class PagerDuty(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="pagerduty"
):
    key: str
    server: str = "https://events.pagerduty.com"


class Teams(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="teams"
):
    url: str


class Webhook(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="webhook"
):
    """Signed as Standard Webhooks say: HMAC-SHA256 over id, time and body."""

    url: str
    secret: str


class Apprise(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="apprise"
):
    """Any other service, by a URL as the package apprise has them."""

    url: str


class File(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="file"
):
    """Messages at the end of a file, below the project's folder unless it is absolute."""

    path: str


Channel = Slack | Smtp | PagerDuty | Teams | Webhook | Apprise | File


class Route(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which incidents go to which channels. `select`: the cause or anything below it that is affected. `digest`: the time of day at which
    all that was told until then goes out as one message."""

    to: list[str]
    on: tuple[str, ...] = ("*",)
    select: str | None = None
    severity: Severity | None = None
    repeat: str | None = None
    digest: str | None = None


class Ping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A URL that is called while the daemon lives and reaches its store: whoever listens there tells of silence."""

    url: str
    every: str = "1m"


class AlertSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`owners`: the channels of an asset's owner (of its group, of the exposure), for routes `to: [owner]`."""

    channels: dict[str, Channel] = {}
    routes: list[Route] = []
    owners: dict[str, list[str]] = {}
    ping: Ping | None = None


_LONG = 12  # "/penstock" alone opens nothing


def addresses(settings: AlertSettings) -> Iterator[str]:
    """What of the channels' URLs is as good as a password: who knows the address of a webhook can write there."""
    urls = [url for one in settings.channels.values() if isinstance(url := getattr(one, "url", None), str)]
    for url in [*urls, *([settings.ping.url] if settings.ping is not None else [])]:
        yield url
        scheme, _, rest = url.partition("://")
        behind = "/" + rest.partition("/")[2] if scheme in ("http", "https") else rest
        if len(behind) >= _LONG:
            yield behind
            yield behind.strip("/")


OWNER = "owner"


KINDS: Sequence[str] = (
    "sync.failed",
    "asset.failed",
    "check.failed",
    "fresh.fail",
    "fresh.warn",
    "fresh.at_risk",
    "schedule.failed",
    "schedule.missed",
    "automation.held",
)
