"""Addresses: includes only; each app names its own."""
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from kpiportal import views

urlpatterns = [
    path("", views.home, name="home"),
    path("health/", views.health, name="health"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("roles/", views.roles, name="roles"),
    path("privacy/", views.privacy, name="privacy"),
    path("trail/", include("kpiportal.trail.urls")),
    path("people/", include("kpiportal.accounts.urls")),
    path("accounts/", include("kpiportal.accounts.sign_in_urls")),
    path("", include("indicators.urls")),
    path("", include("scoring.urls")),
    path("", include("reports.urls")),
]

handler400 = "kpiportal.views.bad_request"
handler403 = "kpiportal.views.forbidden"
handler404 = "kpiportal.views.not_found"
handler500 = "kpiportal.views.server_error"
