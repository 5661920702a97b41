"""Strict reading of what is sent: every problem is told at once, with its place, and no value is ever echoed.

Pure. A `Reader` walks one JSON object; its methods return the value, or None where it is missing, null or refused.
"""

import hashlib
import json
import math
import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from kernel.errors import Problem
from kernel.json import MAX_DIGITS, MAX_NESTING, depth, pointer, unsafe_text

MOST_NAMES: Final = 200
MOST_MEMBERS: Final = 200
LONGEST_NAME: Final = 100
LONGEST_TEXT: Final = 5_000
BIGGEST_INTEGER: Final = 2**63 - 1
# RFC 3339: what else `fromisoformat` takes (week dates, commas, no seconds) two readers could read differently.
_MOMENT: Final = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})?", re.ASCII)


class Reader:
    """Reads the members of one object below `place`; problems gather in `problems`, shared with readers of its parts."""

    def __init__(
        self, values: Mapping[str, object], *, place: tuple[object, ...] = (), problems: list[Problem] | None = None
    ) -> None:
        self.values = values
        self.place = place
        self.problems: list[Problem] = [] if problems is None else problems

    def refuse(self, code: str, detail: str, *path: object) -> None:
        self.problems.append(Problem(pointer=pointer(*self.place, *path), code=code, detail=detail))

    def only(self, allowed: Collection[str], read_only: Collection[str] = ()) -> None:
        """Every other member is a problem: nothing that was sent is ignored."""
        for name in self.values:
            if name in read_only:
                self.refuse("read_only", _("This field is made by us and cannot be sent."), name)
            elif name not in allowed:
                self.refuse("unknown_field", _("There is no such field here."), name)

    def text(self, name: str, *, longest: int, required: bool = False) -> str | None:
        """A text, trimmed; blank is None."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, str):
            self.refuse("wrong_type", _("Send a text."), name)
            return None
        text = (value or "").strip()
        if len(text) > longest:
            self.refuse("too_long", _("Send at most %(most)s characters.") % {"most": longest}, name)
            return None
        if required and not text:
            self.refuse("required", _("This field is needed."), name)
        return text or None

    def choice(self, name: str, choices: Collection[str]) -> str | None:
        text = self.text(name, longest=LONGEST_TEXT)
        if text is not None and text not in choices:
            detail = _("Send one of: %(choices)s.") % {"choices": ", ".join(choices)}
            self.refuse("not_a_choice", detail, name)
            return None
        return text

    def boolean(self, name: str) -> bool | None:
        value = self.values.get(name)
        if value is None or isinstance(value, bool):
            return value
        self.refuse("wrong_type", _("Send true or false."), name)
        return None

    def integer(self, name: str) -> int | None:
        """A whole number from 0 that fits 64 bits; a fraction or a boolean is none."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse("not_an_integer", _("Send a whole number."), name)
            return None
        if not 0 <= value <= BIGGEST_INTEGER:
            self.refuse("out_of_range", _("Send a whole number from 0 to 9223372036854775807."), name)
            return None
        return value

    def number(self, name: str, *, below: Decimal) -> Decimal | None:
        """Any finite number whose size is below the bound."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            self.refuse("not_a_number", _("Send a number."), name)
            return None
        # A float is what a JSON reader made of decimal digits; its shortest text is that number again.
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        if not number.is_finite() or abs(number) >= below:
            self.refuse("out_of_range", _("This number is too large."), name)
            return None
        return number

    def moment(self, name: str, *, required: bool = False) -> datetime | None:
        """A time of RFC 3339 with its offset, as UTC; finer than microseconds is dropped."""
        text = self.text(name, longest=64, required=required)
        if text is None:
            return None
        found = _MOMENT.fullmatch(text)
        if found is None:
            self.refuse("not_a_time", _("Send a time such as 2026-03-03T12:00:00Z."), name)
            return None
        day, clock, fraction, offset = found.groups()
        if offset is None:
            self.refuse("no_offset", _("Send the time with its offset, for example 2026-03-03T12:00:00Z."), name)
            return None
        try:
            return datetime.fromisoformat(
                f"{day}T{clock}{(fraction or '.0')[:7].ljust(7, '0')}{offset.upper()}"
            ).astimezone(UTC)
        except (ValueError, OverflowError):
            self.refuse("not_a_time", _("There is no such day or time in the calendar."), name)
            return None

    def part(self, name: str) -> "Reader | None":
        """A reader of an inner object."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            self.refuse("wrong_type", _("Send an object."), name)
            return None
        return Reader(value, place=(*self.place, name), problems=self.problems)

    def custom(self, name: str) -> dict[str, object]:
        """An object of the sender's own names: texts, numbers, booleans, lists of them, or null to take one away."""
        inner = self.part(name)
        if inner is None:
            return {}
        if len(inner.values) > MOST_NAMES:
            self.refuse("too_large", _("Send at most %(most)s names.") % {"most": MOST_NAMES}, name)
            return {}
        for key, value in inner.values.items():
            if not key.strip() or len(key) > LONGEST_NAME:
                inner.refuse("bad_name", _("A name has 1 to %(most)s characters.") % {"most": LONGEST_NAME}, key)
            elif isinstance(value, list):
                inner.members(key, value)
            else:
                inner.scalar(value, key)
        return {key: plain(value) for key, value in inner.values.items()}

    def texts(self, name: str, *, longest: int) -> list[str] | None:
        """A list of texts; blank ones are left out, repeats too."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(member, str) for member in value):
            self.refuse("wrong_type", _("Send a list of texts."), name)
            return None
        if len(value) > MOST_MEMBERS or any(len(member) > longest for member in value):
            self.refuse("too_large", _("The list, or a text in it, is too long."), name)
            return None
        return list(dict.fromkeys(member.strip() for member in value if member.strip()))

    def members(self, name: str, value: list[object]) -> None:
        if len(value) > MOST_MEMBERS:
            self.refuse("too_large", _("Send at most %(most)s members.") % {"most": MOST_MEMBERS}, name)
            return
        for index, member in enumerate(value):
            self.scalar(member, name, index)

    def scalar(self, value: object, *path: object) -> None:
        if isinstance(value, str) and len(value) > LONGEST_TEXT:
            self.refuse("too_long", _("Send at most %(most)s characters.") % {"most": LONGEST_TEXT}, *path)
        elif value is not None and not isinstance(value, str | bool | int | float | Decimal):
            self.refuse("wrong_type", _("Send a text, a number, true, false, or a list of them."), *path)


def plain(value: object) -> object:
    """The same JSON value with Decimals as the nearest double or integer, which is what the database hands back."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


def canonical(item: object) -> bytes:
    """An item as sent, with sorted keys and no spaces: two spellings of one JSON value are one. UTF-8.

    Raises ValueError for NaN, Infinity and lone surrogates.
    """
    return json.dumps(
        item, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_number_text
    ).encode()


def digest(canonical_item: bytes) -> str:
    return hashlib.sha256(canonical_item).hexdigest()


def _number_text(value: object) -> object:
    if isinstance(value, Decimal):
        return {"number": format(value, "f")}
    raise ValueError(f"{type(value).__name__} is no JSON value.")


def unsound(item: object) -> list[Problem]:
    """What PostgreSQL or JSON cannot hold, in any value or key: NUL, lone surrogates, NaN, nesting over 20."""
    if depth(item) > MAX_NESTING:
        detail = _("The item is nested deeper than %(most)s levels.") % {"most": MAX_NESTING}
        return [Problem(pointer="", code="too_deep", detail=detail)]
    problems: list[Problem] = []
    _walk(item, (), problems)
    return problems


def _walk(value: object, place: tuple[object, ...], problems: list[Problem]) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not _is_refused(key, (*place, key), problems):
                _walk(inner, (*place, key), problems)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _walk(inner, (*place, index), problems)
    else:
        _is_refused(value, place, problems)


def _is_endless(value: object) -> bool:
    """A number that would cost more to write than any number is worth."""
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        return value.adjusted() > MAX_DIGITS or (isinstance(exponent, int) and exponent < -MAX_DIGITS)
    return isinstance(value, int) and abs(value) >= 10**MAX_DIGITS


def _is_refused(value: object, place: tuple[object, ...], problems: list[Problem]) -> bool:
    if isinstance(value, str) and value.isascii() and "\x00" not in value:
        return False
    code = unsafe_text(value)
    if code:
        detail = _("A text holds a character that cannot be stored.")
    elif (isinstance(value, float) and not math.isfinite(value)) or (
        isinstance(value, Decimal) and not value.is_finite()
    ):
        code, detail = "not_a_number", _("NaN and Infinity are no JSON numbers.")
    elif _is_endless(value):
        code, detail = "out_of_range", _("This number has too many digits.")
    elif not (value is None or isinstance(value, str | bool | int | float | Decimal)):
        code, detail = "wrong_type", _("This is no JSON value.")
    if not code:
        return False
    shown = [part.replace("\x00", "") if isinstance(part, str) else part for part in place]
    problems.append(Problem(pointer=pointer(*shown), code=code, detail=detail))
    return True
