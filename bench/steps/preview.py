"""What if: one value moved, all of them, a condition changed; and the private memory of the process that answers."""

import os
from collections.abc import Sequence

from bench.figures import Figure, seconds
from bench.matrices import Document, conditions_changed, document
from bench.processes import MemoryPeak
from bench.progress import say
from bench.scale import Scale
from bench.world import model
from scoring.columns.generations import generation_refresh
from scoring.models import ScoringModel
from scoring.preview import NAMES, Preview, preview


def measure(scale: Scale) -> Sequence[Figure]:
    own = model()
    generation_refresh()
    memory = MemoryPeak(os.getpid())
    first = seconds(lambda: _asked(own, document(name="As it is"), is_waiting=True))
    keys = range(len(document()["criteria"]))
    one = [1_000 * seconds(lambda key=key, by=by: _asked(own, _moved(key, by))) for by in (1, 2) for key in keys]
    whole = [1_000 * seconds(lambda by=by: _asked(own, _all_moved(by))) for by in range(1, 8)]
    changed = []
    for turn in range(scale.repeats):
        made = document(name="One condition")
        made["criteria"][14] = conditions_changed(70 + turn)["criteria"][14]
        changed.append(seconds(lambda made=made: _asked(own, made, is_waiting=True)))
    memory.stop()
    say(f"Preview: one value {sorted(one)[len(one) // 2]:.0f} ms, all {sorted(whole)[len(whole) // 2]:.0f} ms")
    names = f"whole answer with {NAMES} named leads for each line"
    return [
        Figure(key="preview-first", title="what-if, the first after a start", unit="ms", runs=[1_000 * first]),
        Figure(key="preview-one", title="what-if of one value", unit="ms", runs=one, note=f"{names}; each criterion in turn"),
        Figure(key="preview-whole", title="what-if of every value at once", unit="ms", runs=whole, note=names),
        Figure(key="preview-condition", title="what-if of one changed condition, measured and answered", unit="s", runs=changed),
        Figure(key="memory-preview", title="private memory of a process that previews, peak", unit="MB", runs=[memory.peak_kb / 1024]),
    ]  # fmt: skip


def _asked(own: ScoringModel, made: Document, *, is_waiting: bool = False) -> Preview:
    said = preview(model=own, document=made, is_waiting=is_waiting)
    if said.state != "ready":
        raise SystemExit(f"The preview is {said.state}, not ready.")
    return said


def _moved(index: int, by: int) -> Document:
    made = document(name="One value")
    _move(made["criteria"][index], by)
    return made


def _all_moved(by: int) -> Document:
    made = document(name="Every value")
    for each in made["criteria"]:
        _move(each, by)
    return made


def _move(criterion: Document, by: int) -> None:
    if "tier" in criterion:
        criterion["tier"] = "small" if by % 2 else "medium"
    elif "stars" in criterion:
        criterion["stars"] = 1 + (criterion["stars"] + by - 1) % 5
    else:
        criterion["points"] += by
