"""What keeps a file from being stored or read: each says in Thai and English what to do."""
from scoring.engine.text import Message


class NotStored(Exception):
    """A file can't be stored or read; `message` says why and what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.en)
        self.message = message


class TooLarge(NotStored):
    """The file has more bytes than one file may have (`limit`)."""

    def __init__(self, limit: int) -> None:
        megabytes = limit // 2**20
        super().__init__(
            Message(
                f"ไฟล์มีขนาดเกิน {megabytes} MB ที่แต่ละไฟล์มีได้: โปรดย่อหรือแบ่งเป็นหลายไฟล์แล้วแนบใหม่",
                f"The file is larger than the {megabytes} MB that one file may have: make it smaller or split it, "
                "then attach it again.",
            )
        )


class UnitFull(NotStored):
    """The file would bring the unit's files beyond `limit` bytes."""

    def __init__(self, limit: int) -> None:
        gigabytes = limit // 2**30
        super().__init__(
            Message(
                f"ไฟล์หลักฐานของหน่วยงานเต็มพื้นที่ {gigabytes} GB แล้ว: "
                "โปรดลบไฟล์ที่ไม่ได้ใช้ หรือติดต่อกลุ่มพัฒนาระบบบริหาร",
                f"The unit's evidence fills its {gigabytes} GB: delete files that aren't used, or ask the performance "
                "office.",
            )
        )


class StorageFull(NotStored):
    """The disk has no room left."""

    def __init__(self) -> None:
        super().__init__(
            Message(
                "พื้นที่จัดเก็บไฟล์ของระบบเต็ม จึงยังไม่ได้เก็บไฟล์นี้: "
                "โปรดแจ้งผู้ดูแลระบบ แล้วแนบใหม่ภายหลัง ข้อมูลที่กรอกไว้ยังอยู่",
                "The portal's disk is full, so this file was not stored: tell the administrator and attach it again "
                "later. What you typed is kept.",
            )
        )


class StorageDown(NotStored):
    """The storage doesn't answer, or answers with an error."""

    def __init__(self) -> None:
        super().__init__(
            Message(
                "ที่จัดเก็บไฟล์ไม่ตอบสนอง: โปรดลองใหม่ในอีกสักครู่ "
                "หากยังไม่ได้โปรดแจ้งผู้ดูแลระบบ ข้อมูลที่กรอกไว้ยังอยู่",
                "The storage of files doesn't answer: try again in a moment, then tell the administrator. "
                "What you typed is kept.",
            )
        )


class FileMissing(NotStored):
    """The storage has no file of this name."""

    def __init__(self) -> None:
        super().__init__(
            Message(
                "ไม่พบไฟล์นี้ในที่จัดเก็บ: โปรดแจ้งผู้ดูแลระบบ",
                "This file is not in the storage: tell the administrator.",
            )
        )


class InUse(NotStored):
    """The evidence can't be deleted, since results refer to it."""

    def __init__(self) -> None:
        super().__init__(
            Message(
                "ลบไม่ได้ เนื่องจากมีผลการดำเนินงานอ้างถึงหลักฐานนี้: "
                "โปรดนำออกจากรายการหลักฐานก่อน หรือแนบฉบับใหม่ไว้คู่กัน",
                "This can't be deleted, since a result refers to it: take it out of the evidence list first, or put a "
                "newer version beside it.",
            )
        )
