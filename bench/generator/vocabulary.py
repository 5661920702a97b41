"""The words of an invented population, the frequent ones first."""

from typing import Final

FIRST: Final = "Ann Ben Cleo Dan Eva Finn Gia Hugo Ida Jon Kim Lea Max Nia Oli Pia Quin Rosa Sam Tia Udo Vera Wim Xenia Yuri Zoe".split()
LAST: Final = (
    "Keller Novak Garcia Smith Okafor Tanaka Müller Rossi Dubois Silva Patel Kowalski Jensen Haddad Berg Costa".split()
)
LEVELS: Final = ("", "Senior ", "Head of ", "VP ", "Director of ", "Chief ", "Junior ", "Student, ")
ROLES: Final = (
    "Software Engineer", "Sales Manager", "Marketing Manager", "Operations Analyst", "Data Scientist", "Product Manager",
    "IT Administrator", "Finance Controller", "Customer Success", "Procurement", "Human Resources", "Legal Counsel",
    "Security Officer", "Growth Marketing", "Executive Officer", "Research Assistant", "Consultant", "Designer",
)  # fmt: skip
COUNTRIES: Final = (
    "US",
    "DE",
    "GB",
    "FR",
    "IN",
    "NL",
    "ES",
    "IT",
    "PL",
    "SE",
    "BR",
    "CA",
    "AU",
    "JP",
    "CH",
    "AT",
    "ZA",
)
INDUSTRIES: Final = (
    "Software", "Financial Services", "Retail", "Manufacturing", "Health Care", "Education", "Logistics", "Media",
    "Energy", "Public Sector", "Telecommunications", "Hospitality",
)  # fmt: skip
TECHNOLOGIES: Final = (
    "PostgreSQL Django React Salesforce HubSpot SAP AWS Azure Kubernetes Snowflake Oracle WordPress Shopify".split()
)
SOURCES: Final = ("organic", "google ads", "linkedin", "newsletter", "referral", "partner", "fair", "cold list")
PLANS: Final = ("free", "team", "business", "enterprise")
TIERS: Final = ("standard", "gold", "platinum")
CITIES: Final = tuple(f"City {number}" for number in range(120))

#: Kinds of activity and how many of a thousand are of that kind; the last is known to nobody and worth nothing.
KINDS: Final[tuple[tuple[str, float], ...]] = (
    ("page_view", 560), ("email_open", 150), ("email_click", 60), ("session", 50), ("content_read", 40),
    ("form_submit", 26), ("download", 26), ("video_watch", 20), ("site_search", 15), ("webinar_register", 9),
    ("email_bounce", 8), ("webinar_attend", 6), ("chat", 5), ("call", 4), ("newsletter_signup", 4), ("unsubscribe", 3),
    ("event_attend", 2.5), ("meeting", 2), ("trial_start", 1.2), ("demo_request", 0.8), ("scroll_depth", 9.5),
)  # fmt: skip
#: What hot leads do besides.
HOT_KINDS: Final = ("demo_request", "trial_start", "webinar_attend", "form_submit", "meeting", "page_view")
SECTIONS: Final = (
    "/", "/blog/", "/docs/", "/pricing", "/product/", "/customers/", "/docs/api/", "/careers", "/pricing/teams",
    "/integrations/", "/security", "/demo", "/events/", "/about", "/legal/", "/pricing/enterprise",
)  # fmt: skip
PAGES: Final = 2_000
CAMPAIGNS: Final = 50
SUBJECTS: Final = {
    "email_open": ("Newsletter", 400), "email_click": ("Newsletter", 400), "form_submit": ("Form", 30),
    "download": ("Guide", 120), "content_read": ("Article", 300), "video_watch": ("Video", 80),
    "webinar_register": ("Webinar", 60), "webinar_attend": ("Webinar", 60), "site_search": ("Search", 900),
    "event_attend": ("Fair", 25),
}  # fmt: skip


def page(number: int) -> str:
    """The path of a page: the frequent ones are the plain sections, the rest lie below those that have a below."""
    if number < len(SECTIONS):
        return SECTIONS[number].rstrip("/") or "/"
    deep = [each for each in SECTIONS if each.endswith("/") and each != "/"]
    return f"{deep[number % len(deep)]}page-{number}"
