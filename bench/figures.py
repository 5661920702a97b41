"""What was measured, as it is kept in JSON and written into the table."""

import json
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One row of the table: the median of its runs with the least and the most.

    `unit` is s, ms, MB, leads, %, "a second" or "×"; seconds are shown as a multiple of L too. `note` says what the row
    leaves out or was measured on.
    """

    key: str
    title: str
    unit: str
    runs: Sequence[float]
    note: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def median(self) -> float:
        return statistics.median(self.runs)


def seconds(what: Callable[[], object]) -> float:
    start = time.perf_counter()
    what()
    return time.perf_counter() - start


def percentile(values: Iterable[float], share: float) -> float:
    """The value that this share of the values does not pass."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def figures_write(path: Path, figures: Sequence[Figure]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps([asdict(each) for each in figures], indent=1))
    new.replace(path)


def figures_read(path: Path) -> list[Figure]:
    return [Figure(**each) for each in json.loads(path.read_text())] if path.exists() else []
