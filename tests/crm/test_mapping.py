"""What columns mean, and a row turned into values."""

import pytest

from crm.ingestion.mapping import parse_mapping
from crm.ingestion.pipeline import SHIPPED, load_mapping
from crm.ingestion.rows import row_values
from kernel.errors import BadRequestError

HEAD = "schema: 1\nname: Ours\nabout: leads\nfeed: ours\n"


def values(rules, cells, **extra):
    lines = [
        HEAD,
        *(f"{key}: {text}\n" for key, text in extra.items()),
        "columns:\n",
        *(f"  {rule}\n" for rule in rules),
    ]
    return row_values(parse_mapping("".join(lines)), cells)


def problems(text):
    with pytest.raises(BadRequestError) as refused:
        parse_mapping(text)
    return [(problem.pointer, problem.code) for problem in refused.value.problems]


def test_columns_fill_fields_attributes_and_the_company():
    read = values(
        ["Id: external_id", "Plan: attributes.plan", "Firm: company.name", "Size: company.employees",
         "Tier: company.attributes.tier", "Need: qualification.need"],
        {"Id": "7", "Plan": "pro", "Firm": "Acme", "Size": "40", "Tier": "1", "Need": "yes"},
    )  # fmt: skip

    assert read.values == {
        "external_id": "7",
        "attributes": {"plan": "pro"},
        "company": {"name": "Acme", "employees": 40, "attributes": {"tier": "1"}},
        "qualification": {"need": "yes"},
    }


@pytest.mark.parametrize("cell", ["", "  ", "Select", "SELECT", "unknown", "N/A", "-", "niepodano"])
def test_a_placeholder_says_nothing(cell):
    read = values(["City: city"], {"City": cell}, placeholders="[NiePodano]")

    assert (read.values, read.problems) == ({}, [])


def test_numbers_and_booleans_are_read_as_such():
    read = values(
        [
            "A: {to: attributes.a, as: number}",
            "B: {to: attributes.b, as: number}",
            "C: {to: attributes.c, as: boolean}",
        ],
        {"A": "42", "B": "-1.5", "C": "No"},
    )

    assert read.values == {"attributes": {"a": 42, "b": -1.5, "c": False}}


def test_a_cell_that_cannot_be_read_is_a_problem_or_goes_where_the_mapping_says():
    refused = values(["A: {to: attributes.a, as: number}"], {"A": "many"})
    moved = values(["A: {to: country, unreadable_to: attributes.region}"], {"A": "Asia/Pacific Region"})

    assert [(problem.pointer, problem.code) for problem in refused.problems] == [("/A", "unreadable_cell")]
    assert moved.values == {"attributes": {"region": "Asia/Pacific Region"}}


def test_a_further_external_id_belongs_to_its_feed():
    read = values(["Id: external_id", "No: {to: external_id, feed: other}"], {"Id": "7", "No": "8"})

    assert (read.values, read.other_ids) == ({"external_id": "7"}, {"other": "8"})


def test_a_name_is_cut_at_its_last_space_and_texts_can_be_translated():
    read = values(["Who: name", "Src: {to: source, translate: {ggl: Google}}"], {"Who": "Ann Mary Lee", "Src": "ggl"})

    assert read.values == {"first_name": "Ann Mary", "last_name": "Lee", "source": "Google"}


def test_constants_are_given_to_every_row_and_a_cell_goes_before_them():
    read = values(["Src: source"], {"Src": "fair"}, constants="{source: import, city: Łódź}")

    assert read.values == {"source": "fair", "city": "Łódź"}


def test_a_text_stays_the_text_it_is():
    read = values(["A: country", "B: attributes.zip"], {"A": "NO", "B": "0042"}, constants="{state: no}")

    assert read.values == {"state": "no", "country": "NO", "attributes": {"zip": "0042"}}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (HEAD + "columns: {A: nickname}", [("/columns/A", "unknown_field")]),
        (HEAD + "columns: {A: attributes.}", [("/columns/A", "unknown_field")]),
        (HEAD + "columns: {A: {to: city, as: date}}", [("/columns/A/as", "not_a_choice")]),
        (HEAD + "columns: {A: {to: city, colour: red}}", [("/columns/A/colour", "unknown_field")]),
        (HEAD + "columns: {A: {as: text}}", [("/columns/A", "required")]),
        (HEAD + "columns: {}", [("/columns", "required")]),
        (HEAD + "columns: {A: city}\nconstants: {points: '5'}", [("/constants/points", "unknown_field")]),
        (HEAD + "columns: {A: city}\nsecret: 1", [("/secret", "unknown_field")]),
        (HEAD.replace("ours", "Our Feed") + "columns: {A: city}", [("/feed", "bad_feed")]),
        (HEAD.replace("schema: 1", "schema: 2") + "columns: {A: city}", [("/schema", "wrong_schema")]),
        (HEAD.replace("leads", "deals") + "columns: {A: city}", [("/about", "not_a_choice")]),
        ("- a list", [("", "wrong_type"), ("/schema", "wrong_schema"), ("/about", "not_a_choice")]),
    ],
)
def test_a_wrong_mapping_is_refused_with_the_places(text, found):
    assert problems(text) == found


@pytest.mark.parametrize("text", [HEAD + "columns: {A: city, A: state}", HEAD + "columns: {A: [", "\x00"])
def test_broken_yaml_and_doubled_keys_are_refused(text):
    with pytest.raises(BadRequestError) as refused:
        parse_mapping(text)

    assert refused.value.code == "broken_yaml"


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_mapping_is_sound(path):
    assert load_mapping(path.stem).columns


def test_an_unknown_mapping_names_the_shipped_ones():
    with pytest.raises(BadRequestError) as refused:
        load_mapping("nothing")

    assert "xeducation" in refused.value.detail
