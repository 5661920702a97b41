"""“We can work so many a week”: the threshold that brings so many, and what moving it there costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from django.db.models import Sum

from accounts.models import Role, User
from kernel.json import pointer
from scoring.models import MatrixVersion
from scoring.preview.answer import Preview
from scoring.preview.capacity import Capacity, Reached, capacity
from scoring.preview.crowds import crowd_between
from scoring.preview.deeds import leads_who
from scoring.workbench_shown.impact import ENTERING, LEAVING
from scoring.workbench_shown.impact_choices import Behind
from scoring.workbench_shown.impact_figures import Number, leads_url

MOST_A_WEEK: Final = 1_000_000
#: Thresholds in the table.
_ROWS: Final = 15


@dataclass(frozen=True, kw_only=True)
class Moved:
    """Leads that a moved threshold takes out of sales' hands or puts into them; `won` of them bought, None while that is
    counted."""

    number: Number
    won: int | None


@dataclass(frozen=True, kw_only=True)
class CapacityShown:
    """What is answered. `now` is the draft's threshold as it stands; `answer` None where no threshold brings so few."""

    version: MatrixVersion
    a_week: int
    preview: Preview
    capacity: Capacity | None = None
    now: Reached | None = None
    answer: Reached | None = None
    lost: Moved | None = None
    gained: Moved | None = None
    curve: Sequence[Reached] = ()
    edit: Mapping[str, Any] | None = None


def capacity_shown(*, version: MatrixVersion, a_week: int) -> CapacityShown:
    preview, found = capacity(model=version.model, document=version.document)
    shown = CapacityShown(version=version, a_week=a_week, preview=preview, capacity=found)
    if found is None or found.at is None:
        return shown
    answer = found.answer(a_week)
    is_moved = answer is not None and answer.above != found.reached(found.at).above
    return CapacityShown(
        version=version,
        a_week=a_week,
        preview=preview,
        capacity=found,
        now=found.reached(found.at),
        answer=answer,
        lost=_moved(version, answer.at, is_lost=True) if answer and is_moved and answer.at > found.at else None,
        gained=_moved(version, answer.at, is_lost=False) if answer and is_moved and answer.at < found.at else None,
        curve=found.curve(_ROWS),
        edit={"path": pointer("stages", found.stage, "at"), "before": found.at, "after": answer.at}
        if answer and is_moved
        else None,
    )


def capacity_of_all() -> int:
    """Hand-offs that all reps together take a week, those who are absent too."""
    reps = User.objects.filter(role=Role.REP, is_active=True)
    return reps.aggregate(found=Sum("weekly_capacity"))["found"] or 0


def document_with_threshold(document: Mapping[str, Any], at: int) -> dict[str, Any]:
    """The document with another threshold of its hand-off stage."""
    key = document.get("hand_off_at") or "mql"
    return {**document, "stages": [{**each, "at": at} if each["key"] == key else each for each in document["stages"]]}


def _moved(version: MatrixVersion, at: int, *, is_lost: bool) -> Moved | None:
    _preview, found = crowd_between(
        model=version.model,
        document=version.document,
        changed=document_with_threshold(version.document, at),
        choice=LEAVING if is_lost else ENTERING,
    )
    if found is None:
        return None
    won = leads_who({"won": ["deal_won"]})
    behind = Behind(line="qualified", side="leaving" if is_lost else "entering", at=at)
    return Moved(
        number=Number(count=len(found), url=leads_url(version, behind) if len(found) else ""),
        won=None if won is None else int(np.isin(found.lead_ids, won["won"]).sum()),
    )
