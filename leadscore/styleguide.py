"""Every piece that pages are made of, in every state, on one page: for whoever builds pages. There only with DEBUG."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from kernel import slots

SPRITE = Path(__file__).resolve().parents[1] / "static" / "img" / "icons.svg"
LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung"
LONG_NAME = "Maximiliane-Friederike Anastasia von und zu Hohenlohe-Waldenburg-Schillingsfürst " * 3
RIGHT_TO_LEFT = "شركة النور للتجارة والخدمات اللوجستية"
EMOJI = "Zoë 👩🏽‍🔬 Ångström 🚀🇵🇱"
SLOT = "styleguide"


@dataclass(frozen=True, kw_only=True)
class Said:
    """A message as Django's are: a sentence and its tags."""

    text: str
    tags: str

    def __str__(self) -> str:
        return self.text


class FieldsForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Name", help_text="A line below says what is meant.")
    empty = forms.CharField(label="Empty", required=False, widget=forms.TextInput({"placeholder": "Nothing typed yet"}))
    disabled = forms.CharField(label="Disabled", required=False, disabled=True, initial="Cannot be changed here")
    email = forms.EmailField(label="With an error")
    number = forms.IntegerField(label="A number", max_value=10)
    choice = forms.ChoiceField(label="A choice", choices=[("", "Any"), ("a", "One of the list"), ("b", LONG_WORD)])
    day = forms.DateField(label="A day", required=False, widget=forms.DateInput({"type": "date"}))
    note = forms.CharField(label=LONG_WORD, required=False, widget=forms.Textarea({"rows": 3}))


def samples() -> dict[str, Any]:
    """What the page shows its pieces with."""
    form = FieldsForm(
        {"name": EMOJI, "email": "not an address", "number": 99, "choice": "b", "note": LONG_NAME}, auto_id="sample_%s"
    )
    return {
        "form": form,
        "plain": FieldsForm(auto_id="plain_%s"),
        "icons": re.findall(r'<symbol id="([a-z-]+)"', SPRITE.read_text(encoding="utf-8")),
        "ratings": [f"{grade}{level}" for grade in "ABCDE" for level in (1, 4)],
        "stages": [("cold", "Cold"), ("warm", "Warm"), ("mql", "Marketing qualified"), ("sql", "Sales qualified")],
        "said": [
            Said(text="Saved.", tags="success"),
            Said(text="Nothing was changed, because nothing was different.", tags="info"),
            Said(text="Nobody has capacity left this week.", tags="warning"),
            Said(text=f"{LONG_WORD} could not be reached.", tags="error"),
        ],
        "long": [LONG_WORD, LONG_NAME, RIGHT_TO_LEFT, EMOJI],
        "rows": [
            ("Ada Byron", "A1", "sql", "Sales qualified", 1_234_567, 12),
            (LONG_NAME, "B3", "mql", "Marketing qualified", 87, -5),
            (RIGHT_TO_LEFT, "C2", "warm", LONG_WORD, 0, 0),
            (EMOJI, "D4", "", "", -40, None),
        ],
        "lines": [_line("Asked for a demo", 120, 300, 30), _line(LONG_WORD, 420, 80, -8), _line("Limit", 340, 60, -6)],
        "drawing": {"zero": 120, "hand_off": {"left": 700, "label": "Marketing qualified", "at": 50}},
        "ask": {"is_masked": False},
    }


def _line(label: str, left: int, width: int, points: int) -> dict[str, Any]:
    kind = "group" if label == "Limit" else "criterion"
    at = timezone.now()
    evidence = [{"occurred_at": at, "what": "page view", "where": "/pricing", "age": 3, "share": 900_000, "points": 8}]
    return {
        "label": label,
        "rule": "the lead asked for a demo in the last 45 days",
        "facts": [("Title", "VP Operations"), ("Employees", None)],
        "evidence": [{**each, "repeat": 1_000_000} for each in evidence],
        "line": {
            "kind": kind,
            "outcome": "met",
            "is_fast_track": points > 20,
            "is_disqualifier": False,
            "left": left,
            "width": width,
            "contribution": points,
            "points": points,
            "group": "website",
        },
    }


def debug_only(view: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """There is no such page outside of DEBUG."""

    @require_safe
    @wraps(view)
    def guarded(request: HttpRequest, **_kwargs: int) -> HttpResponse:
        if not settings.DEBUG:
            raise Http404
        return view(request)

    return guarded


@debug_only
def page(request: HttpRequest) -> HttpResponse:
    """The page itself."""
    return render(request, "styleguide/page.html", samples())


@debug_only
def part(request: HttpRequest) -> HttpResponse:
    """A panel that arrives."""
    return render(request, "styleguide/_part.html")


@debug_only
def waiting(request: HttpRequest) -> HttpResponse:
    """A panel that never does: 204 leaves what is there."""
    return HttpResponse(status=204)


def panels_register() -> None:
    """Put the two sample panels into the page's slot."""
    slots.register(slots.Panel(slot=SLOT, name="styleguide-part", url_name="styleguide-part", order=1))
    slots.register(slots.Panel(slot=SLOT, name="styleguide-waiting", url_name="styleguide-waiting", order=2))


urlpatterns = [
    path("styleguide/", page, name="styleguide"),
    path("styleguide/part/<int:pk>/", part, name="styleguide-part"),
    path("styleguide/waiting/<int:pk>/", waiting, name="styleguide-waiting"),
]
