"""What each person chose about reminders, and what was sent to whom on which day."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('scoring', '0006_seals_stand'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReminderSent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('kind', models.CharField(choices=[('digest', 'Daily digest')], default='digest', max_length=6)),
                ('content_hash', models.CharField(max_length=64)),
                ('keys', models.JSONField(default=list)),
                ('subject', models.CharField(max_length=200)),
                ('body', models.TextField(blank=True)),
                ('state', models.CharField(choices=[('waiting', 'On its way'), ('delivered', 'Delivered'), ('lapsed', "Replaced by the next day's"), ('undeliverable', 'Could not be delivered')], default='waiting', max_length=13)),
                ('attempts', models.PositiveSmallIntegerField(default=1)),
                ('task', models.UUIDField(null=True)),
                ('sent_at', models.DateTimeField()),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reminders', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['day', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('user', 'day', 'kind'), name='reminder_once_a_day'), models.CheckConstraint(condition=models.Q(('kind__in', ['digest'])), name='reminder_kind_known'), models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'delivered', 'lapsed', 'undeliverable'])), name='reminder_state_known'), models.CheckConstraint(condition=models.Q(('attempts__gte', 1)), name='reminder_was_tried')],
            },
        ),
        migrations.CreateModel(
            name='ReminderSetting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(choices=[('th', 'ไทย'), ('en', 'English')], default='th', max_length=2)),
                ('digest', models.BooleanField(default=True)),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='reminder_setting', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('language__in', ['th', 'en'])), name='reminder_language_known')],
            },
        ),
    ]
