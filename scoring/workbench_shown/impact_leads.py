"""The list behind a figure of the impact: its leads page by page, as far as somebody may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from accounts.models import User
from kernel.errors import BadRequestError
from scoring.engine.parse import parse_matrix
from scoring.loader import compiled_version
from scoring.models import MatrixVersion
from scoring.preview.answer import Preview
from scoring.preview.crowds import NO_TOTAL, Crowd, crowd, crowd_between
from scoring.workbench_shown.impact import leads_seen_by, narrowed
from scoring.workbench_shown.impact_capacity import document_with_threshold
from scoring.workbench_shown.impact_choices import Behind
from scoring.workbench_shown.impact_figures import LeadLine, lead_lines

PAGE: Final = 50


@dataclass(frozen=True, kw_only=True)
class ImpactLeads:
    """One page. `count` are all whom the figure counts, `seen` those of them who are this person's to see; `cursor` is
    where the next page begins, empty on the last. `preview` says why there is none."""

    title: str
    preview: Preview
    count: int | None = None
    seen: int = 0
    lines: Sequence[LeadLine] = ()
    cursor: str = ""
    is_first: bool = True


def impact_leads(*, version: MatrixVersion, user: User, behind: Behind, cursor: str = "") -> ImpactLeads:
    """Raises BadRequestError for a cursor that cannot be read."""
    place = _place_read(cursor)
    preview, found = _crowd(version, behind)
    title = behind.sentence(parse_matrix(version.document))
    if found is None:
        return ImpactLeads(title=title, preview=preview)
    visible = narrowed(found, leads_seen_by(user))
    moved = visible.page(most=PAGE + 1, after=place)
    lines = lead_lines(user, moved[:PAGE], _stage_labels(version))
    last = moved[PAGE - 1] if len(moved) > PAGE else None
    total = None if last is None else last.total_after if behind.choice.is_after else last.total_before
    return ImpactLeads(
        title=title,
        preview=preview,
        count=len(found),
        seen=len(visible),
        lines=[lines[each.lead_id] for each in moved[:PAGE] if each.lead_id in lines],
        cursor="" if last is None else f"{'none' if total is None else total}.{last.lead_id}",
        is_first=place is None,
    )


def _crowd(version: MatrixVersion, behind: Behind) -> tuple[Preview, Crowd | None]:
    model, document, choice = version.model, version.document, behind.choice
    if behind.at is None:
        return crowd(model=model, document=document, choice=choice)
    changed = document_with_threshold(document, behind.at)
    return crowd_between(model=model, document=document, changed=changed, choice=choice)


def _stage_labels(version: MatrixVersion) -> dict[str, str]:
    """Those of the draft, and of the published version where it has others."""
    published = version.model.active_version
    stages = list(parse_matrix(version.document).stages)
    if published is not None:
        compiled = compiled_version(version_id=published.pk, checksum=published.checksum)
        stages = [*compiled.matrix.stages, *stages]
    return {stage.key: stage.label for stage in stages}


def _place_read(cursor: str) -> tuple[int, int] | None:
    if not cursor:
        return None
    total, _dot, lead_id = cursor.partition(".")
    digits = total.removeprefix("-")
    is_total = total == "none" or (digits.isascii() and digits.isdecimal() and len(digits) < 18)
    if not is_total or not (lead_id.isascii() and lead_id.isdecimal()) or len(lead_id) > 18:
        raise BadRequestError(
            _("This address names no place of the list: begin again from the top."), code="bad_cursor"
        )
    return NO_TOTAL if total == "none" else int(total), int(lead_id)
