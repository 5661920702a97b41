"""Figures of this floor in words."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from insights.stats import Interval


def share_words(rate: Interval | None) -> str:
    """A share with its interval, in whole percent; empty where there is none."""
    if rate is None:
        return ""
    low, share, high = (round(100 * part) for part in (rate.low, rate.share, rate.high))
    return _("%(share)s %% (%(low)s to %(high)s)") % {"share": share, "low": low, "high": high}


def span_words(seconds: int | None) -> str:
    """A time in its one fitting unit; a dash where there is none."""
    if seconds is None:
        return "–"
    minutes = seconds // 60
    if minutes < 90:
        return ngettext("%(n)s min", "%(n)s min", minutes) % {"n": minutes}
    hours = round(minutes / 60)
    if hours < 48:
        return ngettext("%(n)s h", "%(n)s h", hours) % {"n": hours}
    days = round(hours / 24)
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
