"""One cell of a table: the number, the yes or no, the day or time that its text says. Pure; None where it says none."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from accounts.export import FORMULA_STARTS
from crm.ingestion.rules import DateOrder

_TRUE: Final = frozenset(["1", "true", "yes", "y", "t", "ja", "tak", "oui", "on"])
_FALSE: Final = frozenset(["0", "false", "no", "n", "f", "nein", "nie", "non", "off"])
#: What a sheet shows where a formula went wrong.
ERROR_CELLS: Final = frozenset(["#n/a", "#ref!", "#div/0!", "#value!", "#name?", "#num!", "#null!"])

# What stands around words unseen: spaces of every width, marks of direction and of byte order.
_EDGES: Final = (
    " \t\n\r\f\v\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b"
    "\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u202f\u205f\u2060\u2066\u2067\u2068\u2069\u3000\ufeff"
)
_SPACES: Final = "[ \u00a0\u202f'’]"
_NUMBERS: Final = {
    ".": re.compile(rf"[+-]?([0-9]{{1,30}}|[0-9]{{1,3}}((,[0-9]{{3}})+|({_SPACES}[0-9]{{3}})+))(\.[0-9]{{1,30}})?"),
    ",": re.compile(rf"[+-]?([0-9]{{1,30}}|[0-9]{{1,3}}((\.[0-9]{{3}})+|({_SPACES}[0-9]{{3}})+))(,[0-9]{{1,30}})?"),
}
# More digits than a double holds.
_EXACT_DIGITS: Final = 15

_MONTHS: Final[Mapping[str, int]] = {
    name: number
    for number, names in enumerate(
        [
            "jan january januar jänner stycznia styczeń sty",
            "feb february februar lutego luty lut",
            "mar march märz mär mrz marca marzec",
            "apr april kwietnia kwiecień kwi",
            "may mai maja maj",
            "jun june juni czerwca czerwiec cze",
            "jul july juli lipca lipiec lip",
            "aug august sierpnia sierpień sie",
            "sep sept september września wrzesień wrz",
            "oct october okt oktober października październik paź",
            "nov november listopada listopad lis",
            "dec december dez dezember grudnia grudzień gru",
        ],
        start=1,
    )
    for name in names.split()
}
_CLOCK: Final = r"(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp]\.?[Mm]\.?)?\s*(Z|z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST: Final = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_CLOCK}", re.ASCII)
_YEAR_LAST: Final = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_CLOCK}", re.ASCII)
_NAMED: Final = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)?[ .-]+([^\W\d_]+)\.?,?[ .-]+(\d{{4}}){_CLOCK}")
_NAMED_FIRST: Final = re.compile(rf"([^\W\d_]+)\.? (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}}){_CLOCK}")
_SERIAL: Final = re.compile(r"(\d{5})(?:\.(\d{1,12}))?", re.ASCII)
_EPOCH: Final = re.compile(r"(\d{10})(\d{3})?", re.ASCII)
# Day 0 of spreadsheets, given their leap day in 1900; days from 1970 to 2100.
_SERIAL_START: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet's time has no zone until the rules give it one
_SERIALS: Final = range(25_569, 73_051)
_EPOCHS: Final = range(946_684_800, 4_102_444_800)
_UTC: Final = ZoneInfo("UTC")
# A year of two digits up to this is of this century.
_PIVOT: Final = 68


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A day, with its time where the cell says one: with its offset, else of the zone of the rules."""

    day: date
    at: datetime | None = None

    def as_text(self) -> str:
        """The day, or the time as RFC 3339."""
        return self.at.isoformat() if self.at else self.day.isoformat()

    def as_time(self, zone: ZoneInfo) -> str:
        """The time as RFC 3339; of a day alone its noon, which is that day in every zone but the farthest."""
        return (self.at or datetime.combine(self.day, time(12), tzinfo=zone)).isoformat()


def cell_text(cell: str) -> str:
    """What a cell says, without the spaces and unseen marks around it.

    The apostrophe that our downloads, and those of others, put before what would run as a formula ('+49 30 …) goes again.
    """
    text = cell.strip(_EDGES)
    return text[1:] if text[:1] == "'" and text[1:].lstrip(" ").startswith(FORMULA_STARTS) else text


def number_of(text: str, *, decimal_mark: str = ".") -> int | float | Decimal | None:
    """The number, with or without its thousands grouped; one of more digits than a double holds stays exact."""
    if not _NUMBERS[decimal_mark].fullmatch(text):
        return None
    group = "," if decimal_mark == "." else "."
    plain = re.sub(_SPACES, "", text.replace(group, "")).replace(decimal_mark, ".")
    if "." not in plain:
        return int(plain)
    return float(plain) if len(plain.strip("+-0.")) <= _EXACT_DIGITS else Decimal(plain)


def boolean_of(text: str) -> bool | None:
    folded = text.casefold()
    return True if folded in _TRUE else False if folded in _FALSE else None


def moment_of(text: str, *, order: DateOrder, zone: ZoneInfo) -> Moment | None:
    """The day or time. None also where it can be two days and the order is not settled, or is none in this order."""
    if found := _YEAR_FIRST.fullmatch(text):
        year, _mark, month, day, *clock = found.groups()
        return _moment((year, month, day), clock, zone)
    if found := _YEAR_LAST.fullmatch(text):
        first, mark, second, last, *clock = found.groups()
        parts = _ordered(first, mark, second, last, order)
        return _moment(parts, clock, zone) if parts else None
    if found := _NAMED.fullmatch(text):
        day, name, year, *clock = found.groups()
        return _moment((year, _MONTHS.get(name.casefold(), 0), day), clock, zone)
    if found := _NAMED_FIRST.fullmatch(text):
        name, day, year, *clock = found.groups()
        return _moment((year, _MONTHS.get(name.casefold(), 0), day), clock, zone)
    return _counted(text, zone)


def date_orders(text: str) -> frozenset[str]:
    """The orders in which the text is a day; none where it is no day in figures, `{"ymd"}` where the year stands first."""
    if found := _YEAR_FIRST.fullmatch(text):
        return frozenset(["ymd"]) if moment_of(text, order="ymd", zone=_UTC) else frozenset()
    found = _YEAR_LAST.fullmatch(text)
    if found is None or not (len(found[4]) == 4 or found[2] != "."):
        return frozenset()
    orders: tuple[DateOrder, ...] = ("dmy",) if found[2] == "." else ("dmy", "mdy")
    return frozenset(order for order in orders if moment_of(text, order=order, zone=_UTC) is not None)


def _ordered(first: str, mark: str, second: str, last: str, order: DateOrder) -> tuple[str, str, str] | None:
    """Year, month and day. Points are written where the day comes first, by everybody."""
    if order == "ymd" and len(last) == 2:
        return first, second, last
    if mark == ".":
        return last, second, first
    if order == "dmy":
        return last, second, first
    if order == "mdy":
        return last, first, second
    if int(first) > 12 or first == second:
        return last, second, first
    return (last, first, second) if int(second) > 12 else None


def _moment(parts: tuple[str, str | int, str], clock: list[str | None], zone: ZoneInfo) -> Moment | None:
    year, month, day = (int(part) for part in parts)
    if len(str(parts[0])) == 2:
        year += 2000 if year <= _PIVOT else 1900
    try:
        found = date(year, month, day)
        return Moment(day=found, at=_at(found, clock, zone))
    except (ValueError, OverflowError):
        return None


def _at(day: date, clock: list[str | None], zone: ZoneInfo) -> datetime | None:
    """Raises ValueError where there is no such time."""
    hour, minute, second, fraction, half, offset = clock
    if hour is None:
        return None
    number = int(hour)
    if half:
        if not 1 <= number <= 12:
            raise ValueError
        number = number % 12 + (12 if half[0] in "Pp" else 0)
    micros = int((fraction or "0")[:6].ljust(6, "0"))
    at = datetime.combine(day, time(number, int(minute or 0), int(second or 0), micros))
    if offset is None:
        return at.replace(tzinfo=zone)
    if offset in {"Z", "z", "UTC", "GMT"}:
        return at.replace(tzinfo=UTC)
    return datetime.fromisoformat(f"{at.isoformat()}{offset[:3]}:{offset[-2:]}")


def _counted(text: str, zone: ZoneInfo) -> Moment | None:
    """The days of spreadsheets and the seconds or milliseconds of computers."""
    if (found := _SERIAL.fullmatch(text)) and int(found[1]) in _SERIALS:
        seconds = round(float(f"0.{found[2] or 0}") * 86_400)
        at = _SERIAL_START + timedelta(days=int(found[1]), seconds=seconds)
        return Moment(day=at.date(), at=at.replace(tzinfo=zone) if found[2] else None)
    if (found := _EPOCH.fullmatch(text)) and int(found[1]) in _EPOCHS:
        at = datetime.fromtimestamp(int(found[1]), UTC) + timedelta(milliseconds=int(found[2] or 0))
        return Moment(day=at.date(), at=at)
    return None
