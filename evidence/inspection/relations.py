"""What the parts of an Office package are, and what they refer to outside of it."""

import re
from collections.abc import Iterable
from io import BytesIO
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

import defusedxml.sax
from defusedxml.common import DefusedXmlException

from evidence.inspection.reasons import Refused

_MAIN = {
    "wordprocessingml.document.main+xml": "docx",
    "spreadsheetml.sheet.main+xml": "xlsx",
    "presentationml.presentation.main+xml": "pptx",
}
_OOXML = "application/vnd.openxmlformats-officedocument."
_MACRO_TYPES = ("macroenabled", "vbaproject", "macrosheet", "ms-office.vba", "sheet.binary")
_MACRO_PARTS = re.compile(r"(?:^|/)(?:vba[^/]*\.(?:bin|xml)|macrosheets/.*|[^/]*vbaproject[^/]*)$")
_HARMLESS = re.compile(
    r"(?:https?|mailto|ftp|tel|onenote|sip):|#|[^:\\/]*(?:[/#?]|$)|\.{0,2}/(?!/)|file:", re.IGNORECASE
)
_WEB = re.compile(r"https?://", re.IGNORECASE)
_ON_THIS_COMPUTER = re.compile(
    r"(?:file:/{0,3})?[A-Za-z]:[\\/]|file:/{3}(?![/\\])|\.{0,2}/(?!/)|[^:/\\]+(?:$|[/\\])", re.IGNORECASE
)


class _Elements(ContentHandler):
    """Collects the attributes of the elements with certain names."""

    def __init__(self, names: set[str]) -> None:
        super().__init__()
        self.names = names
        self.found: list[dict[str, str]] = []

    def startElement(self, name: str, attrs: dict[str, str]) -> None:
        if name.rpartition(":")[2] in self.names:
            self.found.append(dict(attrs.items()))


def parse(content: bytes, handler: ContentHandler) -> None:
    """XML into `handler`. 'xml' for declarations of types or entities, 'broken' for what is no XML."""
    try:
        defusedxml.sax.parse(BytesIO(content), handler, forbid_dtd=True)
    except DefusedXmlException as error:
        raise Refused("xml") from error
    except (SAXException, ValueError, LookupError) as error:
        raise Refused("broken") from error


def kind_of(types: bytes) -> str:
    """'docx', 'xlsx' or 'pptx' by the type of the main part."""
    elements = _Elements({"Default", "Override"})
    parse(types, elements)
    found = [each.get("ContentType", "") for each in elements.found]
    if any(word in each.lower() for each in found for word in _MACRO_TYPES):
        raise Refused("macro")
    if any("activex" in each.lower() for each in found):
        raise Refused("activex")
    kinds = {_MAIN[each.removeprefix(_OOXML)] for each in found if each.removeprefix(_OOXML) in _MAIN}
    if len(kinds) != 1:
        raise Refused("type")
    return kinds.pop()


def check_parts(names: Iterable[str]) -> None:
    """The names of the parts: macros and controls that the list of types keeps quiet about."""
    for name in names:
        if _MACRO_PARTS.search(name):
            raise Refused("macro")
        if "/activex/" in name:
            raise Refused("activex")


def check_targets(rels: bytes) -> None:
    """What lies outside: links for readers stay, what is loaded on opening doesn't."""
    elements = _Elements({"Relationship"})
    parse(rels, elements)
    for each in elements.found:
        kind = each.get("Type", "").rpartition("/")[2].lower()
        if "vbaproject" in kind or kind == "xlmacrosheet" or kind == "xlintlmacrosheet":
            raise Refused("macro")
        if kind in ("control", "activexcontrolbinary"):
            raise Refused("activex")
        if each.get("TargetMode", "").lower() == "external" and not _may_be_outside(kind, each.get("Target", "")):
            raise Refused("external")


def _may_be_outside(kind: str, target: str) -> bool:
    """Links, pictures of web pages, other workbooks' cells, and paths on the writer's own disk.

    Word notes the path of every template but its standard one, PowerPoint that of a chart's workbook.
    """
    target = target.strip()
    if kind == "hyperlink" or kind.startswith("externallink") or kind == "xlpathmissing":
        return bool(_HARMLESS.match(target) or _ON_THIS_COMPUTER.match(target) or target.startswith("\\\\"))
    if kind in ("image", "video", "audio", "media"):
        return bool(_WEB.match(target) or _ON_THIS_COMPUTER.match(target))
    return kind != "frame" and bool(_ON_THIS_COMPUTER.match(target))
