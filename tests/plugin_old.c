// SPDX-License-Identifier: MIT
// plugin_old.c: a library that was linked before filters had parts works as it did, also where there are workers.
#include "plugin_kit.h"

#include <rove/workers.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) && defined(__LP64__) && defined(__ELF__)

#include "plugin/old.h"

#define PLAIN 300000u

static uint32_t digit_of(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = memchr(digits, c, 64);
    return at ? (uint32_t) (at - digits) : 0; // '=' at the end: some zeros more
}

static struct kit_image from_base64(const char *const *lines, size_t cnt)
{
    struct kit_image image = {malloc(cnt * strlen(lines[0])), 0};
    for (size_t i = 0; i < cnt; i++)
        for (const char *c = lines[i]; *c; c += 4) {
            uint32_t v = digit_of(c[0]) << 18 | digit_of(c[1]) << 12 | digit_of(c[2]) << 6 | digit_of(c[3]);
            for (unsigned shift = 24; shift; shift -= 8)
                image.ptr[image.len++] = (uint8_t) (v >> (shift - 8));
        }
    return image;
}

// Of the table, what came later is as if it had been left out: size ends before it.
static void check_table(uint32_t dir)
{
    const struct rove_filter *f = rove_filter_find("old", dir);
    if (!CHECK(f != NULL))
        return;
    CHECK(f->run && f->dir == dir);
    CHECK(!f->part && !f->part_len && !f->next && !f->see && !f->past_len);
}

// Sends plain bytes there and back, and compares each with what old.c does.
static void check_round(const struct rove_limits *limits)
{
    uint8_t *plain = malloc(PLAIN), *coded = malloc(PLAIN + 1);
    struct rove_stream *sink, *stream;
    size_t len = 0;
    bool same = true;
    for (size_t i = 0; i < PLAIN; i++)
        plain[i] = (uint8_t) (i * i >> 7);
    CHECK_OK(rove_stream_new(NULL, &sink));
    CHECK_OK(rove_stream_encode(sink, "old|crc32", limits, &stream, NULL));
    CHECK_OK(rove_stream_write(stream, plain, PLAIN));
    CHECK_OK(rove_stream_close(stream));
    rove_stream_free(stream);
    CHECK_OK(rove_stream_seek(sink, 0, ROVE_SET, NULL));
    CHECK_IS(ROVE_END, rove_stream_read(sink, coded, PLAIN + 1, &len));
    CHECK_EQ(PLAIN, len);
    for (size_t i = 0; i < len; i++)
        same &= coded[i] == (plain[i] ^ (uint8_t) i);
    CHECK(same);
    CHECK_OK(rove_stream_seek(sink, 0, ROVE_SET, NULL));
    CHECK_OK(rove_stream_decode(sink, "old|crc32", limits, &stream, NULL));
    CHECK_IS(ROVE_END, rove_stream_read(stream, coded, PLAIN + 1, &len));
    CHECK(len == PLAIN && memcmp(plain, coded, PLAIN) == 0);
    rove_stream_free(stream);
    rove_stream_free(sink);
    free(plain);
    free(coded);
}

void plugin_older_than_parts_runs_as_one(void)
{
    struct kit_image image = from_base64(old_plugin, sizeof old_plugin / sizeof *old_plugin);
    struct rove_workers_opts opts = {.size = sizeof opts, .thread_cnt = 2};
    struct rove_limits limits = {.size = sizeof limits};
    struct rove_workers_figures figures;
    struct rove_plugin_error error = {"", ""};
    if (!CHECK_OK(rove_plugin_load(kit_write("old.so", image), &error)))
        suite_note("%s", error.text);
    free(image.ptr);
    check_table(ROVE_ENCODE);
    check_table(ROVE_DECODE);
    check_round(NULL);
    CHECK_OK(rove_workers_new(&opts, &limits.workers));
    check_round(&limits);
    rove_workers_measure(limits.workers, &figures);
    CHECK_EQ(0, figures.done_cnt);
    rove_workers_unref(limits.workers);
}

#else

void plugin_older_than_parts_runs_as_one(void)
{
    suite_note("the library that was kept is for another machine");
}

#endif
