"""What is sent is bounded before anybody has asked who sends it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from crm.models import Import

pytestmark = pytest.mark.django_db
BIG = b"email\n" + b"ann@a.example\n" * 400_000


@pytest.fixture
def browser() -> Client:
    """A browser whose forms are read for their token, as all are."""
    client = Client(enforce_csrf_checks=True)
    client.get(reverse("account_login"))
    return client


def send(client: Client, content: bytes) -> int:
    token = client.cookies["csrftoken"].value
    form = {"csrfmiddlewaretoken": token, "file": SimpleUploadedFile("leads.csv", content)}
    return client.post(reverse("import-new"), form).status_code


def test_nobody_fills_the_disk_without_signing_in(browser: Client) -> None:
    assert send(browser, BIG) == 400
    assert send(browser, b"email\n") == 302


def test_who_brings_files_may_send_as_much_as_an_import_takes_and_is_told_of_more(
    browser: Client, person, settings
) -> None:
    browser.force_login(person(Role.MARKETER))
    browser.get(reverse("import-new"))
    settings.IMPORT_MAX_BYTES = len(BIG)
    assert send(browser, BIG) == 302
    settings.IMPORT_MAX_BYTES = len(BIG) - 1
    assert send(browser, BIG) == 422
    settings.IMPORT_MAX_BYTES = len(BIG) // 3
    assert send(browser, BIG) == 400
    assert Import.objects.count() == 1
