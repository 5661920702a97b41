"""Search and filters of the list of leads: read from the address, said back as chips."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlencode

import pycountry
from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from crm.facts_shown import SENIORITIES
from crm.models import AttributeDefinition, Import
from scoring.forms.attribute_fields import attribute_field, attribute_filter, field_name
from scoring.models import ScoringModel
from scoring.ranking import SIZES, LeadFilters

MOST_IMPORTS = 30
NOBODY = "none"
_YES_NO = [("yes", _("yes")), ("no", _("no"))]
# What stands in the bar itself; the others stand behind "More filters".
IN_BAR = ("search", "stage", "rating", "country", "owner")
_MANY_DAYS = 3650


@dataclass(frozen=True, kw_only=True)
class Chip:
    """One filter that holds, in words, and the query without it."""

    label: str
    value: str
    query_without: str


def _country_choices() -> list[tuple[str, Any]]:
    named = sorted((country.name, country.alpha_2) for country in pycountry.countries)
    return [("", _("Any country")), *((code, name) for name, code in named)]


def _choice(label: Any, any_label: Any, choices: Sequence[tuple[str, Any]]) -> forms.ChoiceField:
    return forms.ChoiceField(choices=[("", any_label), *choices], required=False, label=label)


class LeadFilterForm(forms.Form):
    """Search and filters. Nothing is required; what cannot be read narrows nothing, and `refusals` says so."""

    search = forms.CharField(
        required=False,
        max_length=200,
        label=_("Search"),
        error_messages={
            "max_length": _("Search for at most %(limit_value)d characters."),
            "null_characters_not_allowed": _("Take the invisible character out of it."),
        },
    )
    model = forms.ModelChoiceField(
        ScoringModel.objects.exclude(active_version=None), to_field_name="slug", required=False, label=_("Model")
    )
    stage = forms.ChoiceField(required=False, label=_("Stage"))
    rating = forms.ChoiceField(required=False, label=_("Rating"))
    country = forms.ChoiceField(choices=_country_choices, required=False, label=_("Country"))
    owner = forms.ChoiceField(required=False, label=_("Owner"))
    source = forms.CharField(required=False, max_length=200, label=pgettext_lazy("how a lead came", "Source"))
    seniority = _choice(_("Seniority"), _("Any seniority"), list(SENIORITIES.items()))
    industry = forms.CharField(required=False, max_length=200, label=_("Industry"))
    size = _choice(
        _("Employees"), _("Any number"), [(size, size.replace("-", "–").removesuffix("–")) for size in SIZES]
    )
    email = _choice(_("Has an email address"), _("Either way"), _YES_NO)
    phone = _choice(_("Has a phone number"), _("Either way"), _YES_NO)
    consent = _choice(_("Consent"), _("Either way"), [*_YES_NO, ("unknown", _("unknown"))])
    created = forms.DateField(required=False, label=_("Created since"))
    active = forms.DateField(required=False, label=_("Active since"))
    silent = forms.IntegerField(required=False, min_value=1, max_value=_MANY_DAYS, label=_("Silent for so many days"))
    disqualified = _choice(_("Disqualified"), _("Either way"), _YES_NO)
    fast = _choice(_("Fast track"), _("Either way"), _YES_NO)
    brought = forms.ModelChoiceField(Import.objects.none(), required=False, label=_("Import"), empty_label=_("Any"))

    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        stages: Mapping[str, str],
        definitions: Sequence[AttributeDefinition] = (),
        sees_imports: bool = False,
    ) -> None:
        super().__init__(data)
        self.definitions = {field_name(definition): definition for definition in definitions}
        grades = [(grade, _("%(grade)s, any level") % {"grade": grade}) for grade in "ABCDF"]
        ratings = [(f"{grade}{level}", f"{grade}{level}") for grade in "ABCDF" for level in "1234"]
        self.fields["stage"] = _choice(_("Stage"), _("Any stage"), list(stages.items()))
        self.fields["rating"] = _choice(_("Rating"), _("Any rating"), [*grades, *ratings])
        owners = User.objects.filter(role__in=[Role.REP, Role.SALES_MANAGER]).only("name", "email")
        people = [(str(owner.pk), str(owner)) for owner in owners]
        self.fields["owner"] = _choice(_("Owner"), _("Any owner"), [(NOBODY, _("Nobody")), *people])
        if sees_imports:
            self._offer_imports(self.fields["brought"])
        else:
            del self.fields["brought"]
        for name, definition in self.definitions.items():
            self.fields[name] = attribute_field(definition)
        for name, field in self.fields.items():
            is_choice = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "select" if is_choice else "input"
            if name in IN_BAR:
                field.widget.attrs["aria-label"] = field.label
            if isinstance(field, forms.DateField):
                field.widget = forms.DateInput(attrs={"class": "input", "type": "date"}, format="%Y-%m-%d")
        self.fields["search"].widget.attrs["placeholder"] = _("Name, email, company or phone")

    def _offer_imports(self, field: forms.Field) -> None:
        imports = Import.objects.exclude(state=Import.State.UPLOADED).only("file_name", "created_at")
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = imports
            newest = [
                (str(one.pk), f"{one.file_name} ({date_format(one.created_at)})") for one in imports[:MOST_IMPORTS]
            ]
            asked = str(self.data.get("brought", ""))
            if asked.isdecimal() and asked not in dict(newest):
                newest.append((asked, f"#{asked}"))
            field.widget.choices = [("", field.empty_label), *newest]

    def filters(self) -> LeadFilters:
        """What to filter by, of what can be read."""
        self.is_valid()
        read = self.cleaned_data
        owner = read.get("owner") or ""
        brought = read.get("brought")
        attributes = (
            attribute_filter(definition, read[name])
            for name, definition in self.definitions.items()
            if read.get(name) not in (None, "")
        )
        return LeadFilters(
            **{name: read.get(name) or "" for name in _TEXTS},
            owner=int(owner) if owner.isdecimal() else None,
            is_unowned=owner == NOBODY,
            has_email=_yes(read.get("email")),
            has_phone=_yes(read.get("phone")),
            is_disqualified=_yes(read.get("disqualified")),
            is_fast_tracked=_yes(read.get("fast")),
            created_since=_start_of(read.get("created")),
            active_since=_start_of(read.get("active")),
            silent_days=read.get("silent"),
            imported_by=brought.pk if brought else None,
            attributes=tuple(attributes),
        )

    def kept(self) -> dict[str, str]:
        """The parameters that hold: those that were read and say something."""
        self.is_valid()
        return {
            name: str(self.data.get(name))
            for name in self.fields
            if name in self.cleaned_data and self.cleaned_data[name] not in (None, "")
        }

    def refusals(self) -> list[str]:
        """One sentence for each filter that was left out, and why."""
        return [
            gettext("“%(filter)s” was left out. %(why)s")
            % {"filter": self.fields[name].label if name in self.fields else name, "why": errors[0]}
            for name, errors in self.errors.items()
        ]

    def chips(self, also: Mapping[str, str]) -> list[Chip]:
        """The filters that hold, each with the query that has it no more; `also` are parameters kept beside them."""
        kept = self.kept()
        return [
            Chip(
                label=str(self.fields[name].label),
                value=self._words(name),
                # Never nothing: the bare address opens with the view chosen for that.
                query_without=urlencode({**{key: kept[key] for key in kept if key != name}, **also}) or "search=",
            )
            for name in kept
            if name != "model"
        ]

    def more(self) -> Iterator[forms.BoundField]:
        """The fields that do not stand in the bar."""
        return (self[name] for name in self.fields if name not in (*IN_BAR, "model"))

    def more_count(self) -> int:
        """How many of those hold."""
        return sum(name not in (*IN_BAR, "model") for name in self.kept())

    def _words(self, name: str) -> str:
        value, field = self.cleaned_data[name], self.fields[name]
        if isinstance(field, forms.ModelChoiceField):
            return str(value)
        if isinstance(field, forms.ChoiceField):
            labels = {str(key): str(label) for key, label in field.choices}  # type: ignore[misc, union-attr]  # a list
            return labels.get(str(value), str(value))
        return date_format(value) if isinstance(value, date) else str(value)


_TEXTS = ("search", "stage", "rating", "country", "source", "seniority", "industry", "size", "consent")


def _yes(said: str | None) -> bool | None:
    return None if not said else said == "yes"


def _start_of(day: date | None) -> datetime | None:
    """The first moment of a day where the reader is."""
    return None if day is None else timezone.make_aware(datetime.combine(day, time.min))
