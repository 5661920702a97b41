"""Filters of `GET leads`, by allow-list."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from accounts.api.query import Query
from crm.models import Lead

FILTERS = (
    OpenApiParameter("external_id", str, description=_("An id of the key's own feed.")),
    OpenApiParameter("email", str, description=_("Letter case does not matter.")),
    OpenApiParameter("country", str, description=_("ISO 3166 code.")),
    OpenApiParameter("source", str),
    OpenApiParameter("company_domain", str),
    OpenApiParameter("created_after", str, description=_("A time with its offset.")),
    OpenApiParameter("updated_after", str, description=_("A time with its offset.")),
)


def leads_filtered(leads: QuerySet[Lead], request: Request, *, feed: str) -> QuerySet[Lead]:
    """The leads that the query of the call asks for. Raises BadRequestError with every problem."""
    query = Query(request, [each.name for each in FILTERS], is_paged=True)
    texts = {name: query.text(name) for name in ("external_id", "email", "country", "source", "company_domain")}
    moments = {
        "created_at__gt": query.moment("created_after"),
        "updated_at__gt": query.moment("updated_after"),
    }
    query.check()
    wanted: dict[str, object] = {name: moment for name, moment in moments.items() if moment is not None}
    if texts["external_id"] is not None:
        # Another feed may know somebody else, or the same lead, by the same id.
        wanted |= {"external_ids__feed": feed, "external_ids__external_id": texts["external_id"]}
    if texts["email"] is not None:
        wanted["email_key"] = texts["email"].casefold()
    if texts["country"] is not None:
        wanted["country"] = texts["country"].upper()
    if texts["source"] is not None:
        wanted["source"] = texts["source"]
    if texts["company_domain"] is not None:
        wanted["company__domain"] = texts["company_domain"].casefold()
    return leads.filter(**wanted)
