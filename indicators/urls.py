from django.urls import path

from indicators import assignment_views, views

urlpatterns = [
    path("indicators/<int:pk>/", views.definition, name="indicator"),
    path("rounds/<int:pk>/<int:months>/people/", assignment_views.people, name="round_people"),
    path("rounds/<int:pk>/<int:months>/people/assign/", assignment_views.assign_people, name="round_assign"),
    path("rounds/<int:pk>/<int:months>/people/copy/", assignment_views.copy_people, name="round_people_copy"),
    path("rounds/<int:pk>/<int:months>/people/remove/", assignment_views.remove, name="round_people_remove"),
]
