"""What changed, and what must therefore be made again: facts compared, decisions with their reasons. Pure: no I/O, no clock."""

from penstock.change.audit import AUDIT
from penstock.change.deciding import UNDECIDED, Judged, each_time, judge, judge_check
from penstock.change.inputs import Want, wants
from penstock.change.records import Facts, MadeFrom, Now, Pending, Verdict
from penstock.change.versions import as_it_lies, output_version, version
from penstock.change.volatile import Volatility, volatility

__all__ = [
    "AUDIT",
    "UNDECIDED",
    "Facts",
    "Judged",
    "MadeFrom",
    "Now",
    "Pending",
    "Verdict",
    "Volatility",
    "Want",
    "as_it_lies",
    "each_time",
    "judge",
    "judge_check",
    "output_version",
    "version",
    "volatility",
    "wants",
]
