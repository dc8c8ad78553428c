"""What a benchmark yields."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure beside its limit, both in ``unit``; less is better, unless it says that more is."""

    what: str
    measured: float
    limit: float
    unit: str = "ms"
    more_is_better: bool = False

    @property
    def failed(self) -> bool:
        """Whether it is past its limit."""
        return self.measured < self.limit if self.more_is_better else self.measured > self.limit

    @property
    def part(self) -> str:
        """How much of the limit it is."""
        return f"{self.measured / self.limit:.0%}"

    def shown(self, value: float) -> str:
        """One of its values, with the unit."""
        return f"{value:,.0f} {self.unit}" if value >= 10 else f"{value:,.1f} {self.unit}"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A figure that could not be measured here, and why."""

    what: str
    why: str
