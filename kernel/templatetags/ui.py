"""Template tags of the product's look, available in every template without loading."""

from django import template

from kernel import slots

register = template.Library()


@register.simple_tag
def slot(name: str) -> list[slots.Panel]:
    """The panels registered for a named place of a page."""
    return slots.panels(name)


@register.filter
def signed(points: int | None) -> str:
    """Points with their sign and a real minus: +8, −5, 0. Unknown is an en dash."""
    if points is None:
        return "–"
    return f"+{points}" if points > 0 else f"−{-points}" if points < 0 else "0"
