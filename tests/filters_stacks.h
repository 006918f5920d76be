// SPDX-License-Identifier: MIT
// filters_stacks.h: the cases of test_filter_stacks, by file.
#ifndef ROVE_TESTS_FILTERS_STACKS_H
#define ROVE_TESTS_FILTERS_STACKS_H

// filters_stacks.c
void every_small_damage_is_noticed_or_harmless(void);
void what_adler32_cannot_see(void);
void damage_without_a_checksum_harms_nobody_else(void);

// filters_bombs.c
void bombs_of_every_codec_and_depth_are_refused(void);
void depth_counts_texts_and_streams_together(void);
void the_ratio_has_a_floor_in_every_layer(void);
void a_decoder_gets_no_more_memory_than_the_chain_may_have(void);

// filters_life.c
void every_refused_allocation_of_every_filter_is_clean(void);

// filters_draws.c
void random_options_and_calls_against_the_libraries(void);
void what_the_libraries_write_is_read_in_any_calls(void);
void auto_gives_nothing_up_of_a_source_that_cannot_seek(void);
void dictionaries_drawn_at_random(void);
void digests_so_far_and_expected(void);

// filters_kept.c
void kept_filters_are_bounded_and_given_back(void);
void what_was_kept_is_as_good_as_new(void);
void only_equal_uses_share_what_was_kept(void);
void what_was_kept_counts_against_the_limit(void);
void what_is_kept_has_a_least_and_a_most(void);
void threads_share_what_was_kept(void);

#endif
