"""Strict JSON: what two readers could understand differently is refused with a sentence."""

import json
import math
from collections.abc import Callable
from decimal import Decimal
from typing import NoReturn

from kernel.errors import BadRequestError, Problem

MAX_NESTING = 20
# More digits than any number of ours has; also keeps a hostile number from costing quadratic time.
MAX_DIGITS = 400


def read(text: str, *, parse_float: Callable[[str], object] | None = None) -> object:
    """The value of a JSON text.

    Refused with `BadRequestError`: broken or empty text, NaN and Infinity, a key that stands twice in one object, nesting over 20, numbers
    that no double can hold. Floats are doubles unless `parse_float` says otherwise (pass `Decimal` to keep them exact).
    """
    if not text.strip():
        _refuse("empty", "The body is empty. Send a JSON document with its Content-Length.")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_integer,
            parse_float=parse_float or _float,
        )
    except json.JSONDecodeError as error:
        _refuse("broken_json", f"The JSON is broken at line {error.lineno}, column {error.colno}.")
    except RecursionError:
        _refuse("too_deep", f"The JSON is nested deeper than {MAX_NESTING} levels.")
    if depth(value) > MAX_NESTING:
        _refuse("too_deep", f"The JSON is nested deeper than {MAX_NESTING} levels.")
    return value


def depth(value: object) -> int:
    """How many arrays and objects stand inside one another; a plain value has depth 0."""
    level, layer = 0, [value]
    while True:
        inner = [item for item in layer if isinstance(item, dict | list)]
        if not inner:
            return level
        level += 1
        layer = [child for item in inner for child in (item.values() if isinstance(item, dict) else item)]


def unsafe_text(value: object) -> str | None:
    """Why a text cannot be stored: "nul" or "lone_surrogate"; None where it can."""
    if not isinstance(value, str):
        return None
    if "\x00" in value:
        return "nul"
    return "lone_surrogate" if any("\ud800" <= character <= "\udfff" for character in value) else None


def pointer(*parts: object) -> str:
    """An RFC 6901 pointer to the named place, without lone surrogates of a hostile key."""
    escaped = (str(part).replace("~", "~0").replace("/", "~1") for part in parts)
    return "".join(f"/{part}" for part in escaped).encode("utf-8", "replace").decode()


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _value in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        # The key is the sender's own text: named by its place only, never echoed.
        _refuse(
            "duplicate_key",
            f"A key stands twice in one object (key {list(made).index(twice) + 1}). Send each key once.",
        )
    return made


def _constant(_name: str) -> NoReturn:
    _refuse("not_a_number", "NaN and Infinity are no JSON numbers.")


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        _refuse("number_out_of_range", "A number has more digits than can be kept.")
    return int(text)


def _float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        _refuse("number_out_of_range", "A number is larger than can be kept.")
    return number


def exact(text: str) -> Decimal:
    """For `parse_float`: the number as written."""
    if len(text) > MAX_DIGITS:
        _refuse("number_out_of_range", "A number has more digits than can be kept.")
    return Decimal(text)


def _refuse(code: str, detail: str) -> NoReturn:
    raise BadRequestError(detail, code=code, problems=[Problem(pointer="", code=code, detail=detail)])
