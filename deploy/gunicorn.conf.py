"""How gunicorn serves the portal; deploy/serve.py starts it with PORT set."""
import os

bind = f"127.0.0.1:{os.environ['PORT']}"
wsgi_app = "kpiportal.wsgi:application"
workers = 2
worker_class = "gthread"
threads = 4
preload_app = True  # one start-up of Django for all workers, and shared memory
control_socket_disable = True
timeout = 60
graceful_timeout = 10
limit_request_line = 8190  # whom to assign is asked for in the address: a Thai letter takes nine places there
loglevel = "warning"


def on_starting(server) -> None:
    """Read all views once before the workers part, so that the first page is as quick as the others."""
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018 (reading it imports them)


def post_worker_init(worker) -> None:
    """Start the worker's printing process, so that the first PDF is as quick as the others."""
    from reports.printer import printer

    printer().start()
