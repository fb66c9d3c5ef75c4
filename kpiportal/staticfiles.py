"""Static files under names that carry their hash, so that a browser may keep them for ever."""
from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage, lenient towards source-map comments in packages that point nowhere."""

    manifest_strict = False
