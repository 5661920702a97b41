"""How a file is to be read, as recognised or as somebody said: plain values that are stored beside the file."""

import codecs
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Final, Literal, TypeAlias, cast
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from kernel.errors import BadRequestError, Problem
from kernel.json import pointer

Format: TypeAlias = Literal["csv", "xlsx"]
#: "" where the file does not settle it: 03/04/2026 may be two days.
DateOrder: TypeAlias = Literal["", "ymd", "dmy", "mdy"]
DecimalMark: TypeAlias = Literal[".", ","]

ENCODINGS: Final = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "cp1250", "latin-1", "iso8859-2")
DELIMITERS: Final = ",;\t|"
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "format": ("csv", "xlsx"),
    "encoding": ENCODINGS,
    "delimiter": tuple(DELIMITERS),
    "escape": ("", "\\"),
    "decimal_mark": (".", ","),
    "date_order": ("", "ymd", "dmy", "mdy"),
}
_BOOLEANS: Final = frozenset(["is_wrapped", "has_header"])
_LONGEST_SHEET: Final = 255


@dataclass(frozen=True, kw_only=True)
class ReadingRules:
    """`escape` is what stands before a quote inside quotes, "" where quotes are doubled; `is_wrapped` says that whole rows
    are quoted as one cell; `sheet` is the name of a spreadsheet's, "" for its first visible one. Times without an offset
    are of `time_zone`."""

    format: Format = "csv"
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    escape: str = ""
    is_wrapped: bool = False
    sheet: str = ""
    has_header: bool = True
    decimal_mark: DecimalMark = "."
    date_order: DateOrder = ""
    time_zone: str = "UTC"

    def to_json(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: object) -> "ReadingRules":
        """The rules of what `to_json` gave; what is left out is as by default. Raises BadRequestError with every problem."""
        return cls().changed(value)

    def changed(self, given: object) -> "ReadingRules":
        """These rules with some of them said otherwise. Raises BadRequestError with every problem."""
        problems = list(_problems(given))
        if problems:
            raise BadRequestError(problems[0].detail, code=problems[0].code, problems=problems)
        said = cast(Mapping[str, object], given)
        values = asdict(self) | {key: _canonical(key, value) for key, value in said.items()}
        return ReadingRules(**values)


_NAMES: Final = frozenset(field.name for field in fields(ReadingRules))


def _canonical(key: str, value: object) -> object:
    return _encoding(str(value)) if key == "encoding" else value


def _encoding(name: str) -> str:
    """The one name we use for an encoding, "" for one we do not read."""
    try:
        known = codecs.lookup(name).name
    except (LookupError, ValueError):
        return ""
    if known == "utf-8":
        return "utf-8-sig"
    return next((ours for ours in ENCODINGS if codecs.lookup(ours).name == known), "")


def _problems(given: object) -> list[Problem]:
    if not isinstance(given, Mapping):
        return [Problem(pointer="", code="wrong_type", detail=_("Reading rules are a set of keys and values."))]
    return [found for key, value in given.items() if (found := _problem(str(key), value)) is not None]


def _problem(key: str, value: object) -> Problem | None:
    def no(code: str, detail: str) -> Problem:
        return Problem(pointer=pointer(key), code=code, detail=detail)

    if key not in _NAMES:
        return no("unknown_field", _("There is no reading rule of the name %(name)s.") % {"name": key[:60]})
    if key in _BOOLEANS:
        is_right = isinstance(value, bool)
        return None if is_right else no("wrong_type", _("The reading rule %(name)s is true or false.") % {"name": key})
    if not isinstance(value, str):
        return no("wrong_type", _("The reading rule %(name)s is a text.") % {"name": key})
    if key in _CHOICES and (_encoding(value) if key == "encoding" else value) not in _CHOICES[key]:
        shown = ", ".join(repr(choice) for choice in _CHOICES[key])
        return no("not_a_choice", _("The reading rule %(name)s is one of: %(shown)s.") % {"name": key, "shown": shown})
    if key == "sheet" and len(value) > _LONGEST_SHEET:
        return no("too_long", _("No sheet has so long a name."))
    if key == "time_zone" and not _is_zone(value):
        return no("unknown_time_zone", _("There is no such time zone. Name one such as Europe/Berlin."))
    return None


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return False
    return True
