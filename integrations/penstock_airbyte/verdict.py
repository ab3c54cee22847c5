"""How a sync ended, from what the connector said and how it exited. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from penstock.integration import LoadedTable, Outcome
from penstock_airbyte.job import Job, JobStream, parted
from penstock_airbyte.tail import Tail

_PERMANENT = "config_error"
_NAMED = 10
_UNSAID = "the source ended well, but did not say that it has read this stream to its end"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """`complete`: every row of every stream is there. `finished` are streams that were read to their end all the same.
    `unsaid` are those of which the source did not say so, though it did of others. `killed`: the connector is gone without having
    said how it ended."""

    outcome: Outcome
    message: str | None = None
    retryable: bool = True
    complete: bool = False
    finished: frozenset[str] = frozenset()
    unsaid: frozenset[str] = frozenset()
    killed: bool = False

    def of(self, stream: JobStream, *, loaded: bool) -> tuple[Outcome, str | None]:
        """One table's outcome: good after a failure too, when its own stream was read to the end and is committed."""
        if self.complete:
            return Outcome.SUCCESS, _UNSAID if stream.item in self.unsaid else None
        if loaded and stream.item in self.finished:
            return Outcome.SUCCESS, "read to its end; another stream failed"
        if loaded:
            return self.outcome, f"loaded up to the last state only: {self.message}"
        return self.outcome, self.message


def verdict_of(job: Job, tail: Tail, exit_code: int | None, last_words: str, cancelled: bool) -> Verdict:
    """`exit_code` is None for a connector that was killed; `last_words` the end of its stderr; `cancelled`: it was stopped
    by us, and a good exit code says nothing."""
    if cancelled:
        return Verdict(outcome=Outcome.CANCELLED, message="cancelled")
    broken = sorted(stream.name for stream in job.streams if stream.item in tail.incomplete)
    if exit_code == 0 and tail.error is None and tail.bad is None and not broken:
        if lost := parted(job, tail)[1]:
            return Verdict(outcome=Outcome.ERROR, message=_lost(job, lost), retryable=False)
        return Verdict(outcome=Outcome.SUCCESS, complete=True, unsaid=_unsaid(job, tail))
    finished = _finished(job, tail)
    if tail.bad is not None:
        return Verdict(outcome=Outcome.ERROR, message=tail.bad, finished=finished)
    if tail.error is not None:
        permanent = tail.error.failure_type == _PERMANENT
        return Verdict(
            outcome=Outcome.ERROR, message=tail.error.message, retryable=not permanent, finished=finished
        )
    return Verdict(
        outcome=Outcome.ERROR,
        message=_silent(exit_code, broken, last_words),
        finished=finished,
        killed=exit_code is None,
    )


def with_changes(message: str | None, table: LoadedTable | None) -> str | None:
    """The message of a loaded table, with how many rows are not as the source has them."""
    if table is None or not table.rows_changed:
        return message
    rows = "1 row has" if table.rows_changed == 1 else f"{table.rows_changed:,} rows have"
    said = f"{rows} values that differ from the source: see _airbyte_meta.changes"
    parts = (message, said, undeclared(table))
    return "; ".join(part for part in parts if part)


def undeclared(table: LoadedTable) -> str | None:
    """Which fields were left out, the most frequent first; None where none was."""
    if not table.undeclared:
        return None
    fields = sorted(table.undeclared.items(), key=lambda one: (-one[1], one[0]))
    named = ", ".join(
        f"{name[:60]} ({count:,} row{'' if count == 1 else 's'})" for name, count in fields[:_NAMED]
    )
    more = " and more" if len(fields) > _NAMED else ""
    return f"not loaded, because the source does not declare them: {named}{more}"


def _unsaid(job: Job, tail: Tail) -> frozenset[str]:
    """Good all the same: Airbyte's platform says COMPLETE of every stream itself when the exit code is 0."""
    if not (tail.started or tail.complete):
        return frozenset()  # an old source, which tells of no stream
    return frozenset(stream.item for stream in job.streams) - tail.complete


def _finished(job: Job, tail: Tail) -> frozenset[str]:
    """The streams that were read to their end, where another one can be what failed: else the error is about them too."""
    finished = {
        stream.item
        for stream in job.streams
        if tail.all_complete(stream.item) and (not stream.incremental or tail.all_marked(stream.item))
    }
    about = tail.error.stream_descriptor if tail.error is not None else None
    if about is not None:
        named = job.names()(about.name, about.namespace)
        return frozenset(finished - {named}) if named is not None else frozenset()
    unfinished = any(stream.item not in tail.complete for stream in job.streams)
    return frozenset(finished) if unfinished or tail.incomplete else frozenset()


def _lost(job: Job, streams: Sequence[JobStream]) -> str:
    names = ", ".join(stream.stream.label for stream in streams[:_NAMED])
    more = " and more" if len(streams) > _NAMED else ""
    again = "it" if len(streams) == 1 else "they"
    return (
        f"the source kept one state for all its streams, keeps one for each now, and has sent none of {names}{more}: {again}"
        f" would begin again; penstock airbyte refresh {job.connection} reads all of them anew"
    )


def _silent(exit_code: int | None, broken: list[str], last_words: str) -> str:
    """The sentence for a connector that gave no reason of its own."""
    said = f": {last_words}" if last_words else ""
    if exit_code is None:
        return f"the connector was killed{said}"
    if exit_code:
        return f"the connector exited with code {exit_code}{said}"
    return f"the connector did not finish {', '.join(broken)}{said}"
