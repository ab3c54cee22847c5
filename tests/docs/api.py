"""The page of the API, made from its table of routes: `python -m tests.docs.api` writes it anew."""

from __future__ import annotations

from typing import Any

from penstock.web.openapi import document
from penstock.web.table import routes
from tests.support import ROOT

PAGE = ROOT / "docs" / "reference" / "api.md"


def page() -> str:
    """The whole page as it should stand in the docs."""
    described = document(routes(), "")
    parts = [
        "# API\n",
        "Made from the table of routes. How to use it: [how-to](../how-to/web.md). The records are in the OpenAPI document: "
        "`penstock web --openapi`.\n",
    ]
    for path, methods in described["paths"].items():
        for method, told in methods.items():
            parts.append(f"## {method.upper()} {path}\n\n{told['summary']} {_facts(told)}\n")
    return "\n".join(parts)


def _facts(told: dict[str, Any]) -> str:
    facts = [f"Right: `{told['x-right']}`."]
    names = [f"`{one['name']}`" for one in told.get("parameters", []) if one["in"] == "query"]
    if names:
        facts.append("Query: " + ", ".join(names) + ".")
    if "requestBody" in told:
        facts.append(f"Body: {_name(told['requestBody']['content']['application/json']['schema'])}.")
    (answer,) = (one for status, one in told["responses"].items() if status != "default")
    facts.append(f"Answer: {_name(answer['content']['application/json']['schema'])}.")
    if "x-command" in told:
        facts.append(f"The same: `{told['x-command']}`.")
    return " ".join(facts)


def _name(schema: dict[str, Any]) -> str:
    return f"`{schema['$ref'].rpartition('/')[2]}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
