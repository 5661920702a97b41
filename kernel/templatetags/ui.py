"""Template tags of the product's look, available in every template without loading."""

from django import template
from django.templatetags.static import static
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kernel import slots

register = template.Library()

MINUS = "−"


@register.simple_tag
def slot(name: str) -> list[slots.Panel]:
    """The panels registered for a named place of a page."""
    return slots.panels(name)


@register.filter
def signed(points: int | None) -> str:
    """Points with their sign and a real minus: +8, −5, 0. Unknown is an en dash."""
    if points is None:
        return "–"
    if points > 0:
        return f"+{number_format(points, force_grouping=True)}"
    return grouped(points)


@register.filter
def grouped(number: int | None) -> str:
    """A whole number with the language's thousands separator and a real minus. Unknown is an en dash."""
    if number is None:
        return "–"
    text = number_format(abs(number), force_grouping=True)
    return f"{MINUS}{text}" if number < 0 else text


@register.filter
def points_class(points: int | None) -> str:
    """The colour of points: what lifts, what lowers, what does neither."""
    return "points-up" if points and points > 0 else "points-down" if points and points < 0 else "points-zero"


@register.filter
def percent(micro_units: int) -> str:
    """A share in micro-units as whole percent: 543210 is 54 %."""
    return f"{(micro_units + 5_000) // 10_000} %"


@register.filter
def initials(name: object) -> str:
    """One or two letters for an avatar."""
    words = [word for word in str(name).split() if word[:1].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper() or "?"


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """One symbol of our own sprite, hidden from screen readers: the text beside it says what it means."""
    return format_html(
        '<svg class="icon {}" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        classes,
        static("img/icons.svg"),
        name,
    )
