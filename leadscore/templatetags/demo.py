"""The people of the demo company, a click away on the sign-in page of a demo and nowhere else."""

from django import template
from django.conf import settings

from accounts.models import User

register = template.Library()

DEMO_DOMAIN = "demo.example"


@register.simple_tag
def demo_people() -> list[User]:
    """Who may be signed in as with one click: one person of each role; nobody outside a demo."""
    if not settings.DEMO:
        return []
    people = User.objects.filter(email__endswith=f"@{DEMO_DOMAIN}", is_active=True).order_by("pk")
    first: dict[str, User] = {}
    for one in people:
        first.setdefault(one.role, one)
    return list(first.values())
