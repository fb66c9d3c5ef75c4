from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "kpiportal.audit"
    verbose_name = "Audit trail"
