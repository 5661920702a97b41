"""Named places on a page into which the floors above put panels.

A lower floor renders `slot("lead.main")`; an upper floor registers a `Panel` in `AppConfig.ready()`. A panel is
an htmx fragment of its own floor, reached by URL name, so nothing is imported upward.
"""

from collections import defaultdict
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One fragment: `url_name` is reversed with the id of the page's subject; lower `order` stands first."""

    slot: str
    name: str
    url_name: str
    order: int = 100


_panels: dict[str, dict[str, Panel]] = defaultdict(dict)


def register(panel: Panel) -> None:
    """Put a panel into its slot. Registering the same name again replaces it, so that reloads are harmless."""
    _panels[panel.slot][panel.name] = panel


def panels(slot: str) -> list[Panel]:
    """The panels of a slot, in order."""
    return sorted(_panels[slot].values(), key=lambda panel: (panel.order, panel.name))
