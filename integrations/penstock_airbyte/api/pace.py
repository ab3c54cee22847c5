"""How often the server is asked and how long doubt lasts. Tests and slow servers set their own."""

from __future__ import annotations

from collections.abc import Mapping

from penstock.integration.jobs import Pace

# A job can appear a minute after its trigger: so long lists must stay empty before one that was lost is sent again.
_USUAL = Pace(doubt=120.0, limited=60.0)


def pace_of(environ: Mapping[str, str]) -> Pace:
    """The usual pace, or the one of PENSTOCK_AIRBYTE_PACE as JSON (`{"first": 0.1}`)."""
    return Pace.of(environ, "PENSTOCK_AIRBYTE_PACE", _USUAL)
