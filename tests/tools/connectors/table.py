"""A source that speaks the Airbyte Protocol about rows in a JSON file. Its own program: nothing of penstock is imported.

Config: `data` (file: {stream: {schema, key, cursor, rows}}), `state_every` rows, `pause` seconds after each state,
`fail_after` rows with the trace error `error` (and `failure_type`) or, without one, exit code 3; `whole` for one global state;
`junk` prints lines that are no messages; `token` is a secret, which `tell` gives away; `rotate` is the next token, without which
(when it is `only`) no second discover is answered; `deaf`: why `check` fails; `trickle` writes one row at a time with a flush.
"""

import json
import sys
import time
from pathlib import Path

SPEC = {
    "type": "object",
    "required": ["data"],
    "additionalProperties": False,
    "properties": {
        "data": {"type": "string"},
        "state_every": {"type": "integer", "minimum": 1},
        "pause": {"type": "number"},
        "release": {"type": "string"},
        "fail_after": {"type": "integer"},
        "fail_stream": {"type": "string"},
        "error": {"type": "string"},
        "failure_type": {"type": "string", "enum": ["system_error", "config_error", "transient_error"]},
        "whole": {"type": "boolean"},
        "junk": {"type": "boolean"},
        "rotate": {"type": "string"},
        "tell": {"type": "boolean"},
        "only": {"type": "string"},
        "deaf": {"type": "string"},
        "token": {"type": "string", "minLength": 8, "airbyte_secret": True},
        "auth": {
            "type": "object",
            "oneOf": [
                {"required": ["key"], "properties": {"key": {"type": "string", "airbyte_secret": True}}},
                {"required": ["name"], "properties": {"name": {"type": "string"}}},
            ],
        },
    },
}


def say(message):
    sys.stdout.write(json.dumps(message, separators=(",", ":")) + "\n")


def log(text, level="INFO"):
    say({"type": "LOG", "log": {"level": level, "message": text}})


def option(name):
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else None


def load(path):
    return json.loads(Path(path).read_text())


def keyed(name, space):
    return f"{space}.{name}" if space else name


class Source:
    def __init__(self, config):
        self.config = config
        self.tables = load(config["data"])
        self.emitted = 0

    def catalog(self):
        streams = []
        for label, table in self.tables.items():
            stream = {
                "name": table.get("name", label),
                "json_schema": {"type": "object", "properties": table["schema"]},
                "supported_sync_modes": ["full_refresh"] + (["incremental"] if table.get("cursor") else []),
                "source_defined_primary_key": [[part] for part in table.get("key", [])],
            }
            if table.get("cursor"):
                stream["default_cursor_field"] = [table["cursor"]]
            if table.get("namespace"):
                stream["namespace"] = table["namespace"]
            streams.append(stream)
        return {"streams": streams}

    def read(self, catalog, states):
        cursors = self.cursors(states)
        log(f"a token of {len(self.config.get('token', ''))} characters")
        if self.config.get("rotate"):
            fresh = {**self.config, "token": self.config["rotate"]}
            say(
                {
                    "type": "CONTROL",
                    "control": {
                        "type": "CONNECTOR_CONFIG",
                        "emitted_at": 0,
                        "connectorConfig": {"config": fresh},
                    },
                }
            )
        if self.config.get("tell"):
            for token in (self.config["token"], self.config.get("rotate", "none")):
                log("the token is " + token)
                print("on stderr: " + token, file=sys.stderr, flush=True)
        for configured in catalog["streams"]:
            self.stream(configured, cursors)
        log("all done")

    def cursors(self, states):
        cursors = {}
        for state in states:
            if state["type"] == "GLOBAL":
                cursors.update(state["global"]["shared_state"])
            else:
                described = state["stream"]["stream_descriptor"]
                key = keyed(described["name"], described.get("namespace"))
                cursors[key] = state["stream"]["stream_state"]["cursor"]
        log("going on from " + json.dumps(cursors, sort_keys=True))
        return cursors

    def stream(self, configured, cursors):
        stream = configured["stream"]
        name, space = stream["name"], stream.get("namespace")
        key = keyed(name, space)
        table = next(
            t
            for label, t in self.tables.items()
            if t.get("name", label) == name and t.get("namespace") == space
        )
        self.status(name, "STARTED")
        rows = table["rows"]
        incremental = configured["sync_mode"] == "incremental"
        if incremental:
            field = table["cursor"]
            rows = sorted(rows, key=lambda row: row[field])
            if cursors.get(key) is not None:
                rows = [row for row in rows if row[field] > cursors[key]]
        every = self.config.get("state_every", 100)
        for count, row in enumerate(rows, 1):
            self.record(name, space, row)
            if incremental:
                cursors[key] = row[field]
                if count % every == 0 and row[field] != rows[min(count, len(rows) - 1)][field]:
                    self.state(name, space, cursors)
            self.maybe_fail(name)
        if incremental and rows:
            self.state(name, space, cursors)
        self.status(name, "COMPLETE")

    def record(self, name, space, row):
        record = {"stream": name, "data": row, "emitted_at": int(time.time() * 1000)}
        if space:
            record = {"namespace": space, **record}
        say({"type": "RECORD", "record": record})
        self.emitted += 1
        while self.config.get("release") and not Path(self.config["release"]).exists():
            sys.stdout.flush()
            time.sleep(0.02)
        if self.config.get("junk") and self.emitted % 10 == 0:
            sys.stdout.write("warning: this is not JSON {\n")
        if self.config.get("pause") and self.emitted % self.config.get("state_every", 100) == 0:
            sys.stdout.flush()
            time.sleep(self.config["pause"])

    def state(self, name, space, cursors):
        if self.config.get("whole"):
            say(
                {
                    "type": "STATE",
                    "state": {
                        "type": "GLOBAL",
                        "global": {
                            "shared_state": dict(cursors),
                            "stream_states": [
                                {"stream_descriptor": {"name": n}, "stream_state": {"cursor": c}}
                                for n, c in cursors.items()
                            ],
                        },
                    },
                }
            )
        else:
            descriptor = {"name": name, "namespace": space} if space else {"name": name}
            say(
                {
                    "type": "STATE",
                    "state": {
                        "type": "STREAM",
                        "stream": {
                            "stream_descriptor": descriptor,
                            "stream_state": {"cursor": cursors[keyed(name, space)]},
                        },
                    },
                }
            )

    def status(self, name, status):
        say(
            {
                "type": "TRACE",
                "trace": {
                    "type": "STREAM_STATUS",
                    "emitted_at": time.time() * 1000,
                    "stream_status": {"stream_descriptor": {"name": name}, "status": status},
                },
            }
        )

    def maybe_fail(self, name):
        limit = self.config.get("fail_after")
        wanted = self.config.get("fail_stream", name)
        if limit is None or self.emitted < limit or name != wanted:
            return
        if self.config.get("error"):
            say(
                {
                    "type": "TRACE",
                    "trace": {
                        "type": "ERROR",
                        "emitted_at": time.time() * 1000,
                        "error": {
                            "message": self.config["error"],
                            "internal_message": "inner details",
                            "stack_trace": "Traceback ...",
                            "failure_type": self.config.get("failure_type", "system_error"),
                        },
                    },
                }
            )
            sys.stdout.flush()
            sys.exit(1)
        sys.stdout.flush()
        print("segmentation something", file=sys.stderr, flush=True)
        sys.exit(3)


def main():
    verb = sys.argv[1]
    if verb == "spec":
        log("a line before the answer")
        say({"type": "SPEC", "spec": {"connectionSpecification": SPEC}})
        return
    source = Source(load(option("--config")))
    if verb == "check":
        why = source.config.get("deaf")
        status = {"status": "FAILED", "message": why} if why else {"status": "SUCCEEDED"}
        say({"type": "CONNECTION_STATUS", "connectionStatus": status})
    elif verb == "discover":
        seen = Path(source.config["data"] + ".seen")
        if source.config.get("only") and seen.exists() and source.config["token"] != source.config["only"]:
            sys.exit("that token was used before")
        seen.touch()
        say({"type": "CATALOG", "catalog": source.catalog()})
    else:
        states = load(option("--state")) if option("--state") else []
        source.read(load(option("--catalog")), states)


main()
