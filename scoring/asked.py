"""What a panel of the lead page is asked for: which lead, which model, which day, and what was known when."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import cast

from django.db.models import Min
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rights import sees_personal_data
from crm.models import Activity, Lead
from crm.visibility import leads_visible_to
from scoring.forms import AsOfForm
from scoring.judging import today_in
from scoring.loader import zone_named
from scoring.models import Score, ScoringModel
from scoring.queries import version_at


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`as_of` is None for now. `known_at` is None for what is known now; `version` then None for the active one.

    `refusal` says in a sentence why the day asked for is not the day shown; then now is shown.
    """

    user: User
    lead: Lead
    models: list[ScoringModel]
    model: ScoringModel | None
    as_of: date | None
    known_at: datetime | None
    version: int | None
    refusal: str = ""

    @property
    def is_live(self) -> bool:
        return self.as_of is None

    @property
    def is_masked(self) -> bool:
        return not sees_personal_data(self.user.role)


def asked(request: HttpRequest, lead_id: int) -> Asked:
    """Read the address. Raises Http404 where the lead is out of reach; what cannot be read or shown asks for now.

    Without a choice the model is the first, by priority, that scores this lead. "As known then" also judges by the
    version of then, so that the page says what it said on that day.
    """
    user = cast(User, request.user)
    lead = get_object_or_404(leads_visible_to(user).select_related("company"), pk=lead_id)
    form = AsOfForm(request.GET)
    form.is_valid()
    read = form.cleaned_data
    models = list(ScoringModel.objects.exclude(active_version=None).select_related("active_version"))
    model = next((one for one in models if one.slug == read.get("model")), None) or _first_scored(models, lead_id)
    as_of = read.get("as_of")
    refusal = str(form.errors["as_of"][0]) if "as_of" in form.errors else ""
    if as_of is not None:
        refusal = _day_refusal(as_of, days_known(lead, model))
        as_of = None if refusal else as_of
    known_at = version = None
    if model is not None and as_of is not None and read.get("known") == "then":
        # The whole of that day was known at its end.
        midnight = datetime.combine(as_of + timedelta(days=1), time.min, tzinfo=zone_named(model.time_zone))
        known_at = min(midnight - timedelta(microseconds=1), timezone.now())
        then = version_at(model_id=model.pk, moment=known_at)
        version = then.number if then else None
    return Asked(
        user=user,
        lead=lead,
        models=models,
        model=model,
        as_of=as_of,
        known_at=known_at,
        version=version,
        refusal=refusal,
    )


def days_known(lead: Lead, model: ScoringModel | None) -> tuple[date, date]:
    """The first and the last day a lead can be judged on, in the model's zone: from its first trace to the current day."""
    zone = zone_named(model.time_zone if model else "")
    first_done = Activity.objects.filter(lead=lead, withdrawn_at=None).aggregate(first=Min("occurred_at"))["first"]
    began = min(lead.created_at, first_done or lead.created_at)
    return began.astimezone(zone).date(), today_in(zone)


def _day_refusal(day: date, known: tuple[date, date]) -> str:
    first, last = known
    if day > last:
        return _("A score cannot look ahead: today is shown. What comes stands under “What comes next”.")
    if day < first:
        return _("Not known before %(day)s: today is shown.") % {"day": date_format(first, "DATE_FORMAT")}
    return ""


def _first_scored(models: list[ScoringModel], lead_id: int) -> ScoringModel | None:
    scored = set(Score.objects.filter(lead=lead_id).values_list("model_id", flat=True)) if len(models) > 1 else set()
    return next((one for one in models if one.pk in scored), models[0] if models else None)
