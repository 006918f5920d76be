// SPDX-License-Identifier: MIT
// parts_kit.h: what the cases of test_parts.c share.
#ifndef TEST_PARTS_KIT_H
#define TEST_PARTS_KIT_H

#include "chain_kit.h"
#include "parts_codec.h"
#include "support/suite.h"

#include <rove/workers.h>
#include <stdlib.h>
#include <string.h>

#define WIDTHS 5u
extern struct rove_workers *crews[WIDTHS]; // of 0, 1, 2, 3 and 8 threads; [0] is NULL

void crews_begin(void);
void crews_end(void);

struct rove_limits limits_of(size_t width);

// Writes pieces of random lengths, with a flush behind one of flush_every (0: never).
struct kit_bytes parts_encode(const char *spec, size_t width, struct kit_bytes plain,
                              unsigned flush_every, uint64_t memory);
enum rove_status parts_decode(const char *spec, size_t width, struct kit_bytes coded,
                              struct kit_bytes *out, char *why);

// parts_moods.c
void a_sink_that_would_block_gets_all(void);
void a_failing_sink_fails_at_the_same_byte(void);
void a_source_that_would_block_gives_all(void);
void a_failing_source_fails_after_what_it_gave(void);
void nothing_is_awaited_while_something_can_be_given(void);
void what_follows_the_end_stays_in_the_source(void);
void a_stream_can_be_put_elsewhere_at_any_moment(void);
void streams_stand_on_each_other_with_one_worker(void);
void an_executor_may_refuse(void);
void threads_share_workers(void);
void refused_memory_is_told_or_done_without(void);

#endif
