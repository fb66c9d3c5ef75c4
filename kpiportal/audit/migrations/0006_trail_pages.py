from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0005_handled_post'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['at', 'id', 'action', 'chain', 'actor_id', 'address'], name='audit_walk'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['actor_id', 'at', 'id'], name='audit_actor'),
        ),
        migrations.AddIndex(
            model_name='auditevent',
            index=models.Index(fields=['target_name', 'at', 'id'], name='audit_named'),
        ),
    ]
