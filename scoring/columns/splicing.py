"""A generation out of the last one and what was touched since: the rest is copied, not read again."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scoring.bulk.columns import Classes, Column
from scoring.bulk.dictionary import Codes, Dictionary
from scoring.columns.arranging import Arranged
from scoring.columns.coding import column_of_texts
from scoring.columns.filed import making
from scoring.columns.stock import Stock

# Activities in memory at once.
_AT_ONCE: Final = 1_000_000


class Splice:
    """Where each lead of the new generation comes from: those of `old` that are not touched, and all of `fresh`."""

    def __init__(self, old: Stock, fresh: Stock, touched: NDArray[np.int64]) -> None:
        self.old, self.fresh = old, fresh
        kept = np.flatnonzero(~np.isin(old.lead_ids, touched))
        lead_ids = np.concatenate([old.lead_ids[kept], fresh.lead_ids])
        order = np.argsort(lead_ids)
        self.lead_ids = lead_ids[order]
        #: For each lead its position, those of `fresh` behind those of `old`.
        self._source = np.concatenate([kept, len(old.lead_ids) + np.arange(len(fresh.lead_ids))])[order]
        begins = np.concatenate([old.arranged.first[:-1], int(old.arranged.first[-1]) + fresh.arranged.first[:-1]])
        counts = np.concatenate([np.diff(old.arranged.first), np.diff(fresh.arranged.first)])[self._source]
        self.first = np.zeros(len(self.lead_ids) + 1, np.int64)
        np.cumsum(counts, out=self.first[1:])
        # What is to be added to a place among the new activities to find it among the old and the fresh.
        self._shift = begins[self._source] - self.first[:-1]

    def leads(self, old: NDArray[Any], fresh: NDArray[Any]) -> NDArray[Any]:
        both: NDArray[Any] = np.concatenate([old, fresh])[self._source]
        return both

    def activities(self, old: NDArray[Any], fresh: NDArray[Any], into: NDArray[Any]) -> None:
        before = len(old)
        for low, high, places in self._stretches():
            is_old = places < before
            part = np.empty(high - low, into.dtype)
            part[is_old] = old[places[is_old]]
            part[~is_old] = fresh[places[~is_old] - before]
            into[low:high] = part

    def lead_positions(self, into: NDArray[np.int32]) -> None:
        for low, high, start, stop in self._bounds():
            into[low:high] = np.repeat(np.arange(start, stop, dtype=np.int32), np.diff(self.first[start : stop + 1]))

    def _stretches(self) -> Iterator[tuple[int, int, NDArray[np.int64]]]:
        for low, high, start, stop in self._bounds():
            shift = np.repeat(self._shift[start:stop], np.diff(self.first[start : stop + 1]))
            yield low, high, shift + np.arange(low, high)

    def _bounds(self) -> Iterator[tuple[int, int, int, int]]:
        """Bounds of activities and of the leads they are of."""
        start, count = 0, len(self.lead_ids)
        while start < count:
            stop = int(np.searchsorted(self.first, self.first[start] + _AT_ONCE, side="right")) - 1
            stop = min(max(stop, start + 1), count)
            yield int(self.first[start]), int(self.first[stop]), start, stop
            start = stop


def stock_spliced(splice: Splice, folder: Path) -> Stock:
    """The stock of the new generation; its activities lie in `folder`."""
    old, fresh = splice.old.arranged, splice.fresh.arranged
    classes, klass = _classes(splice.old.classes, splice.fresh.classes)
    values, value = dictionaries_joined(splice.old.values, splice.fresh.values, fresh.value)
    arranged = Arranged.empty(splice.first, making(folder))
    splice.lead_positions(arranged.lead)
    splice.activities(old.moment, fresh.moment, arranged.moment)
    splice.activities(old.klass, klass[fresh.klass], arranged.klass)
    splice.activities(old.value, value, arranged.value)
    splice.activities(old.row, fresh.row, arranged.row)
    return Stock(
        lead_ids=splice.lead_ids,
        created=splice.leads(splice.old.created, splice.fresh.created),
        arranged=arranged,
        classes=classes,
        values=values,
    )


def column_of_leads(splice: Splice, old: Column, fresh: Column) -> Column:
    dictionary, codes = dictionaries_joined(old.dictionary, fresh.dictionary, fresh.codes)
    return Column(codes=splice.leads(old.codes, codes), dictionary=dictionary)


def column_of_activities(splice: Splice, old: Column, fresh: Column) -> Column:
    dictionary, codes = dictionaries_joined(old.dictionary, fresh.dictionary, fresh.codes)
    into = np.empty(int(splice.first[-1]), np.int32)
    splice.activities(old.codes, codes, into)
    return Column(codes=into, dictionary=dictionary)


def dictionaries_joined(old: Dictionary, fresh: Dictionary, codes: Codes) -> tuple[Dictionary, Codes]:
    """The texts of both, those of `fresh` behind, and the codes of `fresh` in it. A text may stand twice."""
    ends = np.concatenate([old.ends, old.ends[-1] + fresh.ends[1:]])
    joined = Dictionary(np.concatenate([old.texts, fresh.texts]), ends)
    return joined, np.where(codes > 0, codes + np.int32(len(old) - 1), 0).astype(np.int32)


def _classes(old: Classes, fresh: Classes) -> tuple[Classes, Codes]:
    """The classes of both, each once, and the place of each of `fresh` among them."""
    known = {texts: place for place, texts in enumerate(_texts(old))}
    places = np.array([known.setdefault(texts, len(known)) for texts in _texts(fresh)], np.int32)
    kind, url, subject, source = map(column_of_texts, zip(*known, strict=True) if known else [()] * 4)
    return Classes(kind=kind, url=url, subject=subject, source=source), places


def _texts(classes: Classes) -> Iterator[tuple[bytes | None, ...]]:
    """Of each class the JSON of kind, url, subject and source."""
    columns = []
    for column in (classes.kind, classes.url, classes.subject, classes.source):
        joined, ends = column.dictionary.texts.tobytes(), column.dictionary.ends.tolist()
        texts = [None, *(joined[start:end] for start, end in pairwise(ends))]
        columns.append([texts[code] for code in column.codes.tolist()])
    return zip(*columns, strict=True)
