// SPDX-License-Identifier: MIT
// use_hex.c: a program that loads the plugin of docs/plugin.md and sends bytes there and back.
// Usage: use_hex PATH-OF-PLUGIN HOOKS. HOOKS: those that it has beside the first ones: for parts (yes), for restarts
// (seek), or none (no). Exit status 0 when all is well.
#include <rove/index.h>
#include <rove/plugin.h>
#include <rove/rove.h>
#include <rove/workers.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int complain(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    return 1;
}

static struct rove_stream *in_memory(const char *text, size_t len)
{
    struct rove_stream *stream = NULL;
    if (rove_stream_new(NULL, &stream) || rove_stream_write(stream, text, len) ||
        rove_stream_seek(stream, 0, ROVE_SET, NULL))
        return NULL;
    return stream;
}

// Decodes a text and compares the status, the bytes, and a word of the explanation.
static int reads_as(const char *spec, const char *coded, enum rove_status want, const char *plain,
                    const char *why)
{
    struct rove_stream *source = in_memory(coded, strlen(coded)), *stream = NULL;
    enum rove_status status = rove_stream_decode(source, spec, NULL, &stream, NULL);
    char got[256];
    size_t len = 0, more;
    while (!status && len < sizeof got) {
        status = rove_stream_read(stream, got + len, sizeof got - len, &more);
        len += more;
    }
    int bad = status != want || len != strlen(plain) || memcmp(got, plain, len) != 0 ||
              (why && !strstr(rove_stream_explain(stream), why));
    if (bad)
        complain(coded, rove_stream_explain(stream));
    rove_stream_free(stream);
    rove_stream_free(source);
    return bad;
}

static int writes_as(const char *spec, const char *plain, const char *coded)
{
    struct rove_stream *sink = in_memory("", 0), *stream = NULL;
    char got[256];
    size_t len = 0;
    int bad = rove_stream_encode(sink, spec, NULL, &stream, NULL) ||
              rove_stream_write(stream, plain, strlen(plain)) || rove_stream_close(stream) ||
              rove_stream_seek(sink, 0, ROVE_SET, NULL) ||
              rove_stream_read(sink, got, sizeof got, &len) < 0 || len != strlen(coded) ||
              memcmp(got, coded, len) != 0;
    if (bad)
        complain(spec, "the coded bytes are not those expected");
    rove_stream_free(stream);
    rove_stream_free(sink);
    return bad;
}

// workers ---------------------------------------------------------------------------------------

#define PLAIN 1000003u // bytes, fifteen parts and a rest

struct result {
    enum rove_status status;
    size_t len;
    char why[256];
    char bytes[2 * PLAIN + 1];
};

static void read_all(struct rove_stream *stream, struct result *r)
{
    size_t more;
    for (r->len = 0; !r->status && r->len < sizeof r->bytes; r->len += more)
        r->status = rove_stream_read(stream, r->bytes + r->len, sizeof r->bytes - r->len, &more);
}

static void encode(struct result *r, const char *plain, const struct rove_limits *limits)
{
    struct rove_stream *sink = in_memory("", 0), *stream = NULL;
    r->status = rove_stream_encode(sink, "crc32|hex", limits, &stream, NULL);
    for (size_t at = 0; !r->status && at < PLAIN; at += 9091)
        r->status = rove_stream_write(stream, plain + at, PLAIN - at < 9091 ? PLAIN - at : 9091);
    if (!r->status)
        r->status = rove_stream_close(stream);
    if (!r->status)
        r->status = rove_stream_seek(sink, 0, ROVE_SET, NULL);
    read_all(sink, r);
    rove_stream_free(stream);
    rove_stream_free(sink);
}

static void decode(struct result *r, const char *coded, size_t len, const struct rove_limits *limits)
{
    struct rove_stream *source = in_memory(coded, len), *stream = NULL;
    r->status = rove_stream_decode(source, "crc32|hex", limits, &stream, NULL);
    read_all(stream, r);
    snprintf(r->why, sizeof r->why, "%s", rove_stream_explain(stream));
    rove_stream_free(stream);
    rove_stream_free(source);
}

static int differ(const struct result *a, const struct result *b)
{
    return a->status != b->status || a->len != b->len || memcmp(a->bytes, b->bytes, a->len) != 0 ||
           strcmp(a->why, b->why) != 0;
}

// Codes and decodes with workers and without: the same bytes, and of what is cut short or damaged the same failure.
static int same_with(const struct rove_limits *limits, struct result *r)
{
    static char plain[PLAIN];
    for (size_t i = 0; i < PLAIN; i++)
        plain[i] = (char) (i * i >> 5);
    encode(&r[0], plain, NULL);
    encode(&r[1], plain, limits);
    if (r[0].len != 2 * PLAIN || differ(&r[0], &r[1]))
        return complain("encode", "other bytes with workers");
    decode(&r[2], r[0].bytes, 2 * PLAIN, limits);
    if (r[2].status != ROVE_END || r[2].len != PLAIN || memcmp(r[2].bytes, plain, PLAIN) != 0)
        return complain("decode", "other bytes with workers");
    decode(&r[1], r[0].bytes, 1000001, NULL);
    decode(&r[2], r[0].bytes, 1000001, limits);
    if (r[1].status != ROVE_E_TRUNCATED || differ(&r[1], &r[2]))
        return complain("cut short", r[2].why);
    r[0].bytes[700001] = '-';
    decode(&r[1], r[0].bytes, 2 * PLAIN, NULL);
    decode(&r[2], r[0].bytes, 2 * PLAIN, limits);
    if (r[1].status != ROVE_E_DATA || r[1].len != 350000 || differ(&r[1], &r[2]))
        return complain("damaged", r[2].why);
    return 0;
}

static int by_workers(int parts)
{
    struct rove_workers_opts opts = {.size = sizeof opts, .thread_cnt = 2};
    struct rove_limits limits = {.size = sizeof limits};
    struct rove_workers_figures figures;
    struct result *results = calloc(3, sizeof *results);
    if (!results || rove_workers_new(&opts, &limits.workers))
        return complain("workers", "there is no memory");
    int bad = same_with(&limits, results);
    rove_workers_measure(limits.workers, &figures);
    if (!bad && (parts ? figures.done_cnt < 30 : figures.done_cnt != 0))
        bad = complain("workers", parts ? "they had no parts" : "they had parts");
    rove_workers_unref(limits.workers);
    free(results);
    return bad;
}

// restarts ---------------------------------------------------------------------------------------

// Reads at offsets what is coded, or is told that this cannot be.
static int by_index(int seeks)
{
    struct rove_stream *source = in_memory("726f70650a726f7665", 18), *stream = NULL;
    struct rove_index *index = NULL;
    char got[3] = "";
    size_t len = 0;
    enum rove_status status = rove_index_make(source, "hex", NULL, 0, &index);
    int bad = status != (seeks ? ROVE_OK : ROVE_E_UNSUPPORTED);
    if (!bad && seeks) {
        bad = rove_stream_decode_index(source, index, NULL, &stream) ||
              rove_stream_pread(stream, 5, got, 2, &len) || len != 2 || strcmp(got, "ro") != 0 ||
              rove_stream_pread(stream, 1, got, 2, &len) || len != 2 || strcmp(got, "op") != 0;
    }
    rove_stream_free(stream);
    rove_index_unref(index);
    rove_stream_free(source);
    return bad ? complain("index", seeks ? "it is not read anywhere" : "it is not refused") : 0;
}

int main(int argc, char **argv)
{
    struct rove_plugin_error error = {"", ""};
    if (argc != 3)
        return complain("usage", "use_hex PATH-OF-PLUGIN HOOKS");
    if (rove_filter_find("hex", ROVE_ENCODE))
        return complain("hex", "it is there before it was loaded");
    if (rove_plugin_load(argv[1], &error))
        return complain(error.path, error.text);
    return writes_as("hex", "rope\xff", "726f7065ff") ||
           writes_as("crc32|hex:upper=yes", "rope\xff", "726F7065FF") ||
           reads_as("hex", "726f7065Ff", ROVE_END, "rope\xff", NULL) ||
           reads_as("crc32|hex", "", ROVE_END, "", NULL) ||
           reads_as("hex", "726", ROVE_E_TRUNCATED, "r", NULL) ||
           reads_as("hex", "726x", ROVE_E_DATA, "r", "this is no hex digit") ||
           reads_as("hex", "72A:", ROVE_E_DATA, "r", "at input byte 3") ||
           strcmp(rove_filter_file(rove_filter_find("hex", ROVE_ENCODE)), argv[1]) != 0 ||
           by_workers(strcmp(argv[2], "yes") == 0) || by_index(strcmp(argv[2], "seek") == 0);
}
