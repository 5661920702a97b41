"""How large a run is, and where what it makes lies."""

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
SEED = 20_261_122
#: Raised with every change of what the generator makes: a database made by another one is made anew.
GENERATOR = 1


@dataclass(frozen=True, kw_only=True)
class Scale:
    """A population and how long what is done with it may take. Times are seconds, `smaller` names populations for the growth."""

    name: str
    leads: int
    activities: int
    repeats: int
    smaller: tuple[str, ...]
    peer_leads: int
    handoffs: int
    #: Leads whose scores are held against the engine; None for all.
    checked: int | None
    #: How long events are sent at a steady rate, and how many a second.
    steady_seconds: int
    steady_rate: int
    #: Events of one batch measurement.
    events: int
    #: No step may take longer.
    step_seconds: int
    #: Rows of the imported file, and leads of the engine's own measurement.
    import_rows: int
    engine_leads: int

    @property
    def folder(self) -> Path:
        return PROJECT / "var" / "bench" / self.name


SCALES = {
    each.name: each
    for each in (
        Scale(
            name="tiny", leads=300, activities=6_000, repeats=1, smaller=(), peer_leads=60, handoffs=150, checked=None,
            steady_seconds=2, steady_rate=20, events=40, step_seconds=180, import_rows=200, engine_leads=50,
        ),
        Scale(
            name="10k", leads=10_000, activities=200_000, repeats=3, smaller=(), peer_leads=2_000, handoffs=5_000,
            checked=None, steady_seconds=10, steady_rate=200, events=2_000, step_seconds=600, import_rows=2_000,
            engine_leads=1_000,
        ),
        Scale(
            name="30k", leads=30_000, activities=600_000, repeats=3, smaller=("10k",), peer_leads=2_000,
            handoffs=15_000, checked=2_000, steady_seconds=10, steady_rate=200, events=2_000, step_seconds=600,
            import_rows=2_000, engine_leads=1_000,
        ),
        Scale(
            name="100k", leads=100_000, activities=2_000_000, repeats=3, smaller=("10k", "30k"), peer_leads=2_000,
            handoffs=100_000, checked=2_000, steady_seconds=15, steady_rate=200, events=3_000, step_seconds=600,
            import_rows=2_000, engine_leads=2_000,
        ),
        Scale(
            name="full", leads=1_000_000, activities=20_000_000, repeats=3, smaller=("10k", "100k"), peer_leads=20_000,
            handoffs=150_000, checked=2_000, steady_seconds=60, steady_rate=200, events=20_000, step_seconds=1_800,
            import_rows=10_000, engine_leads=4_000,
        ),
    )
}  # fmt: skip


def scale_chosen() -> Scale:
    """The scale that the environment asks for; ends the program with a sentence where there is none of that name."""
    name = os.environ.get("SCALE") or "100k"
    if name not in SCALES:
        raise SystemExit(f"SCALE is '{name}'; it can be {', '.join(SCALES)}.")
    return SCALES[name]
