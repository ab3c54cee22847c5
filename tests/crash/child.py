"""A child that works through its items, and goes on whatever becomes of its parent. Plain: no site-packages, no penstock."""

from __future__ import annotations

import os
import sys
import time

folder, journal, key = sys.argv[1:4]
try:
    claim = os.open(f"{folder}/claim", os.O_CREAT | os.O_EXCL | os.O_WRONLY)
except FileExistsError:
    sys.exit(0)
with open("/proc/self/stat") as stat:  # noqa: PTH123  # pathlib costs more than all else here
    started = stat.read().rpartition(")")[2].split()[19]
os.write(claim, f"{os.getpid()} {started}".encode())
os.close(claim)
book = os.open(journal, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
events = os.open(f"{folder}/events", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
for item in sys.argv[4:]:
    time.sleep(0.01)
    os.write(events, f"begin {item}\n".encode())
    os.write(book, f"{key} {item}\n".encode())
    os.write(events, f"{item}\n".encode())
os.write(events, b"finished\n")
