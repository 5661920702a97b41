"""Inputs for custom attributes and qualification, by type: from a stored value to a form and back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django import forms
from django.utils.html import escape
from django.utils.translation import gettext as _

from crm.facts_shown import misfit
from crm.ingestion.attribute_types import type_guessed
from crm.ingestion.reading import LONGEST_TEXT, plain
from crm.models import AttributeDefinition

Type = AttributeDefinition.Type
LONGEST_NUMBER = 40


@dataclass(frozen=True, kw_only=True)
class CustomInput:
    """One name of `attributes` or `qualification`: its field, what stands in it now, and its type for the way back."""

    name: str
    field: forms.Field
    initial: object
    type: str


def custom_inputs(
    prefix: str, definitions: Iterable[AttributeDefinition], values: Mapping[str, object]
) -> list[CustomInput]:
    """The defined attributes in their order, then those that are only there, by their name, typed as their value is."""
    defined = list(definitions)
    named = {definition.key for definition in defined}
    found = [_input(prefix, definition, values.get(definition.key)) for definition in defined]
    for name in sorted(set(values) - named):
        value = values[name]
        # A list of other things than texts has no input: it stays as it was sent.
        if not isinstance(value, list) or all(isinstance(member, str) for member in value):
            guessed = AttributeDefinition(key=name, label=_label(name), type=_type_now(value))
            found.append(_input(prefix, guessed, value))
    return found


def custom_value(kind: str, cleaned: object) -> object:
    """What is sent for a cleaned value; None clears it."""
    if cleaned in (None, "", []):
        return None
    if kind == Type.BOOLEAN:
        return cleaned == "yes"
    if kind == Type.LIST:
        return [line.strip() for line in str(cleaned).splitlines() if line.strip()] or None
    if isinstance(cleaned, Decimal):
        return plain(cleaned)
    return cleaned.isoformat() if isinstance(cleaned, date) else cleaned


def _input(prefix: str, definition: AttributeDefinition, value: object) -> CustomInput:
    why = misfit(definition, value)
    field = _field(definition)
    field.label = definition.label
    field.help_text = escape(definition.help_text) or field.help_text
    if why:
        # The help is written as HTML: what was sent may not be.
        field.help_text = escape(_("Now “%(value)s”. %(why)s") % {"value": value, "why": why})
    return CustomInput(
        name=f"{prefix}.{definition.key}",
        field=field,
        initial=None if why else _initial(definition.type, value),
        type=definition.type,
    )


def _field(definition: AttributeDefinition) -> forms.Field:
    match definition.type:
        case Type.NUMBER:
            return forms.DecimalField(
                required=False,
                max_digits=LONGEST_NUMBER,
                widget=forms.NumberInput(attrs={"step": "any"}),
                show_hidden_initial=True,
            )
        case Type.BOOLEAN:
            return yes_no_field()
        case Type.DATE:
            return forms.DateField(
                required=False,
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
                input_formats=["%Y-%m-%d"],
                show_hidden_initial=True,
            )
        case Type.CHOICE:
            choices = [("", "–"), *((each, each) for each in definition.choices)]
            return forms.ChoiceField(required=False, choices=choices, show_hidden_initial=True)
        case Type.LIST:
            return forms.CharField(
                required=False,
                max_length=LONGEST_TEXT,
                widget=forms.Textarea(attrs={"rows": 3}),
                help_text=_("One a line."),
                show_hidden_initial=True,
            )
    return forms.CharField(required=False, max_length=LONGEST_TEXT, show_hidden_initial=True)


def yes_no_field(label: str = "") -> forms.ChoiceField:
    """Yes, no, or not known."""
    choices = [("", _("not known")), ("yes", _("yes")), ("no", _("no"))]
    return forms.ChoiceField(required=False, choices=choices, label=label, show_hidden_initial=True)


def yes_no_initial(value: object) -> str:
    return "" if value is None else "yes" if value else "no"


def _initial(kind: str, value: object) -> object:
    if kind == Type.BOOLEAN:
        return yes_no_initial(value)
    if kind == Type.LIST and isinstance(value, list):
        return "\n".join(str(member) for member in value)
    if kind == Type.DATE and isinstance(value, str) and value:
        return date.fromisoformat(value)
    return value


def _type_now(value: object) -> str:
    """A single text that looks like a day may be any text: only what cannot be anything else is guessed."""
    guessed = type_guessed([value])
    return str(Type.TEXT) if guessed == Type.DATE else guessed


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()
