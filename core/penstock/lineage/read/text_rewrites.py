"""Forms that sqlglot does not read, said in a form that it reads, letter for letter in the same places."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from sqlglot import exp

from penstock.lineage.dialects.traits import traits


def blank(text: str) -> str:
    """As many letters, saying nothing; lines stay lines."""
    return "".join("\n" if letter == "\n" else " " for letter in text)


def only(sql: str, start: int, end: int) -> str:
    """The text with everything outside `start` and `end` blanked: offsets and lines stay true."""
    return blank(sql[:start]) + sql[start:end]


def _same_length(new: str, old: str) -> str:
    return new + blank(old[len(new) :]) if len(new) <= len(old) else old


_PARENS = r"\((?:[^()]++|\([^()]*+\))*+\)"
"""A list in parentheses, of calls as well. One that is not closed is given up at once."""
_Replacement = str | Callable[[re.Match[str]], str]
# The patterns as text: `re` compiles and keeps what is asked for, and most projects never ask.
_REWRITES: tuple[tuple[frozenset[str], str, Callable[[re.Match[str]], str]], ...] = (
    (
        frozenset({"mysql", "sqlite", "singlestore", "doris", "starrocks"}),
        r"(?i)\A(\s*)replace(\s+(?:into\s+)?)",
        lambda found: f"{found[1]}insert {found[2]}",
    ),
    (
        frozenset({"postgres", "redshift", "materialize"}),
        r"(?i)\bwith\s+(?:no\s+)?data\s*;?\s*\Z",
        lambda found: blank(found[0]),
    ),
    (
        frozenset({"oracle"}),
        r"(?is)\bwhere\b((?:(?!\b(?:when|where|delete)\b).)*?)\bdelete\s+where\b",
        lambda found: f"where{found[1]}" + _same_length("or", found[0][5 + len(found[1]) :]),
    ),
    (
        frozenset({"oracle"}),
        r"(?i)\bdelete(\s+where\b)",
        lambda found: f"{blank('delete')}{found[1]}",
    ),
    (
        frozenset({"clickhouse"}),
        r"(?i)\A(\s*)alter table(\s+\S+\s+)(on\s+cluster\s+\S+\s+)?update\b",
        lambda found: f"{found[1]}update     {found[2]}{blank(found[3] or '')}set   ",
    ),
    (
        frozenset({"clickhouse"}),
        r"(?i)\A(\s*)alter table(\s+\S+\s+)(on\s+cluster\s+\S+\s+)?delete\b",
        lambda found: f"{found[1]}delete from{found[2]}{blank(found[3] or '')}      ",
    ),
    (
        frozenset(
            {
                "oracle",
                "postgres",
                "redshift",
                "bigquery",
                "databricks",
                "hive",
                "snowflake",
                "trino",
                "duckdb",
                "materialize",
                "risingwave",
            }
        ),
        (
            r"(?is)\A(\s*create\s+(?:or\s+replace\s+)?materialized\s+view\s+(?:if\s+not\s+exists\s+)?"
            rf"[^\s(]++(?:\s*{_PARENS})?)(.*?)(\bas\s*(?:\(|\bselect\b|\bwith\b))"
        ),
        lambda found: f"{found[1]}{blank(found[2])}{found[3]}",
    ),
    (
        frozenset({"tsql", "fabric", "mysql", "postgres", "oracle", "teradata", "redshift", "singlestore"}),
        r"(?i)\bwith\s+(?:(?:cascaded|local)\s+)?check\s+option\s*;?\s*\Z",
        lambda found: blank(found[0]),
    ),
    (
        frozenset({"oracle"}),
        (
            r"(?is)\A(\s*create\s+(?:or\s+replace\s+)?(?:(?:no)?force\s+)?(?:(?:non)?editionable\s+)?(?:force\s+)?view\s+"
            r"[^\s(]++(?:\s*\([^()]*\))?)(\s+(?:bequeath|sharing|default\s+collation)\b.*?)(\bas\s*(?:\(|\bselect\b|\bwith\b))"
        ),
        lambda found: f"{found[1]}{blank(found[2])}{found[3]}",
    ),
    (
        frozenset({"oracle"}),
        rf"(?i)\blog\s+errors\b(?:\s+into\s+[\w.$#\"]+)?(?:\s*{_PARENS})?(?:\s+reject\s+limit\s+\w+)?\s*;?\s*\Z",
        lambda found: blank(found[0]),
    ),
    (
        frozenset({"bigquery", "clickhouse"}),
        r"(?i)\A(\s*create)(\s+(?:snapshot(?=\s+table\b)|(?:live|window)(?=\s+view\b)))",
        lambda found: found[1] + blank(found[2]),
    ),
    (
        frozenset({"clickhouse"}),
        r"(?i)\bpopulate(\s+as\b)",
        lambda found: f"        {found[1]}",
    ),
    (
        frozenset({"tsql", "fabric"}),
        r"(?i)\A(\s*(?:delete|insert|merge))(\s+top\s*\([^()]*\)(?:\s+percent\b)?)",
        lambda found: f"{found[1]}{blank(found[2])}",
    ),
    (
        frozenset({"tsql", "fabric"}),
        r"(?i)\A(\s*delete\s+)from(\s+[\w.\[\]#@]+\s+(?:from|output)\b)",
        lambda found: f"{found[1]}    {found[2]}",
    ),
    (
        frozenset({"spark", "spark2", "databricks", "hive"}),
        (
            r"(?is)\b(insert\s+overwrite\s+(?:local\s+)?directory\s+'[^']*')"
            r"(\s+using\s+\w+(?:\s+options\s*\([^)]*\))?)"
        ),
        lambda found: found[1] + blank(found[2]),
    ),
    (
        frozenset({"databricks"}),
        r"(?i)\bmerge(\s+with\s+schema\s+evolution)(\s+into\b)",
        lambda found: f"merge{blank(found[1])}{found[2]}",
    ),
    (
        frozenset({"databricks"}),
        r"(?i)\A(\s*insert)(\s+with\s+schema\s+evolution)(\s+(?:into|overwrite)\b)",
        lambda found: f"{found[1]}{blank(found[2])}{found[3]}",
    ),
    (
        frozenset({"databricks", "spark"}),
        r"(?is)(\bclone\s+[\w.`]+)(\s+(?:version|timestamp)\s+as\s+of\s+(?:'[^']*'|\w+))",
        lambda found: f"{found[1]}{blank(found[2])}",
    ),
    (
        frozenset({"bigquery"}),
        r"(?is)(\b(?:clone|copy)\s+[\w.`-]+)(\s+for\s+system_time\s+as\s+of\s+.*)\Z",
        lambda found: f"{found[1]}{blank(found[2])}",
    ),
    (
        frozenset({"databricks", "spark"}),
        r"(?is)\A(\s*create)(\s+or\s+refresh)?((?:\s+(?:temporary|incremental|streaming|private))*\s+live|\s+private)(\s+(?:table|view)\b)",
        lambda found: f"{found[1]}{blank(found[2] or '')}{blank(found[3])}{found[4]}",
    ),
    (
        frozenset({"databricks", "spark"}),
        r"(?is)\A(\s*create)(\s+or\s+refresh)(\s+streaming|\s+materialized)(\s+(?:table|view)\b)",
        lambda found: f"{found[1]}{blank(found[2])}{blank(found[3])}{found[4]}",
    ),
    (
        frozenset({"databricks", "spark"}),
        r"(?is)\A(\s*create\s+(?:table|view)\s+[\w.`]+\s*)(\(\s*constraint\s.*?\))(?=\s*(?:comment|partitioned|tblproperties|cluster|as)\b)",
        lambda found: f"{found[1]}{blank(found[2])}",
    ),
    (
        frozenset({"hive", "spark", "databricks"}),
        r"(?i)\A(\s*create\s+(?:or\s+replace\s+)?view\s+[\w.`]+\s*(?:\([^)]*\)\s*)?)(partitioned\s+on\s*\([^)]*\))",
        lambda found: f"{found[1]}{blank(found[2])}",
    ),
    (
        frozenset({"starrocks", "doris"}),
        rf"(?i)(\b(?:into|overwrite(?:\s+table)?)\s+[\w.`]+(?:\s+partition\s*{_PARENS})?\s+)(with\s+label\s+\w+)",
        lambda found: f"{found[1]}{blank(found[2])}",
    ),
    (
        frozenset({"spark", "databricks", "hive"}),
        rf"(?i)(\bpartition\s*{_PARENS}\s*)(if\s+not\s+exists)\b",
        lambda found: f"{found[1]}{blank(found[2])}",
    ),
    (
        frozenset({"oracle", "postgres", "redshift", "exasol"}),
        (
            r"(?is)\A(\s*create\s+(?:(?:global|private|local)\s+)?(?:temp(?:orary)?\s+)?table\s+(?:if\s+not\s+exists\s+)?"
            r"[^\s(]+(?:\s*\([^)]*\))?)(\s.*?)(\bas\s*(?:\(|\bselect\b|\bwith\b))"
        ),
        lambda found: f"{found[1]}{blank(found[2])}{found[3]}",
    ),
    (
        frozenset({"postgres", "redshift", "materialize", "risingwave"}),
        r"(?is)\A(\s*create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?(?:recursive\s+)?view\s+[^\s(]+\s*(?:\([^)]*\)\s*)?)(with\s*\([^()]*\))(?=\s*as\b)",
        lambda found: f"{found[1]}{blank(found[2])}",
    ),
    (
        frozenset({"tsql", "fabric"}),  # Synapse: how the new table is kept
        r"(?is)\A(\s*create\s+(?:external\s+)?table\s+\S+\s*)(with\s*\((?:[^()]|\([^()]*\))*\))(?=\s*as\b)",
        lambda found: f"{found[1]}{blank(found[2])}",
    ),
    (
        frozenset({"sqlite"}),
        r"(?i)\A(\s*update)(\s+or\s+(?:ignore|replace|abort|fail|rollback))\b",
        lambda found: f"{found[1]}{blank(found[2])}",
    ),
    (
        frozenset({"oracle"}),
        rf"(?i)\bversions\s+between\s+(?:scn|timestamp)\b(?:(?!\bversions\b).)*?\sand\s+(?:maxvalue|\w+\s*{_PARENS}|\S+)",
        lambda found: blank(found[0]),
    ),
    (
        frozenset({"oracle"}),
        rf"(?i)\bpartition\s+by\s*{_PARENS}(?=\s*(?:on\b|(?:\w+\s+)?(?:(?:left|right|full)\s+)?outer\s+join\b|(?:left|right|full)\s+join\b))",
        lambda found: blank(found[0]),
    ),
    (
        frozenset({"databricks", "spark"}),
        r"(?i)\bdeep(\s+clone\b)",
        lambda found: f"    {found[1]}",
    ),
    (
        frozenset({"teradata"}),
        r"(?i)\(\s*named\s+(\"[^\"]+\"|\w+)\s*\)",
        lambda found: _same_length(f"as {found[1]}", found[0]),
    ),
    (
        frozenset({"teradata"}),
        r"(?i)\(\s*(?:(?:title|format)\s+'[^']*'|(?:not\s+)?(?:casespecific|cs)|uppercase)\s*\)",
        lambda found: blank(found[0]),
    ),
    (
        frozenset({"teradata"}),
        r"(?i),\s*(?:title|format)\s+'[^']*'(?=\s*[,)])",
        lambda found: blank(found[0]),
    ),
    (
        frozenset({"teradata"}),
        (
            r"(?i)(\))(\s*(?:year|month|day|hour|minute|second)(?:\s*\(\d+\))?"
            r"(?:\s+to\s+(?:month|hour|minute|second)(?:\s*\(\d+\))?)?)(?=\s*(?:[,);+<>=*/-]|as\b|from\b|\Z))"
        ),
        lambda found: found[1] + blank(found[2]),
    ),
    (
        frozenset({"teradata"}),
        r"(?i)(\bsample)(\s+(?:with\s+replacement\s+)?randomized\s+allocation)\b",
        lambda found: found[1] + blank(found[2]),
    ),
    (
        frozenset({"tsql", "fabric"}),
        r"(?i)\boption\s*\(\s*for\s+timestamp\s+as\s+of\s+'[^']*'\s*\)",
        lambda found: blank(found[0]),
    ),
    (
        frozenset({"oracle"}),
        r"(?i)\A(\s*create\s+(?:or\s+replace\s+)?)((?:(?:no)?force\s+)?(?:(?:non)?editionable\s+|editioning\s+)(?:(?:no)?force\s+)?)(?=view\b)",
        lambda found: found[1] + blank(found[2]),
    ),
    (
        frozenset({"databricks", "spark"}),
        rf"(?i),\s*constraint\s+[\w`]+\s+expect\s*{_PARENS}(?:\s+on\s+violation\s+(?:drop\s+row|fail\s+update))?",
        lambda found: blank(found[0]),
    ),
)


_LEFT_OUT: tuple[tuple[str, str, str], ...] = (
    ("oracle", r"(?i)\blog\s+errors\s+into\s+[\w.$#\"]+", "the rows that fail are not followed"),
    (
        "oracle",
        rf"(?i)\bpartition\s+by\s*{_PARENS}(?=\s*(?:on\b|(?:\w+\s+)?(?:(?:left|right|full)\s+)?(?:outer\s+)?join\b))",
        "which rows a partitioned join adds is not followed",
    ),
)


def left_out(sql: str, dialect: str) -> Iterator[tuple[str, int]]:
    """What a rewrite leaves out although it names something: what is told of it, and where it stands."""
    for one, pattern, told in _LEFT_OUT:
        for found in re.finditer(pattern, sql) if one == dialect else ():
            yield f"{' '.join(found[0].split())}: {told}", found.start()


def rewritten(sql: str, dialect: str) -> str | None:
    """The same statement in words that sqlglot knows; None when there is nothing to change."""
    changed = sql
    for dialects, pattern, replacement in _REWRITES:
        if dialect in dialects:
            changed = re.sub(pattern, replacement, changed)
    changed = _without_subsets(changed) if "subset" in changed.lower() else changed
    return changed if changed != sql else None


# Each space belongs to one part only: where two parts could share it, each of them doubles the ways to look at the whole.
_SUBSETS = re.compile(r"(?is)(?<=\))\s*subset\s+((?:\w+\s*=\s*\([^)]*\)\s*(?:,\s*)?)++)(?=define\b)")


def _without_subsets(sql: str) -> str:
    """MATCH_RECOGNIZE's SUBSET names several pattern variables: `s.a` is the column `a` of the rows of any of them."""
    found = _SUBSETS.search(sql)
    if found is None:
        return sql
    sql = f"{sql[: found.start()]}{blank(found[0])}{sql[found.end() :]}"
    names = "|".join(re.findall(r"\b(\w+)\s*=", found[1]))
    return re.sub(rf"(?i)\b(?:{names})\s*\.", lambda one: blank(one[0]), sql)


_UPDATE_FROM = re.compile(
    r"(?is)\A(\s*upd(?:ate)?\s+[\w.\"]+(?:\s+(?:as\s+)?(?!from\b)\w+)?\s+)(from\b.*?)(\bset\b.*)\Z"
)


def update_from(sql: str, dialect: str) -> tuple[str, str] | None:
    """Teradata's `UPDATE t FROM s SET ...`: the statement without its FROM, and the FROM alone, both in their places."""
    found = _UPDATE_FROM.match(sql) if traits(dialect).from_before_set else None
    if found is None:
        return None
    return f"{found[1]}{blank(found[2])}{found[3]}", only(sql, found.start(2), found.end(2))


_UNLOAD = re.compile(r"(?is)\A\s*unload\s*\(\s*('(?:[^'\\]|''|\\.)*'|\$\$.*?\$\$)\s*\)\s*to\s*'([^']*)'")
_UNLOAD_BARE = re.compile(r"(?is)\A\s*unload\s*\((\s*(?:select|with|table|\().*)\)\s*to\s*'([^']*)'")


_EXPORT = re.compile(
    r"(?is)\A\s*export\s+to\s+('[^']*'|\S+)\s+of\s+(?:del|ixf|asc)\b.*?(\b(?:select|with)\b.*)\Z"
)


def unloaded(sql: str) -> tuple[int, int, str] | None:
    """UNLOAD ('query') TO 'place', the query in quotes (Redshift) or not (Athena), and Db2's EXPORT TO place: where the
    query stands, and the place."""
    file = _EXPORT.match(sql)
    if file is not None:
        return file.start(2), file.end(2), file[1].strip("'")
    bare = _UNLOAD_BARE.match(sql)
    if bare is not None:
        return bare.start(1), bare.end(1), bare[2]
    found = _UNLOAD.match(sql)
    if found is None:
        return None
    quote = 2 if found[1].startswith("$$") else 1
    return found.start(1) + quote, found.end(1) - quote, found[2]


_OUTFILE = re.compile(r"(?is)\binto\s+(?:outfile|dumpfile)\s+'([^']*)'.*?(?=\bfrom\b|\Z)")


def filed(sql: str, dialect: str) -> tuple[str, str] | None:
    """MySQL's `SELECT ... INTO OUTFILE 'place'`: the query without it, and the place."""
    found = _OUTFILE.search(sql) if traits(dialect).writes_outfiles else None
    return (
        None if found is None else (f"{sql[: found.start()]}{blank(found[0])}{sql[found.end() :]}", found[1])
    )


def copied_to(query: Any, place: str) -> Any:
    """`COPY (query) TO 'place'` as a tree."""
    return exp.Copy(this=exp.Subquery(this=query), files=[exp.Literal.string(place)])


def unquoted(body: str) -> str:
    """A text inside quotes, its doubled or escaped quotes made single without moving anything."""
    return body.replace("''", " '").replace("\\'", " '")
