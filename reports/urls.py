from django.urls import path

from reports import (
    book_views, bundle_views, check_views, dashboard_views, library_views, paper_views, verify_views, views,
)

urlpatterns = [
    path("check/", check_views.check, name="check"),
    path("dashboard/", dashboard_views.dashboard, name="dashboard"),
    path("dashboard/office/", dashboard_views.office_dashboard, name="office_dashboard"),
    path("library/", library_views.library, name="library"),
    path("library/ask/", library_views.ask, name="library_ask"),
    path("library/files/", bundle_views.bundles, name="bundles"),
    path("library/files/<int:pk>/", bundle_views.bundle_file, name="bundle_file"),
    path("library/files/<int:pk>/cancel/", bundle_views.cancel, name="bundle_cancel"),
    path("library/files/<int:pk>/again/", bundle_views.again, name="bundle_again"),
    path("library/files/<int:pk>/remove/", bundle_views.remove, name="bundle_remove"),
    path("results/<int:pk>/card/", views.card, name="card"),
    path("results/<int:pk>/card.pdf", views.card_pdf, name="card_pdf"),
    path("results/<int:pk>/card.xlsx", views.card_xlsx, name="card_xlsx"),
    path("agreements/<int:pk>/papers/", paper_views.papers, name="papers"),
    path("agreements/<int:pk>/book/", book_views.book, name="book"),
    path("agreements/<int:pk>/papers/<slug:name>/", paper_views.paper, name="paper"),
    path("agreements/<int:pk>/papers/<slug:name>.pdf", paper_views.paper_pdf, name="paper_pdf"),
    path("agreements/<int:pk>/papers/<slug:name>.xlsx", paper_views.paper_workbook, name="paper_workbook"),
    path("verify/", verify_views.verify, name="verify"),
    path("verify/<slug:code>/", verify_views.verify_code, name="verify_code"),
]
