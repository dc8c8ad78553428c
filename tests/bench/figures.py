"""What a benchmark yields."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure beside its limit, both in ``unit``; less is better."""

    what: str
    measured: float
    limit: float
    unit: str = "ms"

    @property
    def failed(self) -> bool:
        """Whether it is past its limit."""
        return self.measured > self.limit

    @property
    def part(self) -> str:
        """How much of the limit it is."""
        return f"{self.measured / self.limit:.0%}"

    def shown(self, value: float) -> str:
        """One of its values, with the unit."""
        return f"{value:,.0f} {self.unit}" if value >= 10 else f"{value:,.1f} {self.unit}"
