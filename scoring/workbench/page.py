"""The page itself: the matrix on the left, what is said and asked about it in tabs on the right."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.unfold import admin_user
from scoring.models import MatrixVersion
from scoring.services.undoing import undo_state
from scoring.workbench.access import EDITABLE, may_edit, reader_required, version_or_404
from scoring.workbench_shown.comments import open_comments
from scoring.workbench_shown.findings import findings_of
from scoring.workbench_shown.matrix import matrix_shown
from scoring.workbench_shown.state import state_of


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A fragment beside the matrix; `follows` is whether the page asks for it again after each change."""

    key: str
    label: str | Promise
    follows: bool = True
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Link:
    """Another page about the same version."""

    label: str | Promise
    url: str


TABS: Final = (
    # Its figures ask for themselves.
    Tab(key="impact", label=_("Impact"), follows=False),
    Tab(key="test", label=_("Test a lead"), follows=False),
    Tab(key="findings", label=_("Findings")),
    Tab(key="comments", label=_("Comments"), follows=False),
    Tab(key="log", label=_("Edit log")),
    Tab(key="review", label=_("Review")),
)
LINKS: Final = (
    ("workbench-compare", _("Compare")),
    ("workbench-shadow", _("Shadow")),
    ("workbench-alignment", _("Alignment")),
)
DIALOGS: Final = ("workbench/_sheets.html",)
#: Addresses the scripts ask, by the name they know them under.
SCRIPT_URLS: Final = {
    "edits": "workbench-edits",
    "undo": "workbench-undo",
    "redo": "workbench-redo",
    "poll": "workbench-poll",
    "matrix": "workbench-matrix",
    "fields": "workbench-fields",
    "values": "workbench-values",
    "sentence": "workbench-sentence",
    "presets": "workbench-presets",
}


@reader_required
@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """The workbench of one version; a published one is read here."""
    version = version_or_404(pk)
    reader = admin_user(request)
    state = {
        **state_of(version),
        "isEditable": is_editable(version, reader),
        **undo_state(version=version, by=reader),
        "userId": reader.pk,
        "urls": page_urls(version),
    }
    context = {
        **_matrix(version, reader),
        "tabs": tabs_of(version),
        "links": [Link(label=label, url=url) for name, label in LINKS if (url := _url(name, version))],
        "dialogs": DIALOGS,
        "state": state,
    }
    return render(request, "workbench/page.html", context)


@reader_required
@require_safe
def matrix(request: HttpRequest, pk: int) -> HttpResponse:
    """The matrix alone, as it is now."""
    return render(request, "workbench/_matrix.html", _matrix(version_or_404(pk), admin_user(request)))


def is_editable(version: MatrixVersion, reader: User) -> bool:
    return version.state in EDITABLE and may_edit(reader)


def page_urls(version: MatrixVersion) -> dict[str, str]:
    """The addresses of scripts, each part's that is there."""
    return {name: url for name, target in SCRIPT_URLS.items() if (url := _url(target, version))}


def tabs_of(version: MatrixVersion) -> list[Tab]:
    """The tabs whose part of the page is there."""
    return [replace(each, url=url) for each in TABS if (url := _url(f"workbench-{each.key}", version))]


def _matrix(version: MatrixVersion, reader: User) -> dict[str, Any]:
    return {
        "version": version,
        "is_editable": is_editable(version, reader),
        "shown": matrix_shown(version, findings=findings_of(version), comments=open_comments(version)),
    }


def _url(name: str, version: MatrixVersion) -> str:
    for args in ([version.pk], [version.model_id] if name == "workbench-alignment" else [], []):
        try:
            return reverse(name, args=args)
        except NoReverseMatch:
            continue
    return ""


urlpatterns: list[URLPattern] = [
    path("<int:pk>/", page, name="workbench"),
    path("<int:pk>/matrix/", matrix, name="workbench-matrix"),
]
