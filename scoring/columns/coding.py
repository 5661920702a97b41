"""From hashes of texts to codes: equal texts get one, and each text is fetched once."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scoring.bulk.columns import Column
from scoring.bulk.dictionary import Codes, Dictionary

# So many texts are fetched with one query.
FETCHED_AT_ONCE: Final = 50_000
# Where the row that stood for a text has changed, so many others that had it are asked.
ASKED_AGAIN: Final = 10_000
#: The JSON of a value that nobody has any longer: it is read as a missing one.
GONE: Final = b"null"
_KEY_BITS: Final = 64
# Of a key so many bits at most say where to look for it: 8 MiB.
_MOST_BITS: Final = 20
_CANONICAL: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class HashesCollideError(Exception):
    """Two texts have one key: once in some thousand years. Read again under other seeds."""


class Coder:
    """Codes by 64-bit key, in the order in which keys are first met; `checks` guards that a key is of one text only.

    Key and check 0 are the missing value, code 0.
    """

    def __init__(self) -> None:
        self.keys = np.zeros(1, np.int64)
        self.checks = np.zeros(1, np.int64)
        # A row that has each code's text, to fetch it from.
        self.rows = np.zeros(1, np.int64)
        self._sort()

    def __len__(self) -> int:
        return len(self.keys)

    def codes(self, keys: NDArray[Any], checks: NDArray[Any], rows: NDArray[Any]) -> Codes:
        """A code for each row. Raises HashesCollideError."""
        keys, checks = keys.astype(np.int64, copy=False), checks.astype(np.int64, copy=False)
        at = self._places(keys)
        codes = self._order[at]
        new = np.flatnonzero(self._sorted[at] != keys)
        if len(new):
            self._learn(keys[new], checks[new], rows[new].astype(np.int64))
            codes[new] = self._order[self._places(keys[new])]
        if not np.array_equal(self.checks[codes], checks):
            raise HashesCollideError
        return codes

    def _places(self, keys: NDArray[np.int64]) -> NDArray[np.intp]:
        """As searchsorted, the last one at most: keys are spread evenly, so that each is near where its first bits say."""
        last = len(self._sorted) - 1
        at: NDArray[np.intp] = self._begins[(keys >> self._shift) + len(self._begins) // 2]
        behind = np.flatnonzero((self._sorted[at] < keys) & (at < last))
        while len(behind):
            at[behind] += 1
            behind = behind[(self._sorted[at[behind]] < keys[behind]) & (at[behind] < last)]
        return at

    def _learn(self, keys: NDArray[np.int64], checks: NDArray[np.int64], rows: NDArray[np.int64]) -> None:
        _, first = np.unique(keys, return_index=True)
        self.keys = np.concatenate([self.keys, keys[first]])
        self.checks = np.concatenate([self.checks, checks[first]])
        self.rows = np.concatenate([self.rows, rows[first]])
        self._sort()

    def _sort(self) -> None:
        self._order = np.argsort(self.keys).astype(np.int32)
        self._sorted = self.keys[self._order]
        bits = min(len(self.keys).bit_length() + 2, _MOST_BITS)
        self._shift = _KEY_BITS - bits
        heads = np.arange(-(1 << bits - 1), 1 << bits - 1) << self._shift
        self._begins = np.minimum(np.searchsorted(self._sorted, heads), len(self._sorted) - 1)

    def texts(
        self,
        fetch: Callable[[Sequence[int]], Iterable[tuple[Any, ...]]],
        rows_with: Callable[[int], NDArray[np.int64]],
    ) -> Iterator[tuple[Any, ...] | None]:
        """What was fetched for the codes 1 and up, in their order: what stands behind id, key and check.

        `fetch` answers rows of id, key, check and more. One whose hashes are others now speaks for nothing: then the rows
        that `rows_with` had this key are asked. None where they all have changed: each of them is to be read again.
        """
        for start in range(1, len(self), FETCHED_AT_ONCE):
            part = slice(start, start + FETCHED_AT_ONCE)
            found = {(row[1], row[2]): row[3:] for row in fetch(self.rows[part].tolist())}
            for key, check in zip(self.keys[part].tolist(), self.checks[part].tolist(), strict=True):
                told = found.get((key, check))
                if told is None:
                    others = fetch(rows_with(key)[:ASKED_AGAIN].tolist())
                    told = next((row[3:] for row in others if (row[1], row[2]) == (key, check)), None)
                yield told


def column_of_texts(texts: Sequence[str | bytes | None]) -> Column:
    """With codes in the order in which texts come, 0 for None; all `str`, or all the `bytes` of JSON."""
    known: dict[str | bytes | None, int] = {None: 0}
    codes = [known.setdefault(each, len(known)) for each in texts]
    told = (each if isinstance(each, bytes) else text_json(each) for each in known if each is not None)
    return Column(codes=np.array(codes, np.int32), dictionary=Dictionary.of_json(told))


def text_json(text: str) -> bytes:
    """What json.dumps gives without asking which kind of value it has."""
    return encode_basestring(text).encode()


def canonical_json(text: str) -> bytes:
    """As Django reads the column: a fraction is the nearest double, whatever digits the database keeps."""
    return _CANONICAL.encode(json.loads(text)).encode()


def number_json(value: Decimal) -> bytes:
    """A whole number as one, any other by its digits, as crm.queries hands it over."""
    whole = value == value.to_integral_value()
    return (str(int(value)) if whole else format(value.normalize(), "f")).encode()
