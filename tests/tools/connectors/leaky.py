"""A source that says its whole configuration, in every form and on every way out. Config: `mode` well, fail or check."""

import base64
import json
import sys
import urllib.parse
from pathlib import Path

SECRET = {"type": "string", "airbyte_secret": True}
SPEC = {
    "type": "object",
    "properties": {
        "password": SECRET,
        "given": {"type": "string"},
        "pem": SECRET,
        "account": SECRET,
        "nested": {"type": "array", "items": {"type": "object", "properties": {"api_key": SECRET}}},
        "pin": {"type": "integer", "airbyte_secret": True},
        "refresh": SECRET,
        "dsn": {"type": "string"},
        "mode": {"type": "string"},
    },
}
ROTATED = "RotatedRefresh4"


def say(message):
    print(json.dumps(message), flush=True)


def log(text, level="INFO"):
    say({"type": "LOG", "log": {"level": level, "message": text}})


def spoken(config):
    account = json.loads(config["account"])["private_key"]
    given = [config["password"], config["given"], config["pem"], account, config["account"]]
    return [*given, config["nested"][0]["api_key"], str(config["pin"]), config["dsn"]]


def read(config):
    secrets = spoken(config)
    new = {**config, "refresh": ROTATED}
    say(
        {
            "type": "CONTROL",
            "control": {"type": "CONNECTOR_CONFIG", "emitted_at": 1, "connectorConfig": {"config": new}},
        }
    )
    for secret in [*secrets, ROTATED]:
        log("log plain " + secret)
        log("log json " + json.dumps({"v": secret}))
        log("log url " + urllib.parse.quote(secret, safe=""))
        log("log base64 " + base64.b64encode(("user:" + secret).encode()).decode())
        log("log hex " + secret.encode().hex())
        print("stderr " + secret, file=sys.stderr, flush=True)
        print("stdout " + secret, flush=True)
    say({"type": "RECORD", "record": {"stream": "talked", "data": {"id": 1}, "emitted_at": 1}})
    if config["mode"] == "fail":
        whole = " ".join([*secrets, ROTATED])
        error = {
            "message": "cannot login " + whole,
            "internal_message": "in " + whole,
            "stack_trace": "at " + whole,
        }
        say(
            {
                "type": "TRACE",
                "trace": {
                    "type": "ERROR",
                    "emitted_at": 1,
                    "error": {**error, "failure_type": "config_error"},
                },
            }
        )
        sys.exit(1)


verb = sys.argv[1]
config = (
    json.loads(Path(sys.argv[sys.argv.index("--config") + 1]).read_text()) if "--config" in sys.argv else {}
)
if verb == "spec":
    say({"type": "SPEC", "spec": {"connectionSpecification": SPEC}})
elif verb == "check":
    failed = config["mode"] == "check"
    status = {
        "status": "FAILED" if failed else "SUCCEEDED",
        "message": "login with " + " ".join(spoken(config)),
    }
    say({"type": "CONNECTION_STATUS", "connectionStatus": status})
elif verb == "discover":
    print("stderr " + " ".join(spoken(config)), file=sys.stderr)
    if config["mode"] == "check":
        sys.exit("discover: " + " ".join(spoken(config)))
    schema = {"type": "object", "properties": {"id": {"type": "integer"}}}
    stream = {"name": "talked", "json_schema": schema, "supported_sync_modes": ["full_refresh"]}
    say({"type": "CATALOG", "catalog": {"streams": [stream]}})
else:
    read(config)
