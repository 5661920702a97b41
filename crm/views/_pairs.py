"""How a page about pairs of leads puts things: why two look like one, what of each is shown, and pages of rows by keyset."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.core.exceptions import PermissionDenied
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.asked import number_asked
from accounts.models import User
from accounts.rights import Action, may, sees_personal_data
from crm.models import Activity, Lead
from crm.views._asked import asker

PAGE_SIZE: Final = 25

REASONS: Final[dict[str, str | Promise]] = {
    "email": _("the same mailbox"),
    "phone": _("the same phone number"),
    "one_id": _("the same id in two feeds"),
    "name_company": _("the same name at the same company"),
    "name_place": _("the same name, place and title"),
    "email_name": _("one's address spells the other's name"),
    "name": _("the same name"),
    "visitor": _("the same browser"),
    "external_id": _("an id that another lead has"),
    "external_id_and_email": _("an id of one sent with the address of the other"),
    "same_email": _("the same address, typed for both"),
}
FIELDS: Final[dict[str, str | Promise]] = {
    "email": _("email"),
    "phone": _("phone"),
    "external_id": _("id"),
    "name": _("name"),
    "company": _("company"),
    "city": _("city"),
    "title": _("title"),
}


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of two people: the lead, how much it did and when last."""

    lead: Lead
    activities: int
    last_activity_at: datetime | None


def merging(request: HttpRequest) -> User:
    """The one who merges; masked roles see no such page, others without the right are refused."""
    user = asker(request)
    if not sees_personal_data(user.role):
        raise Http404
    if not may(user.role, Action.LEAD_MERGE):
        raise PermissionDenied
    return user


def sides(lead_ids: Iterable[int]) -> dict[int, Side]:
    """What of leads is shown side by side, in one query."""
    done = Activity.objects.filter(lead=OuterRef("pk"), is_bot=False, withdrawn_at=None)
    counted = done.order_by().values("lead").annotate(done=Count("pk")).values("done")
    leads = Lead.objects.filter(pk__in=set(lead_ids)).select_related("company", "owner")
    leads = leads.annotate(
        done=Coalesce(Subquery(counted, output_field=IntegerField()), 0),
        last=Subquery(done.order_by("-occurred_at").values("occurred_at")[:1]),
    )
    return {lead.pk: Side(lead=lead, activities=lead.done, last_activity_at=lead.last) for lead in leads}


def cursor_read(cursor: str, parts: int) -> tuple[int, ...] | None:
    """A place in a list, as so many whole numbers; None where it cannot be read."""
    numbers = [number for text in cursor.split(".") if (number := number_asked(text)) is not None]
    return tuple(numbers) if len(numbers) == parts == cursor.count(".") + 1 else None


def cursor_text(place: Sequence[int]) -> str:
    return ".".join(map(str, place))
