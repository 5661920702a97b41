"""Template tags of the product's look, available in every template without loading."""

from datetime import datetime

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kernel import slots

register = template.Library()

MINUS = "−"


@register.simple_tag
def slot(name: str) -> list[slots.Panel]:
    """The panels registered for a named place of a page."""
    return slots.panels(name)


@register.simple_tag(takes_context=True)
def panel_content(context: template.Context, panel: slots.Panel, subject: int) -> SafeString:
    """What an eager panel shows, or nothing where it has nothing to show."""
    answer = slots.content(panel, context["request"], subject)
    # The content is the answer of a view of ours, escaped where it was made.
    return SafeString(answer.content.decode()) if answer.status_code == 200 else SafeString("")  # nosec B703


@register.filter
def signed(points: int | None) -> str:
    """Points with their sign and a real minus: +8, −5, 0. Unknown is an en dash."""
    if isinstance(points, int) and points > 0:
        return f"+{number_format(points, force_grouping=True)}"
    return grouped(points)


@register.filter
def grouped(number: int | None) -> str:
    """A whole number with the language's thousands separator and a real minus. Unknown is an en dash."""
    if not isinstance(number, int):
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


@register.filter
def ago(moment: datetime | None) -> str:
    """How long ago in one short unit: 5 min, 3 h, 12 d; beyond 60 days the date. Put the exact time in a title."""
    if moment is None:
        return "–"
    minutes = int((timezone.now() - moment).total_seconds() // 60)
    if minutes < 0 or minutes >= 60 * 24 * 60:
        return date_format(timezone.localtime(moment), "DATE_FORMAT")
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return ngettext("%(n)s min ago", "%(n)s min ago", minutes) % {"n": minutes}
    if minutes < 60 * 24:
        return ngettext("%(n)s h ago", "%(n)s h ago", minutes // 60) % {"n": minutes // 60}
    days = minutes // (60 * 24)
    return ngettext("%(n)s day ago", "%(n)s days ago", days) % {"n": days}
