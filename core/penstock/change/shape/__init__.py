"""The shape of SQL: what it gives, apart from how it is written, column by column. Pure; knows no store and no plan.

`shape_of` digests one text; `edit_between` says how two texts of one asset differ. What cannot be followed is compared word by word.
"""

from __future__ import annotations

from penstock.change.shape.edit import NORMAL, edit_between, same_but_for_form, shape_of
from penstock.change.shape.records import Edit, Outside, Shape

__all__ = ["NORMAL", "Edit", "Outside", "Shape", "edit_between", "same_but_for_form", "shape_of"]
