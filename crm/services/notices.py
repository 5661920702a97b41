"""What this floor tells people, and how it reads."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.notifications import NotificationKind, register

IMPORT_DONE = "import_done"
IMPORT_FAILED = "import_failed"


def _erasure(params: Mapping[str, Any]) -> str:
    return _("Somebody asked to erase lead %(lead)s.") % {"lead": params["lead"]}


def _done(params: Mapping[str, Any]) -> str:
    """Of `file`, `rows` and `rejected`."""
    rows, rejected = int(params.get("rows", 0)), int(params.get("rejected", 0))
    done = ngettext("%(file)s is imported: %(rows)s row.", "%(file)s is imported: %(rows)s rows.", rows)
    text = done % {"file": params["file"], "rows": f"{rows:,}"}
    if rejected:
        left = ngettext("%(n)s row did not go in.", "%(n)s rows did not go in.", rejected)
        text = f"{text} {left % {'n': f'{rejected:,}'}}"
    return text


def _failed(params: Mapping[str, Any]) -> str:
    return _("The import of %(file)s stopped. See why on its page.") % {"file": params["file"]}


def register_all() -> None:
    """Called once the apps are loaded."""
    register(
        NotificationKind(
            key="erasure_requested",
            label=gettext_lazy("Somebody asks for a person to be erased"),
            wording=_erasure,
            is_emailed=True,
            order=10,
        )
    )
    register(
        NotificationKind(key=IMPORT_DONE, label=gettext_lazy("An import of mine is done"), wording=_done, order=30)
    )
    register(
        NotificationKind(
            key=IMPORT_FAILED,
            label=gettext_lazy("An import of mine stopped"),
            wording=_failed,
            is_emailed=True,
            order=31,
        )
    )
