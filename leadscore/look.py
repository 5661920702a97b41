"""The admin's frame: its name, its colours and its sidebar. The settings read it, so it may not load the admin."""

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from leadscore.colors import COLORS

Item = dict[str, Any]


def _may_view(model: str) -> Callable[[HttpRequest], bool]:
    """Whether the one who asks sees this record in the sidebar: what its own admin page says."""

    def permission(request: HttpRequest) -> bool:
        registered = import_string("django.contrib.admin.site")._registry.get(apps.get_model(model))
        return registered is not None and bool(registered.has_view_permission(request))

    return permission


def _item(title: str | Promise, icon: str, model: str) -> Item:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{model.lower().replace('.', '_')}_changelist"),
        "permission": _may_view(model),
    }


def _logo(request: HttpRequest) -> str:
    return static("img/logo.svg")


def _sheet(request: HttpRequest) -> str:
    return static("css/admin.css")


# One group a floor, in the order of the questions: what do we know, what do we think, what do people do, who works here.
NAVIGATION = [
    {
        "title": _("What we know"),
        "separator": True,
        "items": [
            _item(_("Leads"), "group", "crm.Lead"),
            _item(_("Companies"), "domain", "crm.Company"),
            _item(_("Activities"), "timeline", "crm.Activity"),
            _item(_("Notes"), "sticky_note_2", "crm.Note"),
            _item(_("Quarantine"), "report", "crm.Quarantine"),
            _item(_("Possible duplicates"), "content_copy", "crm.PossibleDuplicate"),
            _item(_("Merges"), "merge", "crm.LeadMerge"),
            _item(_("Changes of facts"), "history", "crm.FactChange"),
            _item(_("Feeds"), "rss_feed", "crm.Feed"),
            _item(_("Activity kinds"), "category", "crm.ActivityKind"),
            _item(_("Custom attributes"), "label", "crm.AttributeDefinition"),
            _item(_("Imports"), "upload_file", "crm.Import"),
            _item(_("Rejected rows"), "rule", "crm.ImportRejection"),
            _item(_("Saved mappings"), "table_convert", "crm.SavedMapping"),
            _item(_("Work"), "pending_actions", "crm.Work"),
            _item(_("Tombstones"), "person_off", "crm.Tombstone"),
        ],
    },
    {
        "title": _("What we think"),
        "separator": True,
        "items": [
            _item(_("Scoring models"), "tune", "scoring.ScoringModel"),
            _item(_("Matrix versions"), "table_rows", "scoring.MatrixVersion"),
            _item(_("Scores"), "leaderboard", "scoring.Score"),
            _item(_("Score changes"), "trending_up", "scoring.ScoreChange"),
            _item(_("Runs"), "sync", "scoring.Run"),
        ],
    },
    {
        "title": _("What people do"),
        "separator": True,
        "items": [
            _item(_("Hand-offs"), "handshake", "handoff.Handoff"),
            _item(_("Events of hand-offs"), "list_alt", "handoff.HandoffEvent"),
            _item(_("Suppressions"), "do_not_disturb_on", "handoff.Suppression"),
            _item(_("Held back by imports"), "pause_circle", "handoff.Release"),
            _item(_("Reject reasons"), "thumb_down", "handoff.RejectReason"),
            _item(_("Hand-off policies"), "rule", "handoff.HandoffPolicy"),
            _item(_("Round robin"), "autorenew", "handoff.RoutingTurn"),
        ],
    },
    {
        "title": _("Who works here"),
        "separator": True,
        "items": [
            _item(_("Users"), "person", "accounts.User"),
            _item(_("Teams"), "groups", "accounts.Team"),
            _item(_("API keys"), "key", "accounts.ApiKey"),
            _item(_("Saved views"), "bookmark", "accounts.SavedView"),
            _item(_("Installation"), "apartment", "accounts.Installation"),
            _item(_("Audit log"), "policy", "accounts.AuditEntry"),
        ],
    },
]

UNFOLD = {
    "SITE_TITLE": _("Lead scoring"),
    "SITE_HEADER": _("Lead scoring"),
    "SITE_SUBHEADER": _("Back to the leads"),
    "SITE_URL": reverse_lazy("home"),
    "SITE_ICON": _logo,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _logo}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "COLORS": COLORS,
    # Linked before unfold's own sheet, so that where both name a class unfold's pages stay as they are.
    "STYLES": [_sheet],
    "SIDEBAR": {"show_search": True, "show_all_applications": False, "navigation": NAVIGATION},
}
