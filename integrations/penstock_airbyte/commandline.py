"""What Airbyte's integration declares before it is loaded. Imports nothing of it."""

from __future__ import annotations

from penstock.commandline import Commandline, EventForm

COMMANDLINE = Commandline(
    example=(
        "# Airbyte connectors, run here: each in an environment of its own, made from PyPI.",
        "# airbyte:",
        "#   ingest:",
        "#     type: local",
        "#     connections:",
        "#       shop:",
        "#         source: {connector: airbyte-source-faker, version: 7.2.1, config: {count: 1000, seed: 42}}",
        "#         destination: main",
        "#         schema: raw",
    ),
    # It cannot sign. A job tells once that it succeeded or failed.
    events=EventForm(id_fields=("data.jobId", "data.success"), kind_fields=("data.success",)),
)
