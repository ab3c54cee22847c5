"""What a text says to the program that sends it, and not to the warehouse: psql, mysql, SQL*Plus, the shell of SQLite.

Blanked, or said in SQL, letter for letter in the same places.
"""

from __future__ import annotations

import re

from penstock.lineage.dialects.traits import traits
from penstock.lineage.read.text_rewrites import blank


def without_commands(sql: str, dialect: str) -> str:
    """The text as the warehouse would see it."""
    ways = traits(dialect)
    if ways.conditional_comments and "/*" in sql:
        sql = re.sub(_CONDITIONAL, _uncommented, sql)
    if ways.delimiter_command and re.search(_DELIMITER, sql):
        return _delimited(sql)
    if ways.backslash_commands and "\\" in sql:
        return _of_psql(sql)
    if ways.dot_commands and re.search(_DOT_COMMAND, sql):
        sql = _between_statements(sql, _DOT_COMMAND)
    if ways.slash_ends:
        sql = re.sub(r"(?m)^/[ \t]*$", _as_end, sql) if "\n/" in sql else sql
        sql = _between_statements(sql, _SQLPLUS) if re.search(_SQLPLUS, sql) else sql
    return sql


def _as_end(found: re.Match[str]) -> str:
    """A line that ends whatever stood before it, and says nothing."""
    return ";" + blank(found[0][1:])


# As text: `re` compiles and keeps what is asked for, and most projects never ask.
_CONDITIONAL = r"(?s)(/\*M?!(?:\d{5,6})?)(?=[\s\w`(])(.*?)(?:\*/|\Z)"
_DELIMITER = r"(?im)^[ \t]*delimiter[ \t]+(\S+)[ \t]*$"
_DOT_COMMAND = (
    r"(?im)^\.(?:logon|logoff|set|if|goto|label|quit|exit|export|import|run|os|repeat|remark|compile|mode|output|once|headers?"
    r"|read|open|separator|tables|schema|dump|bail|echo|timer|nullvalue|load|shell|system|print|width|changes|databases"
    r"|indexes|save|restore|backup|show|parameter|eqp)\b.*$"
)
# Most of them may end with a semicolon, behind which a statement may stand.
_SQLPLUS = (
    r"(?im)^[ \t]*(?:prompt\b.*|spool\b[^;\n]*|whenever[ \t]+(?:sqlerror|oserror)\b[^;\n]*|@@?[\w./$-][^;\n]*|rem(?:ark)?(?:[ \t].*)?"
    r"|define[ \t]+\w+[ \t]*=[^;\n]*|undefine[ \t]+\w+[^;\n]*|show[ \t]+err(?:ors)?\b[^;\n]*|accept[ \t][^;\n]*|(?:exit|quit)\b(?![ \t]+(?:\w+[ \t]+)?when\b)[^;\n]*"
    r"|(?:conn(?:ect)?(?![ \t]+by\b)|column|col|ttitle|btitle|break|variable|var|host)[ \t]+[\w/@&'][^;\n]*"
    r"|set[ \t]+(?:define|serveroutput|echo|feedback|verify|heading|pagesize|linesize|termout|timing|trimspool|scan|escape"
    r"|sqlblanklines|autocommit|long|colsep|underline|wrap|head|pages|lines|feed|ver|term|trims)\b[^;\n]*)(?=;|$)"
)


# What is not closed is one piece to the end: it is not looked for again behind each further opening.
_PIECES = r"(?is)--[^\n]*|/\*.*?(?:\*/|\Z)|q'[\[({<!|#~].*?(?:[\])}>!|#~]'|\Z)|'[^']*'|\"[^\"]*\"|;|\n|[^\s;'\"/q-]+|\S"


def _between_statements(script: str, commands: str) -> str:
    """Lines that are commands, blanked. Inside a statement the same words are columns and clauses: `.set`, `long`."""
    made: list[str] = []
    command, pieces = re.compile(commands), re.compile(_PIECES)
    at, starts, is_open = 0, True, False
    while at < len(script):
        found = None if is_open or not starts else command.match(script, at)
        if found is not None:
            made.append(_as_end(found))
        elif (found := pieces.search(script, at)) is not None:
            made.append(script[at : found.end()])
            said = found[0]
            starts = said == "\n"
            is_open = said != ";" and (is_open or not (starts or said.startswith(("--", "/*"))))
        else:
            made.append(script[at:])
            break
        at = found.end()
    return "".join(made)


def _uncommented(found: re.Match[str]) -> str:
    """MySQL runs what stands in `/*!50001 ... */`, and MariaDB what stands in `/*M!100100 ... */`."""
    return f"{blank(found[1])}{found[2]}  " if found[0].endswith("*/") else found[0]


def _delimited(sql: str) -> str:
    """MySQL's client: `DELIMITER //` says what ends a statement from there on."""
    made, at, end = "", 0, ";"
    for found in re.finditer(_DELIMITER, sql):
        made += sql[at : found.start()].replace(end, ";" + " " * (len(end) - 1)) + blank(found[0])
        at, end = found.end(), found[1]
    return made + sql[at:].replace(end, ";" + " " * (len(end) - 1))


_ROWS_OF_COPY = (
    r"(?ims)(^[ \t]*copy\b[^;\n]*\bfrom\s+stdin\b[^;\n]*;[^\n]*\n)(.*?^\\\.[ \t]*$|(?:[^\n]*\n)*?\\\.[ \t]*$)"
)
_COPY_OF_CLIENT = r"(?im)^([ \t]*)\\copy\b(.*?);?[ \t]*$"
_SENT = r"(?im)\\(?:gset|gexec|gx|gdesc|crosstabview|g)\b[^\n;\\']*$"
_META = r"(?m)^[ \t]*\\(?:[a-zA-Z]+|!|\?|\.).*$"


def _of_psql(sql: str) -> str:
    """The rows behind COPY ... FROM STDIN, `\\copy`, `\\gset` behind a query, and the other words with a backslash."""
    sql = re.sub(_ROWS_OF_COPY, lambda found: found[1] + blank(found[2]), sql)
    sql = re.sub(_COPY_OF_CLIENT, lambda found: f"{found[1]}copy{found[2]};", sql)
    sql = re.sub(_SENT, _as_end, sql)
    return re.sub(_META, lambda found: blank(found[0]), sql)
