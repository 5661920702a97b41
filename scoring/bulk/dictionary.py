"""Distinct values with a number each: what is equal in a million rows is judged once."""

import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain, pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scoring.engine.types import Truth, Value

#: The code of a value that is missing.
MISSING: Final = 0

#: Three-valued truths as small numbers.
FALSE: Final = 0
TRUE: Final = 1
UNKNOWN: Final = 2

Codes = NDArray[np.int32]
#: FALSE, TRUE or UNKNOWN for each row.
Truths = NDArray[np.uint8]

#: What one dictionary may keep of what was worked out from it, in bytes, and how many results.
MOST_BYTES_KEPT: Final = 64 * 1024 * 1024
MOST_KEPT: Final = 1_000
_READ_AT_ONCE: Final = 65_536


class Kept:
    """Arrays worked out once and used again; when they grow too large all are forgotten."""

    __slots__ = ("_arrays", "_bytes")

    def __init__(self) -> None:
        self._arrays: dict[Hashable, NDArray[Any]] = {}
        self._bytes = 0

    def __call__(self, key: Hashable, make: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        """The array of this key, made when it is not there. Nobody may write into it."""
        found = self._arrays.get(key)
        if found is None:
            found = make()
            found.flags.writeable = False
            if self._bytes + found.nbytes > MOST_BYTES_KEPT or len(self._arrays) >= MOST_KEPT:
                self._arrays.clear()
                self._bytes = 0
            self._arrays[key] = found
            self._bytes += found.nbytes
        return found


class Dictionary:
    """Values by code; code 0 is the missing value, None.

    The values are kept as JSON texts joined in one buffer, which may be a mapped file, and read when they are asked
    for: `texts` is UTF-8, `ends[c]` is where the text of code c ends and the next begins; the text of code 0 is empty.
    Numbers stay exact: those with a fraction or an exponent are read as Decimal. `kept` holds what was worked out for
    all values, so that the slices of a population do not ask again.
    """

    __slots__ = ("ends", "kept", "texts")

    def __init__(self, texts: NDArray[np.uint8], ends: NDArray[np.int64]) -> None:
        self.texts = texts
        self.ends = ends
        self.kept = Kept()

    @classmethod
    def of_json(cls, texts: Iterable[bytes]) -> "Dictionary":
        """Of JSON texts for the codes 1 and up."""
        parts = list(texts)
        ends = np.zeros(len(parts) + 1, np.int64)
        np.cumsum([len(each) for each in parts], out=ends[1:])
        return cls(np.frombuffer(b"".join(parts), np.uint8), ends)

    def __len__(self) -> int:
        return len(self.ends)

    def text(self, code: int) -> bytes:
        """The JSON text of a code above 0."""
        return bytes(self.texts[self.ends[code - 1] : self.ends[code]])

    def value(self, code: int) -> Value:
        return None if code == MISSING else _read(self.text(code))

    def __iter__(self) -> Iterator[Value]:
        """The values in the order of their codes, read as they are needed."""
        return chain((None,), self._read_all())

    def _read_all(self) -> Iterator[Value]:
        for first in range(0, len(self) - 1, _READ_AT_ONCE):
            ends = self.ends[first : first + _READ_AT_ONCE + 1]
            begin = int(ends[0])
            joined = self.texts[begin : int(ends[-1])].tobytes()
            for start, end in pairwise((ends - begin).tolist()):
                yield _read(joined[start:end])

    def values(self) -> Sequence[Value]:
        """All of them, in the order of their codes."""
        return list(self)

    def truths(self, test: Callable[[Value, date], Truth], as_of: date) -> Truths:
        """What the engine's test says of each distinct value, by code."""
        return np.fromiter((_CODE[test(each, as_of)] for each in self), np.uint8, len(self))


_CODE: Final = {False: FALSE, True: TRUE, None: UNKNOWN}
_DECODER: Final = json.JSONDecoder(parse_float=Decimal)


def _read(text: bytes) -> Value:
    if text[:1] == b'"' and b"\\" not in text:
        return text[1:-1].decode()
    return _DECODER.decode(text.decode())
