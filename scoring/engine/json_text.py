"""Strict JSON in, exact JSON out, and the checksum of a document.

Numbers stay exact: whole numbers are int, all others Decimal. How a number is written back: an int by its digits;
any other as the shortest text of the nearest double (`1.5`, `100000.0`, `1e+16`) wherever that text says exactly the
same number, else by its own decimal digits. So `1.50` and `1.5`, or a float and the Decimal of its text, have one
text and one checksum, and `1` and `1.0` have two.
"""

import hashlib
import json
import math
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from json.encoder import encode_basestring as quote
from typing import Final

from scoring.engine.errors import InvalidJson, Problem, pointer, problem

#: A payload may nest this deep, its outermost object or list being the first level.
MOST_LEVELS: Final = 20
#: No number needs more digits, and none may cost more to handle.
MOST_DIGITS: Final = 400


class _Doubled(dict[str, object]):
    """An object that had a key twice."""

    keys_twice: tuple[str, ...] = ()


class _Refused:
    """Stands where a number stood that JSON does not have or that is too long."""

    def __init__(self, code: str) -> None:
        self.code = code


def parse_json(text: str) -> object:
    """The value of a JSON text. Raises InvalidJson with every problem found."""
    value, problems = read_json(text)
    if problems:
        raise InvalidJson(problems)
    return value


def read_json(text: str) -> tuple[object, tuple[Problem, ...]]:
    """The value as far as it can be read, and what is wrong with it.

    Of a key that stands twice the last value is kept; a refused number or text reads as null. Nothing can be read of
    a broken text: its value is None.
    """
    seen_doubled = False

    def make(pairs: list[tuple[str, object]]) -> dict[str, object]:
        nonlocal seen_doubled
        made = dict(pairs)
        if len(made) == len(pairs):
            return made
        seen_doubled = True
        names = [name for name, _ in pairs]
        doubled = _Doubled(pairs)
        doubled.keys_twice = tuple(name for name in made if names.count(name) > 1)
        return doubled

    try:
        value = json.loads(
            text, object_pairs_hook=make, parse_int=_whole, parse_float=_fraction, parse_constant=_constant
        )
    except RecursionError:
        return None, (problem("", "too_deep", most=MOST_LEVELS),)
    except json.JSONDecodeError as error:
        return None, (problem("", "broken_json", line=error.lineno, column=error.colno),)
    return checked_json(value)


def _whole(text: str) -> object:
    return int(text) if len(text) <= MOST_DIGITS else _Refused("too_long_a_number")


def _fraction(text: str) -> object:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return _Refused("too_long_a_number")
    return number if _is_moderate(number) else _Refused("too_long_a_number")


def _constant(_: str) -> object:
    return _Refused("not_finite")


def _is_moderate(number: Decimal) -> bool:
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -MOST_DIGITS and number.adjusted() <= MOST_DIGITS


def checked_json(value: object) -> tuple[object, tuple[Problem, ...]]:
    """The value with everything that is no JSON read as null, and the problems of those places."""
    problems: list[Problem] = []
    return _checked(value, "", 1, problems.append), tuple(problems)


def _checked(value: object, path: str, level: int, report: Callable[[Problem], None]) -> object:
    if isinstance(value, str):
        return value if _is_sound(value, path, report) else None
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal):
        return value if _is_number(value, path, report) else None
    if isinstance(value, _Refused):
        report(problem(path, value.code, most=MOST_DIGITS))
        return None
    if not isinstance(value, dict | list | tuple):
        report(problem(path, "not_json"))
        return None
    if level > MOST_LEVELS:
        report(problem(path, "too_deep", most=MOST_LEVELS))
        return None
    if not isinstance(value, dict):
        return [_checked(each, pointer(path, index), level + 1, report) for index, each in enumerate(value)]
    if isinstance(value, _Doubled):
        for name in value.keys_twice:
            report(problem(pointer(path, _shown(name)), "duplicate_key"))
    kept: dict[str, object] = {}
    for name, each in value.items():
        step = pointer(path, _shown(name))
        if not isinstance(name, str):
            report(problem(step, "not_a_text"))
        elif _is_sound(name, step, report):
            kept[name] = _checked(each, step, level + 1, report)
    return kept


def _shown(name: object) -> str:
    """A key as it may stand in a path, where half a surrogate pair may not."""
    return str(name).encode("utf-8", "replace").decode("utf-8")


def _is_sound(text: str, path: str, report: Callable[[Problem], None]) -> bool:
    if "\0" in text:
        report(problem(path, "nul"))
        return False
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            report(problem(path, "lone_surrogate"))
            return False
    return True


def _is_number(value: float | Decimal, path: str, report: Callable[[Problem], None]) -> bool:
    if not math.isfinite(value):
        report(problem(path, "not_finite"))
        return False
    too_long = (
        abs(value) >= 10**MOST_DIGITS
        if isinstance(value, int)
        else isinstance(value, Decimal) and not _is_moderate(value)
    )
    if too_long:
        report(problem(path, "too_long_a_number", most=MOST_DIGITS))
    return not too_long


def number_text(number: int | float | Decimal) -> str:
    """The JSON text of a number, as the head of this module says. Not for booleans."""
    if isinstance(number, Decimal):
        nearest = float(number)
        return repr(nearest) if Decimal(repr(nearest)) == number else format(number, "f")
    return repr(number)


def plain(value: object) -> object:
    """The same JSON value with Decimals as floats wherever that changes nothing, so that any JSON writer takes it."""
    if isinstance(value, Decimal):
        nearest = float(value)
        return nearest if Decimal(repr(nearest)) == value else value
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def write_json(value: object, *, sort_keys: bool = False) -> str:
    """Compact JSON with characters as they are and numbers exact."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=sort_keys, allow_nan=False)
    except TypeError:
        return "".join(_pieces(value, sort_keys))


def _pieces(value: object, sort_keys: bool) -> list[str]:
    """The same text for what the standard writer does not take: Decimals somewhere inside."""
    if isinstance(value, Decimal):
        return [number_text(value)]
    if isinstance(value, dict):
        items = sorted(value.items()) if sort_keys else list(value.items())
        inner = [[quote(name), ":", *_pieces(each, sort_keys)] for name, each in items]
        return ["{", *_joined(inner), "}"]
    if isinstance(value, list | tuple):
        return ["[", *_joined([_pieces(each, sort_keys) for each in value]), "]"]
    return [json.dumps(value, ensure_ascii=False, allow_nan=False)]


def _joined(parts: list[list[str]]) -> list[str]:
    return [piece for index, part in enumerate(parts) for piece in ([","] * (index > 0) + part)]


def checksum(document: object) -> str:
    """`sha256:` and the hex digest of the document as given: UTF-8 JSON, keys sorted by code point, no spaces."""
    return "sha256:" + hashlib.sha256(write_json(document, sort_keys=True).encode("utf-8")).hexdigest()
