from django.urls import path

from reports import views

urlpatterns = [
    path("results/<int:pk>/card/", views.card, name="card"),
    path("results/<int:pk>/card.pdf", views.card_pdf, name="card_pdf"),
]
