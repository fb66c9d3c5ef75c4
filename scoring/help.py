"""Help at the fields of the entry page: the official form's own wording, what is meant, and an example of the seeds.

The wording stands as printed on the forms of seeds 001 and 002 (.th), with a translation beside it (.en).
"""
from typing import NamedTuple

from scoring.engine.text import Message


class Help(NamedTuple):
    """Help at one field. `official`: the form's heading over it; `say`: what to write; `example`: as it was reported."""

    official: Message
    say: Message
    example: Message


_RESULTS = Message("ผลการดำเนินงาน", "Results")
_BASE_DATA = Message("ตัวชี้วัด/ข้อมูลพื้นฐานประกอบตัวชี้วัด", "Indicator / base data behind the indicator")
_RUBRIC = Message("เกณฑ์การให้คะแนน", "Scoring criteria")

HELP = {
    "text": Help(
        _RESULTS,
        Message("เขียนว่าทำอะไรเสร็จแล้ว เรียงตามข้อของเกณฑ์ ข้อความนี้พิมพ์ในรายงานตามที่กรอก",
                "Write what has been done, in the order of the criteria's items. It is printed as you type it."),
        Message("๑) มีคำสั่งแต่งตั้ง CIO", "1) A CIO has been appointed by order."),
    ),
    "measures": Help(
        Message("คำชี้แจงการปฏิบัติงาน/มาตรการที่ได้ดำเนินการ", "Explanation of the work / measures taken"),
        Message("เขียนว่าหน่วยงานทำอย่างไรจึงได้ผลนี้ ทีละขั้น", "Say step by step how the unit reached this result."),
        Message("๑. ศึกษาแนวทางการดำเนินการตามตัวชี้วัด … ๓. รวบรวมหลักฐาน",
                "1. Studied how to carry out the indicator … 3. Collected the evidence."),
    ),
    "supporting_factors": Help(
        Message("ปัจจัยสนับสนุนต่อการดำเนินงาน", "Factors that supported the work"),
        Message("เขียนสิ่งที่ช่วยให้งานสำเร็จ เช่น คน งบประมาณ ความร่วมมือ",
                "Name what helped: people, budget, co-operation."),
        Message("ความร่วมมือของบุคลากรทุกคนของศูนย์เทคโนโลยีสารสนเทศและการสื่อสาร",
                "The co-operation of everyone at the ICT centre."),
    ),
    "obstacles": Help(
        Message("อุปสรรคต่อการดำเนินงาน", "Obstacles to the work"),
        Message("เขียนสิ่งที่ทำให้งานล่าช้าหรือไม่สำเร็จ ถ้าไม่มีให้เขียนว่ายังไม่มี",
                "Name what delayed or prevented the work; if there was nothing, say so."),
        Message("ยังไม่มีในขั้นนี้", "None at this stage."),
    ),
    "suggestions": Help(
        Message("ข้อเสนอแนะสำหรับการดำเนินงานในปีต่อไป", "Suggestions for the work of the next year"),
        Message("เขียนสิ่งที่ควรทำต่างไปในปีหน้า ถ้าไม่มีให้ใส่ -",
                "Say what should be done differently next year; if nothing, put a dash."),
        Message("-", "-"),
    ),
    "data": Help(
        _BASE_DATA,
        Message("กรอกตัวเลขของหน่วยงานตามหน่วยที่ระบุ ระบบคำนวณผลตามสูตรให้",
                "Type your unit's own figures in the unit that is shown; the formula is worked out for you."),
        Message("มีการเปิดเผยข้อมูลได้อย่างน้อย ๒ ชุดข้อมูล: กรอก ๒", "At least 2 data sets are disclosed: type 2."),
    ),
    "value": Help(
        _RESULTS,
        Message("กรอกตัวเลขผลตามหน่วยวัดของตัวชี้วัด ใช้เลขไทยหรืออารบิกก็ได้",
                "Type the result in the indicator's unit, in Thai or Arabic digits."),
        Message("(Network SLA) ไม่น้อยกว่าร้อยละ ๙๙.๕: กรอก ๙๙.๕", "Network SLA of at least 99.5 per cent: type 99.5."),
    ),
    "count": Help(
        _RESULTS,
        Message("นับเฉพาะข้อที่ทำเสร็จและมีหลักฐาน", "Count only what is done and can be shown."),
        Message("๖ ประเด็นย่อย: กรอก ๖", "6 sub-topics: type 6."),
    ),
    "level": Help(
        _RUBRIC,
        Message("กรอกระดับที่ผลงานถึงตามเกณฑ์ ใช้ทศนิยมได้", "Type the level that the work reaches; decimals are allowed."),
        Message("ดำเนินการได้ตามข้อ ๑, ๒ และ ๓: กรอก ๓", "Carried out according to items 1, 2 and 3: type 3."),
    ),
    "reason": Help(
        Message("คำชี้แจงการปฏิบัติงาน", "Explanation of the work"),
        Message("เขียนสั้น ๆ ว่าเหตุใดจึงไม่มีผลในรอบนี้ และเมื่อใดจะมี",
                "Say briefly why there is no result in this round, and when there will be one."),
        Message("อยู่ในระหว่างการจัดตั้งคณะกรรมการ คณะทำงาน หรือผู้รับผิดชอบในการดำเนินการเปิดเผยข้อมูลภาครัฐ",
                "The committee, working group or person responsible for open data is being appointed."),
    ),
}
