from django.urls import path

from kpiportal.accounts import views

urlpatterns = [
    path("", views.people, name="people"),
    path("<int:pk>/first-sign-in/", views.first_sign_in, name="first_sign_in"),
]
