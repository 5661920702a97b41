"""How fast the engine judges: one core, leads of 20 activities, a matrix of 30 criteria, nothing asked twice.

Every figure stands beside a bare loop over the same facts that only looks at each activity, measured in the same run,
so that figures of different machines compare. Run with `python -m bench.engine`.
"""

import random
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from scoring.engine import Facts, compile_matrix, evaluate, parse_facts, parse_matrix, write_json

LEADS = 4_000
ACTIVITIES = 20
AS_OF = date(2026, 11, 22)
PAGES = ("/", "/pricing", "/pricing/teams", "/docs", "/docs/api", "/blog/a", "/blog/b", "/careers", "/demo")
TITLES = ("VP, Sales", "Head of Marketing", "Software Engineer", "Chief Executive Officer", "Student", "Sales Manager")


def page(path: str) -> dict[str, object]:
    return {
        "kinds": ["page_view"],
        "where": {"field": "activity.url", "op": "path_starts_with", "value": path},
    }


def document() -> dict[str, object]:
    """Thirty criteria: half who they are, half what they do, with repeats, decay, windows and combinations."""
    executive = {"field": "lead.seniority", "op": "in", "value": ["c_level", "vp"]}
    fit: list[dict[str, object]] = [
        {"points": 20, "if": executive},
        {"points": 10, "if": {"field": "lead.seniority", "op": "is", "value": "director"}},
        {"points": 8, "if": {"field": "lead.title", "op": "has_word", "value": ["sales", "marketing"]}},
        {"points": -15, "if": {"field": "lead.title", "op": "has_word", "value": ["student", "intern"]}},
        {"points": 10, "if": {"field": "company.employees", "op": "gte", "value": 200}},
        {"points": 5, "if": {"field": "company.employees", "op": "between", "value": [50, 199]}},
        {"points": 10, "if": {"field": "company.industry", "op": "in", "value": ["Software", "Finance"]}},
        {"points": 5, "if": {"field": "lead.country", "op": "in", "value": ["DE", "FR", "GB", "US"]}},
        {"points": -10, "if": {"field": "lead.email_kind", "op": "in", "value": ["free", "disposable"]}},
        {"points": 5, "if": {"field": "lead.phone", "op": "is_known"}},
        {"points": 6, "if": {"field": "company.technologies", "op": "has_any", "value": ["Postgres", "Django"]}},
        {"points": -20, "if": {"field": "lead.is_suspect", "op": "is", "value": True}},
        {"points": -50, "disqualify": True, "if": {"field": "company.domain", "op": "is", "value": "rival.example"}},
        {"points": 4, "if": {"all": [executive, {"field": "company.employees", "op": "gt", "value": 1000}]}},
    ]
    half_life = {"half_life_days": 30}
    behavior: list[dict[str, object]] = [
        {"points": 8, "when": page("/pricing"), "count": {"max": 5, "max_per_day": 1, "repeat_percent": 50},
         "decay": half_life, "max_points": 20},
        {"points": 10, "if": executive, "when": page("/pricing"), "count": {"max": 1}},
        {"points": 3, "when": page("/docs"), "count": {"max": 5, "max_per_day": 1}, "decay": half_life},
        {"points": 1, "when": page("/blog"), "count": {"max": 5, "repeat_percent": 80}, "decay": half_life},
        {"points": -10, "when": page("/careers"), "count": {"max": 2}, "decay": {"expires_after_days": 90}},
        {"points": 15, "when": page("/demo"), "count": {"max": 1}, "decay": {"linear_days": 60}},
        {"points": 5, "when": {"kinds": ["form_submit", "download"]}, "count": {"max": 4}, "decay": half_life},
        {"points": 2, "when": {"kinds": ["email_click"], "unique_by": "subject"}, "count": {"max": 10}},
        {"points": 8, "when": {"kinds": ["webinar_attend"]}, "decay": {"steps": [[30, 75], [60, 50], [90, 0]]}},
        {"points": 10, "when": {"kinds": ["page_view"], "reached": {"at_least": 5, "within_days": 7}}},
        {"points": 5, "when": {"kinds": ["page_view"], "rising": {"days": 14, "by_percent": 50, "at_least": 4}}},
        {"points": -5, "when": {"silent_days": 30, "per_days": 30}, "count": {"max": 4}},
        {"points": 6, "when": {"kinds": ["page_view"], "after": {"kinds": ["download"]}, "within_days": 14}},
        {"points": -30, "when": {"kinds": ["unsubscribe"]}, "count": {"max": 1}},
        {"points": 40, "fast_track": True, "when": {"kinds": ["demo_request"]}, "decay": {"expires_after_days": 30}},
    ]  # fmt: skip
    talked = {"dimension": "qualification", "points": 15, "if": {"field": "lead.qualification.need", "op": "is_known"}}
    criteria = [{"dimension": "fit", "group": "person", **each} for each in fit]
    criteria += [{"dimension": "behavior", "group": "activity", **each} for each in behavior]
    return {
        "schema": 1,
        "name": "Bench",
        "dimensions": {"fit": {"ceiling": 100}, "behavior": {"ceiling": 100}},
        "grades": {"A": 40, "B": 25, "C": 10, "D": 1},
        "levels": {"1": 60, "2": 35, "3": 15},
        "stages": [{"key": "cold"}, {"key": "mql", "at": 50, "min_grade": "C"}, {"key": "sql", "at": 80}],
        "groups": {"person": {"ceiling": 80}, "activity": {"ceiling": 90}},
        "criteria": [{"key": f"c{index}", **each} for index, each in enumerate([*criteria, talked])],
    }


def lead(chance: random.Random, number: int) -> dict[str, object]:
    kinds = ("page_view",) * 12 + ("email_open", "email_click", "download", "form_submit", "webinar_attend", "session")
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    activities = [
        {
            "id": f"web:{number}-{index}",
            "kind": chance.choice(kinds),
            "occurred_at": (now - timedelta(minutes=chance.randrange(60 * 24 * 120))).isoformat(),
            "url": f"https://www.example.com{chance.choice(PAGES)}?visit={chance.randrange(50)}",
            "subject": f"asset {chance.randrange(30)}",
        }
        for index in range(ACTIVITIES)
    ]
    return {
        "lead": {
            "email": f"person{number}@company{number % 977}.example",
            "seniority": chance.choice(("c_level", "vp", "director", "manager", "individual", None)),
            "title": chance.choice(TITLES),
            "country": chance.choice(("DE", "US", "IN", "BR")),
            "email_kind": chance.choice(("work", "free")),
            "is_suspect": chance.random() < 0.02,
        },
        "company": {
            "domain": f"company{number % 977}.example",
            "industry": chance.choice(("Software", "Retail", "Finance")),
            "employees": chance.randrange(1, 3000),
            "technologies": chance.sample(["Postgres", "Django", "Rust", "SAP"], 2),
        },
        "activities": activities,
    }


def a_second(what: Callable[[Facts], object], leads: list[dict[str, object]]) -> float:
    """How many leads a second of CPU time, the best of three passes, each over facts that were read anew and never judged."""
    best = 0.0
    for _ in range(3):
        pool = [parse_facts(each) for each in leads]
        start = time.process_time()
        for facts in pool:
            what(facts)
        best = max(best, len(pool) / (time.process_time() - start))
    return best


def bare(facts: Facts) -> int:
    """The least any judgement must do: look at each activity once."""
    return sum(len(each.kind) for each in facts.activities)


def main() -> None:
    chance = random.Random(7)
    leads = [lead(chance, number) for number in range(LEADS)]
    compiled = compile_matrix(parse_matrix(document()))

    def judge(facts: Facts) -> object:
        return evaluate(compiled, facts, AS_OF)

    def judge_and_write(facts: Facts) -> str:
        return write_json(evaluate(compiled, facts, AS_OF).to_json())

    loop = a_second(bare, leads)
    print(f"{len(compiled.criteria)} criteria, {ACTIVITIES} activities a lead, {LEADS} leads, one core")
    print(f"{'bare loop over the facts':<40}{loop:>12,.0f} leads/s   ratio 1.0")
    for name, what in (("evaluate", judge), ("evaluate and write the card as JSON", judge_and_write)):
        speed = a_second(what, leads)
        print(f"{name:<40}{speed:>12,.0f} leads/s   ratio {loop / speed:.1f}")


if __name__ == "__main__":
    main()
