"""The channels: a letter as Slack, SMTP, PagerDuty, Teams, a signed webhook, apprise or a file want it, sent once. Standard library only."""

from __future__ import annotations

import base64
import hashlib
import hmac
import smtplib
import ssl
import time
import urllib.error
import urllib.request
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from http.client import HTTPException, InvalidURL
from pathlib import Path

import msgspec

from penstock.alerts.apprised import Message, notify
from penstock.alerts.message import OVER, lines, subject
from penstock.project.alerts import Apprise, Channel, File, PagerDuty, Slack, Smtp, Teams, Webhook
from penstock.store import Letter

_TIMEOUT = 10.0
_PD_SEVERITY = {"info": "info", "warn": "warning", "page": "critical"}


class Unsendable(Exception):
    """It was not sent. `again`: it may work later, not before so many seconds (`after`); no address or secret is in the words."""

    def __init__(self, words: str, *, again: bool, after: float = 0.0) -> None:
        super().__init__(words)
        self.again = again
        self.after = after


def send(channel: Channel, letter: Letter) -> str | None:
    """Send it; what the channel calls the message, where answers can be threaded. Raises Unsendable, and nothing else: one channel
    must not keep back what others are to be told."""
    try:
        return _sent(channel, letter)
    except (ValueError, HTTPException):  # their words may hold the address
        raise Unsendable(
            "what penstock.yml says of it cannot be used: an address, a header or a path", again=False
        ) from None


def _sent(channel: Channel, letter: Letter) -> str | None:
    match channel:
        case Slack():
            return _slack(channel, letter)
        case Smtp():
            return _smtp(channel, letter)
        case PagerDuty():
            return _pagerduty(channel, letter)
        case Teams():
            _post(channel.url, _card(letter))
            return "sent"
        case Webhook():
            return _webhook(channel, letter)
        case Apprise():
            return _apprise(channel, letter)
        case File():
            return _file(channel, letter)


def _slack(channel: Slack, letter: Letter) -> str | None:
    text = _escaped("\n".join([f"*{subject(letter)}*", *lines(letter)]))
    if channel.url is not None:
        _post(channel.url, {"text": text})
        return "sent"
    if not channel.token or not channel.channel:
        raise Unsendable("a slack channel needs a url, or a token and a channel", again=False)
    body = {"channel": channel.channel, "text": text}
    if letter.thread:
        body["thread_ts"] = letter.thread
    answer = _post(
        f"{channel.server}/api/chat.postMessage", body, {"Authorization": f"Bearer {channel.token}"}
    )
    told = _decoded(answer)
    if not told.get("ok"):
        raise Unsendable(f"Slack says: {told.get('error')}", again=told.get("error") == "ratelimited")
    return letter.thread or str(told.get("ts"))


def _escaped(text: str) -> str:
    """Names and messages are text and no markup: nobody is pinged by a table's name."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _smtp(channel: Smtp, letter: Letter) -> str:
    message = EmailMessage()
    message["Subject"] = " ".join(subject(letter).split())
    message["From"], message["To"] = channel.sender, ", ".join(channel.to)
    identity = f"<{letter.incident}.{letter.id}@penstock>"
    message["Message-ID"] = identity
    if letter.thread:
        message["In-Reply-To"] = message["References"] = letter.thread
    message.set_content("\n".join(lines(letter)) + "\n")
    try:
        with _server(channel) as server:
            if channel.tls == "starttls":
                server.starttls(context=ssl.create_default_context())
            if channel.user:
                server.login(channel.user, channel.password or "")
            server.send_message(message)
    except smtplib.SMTPAuthenticationError:
        raise Unsendable("the mail server refused user and password", again=False) from None
    except (OSError, smtplib.SMTPException) as error:
        raise Unsendable(f"the mail server: {type(error).__name__}: {error}", again=True) from None
    return letter.thread or identity


def _server(channel: Smtp) -> smtplib.SMTP:
    if channel.tls == "ssl":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(channel.host, channel.port, timeout=_TIMEOUT, context=context)
    return smtplib.SMTP(channel.host, channel.port, timeout=_TIMEOUT)


def _pagerduty(channel: PagerDuty, letter: Letter) -> str:
    told = letter.told
    body: dict[str, object] = {
        "routing_key": channel.key,
        "event_action": "resolve" if letter.event in OVER else "trigger",
        "dedup_key": f"penstock-{letter.incident}",
    }
    if letter.event not in OVER:
        body["payload"] = {
            "summary": subject(letter)[:1024],
            "source": f"{told.project}/{told.environment}",
            "severity": _PD_SEVERITY[told.severity],
            "component": told.cause,
            "class": told.kind,
            "custom_details": {"text": "\n".join(lines(letter))},
        }
    _post(f"{channel.server}/v2/enqueue", body)
    return "sent"


def _card(letter: Letter) -> dict[str, object]:
    blocks: list[dict[str, object]] = [
        {"type": "TextBlock", "text": subject(letter), "weight": "Bolder", "wrap": True}
    ]
    blocks += [{"type": "TextBlock", "text": line, "wrap": True} for line in lines(letter)]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [attachment]}


def _webhook(channel: Webhook, letter: Letter) -> str:
    identity = f"{letter.incident}.{letter.id}"
    at = str(int(time.time()))
    document = {"event": letter.event, "incident": letter.incident, **msgspec.to_builtins(letter.told)}
    body = msgspec.json.encode(document)
    signed = f"{identity}.{at}.".encode() + body
    signature = base64.b64encode(hmac.digest(channel.secret.encode(), signed, hashlib.sha256)).decode()
    headers = {"webhook-id": identity, "webhook-timestamp": at, "webhook-signature": f"v1,{signature}"}
    _post(channel.url, body, headers)
    return "sent"


def _apprise(channel: Apprise, letter: Letter) -> str:
    failed = notify(Message(channel.url, subject(letter), "\n".join(lines(letter))))
    if failed is not None:
        raise Unsendable(failed[0], again=failed[1])
    return "sent"


def _file(channel: File, letter: Letter) -> str:
    """In one write: a reader sees whole messages."""
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
    text = "\n    ".join(line for part in (subject(letter), *lines(letter)) for line in part.splitlines())
    try:
        with Path(channel.path).open("a", encoding="utf-8") as file:
            file.write(f"{at} UTC  {text}\n")
    except OSError as error:
        raise Unsendable(f"{channel.path}: {error.strerror or error}", again=True) from None
    return "sent"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A letter goes where penstock.yml says, and nowhere else."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def _post(url: str, body: object, headers: dict[str, str] | None = None) -> bytes:
    data = body if isinstance(body, bytes) else msgspec.json.encode(body)
    if not url.startswith(("https://", "http://")):
        raise Unsendable("its url must begin with https:// or http://", again=False)
    given = {"Content-Type": "application/json", "User-Agent": "penstock", **(headers or {})}
    try:
        request = urllib.request.Request(url, data=data, headers=given, method="POST")
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=_TIMEOUT) as answer:
            read: bytes = answer.read(1 << 16)
            return read
    except urllib.error.HTTPError as error:
        with error:
            again = error.code in (408, 425, 429) or error.code >= 500
            after = _seconds(error.headers.get("Retry-After", ""))
        raise Unsendable(f"it answered {error.code} {error.reason}", again=again, after=after) from None
    except (InvalidURL, ValueError):
        raise Unsendable("its url, or what is sent with it, cannot be used", again=False) from None
    except HTTPException as error:
        raise Unsendable(f"it does not answer as a web server: {type(error).__name__}", again=True) from None
    except OSError as error:
        reason = getattr(error, "reason", error)
        raise Unsendable(f"it cannot be reached: {reason}", again=True) from None


def _seconds(said: str) -> float:
    """Of a Retry-After: a number, or a date."""
    if said.strip().isdecimal():
        return float(said)
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except (ValueError, OverflowError):
        return 0.0


def call(url: str) -> None:
    """A word to whoever listens for silence. Raises Unsendable."""
    _post(url, {"penstock": "alive"})


def _decoded(answer: bytes) -> dict[str, object]:
    try:
        return msgspec.json.decode(answer, type=dict[str, object])
    except msgspec.DecodeError:
        raise Unsendable("its answer is no JSON object", again=True) from None
