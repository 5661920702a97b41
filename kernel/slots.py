"""Named places on a page into which the floors above put panels.

A lower floor renders the places by name; an upper floor registers a `Panel` in `AppConfig.ready()`. A panel is a
fragment of its own floor, reached by URL name, so nothing is imported upward.
"""

from collections import defaultdict
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import resolve, reverse


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One fragment: `url_name` is reversed with the id of the page's subject; lower `order` stands first.

    An eager panel is part of the page's own answer, so that it is there without script; others are fetched by htmx.
    """

    slot: str
    name: str
    url_name: str
    order: int = 100
    is_eager: bool = False


_panels: dict[str, dict[str, Panel]] = defaultdict(dict)


def register(panel: Panel) -> None:
    """Put a panel into its slot. Registering the same name again replaces it, so that reloads are harmless."""
    _panels[panel.slot][panel.name] = panel


def panels(slot: str) -> list[Panel]:
    """The panels of a slot, in order."""
    return sorted(_panels[slot].values(), key=lambda panel: (panel.order, panel.name))


def content(panel: Panel, request: HttpRequest, subject: int) -> HttpResponse:
    """What the panel's own view answers to this request, as if it had been fetched."""
    match = resolve(reverse(panel.url_name, args=[subject]))
    answer: HttpResponse = match.func(request, *match.args, **match.kwargs)
    return answer
