"""The pages of companies: whom the list shows to whom, what an edit refuses, the tree, and two made one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from crm.models import Company, FactChange, Lead
from crm.services.company_edits import company_parent_set
from crm.services.leads import lead_upsert
from tests.pages.conftest import signed_in, world

__all__ = ["signed_in", "world"]
pytestmark = pytest.mark.django_db
LIST = "/companies/"


@pytest.fixture
def acme():
    company = Company.objects.create(name="Acme", domain="acme.example", industry="Paper", country="DE", employees=80)
    Lead.objects.create(first_name="Ann", last_name="Archer", email="ann@acme.example", company=company, title="CEO")
    return company


def form_of(client, company):
    form = client.get(reverse("company-edit", args=[company.pk])).context["form"]
    sent = {}
    for field in form:
        value = field.value()
        sent[field.html_name] = sent[field.html_initial_name] = "" if value is None else str(value)
    return sent


def save(client, company, was=None, **changes):
    return client.post(reverse("company-edit", args=[company.pk]), {**(was or form_of(client, company)), **changes})


def names(client, **asked):
    return [row.company.name for row in client.get(LIST, asked).context["rows"]]


class TestList:
    def test_who_sees_all_leads_sees_all_companies_and_others_those_with_a_lead_of_theirs(self, acme, signed_in):
        Company.objects.create(name="Bolt")
        rep = signed_in(Role.REP)
        assert names(rep) == []
        Lead.objects.update(owner=rep.user)
        assert names(rep) == ["Acme"]
        for role in (Role.MARKETER, Role.ADMINISTRATOR, Role.AUDITOR):
            assert names(signed_in(role)) == ["Acme", "Bolt"]

    @pytest.mark.parametrize(
        "asked",
        [{"search": "acm"}, {"search": "acme.ex"}, {"industry": "pap"}, {"country": "DE"}, {"size": "51-250"}],
    )
    def test_each_filter_finds(self, acme, signed_in, asked):
        Company.objects.create(name="Bolt", industry="Iron", country="PL", employees=9)
        assert names(signed_in(Role.MARKETER), **asked) == ["Acme"]

    @pytest.mark.parametrize(
        "asked",
        [{"country": "??"}, {"size": "x"}, {"owner": "x"}, {"after": "x"}, {"after": "9" * 30}, {"search": "\0"}],
    )
    def test_what_cannot_be_read_filters_nothing(self, acme, signed_in, asked):
        assert names(signed_in(Role.MARKETER), **asked) == ["Acme"]

    def test_pages_follow_each_other_without_gap_or_repeat_and_cost_the_same(self, acme, signed_in):
        client = signed_in(Role.MARKETER)

        def queries():
            with CaptureQueriesContext(connection) as caught:
                client.get(LIST)
            return len(caught)

        few = queries()
        for number in range(60):
            made = Company.objects.create(name=f"Firm {number // 2}", owner=client.user)
            Lead.objects.create(email=f"a{number}@firm.example", company=made)
        assert queries() == few
        seen, url = [], LIST
        while url:
            context = client.get(url).context
            seen += [row.company.pk for row in context["rows"]]
            url = LIST + context["next_url"] if context["next_url"] else ""
        assert len(seen) == len(set(seen)) == 61


class TestPage:
    def test_people_stand_best_first_with_what_they_are_worth(self, world, signed_in):
        low = lead_upsert(feed="crm", values={"email": "low@acme.example", "first_name": "Low"}).lead
        high = lead_upsert(feed="crm", values={"email": "high@acme.example", "first_name": "High", "title": "CEO"}).lead
        world.settle()
        url = reverse("company", args=[low.company_id])
        text = signed_in(Role.MARKETER).get(url).content.decode()
        assert text.index("High") < text.index("Low")
        masked = signed_in(Role.AUDITOR).get(url).content.decode()
        assert "High" not in masked
        assert f"Lead {high.pk}" in masked

    def test_a_rep_reads_of_their_own_leads_only(self, acme, signed_in):
        rep = signed_in(Role.REP)
        Lead.objects.update(owner=rep.user)
        Lead.objects.create(first_name="Secret", company=acme)
        text = rep.get(reverse("company", args=[acme.pk])).content.decode()
        assert "Ann Archer" in text
        assert "Secret" not in text

    def test_an_edit_writes_what_changed_with_its_history(self, acme, signed_in):
        client = signed_in(Role.MARKETER)
        response = save(client, acme, industry="Iron", technologies="Django\r\nReact", owner=client.user.email)
        assert response.status_code == 302
        acme.refresh_from_db()
        assert (acme.industry, acme.technologies, acme.owner) == ("Iron", ["Django", "React"], client.user)
        fields = set(FactChange.objects.filter(subject_type="company").values_list("field", flat=True))
        assert fields == {"industry", "technologies", "owner"}
        text = client.get(reverse("company-history", args=[acme.pk])).content.decode()
        for word in ("Paper", "Iron", str(client.user)):
            assert word in text
        assert "Paper" not in signed_in(Role.AUDITOR).get(reverse("company-history", args=[acme.pk])).content.decode()

    def test_two_who_change_the_same_field_choose(self, acme, signed_in):
        client = signed_in(Role.MARKETER)
        was = form_of(client, acme)
        Company.objects.filter(pk=acme.pk).update(industry="Glass")
        response = save(client, acme, was=was, industry="Iron")
        assert response.status_code == 409
        assert "Glass" in response.content.decode()
        data = {name: str(value) for name, value in response.context["form"].data.items()}
        assert (
            client.post(reverse("company-edit", args=[acme.pk]), {**data, "keep-industry": "mine"}).status_code == 302
        )
        acme.refresh_from_db()
        assert acme.industry == "Iron"

    @pytest.mark.parametrize(
        ("domain", "sentence"),
        [
            ("gmail.com", "belongs to a mail provider"),
            ("nonsense", "This is no domain"),
            ("", "corrected, not taken away"),
        ],
    )
    def test_a_domain_that_cannot_be_is_refused_in_a_sentence(self, acme, signed_in, domain, sentence):
        response = save(signed_in(Role.MARKETER), acme, domain=domain)
        assert response.status_code == 422
        assert sentence in response.content.decode()

    def test_a_domain_that_is_taken_says_whose_and_offers_to_make_the_two_one(self, acme, signed_in):
        other = Company.objects.create(name="Other")
        lead = Lead.objects.create(email="o@other.example", company=other)
        client = signed_in(Role.MARKETER)
        text = save(client, other, domain="acme.example").content.decode()
        merge = reverse("company-merge", args=[other.pk, acme.pk])
        assert "Acme has this domain already" in text
        assert merge in text
        assert "cannot be undone" in client.get(merge).content.decode()
        assert client.post(merge).url == reverse("company", args=[acme.pk])
        lead.refresh_from_db()
        assert lead.company == acme
        assert client.get(reverse("company", args=[other.pk])).url == reverse("company", args=[acme.pk])
        assert names(client) == ["Acme"]

    @pytest.mark.parametrize("role", [Role.REP, Role.SALES_MANAGER, Role.AUDITOR])
    def test_only_who_may_merge_and_sees_all_leads_makes_two_one(self, acme, signed_in, role):
        client, other = signed_in(role), Company.objects.create(name="Other")
        Lead.objects.update(owner=client.user)
        url = reverse("company-merge", args=[acme.pk, other.pk])
        assert (client.get(url).status_code, client.post(url).status_code) == (403, 403)

    def test_a_parent_is_set_shown_and_taken_away_and_no_circle_is_closed(self, acme, signed_in):
        client, group = signed_in(Role.MARKETER), Company.objects.create(name="Group")
        url = reverse("company-parent", args=[acme.pk])
        client.post(url, {"parent": f"Group (#{group.pk})"})
        acme.refresh_from_db()
        assert acme.parent == group
        assert "Acme" in client.get(reverse("company", args=[group.pk])).content.decode()
        refused = client.post(reverse("company-parent", args=[group.pk]), {"parent": "Acme"}, follow=True)
        assert "below itself" in refused.content.decode()
        client.post(url, {"parent": ""})
        acme.refresh_from_db()
        assert acme.parent is None

    def test_the_page_costs_the_same_however_many_work_there(self, acme, signed_in):
        client = signed_in(Role.MARKETER)

        def queries():
            with CaptureQueriesContext(connection) as caught:
                assert client.get(reverse("company", args=[acme.pk])).status_code == 200
            return len(caught)

        sub = Company.objects.create(name="Sub")
        company_parent_set(company_id=sub.pk, parent_id=acme.pk)
        few = queries()
        for number in range(5):
            made = Company.objects.create(name=f"Sub {number}")
            company_parent_set(company_id=made.pk, parent_id=acme.pk)
            Lead.objects.create(email=f"b{number}@acme.example", company=acme, owner=client.user)
        assert queries() == few

    def test_hostile_text_is_shown_as_text(self, acme, signed_in):
        attack = "<img src=x onerror=alert(1)>"
        Company.objects.filter(pk=acme.pk).update(name=attack, industry=attack, attributes={attack: attack})
        client = signed_in(Role.MARKETER)
        for url in (LIST, *(reverse(name, args=[acme.pk]) for name in ("company", "company-edit", "company-history"))):
            assert attack not in client.get(url).content.decode()
