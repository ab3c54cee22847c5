"""A channel that cannot work is refused in one way, and says nothing of its address: else it would keep back every other one."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.alerts import Unsendable, send
from penstock.project import load_project
from penstock.project.alerts import Channel, File, Slack, Smtp, Teams, Webhook
from penstock.store import Letter
from tests.doubles.alerts import HttpDouble
from tests.unit.alerts.test_alerts import told

HIDDEN = "T0K3N-of-the-address"
LETTER = Letter(incident="i-1", channel="c", event="opened", told=told())


@pytest.mark.parametrize(
    "channel",
    [
        Teams(url=f"http://127.0.0.1:9/a b/{HIDDEN}"),
        Teams(url=f"http://127.0.0.1:port/{HIDDEN}"),
        Teams(url=f"http://[::1/{HIDDEN}"),
        Teams(url=f"http:///{HIDDEN}"),
        Teams(url=f"http://127.0.0.1:99999/{HIDDEN}"),
        Teams(url=f"http://\u00e9\udc80.example/{HIDDEN}"),
        Webhook(url=f"http://127.0.0.1:9/{HIDDEN}", secret="\udc80"),
        Slack(token=f"{HIDDEN}\nsecond", channel="#x", server="http://127.0.0.1:9"),
        Smtp(host="127.0.0.1", port=9, sender="a\nb", to=["c"]),
        Smtp(host="127.0.0.1", port=99999, sender="a", to=["c"]),
        Smtp(host="a" * 300, sender="a", to=["c"]),
        File(path=f"a\0{HIDDEN}"),
    ],
)
def test_nothing_else_is_raised(channel: Channel) -> None:
    with pytest.raises(Unsendable) as raised:
        send(channel, LETTER)
    assert HIDDEN not in str(raised.value)


def test_an_answer_that_is_no_http(http: HttpDouble) -> None:
    http.says = {"Retry-After": "\u00b2"}
    http.status = 503
    with pytest.raises(Unsendable, match="503"):
        send(Teams(url=http.url), LETTER)


def test_addresses_are_secret(tmp_path: Path) -> None:
    (tmp_path / "penstock.yml").write_text(
        f'name: x\nalerts: {{channels: {{t: {{type: teams, url: "https://hooks.example/services/{HIDDEN}"}}}}}}\n'
    )
    project = load_project(tmp_path, environment=None, integrations=(), environ={})
    project.alerts()
    assert HIDDEN not in project.redact(f"POST /services/{HIDDEN} HTTP/1.1")
    assert HIDDEN not in project.redact(f"https://hooks.example/services/{HIDDEN}")
