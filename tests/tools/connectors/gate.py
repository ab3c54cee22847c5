"""A source that emits rows until a file appears, or for some time. Its own program: nothing of penstock is imported.

Config: `release`, the file that it waits for, or `seconds`; `every` seconds between rows (0.2).
"""

import json
import sys
import time
from pathlib import Path

SPEC = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "release": {"type": "string"},
        "seconds": {"type": "number"},
        "every": {"type": "number"},
    },
}
STREAM = {
    "name": "things",
    "json_schema": {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}},
    "supported_sync_modes": ["full_refresh"],
}
MOST_SECONDS = 600


def say(message):
    print(json.dumps(message, separators=(",", ":")), flush=True)


def status(word):
    stream = {"stream_descriptor": {"name": "things"}, "status": word}
    say({"type": "TRACE", "trace": {"type": "STREAM_STATUS", "emitted_at": 0, "stream_status": stream}})


def read(config):
    status("STARTED")
    until = time.monotonic() + config.get("seconds", MOST_SECONDS)
    release = Path(config.get("release", "/nowhere"))
    number = 0
    while number == 0 or (not release.exists() and time.monotonic() < until):
        data = {"id": number, "name": f"thing {number}"}
        say(
            {
                "type": "RECORD",
                "record": {"stream": "things", "data": data, "emitted_at": int(time.time() * 1000)},
            }
        )
        number += 1
        time.sleep(config.get("every", 0.2))
    status("COMPLETE")


def main():
    command = sys.argv[1]
    config = (
        json.loads(Path(sys.argv[sys.argv.index("--config") + 1]).read_text())
        if "--config" in sys.argv
        else {}
    )
    if command == "spec":
        say({"type": "SPEC", "spec": {"connectionSpecification": SPEC}})
    elif command == "check":
        say({"type": "CONNECTION_STATUS", "connectionStatus": {"status": "SUCCEEDED"}})
    elif command == "discover":
        say({"type": "CATALOG", "catalog": {"streams": [STREAM]}})
    elif command == "read":
        read(config)


main()
