"""What the first run does: the first administrator, the steps, the first matrix, the first key."""

from zoneinfo import available_timezones

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Installation, Role, Scope, User
from accounts.rights import Action, may
from accounts.services import api_key_create, audit_record
from kernel.errors import ConflictError, InvalidError, NotAllowedError
from leadscore.first_run.link import setup_key_check
from leadscore.first_run.steps import State, Step
from scoring.models import MatrixVersion, ScoringModel
from scoring.presets import PRESETS, preset_document
from scoring.services.matrices import model_create, version_create
from scoring.services.publication import version_publish


def installation_locked() -> Installation:
    """The one row, made where it is missing, held until the transaction ends."""
    Installation.objects.get_or_create(pk=1)
    return Installation.objects.select_for_update().get(pk=1)


@transaction.atomic
def administrator_create(*, key: str, email: str, name: str, password: str, time_zone: str = "UTC") -> User:
    """Make the first administrator, for the one who holds the set-up link.

    Of two who do so at once one waits for the other and is refused. Raises NotAllowedError for a link that is not
    ours or too old, ConflictError where somebody is there already.
    """
    setup_key_check(key)
    installation_locked()
    if User.objects.exists():
        raise ConflictError(
            _("This installation has been set up already: sign in, or ask an administrator to invite you."),
            code="already_set_up",
        )
    user = User.objects.create_user(
        email, password, name=name, role=Role.ADMINISTRATOR, time_zone=time_zone_known(time_zone)
    )
    audit_record(action="installation.set_up", subject_type="user", subject_id=user.pk, actor=user)
    return user


def time_zone_known(name: str) -> str:
    """The name where it is a time zone's, else UTC: a browser may call its zone what it likes."""
    return name if name in time_zones() else "UTC"


def time_zones() -> list[str]:
    """Every time zone by name, UTC first."""
    return ["UTC", *sorted(available_timezones() - {"UTC", "localtime", "Factory"})]


@transaction.atomic
def company_set(*, company: str, time_zone: str, by: User) -> Installation:
    """Name the company and the zone in which its days begin. Raises InvalidError for a zone that there is not."""
    check_setup(by)
    if time_zone not in time_zones():
        raise InvalidError(_("There is no such time zone: choose one from the list."), code="unknown_time_zone")
    row = installation_locked()
    row.company, row.time_zone = company.strip(), time_zone
    row.steps = {**row.steps, Step.COMPANY.value: State.DONE.value}
    row.save()
    if by.time_zone == "UTC":
        by.time_zone = time_zone
        by.save(update_fields=["time_zone", "updated_at"])
    audit_record(action="installation.change", subject_type="installation", actor=by, details={"time_zone": time_zone})
    return row


@transaction.atomic
def step_mark(*, step: Step, state: State, by: User) -> None:
    """Remember that somebody did a step or went past it. The last one, done, ends the first run."""
    check_setup(by)
    row = installation_locked()
    row.steps = {**row.steps, step.value: state.value}
    if step is Step.QUEUE and state is State.DONE and row.finished_at is None:
        row.finished_at = timezone.now()
    row.save()


@transaction.atomic
def first_run_end(*, by: User) -> None:
    """Put the list away; its pages stay where they are."""
    check_setup(by)
    row = installation_locked()
    row.finished_at = row.finished_at or timezone.now()
    row.save()


@transaction.atomic
def preset_start(*, slug: str, by: User) -> MatrixVersion:
    """Make a model of a preset in the company's time zone and publish its version 1, with the preset as the reason.

    Raises ConflictError where a model judges already: then a change goes the way of drafts and review.
    """
    check_setup(by)
    row = installation_locked()
    if ScoringModel.objects.exclude(active_version=None).exists():
        raise ConflictError(_("A matrix judges already: change it as a draft under Scoring."), code="already_published")
    document = preset_document(slug)
    document["timezone"] = row.time_zone
    name = str(next(preset.name for preset in PRESETS if preset.slug == slug))
    model = ScoringModel.objects.filter(slug=slug).first() or model_create(slug=slug, name=name, by=by)
    version = version_create(model=model, document=document, by=by, origin=slug)
    reason = _("First matrix: the preset “%(name)s”, as it came.") % {"name": name}
    version_publish(version_id=version.pk, by=by, reason=reason)
    row.steps = {**row.steps, Step.PRESET.value: State.DONE.value}
    row.save()
    version.refresh_from_db()
    return version


def first_key_create(*, feed: str, by: User) -> str:
    """Make a key that sends leads and activities, and return its secret, shown this once."""
    check_setup(by)
    _key, secret = api_key_create(
        name=_("First run: %(feed)s") % {"feed": feed}, feed=feed, scopes=[Scope.CRM_SYNC], by=by
    )
    return secret


def check_setup(by: User) -> None:
    """Raises NotAllowedError for all who may not set up the installation."""
    if not may(by.role, Action.SETUP):
        raise NotAllowedError(_("Only an administrator sets up the installation."), code="not_yours")
