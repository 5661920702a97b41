"""An invitation works once, for seven days, and for nobody but the invited."""

import threading
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import signing
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEntry, Role, User
from accounts.services.inviting import (
    invitation_accept,
    invitation_find,
    invitation_renew,
    invitation_revoke,
    invitation_send,
    invitation_token,
    is_invited,
    person_invite,
)
from kernel.errors import ConflictError, InvalidError, NotAllowedError

pytestmark = pytest.mark.django_db
PASSWORD = "a sentence nobody guesses"
FIELDS = {"name": "Nora New", "role": Role.MARKETER, "weekly_capacity": 0, "time_zone": "Europe/Warsaw"}


@pytest.fixture
def nora(admin):
    return person_invite(email=" Nora@Ours.example ", fields=FIELDS, by=admin)


def accept(token, password=PASSWORD):
    return invitation_accept(token=token, name="Nora Nowak", password=password, time_zone="Europe/Berlin")


def refusal(token):
    with pytest.raises(InvalidError) as caught:
        invitation_find(token)
    return caught.value.code


def test_somebody_invited_cannot_sign_in_before_they_chose_a_password(nora):
    assert (nora.email, nora.role, is_invited(nora)) == ("nora@ours.example", Role.MARKETER, True)
    assert not nora.has_usable_password()
    people = {"erasure_requested", "leads_passed_on", "import_failed"}
    matrices = {"comment_mention", "version_submitted", "version_review_due", "publication_refused"}
    assert set(nora.emailed_kinds) == people | matrices
    assert AuditEntry.objects.get(action="user.invite").details == {"role": "marketer"}


def test_the_link_sets_name_password_and_zone_and_then_ends(nora):
    token = invitation_token(nora)
    person = accept(token)
    assert (person.name, person.time_zone, person.role) == ("Nora Nowak", "Europe/Berlin", Role.MARKETER)
    assert person.check_password(PASSWORD)
    assert refusal(token) == "invitation_used"


def test_a_weak_password_leaves_the_link_as_it_was(nora):
    token = invitation_token(nora)
    with pytest.raises(InvalidError) as caught:
        accept(token, "password1234")
    assert caught.value.code == "password_weak"
    assert accept(token).check_password(PASSWORD)


def test_a_link_ends_after_seven_days(nora):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        token = invitation_token(nora)
        clock.shift(timedelta(days=7) - timedelta(seconds=5))
        assert invitation_find(token) == nora
        clock.shift(timedelta(seconds=10))
        assert refusal(token) == "invitation_expired"


def test_a_new_link_ends_the_one_before(nora, admin):
    first = invitation_token(nora)
    again = invitation_renew(person_id=nora.pk, by=admin)
    assert refusal(first) == "invitation_used"
    assert invitation_find(invitation_token(again)) == nora


def test_an_invitation_that_was_taken_back_opens_nothing(nora, admin):
    token = invitation_token(nora)
    invitation_revoke(person_id=nora.pk, by=admin)
    assert refusal(token) == "invitation_used"
    assert not User.objects.get(pk=nora.pk).is_active


@pytest.mark.parametrize(
    "token",
    ["", "x", "a:b:c", signing.dumps([1, "m"], salt="other"), signing.dumps("no list", salt="accounts.invitation")],
    ids=["empty", "a letter", "three parts", "another salt", "no list"],
)
def test_a_link_that_was_tampered_with_opens_nothing(token, nora):
    assert refusal(token) == "invitation_unreadable"


def test_every_single_changed_letter_of_a_link_is_noticed(nora):
    token = invitation_token(nora)
    for place in range(len(token) - 1):
        other = "A" if token[place] != "A" else "B"
        assert refusal(token[:place] + other + token[place + 1 :]) == "invitation_unreadable"


def test_only_administrators_invite_and_nobody_twice(nora, admin, person):
    with pytest.raises(NotAllowedError):
        person_invite(email="b@ours.example", fields=FIELDS, by=person(Role.SALES_MANAGER))
    with pytest.raises(ConflictError):
        person_invite(email="NORA@ours.example", fields=FIELDS, by=admin)
    rep = person(Role.REP)
    with pytest.raises(ConflictError):
        invitation_renew(person_id=rep.pk, by=admin)
    with pytest.raises(ConflictError):
        invitation_revoke(person_id=rep.pk, by=admin)


def test_who_comes_back_begins_anew_without_the_old_password_and_phone(person, admin):
    gone = person(Role.MARKETER, is_active=False, left_at=timezone.now(), successor=admin, last_login=timezone.now())
    Authenticator.objects.create(user=gone, type=Authenticator.Type.TOTP, data={})
    back = invitation_renew(person_id=gone.pk, by=admin)
    assert (back.is_active, back.left_at, back.successor, is_invited(back)) == (True, None, None, True)
    assert not Authenticator.objects.filter(user=gone).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_windows_with_the_same_link_one_comes_in(person):
    nora = person_invite(email="nora@ours.example", fields=FIELDS, by=person(Role.ADMINISTRATOR))
    token, gate, came_in = invitation_token(nora), threading.Barrier(2), []
    refused = []

    def go(password):
        gate.wait()
        try:
            accept(token, password)
            came_in.append(password)
        except InvalidError as error:
            refused.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(f"{PASSWORD} {number}",)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(came_in), refused) == (1, ["invitation_used"])
    assert User.objects.get(pk=nora.pk).check_password(came_in[0])


def test_the_mail_says_who_invites_and_holds_the_link(nora, admin, mailoutbox):
    admin.name = "Ada\nBcc: all@ours.example"
    assert invitation_send(person=nora, link="https://ours.example/invitation/x/", by=admin)
    (mail,) = mailoutbox
    assert mail.to == ["nora@ours.example"]
    assert "\n" not in mail.subject
    assert "https://ours.example/invitation/x/" in mail.body


def test_where_no_mail_reaches_anybody_it_is_said(nora, admin, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    assert not invitation_send(person=nora, link="x", by=admin)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert not invitation_send(person=nora, link="x", by=admin)
