"""The pages about people, keys, the audit log and oneself: who sees what, and what each answers."""

import csv
import io

import pytest
from django.urls import reverse

from accounts.models import ApiKey, AuditEntry, Notification, Role, Scope, Team, User
from accounts.services import api_key_create, audit_record, notify
from accounts.services.inviting import invitation_token, person_invite

pytestmark = pytest.mark.django_db
ROLES = (None, Role.REP, Role.SALES_MANAGER, Role.MARKETER, Role.ADMINISTRATOR, Role.AUDITOR)
# What nobody, rep, manager, marketer, administrator and auditor are answered.
PAGES = {
    "people": (302, 404, 200, 404, 200, 200),
    "teams": (302, 404, 404, 404, 200, 404),
    "person-invite": (302, 404, 404, 404, 200, 404),
    "keys": (302, 404, 200, 404, 200, 200),
    "key-new": (302, 404, 200, 404, 200, 404),
    "audit": (302, 404, 404, 404, 200, 200),
    "profile": (302, 200, 200, 200, 200, 200),
    "notifications": (302, 200, 200, 200, 200, 200),
    "notification-bell": (302, 200, 200, 200, 200, 200),
}
LONG = "Wolfeschlegelsteinhausenbergerdorff " * 5
HOSTILE = '"><script>alert(1)</script>'


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_for_whom_it_is(name, role, signed_in, client):
    browser = signed_in(role) if role else client
    assert browser.get(reverse(name)).status_code == PAGES[name][ROLES.index(role)]


@pytest.mark.parametrize("role", ROLES)
def test_a_person_of_ones_team_and_of_another_opens_as_far_as_the_role_reaches(role, signed_in, client, person):
    mate, other = person(Role.REP), person(Role.REP, team=Team.objects.create(name="West"))
    browser = signed_in(role) if role else client
    expected = {
        None: (302, 302),
        Role.SALES_MANAGER: (200, 404),
        Role.ADMINISTRATOR: (200, 200),
        Role.AUDITOR: (200, 200),
    }
    got = tuple(browser.get(reverse("person", args=[each.pk])).status_code for each in (mate, other))
    assert got == expected.get(role, (404, 404))


@pytest.mark.parametrize("role", [Role.REP, Role.SALES_MANAGER, Role.MARKETER, Role.AUDITOR])
def test_only_administrators_invite_reset_and_take_back(role, signed_in, person):
    rep = person(Role.REP)
    client = signed_in(role)
    for name in ("person-invite-again", "person-invite-revoke", "person-second-factor"):
        assert client.post(reverse(name, args=[rep.pk])).status_code in {403, 404}
    assert client.post(reverse("person-invite"), {"email": "x@y.example"}).status_code in {403, 404}
    assert not AuditEntry.objects.exists()


def test_an_auditor_reads_a_person_and_saves_nothing(signed_in, person):
    rep = person(Role.REP)
    client, url = signed_in(Role.AUDITOR), reverse("person", args=[rep.pk])
    assert "Save" not in client.get(url).content.decode()
    assert client.post(url, {"weekly_capacity": 1}).status_code == 404


def test_a_manager_is_offered_capacity_and_absence_only(signed_in, person):
    rep = person(Role.REP)
    client, url = signed_in(Role.SALES_MANAGER), reverse("person", args=[rep.pk])
    text = client.get(url).content.decode()
    assert 'name="weekly_capacity"' in text
    assert 'name="role"' not in text
    client.post(url, {"weekly_capacity": 3, "absent_until": "2026-05-01", "role": "administrator", "name": "X"})
    rep.refresh_from_db()
    assert (rep.weekly_capacity, rep.role, str(rep.absent_until)) == (3, Role.REP, "2026-05-01")


def test_a_refusal_is_shown_in_the_form(signed_in):
    client = signed_in(Role.ADMINISTRATOR)
    me = client.user
    form = {"name": me.name, "role": "rep", "team": me.team_id, "weekly_capacity": 0, "time_zone": "UTC"}
    answer = client.post(reverse("person", args=[me.pk]), form)
    assert answer.status_code == 422
    assert "This is the last administrator" in answer.content.decode()


def test_the_list_is_searched_and_filtered_and_shows_who_left_only_when_asked(signed_in, person):
    client = signed_in(Role.ADMINISTRATOR)
    west = Team.objects.create(name="West")
    person(name="Rita Reyes"), person(name="Wim West", team=west), person(name="Gone Girl", is_active=False)

    def names(**query):
        return [
            one.name for one in client.get(reverse("people"), query).context["page"].object_list if one != client.user
        ]

    assert names() == ["Rita Reyes", "Wim West"]
    assert names(search="rey RITA") == ["Rita Reyes"]
    assert names(team=west.pk) == ["Wim West"]
    assert names(left="1") == ["Gone Girl", "Rita Reyes", "Wim West"]
    assert names(search="a\x00b", team="9" * 40, page="x") == []


@pytest.mark.parametrize("name", ["people", "keys", "audit", "notifications", "teams"])
def test_the_queries_of_a_list_do_not_grow_with_its_rows(name, signed_in, person, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = signed_in(Role.ADMINISTRATOR)

    def grow():
        who = person()
        Team.objects.create(name=f"Team {who.pk}")
        api_key_create(name="K", feed=f"f{who.pk}", scopes=["tracker"], by=client.user)
        notify(users=[client.user], kind="erasure_requested", params={"lead": who.pk}, url="/leads/1/")

    def asked():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(reverse(name)).status_code == 200
        return len(queries)

    grow()
    asked()
    few = asked()
    for _more in range(5):
        grow()
    assert asked() == few


def test_long_and_hostile_names_stay_text(signed_in, person):
    client = signed_in(Role.ADMINISTRATOR)
    one = person(name=HOSTILE + LONG[:150], team=Team.objects.create(name=HOSTILE + LONG[:150]))
    for url in (reverse("people"), reverse("person", args=[one.pk]), reverse("teams")):
        text = client.get(url).content.decode()
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)" in text


# Invitations


def invite(client, **fields):
    form = {"email": "nora@ours.example", "name": "Nora New", "role": "rep", "weekly_capacity": 5, "time_zone": "UTC"}
    return client.post(reverse("person-invite"), {**form, **fields})


def test_an_invitation_is_mailed_with_a_link_that_lets_in(signed_in, mailoutbox, client):
    answer = invite(signed_in(Role.ADMINISTRATOR))
    assert answer.status_code == 200
    assert "is on its way to nora@ours.example" in answer.content.decode()
    link = next(line for line in mailoutbox[0].body.splitlines() if "/invitation/" in line)
    assert link not in answer.content.decode()
    path = link.removeprefix("http://testserver")
    assert "nora@ours.example" in client.get(path).content.decode()
    done = client.post(path, {"name": "Nora", "password": "a sentence nobody guesses", "time_zone": "Europe/Berlin"})
    assert done.url == "/"
    assert int(client.session["_auth_user_id"]) == User.objects.get(email="nora@ours.example").pk
    again = client.get(path)
    assert again.status_code == 410
    assert "was used or taken back" in again.content.decode()


def test_without_mail_the_link_is_shown_once_and_kept_nowhere(signed_in, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    client = signed_in(Role.ADMINISTRATOR)
    answer = invite(client)
    assert "http://testserver/invitation/" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert "/invitation/" not in client.get(reverse("people")).content.decode()


def test_who_is_here_already_is_not_invited_again(signed_in, person, mailoutbox):
    person(email="nora@ours.example")
    answer = invite(signed_in(Role.ADMINISTRATOR))
    assert answer.status_code == 422
    assert "is here already" in answer.content.decode()
    assert mailoutbox == []


def test_a_new_person_begins_in_the_zone_of_the_installation(signed_in):
    from accounts.models import Installation

    Installation.objects.create(pk=1, company="Ours", time_zone="Asia/Tokyo")
    text = signed_in(Role.ADMINISTRATOR).get(reverse("person-invite")).content.decode()
    assert '<option value="Asia/Tokyo" selected>' in text


def test_a_weak_password_is_said_in_the_form_and_the_link_stays(person, client):
    fields = {"name": "N", "role": Role.REP, "time_zone": "UTC", "weekly_capacity": 0}
    nora = person_invite(email="nora@ours.example", fields=fields, by=person(Role.ADMINISTRATOR))
    url = reverse("invitation", args=[invitation_token(nora)])
    answer = client.post(url, {"name": "Nora", "password": "short", "time_zone": "UTC"})
    assert answer.status_code == 422
    assert "at least 12 characters" in answer.content.decode()
    assert client.get(url).status_code == 200


def test_a_broken_link_says_whom_to_ask(client, db):
    answer = client.get("/invitation/nonsense/")
    assert answer.status_code == 410
    assert "ask your administrator" in answer.content.decode()


# Keys


def test_a_key_is_shown_once_with_a_call_to_try_and_never_again(signed_in):
    client = signed_in(Role.ADMINISTRATOR)
    form = {"name": "CRM", "feed": "crm", "scopes": ["crm:sync"], "expires_on": "2100-01-01"}
    answer = client.post(reverse("key-new"), form)
    text = answer.content.decode()
    key = ApiKey.objects.get()
    secret = answer.context["secret"]
    assert secret in text
    assert "no-store" in answer["Cache-Control"]
    assert "curl --fail-with-body http://testserver/api/v1/leads" in text
    assert (key.scopes, key.expires_at.year) == (["crm:sync"], 2100)
    assert secret not in client.get(reverse("keys")).content.decode()
    assert AuditEntry.objects.filter(action="api_key.create", subject_id=key.pk).count() == 1


@pytest.mark.parametrize("scope", [Scope.CRM_SYNC, Scope.ACTIVITIES_WRITE])
def test_the_call_to_try_works_as_it_is_given(scope, signed_in, client):
    answer = signed_in(Role.ADMINISTRATOR).post(reverse("key-new"), {"name": "K", "feed": "f", "scopes": [scope.value]})
    curl = answer.context["curl"]
    address = curl.split("http://testserver")[1].split()[0]
    body = (
        curl.split("--data '", 1)[1].rstrip("'").replace("'\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\"'", "2026-03-01T10:00:00Z")
    )
    done = client.post(
        address, body, content_type="application/json", headers={"Authorization": f"Bearer {answer.context['secret']}"}
    )
    assert done.status_code < 300, done.content


def test_a_manager_gives_no_key_that_reads_and_sees_those_of_the_team(signed_in, person):
    client = signed_in(Role.SALES_MANAGER)
    assert "crm:sync" not in client.get(reverse("key-new")).content.decode()
    assert client.post(reverse("key-new"), {"name": "K", "feed": "f", "scopes": ["crm:sync"]}).status_code == 422
    other = person(Role.ADMINISTRATOR, team=Team.objects.create(name="West"))
    theirs, _secret = api_key_create(name="Secret plans", feed="f", scopes=["tracker"], by=other)
    assert "Secret plans" not in client.get(reverse("keys")).content.decode()
    assert client.post(reverse("key-revoke", args=[theirs.pk])).status_code == 404


def test_a_key_is_revoked_after_a_question_and_by_who_manages_only(signed_in):
    client = signed_in(Role.ADMINISTRATOR)
    key, _secret = api_key_create(name="K", feed="f", scopes=["tracker"], by=client.user)
    url = reverse("key-revoke", args=[key.pk])
    assert signed_in(Role.AUDITOR).post(url).status_code == 404
    assert "Revoke the key" in client.get(url).content.decode()
    key.refresh_from_db()
    assert key.is_live
    client.post(url)
    client.post(url)
    key.refresh_from_db()
    assert not key.is_live
    assert AuditEntry.objects.filter(action="api_key.revoke").count() == 1


# Audit log


def test_the_audit_log_is_searched_by_who_what_about_and_day(signed_in, person):
    client = signed_in(Role.AUDITOR)
    ada = person(Role.ADMINISTRATOR, name="Ada Novak")
    audit_record(action="lead.erase", subject_type="lead", subject_id=7, actor=ada)
    audit_record(action="team.create", subject_type="team", subject_id=7)

    def found(**query):
        return [row["entry"].action for row in client.get(reverse("audit"), query).context["entries"]]

    assert found() == ["team.create", "lead.erase"]
    assert found(who="nova") == ["lead.erase"]
    assert found(action="erased a") == found(action="lead.er") == ["lead.erase"]
    assert found(subject="team", number=7) == ["team.create"]
    assert found(since="2100-01-01") == found(until="2000-01-01") == []
    assert "Ada Novak" in client.get(reverse("audit")).content.decode()
    for bad in ({"since": "9999-12-31"}, {"number": "9" * 30}, {"before": "9" * 40}, {"who": "\x00"}, {"subject": "x"}):
        assert client.get(reverse("audit"), bad).status_code == 200


def test_the_audit_log_is_paged_without_gaps(signed_in):
    client = signed_in(Role.AUDITOR)
    made = [audit_record(action="team.create", subject_type="team", subject_id=n + 1).pk for n in range(120)]
    url, seen = reverse("audit"), []
    while url:
        answer = client.get(url)
        seen += [row["entry"].pk for row in answer.context["entries"]]
        url = answer.context["next_url"] and reverse("audit") + answer.context["next_url"]
    assert seen == made[::-1]


def test_the_audit_log_is_exported_without_formulas_and_the_export_is_an_entry(signed_in, person):
    client = signed_in(Role.AUDITOR)
    audit_record(action="team.create", subject_type="team", subject_id=1, actor=person(name="=HYPERLINK(1)"))
    audit_record(action="lead.erase", subject_type="lead", subject_id=1)
    answer = client.post(reverse("audit-export"), {"subject": "team", "who": "hyper"})
    assert answer["Content-Type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [row[2] for row in rows[1:]] == ["'=HYPERLINK(1)"]
    entry = AuditEntry.objects.get(action="audit.export")
    assert (entry.actor, entry.details) == (client.user, {"subject": "team"})
    assert signed_in(Role.MARKETER).post(reverse("audit-export")).status_code == 404


# Oneself


def test_a_profile_is_saved_with_settings_of_notifications(signed_in):
    client = signed_in(Role.MARKETER)
    form = {
        "name": "Mia",
        "time_zone": "Europe/Berlin",
        "shown_kinds": ["import_done"],
        "emailed_kinds": ["import_failed"],
    }
    assert client.post(reverse("profile"), {**form, "role": "administrator"}).status_code == 302
    client.user.refresh_from_db()
    assert (client.user.name, client.user.time_zone, client.user.role) == ("Mia", "Europe/Berlin", Role.MARKETER)
    assert "import_done" not in client.user.muted_kinds
    assert {"import_failed", "erasure_requested"} <= set(client.user.muted_kinds)
    assert client.user.emailed_kinds == ["import_failed"]
    answer = client.post(reverse("profile"), {**form, "absent_from": "2026-03-01"})
    assert (answer.status_code, "Say until when" in answer.content.decode()) == (422, True)


def test_a_zone_that_is_not_on_the_list_stays_as_it_is(signed_in):
    client = signed_in(Role.REP)
    User.objects.filter(pk=client.user.pk).update(time_zone="EST5EDT")
    client.post(reverse("profile"), {"name": "Rita", "time_zone": "EST5EDT"})
    client.user.refresh_from_db()
    assert (client.user.name, client.user.time_zone) == ("Rita", "EST5EDT")
    assert client.post(reverse("profile"), {"name": "Rita", "time_zone": "Mars/Olympus"}).status_code == 422


def test_notifications_are_read_one_by_one_and_all_and_only_ones_own(signed_in, person):
    client, other = signed_in(Role.ADMINISTRATOR), signed_in(Role.ADMINISTRATOR)
    notify(users=[client.user] * 3, kind="erasure_requested", params={"lead": 7}, url="/leads/7/")
    rows = list(Notification.objects.all())
    assert "Notifications: 3 unread" in client.get(reverse("notification-bell")).content.decode()
    assert other.post(reverse("notification-open", args=[rows[0].pk])).status_code == 404
    assert client.post(reverse("notification-open", args=[rows[0].pk])).url == "/leads/7/"
    assert client.post(reverse("notification-open", args=[rows[1].pk]), {"stay": "1"}).url == reverse("notifications")
    assert client.get(reverse("notifications")).context["rows"][0]["notification"].pk == rows[2].pk
    client.post(reverse("notifications-read"))
    assert "unread" not in client.get(reverse("notification-bell")).content.decode()


def test_a_notification_leads_to_no_other_host(signed_in):
    client = signed_in(Role.REP)
    (row,) = notify(users=[client.user], kind="import_done", params={}, url="https://evil.example/")
    assert client.post(reverse("notification-open", args=[row.pk])).url == reverse("notifications")


@pytest.mark.parametrize("role", ROLES[1:])
def test_the_menu_offers_only_what_opens(role, signed_in):
    client = signed_in(role)
    text = client.get(reverse("profile")).content.decode()
    for name in ("people", "keys", "audit"):
        opens = PAGES[name][ROLES.index(role)] == 200
        assert (f'href="{reverse(name)}"' in text) is opens
