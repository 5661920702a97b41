import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0009_lists_at_a_million"),
        ("scoring", "0009_shadows_end"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="score",
            constraint=models.UniqueConstraint(fields=("lead", "model"), name="score_of_lead"),
        ),
        migrations.RemoveConstraint(model_name="score", name="score_lead_once"),
        migrations.AlterField(
            model_name="score",
            name="lead",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="crm.lead"
            ),
        ),
    ]
