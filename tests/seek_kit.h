// SPDX-License-Identifier: MIT
// seek_kit.h: what the tests of streams with an index share: data of each format with their index, and a source that
// counts what it is asked for.
#ifndef TEST_SEEK_KIT_H
#define TEST_SEEK_KIT_H

#include "parts_kit.h"

#include <rove/index.h>

// data --------------------------------------------------------------------------------------------

struct seek_kind {
    const char *name, *encode, *decode;
    uint64_t every; // between points
    unsigned members; // encoded one by one
    bool sums;        // every part carries a sum
    bool whole;       // all parts are short, begin fresh and end fresh
};

extern const struct seek_kind seek_kinds[];
extern const size_t seek_kind_cnt;

struct seek_data {
    const struct seek_kind *kind;
    struct kit_bytes plain, coded;
    struct rove_index *index;
};

struct kit_bytes seek_content(size_t len);

// Data of a kind; false: this build cannot make or index them. Drop them.
bool seek_data_make(struct seek_data *d, const struct seek_kind *kind, size_t len);
void seek_data_drop(struct seek_data *d);

// Ways to come by an index. Where a kind has none of that way, it keeps the one it has.
enum seek_way { SEEK_MADE, SEEK_LOADED, SEEK_READ, SEEK_WAYS };
void seek_data_index_by(struct seek_data *d, enum seek_way way);

// An index of some coded bytes.
struct rove_index *seek_index(struct kit_bytes coded, const char *spec, uint64_t every);

// sources -----------------------------------------------------------------------------------------

struct seek_source {
    struct kit_bytes data;
    uint64_t at;
    size_t most;       // bytes of one transfer, 0 for any
    unsigned reads;    // requests
    uint64_t bytes;    // that they gave
    unsigned fail_at;  // the request that fails, from 1; 0 for none
    unsigned fail_on;  // so many behind it, too
    enum rove_status failure;
    struct rove_stream *asked_for; // uses this stream, from inside each request
    unsigned closed;               // times
    enum rove_status at_close;     // how that ends
};

// A stream over a source that is borrowed.
struct rove_stream *seek_source_stream(struct seek_source *source);

// streams -----------------------------------------------------------------------------------------

// A stream over a rope's stream, or over a source when that is not NULL.
struct seek_stream {
    struct rove_stream *source, *stream;
};

bool seek_open(struct seek_stream *s, const struct seek_data *d, struct seek_source *source,
               const struct rove_limits *limits);
void seek_close(struct seek_stream *s);

// Reads at an offset, one way or another, and compares.
bool seek_look(struct rove_stream *stream, struct kit_bytes plain, uint64_t off, size_t len);

// the cases of seek_faults.c ------------------------------------------------------------------------

void a_source_that_fails_at_any_request(void);
void a_source_that_would_block_at_any_request(void);
void a_source_that_fails_far_ahead(void);
void a_source_that_gives_little(void);
void a_source_that_is_too_short_or_goes_on(void);
void a_source_that_shrank_since(void);
void copies_between_it_and_its_source_are_refused(void);
void an_index_of_other_data(void);
void an_index_that_lies(void);
void damage_is_told_or_does_not_matter(void);
void a_sum_at_the_end_of_a_long_part_is_held_against_it(void);
void refused_memory_is_told_and_can_be_tried_again(void);
void limits_are_kept_and_named(void);
void checksums_of_a_table_are_held_against_what_is_read(void);

// … of seek_life.c ----------------------------------------------------------------------------------

void a_stream_may_own_its_source(void);
void what_is_owned_is_closed_once_and_told(void);
void from_inside_its_source_it_is_refused(void);
void why_none_is_made_is_told(void);
void an_index_of_the_first_of_the_data(void);
void what_only_ropes_can_is_refused(void);
void places_up_to_the_last_there_is(void);

#endif
