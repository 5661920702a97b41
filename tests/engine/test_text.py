"""How texts, numbers, days and paths are read."""

import sys
import unicodedata
from datetime import date
from decimal import Decimal

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine.countries import COUNTRIES
from scoring.engine.text import (
    WHITE_SPACE,
    completed_years,
    is_blank,
    normalise_text,
    path_in,
    read_day,
    read_number,
    read_text,
    word_line,
)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("  VP, Sales\u00a0", "vp, sales"),
        ("Straße", "strasse"),
        ("ｖｐ\u3000", "vp"),
        ("ﬁnance", "finance"),
        ("ΣΊΣΥΦΟΣ", "σίσυφοσ"),
        ("\u0085I\u2029", "i"),
        ("²", "2"),
    ],
)
def test_texts_compare_in_one_form(text: str, normal: str) -> None:
    assert normalise_text(text) == normal


def test_every_character_keeps_its_form_when_normalised_again() -> None:
    for code in range(sys.maxunicode + 1):
        once = normalise_text.__wrapped__(chr(code))
        assert normalise_text.__wrapped__(once) == once, hex(code)


@given(st.text(alphabet=st.characters(codec="ascii")))
def test_the_short_way_for_ascii_is_the_long_way(text: str) -> None:
    assert normalise_text(text) == unicodedata.normalize("NFKC", text).casefold().strip(WHITE_SPACE)


@given(st.text())
def test_a_text_is_blank_exactly_where_nothing_of_it_is_left(text: str) -> None:
    assert is_blank(text) == (normalise_text(text) == "")


def test_the_separators_that_only_python_takes_for_white_space_are_none() -> None:
    assert not is_blank("\x1c\x1d\x1e\x1f")
    assert is_blank("\t\n\v\f\r \x85\xa0\u1680\u2000\u2028\u2029\u202f\u205f\u3000")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("VP, Sales & Marketing", " vp sales marketing "),
        ("mvp", " mvp "),
        ("snake_case", " snake case "),
        ("état-major", " état major "),
        ("हिन्दी भाषा", " हिन्दी भाषा "),
        ("٣ items", " ٣ items "),
        ("Ⅷ", " viii "),
        ("〇", " "),
        ("— !", " "),
        ("", " "),
    ],
)
def test_words_are_runs_of_letters_marks_and_digits(text: str, line: str) -> None:
    assert word_line(text) == line


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (7, 7),
        (Decimal("7.50"), Decimal("7.5")),
        (0.1, Decimal("0.1")),
        (" +007.50 ", Decimal("7.5")),
        ("-0", 0),
        ("１２", 12),
        ("1" * 5000, Decimal("1" * 5000)),
        *(
            (value, None)
            for value in (True, False, None, "", " ", "1.", ".5", "1e3", "1,000", "٣", "+ 1", "--1", "1\n2", "n/a")
        ),
        *((value, None) for value in (["1"], {"a": 1})),
    ],
)
def test_a_number_reads_as_itself_and_a_text_only_in_plain_digits(value: object, number: object) -> None:
    assert read_number(value) == number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (7, "7"),
        (7.0, "7.0"),
        (Decimal("7.50"), "7.5"),
        (Decimal("1E+5"), "100000.0"),
        (Decimal("0.12345678901234567890123"), "0.12345678901234567890123"),
        (True, None),
        (None, None),
        (["a"], None),
    ],
)
def test_a_number_under_a_text_op_reads_as_its_json_text(value: object, text: str | None) -> None:
    assert read_text(value) == text


@pytest.mark.parametrize(
    ("value", "day"),
    [
        (" 2026-03-03T10:00:00Z ", date(2026, 3, 3)),
        ("2026-03-03 and more", date(2026, 3, 3)),
        *(
            (value, None)
            for value in ("2026-02-29", "2026-3-3", "03.03.2026", "２０２６-03-03", "0000-01-01", "", 20260303)
        ),
    ],
)
def test_a_day_stands_in_the_first_ten_characters(value: object, day: date | None) -> None:
    assert read_day(value) == day


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        (date(2000, 2, 29), date(2001, 2, 28), 0),
        (date(2000, 2, 29), date(2001, 3, 1), 1),
        (date(2000, 2, 29), date(2004, 2, 29), 4),
        (date(2000, 3, 3), date(2026, 3, 2), 25),
        (date(2000, 3, 3), date(2026, 3, 3), 26),
        (date(2026, 3, 4), date(2026, 3, 3), -1),
    ],
)
def test_a_year_is_completed_on_its_day(start: date, end: date, years: int) -> None:
    assert completed_years(start, end) == years


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://x.example/Pricing/?a=1#b", "/pricing"),
        ("  //x.example/pricing#top ", "/pricing"),
        ("svn+ssh://x.example:8080", "/"),
        ("https://x.example?next=/pricing", "/"),
        ("https://x.example#/pricing", "/"),
        ("?a=1", "/"),
        ("/", "/"),
        ("/a//", "/a/"),
        ("//x.example//", "/"),
        ("/pricing%2Fteams", "/pricing%2fteams"),
        ("/Über uns ", "/über uns"),
        ("1http://x.example/a", None),
        ("https:/x.example/a", None),
        ("mailto:a@x.example", None),
        ("pricing", None),
        (" ", None),
        ("", None),
    ],
)
def test_the_path_is_cut_from_an_address(url: str, path: str | None) -> None:
    assert path_in(url) == path


def test_the_countries_are_those_of_iso_3166() -> None:
    assert sorted(COUNTRIES) == sorted(country.alpha_2 for country in pycountry.countries)
