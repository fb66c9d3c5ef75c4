"""The permission checks that the matrix of access can't see: a test that does, or the check that stands before."""

# By the check's place (file, function, name): the test that fails without it.
SEEN_BY: dict[str, str] = {
    "reports/bundle_views.py _drawn visible_to":
        "tests/reports/library/test_downloads.py::TestPage::test_shows_nobody_elses",
    "reports/bundle_views.py bundle_file may":
        "tests/reports/library/test_making.py::TestRights::test_nor_afterwards_and_nobody_else_ever",
    "reports/bundles/services/asking.py _require may":
        "tests/reports/library/test_making.py::TestRights::test_who_lost_the_right_before_it_was_made_gets_nothing",
    "reports/bundles/services/making.py _still_allowed may":
        "tests/reports/library/test_making.py::TestRights::test_nor_while_it_is_written",
    "reports/library/cards.py may_have visible_results":
        "tests/reports/library/test_making.py::TestRights::test_nor_while_it_is_written",
    "reports/library/pages.py _reports scores_hidden":
        "tests/reports/library/test_search.py::test_scores_that_are_hidden_from_a_unit_stay_hidden",
    "reports/library/queries.py cards_found visible_results":
        "tests/reports/library/test_search.py::test_an_auditor_finds_the_own_agency_only",
    "reports/library/queries.py choices_for visible_to":
        "tests/reports/library/test_search.py::test_an_auditor_finds_the_own_agency_only",
    "reports/library/queries.py reports_found visible_to":
        "tests/reports/library/test_search.py::test_an_auditor_finds_the_own_agency_only",
    "kpiportal/accounts/queries.py review_rows holds":
        "tests/accounts/test_review.py::TestWhoSeesWhat::"
        "test_only_reviewers_get_boxes_to_tick_and_never_for_themselves[admin-False]",
    "kpiportal/accounts/services/rules.py require_in_branch holds":
        "tests/accounts/test_grants.py::TestBranches::test_nothing_is_given_outside_ones_own",
    "kpiportal/accounts/services/rules.py require_manages managed_by":
        "tests/accounts/test_grants.py::TestBranches::test_nobody_with_a_right_elsewhere_is_touched",
    "kpiportal/accounts/views/grants.py _managed managed_by":
        "tests/accounts/test_review.py::TestWhoSeesWhat::"
        "test_nor_an_administrator_a_link_to_someone_with_a_right_elsewhere",
    "kpiportal/trail/queries.py story scores_hidden":
        "tests/trail/test_pages.py::TestStory::test_scores_that_are_hidden_stay_hidden",
    "kpiportal/accounts/views/people.py _person_or_404 _administrators_only":
        "tests/accounts/test_people_pages.py::"
        "test_who_administers_nobody_reaches_not_even_someone_without_a_right[office]",
    "kpiportal/trail/queries.py _result visible_to":
        "tests/trail/test_pages.py::TestStory::test_and_for_nobody_else[former]",
    "kpiportal/views.py roles roles":
        "tests/test_ways.py::TestRolesPage::test_says_exactly_what_the_table_says",
    "indicators/assigning.py plan_assignment may":
        "tests/indicators/test_assignments.py::TestAssigning::"
        "test_without_the_right_in_the_unit_nothing_is_saved[another role]",
    "indicators/assigning.py _copied may":
        "tests/indicators/test_assignments.py::TestCopying::test_takes_over_who_still_may_and_skips_the_rest",
    "indicators/assignment_pages.py people_table may":
        "tests/indicators/test_assignments.py::TestPages::test_the_table_shows_everybody_where_they_are",
    "scoring/across_pages.py _line may":
        "tests/scoring/test_across.py::TestTable::"
        "test_only_who_reviews_decides_and_is_led_to_the_review[auditor-False]",
    "scoring/across_pages.py _behind scores_hidden":
        "tests/scoring/test_across.py::TestTable::test_base_data_of_the_units_below",
    "scoring/base_data_views.py _context roles":
        "tests/scoring/test_base_data_page.py::TestLeadUnit::test_has_nothing_to_state_of_a_unit_that_reported",
    "scoring/base_data_views.py _save roles":
        "tests/scoring/test_base_data_page.py::TestLeadUnit::test_states_that_a_unit_does_not_report",
    "scoring/across_pages.py _line may_review":
        "tests/scoring/test_across.py::TestTable::"
        "test_only_who_reviews_decides_and_is_led_to_the_review[auditor-False]",
    "scoring/drawing.py shown_scores scores_hidden":
        "tests/scoring/test_requests_page.py::TestBeside::test_not_where_scores_are_hidden",
    "scoring/evidence_pages.py versions may_be_shown_to":
        "tests/scoring/test_evidence_pages.py::TestTakingDown::test_the_office_removes_a_file_and_the_reason_stays",
    "scoring/evidence_views.py add roles":
        "tests/scoring/test_evidence_pages.py::TestUsingAndDropping::"
        "test_readers_are_offered_nothing_to_take_over_and_no_form",
    "scoring/evidence_views.py file may_be_shown_to":
        "tests/scoring/test_evidence_pages.py::TestFiles::"
        "test_unscanned_ones_are_their_uploaders_alone_and_the_page_says_why",
    "scoring/evidence_views.py add may":
        "tests/scoring/test_evidence_pages.py::TestUsingAndDropping::"
        "test_readers_are_offered_nothing_to_take_over_and_no_form",
    "scoring/services/not_applicable.py may_take_back may_decide_request":
        "tests/scoring/test_not_applicable.py::TestDeciding::"
        "test_is_taken_back_with_a_reason_while_the_collectors_have_it",
    "scoring/freezing/rounds.py load_shown scores_hidden":
        "tests/scoring/test_round_seals.py::TestTheSummaryOfAClosedRound::"
        "test_scores_that_the_agreement_hides_stay_hidden",
    "scoring/freezing/rounds.py load_shown visible_to":
        "tests/scoring/test_round_seals.py::TestTheSummaryOfAClosedRound::"
        "test_whoever_may_not_see_a_result_sees_no_score_of_it",
    "scoring/planner_views.py what_if scores_hidden":
        "tests/scoring/test_planner.py::TestHidden::test_no_score_and_no_gain_only_what_is_missing[en]",
    "scoring/queries/across.py results_across visible_to":
        "tests/scoring/test_across.py::TestTable::test_others_units_are_in_nobodys_table",
    "scoring/evidence_views.py _answered may":
        "tests/scoring/test_evidence_pages.py::TestUsingAndDropping::"
        "test_readers_are_offered_nothing_to_take_over_and_no_form",
    "scoring/queries/agreements.py state_counts visible_to":
        "tests/scoring/test_units_below.py::TestDraftsOfUnitsBelow::"
        "test_are_not_counted_on_the_home_page_of_the_collectors_above",
    "scoring/queries/board.py _base_data units_with":
        "tests/scoring/test_board.py::TestTables::"
        "test_an_operating_unit_that_may_read_the_agreement_sees_its_own_row_and_its_own_page",
    "scoring/queries/board.py _reports visible_to":
        "tests/scoring/test_board.py::TestTables::"
        "test_an_operating_unit_that_may_read_the_agreement_sees_its_own_row_and_its_own_page",
    "scoring/queries/differences.py load_differences scores_hidden":
        "tests/scoring/test_final_marks.py::TestDifferences::test_hidden_scores_stay_hidden",
    "scoring/queries/earlier.py shows_source holds":
        "tests/scoring/test_units_below.py::TestDraftsOfUnitsBelow::"
        "test_are_no_source_to_be_seen_from_above_until_they_are_handed_in",
    "scoring/queries/earlier.py shows_source holds 2":
        "tests/scoring/test_units_below.py::TestDraftsOfUnitsBelow::"
        "test_are_no_source_to_be_seen_from_above_until_they_are_handed_in",
    "scoring/queries/earlier.py shows_source units_with":
        "tests/scoring/test_units_below.py::TestDraftsOfUnitsBelow::"
        "test_are_no_source_to_be_seen_from_above_until_they_are_handed_in",
    "scoring/queries/across.py load_across scores_hidden":
        "tests/scoring/test_across.py::TestTable::test_hidden_scores_stay_hidden",
    "scoring/queries/notices.py _tell_assigned holds 2":
        "tests/scoring/test_reminders.py::TestWhoIsTold::test_not_the_supervisor_who_only_audits_by_now",
    "scoring/queries/notices.py load_notices holds":
        "tests/scoring/test_reminders.py::TestWhoIsTold::test_each_office_of_its_own_units_only",
    "scoring/queries/notices.py _tell_requests holds":
        "tests/scoring/test_reminders.py::TestWhoIsTold::test_each_office_of_its_own_units_only",
    "scoring/queries/evidence.py usable_evidence visible_to":
        "tests/scoring/test_units_below.py::TestDraftsOfUnitsBelow::"
        "test_offer_their_documents_above_once_they_are_handed_in",
    "scoring/queries/queue.py _results in_scope":
        "tests/scoring/test_queue.py::TestQueue::test_nothing_waits_for_others[auditor]",
    "scoring/queries/queue.py questions_for in_scope":
        "tests/scoring/test_queue.py::TestQuestionsOnTheFirstPage::"
        "test_wait_for_the_collectors_then_for_whoever_asked",
    "scoring/queries/queue.py _results in_scope 2":
        "tests/scoring/test_queue.py::TestQueue::test_not_who_is_assigned_still_but_only_audits_by_now",
    "scoring/queries/queue.py _objections in_scope":
        "tests/scoring/test_queue.py::TestQueue::test_objections_and_requests_wait_for_the_office",
    "scoring/queries/reminders.py undeliverable in_scope":
        "tests/scoring/test_reminder_delivery.py::TestFailures::test_the_office_sees_it_on_the_board_and_nobody_else",
    "scoring/queries/requests.py waiting_requests in_scope":
        "tests/scoring/test_requests_page.py::TestDeciding::"
        "test_home_lists_it_for_the_office_only_until_it_is_decided",
    "scoring/queries/standing.py standing_around holds":
        "tests/scoring/test_units_below.py::TestTheAgreementOfTheUnitAbove::"
        "test_is_drawn_around_a_result_for_its_own_readers_only",
    "scoring/queries/summary.py scores_hidden holds":
        "tests/trail/test_pages.py::TestStory::test_scores_that_are_hidden_stay_hidden",
    "scoring/queries/summary.py load_summary scores_hidden":
        "tests/scoring/test_hidden_scores.py::test_the_summary_and_the_differences_hold_none",
    "scoring/queries/tasks.py _task scores_hidden":
        "tests/scoring/test_hidden_scores.py::test_my_indicators_say_that_they_are_hidden",
    "scoring/queries/summary.py _attach_results visible_results":
        "tests/scoring/test_units_below.py::TestTheAgreementOfTheUnitAbove::"
        "test_shows_the_unit_its_own_results_and_no_others",
    "scoring/review_pages.py review_context may":
        "tests/scoring/test_review_page.py::TestWho::test_the_office_reads_until_it_is_its_turn",
    "scoring/services/evidence.py use_evidence require":
        "tests/scoring/test_evidence.py::TestWhoMay::test_only_its_collectors_change_it[auditor]",
    "scoring/services/evidence.py drop_evidence require":
        "tests/scoring/test_evidence.py::TestWhoMay::test_only_its_collectors_change_it[auditor]",
    "scoring/services/evidence.py evidence_changed require":
        "tests/scoring/test_evidence.py::TestWhoMay::test_only_its_collectors_change_it[auditor]",
    "scoring/services/objections.py object_to _require_in_time":
        "tests/scoring/test_objections.py::TestLastDay::test_counts_as_a_whole[16-False]",
    "scoring/services/objections.py object_to _require_difference":
        "tests/scoring/test_objections.py::TestMaking::test_not_to_scores_that_are_hidden",
    "scoring/services/objections.py _require_difference scores_hidden":
        "tests/scoring/test_objections.py::TestMaking::test_not_to_scores_that_are_hidden",
    "scoring/talk_pages.py shown_talk may_review":
        "tests/scoring/test_questions.py::"
        "test_a_page_without_a_question_leads_only_reviewers_to_the_review[collector]",
    "scoring/talk_pages.py talk_context may_answer":
        "tests/scoring/test_questions.py::TestAnswering::"
        "test_the_page_has_a_form_for_those_and_leads_reviewers_to_the_review[colleague]",
    "scoring/talk_pages.py talk_context may_answer_objection":
        "tests/scoring/test_objections.py::TestOnThePage::test_nobody_else_sees_the_form_of_the_answer",
    "scoring/talk_views.py _said may_review":
        "tests/scoring/test_questions.py::TestAnswering::test_nobody_is_led_back_to_a_review_that_is_not_theirs",
    "scoring/views.py summary holds":
        "tests/scoring/test_sealing.py::TestManyAtOnce::test_the_boxes_are_the_offices_alone",
    "scoring/talk_pages.py shown_talk may_review 2":
        "tests/scoring/test_questions.py::TestAnswering::"
        "test_the_page_has_a_form_for_those_and_leads_reviewers_to_the_review[collector]",
    "reports/cards.py build scores_hidden":
        "tests/scoring/test_hidden_scores.py::test_the_summary_and_the_differences_hold_none",
    "indicators/earlier.py earlier_agreements visible_to":
        "tests/reports/papers/test_comparison.py::TestWhoSeesWhat::test_what_one_may_not_see_is_not_printed",
    "scoring/freezing/shown.py load_shown_reports visible_to":
        "tests/reports/papers/test_evidence_index.py::TestWhatWasShown::test_drafts_of_others_are_not_listed",
    "scoring/freezing/shown.py load_shown_reports scores_hidden":
        "tests/reports/papers/test_evidence_index.py::TestWhatWasShown::"
        "test_reviewers_thoughts_stay_hidden_with_the_scores",
    "reports/charts/history.py _told scores_hidden":
        "tests/reports/charts/test_charts_paper.py::TestOfEarlierRounds::"
        "test_a_closed_round_hides_the_scores_that_its_agreement_hides",
    "reports/charts/history.py _agreements visible_to":
        "tests/reports/charts/test_charts_paper.py::TestOfEarlierRounds::"
        "test_an_earlier_year_of_which_one_may_read_nothing_is_not_drawn",
    "reports/charts/history.py _seen visible_to":
        "tests/reports/charts/test_charts_paper.py::TestOfEarlierRounds::"
        "test_of_a_closed_round_a_unit_below_sees_its_own_indicator_alone",
    "reports/charts/units.py _results visible_to":
        "tests/reports/charts/test_charts_paper.py::TestHeat::test_who_reads_one_agreement_sees_one_unit",
    "reports/dashboards/executive.py _load_before visible_to":
        "tests/reports/dashboards/test_dashboards.py::TestHidden::"
        "test_nor_is_it_compared_with_a_year_of_which_it_may_read_nothing",
    "reports/issuing/queries.py issued_card visible_to":
        "tests/reports/issuing/test_issuing.py::TestFirstDownload::test_who_may_not_see_the_result_gets_nothing",
    "reports/models.py visible_to visible_results":
        "tests/reports/issuing/test_issuing.py::TestFirstDownload::test_who_may_not_see_the_result_gets_nothing",
    "reports/book/asking.py asked_for visible_to":
        "tests/reports/book/test_whose.py::test_a_report_that_is_not_open_to_the_person_is_left_out_and_counted",
    "reports/book/asking.py may_have_book visible_to":
        "tests/reports/book/test_whose.py::test_reports_of_others_put_into_what_is_asked_do_not_come",
    "reports/book/asking.py read visible_to":
        "tests/reports/book/test_whose.py::test_reports_of_others_put_into_what_is_asked_do_not_come",
    "reports/book/asking.py _round visible_to":
        "tests/reports/book/test_whose.py::test_who_lost_the_right_gets_nothing",
}
# A check behind another one: taken out alone it changes nothing that anybody could see. With the reason.
BEHIND_ANOTHER: dict[str, str] = {
    "reports/checking/headings.py _heading roles": "no right is asked for: it finds what a column of a table is for",
    "kpiportal/templatetags/kpi.py role_name roles": "no right is asked for: it finds the word for a role",
    "scoring/certify_views.py certify_many visible_to 2":
        "the agreement is one that the person may read, and certify refuses each result by itself",
    "scoring/queries/notices.py _reports in_scope":
        "it only reads less: load_notices asks for the right on each report",
    "scoring/queries/notices.py _tell_requests in_scope":
        "it only reads less: the right is asked for on each report below",
    "scoring/queries/notices.py office roles": "it only reads less: the right is asked for on each report",
    "scoring/queries/queue.py queue_of scores_hidden": "who decides or certifies sees hidden scores too",
    "scoring/queries/queue.py _results visible_to": "who may decide about results of a unit sees those handed in",
    "scoring/queries/queue.py _objections visible_results": "who certifies results of a unit sees all of them",
    "scoring/queries/reviews.py _report scores_hidden": "who reviews sees hidden scores too",
    "scoring/queries/rounds.py round_rows visible_to": "who runs an agreement's rounds sees all its reports",
    "scoring/queries/reviews.py earlier_reports visible_to":
        "who reviews a unit's report sees all that the unit handed in",
    "scoring/queries/standing.py _counted roles":
        "the summary holds only results that the reader may see, and what isn't applicable",
    "scoring/services/attaching.py attach_file require": "use_evidence asks again in the same transaction",
    "scoring/services/attaching.py attach_version require": "evidence_changed asks again in the same transaction",
    "scoring/services/attaching.py attach_named require": "use_evidence asks again in the same transaction",
    "scoring/review_pages.py read_review scores_hidden": "who reviews sees hidden scores too",
    "scoring/services/entry.py _touch made_by": "no right is asked for: who made the report already is no second maker",
    "scoring/services/carry.py copy_from_earlier require": "save_draft asks again in the same transaction",
}
