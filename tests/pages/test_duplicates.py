"""The pages about pairs: who sees them, telling apart, merging with a choice per field, and undoing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, Team
from crm import bell
from crm.models import Lead, LeadMerge, PossibleDuplicate
from crm.services.duplicates_finding import duplicates_find
from crm.services.leads import lead_update, lead_upsert

pytestmark = pytest.mark.django_db
PAGE = "/leads/duplicates/"


def lead(**values):
    return lead_upsert(feed="crm", values=values).lead


@pytest.fixture
def twins(db):
    one = lead(
        external_id="1",
        email="ann.lee@gmail.com",
        first_name="Ann",
        last_name="Lee",
        title="CTO",
        attributes={"plan": "pro"},
    )
    other = lead(
        external_id="2",
        email="annlee+x@gmail.com",
        first_name="Anne",
        last_name="Lee",
        city="Bonn",
        attributes={"plan": "free"},
    )
    duplicates_find()
    return one, other


def merge_of(one, other):
    return f"/leads/merge/?first={one.pk}&second={other.pk}"


def test_both_stand_side_by_side_with_why(twins, signed_in):
    text = signed_in(Role.MARKETER).get(PAGE).content.decode()
    for shown in ("Ann Lee", "Anne Lee", "ann.lee@gmail.com", "The same mailbox", "95 %"):
        assert shown in text


@pytest.mark.parametrize(("role", "status"), [(Role.REP, 403), (Role.AUDITOR, 404), (Role.SALES_MANAGER, 200)])
def test_who_may_not_merge_has_none_of_these_pages(twins, signed_in, role, status):
    browser = signed_in(role)
    assert browser.get(PAGE).status_code == status
    assert browser.get("/leads/merges/").status_code == status
    pair = PossibleDuplicate.objects.get()
    if status != 200:
        assert browser.get(merge_of(*twins)).status_code == status
        for address in ("look/", f"{pair.pk}/different/", f"{pair.pk}/again/"):
            assert browser.post(PAGE + address).status_code == status
        assert browser.post("/leads/merge/", {}).status_code == status
    assert PossibleDuplicate.objects.filter(settled_at=None).count() == 1


def test_a_manager_sees_only_pairs_of_which_both_are_the_teams(twins, signed_in, person):
    manager = person(Role.SALES_MANAGER)
    browser = signed_in(manager)
    pair = PossibleDuplicate.objects.get()
    Lead.objects.filter(pk=twins[0].pk).update(owner=manager)
    assert "Ann Lee" not in browser.get(PAGE).content.decode()
    assert browser.get(merge_of(*twins)).status_code == 404
    assert browser.post(f"{PAGE}{pair.pk}/different/").status_code == 404

    Lead.objects.filter(pk=twins[1].pk).update(owner=person(Role.REP))
    assert "Ann Lee" in browser.get(PAGE).content.decode()
    Lead.objects.filter(pk=twins[1].pk).update(owner=person(Role.REP, team=Team.objects.create(name="Other")))
    assert "Ann Lee" not in browser.get(PAGE).content.decode()


def test_telling_apart_and_suggesting_again(twins, signed_in):
    browser = signed_in(Role.ADMINISTRATOR)
    pair = PossibleDuplicate.objects.get()
    assert "Told apart" in browser.post(f"{PAGE}{pair.pk}/different/", follow=True).content.decode()
    assert "No possible duplicates" in browser.get(PAGE).content.decode()
    assert browser.get(f"{PAGE}?settled=different").content.decode().count("Suggest again") == 1
    browser.post(f"{PAGE}{pair.pk}/again/")
    assert "Anne Lee" in browser.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("asked", "count"),
    [("reason=email", 1), ("reason=phone", 0), ("reason=nonsense&cursor=x.y", 1), ("cursor=10.5", 0)],
)
def test_pairs_are_filtered_by_why(twins, signed_in, asked, count):
    assert len(signed_in(Role.MARKETER).get(f"{PAGE}?{asked}").context["pairs"]) == count


def test_pages_follow_each_other_and_cost_the_same(signed_in):
    browser = signed_in(Role.MARKETER)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(PAGE).status_code == 200
        return len(queries)

    def more(count, first):
        leads = [
            lead(external_id=f"{first}{number}", email=f"{first}{number}@x.example", company={"name": "A"})
            for number in range(2 * count)
        ]
        for one, other in zip(leads[::2], leads[1::2], strict=True):
            PossibleDuplicate.objects.create(first=one, second=other, reason="visitor", likeness=60 + one.pk % 3)

    more(2, "a")
    few = asked()
    more(28, "b")
    assert asked() == few
    first = browser.get(PAGE)
    second = browser.get(PAGE + first.context["next_url"])
    shown = [row["pair"].pk for page in (first, second) for row in page.context["pairs"]]
    assert len(shown) == len(set(shown)) == 30
    assert second.context["next_url"] == ""


def test_looking_now_rings_a_worker_once_committed(signed_in, monkeypatch, django_capture_on_commit_callbacks):
    rung = []
    monkeypatch.setattr(bell, "_duplicates", type("Bell", (), {"ring": staticmethod(lambda: rung.append(1))}))
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(Role.MARKETER).post(f"{PAGE}look/")
    assert rung == [1]


def form_of(response):
    """What the form of the merge page sends as it stands."""
    context = response.context
    return {
        "survivor": context["survivor"].pk,
        "merged": context["merged"].pk,
        "survivor_revision": context["survivor"].revision,
        "merged_revision": context["merged"].revision,
        **{row["name"]: row["stays"] for row in context["rows"]},
    }


def test_a_choice_per_field_decides_what_stays_and_undoing_gives_it_back(twins, signed_in):
    one, other = twins
    browser = signed_in(Role.MARKETER)
    page = browser.get(merge_of(*twins))
    sent = form_of(page)
    assert (sent["keep:title"], sent["keep:city"], sent["keep:email"]) == ("survivor", "merged", "survivor")

    answer = browser.post("/leads/merge/", {**sent, "keep:first_name": "merged", "keep:attributes.plan": "merged"})

    assert (answer.status_code, answer.url) == (302, f"/leads/{one.pk}/")
    one.refresh_from_db()
    assert (one.first_name, one.title, one.city, one.attributes) == ("Anne", "CTO", "Bonn", {"plan": "free"})
    merge = LeadMerge.objects.get()
    assert merge.merged_by == browser.user
    assert "Anne Lee" in browser.get("/leads/merges/").content.decode()

    browser.post(f"/leads/merges/{merge.pk}/undo/")
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.first_name, one.city, other.merged_into) == ("Ann", "", None)
    assert "undone already" in browser.post(f"/leads/merges/{merge.pk}/undo/", follow=True).content.decode()


def test_the_other_one_may_stay(twins, signed_in):
    page = signed_in(Role.MARKETER).get(f"{merge_of(*twins)}&survivor={twins[1].pk}")
    assert (page.context["survivor"], page.context["merged"]) == (twins[1], twins[0])


def test_who_looked_before_a_change_is_asked_again_with_what_they_chose(twins, signed_in):
    browser = signed_in(Role.MARKETER)
    sent = form_of(browser.get(merge_of(*twins)))
    lead_update(lead_id=twins[1].pk, values={"title": "CEO"})

    answer = browser.post("/leads/merge/", {**sent, "keep:first_name": "merged"})

    assert answer.status_code == 409
    assert "changed while you looked" in answer.content.decode()
    assert form_of(answer)["keep:first_name"] == "merged"
    assert not LeadMerge.objects.exists()
    assert browser.post("/leads/merge/", form_of(answer)).status_code == 302


def test_the_other_lead_is_looked_for_by_name(twins, signed_in):
    browser = signed_in(Role.MARKETER)
    address = f"/leads/merge/?first={twins[0].pk}"
    assert "Who is the same person?" in browser.get(address).content.decode()
    found = browser.get(f"{address}&search=anne").content.decode()
    assert f"second={twins[1].pk}" in found
    assert f"second={twins[0].pk}" not in found
    assert "No other lead matches" in browser.get(f"{address}&search=nobody").content.decode()


@pytest.mark.parametrize("asked", ["", "first=x", "first=1&second=99999999", "first=99999999999999999999"])
def test_what_names_no_two_leads_is_not_found(twins, signed_in, asked):
    browser = signed_in(Role.MARKETER)
    assert browser.get(f"/leads/merge/?{asked}").status_code == 404
    assert browser.get(f"/leads/merge/?first={twins[0].pk}&second={twins[0].pk}").status_code == 404
    assert browser.post("/leads/merge/", {"survivor": "x"}).status_code == 404


@pytest.mark.parametrize(("role", "is_offered"), [(Role.MARKETER, True), (Role.AUDITOR, False)])
def test_the_page_of_a_lead_leads_to_merging_it(twins, signed_in, role, is_offered):
    text = signed_in(role).get(f"/leads/{twins[0].pk}/").content.decode()
    assert (f"/leads/merge/?first={twins[0].pk}" in text) is is_offered
