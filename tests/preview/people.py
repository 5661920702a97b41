"""Some hundred leads of all sorts and random edits of a matrix, from one seed each."""

import copy
import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from accounts.models import User
from crm.models import Activity, Company, Lead
from scoring.engine import InvalidMatrix, parse_matrix
from scoring.engine.lint import lint
from tests.scoring.world import MATRIX, NOON

Json = dict[str, Any]
URLS = ("/pricing", "/pricing/teams", "/docs", "https://ours.example/blog?a=1")
KINDS = ("page_view", "page_view", "page_view", "demo_request", "email_click", "webinar_attend", "no_such_kind")

RICH: Json = {
    **copy.deepcopy(dict(MATRIX)),
    "groups": {"website": {"label": "Website", "ceiling": 35}, "webinar": {"label": "Webinar", "take": "highest"}},
    "dimensions": {"fit": {"ceiling": 60}, "qualification": {"weight": 150}},
    "criteria": [
        *copy.deepcopy(list(MATRIX["criteria"])),
        {
            "key": "attended", "label": "Attended", "dimension": "behavior", "group": "webinar", "points": 12,
            "when": {"kinds": ["webinar_attend"]}, "decay": {"half_life_days": 20},
        },
        {
            "key": "clicked", "label": "Clicked", "dimension": "behavior", "group": "webinar", "points": 5,
            "when": {"kinds": ["email_click"], "unique_by": "subject"}, "count": {"max": 3, "repeat_percent": 50},
        },
        {
            "key": "budget", "label": "Has a budget", "dimension": "qualification", "points": 8,
            "if": {"field": "lead.qualification.budget", "op": "gte", "value": 1000},
        },
    ],
}  # fmt: skip


def people(number: int, *, owners: list[User], seed: int = 1) -> list[Lead]:
    """Leads with companies and activities, written as they lie, without a score."""
    chance = random.Random(seed)
    companies = Company.objects.bulk_create(
        Company(name=f"Company {at}", domain=domain, industry=chance.choice(("Software", "Steel", "")))
        for at, domain in enumerate(["rival.example", *(f"buyer{at}.example" for at in range(20))])
    )
    leads = Lead.objects.bulk_create(
        Lead(
            email=f"lead{seed}-{at}@buyer.example",
            email_key=f"lead{seed}-{at}@buyer.example",
            first_name=f"Given{at}",
            seniority=chance.choice(("vp", "c_level", "manager", "")),
            country=chance.choice(("DE", "US", "PL", "")),
            source=chance.choice(("web", "partner", "")),
            qualification=chance.choice(({}, {"budget": 500}, {"budget": 5000}, {"budget": "n/a"})),
            company=chance.choice((*companies, None)),
            owner=chance.choice((*owners, None)),
            created_at=NOON - timedelta(days=chance.randrange(400)),
        )
        for at in range(number)
    )
    Activity.objects.bulk_create(
        Activity(
            lead=lead,
            feed="web",
            message_id=f"{seed}-{lead.pk}-{at}",
            kind=chance.choice(KINDS),
            occurred_at=NOON - timedelta(days=chance.randrange(40), minutes=chance.randrange(1440)),
            url=chance.choice(URLS),
            subject=chance.choice(("guide", "Guide ", "webinar", "")),
            is_bot=chance.random() < 0.05,
        )
        for lead in leads
        for at in range(chance.choice((0, 0, 1, 2, 5)))
    )
    return leads


def edited(document: Mapping[str, Any], seed: int) -> Json:
    """The document after one to three random edits that leave it valid and worth publishing."""
    chance = random.Random(seed)
    while True:
        found = copy.deepcopy(dict(document))
        for _ in range(chance.randint(1, 3)):
            chance.choice(EDITS)(found, chance)
        try:
            matrix = parse_matrix(found)
        except InvalidMatrix:
            continue
        if found != document and not [each for each in lint(matrix) if each.severity == "error"]:
            return found


def _points(document: Json, chance: random.Random) -> None:
    chance.choice(document["criteria"])["points"] = chance.randint(-30, 40)


def _most(document: Json, chance: random.Random) -> None:
    chance.choice(document["criteria"])["max_points"] = chance.randint(1, 25)


def _group(document: Json, chance: random.Random) -> None:
    document["groups"][chance.choice(("website", "webinar"))] = {
        "label": "Changed",
        "ceiling": chance.randint(0, 40),
        **chance.choice(({}, {"take": "highest"}, {"floor": -3})),
    }


def _undeclared(document: Json, chance: random.Random) -> None:
    chance.choice(document["criteria"][3:5])["group"] = chance.choice(("website", "webinar", "visits"))


def _threshold(document: Json, chance: random.Random) -> None:
    document["stages"][chance.randint(1, 3)]["at"] = chance.randint(1, 90)


def _gate(document: Json, chance: random.Random) -> None:
    stage = chance.choice(document["stages"])
    stage["min_grade"], stage["max_level"] = chance.choice("ABCDF"), chance.randint(1, 4)


def _stage(document: Json, chance: random.Random) -> None:
    if any(stage["key"] == "hot" for stage in document["stages"]):
        document["stages"] = [stage for stage in document["stages"] if stage["key"] != "hot"]
    else:
        document["stages"].insert(2, {"key": "hot", "label": "Hot", "at": document["stages"][1]["at"] + 5})


def _hand_off(document: Json, chance: random.Random) -> None:
    document["hand_off_at"] = chance.choice(("mql", "sql"))


def _bands(document: Json, chance: random.Random) -> None:
    document["grades"]["A"] = chance.randint(21, 50)
    document["levels"]["1"] = chance.randint(21, 60)


def _dimension(document: Json, chance: random.Random) -> None:
    document["dimensions"][chance.choice(("fit", "behavior", "qualification"))] = {
        "weight": chance.randint(0, 250),
        **chance.choice(({}, {"ceiling": chance.randint(0, 50)}, {"floor": -chance.randint(0, 20)})),
    }


def _condition(document: Json, chance: random.Random) -> None:
    chance.choice([each for each in document["criteria"] if each["dimension"] == "fit"])["if"] = chance.choice(
        (
            {"field": "lead.country", "op": "in", "value": ["DE", "PL"]},
            {"not": {"field": "company.industry", "op": "is", "value": "Software"}},
            {"field": "lead.created_days", "op": "lt", "value": chance.randint(1, 300)},
        )
    )


def _pattern(document: Json, chance: random.Random) -> None:
    criterion = chance.choice([each for each in document["criteria"] if each["dimension"] == "behavior"])
    criterion["when"] = chance.choice(
        (
            {"kinds": ["page_view"]},
            {"kinds": ["page_view", "email_click"], "unique_by": "subject"},
            {"kinds": ["page_view"], "reached": {"at_least": 2, "within_days": chance.randint(2, 30)}},
            {"kinds": [], "where": {"field": "activity.url", "op": "path_is", "value": "/docs"}},
        )
    )


def _decay(document: Json, chance: random.Random) -> None:
    criterion = chance.choice([each for each in document["criteria"] if each["dimension"] == "behavior"])
    criterion["decay"] = chance.choice(({"half_life_days": chance.randint(2, 40)}, {"linear_days": 30}))


def _count(document: Json, chance: random.Random) -> None:
    criterion = chance.choice([each for each in document["criteria"] if each["dimension"] == "behavior"])
    criterion["count"] = {"max": chance.randint(1, 4), "repeat_percent": chance.choice((30, 50, 100))}


def _marks(document: Json, chance: random.Random) -> None:
    criterion = chance.choice(document["criteria"])
    for mark in ("disqualify", "fast_track", "enabled"):
        criterion.pop(mark, None)
    criterion.update(chance.choice(({"disqualify": True}, {"fast_track": True}, {"enabled": False}, {})))


def _remove(document: Json, chance: random.Random) -> None:
    if len(document["criteria"]) > 7:
        document["criteria"].remove(chance.choice(document["criteria"][5:]))


def _add(document: Json, chance: random.Random) -> None:
    document["criteria"].append(
        {
            "key": f"added-{chance.randrange(10**6)}",
            "label": "Added",
            "dimension": "fit",
            "points": chance.randint(-10, 15),
            "if": {"field": "lead.seniority", "op": "is", "value": chance.choice(("manager", "vp"))},
        }
    )


def _segment(document: Json, chance: random.Random) -> None:
    document["applies_to"] = chance.choice(
        (
            {},
            MATRIX["applies_to"],
            {"field": "lead.country", "op": "is_known"},
            {"field": "lead.city", "op": "is_known"},
        )
    )


EDITS = (
    _points, _points, _points, _most, _group, _undeclared, _threshold, _threshold, _gate, _stage, _hand_off, _bands,
    _dimension, _condition, _pattern, _decay, _count, _marks, _remove, _add, _segment,
)  # fmt: skip
