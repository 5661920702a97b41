"""YAML 1.2 core in, YAML out that both versions of the language read alike."""

from decimal import Decimal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import BadRequestError
from scoring.engine import parse_matrix
from scoring.loader import document_from_text
from scoring.yaml_text import yaml_read, yaml_write
from tests.scoring.world import MATRIX

TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=12
) | st.sampled_from(
    [
        "NO",
        "yes",
        "on",
        "true",
        "True",
        "null",
        "~",
        "",
        "012",
        "0o17",
        "0x1F",
        "1e3",
        "1_000",
        "12:30",
        "2026-03-03",
        ".5",
        ".inf",
        "=",
        "<<",
        "- a",
        "a: b",
        "#",
    ]
)
NUMBERS = st.integers(-(10**12), 10**12) | st.decimals(-(10**6), 10**6, allow_nan=False, places=3).filter(
    lambda each: each % 1 != 0
)
DOCUMENTS = st.recursive(
    st.booleans() | TEXTS | NUMBERS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("off", "off"),
        ("true", True),
        ("False", False),
        ("2026-03-03", "2026-03-03"),
        ("12:30:00", "12:30:00"),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("1.50", Decimal("1.50")),
        ("1e3", Decimal("1e3")),
        ("'12'", "12"),
        ("02134", 2134),
        ("", None),
    ],
)
def test_a_plain_scalar_is_what_the_core_schema_says(text: str, value: object) -> None:
    assert yaml_read(f"a: {text}") == {"a": value}


def test_keys_are_always_text() -> None:
    assert yaml_read("levels: {1: 60, NO: 2}") == {"levels": {"1": 60, "NO": 2}}


@pytest.mark.parametrize(
    ("text", "code", "pointer"),
    [
        ("a:\n  - b: 1\n    b: 2", "duplicate_key", "/a/0/b"),
        ("a: .nan", "not_finite", "/a"),
        ("? [x]\n: 1", "not_a_text", ""),
        ("a: [1", "broken_yaml", ""),
        ("a: &x 1\nb: *x", "broken_yaml", ""),
        ("a: !!python/object:os.system x", "broken_yaml", ""),
        ("a: 1\n---\nb: 2", "broken_yaml", ""),
        ("[" * 40 + "]" * 40, "broken_yaml", ""),
        ("a: \x07", "broken_yaml", ""),
        ("a: " + "9" * 500, "too_long_a_number", "/a"),
    ],
)
def test_what_has_no_place_in_a_matrix_is_refused_with_its_place(text: str, code: str, pointer: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        yaml_read(text)
    assert [(problem.code, problem.pointer) for problem in refused.value.problems] == [(code, pointer)]


@given(DOCUMENTS)
def test_what_is_written_reads_back_the_same(document: object) -> None:
    assert yaml_read(yaml_write({"document": document})) == {"document": document}


@given(st.dictionaries(TEXTS, TEXTS | st.booleans() | st.integers(-9, 9), max_size=5))
def test_a_reader_of_yaml_1_1_reads_the_same_texts(document: dict[str, object]) -> None:
    assert yaml.safe_load(yaml_write(document)) == document


def test_a_matrix_is_written_in_the_order_of_the_contract_and_is_the_same_matrix() -> None:
    text = yaml_write(dict(reversed(MATRIX.items())))
    assert text.index("schema:") < text.index("grades:") < text.index("stages:") < text.index("criteria:")
    assert parse_matrix(yaml_read(text)) == parse_matrix(MATRIX)


def test_json_is_read_as_strictly() -> None:
    with pytest.raises(BadRequestError) as refused:
        document_from_text('{"a": 1, "a": 2}', "json")
    assert [(problem.code, problem.pointer) for problem in refused.value.problems] == [("duplicate_key", "/a")]
