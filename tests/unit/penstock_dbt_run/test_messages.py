"""dbt's words made fit for one message."""

from __future__ import annotations

from penstock_dbt.messages import told_error

SAID = """\
20:28:21  [WARNING][CustomKeyInConfigDeprecation]: Deprecated functionality
Custom key `+batch_size` found in `config`.
20:28:22  Encountered an error:
Runtime Error
  No dbt_project.yml found at expected path /there/dbt_project.yml
  Verify that each entry within packages.yml contains a file named dbt_project.yml

20:28:22  [WARNING][DeprecationsSummary]: Deprecated functionality
run with `--no-partial-parse` as some deprecations are only encountered during
parsing.
"""


def test_the_error_is_found_among_warnings() -> None:
    assert told_error(SAID) == (
        "Runtime Error\n"
        "  No dbt_project.yml found at expected path /there/dbt_project.yml\n"
        "  Verify that each entry within packages.yml contains a file named dbt_project.yml"
    )


def test_without_that_line_it_is_the_last_one() -> None:
    assert told_error("one\n\n  two  \n") == "two"
    assert told_error("") == ""
