// SPDX-License-Identifier: MIT
// chain_faults.h: the cases of test_chain_faults, by file.
#ifndef TEST_CHAIN_FAULTS_H
#define TEST_CHAIN_FAULTS_H

// chain_hostile.c
void hostile_codecs_are_stopped(void);
void hostile_taps_are_stopped(void);
void input_left_behind_is_noticed(void);
void one_idle_call_is_none_too_many_and_two_are(void);
void each_opening_finds_the_state_zeroed(void);
void a_filter_that_wants_more_room_gets_it(void);
void a_sink_that_would_block_sees_every_act_once(void);
void a_filter_that_does_not_open_opens_nothing(void);
void a_filter_that_does_not_reset_fails_the_reuse(void);
void a_failed_stream_is_fresh_after_reuse(void);
void a_failure_is_told_with_layer_cause_and_offset(void);
void everything_before_a_failure_is_delivered(void);
void the_first_of_two_failures_is_told(void);
void a_prefix_is_truncated_wherever_it_is_cut(void);
void what_follows_the_end_inside_a_chain_is_damage(void);
void what_follows_the_end_is_told_when_all_is_checked(void);
void what_follows_the_end_is_counted_and_allowed_by_the_text(void);
void what_follows_the_end_may_come_bit_by_bit(void);
void taps_are_finished_when_a_decoder_ends_early(void);
void an_unexpected_digest_stops_the_stream(void);
void a_failing_sink_fails_the_stream(void);
void an_abandoned_encoder_leaves_no_complete_stream(void);
void no_end_is_written_behind_a_gap(void);
void a_failing_source_fails_the_stream_after_what_was_read(void);

// chain_limits.c
void the_output_limit_is_exact(void);
void the_limit_layer_is_exact(void);
void the_ratio_counts_from_a_mebibyte_on(void);
void each_limit_names_the_field_that_lifts_it(void);
void the_memory_limit_counts_states_and_buffers(void);
void the_depth_of_stacked_streams_adds_up(void);
void limits_of_a_wrong_size_are_refused(void);
void a_bomb_between_layers_is_refused(void);
void bombs_of_one_to_eight_layers_are_refused(void);
void a_pool_without_memory_fails_cleanly(void);
void every_failing_allocation_leaves_nothing(void);
void a_failed_allocation_may_be_tried_again(void);
void a_chain_works_on_a_pool_that_spills(void);
void reuse_allocates_nothing(void);
void a_tray_is_bounded(void);
void what_was_passed_on_counts_no_more(void);
void slices_are_shared_with_a_rope(void);

// chain_lawful.c
void all_that_came_of_a_byte_is_given_before_more_is_awaited(void);
void a_call_without_input_is_no_idle_one(void);
void room_that_is_too_small_is_made_anew_beside_what_is_shared(void);
void of_two_refusals_the_first_is_told(void);
void what_the_pool_refused_is_not_counted(void);
void memory_is_given_up_to_the_very_limit(void);
void clearing_forgets_what_its_own_calls_met_below(void);
void what_auto_gathered_behind_the_end_is_left_in_the_source(void);
void a_joined_line_is_given_back_with_its_stream(void);
void what_a_filter_asks_of_its_source_is_refused(void);
void what_a_filter_that_guesses_asks_of_its_source_is_refused(void);
void who_is_given_its_memory_back_may_not_read_what_is_put_elsewhere(void);

// chain_words.c
void a_cause_is_told_once(void);

#endif
