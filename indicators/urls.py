from django.urls import path

from indicators import views

urlpatterns = [path("indicators/<int:pk>/", views.definition, name="indicator")]
