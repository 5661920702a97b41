"""The first run: nobody takes over an empty installation, and every step can be left, skipped and taken up again."""

import io
from datetime import timedelta
from urllib.parse import parse_qs, urlparse

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Installation, Role, User
from crm.models import Activity, ExternalId, Lead
from crm.services.leads import leads_upsert_many
from kernel.errors import ConflictError, NotAllowedError
from leadscore.first_run import company as demo_company
from leadscore.first_run.company import demo_ask, demo_fill, filling
from leadscore.first_run.link import setup_key
from leadscore.first_run.presets import presets_shown, rules_shown
from leadscore.first_run.services import administrator_create, company_set, preset_start, step_mark
from leadscore.first_run.steps import State, Step, first_run
from scoring.models import MatrixVersion, Score, ScoringModel
from scoring.services.rescoring import work_drain
from scoring.services.runs import runs_drain

pytestmark = pytest.mark.django_db
TYPED = {
    "name": "Ada Novak",
    "email": "Ada@Ours.example",
    "password": "correct horse battery",
    "time_zone": "Europe/Warsaw",
}


def link() -> str:
    printed = io.StringIO()
    call_command("setup_link", "--address", "http://testserver/", stdout=printed)
    address = urlparse(printed.getvalue().strip())
    return f"{address.path}?{address.query}"


@pytest.fixture
def ada(person) -> User:
    return person(Role.ADMINISTRATOR, time_zone="UTC")


@pytest.fixture
def browser(client, ada):
    client.force_login(ada)
    return client


def test_an_empty_installation_shows_strangers_nothing_but_set_up(client):
    response = client.get("/", follow=True)
    assert response.redirect_chain == [("/set-up/", 302)]
    page = response.content.decode()
    assert "setup_link" in page
    assert "<form" not in page.split("<main")[1]


def test_the_link_makes_the_first_administrator_and_signs_them_in(client):
    address = link()
    assert "That is you" in client.get(address).content.decode()
    response = client.post(address, TYPED)
    assert response.url == reverse("first-run")
    user = User.objects.get()
    assert (user.email, user.role, user.time_zone) == ("ada@ours.example", Role.ADMINISTRATOR, "Europe/Warsaw")
    assert user.check_password(TYPED["password"])
    assert client.session["_auth_user_id"] == str(user.pk)
    assert AuditEntry.objects.get(action="installation.set_up").actor == user


def test_the_link_is_dead_once_somebody_is_there(client, person):
    address = link()
    person(Role.REP)
    assert client.get(address).status_code == 410
    assert client.post(address, TYPED).status_code == 410
    assert User.objects.count() == 1
    with pytest.raises(ConflictError):
        administrator_create(key=setup_key(), email="b@ours.example", name="B", password="x")
    with pytest.raises(CommandError, match="set up already"):
        link()


@pytest.mark.parametrize("key", ["", "nonsense", "ImZpcnN0Ig:1abc:def"])
def test_without_the_link_nobody_becomes_an_administrator(client, key):
    client.post("/set-up/", TYPED, query_params={"key": key})
    assert not User.objects.exists()


def test_a_link_of_yesterday_is_refused_with_the_way_to_a_new_one(client):
    address = link()
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        response = client.post(address, TYPED)
    assert response.status_code == 403
    assert "too old" in response.content.decode()
    assert not User.objects.exists()


def test_a_weak_password_is_refused_and_what_was_typed_stays(client):
    response = client.post(link(), {**TYPED, "password": "short"})
    assert response.status_code == 422
    assert "Ada Novak" in response.content.decode()
    assert not User.objects.exists()


def test_only_administrators_find_the_first_run(client, person):
    for role in (Role.REP, Role.SALES_MANAGER, Role.MARKETER, Role.AUDITOR):
        client.force_login(person(role))
        for name in ("first-run", "first-run-arrivals", "first-run-scores", "first-run-handoffs"):
            assert client.get(reverse(name)).status_code == 404
        for name in ("first-run-key", "first-run-demo", "first-run-dismiss"):
            assert client.post(reverse(name)).status_code == 404
        assert client.post(reverse("first-run-step", args=["company"])).status_code == 404
    with pytest.raises(NotAllowedError):
        company_set(company="Ours", time_zone="UTC", by=person(Role.MARKETER))


def test_the_list_stands_on_the_home_page_until_it_is_put_away(browser):
    page = browser.get("/").content.decode()
    for step in Step:
        assert reverse("first-run-step", args=[step.value]) in page
    browser.post(reverse("first-run-dismiss"))
    assert browser.get("/").url == "/leads/"


def test_every_page_leads_an_administrator_back_to_the_list_until_it_is_put_away(browser, person, client):
    assert "Set-up: 0 of 6" in browser.get("/leads/").content.decode()
    browser.post(reverse("first-run-dismiss"))
    assert "Set-up:" not in browser.get("/leads/").content.decode()
    Installation.objects.update(finished_at=None)
    client.force_login(person(Role.MARKETER))
    assert "Set-up:" not in client.get("/leads/").content.decode()


def test_an_installation_that_judged_before_there_was_a_first_run_is_not_asked_to_begin(browser, ada):
    preset_start(slug="b2b_saas", by=ada)
    Installation.objects.all().delete()
    assert browser.get("/").url == "/leads/"


def test_company_and_zone_are_kept_and_the_zone_becomes_the_matrix_s(browser, ada):
    response = browser.post(reverse("first-run-step", args=["company"]), {"company": "Ours", "time_zone": "Asia/Tokyo"})
    assert response.url == reverse("first-run-step", args=["people"])
    browser.post(reverse("first-run-step", args=["preset"]), {"preset": "education"})
    assert ScoringModel.objects.get().time_zone == "Asia/Tokyo"
    ada.refresh_from_db()
    assert ada.time_zone == "Asia/Tokyo"


def test_what_was_mistyped_stays_in_the_form(browser):
    response = browser.post(reverse("first-run-step", args=["company"]), {"company": "Ours", "time_zone": "Mars/North"})
    assert response.status_code == 422
    assert 'value="Ours"' in response.content.decode()
    assert not Installation.objects.exclude(company="").exists()


def test_a_step_can_be_skipped_and_taken_later(browser, ada):
    response = browser.post(reverse("first-run-skip", args=["company"]))
    assert response.url == reverse("first-run-step", args=["people"])
    assert first_run().steps[0].state is State.SKIPPED
    assert browser.get(reverse("first-run")).url == reverse("first-run-step", args=["people"])
    company_set(company="Ours", time_zone="UTC", by=ada)
    assert first_run().steps[0].state is State.DONE


def test_several_people_are_invited_at_once_and_one_wrong_address_invites_nobody(browser, ada, mailoutbox):
    rows = [("rita@ours.example", "rep"), ("not an address", "marketer")]
    response = browser.post(reverse("first-run-step", args=["people"]), invitations(rows))
    assert response.status_code == 422
    assert "rita@ours.example" in response.content.decode()
    rows[1] = (ada.email, "marketer")
    response = browser.post(reverse("first-run-step", args=["people"]), invitations(rows))
    assert response.status_code == 422
    assert User.objects.count() == 1
    rows[1] = ("mia@ours.example", "marketer")
    browser.post(reverse("first-run-step", args=["people"]), invitations(rows))
    assert dict(User.objects.exclude(pk=ada.pk).values_list("email", "role")) == {
        "rita@ours.example": "rep",
        "mia@ours.example": "marketer",
    }
    assert [mail.to for mail in mailoutbox] == [["rita@ours.example"], ["mia@ours.example"]]


def invitations(rows: list[tuple[str, str]]) -> dict[str, str]:
    sent = {"form-TOTAL_FORMS": "4", "form-INITIAL_FORMS": "0"}
    for number in range(4):
        email, role = rows[number] if number < len(rows) else ("", "rep")
        sent |= {f"form-{number}-email": email, f"form-{number}-name": "", f"form-{number}-role": role}
    return sent


def test_every_preset_is_offered_with_what_it_wants_to_know_and_a_reason_for_every_rule(browser):
    page = browser.get(reverse("first-run-step", args=["preset"])).content.decode()
    for preset in presets_shown():
        assert str(preset.good_for) in page.replace("&#x27;", "'")
        assert preset.needs
        rules = rules_shown(preset.slug)
        assert [rule.label for rule in rules if not rule.reason] == []
        assert browser.get(reverse("first-run-preset", args=[preset.slug])).status_code == 200


def test_a_preset_is_published_once_with_a_reason(browser, ada):
    browser.post(reverse("first-run-step", args=["preset"]), {"preset": "b2b_saas"})
    version = MatrixVersion.objects.get()
    assert (version.number, version.state, version.published_by) == (1, "published", ada)
    assert "B2B SaaS" in version.publish_reason
    response = browser.post(reverse("first-run-step", args=["preset"]), {"preset": "education"})
    assert response.status_code == 409
    assert MatrixVersion.objects.count() == 1


def test_no_preset_chosen_is_said_and_publishes_nothing(browser):
    assert browser.post(reverse("first-run-step", args=["preset"]), {"preset": "none"}).status_code == 422
    assert not MatrixVersion.objects.exists()


def test_the_first_key_is_shown_once_and_the_line_brings_a_lead(browser, client):
    response = browser.post(reverse("first-run-key"), {"feed": "website"})
    secret = response.context["secret"]
    assert secret in response.content.decode()
    assert secret not in browser.get(reverse("first-run-step", args=["leads"])).content.decode()
    sent = client.post(
        "/api/v1/leads",
        {"external_id": "first-1", "email": "ada@mill.example"},
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )
    assert sent.status_code in {200, 201}
    shown = browser.get(reverse("first-run-arrivals")).content.decode()
    assert "A program has called" in shown
    assert "ada@mill.example" in shown


def test_the_demo_company_comes_in_batch_by_batch_whoever_stops_and_only_once(ada, monkeypatch):
    monkeypatch.setattr(demo_company, "LEADS", 30)
    monkeypatch.setattr(demo_company, "BATCH", 20)
    demo_ask(by=ada)
    assert demo_ask(by=ada).total == 30
    assert demo_fill() == 20
    assert filling(Installation.current()).done == 20
    assert demo_fill() == 10
    assert demo_fill() == 0
    assert Lead.objects.count() == 30
    assert ExternalId.objects.filter(feed="demo").count() == 30
    activities = Activity.objects.count()
    row = Installation.objects.get()
    row.steps["demo"]["done"] = 0
    row.save()
    assert demo_fill() + demo_fill() == 30
    assert (Lead.objects.count(), Activity.objects.count()) == (30, activities)
    assert User.objects.count() == 1, "no people who could sign in"


def test_the_demo_company_does_not_come_among_real_leads(ada, browser):
    leads_upsert_many(feed="crm", items=[{"external_id": "1", "email": "real@ours.example"}])
    with pytest.raises(ConflictError, match="leads here already"):
        demo_ask(by=ada)
    assert demo_fill() == 0


def test_a_step_marked_while_the_demo_comes_in_keeps_how_far_it_is(ada, monkeypatch):
    monkeypatch.setattr(demo_company, "LEADS", 3)
    demo_ask(by=ada)
    step_mark(step=Step.COMPANY, state=State.SKIPPED, by=ada)
    assert demo_fill() == 3
    assert filling(Installation.current()).is_done
    assert first_run().steps[0].state is State.SKIPPED


def test_the_scores_are_shown_with_the_best_and_why(browser, ada, monkeypatch):
    monkeypatch.setattr(demo_company, "LEADS", 20)
    scores = reverse("first-run-scores")
    assert "Nothing judges yet" in browser.get(scores).content.decode()
    preset_start(slug="b2b_saas", by=ada)
    assert "No leads yet" in browser.get(scores).content.decode()
    demo_ask(by=ada)
    demo_fill()
    assert "being worked out" in browser.get(scores).content.decode()
    work_drain()
    runs_drain()
    shown = browser.get(scores)
    best = Score.objects.order_by("-total", "lead_id").first()
    page = shown.content.decode()
    assert reverse("lead", args=[best.lead_id]) in page
    assert "20 of 20 leads scored" in page
    assert sum(bar.leads for bar in shown.context["scores"].bars) == 20
    assert "every 2s" not in page, "nothing moves, so nothing is asked again"


def test_reps_without_capacity_are_pointed_out_and_the_end_leads_to_the_queue(browser, person):
    person(Role.REP, name="Rita Reyes", weekly_capacity=0)
    page = browser.get(reverse("first-run-step", args=["queue"])).content.decode()
    assert "Rita Reyes" in page
    assert browser.post(reverse("first-run-step", args=["queue"])).url == reverse("queue")
    assert Installation.objects.get().finished_at is not None
    assert browser.get("/").url == "/leads/"


def test_the_key_in_the_link_is_no_part_of_the_path_that_logs_keep():
    assert set(parse_qs(urlparse(link()).query)) == {"key"}
    assert urlparse(link()).path == "/set-up/"
