"""Custom attributes as filters: a field for each definition, and what its value asks for."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import AttributeDefinition
from scoring.ranking import AttributeIs

Type = AttributeDefinition.Type


def field_name(definition: AttributeDefinition) -> str:
    """The name of the filter in the address: `lead.KEY` or `company.KEY`, which no field of ours is called."""
    return f"{definition.subject}.{definition.key}"


def attribute_field(definition: AttributeDefinition) -> forms.Field:
    """A field for values of the definition's type."""
    label: Any = definition.label
    either: tuple[str, Any] = ("", _("Either way"))
    match definition.type:
        case Type.NUMBER:
            return forms.DecimalField(required=False, label=label, max_digits=30, decimal_places=15)
        case Type.BOOLEAN:
            choices = [either, ("yes", _("yes")), ("no", _("no"))]
            return forms.ChoiceField(choices=choices, required=False, label=label)
        case Type.DATE:
            return forms.DateField(required=False, label=label)
        case Type.CHOICE:
            choices = [either, *((choice, choice) for choice in definition.choices)]
            return forms.ChoiceField(choices=choices, required=False, label=label)
    return forms.CharField(required=False, max_length=500, label=label)


def attribute_filter(definition: AttributeDefinition, value: Any) -> AttributeIs:
    """What a value that the field has read asks for, as the attribute is stored."""
    stored: object = value
    if isinstance(value, Decimal):
        stored = int(value) if value == value.to_integral_value() else float(value)
    elif isinstance(value, date):
        stored = value.isoformat()
    elif definition.type == Type.BOOLEAN:
        stored = value == "yes"
    return AttributeIs(
        is_company=definition.subject == AttributeDefinition.Subject.COMPANY,
        key=definition.key,
        value=stored,
        is_member=definition.type == Type.LIST,
    )
