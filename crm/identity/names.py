"""Names nobody has: what people type into a form to get past it."""

import re
import unicodedata
from typing import Final

_JOKES: Final = frozenset([
    "mickey mouse", "minnie mouse", "donald duck", "daisy duck", "bugs bunny", "homer simpson", "bart simpson",
    "harry potter", "james bond", "darth vader", "luke skywalker", "santa claus", "peter pan", "clark kent",
    "bruce wayne", "batman", "superman", "spider man", "spiderman", "john doe", "jane doe", "joe bloggs",
    "john q public", "max mustermann", "maxi musterfrau", "erika mustermann", "monsieur x", "jean dupond", "foo bar",
    "test", "tester", "testing", "test user", "test test", "test lead", "testone", "demo", "demo user", "fake",
    "fake name", "nobody", "no one", "no name", "noname", "anonymous", "anonym", "none of your business", "your name",
    "first last", "first name", "firstname lastname", "name", "nombre apellido", "imie nazwisko", "vorname nachname",
    "prenom nom", "na", "n a", "xxx", "abc", "lorem ipsum", "unknown",
])  # fmt: skip
_JOKE_WORDS: Final = frozenset(
    ["test", "testing", "tester", "fake", "asdf", "asd", "qwerty", "foobar", "mustermann", "lorem"]
)
_KEY_ROWS: Final = ("qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm", "1234567890")


def suspect_reason(first_name: str, last_name: str) -> str | None:
    """Why a name is suspect: `joke`, `keyboard` (a run of keys), `repeated`; "" where it is not; None without a name."""
    first, last = name_folded(first_name), name_folded(last_name)
    parts = [part for part in (first, last) if part]
    if not parts:
        return None if not (first_name.strip() or last_name.strip()) else "joke"
    if " ".join(parts) in _JOKES or any(part in _JOKE_WORDS for part in parts):
        return "joke"
    if any(_is_keyboard_run(part) for part in parts):
        return "keyboard"
    if first == last or any(_is_one_character(part) for part in parts):
        return "repeated"
    return ""


def _is_keyboard_run(name: str) -> bool:
    """At least four neighbouring keys and nothing else: forwards, backwards or twice over (`asdfasdf`)."""
    compact = name.replace(" ", "")
    half = len(compact) // 2
    if half >= 3 and compact[:half] == compact[half:]:
        compact = compact[:half]
        return any(compact in row or compact[::-1] in row for row in _KEY_ROWS)
    return len(compact) >= 4 and any(compact in row or compact[::-1] in row for row in _KEY_ROWS)


def _is_one_character(name: str) -> bool:
    return len(name) >= 3 and len(set(name)) == 1


def name_folded(text: str) -> str:
    """A name as it is compared: small letters without accents, everything else one space."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(character for character in decomposed if not unicodedata.combining(character))
    return re.sub(r"[\W_]+", " ", letters).strip()
