"""Facts of leads as columns, read from PostgreSQL now, in the caller's transaction.

They are those that crm.queries.facts_for_leads and scoring.loader.facts_on hand to the engine. Each statement sees what
was committed when it began, so that a lead that changes meanwhile may be read half before and half after: such a lead has
work, and is judged again. What was read of the others is not touched by that.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from crm.columns import (
    Asked,
    Rows,
    Seeds,
    activities_copied,
    class_texts,
    engine_ids,
    field_texts,
    fields_copied,
    is_field,
    is_text,
    leads_copied,
    moments,
    properties_copied,
    property_texts,
    value_numbers,
)
from scoring.bulk.columns import Classes, Column, Columns
from scoring.bulk.dictionary import Dictionary
from scoring.bulk.naming import NOTHING, Named
from scoring.columns.arranging import AT_ONCE, Make, Places, arrange
from scoring.columns.coding import (
    GONE,
    Coder,
    HashesCollideError,
    canonical_json,
    column_of_texts,
    number_json,
    text_json,
)
from scoring.columns.stock import Stock, columns_of_stock, nothing

Answer = TypeVar("Answer")
# Bytes that are written to a file at once while rows pass through it.
_PASSED_AT_ONCE: Final = 1 << 20


def columns_read(*, lead_from: int | None = None, lead_to: int | None = None, named: Named = NOTHING) -> Columns:
    """The leads of a range of ids, both ends included; merged ones are absent. Good for some ten thousand at once.

    What is named beforehand is read together; another field or property is read when it is first asked for.
    """
    return _read(Asked(lead_from=lead_from, lead_to=lead_to), named)


def columns_read_leads(lead_ids: Sequence[int] | NDArray[np.int64], *, named: Named = NOTHING) -> Columns:
    """These leads, whoever of them there is; merged ones are absent."""
    return _read(Asked(lead_ids=sorted({int(each) for each in lead_ids})), named)


def stock_read(asked: Asked, *, make: Make, folder: Path | None = None) -> Stock:
    """Leads and activities. With a `folder` for what passes through, memory does not grow with the activities."""
    return _again_on_collision(partial(_stock_read, asked, make, folder))


def fields_read(
    asked: Asked, lead_ids: NDArray[np.int64], names: Sequence[str], *, folder: Path | None = None
) -> dict[str, Column]:
    """These fields by full name for leads in this order; missing for who is there no longer, and where nobody has it."""
    known = [name for name in dict.fromkeys(names) if is_field(name)]
    found = _again_on_collision(partial(_fields_read, asked, lead_ids, known, folder)) if known else {}
    return {name: found.get(name) or nothing(len(lead_ids)) for name in names}


def properties_read(
    asked: Asked, rows: NDArray[np.int64], names: Sequence[str], *, folder: Path | None = None
) -> dict[str, Column]:
    """These properties of the activities of these rows.

    The slow way: the properties of every activity asked for are read. The column file keeps what was found.
    """
    return _again_on_collision(partial(_properties_read, asked, rows, names, folder)) if names else {}


def _read(asked: Asked, named: Named) -> Columns:
    stock = stock_read(asked, make=lambda _name, count, form: np.empty(count, form))
    fields = fields_read(asked, stock.lead_ids, named.fields)
    properties = properties_read(asked, stock.arranged.row, named.properties)
    return columns_of_stock(
        stock,
        field=lambda name: fields.get(name) or fields_read(asked, stock.lead_ids, [name])[name],
        properties=lambda name: properties.get(name) or properties_read(asked, stock.arranged.row, [name])[name],
    )


def _again_on_collision(read: Callable[[Seeds], Answer]) -> Answer:
    while True:
        try:
            return read(Seeds())
        except HashesCollideError:
            continue


def _passing(stack: ExitStack, folder: Path | None) -> Any:
    return (
        None if folder is None else stack.enter_context(tempfile.TemporaryFile(dir=folder, buffering=_PASSED_AT_ONCE))
    )


def _stock_read(asked: Asked, make: Make, folder: Path | None, seeds: Seeds) -> Stock:
    leads = leads_copied(asked)
    order = np.argsort(leads["lead"])
    lead_ids = leads["lead"][order].astype(np.int64)
    classes, values = Coder(), Coder()
    with ExitStack() as stack:
        rows = activities_copied(asked, seeds, into=_passing(stack, folder))
        arranged = arrange(rows, lead_ids, classes, values, make=make, ids=engine_ids)
        return Stock(
            lead_ids=lead_ids,
            created=moments(leads["created"][order]),
            arranged=arranged,
            classes=_classes(classes, seeds, partial(_rows_with, rows, "key", "id")),
            values=_values(values, seeds, partial(_rows_with, rows, "value_key", "id")),
        )


def _classes(coder: Coder, seeds: Seeds, rows_with: Callable[[int], NDArray[np.int64]]) -> Classes:
    # A class that nobody has any longer is of a kind that nobody knows.
    told = [texts or ("", "", "", "") for texts in coder.texts(lambda ids: class_texts(ids, seeds), rows_with)]
    kinds, *others = zip(*told, strict=True) if told else ((), (), (), ())
    url, subject, source = (column_of_texts([each or None for each in texts]) for texts in others)
    return Classes(kind=column_of_texts(kinds), url=url, subject=subject, source=source)


def _values(coder: Coder, seeds: Seeds, rows_with: Callable[[int], NDArray[np.int64]]) -> Dictionary:
    told = coder.texts(lambda ids: value_numbers(ids, seeds), rows_with)
    return Dictionary.of_json(GONE if each is None else number_json(each[0]) for each in told)


def _fields_read(
    asked: Asked, lead_ids: NDArray[np.int64], names: Sequence[str], folder: Path | None, seeds: Seeds
) -> dict[str, Column]:
    places = Places(lead_ids)
    coders = [Coder() for _ in names]
    codes = [np.zeros(len(lead_ids), np.int32) for _ in names]
    with ExitStack() as stack:
        rows = fields_copied(asked, seeds, names, into=_passing(stack, folder))
        for part in _parts(rows):
            at = places.of(part["lead"].astype(np.int64))
            is_there = at >= 0
            for number, coder in enumerate(coders):
                found = coder.codes(part[f"key{number}"], part[f"check{number}"], part["lead"])
                codes[number][at[is_there]] = found[is_there]
        early = _texts_together(names, coders, seeds)
        return {
            name: Column(
                codes=codes[number],
                dictionary=_field_dictionary(name, coders[number], seeds, early[number], rows, number),
            )
            for number, name in enumerate(names)
        }


def _texts_together(names: Sequence[str], coders: Sequence[Coder], seeds: Seeds) -> list[dict[int, tuple[Any, ...]]]:
    """Of all fields that few texts stand in, those of all with one query: by row."""
    found: list[dict[int, tuple[Any, ...]]] = [{} for _ in names]
    few = [number for number, coder in enumerate(coders) if 1 < len(coder) <= _FEW]
    for number, lead, *rest in field_texts([(names[each], coders[each].rows[1:].tolist()) for each in few], seeds):
        found[few[number]][lead] = (lead, *rest)
    return found


# Texts of one field that are fetched with those of other fields.
_FEW = 20_000


def _field_dictionary(
    name: str, coder: Coder, seeds: Seeds, early: dict[int, tuple[Any, ...]], rows: Rows, number: int
) -> Dictionary:
    def fetch(ids: Sequence[int]) -> Iterator[tuple[Any, ...]]:
        yield from (early[each] for each in ids if each in early)
        missing = [each for each in ids if each not in early]
        if missing:
            yield from (tuple(row) for _, *row in field_texts([(name, missing)], seeds))

    encode = text_json if is_text(name) else canonical_json
    told = coder.texts(fetch, partial(_rows_with, rows, f"key{number}", "lead"))
    return Dictionary.of_json(GONE if each is None else encode(each[0]) for each in told)


def _properties_read(
    asked: Asked, rows: NDArray[np.int64], names: Sequence[str], folder: Path | None, seeds: Seeds
) -> dict[str, Column]:
    with ExitStack() as stack:
        copied = properties_copied(asked, seeds, names, into=_passing(stack, folder))
        ids = copied["id"].astype(np.int64)
        order = np.argsort(ids)
        places = Places(ids[order])
        return {
            name: _property_column(copied, name, number, order, places, rows, seeds)
            for number, name in enumerate(names)
        }


def _property_column(
    copied: Rows,
    name: str,
    number: int,
    order: NDArray[np.intp],
    places: Places,
    rows: NDArray[np.int64],
    seeds: Seeds,
) -> Column:
    coder, codes = Coder(), np.zeros(len(rows), np.int32)
    key, check = f"key{number}", f"check{number}"
    found = np.concatenate([*(coder.codes(part[key], part[check], part["id"]) for part in _parts(copied)), codes[:0]])
    # One more, missing, for who is at -1.
    found = np.append(found[order], np.int32(0))
    for start in range(0, len(rows), AT_ONCE):
        codes[start : start + AT_ONCE] = found[places.of(rows[start : start + AT_ONCE])]
    told = coder.texts(lambda wanted: property_texts(wanted, seeds, name), partial(_rows_with, copied, key, "id"))
    return Column(
        codes=codes, dictionary=Dictionary.of_json(GONE if each is None else canonical_json(each[0]) for each in told)
    )


def _parts(rows: Rows) -> Iterator[Rows]:
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))


def _rows_with(rows: Rows, column: str, answer: str, key: int) -> NDArray[np.int64]:
    """The rows that had this key when they were copied."""
    found: NDArray[np.int64] = rows[answer][rows[column] == key].astype(np.int64)
    return found
