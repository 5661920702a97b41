"""Which facts the matrix rests on: personal ones, and those that leak the outcome. L14 and L17."""

import re
from collections.abc import Iterator
from typing import Final

from scoring.engine.conditions import fields_named
from scoring.engine.lint.criteria import enabled, fields_of
from scoring.engine.lint.finding import Finding, Observed, finding
from scoring.engine.matrix import Criterion, Matrix
from scoring.engine.text import normalise_text

#: Fields that people fill in once they have spoken with the lead.
FILLED_BY_SALES: Final = frozenset({"lead.qualification.*"})
#: Activities that are the outcome, or the talk that led to it.
KINDS_AFTER_CONTACT: Final = frozenset({"conversation", "deal_opened", "deal_won", "deal_lost"})

#: Words of a field's name that say it is personal; English, German and Polish.
PERSONAL_WORDS: Final = frozenset(
    {
        *("age", "birth", "birthdate", "birthday", "birthyear", "born", "dob"),
        *("gender", "sex", "sexual", "pregnant", "pregnancy", "disability", "disabled"),
        *("religion", "religious", "faith", "church", "politics", "political"),
        *("race", "ethnic", "ethnicity", "nationality", "passport", "pesel", "ssn"),
        *("marital", "married", "spouse", "children", "kids"),
        *("alter", "geburt", "geburtsdatum", "geburtsjahr", "geburtstag", "geschlecht"),
        *("konfession", "familienstand", "kinder"),
        *("wiek", "urodzenia", "urodziny", "plec", "płeć", "religia", "wyznanie", "narodowosc", "narodowość", "dzieci"),
    }
)
#: Before `age` and its like these speak of something other than the person.
_NOT_OF_THE_PERSON: Final = frozenset({"account", "company", "contract", "customer", "domain", "lead", "subscription"})
_WORD: Final = re.compile(r"[^\W\d_]+")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_OF_A_PERSON: Final = ("lead.attributes.", "lead.qualification.", "activity.properties.")


def personal_fact(matrix: Matrix) -> Iterator[Finding]:
    """Disabled criteria are looked at too: they are measured and shown."""
    if matrix.audience != "b2b":
        return
    names = dict.fromkeys(fields_named(matrix.applies_to))
    for criterion in matrix.criteria:
        names |= dict.fromkeys(fields_of(criterion))
    for name in names:
        if is_personal(name):
            resting = (criterion.key for criterion in matrix.criteria if name in fields_of(criterion))
            yield finding("L14", *resting, field=name)


def is_personal(field: str) -> bool:
    """Whether the name of a field of the team's own says that a business seller never needs it."""
    if not field.startswith(_OF_A_PERSON):
        return False
    words = [normalise_text(word) for word in _WORD.findall(_HUMP.sub("_", field.split(".", 2)[2]))]
    return bool(PERSONAL_WORDS.intersection(words)) and not _NOT_OF_THE_PERSON.intersection(words)


def leaks_the_outcome(matrix: Matrix, observed: Observed) -> Iterator[Finding]:
    """In the dimension qualification its own facts stand as intended: a conversation found them out."""
    known = FILLED_BY_SALES | observed.filled_by_sales
    for criterion in enabled(matrix):
        if criterion.points == 0 and not (criterion.disqualify or criterion.fast_track):
            continue
        for name in fields_of(criterion):
            if _is_one_of(name, known) and not _stands_as_intended(criterion, name):
                yield finding("L17", criterion.key, field=name)
        for kind in _kinds_after_contact(criterion):
            yield finding("L17", criterion.key, kind=kind)


def _is_one_of(name: str, patterns: frozenset[str]) -> bool:
    return any(
        name.startswith(pattern.removesuffix("*")) if pattern.endswith(".*") else name == pattern
        for pattern in patterns
    )


def _stands_as_intended(criterion: Criterion, name: str) -> bool:
    return criterion.dimension == "qualification" and name.startswith("lead.qualification.")


def _kinds_after_contact(criterion: Criterion) -> list[str]:
    if criterion.when is None:
        return []
    return [kind for kind in dict.fromkeys(criterion.when.pattern.kinds) if kind in KINDS_AFTER_CONTACT]
