"""Asking the table of rights from a template, to offer only what may be done."""

from django import template

from accounts import rights
from accounts.rights import Action

register = template.Library()


@register.simple_tag(takes_context=True)
def may(context: template.Context, action: str) -> bool:
    """Whether the one who looks may do this at all: `{% may "import.view" as brings_files %}`. Anonymous may nothing."""
    user = context.get("user")
    return bool(user and user.is_authenticated and rights.may(user.role, Action(action)))
