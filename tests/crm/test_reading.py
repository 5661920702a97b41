"""One activity as it is sent: every row of the table of bad input that speaks of items."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from crm.ingestion.events import read_activity


def item(**changed):
    good = {
        "message_id": "m1",
        "lead": {"email": "ann@acme.example"},
        "kind": "page_view",
        "occurred_at": "2026-03-02T10:00:00Z",
    }
    return {name: value for name, value in {**good, **changed}.items() if value is not ...}


def nested(levels):
    value = 1
    for _ in range(levels):
        value = {"x": value}
    return value


def test_a_good_item_is_read_whole():
    read, problems = read_activity(
        item(url=" /pricing ", subject="Guide", value=2.5, source="web", visitor="v1", properties={"a": [1, None]})
    )

    assert problems == []
    assert (read.url, read.subject, read.value, read.source) == ("/pricing", "Guide", Decimal("2.5"), "web")
    assert (read.visitor, read.properties) == ("v1", {"a": [1, None]})
    assert read.lead.email.key == "ann@acme.example"


@pytest.mark.parametrize(
    ("changed", "pointer", "code"),
    [
        ({"message_id": ...}, "/message_id", "required"),
        ({"message_id": "  "}, "/message_id", "required"),
        ({"message_id": 5}, "/message_id", "wrong_type"),
        ({"message_id": "x" * 201}, "/message_id", "too_long"),
        ({"kind": None}, "/kind", "required"),
        ({"kind": "k" * 61}, "/kind", "too_long"),
        ({"lead": ...}, "/lead", "required"),
        ({"lead": "ann"}, "/lead", "wrong_type"),
        ({"lead": {}}, "/lead", "one_of"),
        ({"lead": {"email": "a@b.example", "external_id": "1"}}, "/lead", "one_of"),
        ({"lead": {"email": "nobody"}}, "/lead/email", "bad_email"),
        ({"lead": {"id": 1.5}}, "/lead/id", "not_an_integer"),
        ({"lead": {"id": True}}, "/lead/id", "not_an_integer"),
        ({"lead": {"id": 2**63}}, "/lead/id", "out_of_range"),
        ({"lead": {"id": -1}}, "/lead/id", "out_of_range"),
        ({"lead": {"email": "a@b.example", "name": "Ann"}}, "/lead/name", "unknown_field"),
        ({"points": 5}, "/points", "read_only"),
        ({"received_at": "2026-03-02T10:00:00Z"}, "/received_at", "read_only"),
        ({"is_bot": True}, "/is_bot", "read_only"),
        ({"colour": "red"}, "/colour", "unknown_field"),
        ({"occurred_at": "2026-03-02T10:00:00"}, "/occurred_at", "no_offset"),
        ({"occurred_at": "2026-02-30T10:00:00Z"}, "/occurred_at", "not_a_time"),
        ({"occurred_at": "2026-03-02T24:00:00Z"}, "/occurred_at", "not_a_time"),
        ({"occurred_at": "2026-03-02"}, "/occurred_at", "not_a_time"),
        ({"occurred_at": "2026-W10-1T10:00:00Z"}, "/occurred_at", "not_a_time"),
        ({"occurred_at": "٢٠٢٦-03-02T10:00:00Z"}, "/occurred_at", "not_a_time"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "/occurred_at", "not_a_time"),
        ({"occurred_at": 1767225600}, "/occurred_at", "wrong_type"),
        ({"occurred_at": ...}, "/occurred_at", "required"),
        ({"value": True}, "/value", "not_a_number"),
        ({"value": "5"}, "/value", "not_a_number"),
        ({"value": 10**20}, "/value", "out_of_range"),
        ({"value": 1e300}, "/value", "out_of_range"),
        ({"value": float("inf")}, "/value", "not_a_number"),
        ({"url": 5}, "/url", "wrong_type"),
        ({"source": "x" * 201}, "/source", "too_long"),
        ({"properties": []}, "/properties", "wrong_type"),
        ({"properties": {str(n): n for n in range(201)}}, "/properties", "too_large"),
        ({"properties": {"text": "x" * 33_000}}, "", "too_large"),
        ({"properties": nested(20)}, "", "too_deep"),
        ({"properties": {"a": "x\x00y"}}, "/properties/a", "nul"),
        ({"properties": {"a\x00b": 1}}, "/properties/ab", "nul"),
        ({"properties": {"a": ["\ud800"]}}, "/properties/a/0", "lone_surrogate"),
        ({"properties": {"\udfff": 1}}, "/properties/?", "lone_surrogate"),
        ({"url": "\x00"}, "/url", "nul"),
        ({"properties": {"a": 10**400}}, "/properties/a", "out_of_range"),
        ({"properties": {"a": Decimal("1e999999999")}}, "/properties/a", "out_of_range"),
        ({"value": Decimal("1e999999999")}, "/value", "out_of_range"),
        ({"properties": {"a": Decimal("NaN")}}, "/properties/a", "not_a_number"),
    ],
)
def test_a_bad_item_is_refused_with_its_place(changed, pointer, code):
    read, problems = read_activity(item(**changed))

    assert read is None
    assert [(problem.pointer, problem.code) for problem in problems] == [(pointer, code)]


@pytest.mark.parametrize("value", [None, 5, "text", [], [item()]])
def test_what_is_no_object_is_refused(value):
    read, [problem] = read_activity(value)

    assert (read, problem.code) == (None, "wrong_type")


def test_all_problems_are_told_at_once_and_nothing_is_echoed():
    _read, problems = read_activity(item(kind=5, value="s3cret", occurred_at="s3cret", lead={"id": "s3cret"}))

    assert {problem.pointer for problem in problems} == {"/kind", "/value", "/occurred_at", "/lead/id"}
    assert not any("s3cret" in problem.detail for problem in problems)


def test_nesting_of_twenty_and_two_hundred_properties_pass():
    assert read_activity(item(properties=nested(19)))[1] == []
    assert read_activity(item(properties={str(n): n for n in range(200)}))[1] == []


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-02T10:00:00Z", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        ("2026-03-02t10:00:00.5z", datetime(2026, 3, 2, 10, microsecond=500_000, tzinfo=UTC)),
        ("2026-03-02 10:00:00+02:00", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        ("2026-03-02T10:00:00.123456789Z", datetime(2026, 3, 2, 10, microsecond=123_456, tzinfo=UTC)),
    ],
)
def test_times_of_rfc_3339_are_read_as_utc(text, moment):
    assert read_activity(item(occurred_at=text))[0].occurred_at == moment


def test_the_hash_is_of_what_was_sent_whatever_the_order_of_its_keys():
    one, other = item(properties={"a": 1, "b": 2}), dict(reversed(item(properties={"b": 2, "a": 1}).items()))

    assert read_activity(one)[0].sent_hash == read_activity(other)[0].sent_hash
    assert read_activity(one)[0].sent_hash != read_activity(item(properties={"a": 1, "b": 3}))[0].sent_hash
    assert read_activity(item(value=1))[0].sent_hash != read_activity(item(value=True and 2))[0].sent_hash
