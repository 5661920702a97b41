"""The demo company brought into an empty installation: its leads and their year, batch by batch, by whoever comes along.

The state is in the installation's row, so that a filling that was cut short goes on after the last batch that is
stored; the same lead is invented the same way each time. It brings leads only: no people who could sign in.
"""

import random
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Installation, User
from accounts.services import audit_record
from crm.models import ExternalId, Lead
from crm.services.activities import activities_record
from kernel.errors import ConflictError
from leadscore.demo.people import Invented, activities, people
from leadscore.demo.story import SEED, leads_tell
from leadscore.first_run.services import check_setup, installation_locked

# The feed by which these leads are told from real ones.
FEED = "demo"
LEADS, BATCH, ITEMS = 1_000, 50, 1_000
STATE = "demo"


@dataclass(frozen=True, kw_only=True)
class Filling:
    """How far the demo company is in."""

    asked_at: datetime
    done: int
    total: int

    @property
    def is_done(self) -> bool:
        return self.done >= self.total


def filling(installation: Installation) -> Filling | None:
    """The filling that was asked for; None where none was."""
    state = installation.steps.get(STATE)
    if not isinstance(state, dict):
        return None
    return Filling(asked_at=datetime.fromisoformat(state["asked_at"]), done=state["done"], total=state["total"])


@transaction.atomic
def demo_ask(*, by: User) -> Filling:
    """Ask for the demo company; asking again changes nothing. Raises ConflictError where there are real leads."""
    check_setup(by)
    row = installation_locked()
    already = filling(row)
    if already is not None:
        return already
    if Lead.objects.exclude(pk__in=ExternalId.objects.filter(feed=FEED).values("lead")).exists():
        raise ConflictError(
            _("There are leads here already: invented ones do not belong among them."), code="has_leads"
        )
    asked = Filling(asked_at=timezone.now().replace(microsecond=0), done=0, total=LEADS)
    _save(row, asked)
    audit_record(action="demo.ask", subject_type="installation", actor=by, details={"leads": LEADS})
    return asked


def demo_fill() -> int:
    """Bring the next batch; returns how many leads came in, 0 where nothing is to do or somebody else is at it."""
    with transaction.atomic():
        row = Installation.objects.select_for_update(skip_locked=True).filter(pk=1, steps__has_key=STATE).first()
        state = filling(row) if row is not None else None
        if row is None or state is None or state.is_done:
            return 0
        part = list(_invented(state.asked_at, state.total)[state.done : state.done + BATCH])
        leads_tell(part, feed=FEED)
        items = [item for lead in part for item in activities(_dice(lead), lead, state.asked_at)]
        for start in range(0, len(items), ITEMS):
            activities_record(feed=FEED, items=items[start : start + ITEMS])
        _save(row, Filling(asked_at=state.asked_at, done=state.done + len(part), total=state.total))
    return len(part)


@lru_cache(maxsize=1)
def _invented(asked_at: datetime, total: int) -> tuple[Invented, ...]:
    return tuple(people(random.Random(SEED), total, asked_at))  # noqa: S311 - invented people, not secrets


def _dice(lead: Invented) -> random.Random:
    return random.Random(f"{SEED}-{lead.external_id}")  # noqa: S311 - invented people, not secrets


def _save(row: Installation, state: Filling) -> None:
    row.steps = {
        **row.steps,
        STATE: {"asked_at": state.asked_at.isoformat(), "done": state.done, "total": state.total},
    }
    row.save()
