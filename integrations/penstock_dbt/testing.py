"""Data tests and unit tests of a manifest -> checks."""

from __future__ import annotations

import re

import msgspec

from penstock.assets import ObservedCheck, Recipe, Severity
from penstock_dbt.fingerprints import checksum_text
from penstock_dbt.translation import Translation, texts
from penstock_manifests.dbt import Node, UnitTest

_REF = re.compile(r"\bref\(\s*(?P<arguments>[^)]*)\)")
_SOURCE = re.compile(r"\bsource\(\s*(?P<arguments>[^)]*)\)")
_QUOTED = re.compile(r"""['"]([^'"]+)['"]""")


class _Kwargs(msgspec.Struct, frozen=True):
    model: str | None = None


_KWARGS = msgspec.json.Decoder(_Kwargs)


def add_data_test(work: Translation, test: Node) -> None:
    """Add a generic or singular data test. The tested asset comes first, then whatever else the test reads."""
    config = work.configs.text(test)
    settings = work.settings(config)
    parents = work.upstream(test.depends_on.nodes, test.unique_id)
    tested = _tested(test, parents)
    if tested is not None and parents[0] != tested:
        parents = (tested, *(parent for parent in parents if parent != tested))
    attributes = {"test_type": "generic" if test.test_metadata else "singular"}
    if test.test_metadata:
        attributes["test_name"] = test.test_metadata.name
        if test.test_metadata.namespace:
            attributes["test_namespace"] = test.test_metadata.namespace
        if arguments := work.text(test.test_metadata.kwargs):
            attributes["arguments"] = arguments
    if tested is not None:
        attributes["tested"] = tested
    if checksum := checksum_text(test.checksum):
        attributes["checksum"] = checksum
    if macros := work.macros.digest(test.depends_on.macros):
        attributes["macros"] = macros
    keeps = None
    if test.relation_name:
        attributes["stores_failures_in"] = test.relation_name
        keeps = work.names.relation(test.relation_name)
    work.checks.append(
        ObservedCheck(  # by position, as an asset in `relational`
            test.unique_id,
            "data_test",
            test.name,
            parents,
            test.column_name,
            Severity.WARN if (settings.severity or "").lower() == "warn" else Severity.ERROR,
            False,
            test.description or "",
            texts(test.tags),
            test.package_name,
            test.original_file_path,
            test.fqn,
            attributes,
            config,
            work.place.batch,
            _recipe(work, test),
            keeps,
        )
    )


def add_unit_test(work: Translation, test: UnitTest) -> None:
    """Add a unit test. Its asset is the tested model: it runs before that one is made, and gates it."""
    parents = work.upstream(test.depends_on.nodes, test.unique_id)
    tested = (
        next((parent for parent in parents if _named(parent, test.model)), None) or (parents or (None,))[0]
    )
    attributes = {"test_type": "unit", "tested": tested or test.model}
    if checksum := checksum_text(test.checksum):
        attributes["checksum"] = checksum
    if test.version is not None:
        attributes["version"] = str(test.version)
    work.checks.append(
        ObservedCheck(
            id=test.unique_id,
            kind="unit_test",
            name=test.name,
            assets=(tested,) if tested else (),
            before=True,
            description=test.description or "",
            tags=texts(test.tags),
            package=test.package_name,
            path=test.original_file_path,
            fqn=test.fqn,
            attributes=attributes,
            config=work.configs.text(test),
            batch=work.place.batch,
            recipe=_unit_recipe(work, test, tested or ""),
        )
    )


def _recipe(work: Translation, test: Node) -> Recipe | None:
    if work.recipes is None:
        return None
    from penstock_dbt.check_recipes import of_data_test

    return of_data_test(work.recipes, test)


def _unit_recipe(work: Translation, test: UnitTest, tested: str) -> Recipe | None:
    if work.recipes is None:
        return None
    from penstock_dbt.check_recipes import of_unit_test

    return of_unit_test(work.recipes, test, work.manifest.nodes.get(tested))


def _tested(test: Node, parents: tuple[str, ...]) -> str | None:
    """The asset that a generic test is written at; None for a singular test, which is written at none."""
    if test.attached_node in parents:
        return test.attached_node
    if test.test_metadata is None:
        return None
    if len(parents) == 1:
        return parents[0]
    # dbt before 1.5 has no `attached_node`; the test's `model` argument holds the ref() or source() call.
    call = _KWARGS.decode(test.test_metadata.kwargs).model or ""
    found = _REF.search(call) or _SOURCE.search(call)
    names = _QUOTED.findall(found["arguments"]) if found else []
    return next((parent for parent in parents if names and _named(parent, names[-1])), None)


def _named(unique_id: str, name: str) -> bool:
    """Whether an id is that of a node of this name: `model.shop.orders`, `model.shop.orders.v2`."""
    parts = unique_id.split(".")
    return parts[-1] == name or (len(parts) > 3 and parts[-2] == name and parts[-1].startswith("v"))
