"""The checks of a deployment."""

from typing import Any

from django.core.checks import run_checks


def _found(*, include_deployment_checks: bool = True) -> set[str]:
    return {str(each.id) for each in run_checks(tags=["security"], include_deployment_checks=include_deployment_checks)}


def test_an_installation_without_a_secret_key_is_refused(settings: Any) -> None:
    settings.HAS_SECRET_KEY = False
    assert "leadscore.E001" in _found()


def test_with_one_it_is_not(settings: Any) -> None:
    settings.HAS_SECRET_KEY = True
    assert "leadscore.E001" not in _found()


def test_while_developing_nobody_is_asked_for_one(settings: Any) -> None:
    settings.HAS_SECRET_KEY = False
    assert "leadscore.E001" not in _found(include_deployment_checks=False)


def test_tombstones_want_a_key_of_their_own(settings: Any) -> None:
    settings.TOMBSTONE_KEY = settings.SECRET_KEY
    assert "leadscore.W001" in _found()
    settings.TOMBSTONE_KEY = "another key"
    assert "leadscore.W001" not in _found()
