"""A comparison in the forms that windows print. The drawing is `report`'s."""

from __future__ import annotations

from importlib.metadata import version

from penstock.report.document import DiffDocument
from penstock.report.lines import lines
from penstock.report.markdown import markdown
from penstock.report.sarif import sarif as _sarif

__all__ = ["lines", "markdown", "sarif"]


def sarif(document: DiffDocument) -> str:
    return _sarif(document, version("penstock"))
