"""Searching leads: what is found, what stays letters, what the indexes do, and what a masked reader may not find."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.models import Company, ExternalId, Feed, Lead
from crm.search import MOST_WORDS, leads_found, similar_spellings

pytestmark = pytest.mark.django_db

# What PostgreSQL and Python put into capitals alike, and what LIKE, quoting and SQL would trip over.
LETTERS = "abcdeABCDEäÄéÉłŁżŻжЖ0123%_\\'\"`$;:-–.@(){}[]😀"
NAMES = ("Zoë", "Łukasz", "100%", "a_b", "back\\slash", "O'Hara", "Жанна", "Ann", "", "D.", "😀")


def found(text, *, is_masked=False):
    return set(leads_found(Lead.objects.all(), text, is_masked=is_masked))


@pytest.fixture
def vera(db):
    company = Company.objects.create(name="Globe Freight GmbH")
    return Lead.objects.create(
        first_name="Vera",
        last_name="Vice",
        email="vera@globe.example",
        email_key="vera@globe.example",
        phone="+48 600 100 200",
        phone_key="+48600100200",
        company=company,
    )


@pytest.fixture
def gerd(db):
    return Lead.objects.create(first_name="Gerd", last_name="Groß", email="gerd@other.example")


@pytest.mark.parametrize(
    "text",
    [
        "vera", "VICE", "era vic", "vera vice", "vice vera", "ve v", "globe", "freight vera", "@globe", "v",
        "VERA@GLOBE.example", "+48 600 100 200", "0048600100200", "  vera  ",
    ],
)  # fmt: skip
def test_a_lead_is_found_by_every_word_of_name_email_and_company_and_by_the_whole_phone(text, vera, gerd):
    assert vera in found(text)
    assert gerd not in found(text)


@pytest.mark.parametrize(
    ("text", "finds"), [("v", True), ("vi", True), ("VE", True), ("e", False), ("ra", False), ("ic", False)]
)
def test_a_word_of_one_or_two_letters_begins_a_name_or_the_address(text, finds, vera):
    assert (vera in found(text)) is finds
    Lead.objects.filter(pk=vera.pk).update(first_name="", last_name="", email="vi@globe.example")
    assert (vera in found(text)) is (text in {"v", "vi"})


@pytest.mark.parametrize("name", ["HP", "HP Labs", "Old HP", "The hp Company"])
def test_a_short_word_finds_a_company_that_has_it_as_a_whole_word(name, vera):
    Company.objects.update(name=name)
    assert found("hp") == found("hp", is_masked=True) == {vera}
    assert found("h") == found("p") == set()
    Company.objects.update(name="Phpx")
    assert found("hp") == set()


@pytest.mark.parametrize("text", ["verax", "vera gerd", "%", "_", "v%a", "v_ra", "\\", "ver\\a", "+48 600 100 20"])
def test_what_is_not_there_is_not_found_and_wildcards_are_letters(text, vera, gerd):
    assert found(text) == set()


def test_what_is_one_person_to_the_sender_is_found_by_the_senders_id(vera, gerd):
    Feed.objects.get_or_create(slug="crm")
    ExternalId.objects.create(lead=vera, feed="crm", external_id="0061-XY 7")
    ExternalId.objects.create(lead=gerd, feed="visitor:crm", external_id="b-1")
    assert found("0061-XY 7") == {vera}
    assert found("b-1") == {gerd}
    assert found("0061-XY") == set()


@pytest.mark.parametrize("text", ["vera", "vice", "vera@globe.example", "@", "+48 600 100 200", "c-1", "freight vera"])
def test_a_masked_reader_finds_nobody_by_personal_data(text, vera):
    Feed.objects.get_or_create(slug="crm")
    ExternalId.objects.create(lead=vera, feed="crm", external_id="c-1")
    assert found(text, is_masked=True) == set()
    assert similar_spellings(Lead.objects.all(), "vrea", is_masked=True) == []


def test_a_masked_reader_finds_by_company(vera, gerd):
    assert found("globe", is_masked=True) == {vera}


def test_the_narrowing_that_was_there_stays(vera, gerd):
    assert set(leads_found(Lead.objects.exclude(pk=vera.pk), "vera@globe.example", is_masked=False)) == set()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("Jhon", "John Smith"), ("Smiht", "John Smith"), ("Kovalski", "Ola Kowalski"), ("Gloeb", "Globe Freight GmbH")],
)
def test_a_near_spelling_is_offered_and_not_mixed_in(typed, meant, vera):
    Lead.objects.create(first_name="John", last_name="Smith")
    Lead.objects.create(first_name="Ola", last_name="Kowalski")
    assert found(typed) == set()
    assert meant in [one.text for one in similar_spellings(Lead.objects.all(), typed, is_masked=False)]


def test_only_who_may_be_seen_is_offered(vera):
    Lead.objects.create(first_name="John", last_name="Smith")
    none = Lead.objects.filter(pk=vera.pk)
    assert similar_spellings(none, "Jhon", is_masked=False) == []
    assert similar_spellings(Lead.objects.none(), "Gloeb", is_masked=False) == []


def plan_of(text):
    with connection.cursor() as cursor:
        # The tables are small: only with every other way closed does it tell which index could answer.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
        cursor.execute("SET LOCAL enable_indexonlyscan = off")
    with CaptureQueriesContext(connection) as queries:
        leads = leads_found(Lead.objects.order_by(), text, is_masked=False)
    of_companies = [each["sql"] for each in queries.captured_queries if 'FROM "crm_company"' in each["sql"]]
    said = [leads.explain()]
    with connection.cursor() as cursor:
        for asked in of_companies:
            cursor.execute("EXPLAIN " + asked)
            said += [line for (line,) in cursor.fetchall()]
    return "\n".join(said)


@pytest.mark.parametrize("text", ["vera", "freight", "vera freight", "v", "hp", "ve hp"])
def test_the_trigram_indexes_answer(text, vera):
    plan = plan_of(text)
    assert "lead_text_trigrams" in plan
    assert "company_name_trigrams" in plan
    assert "Seq Scan" not in plan


def test_an_exact_identity_beside_words_leaves_the_indexes_in_use(vera):
    plan = plan_of("vera@globe.example")
    assert "lead_text_trigrams" in plan
    assert "Seq Scan" not in plan


def test_words_beyond_the_most_are_left_out_and_cost_nothing(vera):
    assert found(" ".join(["vera"] * MOST_WORDS + ["nobody"])) == {vera}


# A naive reader of the same rows


def upper(text):
    """Capitals letter by letter, as the database makes them."""
    return "".join(letter.upper() if len(letter.upper()) == 1 else letter for letter in text)


def naively(rows, text):
    words = upper(text).split()[:MOST_WORDS]
    if not words:
        return {pk for pk, _text, _company in rows}
    return {
        pk for pk, whole, company in rows if all(stands_in(word, upper(whole), upper(company or "")) for word in words)
    }


def stands_in(word, whole, company):
    if len(word) > 2:
        return word in whole or word in company
    return f" {word}" in f" {whole}" or f" {word} " in f" {company} "


@settings(max_examples=60)
@given(text=st.text(alphabet=LETTERS + "  \t", max_size=12) | st.sampled_from(NAMES))
def test_any_text_finds_what_a_naive_reader_finds(text, alphabet_of_leads):
    wanted = naively(alphabet_of_leads, text)
    assert {lead.pk for lead in found(text)} == wanted


@settings(max_examples=30)
@given(text=st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=200))
def test_any_text_is_answered(text, alphabet_of_leads):
    assert found(text, is_masked=True) is not None
    assert found(text) is not None
    assert similar_spellings(Lead.objects.all(), text, is_masked=False) is not None


@pytest.fixture(scope="module")
def alphabet_of_leads(django_db_setup, django_db_blocker):
    """Leads of awkward names, once for all examples: (pk, text, company)."""
    with django_db_blocker.unblock():
        companies = [Company.objects.create(name=name) for name in NAMES if name]
        leads = [
            Lead.objects.create(
                first_name=first,
                last_name=NAMES[(place * 3 + 1) % len(NAMES)],
                email=f"l{place}_%@x.example" if place % 2 else "",
                company=companies[place % len(companies)] if place % 3 else None,
            )
            for place, first in enumerate(NAMES)
        ]
        yield [
            (lead.pk, f"{lead.first_name} {lead.last_name} {lead.email}", lead.company.name if lead.company else "")
            for lead in leads
        ]
        Lead.objects.filter(pk__in=[lead.pk for lead in leads]).delete()
        Company.objects.filter(pk__in=[company.pk for company in companies]).delete()
