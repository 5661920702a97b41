"""The one door to unfold: the admin classes every floor builds on, with the rights and the audit of the house.

Named for what it wraps: no other module imports `unfold`. Records are read-only unless a class says otherwise, because
almost everything here is written by services; what a person may see and change comes from `accounts.rights`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from operator import or_
from typing import Any, ClassVar, TypeVar, cast

from django.contrib import admin
from django.contrib.admin.utils import get_fields_from_path
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import CharField, IntegerField, Model, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action as unfold_action
from unfold.decorators import display as unfold_display
from unfold.widgets import UnfoldAdminFileFieldWidget as FileWidget
from unfold.widgets import UnfoldAdminSelectWidget as SelectWidget

from accounts.models import User
from accounts.rights import Action, Reach, reach, sees_personal_data
from accounts.services import audit_record

__all__ = [
    "COUNT_CAP",
    "CappedPaginator",
    "EditableAdmin",
    "FileWidget",
    "ReadOnlyAdmin",
    "ReadOnlyInline",
    "SelectWidget",
    "action",
    "admin_user",
    "display",
    "lead_link",
]


COUNT_CAP = 10_000
_LONGEST_NUMBER = 18
Method = TypeVar("Method", bound=Callable[..., Any])


def display(**options: Any) -> Callable[[Method], Method]:
    """Unfold's `display`, typed: description, ordering, label (colours by value)."""
    return cast(Callable[[Method], Method], unfold_display(**options))


def action(**options: Any) -> Callable[[Method], Method]:
    """Unfold's `action`, typed: description, permissions, icon."""
    return cast(Callable[[Method], Method], unfold_action(**options))


def admin_user(request: HttpRequest) -> User:
    """Who asks; admin views are never reached by anybody else than a user."""
    return cast(User, request.user)


def hidden_from(request: HttpRequest, personal_fields: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the fields that whoever asks may not see: all, or none."""
    return () if sees_personal_data(admin_user(request).role) else personal_fields


@admin.display(description=_("lead"), ordering="lead")
def lead_link(row: Any) -> SafeString | str:
    """The lead of a row by its number, linked to its page: a name would show to those who may not see it."""
    if row.lead_id is None:
        return "–"
    return format_html(
        '<a class="text-primary-600 dark:text-primary-400" href="{}">#{}</a>',
        reverse("lead", args=[row.lead_id]),
        row.lead_id,
    )


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # of any model's rows
    """Counts no further than one row beyond COUNT_CAP, as the lists of the product do; pages end there too.

    A count of a million rows is slower than the page it stands on, and nobody turns two hundred pages: a filter or a
    search leads on.
    """

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        return rows.order_by()[: COUNT_CAP + 1].count() if isinstance(rows, QuerySet) else len(rows)


class NewestValuesFilter(admin.AllValuesFieldListFilter):
    """Offers the values that the newest COUNT_CAP rows hold, and the one that is chosen. A rarer one, its address names."""

    def __init__(
        self, field: Any, request: HttpRequest, asked: Any, model: type[Model], *rest: Any, **path: Any
    ) -> None:
        super().__init__(field, request, asked, model, *rest, **path)
        # Of everybody's rows: what kinds of things there are is no secret, and to find a team's newest takes long.
        newest = model._default_manager.order_by("-pk").values_list(field.name, flat=True)[:COUNT_CAP]
        held = {*newest, *(self.lookup_val or ())}
        self.lookup_choices = cast(QuerySet[Any], sorted(held, key=lambda value: (value is None, value)))


def _any_of(conditions: Iterable[tuple[str, object]]) -> Q:
    return reduce(or_, (Q(condition) for condition in conditions))


def _lookup(name: str) -> str:
    """As Django reads a search field: exactly where it begins with =, else anywhere within; case does not matter."""
    return f"{name[1:]}__iexact" if name.startswith("=") else f"{name}__icontains"


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Records as they are. `view_action` names the right that opens them; without one, the user's own app rights do.

    `personal_fields` are left out for those who see leads masked; `team_filter` narrows the rows of those whose reach
    ends at their team, by a lookup of their team's id.
    """

    view_action: ClassVar[Action | None] = None
    personal_fields: ClassVar[tuple[str, ...]] = ()
    team_filter: ClassVar[str] = ""
    list_per_page = 50
    paginator = CappedPaginator
    # The newest first, as an index has them: by any other column a page would sort every row there is.
    sortable_by: ClassVar[Iterable[str] | None] = ()
    list_fullwidth = True
    show_full_result_count = False
    show_add_link = False
    actions: ClassVar[Iterable[Any]] = ()

    def _reach(self, request: HttpRequest, wanted: Action | None) -> Reach | None:
        if wanted is None or not request.user.is_active:
            return None
        return reach(admin_user(request).role, wanted)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        how_far = self._reach(request, self.view_action)
        if how_far is None:
            return bool(super().has_view_permission(request, obj))
        return admin_user(request).is_staff and how_far is not Reach.NONE

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        if self._reach(request, self.view_action) is Reach.TEAM and self.team_filter:
            return rows.filter(**{self.team_filter: admin_user(request).team_id or 0})
        return rows

    def confirmation(self, request: HttpRequest, *, title: str, text: str, button: str) -> HttpResponse | None:
        """Ask first: a link changes nothing, only the form behind it does. None once that form was sent."""
        if request.method == "POST":
            return None
        context = {"opts": self.opts, "title": title, "text": text, "button": button}
        return render(request, "admin/confirmation.html", {**self.admin_site.each_context(request), **context})

    def _hides(self, request: HttpRequest) -> tuple[str, ...]:
        return hidden_from(request, self.personal_fields)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [name for name in super().get_fields(request, obj) if name not in self._hides(request)]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        shown = [name for name in super().get_list_display(request) if name not in self._hides(request)]
        return shown or ["pk"]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Who sees leads masked asks by the filters on offer only: any other lookup would tell what is hidden by its hits."""
        if sees_personal_data(admin_user(request).role):
            return bool(super().lookup_allowed(lookup, value, request))
        offered = (each[0] if isinstance(each, tuple) else each for each in self.get_list_filter(request))
        asked = lookup.split("__")[0]
        return asked in {"pk", *offered} and asked not in self.personal_fields

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Fields of free values offer those of the newest rows: Django would read the whole table for what it holds."""
        return [
            (each, NewestValuesFilter) if isinstance(each, str) and self._is_free(each) else each
            for each in super().get_list_filter(request)
        ]

    def _is_free(self, path: str) -> bool:
        field = get_fields_from_path(self.model, path)[-1]
        return isinstance(field, CharField) and not field.flatchoices

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Fields of numbers are asked for numbers, by their index, and first; Django would compare each as a text."""
        fields, term = self.get_search_fields(request), search_term.strip()
        numbers = [name.removeprefix("=") for name in fields if self._is_number(name)]
        if not numbers or not term:
            return cast(tuple[QuerySet[Any], bool], super().get_search_results(request, queryset, search_term))
        texts = [name for name in fields if not self._is_number(name)]
        if term.isascii() and term.isdecimal() and len(term) <= _LONGEST_NUMBER:
            found = queryset.filter(_any_of((name, int(term)) for name in numbers))
            if not texts or found.exists():
                return found, False
        if not texts:
            return queryset.none(), False
        for word in term.split():
            queryset = queryset.filter(_any_of((_lookup(name), word) for name in texts))
        return queryset, False

    def _is_number(self, name: str) -> bool:
        path = name.removeprefix("=")
        return path != name and isinstance(get_fields_from_path(self.model, path)[-1], IntegerField)

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        return [name for name in super().get_search_fields(request) if name not in self._hides(request)]


class EditableAdmin(ReadOnlyAdmin):
    """Plain records that a form may save: who holds `manage_action` may; each save writes one audit row with it."""

    manage_action: ClassVar[Action | None] = None
    # These are few.
    sortable_by = None
    show_add_link = True
    warn_unsaved_form = True

    def _may_manage(self, request: HttpRequest) -> bool:
        how_far = self._reach(request, self.manage_action)
        if how_far is None:
            return admin_user(request).is_administrator
        return how_far is not Reach.NONE

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_manage(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_manage(request)

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            audit_record(
                action=f"{obj._meta.model_name}.{'change' if change else 'create'}",
                subject_type=str(obj._meta.model_name),
                subject_id=obj.pk,
                actor=admin_user(request),
                details={"fields": sorted(form.changed_data)},
            )


class ReadOnlyInline(TabularInline):  # type: ignore[misc]  # unfold has no types
    """Rows of a record, as they are; `personal_fields` are left out for those who see leads masked."""

    personal_fields: ClassVar[tuple[str, ...]] = ()
    extra = 0
    can_delete = False
    show_change_link = False
    tab = True
    per_page = 20
    ordering = ("pk",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        shown = super().get_fields(request, obj)
        return [each for each in shown if each not in hidden_from(request, self.personal_fields)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return list(self.get_fields(request, obj))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
