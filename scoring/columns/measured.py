"""What was measured from a column file on a day, as files beside it: of its generation and the day, by fingerprint."""

import logging
import shutil
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from math import ceil
from pathlib import Path
from typing import Final

import numpy as np

from scoring.bulk.fingerprint import applies_fingerprint, criterion_fingerprint
from scoring.bulk.measuring import Measuring
from scoring.bulk.units import NO_UNITS, Units
from scoring.columns.folders import array_mapped, array_write, locked, private_folder
from scoring.columns.mapped import Generation
from scoring.engine import CompiledMatrix

logger = logging.getLogger(__name__)

#: Leads that are measured at once.
SLICE: Final = 65_536
# The number that stands for the condition of who is scored at all, among those of the criteria.
_APPLIES: Final = -1


# What this process has mapped, and of which files: a run asks for the same units range after range.
_mapped: dict[tuple[Path, str], tuple[tuple[int, ...], Units]] = {}
_MAPPED: Final = 512


def units_stored(generation: Generation, fingerprint: str, as_of: date) -> Units | None:
    """What this criterion gave on this day, mapped; None where nobody measured it or the file cannot be read."""
    key = (_folder(generation, as_of), fingerprint)
    files = _files(*key)
    known = _mapped.get(key)
    if known is not None and known[0] == files:
        return known[1]
    found = _units_map(*key)
    if found is not None:
        # A file that was overtaken takes room on the disk for as long as somebody maps it.
        overtaken = [each for each in list(_mapped) if generation.path not in each[0].parents]
        for each in [*overtaken, *list(_mapped)[:-_MAPPED]]:
            _mapped.pop(each, None)
        _mapped[key] = (files, found)
    return found


def _files(folder: Path, fingerprint: str) -> tuple[int, ...]:
    """Which files these are now: another one may have taken the place of what was mapped."""
    try:
        found = [(folder / f"{fingerprint}.{part}.npy").stat() for part in ("leads", "units")]
    except OSError:
        return ()
    return tuple(number for each in found for number in (each.st_ino, each.st_size))


def _units_map(folder: Path, fingerprint: str) -> Units | None:
    try:
        leads = array_mapped(folder / f"{fingerprint}.leads.npy", np.int32)
        units = array_mapped(folder / f"{fingerprint}.units.npy", np.int64, len(leads))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        logger.warning("Units of a criterion cannot be read and are measured again: %s", error)
        return None
    return Units(leads=leads, units=units)


def units_measure(
    generation: Generation, compiled: CompiledMatrix, as_of: date, kinds: frozenset[str], *, is_shared: bool = False
) -> dict[str, Units]:
    """The units of every criterion of the matrix, and of the leads it applies to, by fingerprint.

    What is missing is measured and stored, some leads at a time, each criterion by one process; of what another is
    measuring its result is waited for. Where others come for the same, `is_shared` leaves them half of what is left each
    time: more passes over the leads, by as many processes as there are. Units of days gone by are deleted.
    """
    wanted = _fingerprints(compiled, kinds)
    folder = private_folder(_folder(generation, as_of))
    _forget_days(folder.parent, as_of)
    while missing := _missing(generation, wanted, as_of):
        with ExitStack() as stack:
            most = ceil(len(missing) / 2) if is_shared else len(missing)
            free = (each for each in missing if stack.enter_context(locked(folder / f"{each}.lock", wait=False)))
            held = list(islice(free, most))
            # Whoever held it a moment ago may have measured it.
            ours = _missing(generation, {each: missing[each] for each in held}, as_of)
            if ours:
                _measure(generation, compiled, as_of, kinds, ours)
        if not held:
            break
    for fingerprint, index in _missing(generation, wanted, as_of).items():
        with locked(folder / f"{fingerprint}.lock"):
            if units_stored(generation, fingerprint, as_of) is None:
                _measure(generation, compiled, as_of, kinds, {fingerprint: index})
    found = {each: units_stored(generation, each, as_of) for each in wanted}
    return {each: units for each, units in found.items() if units is not None}


def _fingerprints(compiled: CompiledMatrix, kinds: frozenset[str]) -> dict[str, int]:
    matrix = compiled.matrix
    # Those that look at the same activities side by side: they are found once.
    indexes = sorted(range(len(matrix.criteria)), key=lambda index: compiled.criteria[index].selection)
    numbers = {criterion_fingerprint(matrix.criteria[each], matrix.timezone, kinds): each for each in indexes}
    return numbers | ({applies_fingerprint(matrix): _APPLIES} if compiled.applies_to else {})


def _missing(generation: Generation, wanted: dict[str, int], as_of: date) -> dict[str, int]:
    return {each: index for each, index in wanted.items() if units_stored(generation, each, as_of) is None}


def _measure(
    generation: Generation, compiled: CompiledMatrix, as_of: date, kinds: frozenset[str], wanted: dict[str, int]
) -> None:
    columns = generation.columns
    parts: dict[str, list[Units]] = {fingerprint: [] for fingerprint in wanted}
    for start in range(0, len(columns), SLICE):
        measuring = Measuring(compiled, columns.slice(start, min(start + SLICE, len(columns))), as_of, kinds)
        for fingerprint, index in wanted.items():
            units = measuring.applies() if index == _APPLIES else measuring.units(index)
            if units is not None:
                parts[fingerprint].append(Units(leads=units.leads + np.int32(start), units=units.units))
    folder = _folder(generation, as_of)
    for fingerprint, found in parts.items():
        # The leads last: who finds them finds the units.
        array_write(folder / f"{fingerprint}.units.npy", np.concatenate([NO_UNITS.units, *(e.units for e in found)]))
        array_write(folder / f"{fingerprint}.leads.npy", np.concatenate([NO_UNITS.leads, *(e.leads for e in found)]))
        found.clear()


def _folder(generation: Generation, as_of: date) -> Path:
    return generation.path / "units" / as_of.isoformat()


def _forget_days(folder: Path, as_of: date) -> None:
    """Delete the units of all days but this one and those that are today or yesterday somewhere."""
    today = datetime.now(UTC).date()
    kept = {as_of, *(today + timedelta(days=ahead) for ahead in (-2, -1, 0, 1))}
    for each in folder.iterdir():
        if each.name not in {day.isoformat() for day in kept}:
            shutil.rmtree(each, ignore_errors=True)
