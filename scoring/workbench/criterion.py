"""What the criterion editor, the settings and the rows' menu ask: menus, values of real data, sentences, criteria to
borrow. Nothing is stored here: edits go the one way they all go."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel.errors import BadRequestError
from kernel.json import unsafe_text
from scoring.models import MatrixVersion
from scoring.workbench.access import reader_required, version_or_404
from scoring.workbench.answers import answer, body_read, json_answer
from scoring.workbench_shown.borrowing import criteria_borrowed, offered, source_document, sources
from scoring.workbench_shown.editor_words import editor_words
from scoring.workbench_shown.fields import editor_choices
from scoring.workbench_shown.sentences import condition_read, criterion_read, settings_read
from scoring.workbench_shown.suggestions import LONGEST_TEXT, suggestions

_MOST_KINDS: Final = 200


@require_safe
@json_answer
@reader_required
def fields(request: HttpRequest, pk: int) -> HttpResponseBase:
    """All menus of the editor and its words; asked for once."""
    version_or_404(pk)
    return answer({**editor_choices(), "words": editor_words()})


@require_safe
@json_answer
@reader_required
def values(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Values of `?field=` in which `?q=` stands; of activities those of `?kind=`, which may stand more than once."""
    field, asked = request.GET.get("field", ""), request.GET.get("q", "")
    kinds = request.GET.getlist("kind")
    if max(len(field), len(asked), *map(len, kinds), 0) > LONGEST_TEXT or len(kinds) > _MOST_KINDS:
        raise BadRequestError(_("This is too long to look for."), code="too_large")
    if any(map(unsafe_text, (field, asked, *kinds))):
        raise BadRequestError(_("This holds characters that no value has."), code="unsafe_text")
    version_or_404(pk)
    return answer(asdict(suggestions(field=field, asked=asked, kinds=kinds)))


@require_POST
@json_answer
@reader_required
def sentence(request: HttpRequest, pk: int) -> HttpResponseBase:
    """`{criterion, replaces}`, `{condition}` or `{settings}`, read back with every problem at its place."""
    body = body_read(request)
    version = version_or_404(pk)
    if set(body) == {"condition"}:
        return answer(asdict(condition_read(body["condition"])))
    if set(body) == {"settings"} and isinstance(body["settings"], dict):
        return answer(asdict(settings_read(version=version, settings=body["settings"])))
    replaces = body.get("replaces", "")
    if "criterion" not in body or not set(body) <= {"criterion", "replaces"} or not isinstance(replaces, str):
        raise BadRequestError(_("Send a criterion, a condition, or settings."), code="wrong_type")
    return answer(asdict(criterion_read(version=version, criterion=body["criterion"], replaces=replaces)))


@require_http_methods(["GET", "HEAD", "POST"])
@json_answer
@reader_required
def presets(request: HttpRequest, pk: int) -> HttpResponseBase:
    """GET: the criteria of `?source=` to choose from. POST `{source, keys}`: the edits that would add them."""
    version = version_or_404(pk)
    if request.method == "POST":
        return answer({"edits": _edits(version, body_read(request))})
    return _choosing(request, version)


def _choosing(request: HttpRequest, version: MatrixVersion) -> HttpResponse:
    every = sources(but=version)
    chosen = request.GET.get("source", "") or every[0].key
    context = {
        "version": version,
        "sources": every,
        "chosen": chosen,
        "sides": offered(document=version.document, source=source_document(chosen)),
    }
    return render(request, "workbench/_borrow.html", context)


def _edits(version: MatrixVersion, body: dict[str, Any]) -> list[dict[str, Any]]:
    source, keys = body.get("source"), body.get("keys")
    is_list = isinstance(keys, list) and all(isinstance(each, str) for each in keys)
    if not isinstance(source, str) or not is_list or set(body) != {"source", "keys"}:
        raise BadRequestError(_("Say from where, and which criteria."), code="wrong_type")
    return criteria_borrowed(document=version.document, source=source_document(source), keys=set(keys or ()))


urlpatterns: list[URLPattern] = [
    path("<int:pk>/fields/", fields, name="workbench-fields"),
    path("<int:pk>/values/", values, name="workbench-values"),
    path("<int:pk>/sentence/", sentence, name="workbench-sentence"),
    path("<int:pk>/presets/", presets, name="workbench-presets"),
]
