import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import handoff.lifecycle
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('crm', '0001_initial'),
        ('scoring', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RejectReason',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
                ('slug', models.SlugField(max_length=60, unique=True, verbose_name='key')),
                ('label', models.CharField(max_length=200, verbose_name='label')),
                ('meaning', models.TextField(blank=True, verbose_name='what it means')),
                ('may_return', models.BooleanField(default=True, verbose_name='may return')),
                ('cool_down_days', models.PositiveIntegerField(default=30, verbose_name='cool-down in days')),
                ('position', models.PositiveSmallIntegerField(default=100, verbose_name='position')),
                ('is_active', models.BooleanField(default=True, verbose_name='offered')),
            ],
            options={
                'verbose_name': 'reject reason',
                'verbose_name_plural': 'reject reasons',
                'ordering': ['position', 'label'],
            },
        ),
        migrations.CreateModel(
            name='Handoff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='changed')),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('claimed', 'claimed'), ('accepted', 'accepted'), ('rejected', 'rejected'), ('expired', 'expired'), ('merged', 'merged')], default=handoff.lifecycle.State['WAITING'], max_length=20, verbose_name='state')),
                ('routed_because', models.JSONField(default=dict)),
                ('opened_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='opened')),
                ('sla_due_at', models.DateTimeField(verbose_name='answer due')),
                ('claimed_at', models.DateTimeField(blank=True, null=True, verbose_name='claimed')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed')),
                ('below_since', models.DateTimeField(blank=True, null=True)),
                ('cooled_at', models.DateTimeField(blank=True, null=True, verbose_name='cooled')),
                ('priority', models.BigIntegerField(default=0, verbose_name='priority')),
                ('total', models.BigIntegerField(verbose_name='total')),
                ('is_fast_tracked', models.BooleanField(default=False, verbose_name='fast-tracked')),
                ('opened_total', models.BigIntegerField(verbose_name='total when opened')),
                ('opened_rating', models.CharField(max_length=2, verbose_name='rating when opened')),
                ('opened_stage', models.CharField(max_length=60, verbose_name='stage when opened')),
                ('card', models.JSONField(default=dict)),
                ('lead', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='crm.lead', verbose_name='lead')),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scoring.scoringmodel', verbose_name='model')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='accounts.team', verbose_name='team')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scoring.matrixversion', verbose_name='version')),
                ('reason', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='handoff.rejectreason', verbose_name='reason')),
            ],
            options={
                'verbose_name': 'hand-off',
                'verbose_name_plural': 'hand-offs',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='HandoffPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cool_days', models.PositiveSmallIntegerField(default=3, verbose_name='days below the line')),
                ('cool_points', models.PositiveIntegerField(default=5, verbose_name='points below the line')),
                ('cool_down_days', models.PositiveSmallIntegerField(default=30, verbose_name='cool-down in days')),
                ('sla_hours', models.PositiveSmallIntegerField(default=24, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(8760)], verbose_name='answer within hours')),
                ('model', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='scoring.scoringmodel', verbose_name='model')),
            ],
            options={
                'verbose_name': 'hand-off policy',
                'verbose_name_plural': 'hand-off policies',
            },
        ),
        migrations.CreateModel(
            name='HandoffEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('opened', 'opened'), ('attached', 'another model qualified'), ('routed', 'dealt to a rep'), ('claimed', 'claimed'), ('released', 'released'), ('accepted', 'accepted'), ('rejected', 'rejected'), ('cooled', 'fell below the line'), ('warmed', 'back above the line'), ('expired', 'expired'), ('merged', 'closed by a merge of leads'), ('moved', 'moved by a merge of leads')], max_length=30, verbose_name='what')),
                ('state', models.CharField(max_length=20, verbose_name='state after')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('params', models.JSONField(default=dict)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
                ('handoff', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='handoff.handoff')),
                ('reason', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='handoff.rejectreason', verbose_name='reason')),
            ],
            options={
                'verbose_name': 'event of a hand-off',
                'verbose_name_plural': 'events of hand-offs',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='RoutingTurn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('dealt', models.PositiveBigIntegerField(default=0, verbose_name='dealt')),
                ('position', models.BigIntegerField(null=True)),
                ('turn', models.BigIntegerField(null=True)),
                ('last_dealt_at', models.DateTimeField(null=True, verbose_name='last dealt')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='rep')),
            ],
            options={
                'verbose_name': 'turn of round robin',
                'verbose_name_plural': 'turns of round robin',
            },
        ),
        migrations.CreateModel(
            name='Suppression',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(choices=[('cool_down', 'cool-down'), ('quiet', 'quiet publication or import'), ('decided', 'decided for good')], max_length=10, verbose_name='reason')),
                ('until', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                ('may_return', models.BooleanField(default=True)),
                ('since', models.DateTimeField(default=django.utils.timezone.now, verbose_name='since')),
                ('basis', models.JSONField(default=dict)),
                ('looked_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='looked at')),
                ('handoff', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='handoff.handoff')),
                ('lead', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='crm.lead')),
            ],
            options={
                'verbose_name': 'suppression',
                'verbose_name_plural': 'suppressions',
            },
        ),
        migrations.CreateModel(
            name='HandoffModel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('attached_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('handoff', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='models', to='handoff.handoff')),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scoring.scoringmodel')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='scoring.matrixversion')),
            ],
            options={
                'verbose_name': 'model of a hand-off',
                'verbose_name_plural': 'models of a hand-off',
                'constraints': [models.UniqueConstraint(fields=('handoff', 'model'), name='handoff_model_once')],
            },
        ),
        migrations.AddIndex(
            model_name='handoff',
            index=models.Index(condition=models.Q(('closed_at', None)), fields=['owner', '-priority', '-id'], name='handoff_owner_queue'),
        ),
        migrations.AddIndex(
            model_name='handoff',
            index=models.Index(condition=models.Q(('closed_at', None)), fields=['-priority', '-id'], name='handoff_queue'),
        ),
        migrations.AddIndex(
            model_name='handoff',
            index=models.Index(fields=['lead', '-id'], name='handoff_lead'),
        ),
        migrations.AddConstraint(
            model_name='handoff',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('lead',), name='handoff_open_once'),
        ),
        migrations.AddIndex(
            model_name='suppression',
            index=models.Index(fields=['until'], name='suppression_until'),
        ),
    ]
