"""Feeds: who sends rows."""

from crm.models import Feed


def feed_ensure(*, slug: str, label: str = "") -> None:
    """Make the feed known, once; the label of a known one stays."""
    if not Feed.objects.filter(slug=slug).exists():
        Feed.objects.bulk_create([Feed(slug=slug, label=label)], ignore_conflicts=True)
