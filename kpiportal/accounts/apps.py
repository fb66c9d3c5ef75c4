from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "kpiportal.accounts"
    verbose_name = "Accounts"
