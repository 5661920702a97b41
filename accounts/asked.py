"""What an address, a form or a header says, read without believing it. Pure."""

from urllib.parse import SplitResult, urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

# More digits may be no id of a row: PostgreSQL would refuse the number.
LONGEST_NUMBER = 18


def number_asked(text: str) -> int | None:
    """A whole number that may be an id; None for anything else."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER
    return int(text) if is_number else None


def is_htmx(request: HttpRequest) -> bool:
    """Whether a part of a page is asked for, not the page."""
    return request.headers.get("HX-Request") == "true"


def page_asked_from(request: HttpRequest, *, without_script: str = "") -> SplitResult:
    """Path and query of the page that htmx asks from, else of the address given; of nothing where it cannot be read."""
    try:
        address = urlsplit(request.headers.get("HX-Current-URL") or without_script)
    except ValueError:
        address = urlsplit("")
    return address._replace(scheme="", netloc="", fragment="")


def way_back(request: HttpRequest) -> str:
    """The page of ours named by `next`, in the form or the address; empty where it names none, or one of another site."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return asked if is_ours else ""
