"""Work done by the task worker, outside the request."""
from django.core.mail import EmailMessage
from django_tasks import task


@task()
def deliver_mail(subject: str, body: str, to: list[str], headers: dict[str, str] | None = None) -> int:
    """Send one plain-text mail; gives the number of messages that the mail server took (0 or 1)."""
    return EmailMessage(subject=subject, body=body, to=to, headers=headers).send()
