"""The steps of the first run and where each stands: what a person said of it, and what the database shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Installation, User
from crm.models import Lead
from scoring.models import Score, ScoringModel


class Step(StrEnum):
    """In the order in which they are taken; the value is its part of the address."""

    COMPANY = "company"
    PEOPLE = "people"
    PRESET = "preset"
    LEADS = "leads"
    SCORES = "scores"
    QUEUE = "queue"


class State(StrEnum):
    """What became of a step."""

    OPEN = "open"
    SKIPPED = "skipped"
    DONE = "done"


LABELS: dict[Step, tuple[str | Promise, str | Promise]] = {
    Step.COMPANY: (_("Company and time zone"), _("What you are called, and when your day begins.")),
    Step.PEOPLE: (_("Invite people"), _("Sales, marketing, and whoever looks over their shoulders.")),
    Step.PRESET: (_("Pick a matrix to start from"), _("Six that are ready to use, with a reason for every rule.")),
    Step.LEADS: (_("Bring leads"), _("From a file, from a program, or invented ones to try things out.")),
    Step.SCORES: (_("See the first scores"), _("How the leads spread, and why the best are the best.")),
    Step.QUEUE: (_("Open the queue"), _("Who waits for a call, and who will make it.")),
}


@dataclass(frozen=True, kw_only=True)
class StepShown:
    """One line of the list."""

    step: Step
    number: int
    label: str | Promise
    text: str | Promise
    state: State

    @property
    def is_open(self) -> bool:
        return self.state is State.OPEN


@dataclass(frozen=True, kw_only=True)
class FirstRun:
    """The whole list, and whether it is still shown."""

    installation: Installation
    steps: Sequence[StepShown]
    is_running: bool

    @property
    def done(self) -> int:
        return sum(1 for each in self.steps if not each.is_open)

    @property
    def current(self) -> Step:
        """Where to go on: the first step that is open, the last one when none is."""
        return next((each.step for each in self.steps if each.is_open), Step.QUEUE)

    def before(self, step: Step) -> Step | None:
        """The step before this one; None for the first."""
        order = list(Step)
        place = order.index(step)
        return order[place - 1] if place else None


def first_run() -> FirstRun:
    """The list as it stands. What the database shows counts as done, whoever did it and wherever."""
    installation = Installation.current()
    has_model = ScoringModel.objects.exclude(active_version=None).exists()
    shown = {
        Step.COMPANY: bool(installation.company),
        Step.PEOPLE: User.objects.all()[:2].count() > 1,
        Step.PRESET: has_model,
        Step.LEADS: Lead.objects.exists(),
        Step.SCORES: Score.objects.exists(),
        Step.QUEUE: False,
    }
    steps = [
        StepShown(
            step=step,
            number=number,
            label=LABELS[step][0],
            text=LABELS[step][1],
            state=State.DONE if shown[step] else _said(installation, step),
        )
        for number, step in enumerate(Step, start=1)
    ]
    return FirstRun(installation=installation, steps=steps, is_running=is_running(installation))


def is_running(installation: Installation | None = None) -> bool:
    """Whether the list is still shown. An installation that judged leads before there was a first run needs none."""
    found = installation or Installation.current()
    if found.finished_at is not None:
        return False
    return not found._state.adding or not ScoringModel.objects.exclude(active_version=None).exists()


def _said(installation: Installation, step: Step) -> State:
    said = installation.steps.get(step.value)
    return State(said) if said in {State.DONE, State.SKIPPED} else State.OPEN
