"""A version as the page's scripts hold it."""

from __future__ import annotations

from typing import Any

from scoring.models import MatrixVersion

_OPEN = frozenset({MatrixVersion.State.DRAFT, MatrixVersion.State.IN_REVIEW})


def state_of(version: MatrixVersion) -> dict[str, Any]:
    """What a script needs to show and change it; `revision` is raised by every change."""
    return {
        "pk": version.pk,
        "revision": version.revision,
        "state": version.state,
        "isEditable": version.state in _OPEN,
        "document": version.document,
    }
