from django.apps import AppConfig
from django.conf import settings


class EvidenceConfig(AppConfig):
    name = "evidence"
    verbose_name = "Evidence"

    def ready(self) -> None:
        """Refuse nonsense in the settings at the start, not at the first upload."""
        from evidence.scan import read_scanner
        from evidence.storage.address import read_address

        read_address(settings.EVIDENCE_STORAGE)
        if settings.CLAMD_URL:
            read_scanner(settings.CLAMD_URL)
