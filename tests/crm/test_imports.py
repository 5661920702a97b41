"""Files into the database: counts, rejected rows, and the real data sets against their published figures."""

import csv
import os
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from crm.models import Activity, Company, ExternalId, Feed, Lead
from crm.queries import facts_for_leads
from tests.crm.importer.sheets import book, sheet

pytestmark = pytest.mark.django_db

MAPPING = """
schema: 1
name: Fair
about: leads
feed: fair
columns: {Mail: email, Town: city, Staff: company.employees}
"""


def real(name):
    """A file of the real data; the test skips where the folder is absent."""
    path = Path(os.environ.get("LEADSCORE_DATA", settings.BASE_DIR.parent / "shared" / "data")) / name
    if not path.exists():
        pytest.skip(f"the real data is not here: set LEADSCORE_DATA to the folder that holds {name}")
    return path


@pytest.fixture(autouse=True)
def rejected_rows_go_to_a_folder_of_the_test(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def fair(tmp_path):
    """Import a table of the fair: `fair(text)` gives what was printed."""
    mapping = tmp_path / "fair.yaml"
    mapping.write_text(MAPPING)

    def run(text, **options):
        path = tmp_path / "people.csv"
        path.write_text(text)
        out = StringIO()
        call_command("import_leads", path, mapping=str(mapping), stdout=out, **options)
        return out.getvalue()

    return run


def test_rows_go_in_and_the_same_file_again_changes_nothing(fair):
    text = "Mail,Town,Staff\nann@acme.example,Łódź,40\nbob@acme.example,Select,40\n"

    assert "2 rows: created 2, updated 0, unchanged 0, rejected 0" in fair(text)
    assert "2 rows: created 0, updated 0, unchanged 2, rejected 0" in fair(text)
    assert "2 rows: created 0, updated 1, unchanged 1, rejected 0" in fair(text.replace("Łódź", "Kraków"))
    assert Company.objects.get().employees == 40
    assert Feed.objects.get().label == "Fair"


def test_a_placeholder_does_not_clear_what_is_known(fair):
    fair("Mail,Town,Staff\nann@acme.example,Łódź,40\n")

    fair("Mail,Town,Staff\nann@acme.example,Select,\n")

    assert Lead.objects.get().city == "Łódź"


def test_bad_rows_are_written_out_with_line_and_reason_and_stop_no_other(fair, tmp_path):
    text = "Mail,Town,Staff\nann@acme.example,A,many\n,B,5\nbob@acme.example,C,5,6\ncid@acme.example\n=x@y,D,1\n"

    printed = fair(text + "dan@acme.example,E,5\n")

    assert "6 rows: created 1, updated 0, unchanged 0, rejected 5" in printed
    rows = list(csv.reader((tmp_path / "people.rejected.csv").open()))
    assert [(row[0], row[1]) for row in rows[1:]] == [
        ("2", "unreadable_cell"), ("3", "no_identity"), ("4", "broken_row"), ("5", "broken_row"), ("6", "no_identity"),
    ]  # fmt: skip
    assert rows[5][4] == "'=x@y", "no cell may run as a formula"


def test_columns_the_mapping_does_not_name_are_told(fair):
    assert "does not name: Shoe size" in fair("Mail,Town,Staff,Shoe size\nann@acme.example,A,1,40\n")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Mail,Town\na@b.example,X\n", "lacks columns of the mapping: Staff"),
        ("Mail,Mail,Town,Staff\n", "Columns stand twice: Mail"),
        ("<html>", "web page"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_before_anything_goes_in(fair, text, sentence):
    with pytest.raises(CommandError, match=sentence):
        fair(text)

    assert not Lead.objects.exists()


def test_the_feed_can_be_named_and_a_mapping_of_another_subject_is_refused(fair, tmp_path):
    fair("Mail,Town,Staff\nann@acme.example,A,1\n", feed="trade-fair")
    assert Feed.objects.get().slug == "trade-fair"

    with pytest.raises(CommandError, match="about leads"):
        call_command("import_activities", tmp_path / "people.csv", mapping=str(tmp_path / "fair.yaml"))


def test_a_spreadsheet_and_the_ways_of_reading_can_be_named(tmp_path):
    mapping = tmp_path / "fair.yaml"
    mapping.write_text(MAPPING.replace("Staff: company.employees", "Since: {to: attributes.since, as: date}"))
    path = tmp_path / "people.xlsx"
    rows = [["Mail", "Town", "Since"], ["ann@acme.example", "Łódź", "03/04/2026"]]
    path.write_bytes(book(sheets=[("Lists", "visible", sheet([["x"]])), ("People", "visible", sheet(rows))]))

    with pytest.raises(CommandError, match="lacks columns of the mapping: Mail"):
        call_command("import_leads", path, mapping=str(mapping))
    with pytest.raises(CommandError, match="date_order is one of"):
        call_command("import_leads", path, mapping=str(mapping), sheet="People", date_order="myd")
    call_command("import_leads", path, mapping=str(mapping), sheet="People", date_order="mdy", stdout=StringIO())

    assert Lead.objects.get().attributes == {"since": "2026-03-04"}


def test_rows_beyond_one_batch_all_go_in(fair):
    text = "Mail,Town,Staff\n" + "".join(f"p{n}@c{n}.example,T,1\n" for n in range(1_201))

    assert "1,201 rows: created 1,201" in fair(text)


def imported(command, path, mapping):
    out = StringIO()
    call_command(command, path, mapping=mapping, stdout=out)
    return out.getvalue()


def test_the_x_education_leads_match_their_published_figures():
    path = real("xeducation/leads.csv")

    assert "9,240 rows: created 9,240, updated 0, unchanged 0, rejected 0" in imported(
        "import_leads", path, "xeducation"
    )

    leads = list(Lead.objects.order_by("pk").only("pk", "source", "country", "city", "attributes"))
    converted = Counter()
    total = Counter()
    for lead in leads:
        for key in (f"source {lead.source}", f"occupation {lead.attributes.get('occupation', '')}"):
            total[key] += 1
            converted[key] += lead.attributes["outcome_converted"]
    figures = {
        "source Google": (2868, 1147), "source google": (5, 0), "source Direct Traffic": (2543, 818),
        "source Olark Chat": (1755, 448), "source Organic Search": (1154, 436), "source Reference": (534, 490),
        "source Welingak Website": (142, 140), "source ": (36, 29),
        "occupation Working Professional": (706, 647), "occupation Unemployed": (5600, 2441),
        "occupation Student": (210, 78), "occupation ": (2690, 370),
    }  # fmt: skip
    assert {key: (total[key], converted[key]) for key in figures} == figures
    assert sum(lead.attributes["outcome_converted"] for lead in leads) == 3561
    assert sum("vendor_activity_score" in lead.attributes for lead in leads) == 5022
    assert not any("Select" in lead.attributes.values() or lead.city == "Select" for lead in leads)
    placeholders = {"heard_from": 5043, "sales_lead_profile": 4146, "specialization": 1942}
    with path.open() as stream:
        blank = Counter()
        for row in csv.DictReader(stream):
            blank["heard_from"] += row["How did you hear about X Education"] == ""
            blank["sales_lead_profile"] += row["Lead Profile"] == ""
            blank["specialization"] += row["Specialization"] == ""
    for name, selected in placeholders.items():
        assert sum(name not in lead.attributes for lead in leads) == selected + blank[name]
    assert ExternalId.objects.filter(feed="xeducation").count() == 9240
    assert ExternalId.objects.filter(feed="xeducation-number").count() == 9240
    facts = facts_for_leads([leads[0].pk])[leads[0].pk].facts
    assert facts["lead"]["attributes"]["total_visits"] == 0
    assert "city" not in facts["lead"]

    again = imported("import_leads", real("xeducation/leads_trailing_column_crlf.csv"), "xeducation")
    assert "9,240 rows: created 0, updated 0, unchanged 9,240, rejected 0" in again


def test_a_spreadsheet_named_csv_brings_the_same_facts():
    assert "9,240 rows: created 9,240, updated 0, unchanged 0, rejected 0" in imported(
        "import_leads", real("xeducation/leads_is_really_xlsx.csv"), "xeducation"
    )

    again = imported("import_leads", real("xeducation/leads.csv"), "xeducation")

    assert "9,240 rows: created 0, updated 0, unchanged 9,240, rejected 0" in again


def test_the_parch_and_posey_accounts_and_touches_go_in_without_headers():
    accounts = imported("import_leads", real("parch_posey/accounts.csv"), "parch_posey_accounts")
    assert "351 rows: created 351, updated 0, unchanged 0, rejected 0" in accounts

    touches = imported("import_activities", real("parch_posey/web_events.csv"), "parch_posey_web_events")
    assert "9,073 rows: accepted 9,073, duplicate 0, quarantined 0, rejected 0" in touches
    assert (Activity.objects.count(), Lead.objects.count()) == (9073, 351)
    walmart = ExternalId.objects.get(external_id="1001").lead
    assert (walmart.name, walmart.company.domain) == ("Tamara Tuma", "walmart.com")

    again = imported("import_activities", real("parch_posey/web_events.csv"), "parch_posey_web_events")
    assert "accepted 0, duplicate 9,073" in again
