"""A worker that uploads and saves until it has done its share, and says of each what was acknowledged.

`python -m tests.evidence.uploader COUNT`: each line is a kind, the row's id and, of a file, its SHA-256.
"""
import hashlib
import io
import os
import sys

import django

from tests.evidence.files import text


def main(count: int) -> None:
    """Upload a file and name a document, `count` times."""
    from evidence.services import add_evidence, add_file, add_version, receive
    from kpiportal.accounts.models import Unit, User

    unit, by = Unit.objects.get(code="moi"), User.objects.get(username="collector")
    for number in range(count):
        data = text(300_000 + number) + os.urandom(16).hex().encode()
        # Stored before the transaction, as the pages do: nobody waits for the disk with the database locked.
        first = receive(io.BytesIO(data), name=f"แผน {number}.txt")
        evidence = add_file(unit=unit, upload=first, by=by)
        acknowledge("file", evidence.versions.get().pk, hashlib.sha256(data).hexdigest())
        second = receive(io.BytesIO(data + b"2"), name=f"แผน {number}.txt")
        newer = add_version(evidence, upload=second, by=by)
        acknowledge("file", newer.pk, hashlib.sha256(data + b"2").hexdigest())
        named = add_evidence(unit=unit, kind="named", title=f"เอกสาร {number}", by=by)
        acknowledge("named", named.pk)


def acknowledge(*words: object) -> None:
    """What a browser would be told now."""
    print(*words, flush=True)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "kpiportal.settings"
    django.setup()
    main(int(sys.argv[1]))
