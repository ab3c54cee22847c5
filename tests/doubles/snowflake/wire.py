"""The shapes of the stand-in's answers: results, and whether they are good."""

from __future__ import annotations

from typing import Any

from tests.doubles.snowflake.answers import Table


def rowset(query: str, table: Table) -> dict[str, Any]:
    return {
        "parameters": [],
        "rowtype": [
            {
                "name": name,
                "type": kind.lower() if kind != "FIXED" else "fixed",
                "length": 16_777_216 if kind == "TEXT" else None,
                "byteLength": 16_777_216 if kind == "TEXT" else None,
                "nullable": True,
                "precision": 38 if kind == "FIXED" else None,
                "scale": 0 if kind == "FIXED" else (9 if kind.startswith("TIME") else None),
                "database": "",
                "schema": "",
                "table": "",
                "collation": None,
            }
            for name, kind in table.columns
        ],
        "rowset": table.rows,
        "total": len(table.rows),
        "returned": len(table.rows),
        "queryId": query,
        "queryResultFormat": "json",
        "finalDatabaseName": None,
        "finalSchemaName": None,
        "finalWarehouseName": None,
        "finalRoleName": "READER",
        "numberOfBinds": 0,
        "statementTypeId": 4096,
        "version": 1,
    }


def good(data: Any) -> dict[str, Any]:
    return {"data": data, "success": True, "code": None, "message": None}


def failed(code: str, message: str) -> dict[str, Any]:
    return {"data": None, "success": False, "code": code, "message": message}
