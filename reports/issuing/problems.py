"""What keeps a card from being issued."""


class Superseded(Exception):
    """The snapshot was superseded before its card was issued: only what is in force is issued."""


class NotSigned(Exception):
    """The certificate can't be read, or has ended: nothing is issued before it is mended."""
