"""Test a lead: real and invented, under both versions; examples; and that an example holds no person."""

import html
import json
import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import Role, User
from crm.models import Lead
from crm.services.erasure import lead_erase
from kernel.errors import InvalidError
from scoring.engine import parse_matrix
from scoring.loader import zone_named
from scoring.models import MatrixVersion
from scoring.services.matrices import Edit, version_edit
from scoring.services.publication import version_publish
from scoring.workbench_shown.examples import without_person
from scoring.workbench_shown.trial import real_subject
from tests.scoring.conftest import world as world
from tests.scoring.world import MATRIX, World, changed
from tests.workbench.reviewed import somebody

INVENTED: dict[str, Any] = {
    "who": "invented",
    "day": "2026-03-03",
    "fact_name": ["lead.seniority", "lead.country", "company.industry"],
    "fact_value": ["vp", "", "Software"],
    "activity_kind": ["page_view", ""],
    "activity_count": ["2", "1"],
    "activity_days_ago": ["1", "0"],
    "activity_url": ["/pricing", ""],
    "activity_subject": ["", ""],
    "activity_value": ["", ""],
    "activity_more": ["", ""],
}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def cards(client: Client, version: MatrixVersion, **asked: Any):
    return client.post(f"/admin/workbench/{version.pk}/test/cards/", {**INVENTED, **asked})


def text_of(answer: Any) -> str:
    """The words of a fragment, as they are read."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())).split())


def example_of(answer: Any) -> dict[str, Any]:
    found = re.search(r'data-example="([^"]*)"', answer.content.decode())
    assert found
    kept: dict[str, Any] = json.loads(html.unescape(found[1]))
    return kept


def test_an_invented_lead_is_judged_by_both_versions_and_what_differs_stands_first(world: World) -> None:
    draft = world.draft(changed(points={"exec-title": 26, "germany": 12}))
    answer = cards(signed_in(world.admin), draft)
    assert answer.status_code == 200
    words = text_of(answer)
    # 20 or 26 for the title, 5 for the industry, 2 x 9 for yesterday's pages.
    assert "v1 published 43 B3 Marketing qualified by points" in words
    assert "v2 draft 49 A3 Marketing qualified by points" in words or "v2 draft 49 B3" in words
    differences = words[words.index("What differs") : words.index("The whole card")]
    assert "Executive title met: seniority is one of C-level, VP before +20 → now +26" in differences
    # What is unknown gives nothing under both, so nothing of it differs.
    assert "From Germany" not in differences


def test_a_fact_that_is_unknown_is_said_where_it_makes_the_difference(world: World) -> None:
    criteria = [
        {**each, "if": {"any": [each["if"], {"field": "lead.country", "op": "is_known"}]}}
        if each["key"] == "germany"
        else each
        for each in MATRIX["criteria"]
    ]
    words = text_of(cards(signed_in(world.admin), world.draft(changed(criteria=criteria))))
    assert "v2 draft 43" in words
    assert "Nothing: both versions say the same of this lead." in words
    assert "From Germany" in words
    other = [{**each, "enabled": False} if each["key"] == "software" else each for each in MATRIX["criteria"]]
    words = text_of(cards(signed_in(world.admin), world.draft(changed(criteria=other))))
    assert "Software company before: met: industry is “Software” now: disabled before +5 → now 0" in words


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"fact_name": ["lead.nonsense"], "fact_value": ["x"]}, "There is no field “lead.nonsense”"),
        ({"fact_name": ["company.employees"], "fact_value": ["many"]}, "Employees: write a number."),
        ({"fact_name": ["company.employees"], "fact_value": ["1e999999"]}, "Employees: write a number."),
        ({"activity_count": ["0", "1"]}, "How many: write a whole number from 1 to 500."),
        ({"activity_days_ago": ["-1", "1"]}, "Days ago: write a whole number from 0 to 3650."),
        ({"activity_kind": ["chat"] * 2, "activity_count": ["500", "1"]}, "does at most 500 things"),
        ({"activity_value": ["a lot", ""]}, "Value: write a number."),
        ({"day": "2026-13-01"}, "Write a day as YYYY-MM-DD"),
        ({"day": "0001-01-01"}, "Write a day as YYYY-MM-DD"),
        ({"fact_value": ["v\x00p"], "fact_name": ["lead.title"]}, "cannot be taken"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(world: World, asked: dict[str, Any], sentence: str) -> None:
    answer = cards(signed_in(world.admin), world.draft(), **asked)
    assert answer.status_code in {400, 422}
    assert sentence.lower() in text_of(answer).lower()


def test_every_field_of_the_contract_and_of_the_team_may_be_invented(world: World) -> None:
    names = {
        "lead.created_days": ("12", 12),
        "lead.consent": ("true", True),
        "lead.qualification.budget": ("1.50", 1.5),
        "lead.attributes.plan": ("gold", "gold"),
        "company.technologies": ("php, perl", ["php", "perl"]),
        "company.attributes.tier": ("1", "1"),
    }
    answer = cards(
        signed_in(world.admin),
        world.draft(),
        fact_name=list(names),
        fact_value=[text for text, _value in names.values()],
    )
    facts = example_of(answer)["facts"]
    assert facts["lead"] == {
        "created_days": 12,
        "consent": True,
        "qualification": {"budget": "1.50"},
        "attributes": {"plan": "gold"},
    }
    assert facts["company"] == {"technologies": ["php", "perl"], "attributes": {"tier": "1"}}
    assert [(each["id"], each["occurred_at"]) for each in facts["activities"]] == [
        ("example:1", "2026-03-02T12:00:00Z"),
        ("example:2", "2026-03-02T12:01:00Z"),
    ]


def keep(world: World, draft: MatrixVersion, stage: str, **asked: Any) -> MatrixVersion:
    example = {"name": "Reads prices", **example_of(cards(signed_in(world.admin), draft, **asked)), "stage": stage}
    return version_edit(version=draft, edits=[Edit(path="/examples", after=[example])], by=world.admin)


def test_an_example_is_kept_listed_opened_and_judged_anew_after_each_edit(world: World) -> None:
    client = signed_in(world.admin)
    draft = keep(world, world.draft(), "mql")
    listed = f"/admin/workbench/{draft.pk}/examples/"
    assert "Reads prices ends in Marketing qualified, as agreed" in text_of(client.get(listed))
    draft = version_edit(
        version=draft, edits=[Edit(path="/criteria/exec-title/points", before=20, after=2)], by=world.admin
    )
    assert "ends in Warm, not in Marketing qualified" in text_of(client.get(listed))
    opened = client.get(f"/admin/workbench/{draft.pk}/test/form/?example=0").content.decode()
    assert 'name="example_name" value="Reads prices"' in opened
    assert '<option value="vp" selected>VP</option>' in opened
    assert re.search(r'name="activity_count"\s+inputmode="numeric"\s+value="2"', opened)
    assert client.get(f"/admin/workbench/{draft.pk}/test/form/?example=7").status_code == 404


def test_an_example_that_fails_blocks_the_publication(world: World) -> None:
    draft = keep(world, world.draft(), "sql")
    with pytest.raises(InvalidError) as refused:
        version_publish(version_id=draft.pk, by=world.admin, reason="Now.")
    assert [each.code for each in refused.value.problems] == ["L22"]


def test_what_an_example_holds_beside_the_form_comes_back_with_it(world: World) -> None:
    activity = {
        "id": "a",
        "kind": "form_submit",
        "occurred_at": "2026-03-01T23:30:00+01:00",
        "properties": {"plan": "gold"},
        "source": "web",
    }
    example = {
        "name": "Rich",
        "as_of": "2026-03-03",
        "facts": {"lead": {}, "activities": [activity, {**activity, "id": "b"}]},
        "stage": "cold",
    }
    draft = world.draft(changed(examples=[example]))
    opened = signed_in(world.admin).get(f"/admin/workbench/{draft.pk}/test/form/?example=0").content.decode()
    values = dict.fromkeys(INVENTED)
    for name in ("kind", "count", "days_ago", "url", "subject", "value", "more"):
        first = opened.split(f'name="activity_{name}"')[1]
        values[f"activity_{name}"] = [html.unescape(re.search(r'value="([^"]*)"', first)[1])]
    values["activity_kind"] = ["form_submit"]
    answer = cards(signed_in(world.admin), draft, **{name: value for name, value in values.items() if value})
    made = example_of(answer)["facts"]["activities"]
    assert [(each["kind"], each["properties"], each["source"]) for each in made] == [
        ("form_submit", {"plan": "gold"}, "web")
    ] * 2
    assert made[0]["occurred_at"].startswith("2026-03-01")


# A real lead


def person(world: World) -> Lead:
    lead = world.lead(
        "zsofia.quellwitz@northwind.example",
        first_name="Zsofia",
        last_name="Quellwitz",
        title="VP Sales Quellwitz Group",
        seniority="vp",
        phone="+49 30 1234567",
        country="DE",
        attributes={"note": "call Zsofia"},
        company={"name": "Northwind", "domain": "northwind.example", "industry": "Software"},
    )
    world.send(lead, url="https://ours.example/pricing?email=zsofia.quellwitz@northwind.example#x")
    world.send(lead, url="https://ours.example/pricing/zsofia.quellwitz")
    world.send(lead, "download", subject="Guide for Zsofia Quellwitz")
    return lead


NOSY = [
    *MATRIX["criteria"],
    {
        "key": "mail",
        "dimension": "fit",
        "points": 1,
        "if": {"field": "lead.email", "op": "ends_with", "value": "example"},
    },
    {"key": "named", "dimension": "fit", "points": 1, "if": {"field": "lead.last_name", "op": "is_known"}},
    {"key": "phoned", "dimension": "fit", "points": 1, "if": {"field": "lead.phone", "op": "is_known"}},
    {"key": "titled", "dimension": "fit", "points": 1, "if": {"field": "lead.title", "op": "has_word", "value": "vp"}},
    {"key": "noted", "dimension": "fit", "points": 1, "if": {"field": "lead.attributes.note", "op": "is_known"}},
    {
        "key": "guided",
        "dimension": "behavior",
        "points": 1,
        "when": {"kinds": ["download"], "where": {"field": "activity.subject", "op": "has_word", "value": "guide"}},
        "count": {"max": 1},
    },
]


def test_a_real_lead_is_found_and_judged_under_both(world: World) -> None:
    lead = person(world)
    draft = world.draft(changed(points={"germany": 14}))
    client = signed_in(world.admin)
    found = client.get(f"/admin/workbench/{draft.pk}/test/leads/?q=quellwitz").content.decode()
    assert f'value="{lead.pk}"' in found
    words = text_of(cards(client, draft, who="real", lead=str(lead.pk)))
    assert "From Germany met: country is “DE” before +10 → now +14" in words
    assert "Make an example of it, without the person" in words


def test_a_copy_of_a_lead_holds_nothing_of_the_person_whatever_the_matrix_names(world: World) -> None:
    lead = person(world)
    draft = world.draft(changed(criteria=NOSY))
    client = signed_in(world.admin)
    copied = client.get(f"/admin/workbench/{draft.pk}/test/form/?copy={lead.pk}")
    page = copied.content.decode().lower()
    assert "copied without the person" in page
    for telling in ("zsofia", "quellwitz", "1234567"):
        assert telling not in page
    assert '<option value="vp" selected>' in page
    assert '<option value="de" selected>' in page
    assert 'value="/pricing"' in page


def test_after_an_erasure_nothing_of_the_person_is_left_in_an_example_made_of_them(world: World) -> None:
    lead = person(world)
    draft = world.draft(changed(criteria=NOSY))
    subject = real_subject(lead.pk, as_of=None, zone_name="UTC")
    assert subject.known is not None
    facts = without_person(
        subject.known.facts, matrices=[parse_matrix(draft.document)], as_of=subject.as_of, zone=zone_named("UTC")
    )
    example = {"name": "Like one we know", "as_of": subject.as_of.isoformat(), "facts": facts, "stage": "mql"}
    kept = {name: value for name, value in example.items() if value is not None}
    draft = version_edit(version=draft, edits=[Edit(path="/examples", after=[kept])], by=world.admin)
    lead_erase(lead_id=lead.pk, by=world.admin)
    draft.refresh_from_db()
    written = json.dumps([draft.document, list(draft.edits.values_list("after", flat=True))]).lower()
    for telling in ("zsofia", "quellwitz", "1234567", "crm:", "web:"):
        assert telling not in written
    assert facts["lead"] == {"seniority": "vp", "country": "DE"}
    assert [each["url"] for each in facts["activities"] if "url" in each] == ["/pricing"]
    assert {each["id"] for each in facts["activities"]} == {"example:001", "example:002", "example:003"}


def test_who_sees_leads_masked_finds_by_company_alone_and_copies_nobody(world: World) -> None:
    lead = person(world)
    draft = world.draft()
    client = signed_in(somebody(Role.AUDITOR))
    leads = f"/admin/workbench/{draft.pk}/test/leads/"
    assert f'value="{lead.pk}"' not in client.get(f"{leads}?q=quellwitz").content.decode()
    found = client.get(f"{leads}?q=northwind").content.decode()
    assert f'value="{lead.pk}"' in found
    assert "Zsofia" not in found
    shown = cards(client, draft, who="real", lead=str(lead.pk)).content.decode()
    assert "Zsofia" not in shown
    assert "zsofia.quellwitz" not in shown
    assert "Make an example" not in shown
    assert client.get(f"/admin/workbench/{draft.pk}/test/form/?copy={lead.pk}").status_code == 403


def test_a_lead_outside_the_readers_reach_is_no_lead(world: World) -> None:
    lead = person(world)
    draft = world.draft()
    client = signed_in(somebody(Role.SALES_MANAGER))
    assert cards(client, draft, who="real", lead=str(lead.pk)).status_code == 404
    assert client.get(f"/admin/workbench/{draft.pk}/test/form/?copy={lead.pk}").status_code == 404
    assert cards(client, draft, who="real", lead="").status_code == 200


def test_hostile_words_of_a_lead_and_of_an_example_are_escaped(world: World) -> None:
    hostile = "<script>alert(1)</script>"
    lead = world.lead("x@buyer.example", first_name=hostile, title=hostile, seniority="vp")
    example = {"name": hostile, "as_of": "2026-03-03", "facts": {"lead": {"title": hostile}}, "stage": "cold"}
    draft = world.draft(changed(examples=[example]))
    client = signed_in(world.admin)
    for address in ("test/", "test/leads/?q=script", "test/form/?example=0", "examples/"):
        page = client.get(f"/admin/workbench/{draft.pk}/{address}").content.decode()
        assert hostile not in page
    page = cards(client, draft, fact_name=["lead.title"], fact_value=[hostile]).content.decode()
    assert hostile not in page
    assert hostile not in cards(client, draft, who="real", lead=str(lead.pk)).content.decode()


def test_a_lead_costs_as_many_queries_with_one_activity_as_with_forty(
    world: World, django_assert_num_queries, django_assert_max_num_queries
) -> None:
    lead = person(world)
    draft = world.draft(changed(points={"germany": 14}))
    client = signed_in(world.admin)
    cards(client, draft, who="real", lead=str(lead.pk))
    with django_assert_max_num_queries(25) as few:
        cards(client, draft, who="real", lead=str(lead.pk))
    for _number in range(40):
        world.send(lead)
    with django_assert_num_queries(len(few.captured_queries)):
        cards(client, draft, who="real", lead=str(lead.pk))
