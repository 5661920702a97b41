"""Paging by keyset: a page costs the same at any depth, and rows that come or go between two pages move nobody else."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, Literal

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from kernel.errors import BadRequestError, Problem

PAGE_SIZE = 50
LARGEST_PAGE = 200
PARAMETERS = frozenset({"cursor", "page_size"})
Side = Literal["after", "before"]
Place = tuple[int, ...]


def page_size(request: Request) -> int:
    """Rows of a page; a size that is none is refused rather than ignored."""
    text = request.query_params.get("page_size", str(PAGE_SIZE))
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= LARGEST_PAGE):
        detail = _("page_size is a whole number from 1 to %(most)s.") % {"most": LARGEST_PAGE}
        raise _refused("page_size", "bad_page_size", detail)
    return int(text)


def page_response(
    request: Request, rows: QuerySet[Any], *, order: Sequence[str], show: Callable[[Any], dict[str, Any]]
) -> Response:
    """One page of `rows` as `next`, `previous`, `results`.

    `order` names columns of whole numbers, `-` before one that falls, and ends with a unique one.
    """
    size = page_size(request)
    side, place = cursor_read(request, length=len(order))
    is_back = side == "before"
    if place is not None:
        rows = rows.filter(_beyond(order, place, is_back=is_back))
    found = list(rows.order_by(*(_turned(name) if is_back else name for name in order))[: size + 1])
    has_more, found = len(found) > size, found[:size]
    if is_back:
        found.reverse()
    has_next, has_previous = (True, has_more) if is_back else (has_more, place is not None)
    names = [name.removeprefix("-") for name in order]
    ends = [tuple(getattr(row, name) for name in names) for row in (found[:1] + found[-1:])]
    return Response(
        {
            "next": cursor_link(request, "after", ends[-1]) if ends and has_next else None,
            "previous": cursor_link(request, "before", ends[0]) if ends and has_previous else None,
            "results": [show(row) for row in found],
        }
    )


def cursor_link(request: Request, side: Side, place: Place) -> str:
    """The address of the page that lies on that side of a row."""
    text = base64.urlsafe_b64encode(json.dumps([side, *place]).encode()).decode().rstrip("=")
    return replace_query_param(request.build_absolute_uri(), "cursor", text)


def cursor_read(request: Request, *, length: int) -> tuple[Side, Place | None]:
    """The side and place a cursor names; the place is None without one. Raises BadRequestError for one that is not ours."""
    text = request.query_params.get("cursor")
    if text is None:
        return "after", None
    try:
        read = json.loads(base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        read = None
    match read:
        case ["after" | "before" as side, *place] if len(place) == length and all(map(_is_key, place)):
            return side, tuple(place)
    raise _refused("cursor", "bad_cursor", _("This cursor is not one of ours. Start again without it."))


def _is_key(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63


def _turned(name: str) -> str:
    return name.removeprefix("-") if name.startswith("-") else f"-{name}"


def _beyond(order: Sequence[str], place: Place, *, is_back: bool) -> Q:
    """What comes after (or before) this place. The first condition alone lets an index find it, the others are exact."""
    condition, equal = Q(), Q()
    for name, value in zip(order, place, strict=True):
        column = name.removeprefix("-")
        falls = name.startswith("-") is not is_back
        condition |= equal & Q(**{f"{column}__{'lt' if falls else 'gt'}": value})
        equal &= Q(**{column: value})
    first = order[0].removeprefix("-")
    falls = order[0].startswith("-") is not is_back
    return Q(**{f"{first}__{'lte' if falls else 'gte'}": place[0]}) & condition


def _refused(name: str, code: str, detail: str) -> BadRequestError:
    return BadRequestError(detail, code=code, problems=[Problem(pointer=f"/{name}", code=code, detail=detail)])
