"""What people call the fields, values, kinds and dimensions that a matrix names."""

from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.kinds import KNOWN_KINDS
from scoring.engine.json_text import number_text

FIELDS: dict[str, Promise] = {
    "lead.email": gettext_lazy("email"),
    "lead.email_domain": gettext_lazy("email domain"),
    "lead.email_kind": gettext_lazy("kind of email"),
    "lead.first_name": gettext_lazy("first name"),
    "lead.last_name": gettext_lazy("last name"),
    "lead.title": gettext_lazy("title"),
    "lead.seniority": gettext_lazy("seniority"),
    "lead.department": gettext_lazy("department"),
    "lead.phone": gettext_lazy("phone"),
    "lead.phone_kind": gettext_lazy("kind of phone"),
    "lead.country": gettext_lazy("country"),
    "lead.state": gettext_lazy("state"),
    "lead.city": gettext_lazy("city"),
    "lead.source": gettext_lazy("source"),
    "lead.consent": gettext_lazy("consent"),
    "lead.is_suspect": gettext_lazy("suspect name"),
    "lead.created_days": gettext_lazy("days since the lead was created"),
    "company.name": gettext_lazy("company"),
    "company.domain": gettext_lazy("company's domain"),
    "company.industry": gettext_lazy("industry"),
    "company.country": gettext_lazy("company's country"),
    "company.employees": gettext_lazy("employees"),
    "company.revenue": gettext_lazy("revenue"),
    "company.technologies": gettext_lazy("technologies"),
    "activity.url": gettext_lazy("address"),
    "activity.subject": gettext_lazy("subject"),
    "activity.value": pgettext_lazy("of an activity", "value"),
    "activity.source": gettext_lazy("source"),
}
# Names of the team's own stand behind these, as they were typed.
OWN_FIELDS = ("lead.qualification.", "lead.attributes.", "company.attributes.", "activity.properties.")

VALUES: dict[str, dict[str, Promise]] = {
    "lead.seniority": {
        "c_level": gettext_lazy("C-level"),
        "vp": gettext_lazy("VP"),
        "director": gettext_lazy("director"),
        "manager": gettext_lazy("manager"),
        "individual": gettext_lazy("individual contributor"),
        "student": gettext_lazy("student"),
    },
    "lead.email_kind": {
        "work": gettext_lazy("work address"),
        "free": gettext_lazy("free mail provider"),
        "disposable": gettext_lazy("disposable address"),
        "academic": gettext_lazy("academic address"),
        "role": gettext_lazy("role address"),
        "invalid": gettext_lazy("invalid address"),
    },
    "lead.phone_kind": {
        "mobile": gettext_lazy("mobile"),
        "fixed": gettext_lazy("fixed line"),
        "other": pgettext_lazy("kind of phone", "other"),
    },
}

DIMENSIONS: dict[str, Promise] = {
    "fit": gettext_lazy("fit"),
    "behavior": gettext_lazy("behavior"),
    "qualification": gettext_lazy("qualification"),
}

_KINDS = {kind.key: kind.label for kind in KNOWN_KINDS}


def field_label(name: str) -> str:
    """`lead.seniority` as "seniority"; a name of the team's own as "budget"."""
    known = FIELDS.get(name)
    if known is not None:
        return str(known)
    for prefix in OWN_FIELDS:
        if name.startswith(prefix):
            return name.removeprefix(prefix).replace("_", " ")
    return name


def value_text(field: str, value: object) -> str:
    """One value of a field as people read it; text of the team's own in quotes."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float | Decimal):
        return number_text(value)
    known = VALUES.get(field, {}).get(str(value))
    return str(known) if known is not None else f"“{value}”"


def kind_label(key: str) -> str:
    """What people call a kind of activity; a kind of the installation's own by its key."""
    return str(_KINDS.get(key, key.replace("_", " ")))


def dimension_label(name: str) -> str:
    """What people call a dimension."""
    return str(DIMENSIONS.get(name, name))
