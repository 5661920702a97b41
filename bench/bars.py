"""What the issue asks for, beside what was measured."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench.figures import Figure


@dataclass(frozen=True, kw_only=True)
class Bar:
    """`is_met` is asked with the figure and L in seconds."""

    text: str
    is_met: Callable[[Figure, float], bool]


def _scans(most: float) -> Bar:
    return Bar(text=f"≤ {most:g} L", is_met=lambda figure, scan: figure.median <= most * scan)


def _most(most: float, text: str) -> Bar:
    return Bar(text=f"≤ {text}", is_met=lambda figure, _scan: figure.median <= most)


def _least(least: float, text: str) -> Bar:
    return Bar(text=f"≥ {text}", is_met=lambda figure, _scan: figure.median >= least)


BARS: Mapping[str, Bar] = {
    "publish-points": _scans(0.5),
    "publish-conditions": _scans(2),
    "publish-cold": _scans(5),
    "night": _scans(1),
    "preview-one": _most(50, "50 ms"),
    "events-times": _least(10, "10 ×"),
    "seen-rate-p99": _most(2_000, "2,000 ms"),
    "queue-times": _most(3, "3 ×"),
    "peers-times": _least(20, "20 ×"),
    "memory-run": _most(1_536, "1,536 MB"),
    "memory-preview": _most(400, "400 MB"),
    "mismatches": _most(0, "0"),
}
GROWTH = _most(1.05, "1.05")
