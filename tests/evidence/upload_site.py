"""A site of one address that takes a file, as gunicorn serves the portal: for measuring what an upload costs."""
import os

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path

os.environ["DJANGO_SETTINGS_MODULE"] = "kpiportal.settings"
django.setup()
settings.ROOT_URLCONF = __name__
settings.MIDDLEWARE = []


def upload(request: HttpRequest) -> HttpResponse:
    """Store the posted file; answers with its SHA-256."""
    from evidence.services import add_file
    from kpiportal.accounts.models import Unit, User

    file, by = request.FILES["file"], User.objects.get(username="collector")
    evidence = add_file(unit=Unit.objects.get(code="moi"), upload=file, name=file.name, by=by)
    return HttpResponse(evidence.versions.get().sha256)


urlpatterns = [path("", upload)]
application = WSGIHandler()
