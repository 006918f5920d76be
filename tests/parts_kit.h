// SPDX-License-Identifier: MIT
// parts_kit.h: what the tests of codecs with parts share: crews of workers, and texts that code in parts.
#ifndef TEST_PARTS_KIT_H
#define TEST_PARTS_KIT_H

#include "chain_kit.h"
#include "parts_codec.h"
#include "support/suite.h"

#include <rove/workers.h>
#include <stdlib.h>
#include <string.h>

// crews -------------------------------------------------------------------------------------------

#define WIDTHS 5u
extern const size_t crew_widths[WIDTHS];   // threads: 0, 1, 2, 3 and 8
extern struct rove_workers *crews[WIDTHS]; // [0] is NULL

void crews_begin(void);
void crews_end(void);

// The defaults, with the crew of crew_widths[width].
struct rove_limits limits_of(size_t width);

// How many parts it has coded.
uint64_t crew_done(size_t width);

// An executor that takes no run.
enum rove_status crew_refuse(void *ctx, void (*run)(void *arg), void *arg);

// texts -------------------------------------------------------------------------------------------

struct parts_text {
    const char *encode, *decode; // NULL: it cannot be read
    size_t block; // plain bytes of a part
    bool in_one;  // it is read in one run
};

extern const struct parts_text parts_texts[];
extern const size_t parts_text_cnt;

// Registers and loads what the texts name.
void parts_load(void);

// both ways ---------------------------------------------------------------------------------------

// Writes pieces of random lengths, with a flush behind one of flush_every (0: never), within so much memory (0: the
// default).
struct kit_bytes parts_encode(const char *spec, size_t width, struct kit_bytes plain,
                              size_t flush_every, uint64_t memory);

enum rove_status parts_decode(const char *spec, size_t width, struct kit_bytes coded,
                              struct kit_bytes *out, char *why);

// Decodes with every number of workers, which must come to the same: status, bytes, and what is said. limits: of which
// the workers are set here; NULL for the defaults. Returns the status.
enum rove_status parts_decode_all(const char *spec, const struct rove_limits *limits,
                                  struct kit_bytes coded);

// the cases of parts_frames.c ---------------------------------------------------------------------

void blocks_that_lie_are_told_as_without_workers(void);
void empty_and_tiny_blocks_in_any_number(void);
void bombs_go_off_at_the_same_byte(void);
void frames_of_all_kinds_in_a_row(void);
void blocks_that_become_too_much_are_told_as_without_workers(void);
void more_than_a_frame_declares(void);
void damage_that_two_layers_notice_is_told_the_same(void);
void longer_parts_than_the_first_are_cut_too(void);
void other_programs_agree(void);
void a_length_that_is_only_declared_takes_no_memory(void);
void what_a_layer_may_make_goes_on_before_its_limit_is_told(void);
void a_table_tells_of_all_frames(void);

// parts_taps.c
void sums_that_go_with_parts_are_the_same(void);
void taps_that_refuse_are_told_as_without_workers(void);
void sums_are_taken_in_the_workers(void);
void taps_refuse_what_is_read_after_what_came_of_it(void);

// parts_held.c
void what_a_part_holds_may_be_written_over(void);
void input_in_a_rope_is_held_and_not_copied(void);
void who_is_given_its_memory_back_may_not_move_the_source(void);

// parts_shares.c
void short_parts_are_as_many_behind_long_ones(void);
void shares_are_made_anew_by_threads_and_without_memory(void);
void blocks_too_long_for_a_share_wait_behind_an_end(void);

// parts_lies.c
void lengths_of_parts_that_change_lose_nothing(void);
void parts_of_any_lengths_lose_nothing(void);
void an_encoder_that_marks_may_have_no_parts(void);
void an_encoder_that_is_asked_for_marks_may_not_write(void);
void a_tap_is_not_ended_twice(void);
void what_lies_behind_an_early_end_stays_in_the_source(void);
void what_lies_behind_an_early_end_within_a_chain_is_told(void);
void what_lies_behind_an_early_end_is_no_part(void);
void parts_that_do_not_begin_where_the_head_stands_are_none(void);
void what_the_head_does_again_counts_in_the_ratio(void);
void parts_that_cannot_be_made_ready_wait_for_their_turn(void);
void parts_that_become_more_than_was_said_are_the_heads(void);
void parts_may_be_longer_on_another_sink(void);
void a_part_is_what_the_head_said_of_it(void);

// parts_moods.c
void a_sink_that_would_block_gets_all(void);
void a_failing_sink_fails_at_the_same_byte(void);
void a_source_that_would_block_gives_all(void);
void a_failing_source_fails_after_what_it_gave(void);
void nothing_is_awaited_while_something_can_be_given(void);
void a_decoder_below_is_not_awaited_while_something_can_be_given(void);
void a_file_over_a_decoder_waits_for_no_more_than_it_was_asked_for(void);
void a_pause_within_a_head_costs_no_parts(void);
void what_was_flushed_is_not_awaited_longer(void);
void a_source_that_was_closed_is_not_asked(void);
void what_follows_the_end_stays_in_the_source(void);
void a_stream_can_be_put_elsewhere_at_any_moment(void);
void streams_stand_on_each_other_with_one_worker(void);
void an_executor_may_refuse(void);
void some_parts_wait_for_each_thread(void);
void threads_share_workers(void);
void refused_memory_is_told_or_done_without(void);
void refused_memory_may_be_asked_for_again(void);

#endif
