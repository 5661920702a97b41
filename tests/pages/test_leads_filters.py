"""What the list can be narrowed by, how that is shown, and what cannot be read."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Role
from crm.models import AttributeDefinition, Feed, Import, Lead
from scoring.models import Score
from tests.conftest import NOW

LEADS = "/leads/"
FILTERS = (
    "search model stage rating country owner source seniority industry size email phone consent created active silent "
    "disqualified fast brought lead.region cursor view columns"
).split()


def shown(response):
    return [row.lead for row in response.context["page"].rows]


@pytest.fixture
def cast(world, person):
    """Vera, well known and active; Cora, a competitor; Nils, of whom next to nothing is known."""
    vera = world.lead(
        "vera@soft.example",
        first_name="Vera",
        title="VP Sales",
        country="DE",
        source="Webinar",
        phone="+48600100200",
        consent=True,
        attributes={"region": "EMEA", "in": "yes", "seats": 12, "member": True, "since": "2026-01-02", "tags": ["a"]},
        company={"name": "Soft", "domain": "soft.example", "industry": "Software", "employees": 120},
    )
    cora = world.lead("cora@rival.example", first_name="Cora", company={"name": "Rival", "domain": "rival.example"})
    nils = world.lead("nils@other.example", first_name="Nils")
    Lead.objects.filter(pk=nils.pk).update(
        email="", email_key="", created_at=NOW - timedelta(days=90), consent=False, owner=person(Role.REP, name="Rita")
    )
    world.send(vera, occurred_at=(NOW - timedelta(days=2)).isoformat())
    world.send(cora, "demo_request", occurred_at=(NOW - timedelta(days=20)).isoformat())
    for key, kind in {"region": "text", "in": "text", "seats": "number", "member": "boolean", "since": "date",
                      "tags": "list"}.items():  # fmt: skip
        AttributeDefinition.objects.create(subject="lead", key=key, label=key.title(), type=kind)
    AttributeDefinition.objects.create(
        subject="company", key="erp", label="ERP", type="choice", choices=["SAP", "Odoo"]
    )
    Lead.objects.get(pk=vera.pk).company.__class__.objects.filter(name="Soft").update(attributes={"erp": "SAP"})
    world.settle()
    return {"vera": vera, "cora": cora, "nils": nils}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"source": "webinar"}, "vera"),
        ({"seniority": "vp"}, "vera"),
        ({"industry": "software"}, "vera"),
        ({"size": "51-200"}, "vera"),
        ({"size": "5001-"}, ""),
        ({"email": "no"}, "nils"),
        ({"email": "yes", "phone": "no"}, "cora"),
        ({"phone": "yes"}, "vera"),
        ({"consent": "yes"}, "vera"),
        ({"consent": "no"}, "nils"),
        ({"consent": "unknown"}, "cora"),
        ({"created": "2026-03-01"}, "vera cora"),
        ({"active": "2026-03-01"}, "vera"),
        ({"silent": "10"}, "cora nils"),
        ({"silent": "30"}, "nils"),
        ({"disqualified": "yes"}, "cora"),
        ({"disqualified": "no"}, "vera nils"),
        ({"fast": "yes"}, "cora"),
        ({"owner": "none"}, "vera cora"),
        ({"lead.region": "emea"}, "vera"),
        ({"lead.in": "yes"}, "vera"),
        ({"lead.seats": "12.0"}, "vera"),
        ({"lead.member": "yes"}, "vera"),
        ({"lead.member": "no"}, ""),
        ({"lead.since": "2026-01-02"}, "vera"),
        ({"lead.tags": "a"}, "vera"),
        ({"company.erp": "SAP"}, "vera"),
        ({"country": "DE", "industry": "Software", "search": "vera", "phone": "yes"}, "vera"),
        ({"country": "DE", "owner": "none", "consent": "no"}, ""),
    ],
)
def test_each_filter_narrows_and_all_together(cast, signed_in, asked, found):
    assert set(shown(signed_in(Role.MARKETER).get(LEADS, asked))) == {cast[name] for name in found.split()}


def test_leads_of_one_import_are_shown_to_those_who_see_imports(cast, signed_in):
    Feed.objects.get_or_create(slug="crm")
    brought = Import.objects.create(feed="crm", file_name="fair.csv", size=1, digest="x", state="done")
    Lead.objects.filter(pk=cast["nils"].pk).update(imported_by=brought)
    response = signed_in(Role.MARKETER).get(LEADS, {"brought": brought.pk})
    assert shown(response) == [cast["nils"]]
    assert "fair.csv" in response.content.decode()
    manager = signed_in(Role.SALES_MANAGER).get(LEADS, {"brought": brought.pk})
    assert "fair.csv" not in manager.content.decode()


def test_each_filter_is_a_chip_that_takes_it_away(cast, signed_in):
    client = signed_in(Role.MARKETER)
    response = client.get(LEADS, {"country": "DE", "source": "Webinar", "cursor": "x"})
    chips = {chip.label: chip for chip in response.context["chips"]}
    assert {label: chip.value for label, chip in chips.items()} == {"Country": "Germany", "Source": "Webinar"}
    assert chips["Country"].query_without == "source=Webinar"
    assert "Clear all" in response.content.decode()
    assert "Clear all" not in client.get(LEADS).content.decode()


@pytest.mark.parametrize(
    ("asked", "label"),
    [
        ({"search": "x" * 201}, "Search"),
        ({"search": "a\x00b"}, "Search"),
        ({"silent": "0"}, "Silent for so many days"),
        ({"silent": "9" * 40}, "Silent for so many days"),
        ({"created": "31.31.2026"}, "Created since"),
        ({"country": "ZZ"}, "Country"),
        ({"owner": "abc"}, "Owner"),
        ({"brought": "9" * 30}, "Import"),
        ({"model": "no-such-model"}, "Model"),
        ({"lead.seats": "many"}, "Seats"),
        ({"size": "2-3"}, "Employees"),
    ],
)
def test_what_cannot_be_read_is_left_out_and_said(cast, signed_in, asked, label):
    response = signed_in(Role.MARKETER).get(LEADS, asked)
    assert len(shown(response)) == 3
    (notice,) = response.context["notices"]
    assert notice.startswith(f"“{label}” was left out.")
    assert "was left out" in response.content.decode()


def test_a_place_that_is_gone_begins_again_and_says_so(cast, signed_in):
    client = signed_in(Role.MARKETER)
    for cursor in ("after.-999999.1", "nonsense", "after.new.0"):
        response = client.get(LEADS, {"cursor": cursor})
        assert len(shown(response)) == 3
        assert "begins again from the best" in response.content.decode()
    assert "begins again" not in client.get(LEADS).content.decode()


def test_masked_readers_are_offered_no_personal_filter(cast, signed_in):
    response = signed_in(Role.AUDITOR).get(LEADS, {"lead.region": "nowhere"})
    assert len(shown(response)) == 3
    assert "Region" not in response.content.decode()


def test_a_near_spelling_is_offered_where_nothing_matches(cast, signed_in, person):
    client = signed_in(Role.MARKETER)
    assert "Similar:" in client.get(LEADS, {"search": "Vrea"}).content.decode()
    assert "Similar:" not in client.get(LEADS, {"search": "Vera"}).content.decode()
    assert "Vera" not in signed_in(Role.REP).get(LEADS, {"search": "Vrea"}).content.decode()
    assert "Vera" not in signed_in(Role.AUDITOR).get(LEADS, {"search": "Vrea"}).content.decode()


HOSTILE = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["'; DROP TABLE crm_lead; --", "\x00", "%s", "{{ 7*7 }}", "<script>alert(1)</script>", "١٢", "-0", "1e99",
                     "NaN", "∞", "9" * 400, "../..", "in", "0", "yes", "none"]),
)  # fmt: skip


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.dictionaries(st.sampled_from(FILTERS), HOSTILE, max_size=5))
def test_hostile_text_in_any_filter_gets_a_page(cast, signed_in, asked):
    response = signed_in(Role.MARKETER).get(LEADS, asked, follow=True)
    assert response.status_code == 200
    assert "<script>alert(1)" not in response.content.decode()


def test_without_a_filter_those_without_a_score_stand_last_newest_first(world, signed_in):
    partners = [world.lead(first_name=f"P{number}", source="partner") for number in range(3)]
    buyer = world.lead(first_name="Paul", country="DE")
    world.settle()
    assert Score.objects.count() == 1
    client = signed_in(Role.MARKETER)
    assert shown(client.get(LEADS)) == [buyer, *partners[::-1]]
    assert shown(client.get(LEADS, {"stage": "cold"})) == [buyer]
