"""Changes of results: each function takes `by=`, is atomic, locks the row and writes its audit entry."""
from scoring.services.attaching import attach_file, attach_named, attach_version, record_download, record_view, take_out
from scoring.services.base_data import save_base_data
from scoring.services.carry import copy_from_earlier
from scoring.services.decisions import approve, reopen, return_, submit, withdraw
from scoring.services.entry import save_draft
from scoring.services.evidence import NoRoom, drop_evidence, evidence_changed, take_file_down, use_evidence
from scoring.services.marking import clear_mark, keep_mark, mark_criterion, review_item, review_items
from scoring.services.not_applicable import (
    decide_not_applicable, request_not_applicable, take_back_not_applicable, withdraw_request,
)
from scoring.services.objections import answer_objection, object_to
from scoring.services.questions import answer_question, ask_question
from scoring.services.rounds import change_running, change_weights, close_round, open_round
from scoring.services.rules import NotAllowed, NotReady, Overtaken, may
from scoring.services.sealing import certify, not_certifiable, seal_round

__all__ = [
    "NoRoom", "NotAllowed", "NotReady", "Overtaken", "answer_objection", "answer_question", "approve",
    "ask_question", "attach_file", "attach_named", "attach_version", "certify", "change_running", "change_weights",
    "clear_mark",
    "close_round", "copy_from_earlier", "decide_not_applicable", "drop_evidence", "evidence_changed", "keep_mark",
    "mark_criterion", "may", "not_certifiable", "object_to", "open_round", "record_download", "record_view",
    "reopen", "request_not_applicable", "return_", "review_item", "review_items", "save_base_data",
    "save_draft", "seal_round", "submit", "take_back_not_applicable",
    "take_file_down", "take_out", "use_evidence", "withdraw", "withdraw_request",
]
