"""Changes of definitions: each function takes `by=`, is atomic and writes its audit entry."""
from indicators.services.agreements import DefinitionUnfinished, create_agreement, put_in_force

__all__ = ["DefinitionUnfinished", "create_agreement", "put_in_force"]
