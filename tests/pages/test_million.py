"""Pages of long lists are found by an index and counted no further than they say, however many rows there are."""

from datetime import timedelta

import pytest
from django.contrib.admin.sites import site
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Role
from accounts.unfold import COUNT_CAP, CappedPaginator
from crm.models import Activity, Company, Lead
from crm.search import leads_found
from crm.visibility import companies_visible_to, leads_visible_to
from scoring.models import Score
from scoring.ranking import LeadFilters, Order
from scoring.ranking.order import Place
from scoring.services.percentiles import distribution_renew

ROWS = 4_000


def run(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


@pytest.fixture
def crowd(world):
    """Four thousand leads with scores, a tenth of them of grade A and one of forty disqualified."""
    first = world.lead(country="DE")
    world.settle()
    score = Score.objects.get(lead=first, model=world.model)
    run(
        "INSERT INTO crm_lead SELECT (jsonb_populate_record(lead, jsonb_build_object("
        "'id', lead.id + n, 'email', 'p' || n, 'email_key', 'p' || n))).* "
        "FROM crm_lead lead, generate_series(1, %s) n WHERE lead.id = %s",
        ROWS,
        first.pk,
    )
    run(
        "INSERT INTO scoring_score SELECT (jsonb_populate_record(score, jsonb_build_object("
        "'id', score.id + n, 'lead_id', score.lead_id + n, 'total', n %% 500, 'is_disqualified', n %% 40 = 0, "
        "'grade', CASE WHEN n %% 10 = 0 THEN 'A' ELSE 'D' END))).* "
        "FROM scoring_score score, generate_series(1, %s) n WHERE score.id = %s",
        ROWS,
        score.pk,
    )
    run("ANALYZE crm_lead")
    run("ANALYZE scoring_score")
    return world


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({}, "score_model_total"),
        ({"rating": "A"}, "score_model_grade_total"),
        ({"is_disqualified": True}, "score_disqualified"),
    ],
)
@pytest.mark.parametrize("place", [None, Place(total=250, lead_id=1)])
def test_a_page_of_leads_walks_along_an_index_from_its_place(crowd, person, filters, index, place):
    order = Order(user=person(Role.ADMINISTRATOR), model=crowd.model, filters=LeadFilters(**filters))
    with CaptureQueriesContext(connection) as queries:
        assert len(order.after(place, 11)) == 11
    asked = queries.captured_queries[0]["sql"]
    assert "OFFSET" not in asked
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + asked)
        said = "\n".join(line for (line,) in cursor.fetchall())
    assert index in said
    assert "Sort" not in said.replace("Incremental Sort", "")
    assert "Seq Scan" not in said
    if place:
        assert "total <= 250" in said


def test_where_few_leads_are_meant_their_ids_are_handed_over_and_counted_alone(crowd, person):
    rep = person(Role.REP)
    Lead.objects.filter(pk__in=Lead.objects.order_by("pk").values("pk")[:30]).update(owner=rep)
    order = Order(user=rep, model=crowd.model, filters=LeadFilters())
    asked = str(order.scored.query)
    assert "crm_lead" not in asked
    assert order.count(10_000) == len(order.after(None, 51)) == 30


def test_where_many_are_meant_nothing_is_counted_again(crowd, person, monkeypatch):
    monkeypatch.setattr("scoring.ranking.order.FEW", 1_000)
    order = Order(user=person(Role.ADMINISTRATOR), model=crowd.model, filters=LeadFilters(has_email=True))
    with CaptureQueriesContext(connection) as queries:
        assert order.count(1_000) == 1_001
    assert len(queries) == 0


@pytest.mark.parametrize("role", [Role.REP, Role.SALES_MANAGER, Role.ADMINISTRATOR])
def test_the_page_asks_as_often_for_one_lead_as_for_many(crowd, person, signed_in, role):
    distribution_renew(model_id=crowd.model.pk)
    client = signed_in(role)
    Lead.objects.all().update(owner=client.user)
    url = f"{reverse('leads')}?search=&columns=total,percentile,trend,last_activity"
    client.get(url)
    with CaptureQueriesContext(connection) as many:
        assert client.get(url).status_code == 200
    Lead.objects.exclude(pk=Lead.objects.order_by("pk").first().pk).update(owner=None)
    with CaptureQueriesContext(connection) as few:
        assert client.get(url).status_code == 200
    assert abs(len(many) - len(few)) <= 1


def test_a_page_of_companies_walks_along_their_names(db, person):
    Company.objects.bulk_create(Company(name=f"Firm {n:05}", domain=f"f{n}.example") for n in range(5_000))
    run("ANALYZE crm_company")
    rows = companies_visible_to(person(Role.ADMINISTRATOR)).filter(name__gte="Firm 02500")
    said = rows.order_by("name", "pk")[:51].explain()
    assert "company_name on" in said
    assert "Sort" not in said
    assert "crm_lead u" not in said.split("->")[-1]


def test_a_company_that_a_merge_emptied_is_no_company(db, person):
    Company.objects.create(name="", domain="")
    kept = Company.objects.create(name="", domain="", industry="Retail")
    Lead.objects.create(company=kept)
    rep, administrator = person(Role.REP), person(Role.ADMINISTRATOR)
    assert list(companies_visible_to(administrator)) == [kept]
    assert list(companies_visible_to(rep)) == []
    Lead.objects.update(owner=rep)
    assert list(companies_visible_to(rep)) == [kept]


def test_lists_of_records_count_no_further_than_ten_thousand(person):
    administrator = person(Role.ADMINISTRATOR)
    run(
        "INSERT INTO accounts_auditentry (at, actor_id, action, subject_type, details) "
        "SELECT now(), %s, 'lead.edit', 'lead', '{}' FROM generate_series(1, %s)",
        administrator.pk,
        COUNT_CAP + 500,
    )
    with CaptureQueriesContext(connection) as queries:
        assert CappedPaginator(AuditEntry.objects.all(), 50).count == COUNT_CAP + 1
    assert f"LIMIT {COUNT_CAP + 1}" in queries.captured_queries[0]["sql"]
    request = RequestFactory().get("/")
    request.user = administrator
    assert all(
        issubclass(each.paginator, CappedPaginator)
        for model, each in site._registry.items()
        if model._meta.app_label in {"accounts", "crm", "scoring", "handoff"}
    )


def test_a_number_is_searched_by_its_index_and_a_name_as_in_the_list(crowd, signed_in):
    client = signed_in(Role.ADMINISTRATOR)
    lead = Lead.objects.order_by("-pk").first()
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(reverse("admin:scoring_score_changelist"), {"q": str(lead.pk)})
    assert f"#{lead.pk}<" in answer.content.decode()
    assert not [
        each["sql"] for each in queries.captured_queries if "::text" in each["sql"] and "lead_id" in each["sql"]
    ]
    company = Company.objects.create(name="Annex", domain="annex.example")
    Lead.objects.filter(pk=lead.pk).update(first_name="Zbigniew", email="z@x.example", company=company)
    answer = client.get(reverse("admin:crm_lead_changelist"), {"q": "zbig annex"})
    assert "z@x.example" in answer.content.decode()
    assert "p77<" not in answer.content.decode()


def test_the_lead_page_says_higher_than_how_many(crowd, signed_in):
    lead = Score.objects.filter(model=crowd.model).order_by("pk").first().lead
    client = signed_in(Role.MARKETER)
    url = reverse("lead-score", args=[lead.pk])
    assert "higher than" not in client.get(url).content.decode()
    distribution_renew(model_id=crowd.model.pk)
    said = client.get(url).content.decode()
    # A total of ten: 80 have 0 to 9, a little less than two in a hundred.
    assert "higher than 1 % of 4,001 leads, as of 3 Mar 2026" in said
    assert "higher than" not in client.get(f"{url}?as_of=2026-03-03").content.decode()


def test_a_filter_of_free_values_reads_the_newest_rows_and_keeps_what_is_chosen(crowd, signed_in, monkeypatch):
    monkeypatch.setattr("accounts.unfold.COUNT_CAP", 1_000)
    oldest = Lead.objects.order_by("pk").first()
    Lead.objects.filter(pk=oldest.pk).update(seniority="Emperor")
    Lead.objects.filter(pk=oldest.pk + ROWS).update(seniority="Duchess")
    client = signed_in(Role.ADMINISTRATOR)
    with CaptureQueriesContext(connection) as queries:
        said = client.get(reverse("admin:crm_lead_changelist")).content.decode()
    assert "?seniority=Duchess" in said
    assert "?seniority=Emperor" not in said
    assert not [each["sql"] for each in queries.captured_queries if "SELECT DISTINCT" in each["sql"]]
    shown = client.get(reverse("admin:crm_lead_changelist"), {"seniority": "Emperor"}).context["cl"]
    assert [lead.pk for lead in shown.result_list] == [oldest.pk]
    offered = shown.filter_specs[0].choices(shown)
    assert [choice["display"] for choice in offered if choice["selected"]] == ["Emperor"]


@pytest.mark.parametrize("asked", ["999999999", "nobody"])
def test_where_only_numbers_are_searched_nothing_else_is_compared(crowd, signed_in, asked):
    with CaptureQueriesContext(connection) as queries:
        answer = signed_in(Role.ADMINISTRATOR).get(reverse("admin:scoring_score_changelist"), {"q": asked})
    assert answer.context["cl"].result_count == 0
    assert not [each["sql"] for each in queries.captured_queries if "::text" in each["sql"]]


def test_a_message_is_searched_by_its_feed_and_id(crowd, signed_in):
    lead = Lead.objects.order_by("pk").first()
    crowd.send(lead, message_id="hello-world")
    url, client = reverse("admin:crm_activity_changelist"), signed_in(Role.ADMINISTRATOR)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url, {"q": "hello-world"}).context["cl"].result_count == 1
    assert not [
        each["sql"] for each in queries.captured_queries if "UPPER" in each["sql"] and "message_id" in each["sql"]
    ]
    assert client.get(url, {"q": "hello"}).context["cl"].result_count == 0
    assert client.get(url, {"q": str(lead.pk)}).context["cl"].result_count == 1


def test_what_is_asked_row_by_row_is_held_against_a_list_that_was_read(crowd, person):
    """The planner looks into a list of constants by hash; the answer of a subquery it would go through each time."""
    company = Company.objects.create(name="Annex", domain="annex.example")
    Lead.objects.filter(pk=Lead.objects.order_by("pk").first().pk).update(company=company)
    found = leads_found(Lead.objects.all(), "annex", is_masked=False)
    assert [lead.company_id for lead in found] == [company.pk]
    assert "SubPlan" not in found.explain()
    assert "InitPlan" not in found.explain()
    manager = person(Role.SALES_MANAGER)
    assert "InitPlan" in leads_visible_to(manager).explain()
    assert "InitPlan" not in leads_visible_to(manager, is_list=True).explain()


def test_who_was_active_lately_is_found_by_when_it_happened(crowd, person):
    lead = Lead.objects.order_by("pk").first()
    crowd.send(lead)
    filters = LeadFilters(active_since=timezone.now() - timedelta(days=1))
    order = Order(user=person(Role.ADMINISTRATOR), model=crowd.model, filters=filters)
    assert [place.lead_id for place in order.after(None, 11)] == [lead.pk]
    # The table is small: only with the other ways closed does it tell which index could answer.
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("DROP INDEX activity_lead_occurred")
    run("SET LOCAL enable_seqscan = off")
    recent = Activity.objects.filter(occurred_at__gte=filters.active_since).order_by()
    assert "activity_occurred" in recent.explain()
