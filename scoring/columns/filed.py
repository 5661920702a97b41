"""One generation's folder: how its parts are named, written and mapped.

Every array is a file of numpy; a column is three: codes, and the texts and ends of its dictionary. Fields, properties and
days of a zone are added when they are first asked for, each in a file named by a hash with its own name beside it.
"""

import hashlib
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from scoring.bulk.columns import Classes, Column
from scoring.bulk.dictionary import Dictionary
from scoring.columns.arranging import Arranged
from scoring.columns.folders import array_made, array_mapped, array_write, locked, private_folder, replacing
from scoring.columns.stock import Stock

logger = logging.getLogger(__name__)

FIELDS: Final = "fields"
PROPERTIES: Final = "properties"
DAYS: Final = "days"
Part = TypeVar("Part")
_CLASSES: Final = ("kind", "url", "subject", "source")


def making(folder: Path) -> Callable[[str, int, Any], NDArray[Any]]:
    """Arrays of the activities, to be filled."""
    return lambda name, count, form: array_made(folder / f"{name}.npy", count, form)


def stock_write(folder: Path, stock: Stock) -> None:
    """All but the activities, which `making` gave."""
    array_write(folder / "lead_ids.npy", stock.lead_ids)
    array_write(folder / "created.npy", stock.created)
    array_write(folder / "first.npy", stock.arranged.first)
    _dictionary_write(folder / "value", stock.values)
    for name in _CLASSES:
        column_write(folder / name, getattr(stock.classes, name))


def stock_mapped(folder: Path) -> Stock:
    """Raises OSError or ValueError where a part is missing, cut off, or of another length than the others say."""
    lead_ids = array_mapped(folder / "lead_ids.npy", np.int64)
    first = array_mapped(folder / "first.npy", np.int64, len(lead_ids) + 1)
    count = int(first[-1])
    kind = column_mapped(folder / "kind")
    return Stock(
        lead_ids=lead_ids,
        created=array_mapped(folder / "created.npy", np.int64, len(lead_ids)),
        arranged=Arranged(
            first=first,
            lead=array_mapped(folder / "lead.npy", np.int32, count),
            moment=array_mapped(folder / "moment.npy", np.int64, count),
            klass=array_mapped(folder / "klass.npy", np.int32, count),
            value=array_mapped(folder / "value.npy", np.int32, count),
            row=array_mapped(folder / "row.npy", np.int64, count),
        ),
        classes=Classes(
            kind=kind,
            url=column_mapped(folder / "url", len(kind.codes)),
            subject=column_mapped(folder / "subject", len(kind.codes)),
            source=column_mapped(folder / "source", len(kind.codes)),
        ),
        values=_dictionary_mapped(folder / "value"),
    )


def column_write(path: Path, column: Column) -> None:
    """The codes last: who finds them finds the rest."""
    _dictionary_write(path, column.dictionary)
    array_write(path.with_name(f"{path.name}.codes.npy"), column.codes)


def column_mapped(path: Path, count: int | None = None) -> Column:
    """Raises OSError or ValueError."""
    codes = array_mapped(path.with_name(f"{path.name}.codes.npy"), np.int32, count)
    return Column(codes=codes, dictionary=_dictionary_mapped(path))


def _dictionary_write(path: Path, dictionary: Dictionary) -> None:
    array_write(path.with_name(f"{path.name}.texts.npy"), dictionary.texts)
    array_write(path.with_name(f"{path.name}.ends.npy"), dictionary.ends)


def _dictionary_mapped(path: Path) -> Dictionary:
    ends = array_mapped(path.with_name(f"{path.name}.ends.npy"), np.int64)
    if not len(ends):
        raise ValueError(f"{path.name} has no ends.")
    return Dictionary(array_mapped(path.with_name(f"{path.name}.texts.npy"), np.uint8, int(ends[-1])), ends)


def column_kept(folder: Path, group: str, name: str, count: int, read: Callable[[], Column]) -> Column:
    """The column of this name, read and added where it is not there; where it cannot be added, as it was read."""
    path = _place(folder, group, name)
    return _kept(folder, path, name, lambda: column_mapped(path, count), read, lambda found: column_write(path, found))


def column_is_kept(folder: Path, group: str, name: str, count: int) -> bool:
    """Whether it is there and can be read."""
    return _mapped(lambda: column_mapped(_place(folder, group, name), count)) is not None


def days_kept(folder: Path, zone: str, count: int, reckon: Callable[[], NDArray[np.int32]]) -> NDArray[np.int32]:
    """The days of the activities in a zone, in the same way."""
    path = _place(folder, DAYS, zone)
    file = path.with_name(f"{path.name}.npy")
    return _kept(
        folder, path, zone, lambda: array_mapped(file, np.int32, count), reckon, lambda found: array_write(file, found)
    )


def names_kept(folder: Path, group: str) -> Iterator[str]:
    """What was added so far."""
    return (each.read_text(encoding="utf-8") for each in sorted((folder / group).glob("*.name")))


def _place(folder: Path, group: str, name: str) -> Path:
    return folder / group / hashlib.sha256(name.encode()).hexdigest()[:32]


def _kept(
    folder: Path,
    path: Path,
    name: str,
    mapped: Callable[[], Part],
    read: Callable[[], Part],
    write: Callable[[Part], None],
) -> Part:
    found = _mapped(mapped)
    if found is not None:
        return found
    try:
        # The folder of a generation that was overtaken meanwhile is gone: it is not made again.
        if folder.is_dir():
            private_folder(path.parent)
        with locked(path.with_name(f"{path.name}.lock")):
            found = _mapped(mapped)
            if found is None:
                write(read())
                with replacing(path.with_name(f"{path.name}.name")) as file:
                    file.write(name.encode())
            return mapped() if found is None else found
    except OSError as error:
        logger.warning("A column cannot be added to the column file; it is read and not kept: %s", error)
        return read()


def _mapped(mapped: Callable[[], Part]) -> Part | None:
    try:
        return mapped()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        logger.warning("A column of the column file cannot be read and is read again: %s", error)
        return None
