"""How much two leads look like one person, and by what. Pure; the same whichever of the two is named first.

Each kind of evidence alone has a weight; together they add up as chances do (two of 60 % are 84 %). What speaks against
it takes a share away. The numbers were set by hand on pairs of the demo company and say an order, not a probability.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Final

from crm.identity.emails import registrable_domain
from crm.identity.names import name_folded
from crm.identity.nicknames import CANONICAL

# Below this nobody is asked to look.
SUGGESTED_FROM: Final = 50
# A number that more leads have is a switchboard's and tells nobody apart.
PHONE_SHARED_BY: Final = 5
# A shorter id in two feeds is a number counted up twice.
ID_LENGTH: Final = 8

_NO_DOTS: Final = frozenset(["gmail.com"])
_SAME_PROVIDER: Final = {"googlemail.com": "gmail.com"}
_PLUS_TAGS: Final = frozenset([
    "gmail.com", "outlook.com", "hotmail.com", "live.com", "icloud.com", "me.com", "fastmail.com", "protonmail.com",
    "proton.me", "pm.me", "zoho.com",
])  # fmt: skip
# By which kind of evidence, how much of a proof it is alone.
_WEIGHTS: Final = {
    "email": 0.95,
    "one_id": 0.6,
    "phone": 0.6,
    "name_company": 0.75,
    "name_place": 0.6,
    "name": 0.3,
    "email_name": 0.55,
}
_FIELDS: Final = {
    "email": ("email",),
    "one_id": ("external_id",),
    "phone": ("phone",),
    "name_company": ("name", "company"),
    "name_place": ("name", "city", "title"),
    "name": ("name",),
    "email_name": ("email", "name"),
}
_OTHER_FIRST_NAME: Final = 0.3
# Couples share a mailbox more rarely than people write down another's first name.
_OTHER_FIRST_NAME_AT_ONE_MAILBOX: Final = 0.6
_OTHER_GENERATION: Final = 0.2
_OTHER_COUNTRY: Final = 0.8
_INITIAL_ONLY: Final = 0.7
_GENERATIONS: Final = frozenset(["jr", "junior", "sr", "senior", "ii", "iii", "iv"])
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "ł": "l", "đ": "d", "ð": "d",
                                 "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss", "ı": "i"})  # fmt: skip
_CYRILLIC: Final = str.maketrans(
    dict(zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґ",
             ("a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch . y . e yu ya i yi ye g").split(),
             strict=True))
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Person:
    """What of a lead is compared. `external_ids` are pairs of feed and id; `is_phone_shared`: too many have the number."""

    id: int
    email_key: str = ""
    email_kind: str = ""
    phone_key: str = ""
    is_phone_shared: bool = False
    first_name: str = ""
    last_name: str = ""
    is_suspect: bool = False
    title: str = ""
    city: str = ""
    country: str = ""
    company_id: int | None = None
    external_ids: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """0 to 100, the kind of evidence that weighs most, and the fields that are alike."""

    percent: int
    reason: str
    evidence: tuple[str, ...]


def likeness(one: Person, other: Person) -> Likeness | None:
    """How much they look like one person; None where nothing does, and of somebody with themselves."""
    if one.id == other.id:
        return None
    found = dict(_evidence(one, other))
    if not found:
        return None
    chance = (1 - prod(1 - weight for weight in found.values())) * _against(one, other, at_one_mailbox="email" in found)
    reason = max(found, key=lambda kind: (found[kind], kind))
    fields = {field for kind in found for field in _FIELDS[kind]}
    return Likeness(percent=round(100 * chance), reason=reason, evidence=tuple(sorted(fields)))


def likeness_keys(person: Person) -> set[str]:
    """Texts of which two leads that look like one person share at least one: by these they are brought together."""
    keys = set()
    if mailbox := _mailbox(person):
        keys.add(f"email {mailbox}")
    if person.phone_key:
        keys.add(f"phone {person.phone_key}")
    keys |= {f"id {external_id}" for external_id in _long_ids(person)}
    names = [tokens for tokens in (_name(person), _email_name(person)) if len(tokens) > 1]
    for tokens in names:
        for at in _workplaces(person):
            keys.add(f"name {' '.join(sorted(tokens))} {at}")
            keys |= {f"initial {last} {first[0]} {at}" for first, last in product(tokens, tokens) if first != last}
        if person.city and person.title:
            keys.add(f"place {' '.join(sorted(tokens))} {name_folded(person.city)}")
    return keys


def _evidence(one: Person, other: Person) -> Iterator[tuple[str, float]]:
    mailbox = _mailbox(one)
    if mailbox and mailbox == _mailbox(other):
        yield "email", _WEIGHTS["email"]
    if one.phone_key and one.phone_key == other.phone_key and not (one.is_phone_shared or other.is_phone_shared):
        yield "phone", _WEIGHTS["phone"]
    if _shared_ids(one, other):
        yield "one_id", _WEIGHTS["one_id"]
    at_one_place = bool(_workplaces(one) & _workplaces(other))
    if strength := _name_strength(_name(one), _name(other)):
        kind = "name_company" if at_one_place else "name_place" if _is_one_post(one, other) else "name"
        yield kind, _WEIGHTS[kind] * strength
    elif at_one_place and _is_name_in_email(one, other):
        yield "email_name", _WEIGHTS["email_name"]


def _against(one: Person, other: Person, *, at_one_mailbox: bool) -> float:
    """What is left of the chance after what speaks against it."""
    left = 1.0
    first, second = _first_name(one), _first_name(other)
    if first and second and not _is_one_first_name(first, second) and not _name_strength(_name(one), _name(other)):
        left *= _OTHER_FIRST_NAME_AT_ONE_MAILBOX if at_one_mailbox else _OTHER_FIRST_NAME
    if _generations(one) != _generations(other):
        left *= _OTHER_GENERATION
    if one.country and other.country and one.country != other.country:
        left *= _OTHER_COUNTRY
    return left


def _mailbox(person: Person) -> str:
    """The address without what its provider ignores; empty for a mailbox of a function, which many people share."""
    local, _at, domain = person.email_key.rpartition("@")
    if not local or person.email_kind in {"role", "invalid"}:
        return ""
    domain = _SAME_PROVIDER.get(domain, domain)
    if domain in _PLUS_TAGS:
        local = local.partition("+")[0]
    if domain in _NO_DOTS:
        local = local.replace(".", "")
    return f"{local}@{domain}"


def _long_ids(person: Person) -> set[str]:
    return {external_id for _feed, external_id in person.external_ids if len(external_id) >= ID_LENGTH}


def _shared_ids(one: Person, other: Person) -> set[str]:
    """Ids by which two feeds know them; one feed's id names one lead, so the feeds differ."""
    return _long_ids(one) & _long_ids(other)


def _workplaces(person: Person) -> set[str]:
    """The company and the domain of a work address: one of the two is enough."""
    found = {f"company {person.company_id}"} if person.company_id else set()
    if person.email_kind in {"work", "academic"}:
        found.add(f"domain {registrable_domain(person.email_key.rpartition('@')[2])}")
    return found


def _letters(text: str) -> str:
    lowered = text.casefold().translate(_UMLAUTS).translate(_CYRILLIC)
    # As people write umlauts without them, too: Müller, Mueller and Muller are one.
    return re.sub(r"([aou])e", r"\1", name_folded(lowered))


def _tokens(text: str) -> list[str]:
    return [word for word in _letters(text).split() if word not in _GENERATIONS]


_SHORT_FORMS: Final = {_letters(short): _letters(name) for short, name in CANONICAL.items()}


def _canonical(word: str) -> str:
    return _SHORT_FORMS.get(word, word)


def _name(person: Person) -> frozenset[str]:
    """The words of a name in no order; empty for a name nobody has."""
    if person.is_suspect:
        return frozenset()
    return frozenset(map(_canonical, _tokens(f"{person.first_name} {person.last_name}")))


def _first_name(person: Person) -> str:
    words = [] if person.is_suspect else _tokens(person.first_name)
    return _canonical(words[0]) if words else ""


def _generations(person: Person) -> frozenset[str]:
    written = {"junior": "jr", "senior": "sr"}
    words = _letters(f"{person.first_name} {person.last_name}").split()
    return frozenset(written.get(word, word) for word in words if word in _GENERATIONS)


def _name_strength(one: frozenset[str], other: frozenset[str]) -> float:
    """1 for the same words, less where a first name is only an initial; 0 for other names and for single words."""
    if len(one) < 2 or len(other) < 2:
        return 0.0
    if one == other:
        return 1.0
    left, right = one - other, other - one
    if one & other and len(left) == len(right) == 1:
        (first,), (second,) = left, right
        if 1 in {len(first), len(second)} and first[0] == second[0]:
            return _INITIAL_ONLY
    return 0.0


def _is_one_first_name(first: str, second: str) -> bool:
    short, long = sorted((first, second), key=len)
    return long.startswith(short) and (short == long or len(short) != 2)


def _is_one_post(one: Person, other: Person) -> bool:
    return (
        bool(one.city and one.title)
        and name_folded(one.city) == name_folded(other.city)
        and name_folded(one.title) == name_folded(other.title)
    )


def _email_name(person: Person) -> frozenset[str]:
    """The name an address spells: ann.lee@acme.example."""
    if person.email_kind in {"role", "invalid"}:
        return frozenset()
    local = person.email_key.rpartition("@")[0].partition("+")[0]
    return frozenset(map(_canonical, _tokens(re.sub(r"[._-]+", " ", local))))


def _is_name_in_email(one: Person, other: Person) -> bool:
    """One's address spells the other's name, and one's own name says nothing else."""
    return any(
        bool(_name_strength(_email_name(named), _name(nameless))) and len(_name(named)) < 2
        for named, nameless in ((one, other), (other, one))
    )
