"""What each column of a file probably means: a mapping document to begin with, with reasons. Pure.

By name first, then by what the cells hold. No two columns fill one field: the surer one does, the other is kept under a name
of its own; what nobody can tell is kept so too, and an empty column is left out.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crm.identity import country_code, read_email, read_phone, registrable_domain
from crm.ingestion.cells import boolean_of, date_orders, moment_of, number_of
from crm.ingestion.looking import FileLook
from crm.ingestion.mapping_language import ACTIVITY_TARGETS, KIND_OF, PLACEHOLDERS, About
from crm.ingestion.synonyms import (
    ACTIVITIES_BY_NAME,
    AMOUNT_NAMES,
    CLOSED_NAMES,
    LEADS_BY_NAME,
    STATE_NAMES,
    STATE_WORDS,
    folded,
)

#: How sure a suggestion is, from 0 to 1: below this a field of ours is not filled.
SURE_ENOUGH: Final = 0.5
_BY_BOTH: Final = 0.95
_BY_NAME: Final = 0.8
_BY_CONTENT: Final = 0.7
_AS_OWN: Final = 0.3
_SHARE: Final = 0.8
# Of numbers, days and yes or no so many have to be it; the few others are kept beside as the texts they are.
_STRICT_SHARE: Final = 0.95
_STRICT: Final = frozenset(["number", "date", "boolean"])
_MOST_CELLS: Final = 100
_URL: Final = re.compile(r"(https?://|www\.)\S+\.\S+", re.IGNORECASE)
# A label of figures alone is a numbered answer (01.High), not a host.
_DOMAIN: Final = re.compile(r"(?![0-9.]+\.[a-z]+$)([a-z0-9-]+\.)+[a-z]{2,24}", re.IGNORECASE)
_PHONE: Final = re.compile(r"\+?[0-9(][0-9 ()/.-]{5,24}")
_DAY: Final = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}")
_UUID: Final = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_WORDS: Final[Mapping[str, str]] = {
    "email": gettext_noop("its cells are email addresses"),
    "phone": gettext_noop("its cells are phone numbers"),
    "domain": gettext_noop("its cells are web addresses"),
    "country": gettext_noop("its cells are countries"),
    "date": gettext_noop("its cells are dates"),
    "number": gettext_noop("its cells are numbers"),
    "boolean": gettext_noop("its cells are yes or no"),
    "id": gettext_noop("each cell is another id"),
    "text": gettext_noop("its cells are texts"),
}
# What the cells have to be for a field to be filled, where a name alone does not do.
_HAS_TO_BE: Final[Mapping[str, frozenset[str]]] = {
    "email": frozenset(["email"]),
    "lead.email": frozenset(["email"]),
    "owner": frozenset(["email"]),
    "company.domain": frozenset(["domain"]),
    "url": frozenset(["domain", "text"]),
    "company.employees": frozenset(["number"]),
    "company.revenue": frozenset(["number"]),
    "value": frozenset(["number"]),
    "consent": frozenset(["boolean"]),
    "country": frozenset(["country"]),
    "company.country": frozenset(["country"]),
    "occurred_at": frozenset(["date"]),
    "seniority": frozenset(),
}
_BY_CONTENT_TARGETS: Final[Mapping[About, Mapping[str, str]]] = {
    "leads": {"email": "email", "phone": "phone", "domain": "company.domain", "country": "country"},
    "activities": {"email": "lead.email", "date": "occurred_at", "domain": "url"},
}


@dataclass(frozen=True, kw_only=True)
class _Guess:
    column: str
    content: str
    target: str
    why: str
    sure: float
    rank: int = 0


def mapping_suggest(
    look: FileLook, *, attributes: Iterable[str] = (), about: About = "leads", feed: str = "file", name: str = ""
) -> dict[str, object]:
    """A mapping document for `mapping_from_document`: each column's rule with `why` and `sure` (0 to 1) beside it.

    `attributes` are the keys this installation has agreed on: a column of such a name fills it. Constants and what else the
    file's rows tell are left for people to say.
    """
    contents = {column: _content(look.cells(column)[:_MOST_CELLS], look) for column in look.columns}
    own = {folded(key): key for key in attributes}
    guesses = [_guess(column, contents[column], about, own) for column in look.columns if contents[column]]
    if about == "leads" and not {guess.target for guess in guesses} & {"external_id", "email"}:
        guesses = [_as_id(guess, look) for guess in guesses[:1]] + guesses[1:]
    ranked = sorted(guesses, key=lambda guess: (-guess.sure, guess.rank))
    taken: set[str] = set()
    chosen: dict[str, _Guess] = {}
    for guess in ranked:
        if guess.target in taken or guess.sure < SURE_ENOUGH:
            guess = _as_own(guess, about, taken)
        taken.add(guess.target)
        chosen[guess.column] = guess
    rules = {column: _rule(chosen[column], look) for column in look.columns if column in chosen}
    document: dict[str, object] = {
        "schema": "1",
        "name": name or look.file_name,
        "about": about,
        "feed": feed,
        "header": "true" if look.rules.has_header else "false",
        "columns": rules,
    }
    outcome = _outcome(look, contents) if about == "leads" else {}
    if outcome:
        document["outcome"] = outcome
        told = {outcome["state"]["column"], *(outcome[part] for part in ("at", "amount") if part in outcome)}
        document["columns"] = {column: rule for column, rule in rules.items() if column not in told}
    if look.placeholders:
        document["placeholders"] = list(look.placeholders)
    if empty := [column for column in look.columns if not contents[column]]:
        document["ignore"] = empty
    return document


def _guess(column: str, content: str, about: About, own: Mapping[str, str]) -> _Guess:
    """The best guess for one column, without regard to the others."""
    words = _(_WORDS[content])
    known = (LEADS_BY_NAME if about == "leads" else ACTIVITIES_BY_NAME).get(folded(column))
    if own_key := own.get(folded(column)):
        why = _("a custom attribute has this name")
        return _Guess(column=column, content=content, target=f"attributes.{own_key}", why=why, sure=_BY_BOTH)
    if known:
        target, rank = known
        needed = _HAS_TO_BE.get(target)
        if needed is None:
            return _Guess(column=column, content=content, target=target, why=_("by its name"), sure=_BY_NAME, rank=rank)
        if content in needed:
            why = _("by its name, and %(words)s") % {"words": words}
            return _Guess(column=column, content=content, target=target, why=why, sure=_BY_BOTH, rank=rank)
    if target := _BY_CONTENT_TARGETS[about].get(content, ""):
        return _Guess(column=column, content=content, target=target, why=words, sure=_BY_CONTENT)
    if content == "id":
        target = "external_id" if about == "leads" else "message_id"
        return _Guess(column=column, content=content, target=target, why=words, sure=_BY_CONTENT)
    return _Guess(column=column, content=content, target="", why=words, sure=_AS_OWN)


def _as_id(guess: _Guess, look: FileLook) -> _Guess:
    """The first column of a file without ids or addresses: what it is known by, where each cell is another."""
    texts = look.cells(guess.column)
    if guess.content not in {"number", "id", "text"} or len(set(texts)) < max(len(look.rows), 2):
        return guess
    return replace(guess, target="external_id", why=_(_WORDS["id"]), sure=_BY_CONTENT)


def _outcome(look: FileLook, contents: Mapping[str, str]) -> dict[str, Any]:
    """What became of the leads, where a column says so in words we know and another one says when."""
    names = {folded(column): column for column in look.columns}
    state = next((names[name] for name in STATE_NAMES if name in names), "")
    at = next((names[name] for name in CLOSED_NAMES if name in names and contents[names[name]] == "date"), "")
    said = set(look.cells(state)) if state else set()
    translate = {text: STATE_WORDS[folded(text)] for text in sorted(said) if folded(text) in STATE_WORDS}
    if not at or not said or len(translate) < len(said) or len(look.cells(at)) < len(look.cells(state)):
        return {}
    amount = next((names[name] for name in AMOUNT_NAMES if name in names and contents[names[name]] == "number"), "")
    return {"state": {"column": state, "translate": translate}, "at": at, **({"amount": amount} if amount else {})}


def _as_own(guess: _Guess, about: About, taken: set[str]) -> _Guess:
    """The column kept under a name of its own."""
    prefix = "attributes." if about == "leads" else "properties."
    key = attribute_key(guess.column)
    target, number = f"{prefix}{key}", 2
    while target in taken:
        target, number = f"{prefix}{key}_{number}", number + 1
    return replace(guess, target=target, sure=_AS_OWN)


def attribute_key(name: str) -> str:
    """A name of our own for a column: small letters, digits and underscores, beginning with a letter."""
    words = [folded(word) for word in re.split(r"[\W_]+", name)]
    key = re.sub("[^a-z0-9_]", "", "_".join(word for word in words if word))[:50].strip("_")
    return key if key[:1].isalpha() else f"column_{key}".rstrip("_")


def _rule(guess: _Guess, look: FileLook) -> dict[str, object]:
    rule: dict[str, object] = {"to": guess.target, "why": guess.why, "sure": guess.sure}
    is_own = guess.target not in KIND_OF and "." in guess.target and guess.target.split(".")[0] in _OWN_GROUPS
    if is_own and guess.content in {"number", "boolean", "date"}:
        rule["as"] = guess.content
    if guess.target in {"country", "company.country", "company.domain"}:
        # A slip among the cells then loses nothing and holds no row up.
        rule["unreadable_to"] = f"attributes.{attribute_key(guess.column)}_text"
    elif guess.content in _STRICT and guess.target != "occurred_at":
        test = _tests(look)[guess.content]
        if not all(test(text) for text in _said(look.cells(guess.column)[:_MOST_CELLS], look)):
            group = (
                "properties"
                if guess.target in ACTIVITY_TARGETS or guess.target.startswith("properties.")
                else "attributes"
            )
            rule["unreadable_to"] = f"{group}.{attribute_key(guess.column)}_text"
    return rule


_OWN_GROUPS: Final = frozenset(["attributes", "properties"])


def _content(texts: Sequence[str], look: FileLook) -> str:
    """What the cells are, "" where the column is empty: the first kind that nearly all of them are."""
    said = _said(texts, look)
    if not said:
        return ""
    shares = {kind: sum(bool(test(text)) for text in said) / len(said) for kind, test in _tests(look).items()}
    if shares["number"] == 1 and set(said) <= {"0", "1"} and len(said) > 1:
        return "boolean"
    least = {kind: _STRICT_SHARE if kind in _STRICT else _SHARE for kind in shares}
    found = next((kind for kind, share in shares.items() if share >= least[kind]), "text")
    return "text" if found == "id" and len(set(said)) < len(said) else found


def _said(texts: Sequence[str], look: FileLook) -> list[str]:
    """The cells that say anything."""
    placeholders = PLACEHOLDERS | {text.casefold() for text in look.placeholders}
    return [text for text in texts if text.casefold() not in placeholders]


def _tests(look: FileLook) -> dict[str, Callable[[str], object]]:
    """Whether a cell is of a kind, the surer kinds first."""
    zone = ZoneInfo(look.rules.time_zone)
    mark, order = look.rules.decimal_mark, look.rules.date_order
    return {
        "email": lambda text: read_email(text).key,
        "id": _UUID.fullmatch,
        "date": lambda text: date_orders(text) or (not text.isdigit() and moment_of(text, order=order, zone=zone)),
        "number": lambda text: number_of(text, decimal_mark=mark) is not None and not _is_code(text),
        "domain": lambda text: (_URL.fullmatch(text) or _DOMAIN.fullmatch(text)) and registrable_domain(text),
        "boolean": lambda text: boolean_of(text) is not None,
        "phone": lambda text: _PHONE.fullmatch(text) and _is_phone(text),
        "country": lambda text: len(text) > 1 and country_code(text),
    }


def _is_code(text: str) -> bool:
    """A figure that is no quantity: a leading zero, or the length of a phone number."""
    return (text[0] == "0" and text.isdigit() and len(text) > 1) or (text[0] == "+" and len(text) > 8)


def _is_phone(text: str) -> bool:
    if _DAY.fullmatch(text):
        return False
    digits = sum(letter.isdigit() for letter in text)
    return bool(read_phone(text).key) or (7 <= digits <= 15 and (text[0] in "+(0" or digits < len(text)))
