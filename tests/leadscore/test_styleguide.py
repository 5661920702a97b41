"""The style guide shows every component there is, and is there only for who builds pages."""

from pathlib import Path

import pytest
from django.urls import reverse

from accounts.models import Role

COMPONENTS = Path(__file__).resolve().parents[2] / "templates" / "components"
pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client, person):
    someone = person(Role.ADMINISTRATOR)
    client.force_login(someone)
    return someone


def test_every_component_appears_in_the_style_guide(client, ada, settings):
    settings.DEBUG = True
    response = client.get(reverse("styleguide"))
    assert response.status_code == 200
    shown = {template.name for template in response.templates}
    assert {f"components/{path.name}" for path in COMPONENTS.glob("*.html")} - shown == set()


def test_outside_of_debug_there_is_no_style_guide(client, ada):
    for address in (
        reverse("styleguide"),
        reverse("styleguide-part", args=[1]),
        reverse("styleguide-waiting", args=[1]),
    ):
        assert client.get(address).status_code == 404
