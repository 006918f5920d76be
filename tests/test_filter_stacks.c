// SPDX-License-Identifier: MIT
// test_filter_stacks.c: the built-in filters as programs use them, in stacks on streams: damaged,
// bombed, starved of memory, with options and calls drawn at random.
#include "filters_stacks.h"
#include "support/suite.h"

static const struct suite_case cases[] = {
    SUITE_CASE(every_small_damage_is_noticed_or_harmless),
    SUITE_CASE(what_adler32_cannot_see),
    SUITE_CASE(damage_without_a_checksum_harms_nobody_else),
    SUITE_CASE(bombs_of_every_codec_and_depth_are_refused),
    SUITE_CASE(depth_counts_texts_and_streams_together),
    SUITE_CASE(the_ratio_has_a_floor_in_every_layer),
    SUITE_CASE(a_decoder_gets_no_more_memory_than_the_chain_may_have),
    SUITE_CASE(every_refused_allocation_of_every_filter_is_clean),
    SUITE_CASE(random_options_and_calls_against_the_libraries),
    SUITE_CASE(what_the_libraries_write_is_read_in_any_calls),
    SUITE_CASE(auto_gives_nothing_up_of_a_source_that_cannot_seek),
    SUITE_CASE(dictionaries_drawn_at_random),
    SUITE_CASE(digests_so_far_and_expected),
    SUITE_CASE(kept_filters_are_bounded_and_given_back),
    SUITE_CASE(what_was_kept_is_as_good_as_new),
    SUITE_CASE(only_equal_uses_share_what_was_kept),
    SUITE_CASE(what_was_kept_counts_against_the_limit),
    SUITE_CASE(what_is_kept_has_a_least_and_a_most),
    SUITE_CASE(threads_share_what_was_kept),
};

int main(int argc, char **argv)
{
    struct suite suite = {"filter_stacks", cases, sizeof cases / sizeof *cases, false};
    return suite_run(argc, argv, &suite);
}
