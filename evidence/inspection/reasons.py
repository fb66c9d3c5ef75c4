"""Why a file is refused: one sentence a reason, in both languages, that says what to do."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scoring.engine.text import Message

_KINDS_TH = "PDF, Word, Excel, PowerPoint, OpenDocument, รูปภาพ, ข้อความ หรืออีเมล"
_KINDS_EN = "a PDF, Word, Excel, PowerPoint or OpenDocument file, a picture, plain text or an e-mail"
_AGAIN_TH = "โปรดเปิดในโปรแกรมเดิมแล้วบันทึกใหม่เป็น"
REASONS = {
    "empty": (
        "ไฟล์นี้ว่างเปล่า โปรดตรวจไฟล์ต้นฉบับแล้วแนบใหม่",
        "This file is empty; check the original and attach it again",
    ),
    "too_large": (
        "ไฟล์ใหญ่เกิน {limit} MB โปรดลดขนาดหรือแบ่งเป็นหลายไฟล์แล้วแนบใหม่",
        "The file is larger than {limit} MB; make it smaller or split it, then attach it again",
    ),
    "type": (
        f"ไม่รับไฟล์ชนิดนี้ โปรดแนบเป็น {_KINDS_TH}",
        f"Files of this type are not accepted; attach {_KINDS_EN}",
    ),
    "executable": (
        "เนื้อไฟล์เป็นโปรแกรม ไม่ใช่เอกสาร โปรดแนบเอกสารที่เป็นหลักฐานเอง",
        "The content is a program, not a document; attach the document that is the evidence",
    ),
    "script": (
        "เนื้อไฟล์เป็นสคริปต์ที่คอมพิวเตอร์สั่งรันได้ โปรดแนบเอกสารที่เป็นหลักฐานเอง เช่น PDF",
        "The content is a script that a computer would run; attach the evidence itself, such as a PDF",
    ),
    "markup": (
        "เนื้อไฟล์เป็นหน้าเว็บหรือภาพ SVG ซึ่งซ่อนคำสั่งได้ โปรดพิมพ์เป็น PDF หรือบันทึกเป็น PNG แล้วแนบใหม่",
        "The content is a web page or SVG, which can hide commands; print it to PDF or save it as PNG",
    ),
    "archive": (
        "ไม่รับไฟล์บีบอัด โปรดแตกไฟล์แล้วแนบตัวเอกสารเอง แนบพร้อมกันหลายไฟล์ได้",
        "Archives are not accepted; unpack it and attach the documents themselves, several at once if you like",
    ),
    "media": (
        "ไม่รับไฟล์เสียงและวิดีโอ โปรดแนบภาพนิ่งหรือเอกสาร หรือใส่ลิงก์ไปยังที่เก็บไฟล์นั้นแทน",
        "Sound and video are not accepted; attach pictures or a document, or give a link to the recording",
    ),
    "polyglot": (
        "ไฟล์นี้มีไฟล์อีกชนิดหนึ่งซ่อนหรือต่อท้ายอยู่ โปรดเปิดแล้วบันทึกใหม่หรือพิมพ์เป็น PDF แล้วแนบไฟล์ใหม่",
        "Another kind of file is hidden in or behind this one; open it, save it anew or print it to PDF,"
        " and attach the new file",
    ),
    "macro": (
        f"เอกสารนี้มีแมโคร {_AGAIN_TH} .docx, .xlsx, .pptx, OpenDocument ที่ไม่มีแมโคร หรือ PDF",
        "This document contains macros; save it as .docx, .xlsx, .pptx or OpenDocument without macros, or as PDF",
    ),
    "external": (
        f"เอกสารนี้เรียกแม่แบบหรือวัตถุจากเครื่องอื่นเมื่อเปิด {_AGAIN_TH} PDF หรือเลิกเชื่อมโยงก่อนแนบ",
        "This document loads a template or object from another computer when opened;"
        " break the link or save it as PDF",
    ),
    "dde": (
        f"เอกสารนี้มีฟิลด์หรือสูตรที่สั่งโปรแกรมอื่น (DDE) โปรดลบออก หรือ{_AGAIN_TH[5:]} PDF",
        "This document contains a field or formula that starts another program (DDE);"
        " remove it or save it as PDF",
    ),
    "activex": (
        f"เอกสารนี้มีตัวควบคุม ActiveX หรือปลั๊กอิน โปรดลบออก หรือ{_AGAIN_TH[5:]} PDF",
        "This document contains ActiveX controls or plug-ins; remove them or save it as PDF",
    ),
    "active": (
        "PDF นี้มีคำสั่งที่ทำงานเอง (JavaScript หรือการเปิดโปรแกรม) โปรดสั่งพิมพ์เป็น PDF แล้วแนบไฟล์ที่พิมพ์",
        "This PDF contains commands (JavaScript or programs to launch); print it to PDF and attach the result",
    ),
    "embedded": (
        "ในเอกสารมีไฟล์อื่นฝังอยู่ซึ่งตรวจไม่ได้ โปรดนำออกแล้วแนบไฟล์นั้นแยกต่างหาก",
        "Another file that cannot be checked is embedded in the document; take it out and attach it separately",
    ),
    "encrypted": (
        "ไฟล์นี้มีรหัสผ่านจึงตรวจไม่ได้ โปรดบันทึกแบบไม่มีรหัสผ่านแล้วแนบใหม่",
        "This file is protected by a password and can't be reviewed; save it without a password",
    ),
    "broken": (
        "ไฟล์นี้เสียหรือมาไม่ครบ โปรดเปิดต้นฉบับดูว่าสมบูรณ์ บันทึกใหม่ แล้วแนบอีกครั้ง",
        "This file is damaged or incomplete; check that the original opens, save it again and attach that",
    ),
    "bomb": (
        f"เมื่อคลายแล้วไฟล์นี้ใหญ่ผิดปกติ {_AGAIN_TH} PDF หรือแบ่งเป็นไฟล์เล็ก",
        "Unpacked, this file is abnormally large; save it as PDF or split it into smaller files",
    ),
    "pixels": (
        "ภาพนี้ละเอียดเกิน {limit} ล้านพิกเซล โปรดย่อภาพแล้วแนบใหม่",
        "The picture has more than {limit} million pixels; reduce it and attach it again",
    ),
    "names": (
        f"ส่วนประกอบในไฟล์นี้มีชื่อที่ไม่ปลอดภัย {_AGAIN_TH} PDF แล้วแนบใหม่",
        "Parts of this file have unsafe names; open it, save it anew or as PDF, and attach that",
    ),
    "xml": (
        f"เอกสารนี้มีนิยามข้อมูล (DTD) ที่โปรแกรมสำนักงานไม่เคยเขียน {_AGAIN_TH} PDF แล้วแนบใหม่",
        "This document holds declarations (DTD) that no office program writes; save it anew or as PDF",
    ),
    "virus": (
        "ไฟล์นี้มีรหัสทดสอบไวรัส EICAR โปรดลบไฟล์นี้และสแกนเครื่องของท่านก่อนแนบเอกสารใหม่",
        "This file contains the EICAR virus test; delete it and scan your computer before attaching another",
    ),
    "nested": (
        "ไฟล์นี้มีไฟล์ซ้อนกันหลายชั้นเกินไป โปรดนำเอกสารข้างในออกแล้วแนบทีละไฟล์",
        "Files lie too deeply inside this one; take the documents out and attach them one by one",
    ),
    "nul": (
        "ข้อความนี้มีอักขระควบคุมที่ไม่ใช่ตัวหนังสือ โปรดบันทึกใหม่เป็นข้อความ UTF-8 หรือ PDF",
        "This text contains control characters; save it again as UTF-8 text or as PDF",
    ),
    "unreadable": (
        "ตรวจไฟล์นี้ไม่สำเร็จในเวลาและหน่วยความจำที่กำหนด โปรดบันทึกใหม่ ทำให้เล็กลง หรือพิมพ์เป็น PDF แล้วแนบใหม่",
        "This file could not be checked within the limits of time and memory; save it anew, make it smaller"
        " or print it to PDF",
    ),
}


class Refused(Exception):
    """A file that is not stored. `code` is one of REASONS, `inside` the name of the attachment or part it is about
    ('' for the file itself), `limit` the number that was passed, for the sentences that name one."""

    def __init__(self, code: str, inside: str = "", limit: int = 0) -> None:
        super().__init__(f"{code}: {inside}" if inside else code)
        self.code, self.inside, self.limit = code, inside, limit

    @property
    def message(self) -> "Message":
        """The sentence for people."""
        from scoring.engine.text import Message, quoted  # the examining process starts sooner without

        th, en = (text.format(limit=self.limit) for text in REASONS[self.code])
        en += "."
        if not self.inside:
            return Message(th, en)
        shown = quoted(self.inside)
        return Message(f"ใน {shown}: {th}", f"In {shown}: {en}")
