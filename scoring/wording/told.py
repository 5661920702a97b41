"""What people are told of a version on its way from draft to publication, and of the talk about it. Each takes the
parameters of a notification."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def submitted_told(params: Mapping[str, Any]) -> str:
    return _("%(who)s asks for your signature under %(model)s v%(number)s.") % params


def signed_told(params: Mapping[str, Any]) -> str:
    if params["is_complete"]:
        return _("%(who)s signed %(model)s v%(number)s: both signatures are there, it may be published.") % params
    if params["side"] == "sales":
        return _("%(who)s signed %(model)s v%(number)s for sales.") % params
    return _("%(who)s signed %(model)s v%(number)s for marketing.") % params


def published_told(params: Mapping[str, Any]) -> str:
    if params["is_emergency"]:
        return _("%(who)s published %(model)s v%(number)s as an emergency, without both signatures.") % params
    return _("%(who)s published %(model)s v%(number)s: it judges every lead from now on.") % params


def refused_told(params: Mapping[str, Any]) -> str:
    return _("%(model)s v%(number)s did not go live as planned: %(refusal)s") % params


def review_due_told(params: Mapping[str, Any]) -> str:
    text = ngettext(
        "Nobody has looked for %(days)s day whether %(model)s v%(number)s still serves: review it.",
        "Nobody has looked for %(days)s days whether %(model)s v%(number)s still serves: review it.",
        int(params["days"]),
    )
    return text % params


def mentioned_told(params: Mapping[str, Any]) -> str:
    if params["about"]:
        return _("%(who)s mentioned you at “%(about)s” of %(model)s v%(number)s.") % params
    return _("%(who)s mentioned you in the talk about %(model)s v%(number)s.") % params


def replied_told(params: Mapping[str, Any]) -> str:
    if params["about"]:
        return _("%(who)s wrote about “%(about)s” of %(model)s v%(number)s.") % params
    return _("%(who)s wrote about %(model)s v%(number)s.") % params
