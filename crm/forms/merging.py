"""Which two leads, who stays, and which value of each field in which they differ."""

from collections.abc import Iterable, Mapping

from django import forms

from crm.services.merge_choices import MERGED, SURVIVOR

PREFIX = "keep:"


class MergeForm(forms.Form):
    """One choice per field that differs; what is left out is filled as ever."""

    survivor = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    merged = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    survivor_revision = forms.IntegerField(min_value=0, max_value=2**63 - 1)
    merged_revision = forms.IntegerField(min_value=0, max_value=2**63 - 1)

    def __init__(self, data: Mapping[str, object], *, fields: Iterable[str]) -> None:
        super().__init__(data)
        for field in fields:
            self.fields[f"{PREFIX}{field}"] = forms.ChoiceField(
                choices=[(SURVIVOR, SURVIVOR), (MERGED, MERGED)], required=False
            )

    def choices(self) -> dict[str, str]:
        """The fields somebody chose for."""
        return {
            name.removeprefix(PREFIX): value
            for name, value in self.cleaned_data.items()
            if name.startswith(PREFIX) and value
        }

    def revisions(self) -> dict[int, int]:
        data = self.cleaned_data
        return {data["survivor"]: data["survivor_revision"], data["merged"]: data["merged_revision"]}


class PairForm(forms.Form):
    """Which leads a page is about: the second is looked for by name where it is not said."""

    first = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    second = forms.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
    survivor = forms.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
    search = forms.CharField(max_length=200, required=False)
