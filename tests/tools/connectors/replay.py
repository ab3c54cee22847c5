"""A source that writes bytes it was given. Its own program: nothing of penstock is imported.

Config: `catalog` (file with the streams), `reads` (folder: the n-th read writes `n`, the last one repeats). A read's file is a
JSON list of steps: a text or {"hex"} to write, {"sleep"} seconds, {"checkpoints"} that are to be committed before
it goes on, {"leave"} a process running so many seconds, {"exit"} code. Beside it `n.seen` gets the state and the catalog that it was given.
"""

import json
import subprocess
import sys
import time
from pathlib import Path


def option(name):
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else None


def say(message):
    print(json.dumps(message))


def read(reads):
    done = len(list(reads.glob("*.seen")))
    state = json.loads(Path(option("--state")).read_text()) if option("--state") else None
    catalog = json.loads(Path(option("--catalog")).read_text())
    (reads / f"{done}.seen").write_text(json.dumps({"state": state, "catalog": catalog}))
    last = max(int(file.name) for file in reads.iterdir() if file.name.isdigit())
    out = sys.stdout.buffer
    for step in json.loads((reads / str(min(done, last))).read_text()):
        if isinstance(step, str):
            out.write(step.encode())
        elif "hex" in step:
            out.write(bytes.fromhex(step["hex"]))
        elif "sleep" in step:
            out.flush()
            time.sleep(step["sleep"])
        elif "checkpoints" in step:
            out.flush()
            wait_for(reads.parent, step["checkpoints"])
        elif "leave" in step:
            out.flush()
            subprocess.Popen([sys.executable, "-S", "-c", f"import time; time.sleep({step['leave']})"])
        elif "exit" in step:
            out.flush()
            sys.exit(step["exit"])


def wait_for(root, checkpoints):
    until = time.monotonic() + 120
    while (
        max((committed(file) for file in root.glob(".penstock/runs/*/checkpoints.json")), default=0)
        < checkpoints
    ):
        if time.monotonic() > until:
            sys.exit(f"no {checkpoints} checkpoints")
        time.sleep(0.02)


def committed(file):
    return json.loads(file.read_text()).get("count", 0)


def main():
    verb = sys.argv[1]
    if verb == "spec":
        say({"type": "SPEC", "spec": {"connectionSpecification": {"type": "object"}}})
        return
    config = json.loads(Path(option("--config")).read_text())
    if verb == "check":
        say({"type": "CONNECTION_STATUS", "connectionStatus": {"status": "SUCCEEDED"}})
    elif verb == "discover":
        say({"type": "CATALOG", "catalog": {"streams": json.loads(Path(config["catalog"]).read_text())}})
    else:
        read(Path(config["reads"]))


main()
