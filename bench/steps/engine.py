"""How fast the engine judges one lead at a time: one core, the bench's matrix, invented leads of 20 activities, nothing asked twice.

Beside a bare loop over the same facts that only looks at each activity.
"""

import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

from bench.figures import Figure
from bench.matrices import document
from bench.scale import SEED, Scale
from scoring.engine import Facts, compile_matrix, evaluate, parse_facts, parse_matrix, write_json

ACTIVITIES = 20
AS_OF = date(2026, 11, 22)
PAGES = ("/", "/pricing", "/pricing/teams", "/docs", "/docs/api", "/blog/a", "/blog/b", "/careers", "/demo")
TITLES = ("VP, Sales", "Head of Marketing", "Software Engineer", "Chief Executive Officer", "Student", "Sales Manager")


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


def measure(scale: Scale) -> Sequence[Figure]:
    chance = random.Random(SEED)
    leads = [lead(chance, number) for number in range(scale.engine_leads)]
    compiled = compile_matrix(parse_matrix(document()))

    def judge(facts: Facts) -> object:
        return evaluate(compiled, facts, AS_OF)

    def judge_and_write(facts: Facts) -> str:
        return write_json(evaluate(compiled, facts, AS_OF).to_json())

    loop = a_second(bare, leads)
    found = [Figure(key="engine-bare", title="bare loop over the facts of a lead", unit="a second", runs=[loop])]
    for key, title, what in (
        ("engine-evaluate", "engine: evaluate a lead, 30 criteria, 20 activities", judge),
        ("engine-card", "engine: evaluate and write the whole card as JSON", judge_and_write),
    ):
        speed = a_second(what, leads)
        found.append(
            Figure(key=key, title=title, unit="a second", runs=[speed], note=f"{loop / speed:.1f} × the bare loop")
        )
    return found
