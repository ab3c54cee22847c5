"""What the tables of the run store are made of: their metadata and the kinds of columns. Defines no table."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ColumnElement, Double, Integer, MetaData, Text, func

metadata = MetaData()
SERIAL = BigInteger().with_variant(Integer, "sqlite")


def text_column(name: str, *, key: bool = False, needed: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=not (key or needed))


def time_column(name: str, *, needed: bool = False) -> Column[float]:
    return Column(name, Double, nullable=not needed)


def count_column(name: str, *, key: bool = False, needed: bool = False) -> Column[int]:
    return Column(name, BigInteger, primary_key=key, nullable=not (key or needed), autoincrement=False)


def beside(column: ColumnElement[str]) -> ColumnElement[str]:
    """For a condition that holds for most rows: SQLite, which counts none, would read them all by its index, scattered over the file."""
    return func.coalesce(column, "")
