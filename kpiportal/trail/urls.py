from django.urls import path

from kpiportal.trail import views

urlpatterns = [
    path("", views.trail, name="trail"),
    path("export/", views.export, name="trail_export"),
    path("<int:pk>/", views.entry, name="trail_entry"),
]
