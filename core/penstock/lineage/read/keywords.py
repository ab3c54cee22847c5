"""The words by which procedural code and its statements are told apart. Facts in tables."""

from __future__ import annotations

from sqlglot.tokenizer_core import TokenType

STARTERS = frozenset(
    [
        "SELECT",
        "SEL",
        "WITH",
        "INSERT",
        "INS",
        "UPDATE",
        "UPD",
        "DELETE",
        "DEL",
        "MERGE",
        "CREATE",
        "REPLACE",
        "COPY",
        "UNLOAD",
        "EXPORT",
        "FROM",
        "VALUES",
        "ALTER",
        "DROP",
        "CACHE",
        "PIVOT",
        "UNPIVOT",
        "TRUNCATE",
    ]
)
OPENERS = frozenset(
    {
        "BEGIN",
        "THEN",
        "ELSE",
        "LOOP",
        "REPEAT",
        "GO",
        ";",
        "TRANSACTION",
        "TRAN",
        "ATOMIC",
        "TRY",
        "CATCH",
        "EXCEPTION",
    }
)
CONDITIONS = frozenset({"IF", "ELSEIF", "ELSIF", "ELIF", "WHILE", "CASE", "UNTIL", "FOR", "WHEN"})
AFTER_CONDITION = frozenset({"THEN", "LOOP", "DO", "BEGIN"})
AFTER_END = frozenset({"IF", "LOOP", "WHILE", "CASE", "REPEAT", "FOR", "TRY", "CATCH"})
ROUTINES = frozenset({"PROCEDURE", "PROC", "FUNCTION", "TRIGGER", "TASK", "EVENT", "PACKAGE"})
OTHER_LANGUAGES = frozenset(
    {"JAVASCRIPT", "PYTHON", "JAVA", "SCALA", "PLPYTHON3U", "PLPYTHONU", "PLPERL", "PLV8", "R"}
)
# T-SQL needs no semicolons: these words begin a statement wherever they stand outside parentheses.
SPLITTERS = frozenset(
    [
        "INSERT",
        "UPDATE",
        "DELETE",
        "MERGE",
        "CREATE",
        "DROP",
        "TRUNCATE",
        "DECLARE",
        "EXEC",
        "EXECUTE",
        "PRINT",
        "RETURN",
        "IF",
        "WHILE",
        "BEGIN",
        "COMMIT",
        "ROLLBACK",
        "GO",
    ]
)
BODIES = frozenset(
    kind
    for kind in (getattr(TokenType, name, None) for name in ("STRING", "RAW_STRING", "HEREDOC_STRING"))
    if kind is not None
)
# First words of statements that name relations and move nothing: they are told.
CONCERNING = frozenset(
    [
        "SHOW",
        "GRANT",
        "REVOKE",
        "DENY",
        "VACUUM",
        "ANALYZE",
        "ANALYSE",
        "REFRESH",
        "OPTIMIZE",
        "COMMENT",
        "LOCK",
        "UNLOCK",
        "REINDEX",
        "CLUSTER",
        "LIST",
        "REMOVE",
        "PUT",
        "GET",
        "DESCRIBE",
        "DESC",
        "MSCK",
        "UNCACHE",
        "ADD",
        "ATTACH",
        "DETACH",
        "IMPORT",
        "HANDLER",
        "RESTORE",
        "CONVERT",
    ]
)


# Statements that are left as they are: nothing flows in them.
SILENT = CONCERNING | frozenset(
    [
        "EXPLAIN",
        "AWAIT",
        "CALL",
        "SET",
        "RESET",
        "PRAGMA",
        "INSTALL",
        "LOAD",
        "KILL",
        "CHECKPOINT",
        "FETCH",
        "OPEN",
        "CLOSE",
        "DECLARE",
        "USE",
        "BEGIN",
        "COMMIT",
        "ROLLBACK",
        "START",
        "SAVEPOINT",
        "RELEASE",
        "END",
        "PRINT",
        "RETURN",
        "RAISE",
        "RAISERROR",
        "THROW",
        "SIGNAL",
        "RESIGNAL",
        "NULL",
        "GOTO",
        "BREAK",
        "WAITFOR",
        "DEALLOCATE",
        "EXIT",
        "LEAVE",
        "ITERATE",
        "CONTINUE",
    ]
)
# Their words are privileges, not queries: `grant select on t`.
WITHOUT_QUERIES = frozenset({"GRANT", "REVOKE", "DENY"})
BODY_WORDS = STARTERS | {"BEGIN", "DECLARE", "''", "IF", "$$"}
# Words of procedural code before a query that are nobody's name.
NAMELESS = frozenset(
    {"LET", "SET", "DECLARE", "CURSOR", "VAR", "VARIABLE", "RETURN", "QUERY", "OPEN", "FOR", "IF", "WHILE", "EXISTS", "NOT", "UNTIL"}
)  # fmt: skip
# T-SQL: `create view v with schemabinding as ...`
VIEW_OPTIONS = frozenset({"SCHEMABINDING", "ENCRYPTION", "VIEW_METADATA", "RECOMPILE", "EXECUTE"})
