"""The reasons with which a team begins; it owns the list from then on."""

from django.db import migrations

# slug, label, what it means, may a newer fast track bring the lead back, cool-down in days
REASONS = [
    ("no-phone", "No phone number", "There is no number to call, or it does not work.", True, 30),
    ("personal-email", "Personal email", "A private address and no way to tell the company.", True, 30),
    ("not-decision-maker", "Not a decision maker", "Cannot decide and does not lead to anybody who can.", True, 90),
    ("no-budget", "No budget", "There is no money for it in this period.", True, 180),
    ("no-need", "No need", "They do not have the problem we solve.", True, 180),
    ("wrong-region", "Wrong region", "We do not sell or support there.", False, 365),
    ("competitor", "Competitor", "Works for somebody who sells the same.", False, 3650),
    ("student", "Student", "Learns or teaches and does not buy.", False, 365),
    ("duplicate", "Duplicate", "The same person is already with us; merge the two leads.", True, 30),
    ("bad-timing", "Bad timing", "Wants it, but not now.", True, 90),
]


def sow(apps, schema_editor):
    RejectReason = apps.get_model("handoff", "RejectReason")
    for position, (slug, label, meaning, may_return, days) in enumerate(REASONS, start=1):
        RejectReason.objects.get_or_create(
            slug=slug,
            defaults={
                "label": label,
                "meaning": meaning,
                "may_return": may_return,
                "cool_down_days": days,
                "position": position * 10,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("handoff", "0001_initial")]
    operations = [migrations.RunPython(sow, migrations.RunPython.noop)]
