"""What nobody expects and somebody sends: runs over it are right, or refuse with a sentence, and never wrong."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from crm.models import Cause
from crm.services.activities import activities_record
from crm.services.work import work_add
from kernel.errors import InvalidError
from scoring.engine import CriterionLine, evaluate, parse_facts
from scoring.judging import compiled_document
from scoring.models import Run, Score, ScoreDistribution
from scoring.queries import score_card
from scoring.services.runs import night_start, runs_drain
from tests.scoring.world import NOON, PRICING, changed

MANY = 100_000

# Rows as they stand, past the door: what a restored or older database may hold.
_ACTIVITIES = """
INSERT INTO crm_activity (feed, message_id, lead_id, visitor, kind, occurred_at, received_at, url, subject, source, properties, is_bot,
                          bot_reason, sent_hash)
SELECT 'bulk', %s || ':' || n, %s, '', 'page_view', %s::timestamptz - n * interval '1 minute', now(),
       'https://ours.example/pricing?n=' || n %% 7, '', '', '{}', false, '', ''
FROM generate_series(1, %s) AS n
"""


def viewed(lead, times=1, until=NOON):
    with connection.cursor() as cursor:
        cursor.execute(_ACTIVITIES, [str(lead.pk), lead.pk, until, times])
    work_add(lead_ids=[lead.pk], cause=Cause.ACTIVITY)


def endless(count):
    """A matrix of `count` criteria that each give the most points there are for every single page view."""
    criteria = [
        {"key": f"view-{n}", "label": "Viewed", "dimension": "behavior", "points": 10_000, "when": PRICING}
        for n in range(count)
    ]
    return changed(criteria=criteria, groups={}, dimensions={"behavior": {"weight": 1_000}})


def test_a_lead_with_a_hundred_thousand_activities_is_judged_to_the_point(world):
    lead = world.lead(country="DE")
    viewed(lead, MANY)
    world.settle()
    world.publish(changed(points={"pricing-page": 9, "germany": 11}), settle=False)
    runs_drain()

    assert world.differences() == []
    # 11 of the country; 4 views of today at 9 points each are 36, held at the ceiling of the website's group.
    assert world.score(lead).total == 11 + 35


def test_points_far_beyond_32_bits_are_right_and_can_be_shown(world, client):
    lead = world.lead()
    viewed(lead, 20_000)
    world.settle()
    world.publish(endless(4), settle=False)
    runs_drain()
    total = 4 * 10_000 * 20_000 * 10

    assert total > 2**32
    assert world.score(lead).total == total
    assert world.differences() == []
    client.force_login(world.admin)
    assert client.get(f"/leads/{lead.pk}/").status_code == 200
    assert client.get("/leads/").status_code == 200


@pytest.mark.parametrize(
    "parts",
    [
        {"points": {"demo": 10_001}},
        {"points": {"demo": 2**63}},
        {"dimensions": {"fit": {"weight": 2**31}}},
        {"dimensions": {"fit": {"ceiling": 10**30}}},
        {"stages": [{"key": "mql", "label": "M", "at": 2**63}, {"key": "sql", "label": "S", "at": 2**64}]},
    ],
    ids=["points", "points-beyond-64-bits", "weight", "ceiling", "threshold"],
)
def test_a_matrix_that_would_overflow_is_refused_with_the_place(world, parts):
    with pytest.raises(InvalidError) as refused:
        world.draft(changed(**parts))
    assert refused.value.problems
    assert all(each.pointer and each.detail for each in refused.value.problems)


def test_activities_of_1970_and_of_tomorrow_are_told_apart(world):
    counted = {
        "key": "any-view", "label": "Any view", "dimension": "behavior", "points": 1, "when": {"kinds": ["page_view"]},
    }  # fmt: skip
    quiet = {
        "key": "long-gone", "label": "Long gone", "dimension": "behavior", "points": -1,
        "when": {"kinds": ["page_view"], "silent_days": 7, "per_days": 1},
    }  # fmt: skip
    old, tomorrow, both = world.lead(), world.lead(), world.lead()
    for lead in (old, both):
        viewed(lead, until=datetime(1970, 1, 1, 0, 1, tzinfo=UTC))
    for lead in (tomorrow, both):
        world.send(lead, occurred_at=(NOON + timedelta(hours=12)).isoformat())
    # At the door a time like that is a clock that was never set: kept aside with a sentence.
    sent = {"message_id": "old", "lead": {"id": old.pk}, "kind": "page_view", "occurred_at": "1970-01-01T00:00:00Z"}
    (refused,) = activities_record(feed="web", items=[sent])
    assert (refused.status, refused.code) == ("quarantined", "implausible_time")
    assert refused.detail
    world.settle()
    world.publish(changed(criteria=[counted, quiet], groups={}), settle=False)
    runs_drain()

    days = (NOON.date() - NOON.date().replace(year=1970, month=1, day=1)).days
    assert world.score(old).total == 1 - (1 + days - 7)
    assert world.score(tomorrow).total == 0
    assert world.score(both).total == world.score(old).total
    assert world.differences() == []


def test_what_lay_in_the_future_counts_once_its_day_has_come(world, frozen_now):
    counted = {
        "key": "any-view", "label": "Any view", "dimension": "behavior", "points": 1, "when": {"kinds": ["page_view"]},
    }  # fmt: skip
    lead = world.lead()
    world.send(lead, occurred_at=(NOON + timedelta(hours=12)).isoformat())
    world.settle()
    world.publish(changed(criteria=[counted], groups={}))
    assert world.score(lead).total == 0

    frozen_now.shift(timedelta(days=1))
    night_start()
    runs_drain()

    assert world.score(lead).total == 1
    assert world.differences() == []


def test_a_model_whose_segment_matches_nobody_has_no_scores_and_its_run_ends(world, client):
    lead = world.lead(country="DE")
    world.settle()
    assert world.score(lead) is not None

    world.publish(changed(applies_to={"field": "lead.city", "op": "is", "value": "Atlantis"}), settle=False)
    runs_drain()

    assert Score.objects.filter(model=world.model).count() == 0
    assert Run.objects.filter(model=world.model, finished_at=None).count() == 0
    assert world.differences() == []
    assert world.changes(lead)[-1].after is None
    assert list(ScoreDistribution.objects.filter(model=world.model).values_list("leads", flat=True)) in ([], [0])
    assert score_card(lead_id=lead.pk, model_id=world.model.pk)["applies"] == "unknown"
    client.force_login(world.admin)
    assert client.get("/leads/").status_code == 200


def test_the_extremes_of_this_page_are_what_the_engine_says(world):
    """The totals above are worked out by hand; here once more by the engine on the same facts, written as JSON."""
    facts = parse_facts(
        json.loads(
            json.dumps(
                {
                    "lead": {},
                    "activities": [
                        {"id": f"web:{n}", "kind": "page_view", "occurred_at": NOON.isoformat(), "url": "/pricing"}
                        for n in range(50)
                    ],
                }
            )
        )
    )
    score = evaluate(compiled_document(endless(4)), facts, NOON.date()).score

    assert score is not None
    assert score.total == 4 * 10_000 * 50 * 10
    assert sum(line.contribution for line in score.ledger if isinstance(line, CriterionLine)) == 4 * 10_000 * 50
