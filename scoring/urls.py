from django.urls import path

from scoring import base_data_views, views

urlpatterns = [
    path("agreements/<int:pk>/", views.summary, name="agreement"),
    path("results/<int:pk>/", views.entry, name="result"),
    path("results/<int:pk>/data/<slug:unit>/", base_data_views.base_data, name="base_data"),
    path("results/<int:pk>/submit/", views.submit_result, name="result_submit"),
    path("results/<int:pk>/decide/", views.decide, name="result_decide"),
]
