"""Paging by cursor: constant cost at any depth."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from kernel.errors import BadRequestError


class KeysetPagination(CursorPagination):
    """`next`, `previous`, `results`; `page_size` up to 200, and a bad one is a 400 rather than ignored."""

    ordering: Any = "-id"
    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"

    def get_page_size(self, request: Request) -> int:
        text = request.query_params.get("page_size")
        if text is None:
            return self.page_size
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= self.max_page_size):
            raise BadRequestError(
                _("page_size is a whole number from 1 to %(most)s.") % {"most": self.max_page_size},
                code="bad_page_size",
            )
        return int(text)

    def decode_cursor(self, request: Request) -> Any:
        try:
            return super().decode_cursor(request)
        except exceptions.NotFound:
            raise BadRequestError(
                _("This cursor is not one of ours. Start again without it."), code="bad_cursor"
            ) from None
