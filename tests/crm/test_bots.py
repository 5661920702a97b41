"""Machines that look like people."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.bots import Click, bot_reason, click_bursts

START = datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (compatible; bingbot/2.0)",
        "facebookexternalhit/1.1",
        "python-requests/2.31.0",
        "curl/8.4.0",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/120.0.0.0 Safari/537.36",
        "Barracuda Sentinel (EE)",
    ],
)
def test_a_known_agent_is_a_machine(agent):
    assert bot_reason({"user_agent": agent}) == "user_agent"
    assert bot_reason({"context": {"userAgent": agent}}) == "user_agent"


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"user_agent": None},
        {"context": "text"},
        {"user_agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36"},
        {"user_agent": "Mozilla/5.0 (Linux; Android 13; Cubot X70) AppleWebKit/537.36 Mobile Safari/537.36"},
    ],
)
def test_everything_else_is_not(properties):
    assert bot_reason(properties) == ""


def clicks(*seconds, subject="mail"):
    return [
        Click(id=index, subject=subject, url=f"/link{index}", occurred_at=START + timedelta(seconds=second))
        for index, second in enumerate(seconds)
    ]


def test_four_links_of_one_mail_within_ten_seconds_are_a_scanners():
    assert click_bursts(clicks(0, 1, 2, 10, 11)) == {0, 1, 2, 3, 4}
    assert click_bursts(clicks(0, 1, 2, 11)) == set()
    assert click_bursts(clicks(0, 1) + clicks(0, 1, subject="other")) == set()
