"""The fields of a Word document, put together from the pieces that hide one."""

import re
from collections.abc import Iterable
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

import defusedxml.expatreader
from defusedxml.common import DefusedXmlException

from evidence.inspection.reasons import Refused

_COMMAND = re.compile(r"\bDDE(?:AUTO)?\b", re.IGNORECASE)
_MOST = 1_000_000


class _Fields(ContentHandler):
    """Joins the text of all w:instrText, and remembers w:fldSimple."""

    def __init__(self) -> None:
        super().__init__()
        self.inside, self.texts, self.length = False, [], 0

    def startElement(self, name: str, attrs: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        self.inside = local in ("instrText", "delInstrText")
        if local == "fldSimple":
            self.keep(" " + " ".join(attrs.values()) + " ")
        elif local == "fldChar" and "begin" in attrs.values():
            self.keep(" ")

    def endElement(self, name: str) -> None:
        self.inside = False

    def characters(self, content: str) -> None:
        if self.inside:
            self.keep(content)

    def keep(self, text: str) -> None:
        """Remember a piece of a field, up to a bound."""
        self.length += len(text)
        if self.length > _MOST:
            raise Refused("unreadable")
        self.texts.append(text)


def runs_programs(pieces: Iterable[bytes]) -> bool:
    """Whether a field of this document part is a DDE command. 'xml' or 'broken' if it can't be read."""
    fields = _Fields()
    parser = defusedxml.expatreader.create_parser(forbid_dtd=True)
    parser.setContentHandler(fields)
    try:
        for piece in pieces:
            parser.feed(piece)
        parser.close()
    except DefusedXmlException as error:
        raise Refused("xml") from error
    except (SAXException, ValueError, LookupError) as error:
        raise Refused("broken") from error
    return _COMMAND.search("".join(fields.texts)) is not None
