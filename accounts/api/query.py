"""Reading the query of a call by allow-list: an unknown name or an unreadable value is a 400 that names it, all at once."""

import re
from collections.abc import Collection
from datetime import UTC, date, datetime

from django.utils.translation import gettext as _
from rest_framework.request import Request

from accounts.api.paging import PARAMETERS
from kernel.errors import BadRequestError, Problem

LONGEST = 320
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
WHOLE = re.compile(r"-?\d{1,15}", re.ASCII)


class Query:
    """The parameters of one call. Each reader gives the value, or None where it was not sent; `check` raises what was wrong."""

    def __init__(self, request: Request, names: Collection[str], *, is_paged: bool = False) -> None:
        self._sent = request.query_params
        self._problems: list[Problem] = []
        known = {*names, *(PARAMETERS if is_paged else ())}
        for name in self._sent:
            if name not in known:
                detail = _("There is no such filter. There are: %(names)s.") % {"names": ", ".join(sorted(known))}
                self._problems.append(Problem(pointer="", code="unknown_filter", detail=detail))
            elif len(self._sent.getlist(name)) > 1:
                self._refuse(name, _("Send %(name)s once."))

    def check(self) -> None:
        """Raise BadRequestError with every problem that was found."""
        if self._problems:
            first = self._problems[0]
            raise BadRequestError(first.detail, code=first.code, problems=self._problems)

    def text(self, name: str) -> str | None:
        """A text that is not blank, trimmed."""
        text = self._sent.get(name)
        if text is None:
            return None
        if not text.strip() or "\x00" in text or len(text) > LONGEST:
            self._refuse(name, _("Send %(name)s as a text that is neither blank nor too long."))
            return None
        return text.strip()

    def whole(self, name: str) -> int | None:
        text = self._sent.get(name)
        if text is None:
            return None
        if WHOLE.fullmatch(text) is None:
            self._refuse(name, _("Send %(name)s as a whole number."))
            return None
        return int(text)

    def day(self, name: str) -> date | None:
        text = self._sent.get(name)
        if text is None:
            return None
        try:
            if DAY.fullmatch(text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        self._refuse(name, _("Send %(name)s as a day that exists, YYYY-MM-DD."))
        return None

    def moment(self, name: str) -> datetime | None:
        """A time with its offset, as UTC, of the years 2 to 9998: no time zone moves those out of the calendar."""
        text = self._sent.get(name)
        if text is None:
            return None
        try:
            if MOMENT.fullmatch(text):
                moment = datetime.fromisoformat(text.upper()).astimezone(UTC)
                if 1 < moment.year < 9999:
                    return moment
        except (ValueError, OverflowError):
            pass
        self._refuse(name, _("Send %(name)s as a time with its offset, such as 2026-03-03T12:00:00Z (a + as %%2B)."))
        return None

    def _refuse(self, name: str, detail: str) -> None:
        self._problems.append(Problem(pointer=f"/{name}", code="bad_filter", detail=detail % {"name": name}))
