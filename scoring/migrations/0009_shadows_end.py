from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0008_review_asked_at"),
    ]

    operations = [
        migrations.AddField(
            model_name="shadow",
            name="ended_because",
            field=models.CharField(
                blank=True,
                choices=[
                    ("asked", "ended by hand"),
                    ("edited", "the draft was edited"),
                    ("published", "the draft was published"),
                    ("retired", "the draft was retired"),
                ],
                default="",
                max_length=10,
                verbose_name="why",
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="shadowlead",
            name="total_published",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="shadowlead",
            name="total_shadow",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name="scorechange",
            index=models.Index(
                condition=models.Q(("after__is_qualified", True), ("is_crossing", True)),
                fields=["version", "changed_at"],
                name="score_change_qualified",
            ),
        ),
    ]
