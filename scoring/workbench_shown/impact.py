"""What a draft changes: the impact tab, and what other parts and the floors above ask of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from accounts.models import User
from crm.visibility import leads_visible_to, sees_all_leads
from kernel.errors import ConflictError
from scoring.document_edits import MISSING, EditConflict, NoSuchPlace, document_edited
from scoring.models import MatrixVersion
from scoring.preview.answer import Figures, Preview
from scoring.preview.background import measuring_seconds
from scoring.preview.comparing import Moved
from scoring.preview.crowds import Choice, Crowd, Where, crowd, crowd_of
from scoring.preview.previewing import Held, figures_held, held_against
from scoring.workbench_shown.impact_figures import Shown, figures_shown

NAMED: Final = 10
QUALIFIED: Final = Where(line="qualified")
NOT_QUALIFIED: Final = Where(line="qualified", is_in=False)
ENTERING: Final = Choice(before=NOT_QUALIFIED, after=QUALIFIED)
LEAVING: Final = Choice(before=QUALIFIED, after=NOT_QUALIFIED)


@dataclass(frozen=True, kw_only=True)
class Counting:
    """What is being measured: criteria by their labels, of how many, for how long as this process knows."""

    labels: Sequence[str]
    done: int
    of: int
    seconds: int | None


@dataclass(frozen=True, kw_only=True)
class Impact:
    """The whole tab. `shown` where it is ready, `counting` where it is measuring; `is_tried` where nothing is saved."""

    version: MatrixVersion
    preview: Preview
    is_same: bool
    is_tried: bool
    shown: Shown | None = None
    counting: Counting | None = None


def impact(*, version: MatrixVersion, user: User, tried: Mapping[str, Any] | None = None) -> Impact:
    """What the version changes against the published one, or what it would with the document that is `tried`.

    Counts are of everybody; leads are named to whom may see them. Raises InvalidError with every problem of `tried`.
    """
    document = version.document if tried is None else tried
    visible = leads_seen_by(user)

    def answer(held: Held) -> tuple[Figures, Sequence[Moved], Sequence[Moved]]:
        figures = figures_held(held, NAMED)
        if visible is None:
            flow = figures.qualified.flow
            return figures, flow.entering.leads, flow.leaving.leads
        entering, leaving = (crowd_of(held, choice, visible).page(most=NAMED) for choice in (ENTERING, LEAVING))
        return figures, entering, leaving

    preview, found = held_against(model=version.model, document=document, answer=answer)
    published = version.model.active_version
    return Impact(
        version=version,
        preview=preview,
        is_same=tried is None and published is not None and published.checksum == version.checksum,
        is_tried=tried is not None,
        shown=None if found is None else figures_shown(version, user, document, *found, is_tried=tried is not None),
        counting=_counting(preview, document) if preview.state == "measuring" else None,
    )


def entering_ids(version: MatrixVersion) -> Sequence[int] | None:
    """The leads that would newly be handed to sales by this version, the lower id first; None while it is measured."""
    _preview, found = crowd(model=version.model, document=version.document, choice=ENTERING)
    return None if found is None else sorted(found.lead_ids.tolist())


def qualified_ids(version: MatrixVersion) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """Who is handed to sales by the published version, and who by this one; None while it is measured."""

    def answer(held: Held) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        before, after = (crowd_of(held, each) for each in (Choice(before=QUALIFIED), Choice(after=QUALIFIED)))
        return before.lead_ids, after.lead_ids

    return held_against(model=version.model, document=version.document, answer=answer)[1]


def leads_seen_by(user: User) -> NDArray[np.int64] | None:
    """The ids of the leads somebody may see, rising; None for who sees all."""
    if sees_all_leads(user):
        return None
    return np.sort(np.fromiter(leads_visible_to(user, is_list=True).order_by().values_list("pk", flat=True), np.int64))


def narrowed(found: Crowd, visible: NDArray[np.int64] | None) -> Crowd:
    return found if visible is None else found.among(visible)


def _counting(preview: Preview, document: Mapping[str, Any]) -> Counting:
    labels = {each["key"]: str(each.get("label") or each["key"]) for each in document.get("criteria", ())}
    return Counting(
        labels=[labels.get(key) or _("who is scored") for key in preview.measuring],
        done=max(0, len(labels) - len(preview.measuring)),
        of=len(labels),
        seconds=measuring_seconds(),
    )


def document_tried(version: MatrixVersion, edits: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The document as it would be with these edits. Raises ConflictError where one speaks of what is not there."""
    document: object = version.document
    for edit in edits:
        before, after = (MISSING if edit.get(name) is None else edit[name] for name in ("before", "after"))
        try:
            document, _path = document_edited(document, path=edit["path"], before=before, after=after)
        except (EditConflict, NoSuchPlace) as error:
            raise ConflictError(
                _("Somebody changed this value meanwhile: look at what stands there now."), code="edit_conflict"
            ) from error
    return cast(dict[str, Any], document)
