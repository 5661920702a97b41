"""The kinds of notification: what each is called in the settings, and how one reads. Pure.

A row holds a code with parameters; the sentence is made when it is read, in the language of the reader. A floor registers
its kinds in `AppConfig.ready()`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _


@dataclass(frozen=True, kw_only=True)
class NotificationKind:
    """One kind: `label` in the settings, `wording` makes the sentence; `is_emailed` is where new people start."""

    key: str
    label: str | Promise
    wording: Callable[[Mapping[str, Any]], str]
    is_emailed: bool = False
    order: int = 100


_kinds: dict[str, NotificationKind] = {}


def register(kind: NotificationKind) -> None:
    """Make a kind known. Registering the same key again replaces it, so that reloads are harmless."""
    _kinds[kind.key] = kind


def kinds() -> list[NotificationKind]:
    """All kinds, in the order of the settings."""
    return sorted(_kinds.values(), key=lambda kind: (kind.order, kind.key))


def wording(kind: str, params: Mapping[str, Any]) -> str:
    """The sentence of a notification. One whose kind nobody registers any more, or whose parameters lack, says its name."""
    known = _kinds.get(kind)
    try:
        if known is not None:
            return known.wording(params)
    except (KeyError, TypeError, ValueError):
        # Written by an older version with other parameters: its label still says what it is about.
        return str(known.label) if known else kind
    return _("Something happened: %(kind)s") % {"kind": kind.replace("_", " ")}
