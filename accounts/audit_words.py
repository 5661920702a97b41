"""The audit log in words. Pure: a code that is not listed here is shown as it is."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_ACTIONS: Mapping[str, str | Promise] = {
    "api_key.create": gettext_lazy("made an API key"),
    "api_key.revoke": gettext_lazy("revoked an API key"),
    "audit.export": gettext_lazy("exported the audit log"),
    "user.invite": gettext_lazy("invited somebody"),
    "user.invite_again": gettext_lazy("sent a new invitation"),
    "user.invite_revoke": gettext_lazy("took an invitation back"),
    "user.accept": gettext_lazy("accepted the invitation"),
    "user.change": gettext_lazy("changed somebody"),
    "user.leave": gettext_lazy("let somebody leave"),
    "user.second_factor_reset": gettext_lazy("reset somebody's two-step sign-in"),
    "team.create": gettext_lazy("made a team"),
    "team.rename": gettext_lazy("renamed a team"),
    "team.change": gettext_lazy("changed a team"),
    "lead.erase": gettext_lazy("erased a person"),
    "lead.erasure_requested": gettext_lazy("asked for a person to be erased"),
    "lead.merge": gettext_lazy("merged leads"),
    "lead.unmerge": gettext_lazy("took a merge back"),
    "lead.export": gettext_lazy("exported leads"),
    "leads.export": gettext_lazy("exported leads"),
    "handoff.accept": gettext_lazy("accepted a hand-off"),
    "handoff.reject": gettext_lazy("rejected a hand-off"),
    "import.release": gettext_lazy("handed off what an import held back"),
    "import.release_stop": gettext_lazy("stopped handing off what an import held back"),
    "model.create": gettext_lazy("made a scoring model"),
    "version.create": gettext_lazy("made a version of a matrix"),
    "version.edit": gettext_lazy("edited a draft"),
    "version.submit": gettext_lazy("submitted a version for review"),
    "version.withdraw": gettext_lazy("took a version back from review"),
    "version.sign": gettext_lazy("signed a version"),
    "version.unsign": gettext_lazy("took a signature back"),
    "version.signatures_clear": gettext_lazy("changed a signed version, which cleared its signatures"),
    "version.plan": gettext_lazy("planned a publication"),
    "version.plan_call_off": gettext_lazy("called a planned publication off"),
    "version.plan_refused": gettext_lazy("did not publish a version as planned"),
    "version.publish": gettext_lazy("published a version"),
    "version.roll_back": gettext_lazy("rolled back to an earlier version"),
    "version.review": gettext_lazy("reviewed a published version"),
    "version.release": gettext_lazy("handed off what a publication held back"),
    "version.release_stop": gettext_lazy("stopped handing off what a publication held back"),
    "version.accept_finding": gettext_lazy("gave a reason for a warning"),
    "version.accept_finding_withdraw": gettext_lazy("took a reason for a warning back"),
    "version.comment": gettext_lazy("commented on a version"),
    "version.comment_edit": gettext_lazy("changed a comment"),
    "version.comment_delete": gettext_lazy("deleted a comment"),
    "version.thread_settle": gettext_lazy("settled a thread"),
    "version.thread_reopen": gettext_lazy("opened a thread again"),
    "model.meeting": gettext_lazy("wrote an alignment meeting down"),
    "model.meeting_remove": gettext_lazy("removed an alignment meeting"),
    "shadow.start": gettext_lazy("let a draft run as a shadow"),
    "shadow.end": gettext_lazy("ended a shadow"),
    "quarantine.replay": gettext_lazy("tried a quarantined item again"),
    "quarantine.settle": gettext_lazy("set a quarantined item aside"),
    "attributedefinition.create": gettext_lazy("made an attribute"),
    "attributedefinition.change": gettext_lazy("changed an attribute"),
    "attributedefinition.delete": gettext_lazy("deleted an attribute"),
}
_SUBJECTS: Mapping[str, str | Promise] = {
    "user": gettext_lazy("Person"),
    "team": gettext_lazy("Team"),
    "api_key": gettext_lazy("API key"),
    "lead": gettext_lazy("Lead"),
    "handoff": gettext_lazy("Hand-off"),
    "model": gettext_lazy("Scoring model"),
    "version": gettext_lazy("Version"),
    "quarantine": gettext_lazy("Quarantined item"),
    "import": gettext_lazy("Import"),
    "audit": gettext_lazy("Audit log"),
}


def action_words(action: str) -> str:
    """What was done, as the end of a sentence that begins with who did it."""
    return str(_ACTIONS.get(action) or action.replace("_", " ").replace(".", ": "))


def actions_meaning(text: str) -> list[str]:
    """The codes whose words, in the language of the reader, hold the text."""
    return [action for action, words in _ACTIONS.items() if text.lower() in str(words).lower()]


def subject_words(kind: str) -> str:
    """What kind of thing it was done to."""
    return str(_SUBJECTS.get(kind) or kind.replace("_", " ").capitalize())


def subject_choices() -> list[tuple[str, str]]:
    return [(kind, str(words)) for kind, words in _SUBJECTS.items()]


def details_words(details: Mapping[str, Any]) -> str:
    """The details of an entry in one line: fields that changed, what it was and what it became, numbers."""
    parts = []
    for name, value in details.items():
        if value in (None, "", [], {}):
            continue
        label = name.replace("_", " ")
        if isinstance(value, list) and len(value) == 2 and name in {"role", "team"}:
            before, after = ("–" if each is None else str(each).replace("_", " ") for each in value)
            parts.append(_("%(what)s: %(before)s → %(after)s") % {"what": label, "before": before, "after": after})
        elif isinstance(value, list):
            parts.append(f"{label}: {', '.join(str(each) for each in value)}")
        else:
            parts.append(f"{label}: {value}")
    return "; ".join(parts)
