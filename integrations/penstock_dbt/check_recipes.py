"""What decides a test's verdict beside the data that it reads: its text and arguments, its configuration, macros and values."""

from __future__ import annotations

import hashlib

import msgspec

from penstock.assets import Recipe
from penstock_dbt.fingerprints import COSMETIC, checksum_text
from penstock_dbt.fixtures import changing
from penstock_dbt.plain import laid_out_plainly
from penstock_dbt.recipes import Recipes, Uses, digest_of, uses_of
from penstock_manifests.dbt import Node, UnitTest

_COSMETIC = frozenset({*COSMETIC, "description", "schema", "database", "alias", "static_analysis"})


def of_data_test(recipes: Recipes, test: Node) -> Recipe:
    """`open` where the same test of the same rows may judge otherwise, or does more than judge."""
    config: dict[str, object] = msgspec.json.decode(test.config)
    shaping = {name: value for name, value in config.items() if name not in _COSMETIC}
    named = test.test_metadata
    arguments = bytes(named.kwargs).decode() if named is not None else ""
    raw = str(msgspec.json.decode(test.raw_code) or "") if len(test.raw_code) > 2 else ""
    # Arguments and settings are Jinja, too: `where: "day > '{{ var('start') }}'"`.
    uses = uses_of("\n".join((raw, arguments, bytes(test.config).decode())))
    macros, template, parts = recipes.text_of(test, plainly=True)
    uses = uses.joined(macros)
    text = hashlib.blake2b(digest_size=10)
    for part in (
        template,
        laid_out_plainly(raw),
        arguments,
        test.column_name or "",
        named.name if named else "",
    ):
        text.update(f"{part}\0".encode())
    settings = {f"configuration {name}": digest_of(value) for name, value in shaping.items()}
    return Recipe(
        form="check",
        settings=digest_of([shaping, recipes.overrides, recipes.session]),
        template=text.hexdigest(),
        context=recipes.context(uses),
        open=_open(config, uses) or recipes.hooks.of(test),
        parts=parts | settings,
    )


def of_unit_test(recipes: Recipes, test: UnitTest, model: Node | None) -> Recipe | None:
    """Its rows are its own: beside its text it depends on what the model is made by, and on the shapes of what that reads."""
    if model is None or not (checksum := checksum_text(test.checksum)):
        return None
    fixtures = (*test.given, *([test.expect] if test.expect else []))
    made = recipes.of(model, plainly=True)
    return Recipe(
        form="unit_check",
        settings=made.settings,
        template=digest_of([checksum, made.template]),
        context=made.context,
        open=changing(fixtures, bytes(test.overrides)) or made.open,
        parts={**made.parts, "its rows": checksum},
    )


def _open(config: dict[str, object], uses: Uses) -> str:
    if config.get("store_failures") or config.get("store_failures_as"):
        return "it stores the rows that fail"
    if uses.asks:
        return f"its SQL depends on what dbt finds while it compiles ({uses.asks})"
    return "it reads an environment variable whose name is computed" if uses.any_env else ""
