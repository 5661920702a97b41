"""Searching leads by name, email, company, phone and outer id, by the trigram indexes.

Every word has to stand in the person's text or in the name of their company. A word of one or two letters has to begin a
name or the address, or to be a whole word of the company's name: in the middle of a word it would mean nearly everybody,
and no index finds it there. What somebody may not read they may not find by: masked, only companies are searched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import BigIntegerField, F, Q, QuerySet, Value
from django.db.models.functions import Concat, Greatest, Upper

from crm.identity import read_email, read_phone
from crm.models import Company, ExternalId, Feed, Lead
from crm.models.expressions import IsAny
from crm.services.lookup import lead_ids_by_email, visitor_feed

# As the index `lead_text_trigrams` has it; `icontains` puts UPPER around it.
_TEXT = Concat("first_name", Value(" "), "last_name", Value(" "), "email")
# Words beyond are part of no name; each costs a look at an index.
MOST_WORDS = 12
# Leads found by one exact identity: a switchboard's number stands with many.
MOST_EXACT = 200
MOST_SIMILAR = 5
# Words of so many letters are looked for anywhere in a text: trigrams have three.
WHOLE = 3
# How alike a word has to be to be offered, of 1. Below, short words are like nearly everything.
LIKENESS = 0.5


@dataclass(frozen=True, kw_only=True)
class Similar:
    """A spelling that would find somebody: the text to search by."""

    text: str


def leads_found(leads: QuerySet[Lead], text: str, *, is_masked: bool) -> QuerySet[Lead]:
    """Of `leads` those that `text` means. Case does not matter; %, _ and \\ are letters like others."""
    words = text.split()
    if not words:
        return leads
    found = Q()
    for word in words[:MOST_WORDS]:
        found &= _word(word, is_masked=is_masked)
    if not is_masked:
        leads = leads.annotate(searched=_TEXT)
        exact = _exact_ids(text.strip())
        if exact:
            found |= Q(pk__in=exact)
    return leads.filter(found)


def similar_spellings(leads: QuerySet[Lead], text: str, *, is_masked: bool) -> Sequence[Similar]:
    """Spellings near `text` that do find somebody of `leads`, the most alike first: to be offered, never mixed in."""
    words = [word for word in text.upper().split() if len(word) > 2][:MOST_WORDS]
    if not words:
        return ()
    with transaction.atomic():
        with connection.cursor() as cursor:
            # For this transaction only.
            cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(LIKENESS)])
        found = _similar_companies(leads, words)
        if not is_masked:
            found = [*_similar_people(leads, words), *found]
    # The same name may stand with many leads, and once as a person's and a company's.
    texts = dict.fromkeys(text for text in found if text)
    return [Similar(text=each) for each in list(texts)[:MOST_SIMILAR]]


def _word(word: str, *, is_masked: bool) -> Q:
    is_short = len(word) < WHOLE
    named = _is_word("name", word) if is_short else Q(name__icontains=word)
    # As a list that was read: a row is held against it by hash, while one that a subquery gives is gone through each time.
    companies = list(Company.objects.filter(named).order_by().values_list("pk", flat=True))
    ids = Value(companies, output_field=ArrayField(BigIntegerField()))
    found = Q(IsAny(F("company_id"), ids)) if companies else Q(pk__in=[])
    if is_masked:
        return found
    return found | (_begins_word("searched", word) if is_short else Q(searched__icontains=word))


def _begins_word(field: str, word: str) -> Q:
    return Q(**{f"{field}__istartswith": word}) | Q(**{f"{field}__icontains": f" {word}"})


def _is_word(field: str, word: str) -> Q:
    found = Q(**{f"{field}__iexact": word})
    for lookup, text in (("istartswith", f"{word} "), ("iendswith", f" {word}"), ("icontains", f" {word} ")):
        found |= Q(**{f"{field}__{lookup}": text})
    return found


def _exact_ids(text: str) -> list[int]:
    """Leads whose address, phone or outer id is exactly this; an address leads through merges to the survivor."""
    found: set[int] = set()
    address = read_email(text).key
    if address:
        found |= set(lead_ids_by_email([address]).values())
    phone = read_phone(text).key
    if phone:
        found |= set(Lead.objects.filter(phone_key=phone).values_list("pk", flat=True)[:MOST_EXACT])
    if len(text) <= 200:
        feeds = list(Feed.objects.values_list("slug", flat=True))
        # By feed, because the index begins with it.
        named = ExternalId.objects.filter(feed__in=[*feeds, *map(visitor_feed, feeds)], external_id=text)
        found |= set(named.values_list("lead_id", flat=True)[:MOST_EXACT])
    return sorted(found)


def _similar_people(leads: QuerySet[Lead], words: Sequence[str]) -> list[str]:
    text = Upper(_TEXT)
    rows = (
        leads.alias(searched=text)
        .filter(_any_like("searched", words))
        .annotate(likeness=_likeness(text, words))
        .order_by("-likeness", "pk")
        .only("first_name", "last_name", "email")
    )
    return [lead.name or lead.email for lead in rows[: MOST_SIMILAR * 4]]


def _similar_companies(leads: QuerySet[Lead], words: Sequence[str]) -> list[str]:
    name = Upper("name")
    companies = (
        Company.objects.alias(searched=name)
        .filter(_any_like("searched", words), pk__in=leads.values("company_id"))
        .annotate(likeness=_likeness(name, words))
        .order_by("-likeness", "pk")
    )
    return list(companies.values_list("name", flat=True)[:MOST_SIMILAR])


def _any_like(field: str, words: Sequence[str]) -> Q:
    """Alike by trigrams, or the same with two neighbouring letters exchanged, which trigrams of short words miss."""
    found = Q()
    for word in words:
        found |= Q(**{f"{field}__trigram_word_similar": word})
        for swapped in _swapped(word):
            found |= Q(**{f"{field}__contains": swapped})
    return found


def _swapped(word: str) -> list[str]:
    if not 3 < len(word) < 20:
        return []
    swaps = (word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1))
    return [swapped for swapped in swaps if swapped != word]


def _likeness(text: Any, words: Sequence[str]) -> Any:
    each = [TrigramWordSimilarity(word, text) for word in words]
    return Greatest(*each) if len(each) > 1 else each[0]
