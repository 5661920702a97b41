"""Filters of `GET leads`, by allow-list: an unknown one or an unreadable value is a 400 that names it."""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from crm.models import Lead
from kernel.errors import BadRequestError, Problem

PAGING = frozenset({"cursor", "page_size"})


def _moment(text: str) -> datetime:
    moment = parse_datetime(text)
    if moment is None or moment.tzinfo is None:
        raise ValueError(_("Send a time with its offset, for example 2026-03-03T12:00:00Z."))
    return moment


def _text(text: str) -> str:
    if not text.strip() or "\x00" in text:
        raise ValueError(_("Send a value that is not blank."))
    return text.strip()


FILTERS: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "email": ("email_key", lambda text: _text(text).casefold()),
    "external_id": ("external_ids__external_id", _text),
    "country": ("country", lambda text: _text(text).upper()),
    "source": ("source", _text),
    "company_domain": ("company__domain", lambda text: _text(text).casefold()),
    "created_after": ("created_at__gt", _moment),
    "updated_after": ("updated_at__gt", _moment),
}


class LeadFilter:
    """Reads the query once; every problem is told at once."""

    def __init__(self, query: Mapping[str, str]) -> None:
        self.lookups: dict[str, object] = {}
        problems: list[Problem] = []
        for name in query:
            if name in PAGING:
                continue
            if name not in FILTERS:
                allowed = ", ".join(sorted(FILTERS))
                detail = _("There is no such filter. There are: %(allowed)s.") % {"allowed": allowed}
                problems.append(Problem(pointer="", code="unknown_filter", detail=detail))
                continue
            lookup, read = FILTERS[name]
            try:
                self.lookups[lookup] = read(query[name])
            except ValueError as error:
                problems.append(Problem(pointer=f"/{name}", code="bad_filter", detail=str(error)))
        if problems:
            raise BadRequestError(problems[0].detail, code=problems[0].code, problems=problems)

    def apply(self, leads: QuerySet[Lead]) -> QuerySet[Lead]:
        return leads.filter(**self.lookups)
