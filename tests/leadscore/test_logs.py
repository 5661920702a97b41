"""What the log says of a request: enough to find it, nothing that was asked or that opens a door."""

import logging

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO)
    return caplog


def test_a_request_is_logged_by_method_and_path(logged: pytest.LogCaptureFixture) -> None:
    Client().get("/leads/")
    assert "GET /leads/" in logged.text


def test_what_somebody_searched_for_is_not_logged(logged: pytest.LogCaptureFixture) -> None:
    Client().get("/leads/", {"search": "vera@theirs.example"})
    assert "GET /leads/" in logged.text
    assert "vera" not in logged.text


def test_the_key_of_a_forgotten_password_is_not_logged(logged: pytest.LogCaptureFixture) -> None:
    Client().get("/accounts/password/reset/key/1-d1a2b3-0123456789abcdef/")
    assert "GET /accounts/password/reset/key/" in logged.text
    assert "0123456789abcdef" not in logged.text


def test_the_link_of_an_invitation_is_not_logged(logged: pytest.LogCaptureFixture) -> None:
    Client().get("/invitation/WzEsIjAxMjM0NTY3ODlhYmNkZWYiXQ:1a:b/")
    assert "GET /invitation/" in logged.text
    assert "WzEsIjAx" not in logged.text
