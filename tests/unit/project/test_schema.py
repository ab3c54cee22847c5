"""The JSON Schema of penstock.yml: it takes what penstock takes, and marks what penstock refuses."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
import yaml

from penstock import registry
from penstock.project.schema import document_schema
from tests.tools.command import SHOP


@pytest.fixture(scope="module")
def validator() -> Any:
    schema = document_schema({name: registry.integration(name).config for name in registry.names()})
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def wrongs(validator: Any, text: str) -> list[str]:
    return [error.message for error in validator.iter_errors(yaml.safe_load(text))]


def test_the_example_is_right(validator: Any) -> None:
    assert wrongs(validator, (SHOP / "penstock.yml").read_text()) == []


def test_variables_environments_and_rules(validator: Any) -> None:
    text = """
    dbt: {t: {project: ., threads: "${N:-4}", hooks: each, warm: 10m}}
    runs: {retries: 2, timeouts: {total: 2h}, steps: {dbt: {retries: 0}}}
    environments: {prod: {dbt: {t: {target: prod}}}}
    """
    assert wrongs(validator, text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("dbt: {t: {projct: .}}", "'projct' was unexpected"),
        ("nmae: x", "'nmae' was unexpected"),
        ("dbt: {t: {hooks: never}}", "'never' is not one of"),
        ("runs: {retrys: 1}", "'retrys' was unexpected"),
        ("environments: {prod: {dbt: {t: {targt: prod}}}}", "'targt' was unexpected"),
    ],
)
def test_what_penstock_refuses_is_marked(validator: Any, text: str, said: str) -> None:
    assert any(said in wrong for wrong in wrongs(validator, text)), wrongs(validator, text)
