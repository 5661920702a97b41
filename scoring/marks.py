"""What a score's history marks besides versions: moments in the life of a lead that the floors above know.

They register a source in `AppConfig.ready()`, so that nothing is imported upward.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A moment with a short label. `kind` says how it is drawn, for example `handoff`."""

    at: datetime
    label: str
    kind: str


_sources: dict[str, Callable[[int], Iterable[Mark]]] = {}


def register_marks(name: str, marks: Callable[[int], Iterable[Mark]]) -> None:
    """Add a source: given a lead's id, its marks. The same name again replaces it."""
    _sources[name] = marks


def marks_of(lead_id: int) -> list[Mark]:
    """All marks of a lead, oldest first."""
    return sorted((mark for source in _sources.values() for mark in source(lead_id)), key=lambda mark: mark.at)
