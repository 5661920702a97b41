"""Moments of a lead's hand-offs, as its score's history marks them."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from handoff.lifecycle import State
from handoff.models import Handoff
from scoring.marks import Mark


def handoff_marks(lead_id: int) -> Iterator[Mark]:
    """When each episode opened, and how it was decided."""
    labels = {State.ACCEPTED: _("accepted"), State.REJECTED: _("rejected")}
    for handoff in Handoff.objects.filter(lead=lead_id).order_by("pk"):
        yield Mark(at=handoff.opened_at, label=_("hand-off"), kind="handoff")
        if handoff.decided_at is not None and handoff.state in labels:
            yield Mark(at=handoff.decided_at, label=labels[State(handoff.state)], kind="handoff")
