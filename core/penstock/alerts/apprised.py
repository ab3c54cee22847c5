"""A letter through apprise, which knows a hundred further services: in a child process, for it loads all of them. Its URL, a secret, goes
in by stdin.

As a script it is that child: it takes {url, title, body} as JSON, and ends with 0 (sent), 3 (not sent), 4 (no such service) or 5 (no apprise).
"""

from __future__ import annotations

import subprocess
import sys

import msgspec

from penstock.system.own import own_program

_SECONDS = 60.0
_WORDS = {
    3: ("apprise could not send it", True),
    4: ("its url is none that apprise knows", False),
    5: ("apprise is not installed: pip install 'penstock[apprise]'", False),
}


class Message(msgspec.Struct, frozen=True):
    url: str
    title: str
    body: str


def notify(message: Message) -> tuple[str, bool] | None:
    """None: it was sent. Else why not, and whether it may work later; what apprise itself says is left out, for it may hold the url."""
    try:
        done = subprocess.run(
            own_program(__name__),
            input=msgspec.json.encode(message),
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"apprise took longer than {_SECONDS:.0f} s", True
    except OSError as error:
        return f"apprise could not be started: {error}", True
    if done.returncode == 0:
        return None
    return _WORDS.get(done.returncode, (f"apprise ended with code {done.returncode}", True))


def _child() -> int:
    try:
        import apprise
    except ImportError:
        return 5
    message = msgspec.json.decode(sys.stdin.buffer.read(), type=Message)
    service = apprise.Apprise()
    if not service.add(message.url):
        return 4
    sent = service.notify(title=message.title, body=message.body, body_format=apprise.NotifyFormat.TEXT)
    return 0 if sent else 3


if __name__ == "__main__":
    sys.exit(_child())
