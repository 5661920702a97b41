"""What the cells of the first rows tell about how a file is to be read: its header, decimal mark and order of dates. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from crm.ingestion.cells import date_orders
from crm.ingestion.csv_file import Row
from crm.ingestion.rules import DateOrder, DecimalMark

_VALUE: Final = re.compile(
    r"[^@\s]+@[^@\s]+\.[^@\s]+|(https?://|www\.)\S+|[+-]?\d[\d.,]*|[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}"
    r"|\+?\d[\d ()/-]{6,}|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|true|false",
    re.IGNORECASE,
)
_POINT: Final = re.compile(
    r"[+-]?([0-9]{1,3}(,[0-9]{3})+\.[0-9]+|[0-9]{1,3}(,[0-9]{3}){2,}|[0-9]+\.([0-9]{1,2}|[0-9]{4,}))"
)
_COMMA: Final = re.compile(
    r"[+-]?([0-9]{1,3}(\.[0-9]{3})+,[0-9]+|[0-9]{1,3}(\.[0-9]{3}){2,}|[0-9]+,([0-9]{1,2}|[0-9]{4,}))"
)
_EITHER: Final = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")
# Zero before the mark and three figures behind it are decimals, whatever the mark.
_SMALL: Final = re.compile(r"[+-]?0([.,])[0-9]{3}")
# A column whose cells are so in at least this share of them is one of numbers or dates; the others are slips.
_SHARE: Final = 0.7


def has_header(rows: Sequence[Row]) -> bool:
    """Whether the first row names the columns: an address, a link, a number or a day among its cells says it does not.

    A number may name a column of numbers (a year, say) where all else are words.
    """
    first = [cell.strip() for cell in rows[0].cells]
    named = [cell for cell in first if cell]
    values = [cell for cell in named if _VALUE.fullmatch(cell)]
    if not values:
        return True
    are_years = all(re.fullmatch(r"(19|20)\d{2}", cell) for cell in values)
    return are_years and len(values) < len(named) and len(set(named)) == len(named)


def decimal_mark_of(cells: Mapping[str, Sequence[str]], *, delimiter: str) -> tuple[DecimalMark, dict[str, str]]:
    """The mark before decimals, and the columns (with an example) whose numbers leave it open.

    A file that separates by semicolons comes from where commas are decimal, which settles what the cells leave open.
    """
    points = commas = 0
    doubtful: dict[str, str] = {}
    for name, texts in cells.items():
        marked = [text for text in texts if "." in text or "," in text]
        of_points = sum(_is_of(_POINT, ".", text) for text in marked)
        of_commas = sum(_is_of(_COMMA, ",", text) for text in marked)
        either = [text for text in marked if _EITHER.fullmatch(text)]
        if not marked or (of_points + of_commas + len(either)) < _SHARE * len(marked):
            continue
        points += of_points
        commas += of_commas
        if either and not (of_points or of_commas):
            doubtful[name] = either[0]
    if points or commas:
        return ("," if commas > points else "."), doubtful if points and commas else {}
    return (",", {}) if delimiter == ";" else (".", doubtful)


def _is_of(pattern: re.Pattern[str], mark: str, text: str) -> bool:
    small = _SMALL.fullmatch(text)
    return small[1] == mark if small else bool(pattern.fullmatch(text))


def order_of_dates(cells: Mapping[str, Sequence[str]]) -> tuple[DateOrder, dict[str, str]]:
    """The order in which days are written, and the columns (with an example) that leave it open or speak for another."""
    settled: dict[str, set[str]] = {}
    doubtful: dict[str, str] = {}
    for name, texts in cells.items():
        orders = [(text, date_orders(text)) for text in texts]
        dates = [(text, found) for text, found in orders if found]
        if not dates or len(dates) < _SHARE * len(texts):
            continue
        sure = {order for _text, found in dates if len(found) == 1 for order in found}
        if sure == {"dmy", "mdy"}:
            doubtful[name] = next(text for text, found in dates if found == {"mdy"})
        elif not sure - {"ymd"} and (open_text := next((text for text, found in dates if len(found) > 1), "")):
            doubtful[name] = open_text
        settled[name] = sure
    orders_found = {order for sure in settled.values() for order in sure}
    between = orders_found & {"dmy", "mdy"}
    if len(between) == 1:
        [order] = between
        return ("dmy" if order == "dmy" else "mdy"), {}
    if between:
        return "", doubtful or {name: cells[name][0] for name, sure in settled.items() if sure & between}
    return ("ymd" if orders_found and not doubtful else ""), doubtful
