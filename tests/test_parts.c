// SPDX-License-Identifier: MIT
// test_parts.c: codecs that do their work in parts: the same bytes and the same failures with any number of workers.
#include "parts_kit.h"

#include "support/amount.h"

#define LENS 7

// The lengths at which something changes for parts of so many bytes, then some that make many parts.
static size_t len_of(const struct parts_text *text, size_t i)
{
    size_t block = text->block;
    const size_t lens[LENS] = {0, 1, block - 1, block, block + 1, amount_of(3, 2) * block, 0};
    size_t many = amount_of(20, 6) * block + 77;
    return i + 1 < LENS ? lens[i] : many < 300000 ? 300000 : many < 3000000 ? many : 3000000;
}

// Where amounts are scaled down, one has these numbers of workers, the next the others.
static size_t first_width(size_t number)
{
    return 1 + number % amount_of(1, 2);
}

static void every_number_of_workers_writes_the_same(void)
{
    crews_begin();
    for (size_t k = 0; k < parts_text_cnt; k++)
        for (size_t i = 0; i < LENS; i++) {
            const struct parts_text *text = &parts_texts[k];
            struct kit_bytes plain = kit_content(len_of(text, i), (unsigned) (k + i) % 4);
            struct kit_bytes first = parts_encode(text->encode, 0, plain, 0, 0);
            for (size_t w = first_width(k + i); w < WIDTHS; w += amount_of(1, 2)) {
                uint64_t before = crew_done(w);
                struct kit_bytes coded = parts_encode(text->encode, w, plain, 0, 0);
                bool good = CHECK(kit_same(first, coded.ptr, coded.len));
                good &= CHECK(i + 1 < LENS || crew_done(w) > before);
                if (!good)
                    suite_note("%s, %zu bytes, %zu workers", text->encode, plain.len, crew_widths[w]);
                free(coded.ptr);
            }
            free(first.ptr);
            free(plain.ptr);
        }
    crews_end();
}

static void a_flush_ends_a_part(void)
{
    crews_begin();
    for (size_t k = 0; k < parts_text_cnt; k++) {
        const struct parts_text *text = &parts_texts[k];
        struct kit_bytes plain = kit_content(len_of(text, LENS - 1) / 3, 1);
        for (size_t w = first_width(k); w < WIDTHS; w += amount_of(1, 2)) {
            kit_seed(5 + k + w);
            struct kit_bytes first = parts_encode(text->encode, 0, plain, 3, 0);
            kit_seed(5 + k + w);
            struct kit_bytes coded = parts_encode(text->encode, w, plain, 3, 0);
            if (!CHECK(kit_same(first, coded.ptr, coded.len)))
                suite_note("%s, %zu workers", text->encode, crew_widths[w]);
            free(first.ptr);
            free(coded.ptr);
        }
        free(plain.ptr);
    }
    crews_end();
}

static void every_number_of_workers_reads_the_same(void)
{
    crews_begin();
    for (size_t k = 0; k < parts_text_cnt; k++)
        for (size_t i = 0; i < LENS && parts_texts[k].decode; i++) {
            const struct parts_text *text = &parts_texts[k];
            struct kit_bytes plain = kit_content(len_of(text, i), (unsigned) (k + i) % 4), out;
            struct kit_bytes coded = parts_encode(text->encode, 2, plain, i % 2 * 40, 0);
            uint64_t before = crew_done(3);
            CHECK_IS(ROVE_END, parts_decode_all(text->decode, NULL, coded));
            CHECK_IS(ROVE_END, parts_decode(text->decode, 0, coded, &out, NULL));
            bool good = CHECK(kit_same(plain, out.ptr, out.len));
            good &= CHECK(i + 1 < LENS || text->in_one || crew_done(3) > before);
            if (!good)
                suite_note("%s, %zu bytes", text->encode, plain.len);
            free(out.ptr);
            free(coded.ptr);
            free(plain.ptr);
        }
    crews_end();
}

// Whole, as far as that goes: a codec that makes it in one go has the room for it.
static void what_a_part_becomes_lies_in_one_piece(void)
{
    crews_begin();
    size_t block = 512 << 10, len = 0;
    struct kit_bytes plain = kit_content(3 * block, 1);
    struct kit_bytes coded = parts_encode("cut:block=524288", 0, plain, 0, 0);
    struct rove_limits limits = limits_of(1);
    struct rove_stream *source = NULL, *s = NULL;
    const uint8_t *ptr;
    CHECK_OK(rove_stream_from_bytes(coded.ptr, coded.len, NULL, &source));
    CHECK_OK(rove_stream_decode(source, "cut", &limits, &s, NULL));
    CHECK_OK(rove_stream_peek(s, &ptr, &len));
    CHECK(len == block && !memcmp(ptr, plain.ptr, len));
    rove_stream_free(s);
    rove_stream_free(source);
    free(coded.ptr);
    free(plain.ptr);
    crews_end();
}

// What has more to it than it said has no room in a part.
static void parts_that_outgrow_their_room_are_read(void)
{
    crews_begin();
    struct kit_bytes plain = kit_content(300000, 1);
    struct kit_bytes coded = parts_encode("cut", 2, plain, 0, 0);
    CHECK_IS(ROVE_END, parts_decode_all("cut:grow=yes", NULL, coded));
    free(coded.ptr);
    free(plain.ptr);
    crews_end();
}

// Some flips, sometimes the end is cut off.
static struct kit_bytes damaged(struct kit_bytes coded)
{
    struct kit_bytes bad = {malloc(coded.len), coded.len};
    memcpy(bad.ptr, coded.ptr, coded.len);
    for (uint64_t k = kit_draw(3); k-- > 0;)
        bad.ptr[kit_draw(coded.len)] ^= (uint8_t) (1 + kit_draw(255));
    if (kit_draw(3) == 0)
        bad.len = kit_draw(coded.len);
    return bad;
}

// Wherever damage is, what is given before it is told, and what is told, do not depend on workers. Flushes make
// parts small, and what stands between them is often hit.
static void damage_is_told_as_without_workers(void)
{
    crews_begin();
    for (size_t k = 0; k < parts_text_cnt; k++) {
        const struct parts_text *text = &parts_texts[k];
        if (!text->decode)
            continue;
        struct kit_bytes plain = kit_content(30000, 1);
        struct kit_bytes coded = parts_encode(text->encode, 0, plain, 1 + k % 3, 0);
        for (uint64_t round = 0; round < suite_scaled(300 / parts_text_cnt); round++) {
            struct kit_bytes bad = damaged(coded);
            (void) parts_decode_all(text->decode, NULL, bad);
            free(bad.ptr);
        }
        free(coded.ptr);
        free(plain.ptr);
    }
    crews_end();
}

// Of damage and a limit on output what comes first is told, also when both are in one part.
static void a_limit_before_damage_is_told(void)
{
    crews_begin();
    for (size_t k = 0; k < parts_text_cnt; k++) {
        const struct parts_text *text = &parts_texts[k];
        if (!text->decode)
            continue;
        struct kit_bytes plain = kit_content(30000, 1);
        struct kit_bytes coded = parts_encode(text->encode, 0, plain, 1 + k % 3, 0);
        for (uint64_t round = 0; round < suite_scaled(1000 / parts_text_cnt); round++) {
            struct kit_bytes bad = damaged(coded), out;
            (void) parts_decode(text->decode, 0, bad, &out, NULL);
            struct rove_limits limits = {.size = sizeof limits, .output = out.len + 1};
            limits.output -= 1 + kit_draw(out.len < 3000 ? out.len + 1 : 3000);
            if (limits.output && limits.output < out.len)
                CHECK_IS(ROVE_E_LIMIT, parts_decode_all(text->decode, &limits, bad));
            free(out.ptr);
            free(bad.ptr);
        }
        free(coded.ptr);
        free(plain.ptr);
    }
    crews_end();
}

// What decoding comes to within so much memory.
static enum rove_status decode_within(const char *spec, size_t width, struct kit_bytes coded,
                                      struct kit_bytes plain, uint64_t memory)
{
    struct rove_limits limits = limits_of(width);
    struct kit_bytes out;
    limits.memory = memory;
    enum rove_status status = kit_decode(spec, &limits, coded, &out, NULL);
    CHECK(status != ROVE_END || kit_same(plain, out.ptr, out.len));
    free(out.ptr);
    return status;
}

// first: what becomes of the plain bytes. Parts may have a quarter of the memory, so what fits into the rest of it without
// workers fits with them; what needs some of that quarter may meet the limit or not, as threads are quick or slow.
static void check_memory(const struct parts_text *text, struct kit_bytes plain, struct kit_bytes first, uint64_t memory)
{
    uint64_t rest = memory - memory / 4;
    struct kit_bytes alone = parts_encode(text->encode, 0, plain, 0, rest);
    bool writes = alone.ptr != NULL;
    bool reads = text->decode && decode_within(text->decode, 0, first, plain, rest) == ROVE_END;
    for (size_t w = 1 + kit_draw(amount_of(1, 2)); w < WIDTHS; w += amount_of(1, 2) + kit_draw(2)) {
        struct kit_bytes coded = parts_encode(text->encode, w, plain, 0, memory);
        bool good = CHECK((!writes && !coded.ptr) || kit_same(first, coded.ptr, coded.len));
        good &= !reads || CHECK_IS(ROVE_END, decode_within(text->decode, w, first, plain, memory));
        if (!good)
            suite_note("%s in %llu bytes, %zu workers", text->encode, (unsigned long long) memory,
                       crew_widths[w]);
        free(coded.ptr);
    }
    free(alone.ptr);
}

// However little there is, what can be done without workers, in three quarters of it, can be done with them.
static void little_memory_means_fewer_parts(void)
{
    const uint64_t step = amount_of(1, 4);
    crews_begin();
    for (size_t k = 0; k < parts_text_cnt; k++) {
        const struct parts_text *text = &parts_texts[k];
        size_t len = text->block < 1000 ? 60000 : text->block < 100000 ? 200000 : 2 * text->block + 99;
        struct kit_bytes plain = kit_content(len, 1);
        struct kit_bytes first = parts_encode(text->encode, 0, plain, 0, 0);
        for (uint64_t memory = 160 << 10; memory < 40 << 20; memory += step * (memory / 2 + kit_draw(memory / 2)))
            check_memory(text, plain, first, memory);
        free(first.ptr);
        free(plain.ptr);
    }
    crews_end();
}

static enum rove_status write_short(const char *spec, size_t width, struct kit_bytes plain)
{
    struct rove_limits limits = limits_of(width);
    struct rove_stream *sink = NULL, *s = NULL;
    enum rove_status status = rove_stream_new(env.pool, &sink);
    if (!status)
        status = rove_stream_encode(sink, spec, &limits, &s, NULL);
    if (!status)
        status = rove_stream_write(s, plain.ptr, plain.len);
    if (!status)
        status = rove_stream_close(s);
    rove_stream_free(s);
    rove_stream_free(sink);
    return status;
}

// How often that asks for memory, of a pool that keeps none.
static uint64_t allocations(const char *spec, size_t width, struct kit_bytes plain)
{
    rove_pool_trim(env.pool);
    uint64_t before = test_alloc_calls(&env.alloc);
    CHECK_OK(write_short(spec, width, plain));
    return test_alloc_calls(&env.alloc) - before;
}

// The fan, the part and its room, but no state of the codec.
static void one_part_opens_no_other_state(void)
{
    crews_begin();
    struct kit_bytes plain = kit_content(4096, 1);
    for (size_t k = 0; k < parts_text_cnt; k++) {
        const struct parts_text *text = &parts_texts[k];
        if (text->block <= plain.len || strchr(text->encode, '|'))
            continue;
        uint64_t none = allocations(text->encode, 0, plain), some = allocations(text->encode, 3, plain);
        if (!CHECK(some <= none + 3))
            suite_note("%s: %llu allocations, %llu with workers", text->encode, (unsigned long long) none,
                       (unsigned long long) some);
    }
    free(plain.ptr);
    crews_end();
}

// How often reading so many blocks of 256 KiB, by two threads beside the caller, asks for memory.
static uint64_t allocations_of(size_t cnt)
{
    struct rove_limits limits = limits_of(2);
    struct kit_bytes plain = kit_content(cnt * 256 << 10, 2), coded = parts_encode("lz4", 0, plain, 0, 0);
    struct rove_stream *source = NULL, *s = NULL;
    uint8_t buf[4096];
    CHECK_OK(rove_stream_new(env.pool, &source));
    CHECK_OK(rove_stream_write(source, coded.ptr, coded.len));
    CHECK_OK(rove_stream_seek(source, 0, ROVE_SET, NULL));
    rove_pool_trim(env.pool);
    uint64_t before = test_alloc_calls(&env.alloc);
    CHECK_OK(rove_stream_decode(source, "lz4", &limits, &s, NULL));
    while (rove_stream_read(s, buf, sizeof buf, NULL) == ROVE_OK)
        continue;
    uint64_t calls = test_alloc_calls(&env.alloc) - before;
    rove_stream_free(s);
    rove_stream_free(source);
    free(coded.ptr);
    free(plain.ptr);
    return calls;
}

// What a part has made is memory of another one when the reader is done with it.
static void trays_are_filled_again(void)
{
    crews_begin();
    uint64_t some = allocations_of(40), more = allocations_of(120);
    if (!CHECK(more <= some + 10))
        suite_note("%llu allocations, %llu for three times as much", (unsigned long long) some, (unsigned long long) more);
    crews_end();
}

static const struct suite_case cases[] = {
    SUITE_CASE(every_number_of_workers_writes_the_same),
    SUITE_CASE(a_flush_ends_a_part),
    SUITE_CASE(one_part_opens_no_other_state),
    SUITE_CASE(every_number_of_workers_reads_the_same),
    SUITE_CASE(trays_are_filled_again),
    SUITE_CASE(what_a_part_becomes_lies_in_one_piece),
    SUITE_CASE(parts_that_outgrow_their_room_are_read),
    SUITE_CASE(damage_is_told_as_without_workers),
    SUITE_CASE(a_limit_before_damage_is_told),
    SUITE_CASE(little_memory_means_fewer_parts),
    SUITE_CASE(blocks_that_lie_are_told_as_without_workers),
    SUITE_CASE(empty_and_tiny_blocks_in_any_number),
    SUITE_CASE(bombs_go_off_at_the_same_byte),
    SUITE_CASE(frames_of_all_kinds_in_a_row),
    SUITE_CASE(blocks_that_become_too_much_are_told_as_without_workers),
    SUITE_CASE(more_than_a_frame_declares),
    SUITE_CASE(damage_that_two_layers_notice_is_told_the_same),
    SUITE_CASE(longer_parts_than_the_first_are_cut_too),
    SUITE_CASE(short_parts_are_as_many_behind_long_ones),
    SUITE_CASE(shares_are_made_anew_by_threads_and_without_memory),
    SUITE_CASE(blocks_too_long_for_a_share_wait_behind_an_end),
    SUITE_CASE(other_programs_agree),
    SUITE_CASE(a_length_that_is_only_declared_takes_no_memory),
    SUITE_CASE(what_a_layer_may_make_goes_on_before_its_limit_is_told),
    SUITE_CASE(a_table_tells_of_all_frames),
    SUITE_CASE(sums_that_go_with_parts_are_the_same),
    SUITE_CASE(taps_that_refuse_are_told_as_without_workers),
    SUITE_CASE(sums_are_taken_in_the_workers),
    SUITE_CASE(taps_refuse_what_is_read_after_what_came_of_it),
    SUITE_CASE(what_a_part_holds_may_be_written_over),
    SUITE_CASE(input_in_a_rope_is_held_and_not_copied),
    SUITE_CASE(who_is_given_its_memory_back_may_not_move_the_source),
    SUITE_CASE(a_sink_that_would_block_gets_all),
    SUITE_CASE(lengths_of_parts_that_change_lose_nothing),
    SUITE_CASE(parts_of_any_lengths_lose_nothing),
    SUITE_CASE(an_encoder_that_marks_may_have_no_parts),
    SUITE_CASE(an_encoder_that_is_asked_for_marks_may_not_write),
    SUITE_CASE(a_tap_is_not_ended_twice),
    SUITE_CASE(what_lies_behind_an_early_end_stays_in_the_source),
    SUITE_CASE(what_lies_behind_an_early_end_within_a_chain_is_told),
    SUITE_CASE(what_lies_behind_an_early_end_is_no_part),
    SUITE_CASE(parts_that_do_not_begin_where_the_head_stands_are_none),
    SUITE_CASE(what_the_head_does_again_counts_in_the_ratio),
    SUITE_CASE(parts_that_cannot_be_made_ready_wait_for_their_turn),
    SUITE_CASE(parts_that_become_more_than_was_said_are_the_heads),
    SUITE_CASE(parts_may_be_longer_on_another_sink),
    SUITE_CASE(a_part_is_what_the_head_said_of_it),
    SUITE_CASE(a_failing_sink_fails_at_the_same_byte),
    SUITE_CASE(a_source_that_would_block_gives_all),
    SUITE_CASE(a_failing_source_fails_after_what_it_gave),
    SUITE_CASE(nothing_is_awaited_while_something_can_be_given),
    SUITE_CASE(a_decoder_below_is_not_awaited_while_something_can_be_given),
    SUITE_CASE(a_file_over_a_decoder_waits_for_no_more_than_it_was_asked_for),
    SUITE_CASE(a_pause_within_a_head_costs_no_parts),
    SUITE_CASE(what_was_flushed_is_not_awaited_longer),
    SUITE_CASE(a_source_that_was_closed_is_not_asked),
    SUITE_CASE(what_follows_the_end_stays_in_the_source),
    SUITE_CASE(a_stream_can_be_put_elsewhere_at_any_moment),
    SUITE_CASE(streams_stand_on_each_other_with_one_worker),
    SUITE_CASE(an_executor_may_refuse),
    SUITE_CASE(some_parts_wait_for_each_thread),
    SUITE_CASE(threads_share_workers),
    SUITE_CASE(refused_memory_is_told_or_done_without),
    SUITE_CASE(refused_memory_may_be_asked_for_again),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_parts", cases, sizeof cases / sizeof *cases, false});
}
