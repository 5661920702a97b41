"""The usual first version: a loop over leads, their activities by the ORM, rules in plain Python, one row written at a time."""

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime

from crm.models import Lead
from scoring.models import Score


def judge_by_orm(lead_ids: Sequence[int], today: date) -> None:
    """Left out of the matrix: caps a day, repeats, rising, after, limits of groups, gates and stages."""
    now = datetime.now(UTC)
    for lead_id in lead_ids:
        lead = Lead.objects.select_related("company").get(pk=lead_id)
        total = _fit(lead)
        newest = 10_000
        for activity in lead.activities.filter(is_bot=False, withdrawn_at=None):
            age = (now - activity.occurred_at).days
            newest = min(newest, age)
            total += _behavior(activity.kind, activity.url, activity.properties, age)
        total -= 5 * min(4, newest // 30)
        Score.objects.filter(lead=lead).update(total=round(total), as_of=today)


def _fit(lead: Lead) -> float:
    company, title = lead.company, lead.title.lower()
    total = 0.0
    total += 18 if lead.seniority in {"c_level", "vp"} else 0
    total += 7 if any(word in title.split() for word in ("marketing", "sales", "operations")) else 0
    total -= 25 if lead.seniority == "student" or "research" in title else 0
    total += 5 if lead.country in {"DE", "AT", "CH", "FR", "GB", "US"} else 0
    total += 3 if lead.phone else 0
    total -= 10 if lead.email.endswith("@mail.example") else 0
    total -= 15 if lead.is_suspect else 0
    total += (
        9 if lead.attributes.get("plan") in {"business", "enterprise"} and lead.attributes.get("seats", 0) > 20 else 0
    )
    total += 12 if "need" in lead.qualification and lead.qualification.get("budget", 0) >= 5_000 else 0
    if company is not None:
        total += 8 if 50 <= (company.employees or 0) <= 2_000 else 0
        total += 6 if (company.revenue or 0) >= 50_000_000 and company.industry != "Public Sector" else 0
        total += 6 if {"Django", "PostgreSQL"} & set(company.technologies) else 0
        total -= 50 if company.domain.endswith(".rival.example") else 0
    return total


def _behavior(kind: str, url: str, properties: dict[str, object], age: int) -> float:
    path = url.removeprefix("https://www.example.com").split("?")[0]
    match kind:
        case "page_view" if path.startswith(("/pricing", "/demo")):
            return 9 * math.pow(0.5, age / 21)
        case "page_view" if path.startswith("/docs"):
            return 4 * math.pow(0.5, age / 45)
        case "page_view" if path == "/careers":
            return -8 if age < 90 else 0
        case "download" | "content_read":
            return 5 * math.pow(0.5, age / 60)
        case "video_watch" if properties.get("watched_percent", 0) >= 75:  # type: ignore[operator]
            return 6 * max(0, 1 - age / 90)
        case "webinar_register":
            return 5 if age < 30 else 2.5 if age < 60 else 0
        case "webinar_attend":
            return 12 if age < 45 else 2.4 if age < 120 else 0
        case "demo_request" | "form_submit":
            return 30 if age < 30 else 0
        case "unsubscribe" | "email_bounce":
            return -30 * math.pow(0.5, age / 180)
    return 0
