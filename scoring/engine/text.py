"""How texts, numbers and days are read out of facts and documents: the comparisons of the contract rest on these.

The functions that take a text keep the results of their latest calls: the same pages, titles and subjects come up in
lead after lead.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from typing import Final

from scoring.engine.json_text import number_text

#: The Unicode property White_Space; `str.strip()` would also take the separators U+001C to U+001F.
WHITE_SPACE: Final = (
    "\t\n\v\f\r \x85\xa0\u1680"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)  # fmt: skip

_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_BEFORE_THE_PATH = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*")
_PATH = re.compile(r"[^?#]*")
_REMEMBERED: Final = 8192


@lru_cache(maxsize=_REMEMBERED)
def normalise_text(text: str) -> str:
    """The form in which texts compare: NFKC, then full case-folding, then without white space at both ends."""
    if text.isascii():
        return text.lower().strip(WHITE_SPACE)
    return unicodedata.normalize("NFKC", text).casefold().strip(WHITE_SPACE)


def is_blank(text: str) -> bool:
    """Nothing but white space."""
    return not text.strip(WHITE_SPACE)


@lru_cache(maxsize=_REMEMBERED)
def word_line(text: str) -> str:
    """The words of a text, normalised, one space before, between and after them: `" vp sales "`; without any `" "`.

    Whole consecutive words stand in a text exactly where their word line is part of the text's word line.
    """
    return " ".join(("", *_words(normalise_text(text)), ""))


def _words(text: str) -> Iterator[str]:
    """The longest runs of Unicode letters (L*), marks (M*) and decimal digits (Nd)."""
    if text.isascii():
        yield from _ASCII_WORD.findall(text)
        return
    for is_word, run in groupby(text, _belongs_to_a_word):
        if is_word:
            yield "".join(run)


def _belongs_to_a_word(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LM" or category == "Nd"


def has_words(text: str) -> bool:
    return word_line(text) != " "


def json_number(value: object) -> int | Decimal | None:
    """A JSON number, exactly; None for anything else, booleans among it."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Decimal):
        return value
    # A float is what a JSON reader made of some decimal digits; its shortest text is that number again.
    return Decimal(repr(value)) if isinstance(value, float) else None


def read_number(value: object) -> int | Decimal | None:
    """A JSON number, or a text that reads as one; None where it does not."""
    return number_in(value) if isinstance(value, str) else json_number(value)


@lru_cache(maxsize=_REMEMBERED)
def number_in(text: str) -> Decimal | None:
    """The number a text is, after NFKC and trimming: optional sign, digits 0 to 9, optionally a point and digits."""
    normal = unicodedata.normalize("NFKC", text).strip(WHITE_SPACE)
    return Decimal(normal) if _NUMBER.fullmatch(normal) else None


def read_text(value: object) -> str | None:
    """A text, or the JSON text of a number; None for anything else, booleans among it."""
    if isinstance(value, str):
        return value
    number = json_number(value)
    return None if number is None else number_text(number)


def day_in(text: str) -> date | None:
    """The day a text is, written YYYY-MM-DD and nothing else; None if it is none of the calendar's."""
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_day(value: object) -> date | None:
    """The day the first ten characters of a text are, after trimming; None where they are not."""
    return day_in(value.strip(WHITE_SPACE)[:10]) if isinstance(value, str) else None


@lru_cache(maxsize=_REMEMBERED)
def path_in(text: str) -> str | None:
    """The path of a web address, normalised as text; None where it does not begin with a slash or the text is blank.

    Trimmed first; `scheme://host` or `//host` and what follows the first `?` or `#` are left out; nothing is decoded.
    """
    rest = text.strip(WHITE_SPACE)
    if not rest:
        return None
    before = _BEFORE_THE_PATH.match(rest)
    cut = _PATH.match(rest, before.end() if before else 0)
    path = cut.group() if cut else ""
    if path == "":
        return "/"
    return normalise_text(without_final_slash(path)) if path[0] == "/" else None


def path_operand(text: str) -> str:
    """A path as an operand names it, normalised as text. It begins with a slash."""
    return normalise_text(without_final_slash(text.strip(WHITE_SPACE)))


def without_final_slash(path: str) -> str:
    return path[:-1] if len(path) > 1 and path.endswith("/") else path


def completed_years(start: date, end: date) -> int:
    """Whole years from `start` to `end`; who was born on 29 February completes a year on 1 March of a common year.
    Negative where `start` lies in the future."""
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))
