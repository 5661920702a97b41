"""Equal where measuring is equal: shared between versions that differ in what they pay, apart where they look differently."""

from typing import Any

import pytest

from scoring.bulk.fingerprint import applies_fingerprint, criterion_fingerprint
from scoring.engine import parse_matrix
from tests.bulk.against_engine import Json, behavior, document_of

KINDS = frozenset({"page_view", "download", "call"})
BASE: Json = {
    "if": {"field": "lead.title", "op": "has_word", "value": "vp"},
    "when": {"kinds": ["page_view"], "where": {"field": "activity.url", "op": "path_is", "value": "/"}},
    "count": {"max": 3},
    "decay": {"half_life_days": 30},
}


def of(members: Json, timezone: str = "UTC", kinds: frozenset[str] = KINDS) -> str:
    (criterion,) = parse_matrix(behavior(**members) | {"timezone": timezone}).criteria
    return criterion_fingerprint(criterion, timezone, kinds)


def of_fit(condition: Json, timezone: str = "UTC", kinds: frozenset[str] = KINDS) -> str:
    document = document_of({"key": "c", "label": "C", "dimension": "fit", "points": 1, "if": condition})
    (criterion,) = parse_matrix(document).criteria
    return criterion_fingerprint(criterion, timezone, kinds)


def test_it_is_fit_for_a_file_name() -> None:
    assert len(of(BASE)) == 64
    assert set(of(BASE)) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    "paid",
    [
        {"points": -7}, {"label": "Other"}, {"key": "other"}, {"group": "g"}, {"max_points": 4}, {"enabled": False},
        {"disqualify": True}, {"fast_track": True}, {"note": "Why"}, {"count": {"max": 3, "repeat_percent": 100}},
    ],
)  # fmt: skip
def test_what_a_criterion_pays_does_not_matter(paid: Json) -> None:
    assert of(BASE | paid) == of(BASE)


@pytest.mark.parametrize(
    "change",
    [
        {"if": {}},
        {"if": {"not": BASE["if"]}},
        {"when": BASE["when"] | {"kinds": ["download"]}},
        {"when": {"kinds": ["page_view"]}},
        {"when": BASE["when"] | {"unique_by": "subject"}},
        {"when": BASE["when"] | {"after": {}, "within_days": 3}},
        {"when": BASE["when"] | {"silent_days": 3}},
        {"when": BASE["when"] | {"reached": {"at_least": 1, "within_days": 3}}},
        {"when": BASE["when"] | {"rising": {"at_least": 1, "days": 3, "by_percent": 5}}},
        {"when": BASE["when"] | {"rising": {"at_least": 1, "days": 3, "by_percent": 5, "of": "value"}}},
        {"count": {"max": 4}},
        {"count": {"max": 3, "max_per_day": 1}},
        {"count": {}},
        {"decay": {"half_life_days": 31}},
        {"decay": {"linear_days": 30}},
    ],
)
def test_what_a_criterion_looks_at_matters(change: Json) -> None:
    assert of(BASE | change) != of(BASE)


def test_the_zone_matters_where_days_are_looked_at() -> None:
    assert of(BASE, "Asia/Tokyo") != of(BASE)
    known = {"field": "lead.title", "op": "is_known"}
    young = {"any": [known, {"not": {"field": "lead.created_days", "op": "gte", "value": 90}}]}
    assert of_fit(known, "Asia/Tokyo") == of_fit(known)
    assert of_fit(young, "Asia/Tokyo") != of_fit(young)


def test_the_kinds_matter_where_they_are_looked_at() -> None:
    more, fewer = KINDS | {"chat"}, KINDS - {"page_view"}
    of_any = BASE | {"when": {}}
    after_any = BASE | {"when": BASE["when"] | {"after": {}, "within_days": 1}}
    after_call = BASE | {"when": BASE["when"] | {"after": {"kinds": ["call"]}, "within_days": 1}}
    assert of(BASE, kinds=more) == of(BASE) != of(BASE, kinds=fewer)
    assert len({of(of_any), of(of_any, kinds=more), of(of_any, kinds=fewer)}) == 3
    assert len({of(after_any), of(after_any, kinds=more)}) == 2
    assert of(after_call, kinds=more) == of(after_call) != of(after_call, kinds=KINDS - {"call"})
    known = {"field": "lead.title", "op": "is_known"}
    assert of_fit(known, kinds=frozenset()) == of_fit(known)


def test_true_is_not_one() -> None:
    def with_value(value: Any) -> str:
        return of_fit({"field": "lead.attributes.x", "op": "is", "value": value})

    assert len({with_value(each) for each in (True, 1, "1", "true")}) == 4


def test_whom_a_model_applies_to() -> None:
    def applies_to(condition: Json, **members: Any) -> str:
        return applies_fingerprint(parse_matrix(behavior(when={}) | {"applies_to": condition} | members))

    known = {"field": "lead.title", "op": "is_known"}
    young = {"field": "lead.created_days", "op": "lt", "value": 90}
    assert applies_to(known) == applies_to(known, timezone="Asia/Tokyo", name="Other") == of_fit(known)
    assert applies_to(known) != applies_to({"not": known})
    assert applies_to(young) != applies_to(young, timezone="Asia/Tokyo")
