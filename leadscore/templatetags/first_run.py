"""What is left of the first run, in a line above every page of an administrator."""

from django import template

from accounts.models import User
from accounts.rights import Action, may
from leadscore.first_run.steps import FirstRun, first_run, is_running

register = template.Library()


@register.simple_tag
def first_run_of(user: User) -> FirstRun | None:
    """The list while it is to be shown to this person; else None."""
    if not user.is_authenticated or not may(user.role, Action.SETUP) or not is_running():
        return None
    return first_run()
