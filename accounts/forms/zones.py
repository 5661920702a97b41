"""The time zones on offer."""

from collections.abc import Iterable
from functools import cache
from typing import Any, cast
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@cache
def zone_choices() -> tuple[tuple[str, str], ...]:
    """UTC, and every zone that is named after a place, by its name."""
    places = sorted(name for name in available_timezones() if name.split("/")[0] in REGIONS)
    return tuple((name, name.replace("_", " ")) for name in ("UTC", *places))


class ZoneField(forms.ChoiceField):
    """One of the zones; what stands there now stays on offer, whatever it is."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=zone_choices(), label=_("Time zone"), **options)

    def keep(self, current: str) -> None:
        """Offer a zone that was typed by hand long ago, so that saving the rest does not change it."""
        if current and current not in dict(zone_choices()):
            self.choices = [(current, current), *zone_choices()]


def language_field_fit(form: forms.BaseForm) -> None:
    """Offer the languages of this installation; where there is one, nobody is asked."""
    if len(settings.LANGUAGES) < 2:
        del form.fields["language"]
        return
    choices_set(form, "language", settings.LANGUAGES)


def choices_set(form: forms.BaseForm, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
    """Offer these choices in a field of choices."""
    cast(forms.ChoiceField, form.fields[name]).choices = list(choices)
