"""What may be changed about whom, and what it brings with it."""

import threading
from datetime import date

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection

from accounts.models import AuditEntry, Role, Team, User
from accounts.services.people import person_change, profile_change, second_factor_reset, team_save
from kernel.errors import ConflictError, InvalidError, LeadscoreError, NotAllowedError

pytestmark = pytest.mark.django_db


def test_an_administrator_changes_anything_and_it_is_written_down(admin, person):
    rep = person(Role.REP)
    west = Team.objects.create(name="West")
    person_change(person_id=rep.pk, changes={"role": Role.SALES_MANAGER, "team": west, "weekly_capacity": 5}, by=admin)
    rep.refresh_from_db()
    assert (rep.role, rep.team, rep.weekly_capacity) == (Role.SALES_MANAGER, west, 5)
    entry = AuditEntry.objects.get(action="user.change")
    assert entry.details["fields"] == ["role", "team", "weekly_capacity"]
    assert entry.details["role"] == ["rep", "sales_manager"]


def test_nothing_is_written_down_where_nothing_changed(admin, person):
    rep = person(Role.REP)
    person_change(person_id=rep.pk, changes={"role": Role.REP, "name": rep.name}, by=admin)
    assert not AuditEntry.objects.exists()


def test_a_manager_arranges_capacity_and_absence_of_the_team_and_nothing_else(person):
    manager, rep = person(Role.SALES_MANAGER), person(Role.REP)
    other = person(Role.REP, team=Team.objects.create(name="West"))
    days = {"absent_from": date(2026, 3, 1), "absent_until": date(2026, 3, 8)}
    person_change(person_id=rep.pk, changes={"weekly_capacity": 7, **days}, by=manager)
    for who, changes in (
        (rep, {"role": Role.ADMINISTRATOR}),
        (rep, {"name": "X"}),
        (other, {"weekly_capacity": 1}),
        (manager, {"team": None}),
    ):
        with pytest.raises(NotAllowedError):
            person_change(person_id=who.pk, changes=changes, by=manager)
    rep.refresh_from_db()
    assert (rep.role, rep.weekly_capacity, rep.absent_until) == (Role.REP, 7, date(2026, 3, 8))


@pytest.mark.parametrize("role", [Role.REP, Role.MARKETER, Role.AUDITOR])
def test_others_change_nobody(role, person):
    rep = person(Role.REP)
    with pytest.raises(NotAllowedError):
        person_change(person_id=rep.pk, changes={"weekly_capacity": 1}, by=person(role))


@pytest.mark.parametrize("until", [None, date(2026, 3, 1), date(2026, 2, 1)])
def test_an_absence_ends_after_it_began(until, admin, person):
    rep = person(Role.REP)
    with pytest.raises(InvalidError):
        person_change(person_id=rep.pk, changes={"absent_from": date(2026, 3, 1), "absent_until": until}, by=admin)


def test_the_last_administrator_stays_one(admin, person):
    person(Role.ADMINISTRATOR, is_active=False)
    with pytest.raises(ConflictError, match="last administrator"):
        person_change(person_id=admin.pk, changes={"role": Role.REP}, by=admin)
    second = person(Role.ADMINISTRATOR)
    person_change(person_id=admin.pk, changes={"role": Role.REP}, by=second)
    assert User.objects.get(pk=admin.pk).role == Role.REP


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_both_step_down_at_once(person):
    both = [person(Role.ADMINISTRATOR), person(Role.ADMINISTRATOR)]
    gate, refused = threading.Barrier(2), []

    def step_down(one):
        gate.wait()
        try:
            person_change(person_id=one.pk, changes={"role": Role.MARKETER}, by=one)
        except LeadscoreError as error:
            refused.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=step_down, args=(one,)) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["last_administrator"]
    assert User.objects.filter(role=Role.ADMINISTRATOR).count() == 1


def test_another_role_ends_the_sessions_and_another_team_does_not(admin, person, signed_in):
    rep = person(Role.REP)
    client = signed_in(rep)
    person_change(person_id=rep.pk, changes={"team": Team.objects.create(name="West"), "name": "New"}, by=admin)
    assert client.get("/profile/").status_code == 200
    person_change(person_id=rep.pk, changes={"role": Role.MARKETER}, by=admin)
    assert client.get("/profile/").status_code == 302


def test_who_left_cannot_sign_in_and_is_signed_out(person, signed_in, client):
    rep = person(Role.REP)
    inside = signed_in(rep)
    assert inside.get("/profile/").status_code == 200
    User.objects.filter(pk=rep.pk).update(is_active=False)
    assert inside.get("/profile/").url.startswith("/accounts/login/")
    client.post("/accounts/login/", {"login": rep.email, "password": "correct horse battery"})
    assert "_auth_user_id" not in client.session


def test_nobody_raises_themselves_by_their_profile(person):
    rep = person(Role.REP)
    with pytest.raises(NotAllowedError):
        profile_change(user=rep, changes={"role": Role.ADMINISTRATOR})
    profile_change(user=rep, changes={"name": "Rita", "time_zone": "Asia/Tokyo"})
    rep.refresh_from_db()
    assert (rep.name, rep.role, rep.time_zone) == ("Rita", Role.REP, "Asia/Tokyo")


def test_a_lost_phone_is_reset_by_another_administrator_only(admin, person):
    rep = person(Role.REP)
    Authenticator.objects.create(user=rep, type=Authenticator.Type.TOTP, data={})
    Authenticator.objects.create(user=admin, type=Authenticator.Type.TOTP, data={})
    for by, who in ((person(Role.SALES_MANAGER), rep), (admin, admin)):
        with pytest.raises(NotAllowedError):
            second_factor_reset(person_id=who.pk, by=by)
    assert second_factor_reset(person_id=rep.pk, by=admin)
    assert not second_factor_reset(person_id=rep.pk, by=admin)
    assert [entry.subject_id for entry in AuditEntry.objects.filter(action="user.second_factor_reset")] == [rep.pk]


def test_teams_are_made_and_renamed_once_each(admin, person):
    team = team_save(name="  North   west ", by=admin)
    assert team.name == "North west"
    with pytest.raises(ConflictError):
        team_save(name="north west", by=admin)
    assert team_save(name="North West", by=admin, team_id=team.pk).pk == team.pk
    with pytest.raises(InvalidError):
        team_save(name=" ", by=admin)
    with pytest.raises(NotAllowedError):
        team_save(name="Mine", by=person(Role.SALES_MANAGER))
