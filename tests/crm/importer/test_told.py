"""What the rows of leads tell beside their fields: activities and outcomes, once, and all of a row or nothing of it."""

from datetime import UTC, datetime

import pytest

from crm.ingestion.mapping import mapping_from_document
from crm.ingestion.pipeline import import_file
from crm.ingestion.rows import row_values
from crm.ingestion.rules import ReadingRules
from crm.models import Activity, Lead
from kernel.errors import BadRequestError

BERLIN = ReadingRules(time_zone="Europe/Berlin", date_order="dmy")
TEXT = (
    "Id,Demo,Demo on,Topic,Webinar,Stage,Closed,Amount\n"
    "1,yes,03/04/2026,Looms,2026-05-06 10:00,Closed Won,07/04/2026,1200.50\n"
    "2,no,,,,,,\n"
    "3,,03/04/2026,,,Nurture,,\n"
    "4,,,,,In talks,08/04/2026,\n"
)


def mapping(**more):
    return mapping_from_document(
        {
            "schema": 1,
            "about": "leads",
            "feed": "crm",
            "columns": {"Id": "external_id"},
            "activities": [
                {"kind": "demo_request", "occurred_at": "Demo on", "when": "Demo", "subject": "Topic"},
                {"kind": "webinar_attend", "occurred_at": "Webinar", "source": {"text": "import"}},
            ],
            "outcome": {
                "state": {"column": "Stage", "translate": {"In talks": "open", "Nurture": ""}},
                "at": "Closed",
                "amount": "Amount",
                "origin": {"text": "marketing"},
            },
            **more,
        }
    )


def read(cells, rules=BERLIN, **more):
    return row_values(mapping(**more), cells, rules)


@pytest.fixture
def deals(tmp_path):
    path = tmp_path / "deals.csv"
    path.write_text(TEXT)
    return path


@pytest.mark.django_db
def test_activities_and_outcomes_go_in_once_however_often_the_file_comes(deals):
    first = import_file(deals, mapping(), rules=BERLIN)
    again = import_file(deals, mapping(), rules=BERLIN)

    assert dict(first.counts) == {"created": 4, "accepted": 4}
    assert dict(again.counts) == {"unchanged": 4, "duplicate": 4}
    won = Activity.objects.get(kind="deal_won")
    assert (won.value, won.properties, won.feed) == (1200.5, {"origin": "marketing"}, "crm")
    # A day alone is noon of the file's zone.
    assert won.occurred_at == datetime(2026, 4, 7, 10, tzinfo=UTC)
    assert won.lead.external_ids.get().external_id == "1"
    demo = Activity.objects.get(kind="demo_request")
    assert (demo.subject, demo.value, demo.lead_id) == ("Looms", None, won.lead_id)
    assert Activity.objects.get(kind="webinar_attend").occurred_at == datetime(2026, 5, 6, 8, tzinfo=UTC)
    assert Activity.objects.get(kind="deal_opened").lead.external_ids.get().external_id == "4"


@pytest.mark.django_db
def test_a_row_whose_activity_is_refused_leaves_no_lead_behind(deals):
    deals.write_text(TEXT.replace("2026-05-06 10:00", "some day") + "5,yes,,,,,,\n")
    told = []

    report = import_file(deals, mapping(), rules=BERLIN, on_batch=lambda batch: told.extend(batch.rejected))

    assert [(row.line, row.pointer, row.code) for row in told] == [
        (2, "/Webinar", "unreadable_cell"),
        (6, "/Demo on", "undated_activity"),
    ]
    assert report.counts["created"] == Lead.objects.count() == 3
    assert not Activity.objects.exclude(kind="deal_opened").exists()


def test_an_outcome_without_its_day_is_refused_or_goes_where_the_mapping_says():
    refused = read({"Id": "1", "Stage": "won"})
    kept = read(
        {"Id": "1", "Stage": "won"}, outcome={"state": "Stage", "at": "Closed", "undated_to": "attributes.outcome"}
    )

    assert [(problem.pointer, problem.code) for problem in refused.problems] == [("/Closed", "undated_outcome")]
    assert (kept.problems, kept.activities) == ([], [])
    assert kept.values == {"external_id": "1", "attributes": {"outcome": "won"}}


def test_an_outcome_in_words_we_do_not_know_is_refused():
    assert [problem.code for problem in read({"Id": "1", "Stage": "Stage 4", "Closed": "2026-01-01"}).problems] == [
        "unreadable_cell"
    ]


def test_another_amount_is_the_same_deal_and_another_day_is_another():
    def deal(amount, closed="2026-01-01"):
        [item] = read({"Id": "1", "Stage": "won", "Closed": closed, "Amount": amount}).activities
        return item["message_id"]

    assert deal("5") == deal("6") != deal("5", "2026-01-02")


def test_who_is_known_by_an_address_is_so_in_every_spelling():
    columns = {"Id": "email"}

    def told(address):
        return read({"Id": address, "Webinar": "2026-01-01"}, columns=columns).activities

    assert told("Ann@Acme.example ") == told("ann@ACME.example")
    assert told("") == told("no address") == []


@pytest.mark.parametrize(
    ("cell", "rule", "happened"),
    [
        ("x", "Flag", True),
        ("no", "Flag", False),
        ("0", "Flag", False),
        ("", "Flag", False),
        ("n/a", "Flag", False),
        ("Attended", {"column": "Flag", "is": ["attended"]}, True),
        ("registered", {"column": "Flag", "is": "attended"}, False),
    ],
)
def test_when_something_happened(cell, rule, happened):
    activity = {"kind": "call", "occurred_at": {"text": "2026-01-01"}, "when": rule}

    assert bool(read({"Id": "1", "Flag": cell}, activities=[activity], outcome={}).activities) is happened


@pytest.mark.parametrize(
    ("part", "place", "code"),
    [
        ({"activities": {}}, "/activities", "wrong_type"),
        ({"activities": [{"occurred_at": "On"}]}, "/activities/0/kind", "required"),
        ({"activities": [{"kind": "call"}]}, "/activities/0/occurred_at", "required"),
        ({"activities": [{"kind": "call", "occurred_at": {"text": "2026-01-01"}}]}, "/activities/0/when", "required"),
        ({"activities": [{"kind": "call", "occurred_at": "On", "colour": "x"}]}, "/activities/0/colour", "unknown_field"),
        ({"activities": [{"kind": "call", "occurred_at": {"column": "A", "text": "b"}}]}, "/activities/0/occurred_at", "wrong_type"),
        ({"activities": [{"kind": "call", "occurred_at": "On", "when": []}]}, "/activities/0/when", "wrong_type"),
        ({"activities": [{"kind": "call", "occurred_at": "On"}] * 21}, "/activities", "too_many"),
        ({"outcome": {"at": "On"}}, "/outcome/state", "required"),
        ({"outcome": {"state": "A"}}, "/outcome/at", "required"),
        ({"outcome": {"state": {"column": "A", "translate": {"x": "maybe"}}, "at": "B"}}, "/outcome/state/translate/x", "not_a_choice"),
        ({"outcome": {"state": "A", "undated_to": "shoe"}}, "/outcome/undated_to", "unknown_field"),
        ({"outcome": []}, "/outcome", "wrong_type"),
        ({"about": "activities", "columns": {"A": "kind"}}, "/activities", "only_leads"),
        ({"columns": {"A": "city", "B": "city"}}, "/columns/B", "filled_twice"),
        ({"columns": {"A": {"to": "attributes.a", "as": "date", "dates": "myd"}}}, "/columns/A/dates", "not_a_choice"),
    ],
)  # fmt: skip
def test_a_wrong_mapping_is_refused_with_its_place(part, place, code):
    with pytest.raises(BadRequestError) as refused:
        mapping(**part)

    assert (place, code) in [(problem.pointer, problem.code) for problem in refused.value.problems]


@pytest.mark.django_db
def test_an_import_that_was_cut_short_goes_on_behind_its_last_line(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("Id\n" + "".join(f"{number}\n" for number in range(1_200)))
    plain = mapping(activities=[], outcome={})
    done = []

    def first_two(batch):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append((batch.line, batch.rows, len(batch.lead_ids)))

    with pytest.raises(KeyboardInterrupt):
        import_file(path, plain, on_batch=first_two)
    # What on_batch raises undoes the batch that it was told of.
    assert Lead.objects.count() == 1_000
    report = import_file(path, plain, after_line=done[-1][0])

    assert done == [(501, 500, 500), (1001, 500, 500)]
    assert (report.rows, Lead.objects.count()) == (200, 1_200)


@pytest.mark.django_db
def test_times_of_a_file_about_activities_are_of_its_zone_and_order(tmp_path):
    path = tmp_path / "touches.csv"
    path.write_text(
        "Id,Mail,When\n1,a@b.example,03/04/2026 10:00\n2,a@b.example,03/04/2026\n3,a@b.example,2026-04-03T10:00:00Z\n"
    )
    touches = mapping_from_document(
        {
            "schema": 1, "about": "activities", "feed": "web", "constants": {"kind": "page_view"},
            "columns": {"Id": "message_id", "Mail": "lead.email", "When": "occurred_at"},
        }
    )  # fmt: skip

    report = import_file(path, touches, rules=BERLIN)

    assert report.counts["accepted"] == 3
    assert [found.occurred_at.isoformat() for found in Activity.objects.order_by("message_id")] == [
        "2026-04-03T08:00:00+00:00",
        "2026-04-03T10:00:00+00:00",
        "2026-04-03T10:00:00+00:00",
    ]
