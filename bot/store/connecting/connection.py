"""A connection on which a statement goes straight from SQLAlchemy's compiler to the driver, and its rows straight back.

SQLAlchemy makes a context, two cursors and a greenlet for each statement, and waits for its driver several times; all
that takes longer than most of our statements. Here its compiler, its types and its rows do their part, and nothing else
of it. What is written out, and many rows that come back with others, it executes as ever, on the same connection.
"""

from collections.abc import Sequence
from typing import Any, Self

import asyncpg
from sqlalchemy import Delete, Insert, Select, Update
from sqlalchemy.engine import IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.exc import DBAPIError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store.connecting.drivers import DRIVERS_ERRORS, Driver, Way, driver_of
from bot.store.connecting.plans import Plan, Plans

_KINDS: dict[type[Exception], str] = {
    asyncpg.IntegrityConstraintViolationError: "IntegrityError",
    asyncpg.InternalClientError: "InternalError",
    asyncpg.InterfaceError: "InterfaceError",
    asyncpg.PostgresError: "Error",
}
"""What asyncpg's errors are called in Python's interface to databases, the more special first."""


class Answer(IteratorResult[Any]):
    """A statement's rows, and how many it has changed."""

    def __init__(self, columns: SimpleResultMetaData, rows: Sequence[Any], rowcount: int) -> None:
        super().__init__(columns, iter(rows))
        self.rowcount = rowcount


class StoreConnection(AsyncConnection):
    """A connection whose transactions begin with ``begin_to`` and end with ``commit``; SQLAlchemy knows of none."""

    _driver: Driver

    def __init__(self, engine: AsyncEngine, plans: Plans) -> None:
        super().__init__(engine)
        self._plans = plans

    async def start(self, is_ctxmanager: bool = False) -> Self:
        """Connect."""
        await super().start(is_ctxmanager)
        self._driver = driver_of(await self.get_raw_connection(), self.dialect)
        return self

    @property
    def is_gone(self) -> bool:
        """Whether its other end is known to have closed it."""
        return self._driver.is_gone

    async def begin_to(self, way: Way) -> None:
        """Begin a transaction that goes this way."""
        try:
            await self._driver.begin(way)
        except DRIVERS_ERRORS as error:
            raise self._told("BEGIN", error) from error

    async def commit(self) -> None:
        """Commit the transaction. Raises OSError where SQLAlchemy has given the connection up meanwhile."""
        if self.invalidated:
            raise ConnectionAbortedError("the connection was given up within its transaction")
        try:
            await self._driver.commit()
        except DRIVERS_ERRORS as error:
            raise self._told("COMMIT", error) from error
        if self.in_transaction():
            await super().commit()  # of what SQLAlchemy executed it thinks that it stands in one

    async def execute(self, statement: Any, parameters: Any = None, *, execution_options: Any = None) -> Any:
        """What SQLAlchemy's own does."""
        straight = None if execution_options else self._straight(statement, parameters)
        if straight is None:
            return await super().execute(statement, parameters, execution_options=execution_options)
        plan, sql, given = straight
        try:
            run = self._driver.run(sql, given[0]) if len(given) == 1 else self._driver.run_many(sql, given)
            rows, codes, rowcount = await run
        except DRIVERS_ERRORS as error:
            raise self._told(sql, error, given) from error
        return Answer(plan.columns(self.dialect, codes), rows, rowcount)

    def _straight(self, statement: Any, parameters: Any) -> tuple[Plan, str, list[list[Any]]] | None:
        """What of a statement the driver is given; None where it is left to SQLAlchemy, which may complain of it."""
        if not isinstance(statement, Select | Insert | Update | Delete):
            return None
        sets = (parameters or [None]) if isinstance(parameters, Sequence) else [parameters]
        planned = self._plans.find(statement, tuple(sets[0] or ()), many=len(sets) > 1)
        plan = planned.plan
        if not plan.is_straight or (len(sets) > 1 and plan.goes_once):
            return None
        try:
            values = [planned.values(each) for each in sets]
            shape = plan.shape(values[0])
            return plan, shape.sql, [shape.given(each) for each in values]
        except (InvalidRequestError, ValueError, TypeError):
            return None

    def _told(self, sql: str, error: Exception, given: Any = None) -> Exception:
        """The error as SQLAlchemy would tell it."""
        dbapi: Any = self.dialect.loaded_dbapi
        for kind, name in _KINDS.items():
            if isinstance(error, kind):
                error = getattr(dbapi, name)(error.args[0], error)
        return DBAPIError.instance(
            sql,
            given,
            error,
            dbapi.Error,
            hide_parameters=True,
            connection_invalidated=self._driver.is_gone,
            dialect=self.dialect,
        )
