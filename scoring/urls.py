from django.urls import path

from scoring import (
    across_views, base_data_views, board_views, certify_views, difference_views, evidence_views, planner_views,
    reminder_views, request_views, review_views, round_views, talk_views, views, weight_views,
)

urlpatterns = [
    path("queue/", review_views.queue, name="queue"),
    path("indicators/<int:pk>/units/", across_views.across, name="across_units"),
    path("indicators/<int:pk>/units/decide/", across_views.decide_many, name="across_decide"),
    path("board/", board_views.board, name="board"),
    path("reminders/", reminder_views.reminders, name="reminders"),
    path("rounds/", round_views.rounds, name="rounds"),
    path("rounds/<int:pk>/", round_views.agreement_rounds, name="agreement_rounds"),
    path("rounds/<int:pk>/<int:months>/dates/", round_views.dates, name="round_dates"),
    path("rounds/<int:pk>/<int:months>/open/", round_views.open_, name="round_open"),
    path("rounds/<int:pk>/<int:months>/close/", round_views.close, name="round_close"),
    path("rounds/<int:pk>/<int:months>/weights/", weight_views.weights, name="round_weights"),
    path("rounds/<int:pk>/indicators/<int:indicator>/", weight_views.running, name="indicator_rounds"),
    path("agreements/<int:pk>/", views.summary, name="agreement"),
    path("agreements/<int:pk>/certify/", certify_views.certify_many, name="certify_many"),
    path("agreements/<int:pk>/planner/", planner_views.planner, name="planner"),
    path("agreements/<int:pk>/differences/", difference_views.differences, name="differences"),
    path("results/<int:pk>/", views.entry, name="result"),
    path("results/<int:pk>/data/<slug:unit>/", base_data_views.base_data, name="base_data"),
    path("results/<int:pk>/submit/", views.submit_result, name="result_submit"),
    path("results/<int:pk>/withdraw/", views.withdraw_result, name="result_withdraw"),
    path("results/<int:pk>/decide/", views.decide, name="result_decide"),
    path("results/<int:pk>/review/", review_views.review, name="review"),
    path("results/<int:pk>/review/items/", review_views.items, name="review_items"),
    path("results/<int:pk>/review/mark/", review_views.mark, name="review_mark"),
    path("results/<int:pk>/questions/", talk_views.ask, name="question_ask"),
    path("results/<int:pk>/questions/<int:question>/", talk_views.answer, name="question_answer"),
    path("results/<int:pk>/objections/", talk_views.object_to_mark, name="objection_make"),
    path("results/<int:pk>/objections/<int:objection>/", talk_views.answer_to, name="objection_answer"),
    path("results/<int:pk>/copy/", request_views.copy, name="result_copy"),
    path("results/<int:pk>/not-applicable/", request_views.ask, name="not_applicable"),
    path(
        "results/<int:pk>/not-applicable/<int:asked>/withdraw/", request_views.withdraw, name="not_applicable_withdraw"
    ),
    path("results/<int:pk>/not-applicable/<int:asked>/decide/", request_views.decide, name="not_applicable_decide"),
    path("results/<int:pk>/what-if/", planner_views.what_if, name="what_if"),
    path("results/<int:pk>/evidence/", evidence_views.add, name="evidence_add"),
    path("results/<int:pk>/evidence/<int:evidence>/file/", evidence_views.new_version, name="evidence_version"),
    path("results/<int:pk>/evidence/<int:evidence>/use/", evidence_views.use, name="evidence_use"),
    path("results/<int:pk>/evidence/<int:evidence>/drop/", evidence_views.drop, name="evidence_drop"),
    path("results/<int:pk>/evidence/files/<int:version>/", evidence_views.file, name="evidence_file"),
    path(
        "results/<int:pk>/evidence/files/<int:version>/take-down/", evidence_views.take_down, name="evidence_take_down"
    ),
]
