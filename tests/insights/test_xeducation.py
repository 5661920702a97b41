"""The public X Education leads, from the file to a report that beats the vendor's own score."""

import io
import os
import re
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.models import Role, User
from crm.models import Lead
from scoring.models import MatrixVersion, Score
from scoring.services.publication import version_publish
from scoring.services.rescoring import work_drain
from scoring.services.runs import runs_drain

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("LEADSCORE_DATA", ROOT.parent / "shared" / "data")) / "xeducation" / "leads.csv"
VENDORS_OWN = 0.6634
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not DATA.exists(), reason="The public X Education data is not beside this checkout."),
]
CONVERTED_BY_SOURCE = {
    "Google": (2868, 1147),
    "Direct Traffic": (2543, 818),
    "Olark Chat": (1755, 448),
    "Organic Search": (1154, 436),
    "Reference": (534, 490),
    "Welingak Website": (142, 140),
    "": (36, 29),
    "google": (5, 0),
}
CONVERTED_BY_OCCUPATION = {
    "Working Professional": (706, 647),
    "Unemployed": (5600, 2441),
    "Student": (210, 78),
    None: (2690, 370),
}


def test_the_whole_file_is_imported_scored_and_reported() -> None:
    call_command("import_leads", str(DATA), mapping="xeducation", stdout=io.StringIO())
    leads = list(Lead.objects.values_list("source", "attributes"))
    assert len(leads) == 9_240
    assert sum(bool(attributes["outcome_converted"]) for _source, attributes in leads) == 3_561
    for source, expected in CONVERTED_BY_SOURCE.items():
        found = [attributes["outcome_converted"] for known, attributes in leads if known == source]
        assert (source, len(found), sum(found)) == (source, *expected)
    for occupation, expected in CONVERTED_BY_OCCUPATION.items():
        found = [a["outcome_converted"] for _source, a in leads if a.get("occupation") == occupation]
        assert (occupation, len(found), sum(found)) == (occupation, *expected)
    assert not any("Select" in (source, *attributes.values()) for source, attributes in leads)

    ada = User.objects.create_user("ada@ours.example", name="Ada", role=Role.ADMINISTRATOR)
    call_command(
        "matrix", "import", str(ROOT / "docs/examples/xeducation.yaml"), model="xeducation", stdout=io.StringIO()
    )
    version_publish(version_id=MatrixVersion.objects.get().pk, by=ada, reason="Try it on real leads")
    runs_drain()
    work_drain()
    assert Score.objects.count() == 9_240

    printed = io.StringIO()
    call_command(
        "score_report",
        model="xeducation",
        outcome="outcome_converted",
        rival=["vendor=vendor_activity_score+vendor_profile_score"],
        stdout=printed,
    )
    line = next(line for line in printed.getvalue().splitlines() if line.startswith("vendor"))
    leads_with_both, theirs, ours = re.findall(r"[\d.]+", line)
    assert (leads_with_both, float(theirs)) == ("5022", VENDORS_OWN)
    assert float(ours) > VENDORS_OWN + 0.1


def test_the_example_matrix_asks_only_for_what_was_known_before_sales_called() -> None:
    document = (ROOT / "docs/examples/xeducation.yaml").read_text(encoding="utf-8")
    fields = set(re.findall(r"field: lead\.attributes\.(\w+)", document))
    assert fields
    assert not [field for field in fields if field.startswith(("outcome_", "sales_", "vendor_"))]
