"""What may be stored as evidence, decided by a file's content and never by its name."""

from evidence.intake.gate import Examined, Limits, examine
from evidence.intake.names import clean_name
from evidence.intake.reasons import Refused

__all__ = ["Examined", "Limits", "Refused", "clean_name", "examine"]
