from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "kpiportal"
    verbose_name = "KPI Portal"
