"""The kinds of file that are accepted: extension, content type, and the name of a file that came without one."""

from typing import NamedTuple


class Kind(NamedTuple):
    """One accepted kind."""

    extension: str  # without the dot
    content_type: str
    default: str  # the stem of a file that came without a name


_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
KINDS = {
    kind.extension: kind
    for kind in (
        Kind("pdf", "application/pdf", "document"),
        Kind("docx", f"{_OOXML}wordprocessingml.document", "document"),
        Kind("xlsx", f"{_OOXML}spreadsheetml.sheet", "workbook"),
        Kind("pptx", f"{_OOXML}presentationml.presentation", "presentation"),
        Kind("doc", "application/msword", "document"),
        Kind("xls", "application/vnd.ms-excel", "workbook"),
        Kind("ppt", "application/vnd.ms-powerpoint", "presentation"),
        Kind("odt", f"{_ODF}text", "document"),
        Kind("ods", f"{_ODF}spreadsheet", "workbook"),
        Kind("odp", f"{_ODF}presentation", "presentation"),
        Kind("jpg", "image/jpeg", "picture"),
        Kind("png", "image/png", "picture"),
        Kind("gif", "image/gif", "picture"),
        Kind("webp", "image/webp", "picture"),
        Kind("tif", "image/tiff", "picture"),
        Kind("heic", "image/heic", "picture"),
        Kind("txt", "text/plain", "text"),
        Kind("csv", "text/csv", "table"),
        Kind("eml", "message/rfc822", "message"),
        Kind("msg", "application/vnd.ms-outlook", "message"),
    )
}
# Endings that say what a file is; each is taken off a name before the right one is put on.
KNOWN_ENDINGS = frozenset(KINDS) | frozenset(
    (
        "jpeg jpe jfif tiff heif bmp svg svgz avif ico emf wmf docm dotx dotm dot xlsm xlsb xltx xltm xlt xlam pptm "
        "ppsx pps ppsm potx potm pot ott ots otp odg fodt fods fodp rtf tsv log md json xml xsl xslt html htm xhtml "
        "mht mhtml hta shtml url lnk exe com scr pif msi msp bat cmd ps1 psm1 vbs vbe js jse mjs wsf wsh sh bash py "
        "pyc pl rb php phtml asp aspx jsp jar class war apk app dll sys ocx cpl reg inf zip rar 7z gz tgz bz2 xz tar "
        "cab iso img vhd dmg arj lzh ace z mp3 mp4 m4a m4v mov avi wmv wav ogg mkv webm flv swf eps ps ai psd one pub "
        "vsd vsdx mdb accdb chm hlp eicar bin tmp bak "
    ).split()
)
