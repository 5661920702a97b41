"""Each mend takes away what it was offered for and brings no error; what somebody has to think about has none."""

from copy import deepcopy
from typing import Any

import pytest

from scoring.engine.lint import Finding, Observed, lint
from scoring.engine.parse import parse_matrix
from scoring.presets import PRESETS, preset_document
from scoring.workbench_shown.mends import Mend, document_mended, identity, mend_of
from tests.engine.matrices import Json, act, document, fit
from tests.engine.test_lint import sound

OBSERVED = Observed(filled_by_sales=frozenset({"lead.attributes.budget"}))
PRICING = {"where": {"field": "activity.url", "op": "path_is", "value": "/p"}}


def findings(what: Json) -> list[Finding]:
    return lint(parse_matrix(what), observed=OBSERVED)


def mended(what: Json, code: str) -> tuple[Mend, Json, Finding]:
    """The first finding of the code with its mend, and the document after it."""
    found = findings(what)
    finding = next(each for each in found if each.code == code)
    before = deepcopy(what)
    mend = mend_of(finding, what, found=found, observed=OBSERVED)
    assert mend is not None
    assert what == before
    return mend, document_mended(what, mend), finding


def with_criteria(*criteria: Json, **parts: Any) -> Json:
    base = sound()
    return {**base, "criteria": [*base["criteria"], *criteria], **parts}


def example(stage: str, **lead: Any) -> Json:
    return {"name": "Somebody", "as_of": "2026-03-03", "facts": {"lead": lead}, "stage": stage}


DEMO = {"kinds": ["demo_request"]}
CASES: dict[str, tuple[str, Json, list[tuple[str, Any, Any]]]] = {
    "gives too much": ("L01", with_criteria(fit("big", 40)), [("/criteria/big/max_points", None, 25)]),
    "gives too much under a weight": (
        "L01",
        with_criteria(fit("big", 40), dimensions={"fit": {"weight": 110}}),
        [("/criteria/big/max_points", None, 23)],
    ),
    "nothing fades": (
        "L05",
        document(fit("a", 20), fit("c", -5), act("b", 10, count={"max": 3}), act("d", 9, count={"max": 1})),
        [
            ("/criteria/b/decay", None, {"half_life_days": 30}),
            ("/criteria/d/decay", None, {"half_life_days": 30}),
        ],
    ),
    "repeats": (
        "L10",
        with_criteria(act("views", 3, ["page_view"], when=PRICING, decay={"half_life_days": 5})),
        [("/criteria/views/count", None, {"max_per_day": 1})],
    ),
    "repeats though it says how": (
        "L10",
        with_criteria(act("views", 3, ["page_view"], when=PRICING, count={"repeat_percent": 100})),
        [("/criteria/views/count/max_per_day", None, 1)],
    ),
    "opens": (
        "L11",
        with_criteria(act("opened", 2, ["email_open"], count={"max": 1})),
        [("/criteria/opened/enabled", None, False)],
    ),
    "twice the same": (
        "L12",
        with_criteria(fit("vp-again", 5) | {"if": sound()["criteria"][0]["if"]}),
        [("/criteria/vp-again/enabled", None, False)],
    ),
    "known after contact": (
        "L17",
        with_criteria(fit("budget", 5) | {"if": {"field": "lead.attributes.budget", "op": "is_known"}}),
        [("/criteria/budget/enabled", None, False)],
    ),
    "an outcome": (
        "L17",
        with_criteria(act("won", 5, ["deal_won"], count={"max": 1})),
        [("/criteria/won/enabled", None, False)],
    ),
    "for ever": (
        "L19",
        with_criteria(act("talk", 1, ["chat"], fast_track=True, count={"max": 1})),
        [("/criteria/talk/decay", None, {"expires_after_days": 90})],
    ),
    "steps that never end": (
        "L19",
        with_criteria(act("talk", 1, ["chat"], fast_track=True, count={"max": 1}, decay={"steps": [[30, 50], [80, 10]]})),
        [
            (
                "/criteria/talk/decay",
                {"steps": [[30, 50], [80, 10]]},
                {"steps": [[30, 50], [80, 10], [110, 0]]},
            )
        ],
    ),
    "decay beside silence": (
        "L20",
        with_criteria(act("hush", -2, ["chat"], when={"silent_days": 9}, decay={"half_life_days": 3})),
        [("/criteria/hush/decay", {"half_life_days": 3}, None)],
    ),
    "a limit per day beside silence": (
        "L20",
        with_criteria(act("hush", -2, ["chat"], when={"silent_days": 9, "per_days": 9}, count={"max_per_day": 1})),
        [("/criteria/hush/count", {"max_per_day": 1}, None)],
    ),
    "a limit per day among others": (
        "L20",
        with_criteria(act("hush", -2, ["chat"], when={"silent_days": 9}, count={"max_per_day": 1, "max": 3})),
        [("/criteria/hush/count/max_per_day", 1, None)],
    ),
    "a floor hides": (
        "L21",
        with_criteria(dimensions={"fit": {"floor": 0}}, grades={"A": 40, "B": 25, "C": 10, "D": 0}),
        [("/dimensions/fit/floor", 0, None)],
    ),
    "an example ends elsewhere": (
        "L22",
        with_criteria(examples=[example("sql", seniority="vp")]),
        [("/examples/0/stage", "sql", "cold")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_mend_edits_what_it_says_and_the_finding_is_gone_with_no_new_error(case: str) -> None:
    code, what, edits = CASES[case]
    mend, after, finding = mended(what, code)
    assert [(each.path, each.before, each.after) for each in mend.edits] == edits
    left = findings(after)
    assert identity(finding) not in {identity(each) for each in left}
    errors = {identity(each) for each in findings(what) if each.severity == "error"}
    assert {identity(each) for each in left if each.severity == "error"} <= errors
    assert mend.sentence.endswith(".")


THINK = {
    "out of reach": ("L02", document(fit("a", 5))),
    "one side alone": ("L03", document(fit("a", 60))),
    "nothing negative": ("L04", document(fit("a", 60))),
    "all the same": ("L06", document(fit("a", 10), fit("b", 10))),
    "too few": ("L07", document(fit("a", 10))),
    "an example in no stage": (
        "L22",
        {**with_criteria(examples=[example("cold")]), "applies_to": {"field": "lead.country", "op": "is", "value": "DE"}},
    ),
    "a floor of a group hides": (
        "L21",
        with_criteria(
            fit("worse", -5, group="g"),
            groups={"g": {"label": "G", "floor": 0}},
            grades={"A": 40, "B": 25, "C": 10, "D": -30},
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", THINK)
def test_what_somebody_has_to_think_about_has_no_mend(case: str) -> None:
    code, what = THINK[case]
    found = findings(what)
    of_code = [each for each in found if each.code == code]
    assert of_code
    assert all(mend_of(each, what, found=found, observed=OBSERVED) is None for each in of_code)


def test_a_mend_that_would_bring_an_error_is_not_offered() -> None:
    # Disabled, the opens no longer bring anybody to the hand-off.
    what = document(fit("a", 30), act("opened", 20, ["email_open"], count={"max": 1}))
    found = findings(what)
    (opens,) = (each for each in found if each.code == "L11")
    assert mend_of(opens, what, found=found, observed=OBSERVED) is None


def test_of_two_examples_that_are_called_alike_neither_is_mended_for_the_other() -> None:
    what = with_criteria(examples=[example("sql", seniority="vp"), example("sql", seniority="director")])
    found = findings(what)
    first, second = (each for each in found if each.code == "L22")
    assert mend_of(first, what, found=found) is None
    assert mend_of(second, what, found=found) is None


@pytest.mark.parametrize("slug", [preset.slug for preset in PRESETS])
def test_whatever_is_offered_for_a_broken_preset_is_proved(slug: str) -> None:
    what = preset_document(slug)
    for each in what["criteria"]:
        each.pop("decay", None)
        each.pop("count", None)
    found = findings(what)
    offered = 0
    for each in found:
        mend = mend_of(each, what, found=found, observed=OBSERVED)
        if mend is not None:
            offered += 1
            after = findings(document_mended(what, mend))
            assert identity(each) not in {identity(one) for one in after}
            known = {identity(one) for one in found}
            assert all(one.severity != "error" or identity(one) in known for one in after)
    assert offered
