from django.urls import path

from kpiportal.accounts.views import grants, own, people

urlpatterns = [
    path("", people.people, name="people"),
    path("add/", people.person_add, name="person_add"),
    # The name that allauth leads to whoever would change a password and has none.
    path("password/", own.password_missing, name="account_set_password"),
    path("grants/", grants.grants, name="grants"),
    path("grants/rights.csv", grants.grants_export, name="grants_export"),
    path("<int:pk>/", people.person, name="person"),
    path("<int:pk>/active/", people.person_active, name="person_active"),
    path("<int:pk>/grants/", people.grant_add, name="grant_add"),
    path("<int:pk>/grants/<int:right>/", people.grant_change, name="grant_change"),
    path("<int:pk>/first-sign-in/", people.first_sign_in, name="first_sign_in"),
]
