// SPDX-License-Identifier: MIT
// test_chain_faults.c: chains that are lied to, starved, cut short and bombed.
#include "chain_faults.h"
#include "support/suite.h"

static const struct suite_case cases[] = {
    SUITE_CASE(hostile_codecs_are_stopped),
    SUITE_CASE(hostile_taps_are_stopped),
    SUITE_CASE(input_left_behind_is_noticed),
    SUITE_CASE(one_idle_call_is_none_too_many_and_two_are),
    SUITE_CASE(each_opening_finds_the_state_zeroed),
    SUITE_CASE(a_filter_that_wants_more_room_gets_it),
    SUITE_CASE(a_sink_that_would_block_sees_every_act_once),
    SUITE_CASE(a_filter_that_does_not_open_opens_nothing),
    SUITE_CASE(a_filter_that_does_not_reset_fails_the_reuse),
    SUITE_CASE(a_failed_stream_is_fresh_after_reuse),
    SUITE_CASE(a_failure_is_told_with_layer_cause_and_offset),
    SUITE_CASE(a_cause_is_told_once),
    SUITE_CASE(everything_before_a_failure_is_delivered),
    SUITE_CASE(the_first_of_two_failures_is_told),
    SUITE_CASE(a_prefix_is_truncated_wherever_it_is_cut),
    SUITE_CASE(what_follows_the_end_inside_a_chain_is_damage),
    SUITE_CASE(what_follows_the_end_is_told_when_all_is_checked),
    SUITE_CASE(what_follows_the_end_is_counted_and_allowed_by_the_text),
    SUITE_CASE(what_follows_the_end_may_come_bit_by_bit),
    SUITE_CASE(taps_are_finished_when_a_decoder_ends_early),
    SUITE_CASE(an_unexpected_digest_stops_the_stream),
    SUITE_CASE(a_failing_sink_fails_the_stream),
    SUITE_CASE(an_abandoned_encoder_leaves_no_complete_stream),
    SUITE_CASE(no_end_is_written_behind_a_gap),
    SUITE_CASE(a_failing_source_fails_the_stream_after_what_was_read),
    SUITE_CASE(the_output_limit_is_exact),
    SUITE_CASE(the_limit_layer_is_exact),
    SUITE_CASE(the_ratio_counts_from_a_mebibyte_on),
    SUITE_CASE(each_limit_names_the_field_that_lifts_it),
    SUITE_CASE(the_memory_limit_counts_states_and_buffers),
    SUITE_CASE(the_depth_of_stacked_streams_adds_up),
    SUITE_CASE(limits_of_a_wrong_size_are_refused),
    SUITE_CASE(a_bomb_between_layers_is_refused),
    SUITE_CASE(bombs_of_one_to_eight_layers_are_refused),
    SUITE_CASE(a_pool_without_memory_fails_cleanly),
    SUITE_CASE(every_failing_allocation_leaves_nothing),
    SUITE_CASE(a_failed_allocation_may_be_tried_again),
    SUITE_CASE(a_chain_works_on_a_pool_that_spills),
    SUITE_CASE(reuse_allocates_nothing),
    SUITE_CASE(a_tray_is_bounded),
    SUITE_CASE(what_was_passed_on_counts_no_more),
    SUITE_CASE(slices_are_shared_with_a_rope),
    SUITE_CASE(all_that_came_of_a_byte_is_given_before_more_is_awaited),
    SUITE_CASE(a_call_without_input_is_no_idle_one),
    SUITE_CASE(room_that_is_too_small_is_made_anew_beside_what_is_shared),
    SUITE_CASE(of_two_refusals_the_first_is_told),
    SUITE_CASE(what_the_pool_refused_is_not_counted),
    SUITE_CASE(memory_is_given_up_to_the_very_limit),
    SUITE_CASE(clearing_forgets_what_its_own_calls_met_below),
    SUITE_CASE(what_auto_gathered_behind_the_end_is_left_in_the_source),
    SUITE_CASE(a_joined_line_is_given_back_with_its_stream),
    SUITE_CASE(what_a_filter_asks_of_its_source_is_refused),
    SUITE_CASE(what_a_filter_that_guesses_asks_of_its_source_is_refused),
    SUITE_CASE(who_is_given_its_memory_back_may_not_read_what_is_put_elsewhere),
};

int main(int argc, char **argv)
{
    struct suite suite = {"chain_faults", cases, sizeof cases / sizeof *cases, false};
    return suite_run(argc, argv, &suite);
}
