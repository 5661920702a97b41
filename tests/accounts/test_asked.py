"""What comes with a request is read without believing it."""

import pytest
from django.http import HttpRequest, QueryDict

from accounts.asked import is_htmx, number_asked, page_asked_from, way_back


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("12", 12), ("007", 7), ("9" * 18, 10**18 - 1)])
def test_a_whole_number_is_read(text: str, number: int) -> None:
    assert number_asked(text) == number


@pytest.mark.parametrize("text", ["", " 1", "-1", "+1", "1.0", "²", "١", "9" * 19, "0" * 19, "1\0", "x", "9" * 5_000])
def test_what_is_none_or_no_id_of_a_row_is_nothing(text: str) -> None:
    assert number_asked(text) is None


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("https://here.example/leads/?stage=mql#top", "/leads/?stage=mql"),
        ("/queue/", "/queue/"),
        ("http://[nonsense", ""),
    ],
)
def test_where_htmx_asks_from_is_a_page_of_ours_or_nothing(address: str, page: str) -> None:
    request = HttpRequest()
    request.META = {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": address}
    assert is_htmx(request)
    assert page_asked_from(request).geturl() == page


def test_without_htmx_the_page_is_the_one_given() -> None:
    request = HttpRequest()
    assert not is_htmx(request)
    assert page_asked_from(request, without_script="http://here.example/profile/").geturl() == "/profile/"


@pytest.mark.parametrize(
    "address",
    ["//elsewhere.example/", "https://elsewhere.example/", "javascript:alert(1)", "http://[nonsense", "///x", ""],
)
def test_nobody_is_led_to_another_site(address: str) -> None:
    request = HttpRequest()
    request.META = {"SERVER_NAME": "testserver", "SERVER_PORT": "80"}
    request.POST = QueryDict(mutable=True)
    request.POST["next"] = address
    assert way_back(request) == ""


def test_the_way_back_is_a_page_of_ours() -> None:
    request = HttpRequest()
    request.META = {"SERVER_NAME": "testserver", "SERVER_PORT": "80"}
    request.GET = QueryDict("next=/leads/%3Fstage=mql")
    assert way_back(request) == "/leads/?stage=mql"
