"""Columns read from PostgreSQL are the facts that the engine would be handed, lead for lead and activity for activity."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from crm.models import Activity, ActivityKind, Lead
from scoring.bulk.naming import Named
from scoring.columns import reading
from scoring.columns.coding import Coder, HashesCollideError
from scoring.columns.reading import columns_read, columns_read_leads
from tests.columns.against_facts import FIELDS, NAMES, ZONES, World, assert_same, columns_by_facts, decoded

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 3)


@pytest.fixture
def made_up_kind() -> None:
    """Columns hold activities of every kind; the engine is handed those of known ones."""
    ActivityKind.objects.create(key="made up", label="Made up")


@pytest.mark.parametrize("seed", range(12))
def test_what_is_read_is_what_the_engine_would_be_handed(seed: int, made_up_kind: None) -> None:
    World(seed)
    zone = ZoneInfo(ZONES[seed % len(ZONES)])
    everybody = list(Lead.objects.order_by("pk").values_list("pk", flat=True))
    expected = columns_by_facts(everybody, TODAY, zone)

    assert_same(columns_read(), expected, zone, TODAY)
    assert_same(columns_read(named=Named(fields=tuple(FIELDS), properties=tuple(NAMES))), expected, zone, TODAY)
    some = everybody[5:20]
    assert_same(columns_read(lead_from=some[0], lead_to=some[-1]), columns_by_facts(some, TODAY, zone), zone, TODAY)
    picked = everybody[::3]
    assert_same(columns_read_leads(picked), columns_by_facts(picked, TODAY, zone), zone, TODAY)


def test_nobody_is_a_population_too() -> None:
    for columns in (columns_read(), columns_read_leads([]), columns_read_leads([7])):
        assert (len(columns), len(columns.activities), columns.first.tolist()) == (0, 0, [0])
        assert decoded(columns.field("lead.title")) == decoded(columns.activities.properties("plan")) == []
        assert decoded(columns.created_days(ZoneInfo("UTC"), TODAY)) == []


def activity(lead: Lead, message: str, **told: object) -> Activity:
    told.setdefault("occurred_at", datetime(2026, 3, 1, tzinfo=UTC))
    return Activity.objects.create(feed="web", message_id=message, lead=lead, kind="page_view", sent_hash="0", **told)


def test_of_one_moment_the_greater_id_comes_first_where_values_differ() -> None:
    """By code point, which is neither the database's order nor that of the rows."""
    lead = Lead.objects.create(email="a@x.example")
    for number, name in enumerate(["b", "B", "é", "z", "10", "9"]):
        activity(lead, name, subject="s", value=number)

    ordered = sorted(["b", "B", "é", "z", "10", "9"], reverse=True)
    values = [["b", "B", "é", "z", "10", "9"].index(name) for name in ordered]
    assert [value for _, value, _ in decoded(columns_read().activities.value)] == values


def test_a_text_whose_row_changed_meanwhile_is_taken_from_another_that_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Lead.objects.create(email="a@x.example", title="CEO")
    other = Lead.objects.create(email="b@x.example", title="CEO")
    alone = Lead.objects.create(email="c@x.example", title="CTO")
    copy = reading.fields_copied

    def copied_then_changed(*args: object, **more: object) -> object:
        rows = copy(*args, **more)
        Lead.objects.filter(pk__in=[first.pk, alone.pk]).update(title="Student")
        return rows

    monkeypatch.setattr(reading, "fields_copied", copied_then_changed)
    columns = columns_read_leads([first.pk, other.pk, alone.pk], named=Named(fields=("lead.title",)))
    # Of those that changed something is told that they are judged by again; never of the one that did not.
    assert decoded(columns.field("lead.title"))[1] == ("str", "CEO")
    assert decoded(columns.field("lead.title"))[2] == ("NoneType", None)


def test_two_texts_with_one_key_are_read_again_under_other_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    Lead.objects.create(email="a@x.example", title="CEO")
    tried = []
    codes = Coder.codes

    def collide_once(self: Coder, *args: object) -> object:
        tried.append(1)
        if len(tried) == 1:
            raise HashesCollideError
        return codes(self, *args)

    monkeypatch.setattr(Coder, "codes", collide_once)
    assert decoded(columns_read(named=Named(fields=("lead.title",))).field("lead.title")) == [("str", "CEO")]
    with pytest.raises(HashesCollideError):
        Coder().codes(np.array([5, 5]), np.array([1, 2]), np.array([1, 2]))


def test_what_stands_in_one_field_never_passes_for_what_stands_in_another() -> None:
    lead = Lead.objects.create(email="a@x.example")
    activity(lead, "1", url="x", subject="y")
    activity(lead, "2", url="y", subject="x")
    activity(lead, "3", url="xy")
    activity(lead, "4", subject="xy")
    assert len(columns_read().activities.classes) == 4


def test_ten_leads_take_few_statements(django_assert_max_num_queries) -> None:
    World(1)
    ids = list(Lead.objects.values_list("pk", flat=True)[:10])
    # Leads, activities, their classes, values and ids of one moment, all fields with two, properties, the texts of each.
    with django_assert_max_num_queries(8 + len(NAMES)):
        columns_read_leads(ids, named=Named(fields=tuple(FIELDS), properties=tuple(NAMES)))
