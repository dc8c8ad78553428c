"""Rows in every table, for tests that move databases on."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Connection, MetaData, select

from tests.make import NOW

_DEMANDED = {"passes.kind": "link"}
"""What checks demand of columns without a default."""


def reflected(connection: Connection) -> MetaData:
    """The tables as they are, whatever the code knows of them."""
    found = MetaData()
    found.reflect(connection, only=lambda name, _: name != "alembic_version")
    return found


def fill(connection: Connection, tables: MetaData, number: int) -> None:
    """A row of this number in every table, with a value in every column that has no default."""
    for table in tables.sorted_tables:
        columns = [column for column in table.columns if column.server_default is None or column.primary_key]
        connection.execute(table.insert().values({column.name: _value(column, number) for column in columns}))


def all_rows(connection: Connection, tables: MetaData) -> dict[str, list[Any]]:
    """Every row of every table, in the order of their keys."""
    return {
        table.name: list(connection.execute(select(table).order_by(*table.primary_key)).all())
        for table in tables.sorted_tables
    }


def _value(column: Column[Any], number: int) -> object:
    if str(column) in _DEMANDED:
        return _DEMANDED[str(column)]
    kind = column.type.python_type
    values = {int: number, str: f"t{number}", bool: True, float: 1.5, datetime: NOW, date: NOW.date()}
    return values.get(kind, [["a", "b"]])  # what is left is JSON
