"""Somebody leaves the company, by the pages an administrator uses."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Role, User
from crm.models import Lead
from tests.e2e.company import Company

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_rep_leaves_and_a_colleague_takes_over(company: Company, open_page: Callable[..., Page]) -> None:
    rita = company.people[Role.REP]
    zoe = User.objects.create_user(
        "zoe@ours.example", None, name="Zoe", role=Role.REP, team=rita.team, weekly_capacity=40
    )
    User.objects.filter(pk=rita.pk).update(last_login=rita.created_at)
    Lead.objects.filter(pk__in=[lead.pk for lead in Lead.objects.order_by("pk")[:2]]).update(owner=rita)
    hers = Lead.objects.filter(owner=rita).count()
    leaver = open_page(rita)
    leaver.goto("/queue/")
    page = open_page(company.people[Role.ADMINISTRATOR], width=390)
    page.goto(f"/people/{rita.pk}/")
    page.get_by_role("link", name="Leaves the company").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("leaves the company")
    page.get_by_label("Who takes over").select_option(label="Zoe (Sales rep, Inside sales)")
    page.get_by_role("button", name="Let them leave").click()
    expect(page.get_by_text("has left and can no longer sign in")).to_be_visible()
    assert Lead.objects.filter(owner=zoe).count() == hers
    # What the leaver has open ends with the next click.
    leaver.goto("/queue/")
    expect(leaver.get_by_role("button", name="Sign in")).to_be_visible()
    successor = open_page(zoe)
    successor.goto("/queue/")
    successor.locator("#bell").click()
    expect(successor.get_by_text("of Rita Reyes are yours now")).to_be_visible()
