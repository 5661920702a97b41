"""People are told as they asked, in the app and by mail, at least once."""

import smtplib
import threading
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Notification, Role
from accounts.notifications import kinds, wording
from accounts.queries import notifications_of, unread_count
from accounts.services import notification_emails_send, notifications_read, notify, notifying

pytestmark = pytest.mark.django_db
KIND = "erasure_requested"


@pytest.fixture(autouse=True)
def no_pause(db):
    cache.clear()


def tell(*users):
    return notify(users=users, kind=KIND, params={"lead": 7}, url="/leads/7/")


def test_everybody_is_told_as_their_settings_say(person):
    plain = person()
    mailed = person(emailed_kinds=[KIND])
    muted = person(muted_kinds=[KIND])
    only_mail = person(muted_kinds=[KIND], emailed_kinds=[KIND])
    gone = person(is_active=False)
    tell(plain, mailed, muted, only_mail, gone)
    assert {(row.user_id, row.is_email_due) for row in Notification.objects.all()} == {
        (plain.pk, False),
        (mailed.pk, True),
        (only_mail.pk, True),
    }
    assert [unread_count(each) for each in (plain, mailed, muted, only_mail)] == [1, 1, 0, 0]


def test_the_kinds_of_every_floor_are_known_and_read_as_sentences(db):
    assert {kind.key for kind in kinds()} >= {KIND, "leads_passed_on", "import_done", "import_failed"}
    assert wording(KIND, {"lead": 7}) == "Somebody asked to erase lead 7."
    assert wording("import_done", {"file": "a.csv", "rows": 1200, "rejected": 1}) == (
        "a.csv is imported: 1,200 rows. 1 row did not go in."
    )
    assert wording("leads_passed_on", {"name": "Rita", "leads": 1}) == "1 lead of Rita is yours now."
    assert wording("leads_passed_on", {"name": "Rita", "leads": 0, "handoffs": 6}) == (
        "6 open hand-offs of Rita are in your queue."
    )


def test_a_row_of_another_version_still_says_something(db):
    assert wording(KIND, {}) == "Somebody asks for a person to be erased"
    assert wording("of_old", {}) == "Something happened: of old"


def test_reading_marks_ones_own_only(person):
    one, other = person(), person()
    mine, _theirs = tell(one, other)
    assert notifications_read(user=other, ids=[mine.pk]) == 0
    assert notifications_read(user=one) == 1
    assert [unread_count(each) for each in (one, other)] == [0, 1]
    assert notifications_of(one).get().read_at is not None


def test_what_is_due_is_mailed_once_in_words_with_a_link(person, mailoutbox, settings):
    settings.PUBLIC_URL = "https://leads.ours.example"
    rita = person(emailed_kinds=[KIND])
    tell(rita, person())
    assert notification_emails_send() == 1
    assert notification_emails_send() == 0
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == ([rita.email], "Somebody asked to erase lead 7.")
    assert "https://leads.ours.example/leads/7/" in mail.body
    assert Notification.objects.get(user=rita).emailed_at is not None


def test_a_mail_server_that_is_away_keeps_it_due_and_is_asked_less_and_less(person, monkeypatch, mailoutbox):
    tell(person(emailed_kinds=[KIND]), person(emailed_kinds=[KIND]))
    asked, real = [], notifying.send_mail

    def away(*args, **kwargs):
        asked.append(timezone.now())
        raise ConnectionRefusedError

    monkeypatch.setattr(notifying, "send_mail", away)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _minute in range(20):
            notification_emails_send()
            clock.shift(timedelta(minutes=1))
        # At once, then after pauses of 1, 2, 4 and 8 minutes.
        assert [(moment - asked[0]) // timedelta(minutes=1) for moment in asked] == [0, 1, 3, 7, 15]
        assert Notification.objects.filter(is_email_due=True).count() == 2
        clock.shift(timedelta(hours=1))
        monkeypatch.setattr(notifying, "send_mail", real)
        assert notification_emails_send() == 2
    assert len(mailoutbox) == 2


def test_one_address_that_is_refused_keeps_nobody_waiting(person, monkeypatch, mailoutbox):
    bad, good = person(emailed_kinds=[KIND]), person(emailed_kinds=[KIND])
    tell(bad, good)
    real = notifying.send_mail

    def picky(subject, text, sender, to):
        if to == [bad.email]:
            raise smtplib.SMTPRecipientsRefused({bad.email: (550, b"no such user")})
        return real(subject, text, sender, to)

    monkeypatch.setattr(notifying, "send_mail", picky)
    assert notification_emails_send() == 1
    assert not Notification.objects.filter(is_email_due=True).exists()
    assert [mail.to for mail in mailoutbox] == [[good.email]]


def test_nobody_is_mailed_the_news_of_last_week_or_after_they_left(person, mailoutbox):
    old, gone = person(emailed_kinds=[KIND]), person(emailed_kinds=[KIND])
    tell(old, gone)
    Notification.objects.filter(user=old).update(created_at=timezone.now() - timedelta(days=4))
    gone.is_active = False
    gone.save()
    assert notification_emails_send() == 0
    assert (mailoutbox, Notification.objects.filter(is_email_due=True).count()) == ([], 0)


@pytest.mark.django_db(transaction=True)
def test_what_another_worker_is_sending_is_left_to_it(person, mailoutbox):
    first, _second = tell(person(emailed_kinds=[KIND]), person(Role.MARKETER, emailed_kinds=[KIND]))
    held, done = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            Notification.objects.select_for_update().get(pk=first.pk)
            held.set()
            done.wait(60)
        connection.close()

    worker = threading.Thread(target=hold)
    worker.start()
    held.wait(60)
    sent = notification_emails_send()
    done.set()
    worker.join()
    assert sent == 1
    assert notification_emails_send() == 1
    assert len(mailoutbox) == 2
