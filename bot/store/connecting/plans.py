"""What SQLAlchemy's compiler makes of a statement, kept as a driver needs it.

SQLAlchemy keeps the compiled statement, too, but not what its lists come to, and looks anew at each execution what kind
of statement it is. Its parts that are used here are its own Connection's, and not documented; the suite runs on them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ClauseElement, Dialect, Engine
from sqlalchemy.engine.result import SimpleResultMetaData

KNOWN = 500
"""Statements that are kept, and plans."""
SHAPES = 100
"""Of one statement with lists that are kept."""
LONGEST = 50
"""Of all its lists together, for it to be kept: those are the many, and the few are not what takes long."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A statement whose lists have a certain length, with a place for each value."""

    sql: str
    names: tuple[str, ...]
    """Of the values, by place."""
    writing: Mapping[str, Any]
    """What makes of a value what the driver wants, by its name."""
    lists: Mapping[str, Iterable[str]] = field(default_factory=dict)
    """What the values of each list are called."""

    def given(self, values: dict[str, Any]) -> list[Any]:
        """The values by place, as the driver wants them."""
        for name, names in self.lists.items():
            values.update(zip(names, values[name], strict=True))
        writing = self.writing
        return [writing[name](values[name]) if name in writing else values[name] for name in self.names]


class Plan:
    """A compiled statement."""

    def __init__(self, compiled: Any) -> None:
        self.compiled = compiled
        self.is_straight = self._is_straight()
        """Whether it is one that ``shape`` and ``columns`` say all of."""
        self.goes_once = bool(compiled.post_compile_params or compiled._result_columns or compiled._insertmanyvalues)
        """Whether it takes one set of values only."""
        self._lists = tuple(compiled.bind_names[parameter] for parameter in compiled.post_compile_params)
        self._shapes: dict[tuple[int, ...], Shape] = {}
        self._plain = Shape(compiled.string, tuple(compiled.positiontup or ()), compiled._bind_processors)
        self._columns: SimpleResultMetaData | None = None

    def shape(self, values: dict[str, Any]) -> Shape:
        """The statement for lists of this length."""
        if not self._lists:
            return self._plain
        lengths = tuple(len(values[name]) for name in self._lists)
        shape = self._shapes.get(lengths)
        if shape is None:
            shape = self._expanded(values)
            if sum(lengths) <= LONGEST:
                forget(self._shapes, SHAPES)
                self._shapes[lengths] = shape
        return shape

    def columns(self, dialect: Dialect, codes: Iterable[int | None]) -> SimpleResultMetaData:
        """What its rows are made of, whose columns have these codes of the driver's."""
        if self._columns is None:
            columns = self.compiled._result_columns
            reading = [
                column.type._cached_result_processor(dialect, code)
                for column, code in zip(columns, codes, strict=False)
            ]
            self._columns = SimpleResultMetaData([column.keyname for column in columns], _processors=reading)
        return self._columns

    def _is_straight(self) -> bool:
        compiled = self.compiled
        is_made_here = bool(compiled.insert_prefetch or compiled.update_prefetch or compiled.literal_execute_params)
        has_plain_lists = not any(
            parameter.literal_execute or parameter.type._is_tuple_type for parameter in compiled.post_compile_params
        )
        has_plain_columns = bool(compiled._ordered_columns or not compiled._result_columns)
        return has_plain_lists and has_plain_columns and not is_made_here

    def _expanded(self, values: Mapping[str, Any]) -> Shape:
        expanded = self.compiled._process_parameters_for_postcompile(dict(values))
        writing = {**self._plain.writing, **expanded.processors}
        return Shape(expanded.statement, tuple(expanded.positiontup or ()), writing, expanded.parameter_expansion)


class Planned(NamedTuple):
    """A statement's plan, and what values it has of its own."""

    plan: Plan
    own: Sequence[BindParameter[Any]] | None
    collected: Mapping[str, Any] | None

    def values(self, given: Mapping[str, Any] | None) -> dict[str, Any]:
        """What it is executed with, by name. Raises InvalidRequestError where something is missing."""
        values: dict[str, Any] = self.plan.compiled.construct_params(
            given, extracted_parameters=self.own, escape_names=False, _collected_params=self.collected
        )
        return values


class Plans:
    """The plans of an engine's statements.

    Most statements are built once: such a one is known by itself, which is faster than by all that it is made of.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._by_statement: dict[object, Planned] = {}
        self._by_compiled: dict[object, Plan] = {}

    def find(self, statement: ClauseElement, names: tuple[str, ...], *, many: bool) -> Planned:
        """The plan for values of these names, or for many sets of them."""
        known = statement, names, many
        if planned := self._by_statement.get(known):
            return planned
        compiled, own, collected, _ = statement._compile_w_cache(
            self._engine.dialect,
            compiled_cache=self._engine._compiled_cache,
            column_keys=sorted(names),
            for_executemany=many,
        )
        plan = self._by_compiled.get(compiled)
        if plan is None:
            forget(self._by_compiled, KNOWN)
            plan = self._by_compiled[compiled] = Plan(compiled)
        forget(self._by_statement, KNOWN)
        self._by_statement[known] = planned = Planned(plan, own, collected)
        return planned


def forget(known: dict[Any, Any], most: int) -> None:
    """Make room for one more: forget what was learnt first."""
    if len(known) >= most:
        del known[next(iter(known))]
