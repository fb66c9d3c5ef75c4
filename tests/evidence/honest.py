"""A hundred honest files, as people have them; none may be refused."""

import io
import struct
from collections.abc import Iterator
from email.message import EmailMessage
from typing import NamedTuple

import openpyxl
import pikepdf
import weasyprint
from openpyxl.chart import BarChart, Reference
from openpyxl.drawing.image import Image as SheetImage
from pikepdf import Array, Dictionary, Name
from PIL import Image

from tests.evidence.making import (
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

THAI = "รายงานผลการปฏิบัติราชการตามคำรับรอง รอบ ๑๒ เดือน ปีงบประมาณ พ.ศ. ๒๕๖๙ "
MAIL_BODY = f"เรียน ผู้อำนวยการ\n\n{THAI}\n\nด้วยความเคารพ\n"


class Case(NamedTuple):
    """A file under the name that its owner gave it, and the ending it must be stored with."""

    name: str
    content: bytes
    extension: str


def cases() -> Iterator[Case]:
    """Every honest file."""
    for group in (
        printed,
        scanned,
        marked,
        aged,
        words,
        filled_words,
        sheets,
        slides,
        opened_ones,
        old_ones,
        photographs,
        tables,
        mails,
    ):
        for case in group():
            yield Case(*case)


def printed():
    page = (
        f'<html lang="th"><h1>{THAI}</h1><p><a href="https://www.opdc.go.th/a?b=1">opdc</a> <a href="#x">x</a>'
        '<a href="mailto:a@b.go.th">mail</a><h2 id="x">สรุป</h2><form><input name="n" value="1"></form>'
    )
    document = weasyprint.HTML(string=page).render()
    yield "รายงาน.pdf", document.write_pdf(), "pdf"
    for variant in ("pdf/a-2b", "pdf/a-3u", "pdf/ua-1"):
        yield f"{variant[4:].replace('/', '-')}.PDF", weasyprint.HTML(string=page).write_pdf(pdf_variant=variant), "pdf"
    yield "แบบฟอร์ม.pdf", weasyprint.HTML(string=page).write_pdf(pdf_forms=True), "pdf"
    attached = weasyprint.Attachment(
        string="<?xml version='1.0'?><Invoice><Total>100</Total></Invoice>", name="etax.xml"
    )
    yield "e-tax invoice.pdf", weasyprint.HTML(string=page).write_pdf(attachments=[attached]), "pdf"
    pages = weasyprint.HTML(string="<style>p{break-after:page}</style>" + f"<p>{THAI}</p>" * 30)
    yield "สามสิบหน้า.pdf", pages.write_pdf(uncompressed_pdf=True), "pdf"


def scanned():
    for number, options in enumerate(({}, {"resolution": 300}, {"append": 5}), start=1):
        file = io.BytesIO()
        more = [Image.new("L", (1240, 1754), 250)] * options.pop("append", 0)
        Image.new("RGB", (1240, 1754), "white").save(file, "PDF", save_all=True, append_images=more, **options)
        yield f"สแกน {number}.pdf", file.getvalue(), "pdf"


def marked():
    def bookmarks(document):
        with document.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("บทที่ ๑", 0))

    def goto(document):
        page = document.pages[0].obj
        document.Root.OpenAction = Array([page, Name.Fit])
        link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]))
        link.A = Dictionary(S=Name.URI, URI="https://www.moi.go.th/JS/Launch")
        page.Annots = Array([link, Dictionary(Subtype=Name.Text, Contents="see /JavaScript and /Launch here")])

    def form(document):
        text = document.make_indirect(
            Dictionary(FT=Name.Tx, T="ชื่อ", V="สมชาย", Type=Name.Annot, Subtype=Name.Widget, Rect=Array([0, 0, 9, 9]))
        )
        document.pages[0].Annots = Array([text])
        document.Root.AcroForm = Dictionary(Fields=Array([text]), NeedAppearances=True)

    def attach(document):
        document.attachments["บัญชี.xlsx"] = office("xlsx")
        document.attachments["ข้อมูล.csv"] = "ชื่อ,ค่า\nก,1\n".encode()

    yield "บทต่าง ๆ.pdf", pdf(bookmarks), "pdf"
    yield "ลิงก์.pdf", pdf(goto), "pdf"
    yield "แบบ.pdf", pdf(form), "pdf"
    yield "มีไฟล์แนบ.pdf", pdf(attach), "pdf"
    yield "ห้ามคัดลอก.pdf", pdf(encryption=pikepdf.Encryption(owner="x", user="", R=4)), "pdf"


def aged():
    plain = pdf()
    yield "linear.pdf", pdf(linearize=True), "pdf"
    streams = pikepdf.ObjectStreamMode
    yield "pdf15.pdf", pdf(object_stream_mode=streams.generate), "pdf"
    yield "pdf14.pdf", pdf(object_stream_mode=streams.disable, force_version="1.4"), "pdf"
    for number, tail in enumerate((b"\n", b"\r\n\r\n", bytes(4096), b"\x1a", b"\n\n   \n")):
        yield f"tail{number}.pdf", plain + tail, "pdf"
    for number, junk in enumerate((b"\n\n", b"\xef\xbb\xbf", b"\x1b%-12345X@PJL SET A=B\r\n", bytes(128), b"x" * 900)):
        yield f"junk{number}.pdf", junk + plain, "pdf"
    at = plain.rfind(b"startxref\n") + 10
    start = plain[at:].split()[0].decode()
    position = len(plain)
    update = (
        f"\n9 0 obj\n<</Note (x)>>\nendobj\nxref\n9 1\n{position + 1:010} 00000 n \ntrailer\n<</Size 10/Prev {start}"
        f"/Root 1 0 R>>\nstartxref\n{position + 33}\n%%EOF\r\n"
    )
    yield "แก้ไขแล้ว.pdf", plain + update.encode(), "pdf"


def words():
    yield "หนังสือ.docx", office("docx"), "docx"
    fields_ = field(" PAGE ") + field("TOC \\o &quot;1-3&quot; \\h") + field("HYPERLINK &quot;https://x.go.th&quot;")
    simple = '<w:p><w:fldSimple w:instr=" SEQ ตารางที่ \\* ARABIC "/></w:p><w:p><w:t>the DDE unit</w:t></w:p>'
    yield "สารบัญ.docx", office("docx", {"word/document.xml": word_xml(fields_ + simple)}), "docx"
    rels, settings = "word/_rels/document.xml.rels", "word/_rels/settings.xml.rels"
    links = [
        ("hyperlink", target, True)
        for target in (
            "https://www.moi.go.th/",
            "mailto:a@b.go.th",
            "file:///D:\\งาน\\แผน.docx",
            "แผน%20งาน.docx",
            "\\\\server\\แชร์\\x.xlsx",
            "#บท",
            "tel:021234567",
            "../ปี%202568/x.pdf",
        )
    ]
    yield "ลิงก์.docx", office("docx", {rels: relations(*links)}), "docx"
    for number, path in enumerate(("file:///C:\\Users\\a\\Templates\\หนังสือ.dotx", "/D:/t.dotx")):
        part = {settings: relations(("attachedTemplate", path, True))}
        yield f"แม่แบบ {number}.docx", office("docx", part), "docx"


def filled_words():
    pictures_ = {
        "word/media/image1.png": picture(),
        "word/media/image2.jpeg": picture("JPEG"),
        "word/media/i.emf": b"\1" * 900,
    }
    yield "ภาพ.docx", office("docx", pictures_), "docx"
    linked = relations(("image", "https://www.moi.go.th/logo.png", True))
    yield "ภาพจากเว็บ.docx", office("docx", {"word/_rels/document.xml.rels": linked}), "docx"
    chart = {
        "word/charts/chart1.xml": "<?xml version='1.0'?><c/>",
        "word/embeddings/Microsoft_Excel_Sheet1.xlsx": _workbook(),
    }
    yield "กราฟ.docx", office("docx", chart), "docx"
    yield (
        "วัตถุเก่า.docx",
        office("docx", {"word/embeddings/oleObject1.bin": compound({"Equation Native": bytes(5000)})}),
        "docx",
    )
    yield (
        "ข้อมูลเพิ่ม.docx",
        office("docx", {"customXml/item1.xml": "<?xml version='1.0'?><b:Sources/>".encode("utf-16")}),
        "docx",
    )
    google = dict(reversed(list(office_parts("docx").items())))
    yield "จาก Google.docx", zipped(google), "docx"
    yield "ไม่บีบ.docx", zipped(office_parts("docx"), stored=tuple(office_parts("docx"))), "docx"
    long = word_xml(f"<w:p><w:r><w:t>{THAI}</w:t></w:r></w:p>" * 40_000)
    yield "ยาวมาก.docx", office("docx", {"word/document.xml": long}), "docx"
    yield "แผน ๒.๑ (แก้ไข) final.v2", office("docx"), "docx"
    yield "named.pdf", office("docx"), "docx"
    yield "รูปใหญ่.docx", office("docx", {"word/media/image1.png": png_of(8000, 6000)}), "docx"


def _workbook(change=None) -> bytes:
    file, book = io.BytesIO(), openpyxl.Workbook()
    sheet = book.active
    for row in (("ตัวชี้วัด", "ผล"), ("ก", 84.4), ("ข", 91)):
        sheet.append(row)
    if change:
        change(book, sheet)
    book.save(file)
    return file.getvalue()


def sheets():
    def formulas(book, sheet):
        sheet["C1"], sheet["C2"] = "=SUM(B2:B3)", '=IF(B2>80,"ผ่าน|ดี","ไม่ผ่าน")&A1'
        book.create_sheet("ปี 2569")["A1"] = "=Sheet!B2*100"

    def chart(book, sheet):
        bars = BarChart()
        bars.add_data(Reference(sheet, min_col=2, min_row=1, max_row=3))
        sheet.add_chart(bars, "E2")

    def photo(book, sheet):
        sheet.add_image(SheetImage(io.BytesIO(picture())), "D4")
        sheet["A1"].hyperlink = "https://www.opdc.go.th"
        sheet.protection.sheet = True

    def large(book, sheet):
        for number in range(20_000):
            sheet.append((number, THAI, number * 2))

    for name, change in (("สูตร", formulas), ("กราฟ", chart), ("ภาพ", photo), ("ใหญ่", large), ("เปล่า", None)):
        yield f"{name}.xlsx", _workbook(change), "xlsx"
    kind = "externalLinkPath"
    links = relations(
        (kind, "file:///D:\\งาน\\ปี68.xlsx", True), (kind, "\\\\server\\x.xlsx", True), (kind, "/a/b.xlsx", True)
    )
    yield "เชื่อมไฟล์อื่น.xlsx", office("xlsx", {"xl/externalLinks/_rels/externalLink1.xml.rels": links}), "xlsx"
    printer = {"xl/printerSettings/printerSettings1.bin": "\\\\server\\HP".encode("utf-16-le") + bytes(900)}
    yield "พิมพ์.xlsx", office("xlsx", printer), "xlsx"


def slides():
    yield "นำเสนอ.pptx", office("pptx"), "pptx"
    yield (
        "มีภาพ.pptx",
        office("pptx", {"ppt/media/image1.gif": picture("GIF"), "ppt/media/i.jpg": picture("JPEG")}),
        "pptx",
    )
    chart = relations(("oleObject", "file:///C:\\Users\\a\\ผล.xlsx", True))
    yield "กราฟเชื่อม.pptx", office("pptx", {"ppt/charts/_rels/chart1.xml.rels": chart}), "pptx"
    video = relations(("video", "https://www.youtube.com/embed/x", True))
    yield "วิดีโอจากเว็บ.pptx", office("pptx", {"ppt/slides/_rels/slide1.xml.rels": video}), "pptx"


def opened_ones():
    for kind, extension in (("text", "odt"), ("spreadsheet", "ods"), ("presentation", "odp")):
        yield f"เปิด.{extension}", opened(kind), extension
        parts = {
            "Pictures/a.png": picture(),
            "Thumbnails/thumbnail.png": picture(),
            "Configurations2/": b"",
            "Basic/script-lc.xml": "<?xml version='1.0'?><l/>",
            "Object 1/content.xml": "<?xml version='1.0'?><c/>",
        }
        yield f"เปิดมีภาพ.{extension}", opened(kind, parts), extension
    link = '<?xml version=\'1.0\'?><d><text:a xlink:href="https://x.go.th"/><draw:object xlink:href="./Object 1"/></d>'
    yield "ลิงก์.odt", opened(content=link), "odt"


def old_ones():
    yield (
        "หนังสือเก่า.doc",
        compound({"WordDocument": word97(), "1Table": bytes(5000), "\x05SummaryInformation": bytes(4200)}),
        "doc",
    )
    yield "พูดถึง DDE.doc", compound({"WordDocument": word97("DDE \x13 PAGE \x15")}), "doc"
    yield "ตาราง.xls", compound({"Workbook": excel97((0x85, struct.pack("<IBBBB", 0, 0, 0, 1, 0) + b"S"))}), "xls"
    yield "ตารางเก่ามาก.xls", compound({"Book": excel97()}), "xls"
    yield "นำเสนอ.ppt", compound({"PowerPoint Document": bytes(6000), "Current User": bytes(4100)}), "ppt"
    yield "เปล่า.msg", outlook(), "msg"
    yield "มีไฟล์แนบ.msg", outlook(("รายงาน.pdf", pdf() + bytes(5000)), ("โน้ต.txt", b"note " * 900)), "msg"


def photographs():
    exif = Image.Exif()
    exif[0x010E], exif[0x0110], exif[0x0112] = "ภาพกิจกรรม", "SM-A546E", 6
    yield "ภาพกิจกรรม ครั้งที่ ๑.jpg", picture("JPEG", (1200, 900), exif=exif), "jpg"
    yield "IMG_0001.JPG", picture("JPEG", (800, 600), progressive=True), "jpg"
    yield "เทา.jpeg", picture("JPEG", mode="L"), "jpg"
    yield "48 ล้านพิกเซล.jpg", picture("JPEG", (8000, 6000), quality=30), "jpg"
    moving = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0\0\x10\0mdat" + bytes(range(1, 255)) * 16
    yield "motion photo.jpg", picture("JPEG") + moving, "jpg"
    yield (
        "samsung.jpg",
        picture("JPEG") + b"\0\0\x01\x0a\x0e\0\0\0Image_UTC_Data1731234567890SEFH" + bytes(40) + b"SEFT",
        "jpg",
    )
    yield "screenshot.png", picture("PNG", (1080, 2400)), "png"
    yield "โปร่ง.png", picture("PNG", mode="RGBA", dpi=(300, 300)), "png"
    yield "ลายเซ็น.gif", picture("GIF", mode="P"), "gif"
    frames = [Image.new("P", (50, 50), i) for i in range(5)]
    yield "เคลื่อนไหว.gif", picture("GIF", (50, 50), "P", save_all=True, append_images=frames), "gif"
    yield "line.webp", picture("WEBP"), "webp"
    yield "ไม่เสีย.webp", picture("WEBP", lossless=True), "webp"
    yield "โปร่ง.webp", picture("WEBP", mode="RGBA", exif=exif), "webp"
    yield "แฟกซ์.tif", picture("TIFF", (1728, 2200), "1", compression="group4"), "tif"
    yield (
        "หลายหน้า.tiff",
        picture("TIFF", (900, 700), save_all=True, append_images=[Image.new("RGB", (900, 700))] * 4),
        "tif",
    )
    yield "IMG_0002.HEIC", heic(), "heic"
    yield "IMG_0003.heif", heic(brand=b"mif1"), "heic"


def tables():
    rows = "ลำดับ,ชื่อ,ผล\r\n1,กรมการปกครอง,84.40\r\n2,<5 ราย,-1.5\r\n"
    yield "ตาราง.csv", rows.encode("cp874"), "csv"
    yield "ตาราง utf8.csv", rows.encode("utf-8-sig"), "csv"
    yield "ตาราง utf16.csv", rows.replace(",", "\t").encode("utf-16"), "csv"
    yield "บันทึก.txt", THAI.encode(), "txt"
    yield "บันทึกเก่า.txt", (THAI * 9000).encode("cp874"), "txt"
    yield "utf16.txt", THAI.encode("utf-16"), "txt"
    yield "utf16be.txt", b"\xfe\xff" + THAI.encode("utf-16-be"), "txt"
    yield "อังกฤษ.txt", b"From the office to the unit:\n\nimport of goods & class lists; a < b > c, x=1\n", "txt"
    yield "หนึ่งตัว", "ก".encode(), "txt"


def mails():
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "สมชาย <a@b.go.th>", "b@b.go.th", THAI.strip()
    message["Date"], message["Message-ID"] = "Mon, 16 Nov 2026 09:00:00 +0700", "<2@b.go.th>"
    message.set_content(MAIL_BODY)
    message.add_alternative(f"<html><style>p{{}}</style><body><p>{THAI}<img src='cid:1'></body></html>", subtype="html")
    yield "ตอบกลับ.eml", message.as_bytes(), "eml"
    message.add_attachment(picture("JPEG"), maintype="image", subtype="jpeg", filename="ภาพ.jpg")
    message.add_attachment(
        b"\x30\x82\x01\x0a" + bytes(266), maintype="application", subtype="pkcs7-signature", filename="smime.p7s"
    )
    yield "ลงนาม.eml", message.as_bytes(), "eml"
    yield "แนบรายงาน.eml", mail(("รายงานผล.pdf", pdf()), ("ตาราง.xlsx", office("xlsx"))), "eml"
    yield "ส่งต่อ.eml", mail(("เดิม.eml", mail(("หนังสือ.docx", office("docx")))), subject="FW: " + THAI), "eml"
