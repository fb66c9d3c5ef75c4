"""What a person does with the own account, beside allauth's pages."""
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET


@require_GET
def password_missing(request: HttpRequest) -> HttpResponse:
    """Where allauth leads whoever would change a password and has none: the first one comes with a link."""
    if request.user.has_usable_password():
        raise Http404("has a password")
    return render(request, "account/password_missing.html")
