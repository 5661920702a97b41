"""A custom attribute as it is agreed on."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from crm.models import AttributeDefinition


class AttributeDefinitionForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A choice needs something to choose from; other types have no list."""

    class Meta:
        model = AttributeDefinition
        fields = ("subject", "key", "label", "type", "choices", "help_text", "is_filled_by_sales", "position")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        is_choice = cleaned.get("type") == AttributeDefinition.Type.CHOICE
        if is_choice and not cleaned.get("choices") and "choices" not in self.errors:
            self.add_error("choices", _("Write what can be chosen, separated by commas."))
        if not is_choice:
            cleaned["choices"] = []
        return cleaned
