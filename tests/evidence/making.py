"""The raw material of the catalogues: packages, PDFs, pictures, mails and OLE compound files, made in memory."""

import io
import struct
import zipfile
import zlib
from email.message import EmailMessage

import pikepdf
from PIL import Image

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
PROGRAM = b"MZ\x90\0" + bytes(56) + struct.pack("<I", 0x80) + bytes(64) + b"PE\0\0L\1\1\0" + bytes(400)
OOXML = "application/vnd.openxmlformats-officedocument"
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = {
    "docx": ("word/document.xml", "wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet.main+xml"),
    "pptx": ("ppt/presentation.xml", "presentationml.presentation.main+xml"),
}


def zipped(parts: dict[str, bytes | str], stored: tuple[str, ...] = ()) -> bytes:
    """A zip archive of these parts, deflated but for those `stored`."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content, zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED)
    return file.getvalue()


def relations(*targets: tuple[str, str, bool]) -> str:
    """A .rels part of (type, target, external)."""
    rows = "".join(
        f'<Relationship Id="r{i}" Type="{kind if "://" in kind else f"{RELS}/{kind}"}" Target="{target}"'
        f'{" TargetMode=" + chr(34) + "External" + chr(34) if external else ""}/>'
        for i, (kind, target, external) in enumerate(targets)
    )
    return f'{XML}<Relationships xmlns="{PACKAGE_RELS}">{rows}</Relationships>'


def word_xml(body: str = "<w:p><w:r><w:t>รายงานผล</w:t></w:r></w:p>") -> str:
    """A word/document.xml."""
    return f'{XML}<w:document xmlns:w="{WORD}" xmlns:r="{RELS}"><w:body>{body}</w:body></w:document>'


def field(*pieces: str) -> str:
    """A paragraph with a field whose instruction is cut into pieces."""
    runs = "".join(f"<w:r><w:instrText>{piece}</w:instrText></w:r>" for piece in pieces)
    return (
        f'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>{runs}'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    )


def office(kind: str, parts: dict[str, bytes | str] | None = None, types: str = "", main: str = "") -> bytes:
    """A minimal package of docx, xlsx or pptx with further parts and content types."""
    return zipped(office_parts(kind, parts, types, main))


def office_parts(
    kind: str, parts: dict[str, bytes | str] | None = None, types: str = "", main: str = ""
) -> dict[str, bytes | str]:
    """The parts of a minimal package."""
    path, subtype = MAIN[kind]
    return {
        "[Content_Types].xml": (
            f'{XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/{path}" ContentType="{main or f"{OOXML}.{subtype}"}"/>{types}</Types>'
        ),
        "_rels/.rels": relations(("officeDocument", path, False)),
        path: word_xml() if kind == "docx" else f"{XML}<main/>",
    } | (parts or {})


def opened(kind: str = "text", parts: dict[str, bytes | str] | None = None, content: str = "") -> bytes:
    """A minimal OpenDocument file; its mimetype comes first and stored, as the standard wants."""
    mimetype = f"application/vnd.oasis.opendocument.{kind}"
    manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    every = {
        "mimetype": mimetype,
        "content.xml": content or f"{XML}<office:document-content xmlns:office='urn:o'/>",
        "META-INF/manifest.xml": XML + manifest,
    }
    return zipped(every | (parts or {}), stored=("mimetype",))


def pdf(change=None, **options) -> bytes:
    """A PDF of one page; `change` may alter it before it is saved with `options`."""
    file = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        if change:
            change(document)
        document.save(file, **options)
    return file.getvalue()


def picture(kind: str = "PNG", size: tuple[int, int] = (64, 48), mode: str = "RGB", **options) -> bytes:
    """A picture as Pillow writes it."""
    file = io.BytesIO()
    Image.new(mode, size, 1).save(file, kind, **options)
    return file.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds that many compressed zeros of one bit a pixel, a row at a time."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer, row = zlib.compressobj(9), bytes(1 + width // 8)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def heic(width: int = 4032, height: int = 3024, brand: bytes = b"heic") -> bytes:
    """The boxes of a phone's photograph around data that stands for the compressed picture."""

    def box(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", 8 + len(data)) + kind + data

    ispe = box(b"ispe", bytes(4) + struct.pack(">II", width, height))
    meta = box(b"meta", bytes(4) + box(b"hdlr", bytes(8) + b"pict" + bytes(13)) + box(b"iprp", box(b"ipco", ispe)))
    return box(b"ftyp", brand + bytes(4) + b"mif1" + brand) + meta + box(b"mdat", bytes(range(256)) * 40)


def mail(
    *attachments: tuple[str, bytes], subject: str = "ส่งรายงานผลการดำเนินงาน รอบ 12 เดือน", body: str = "เรียน ผอ."
) -> bytes:
    """A message as mail programs write it, with attachments (name, content)."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "somchai@example.go.th", "office@example.go.th", subject
    message["Date"], message["Message-ID"] = "Mon, 16 Nov 2026 09:00:00 +0700", "<1@example.go.th>"
    message.set_content(body)
    for name, content in attachments:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def compound(streams: dict[str, bytes]) -> bytes:
    """An OLE compound file of these streams ('Macros/VBA/dir'), each filled up to where its small sectors end."""
    entries, data, chains = _entries(streams), b"", []
    sectors = 0
    for entry in entries:
        if entry["content"] is not None:
            padded = entry["content"].ljust(4096, entry["content"][-1:] if entry["content"].isascii() else b"\0")
            entry["size"], entry["start"] = len(padded), sectors
            count = -(-len(padded) // 512)
            chains.append((sectors, count))
            data += padded.ljust(count * 512, b"\0")
            sectors += count
    directory = b"".join(_record(entry) for entry in entries)
    directory = directory.ljust(-(-len(directory) // 512) * 512, b"\0")
    chains.append((sectors, len(directory) // 512))
    total = sectors + len(directory) // 512
    fats = 1
    while fats * 128 < total + fats:
        fats += 1
    table = [0xFFFFFFFF] * (fats * 128)
    for start, count in chains:
        table[start : start + count] = [*range(start + 1, start + count), 0xFFFFFFFE]
    table[total : total + fats] = [0xFFFFFFFD] * fats
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, fats, sectors, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", *range(total, total + fats), *[0xFFFFFFFF] * (109 - fats))
    return header + data + directory + struct.pack(f"<{len(table)}I", *table)


def _entries(streams: dict[str, bytes]) -> list[dict]:
    """The directory: the root, and storages and streams as chains of right neighbours."""
    root = {"name": "Root Entry", "kind": 5, "content": None, "children": []}
    entries, places = [root], {(): root}
    for path, content in streams.items():
        parts = tuple(path.split("/"))
        for depth in range(1, len(parts) + 1):
            if parts[:depth] not in places:
                last = depth == len(parts)
                entry = {"name": parts[depth - 1], "kind": 2 if last else 1, "content": content if last else None}
                entry["children"] = []
                places[parts[: depth - 1]]["children"].append(len(entries))
                places[parts[:depth]] = entry
                entries.append(entry)
    for entry in entries:
        for this, following in zip(entry["children"], entry["children"][1:], strict=False):
            entries[this]["right"] = following
    return entries


def _record(entry: dict) -> bytes:
    name = entry["name"].encode("utf-16-le") + b"\0\0"
    none = 0xFFFFFFFF
    child = entry["children"][0] if entry["children"] else none
    return (
        name.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(name), entry["kind"], 1, none, entry.get("right", none), child)
        + bytes(36)
        + struct.pack("<IQ", entry.get("start", 0xFFFFFFFE if entry["content"] is None else 0), entry.get("size", 0))
    )


def word97(text: str = "รายงาน", flags: int = 0) -> bytes:
    """A WordDocument stream: the first bytes of its information block, then text."""
    return (b"\xec\xa5\xc1\0" + bytes(7) + bytes([flags]) + bytes(500)) + text.encode("utf-16-le") + bytes(4000)


def excel97(*records: tuple[int, bytes]) -> bytes:
    """A Workbook stream of these records between its begin and end."""
    every = ((0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)), *records, (0x0A, b""))
    return b"".join(struct.pack("<HH", number, len(data)) + data for number, data in every).ljust(5000, b"\0")


def outlook(*attachments: tuple[str, bytes]) -> bytes:
    """An Outlook message with attachments."""
    subject = "เรื่อง".encode("utf-16-le") + bytes(4096)
    streams = {"__properties_version1.0": bytes(4096), "__substg1.0_0037001F": subject}
    for number, (name, content) in enumerate(attachments):
        storage = f"__attach_version1.0_#{number:08}"
        streams[f"{storage}/__substg1.0_3707001F"] = name.encode("utf-16-le")
        streams[f"{storage}/__substg1.0_37010102"] = content
    return compound(streams)
