// SPDX-License-Identifier: MIT
// index_kit.c: see index_kit.h.
#include "index_kit.h"

#include "filter/layer.h"
#include "filter/spec.h"

#include <errno.h>
#include <stdlib.h>

#define WIN_MAX 32768u

// the codec ---------------------------------------------------------------------------------------

const char *const index_lies[] = {"none",      "no_step",   "far",       "much",     "need_all", "need_64m",
                                  "need_none", "no_status", "would_wait", "long_mark", "odd_bits", "damage",
                                  NULL};
enum lie { NONE, NO_STEP, FAR, MUCH, NEED_ALL, NEED_64M, NEED_NONE, NO_STATUS, WOULD_WAIT, LONG_MARK, ODD_BITS, DAMAGE };

struct steps {
    uint8_t in[3];
    uint32_t have, left, win; // left: of a block
    uint64_t total;           // plain bytes since 'S'
    uint8_t open, told, wanted, trailing, hops, resumed;
    uint32_t lie, step_cnt;
    uint8_t ring[WIN_MAX], state[2 + WIN_MAX];
    const struct rove_host *host;
};

static uint32_t get16(const uint8_t *from)
{
    return from[0] | (uint32_t) from[1] << 8;
}

static int32_t open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    struct steps *s = st;
    s->host = host;
    s->lie = (uint32_t) values[0].u;
    s->hops = (uint8_t) values[1].u;
    return ROVE_OK;
}

static int32_t reset(void *st)
{
    struct steps *s = st;
    *s = (struct steps){.host = s->host, .lie = s->lie, .hops = s->hops};
    return ROVE_OK;
}

// Whether a place is here: between blocks and before a header.
static bool is_place(const struct steps *s)
{
    return !s->have && !s->told;
}

static void decode_some(struct steps *s, struct rove_in *in, struct rove_out *out)
{
    for (; s->left && in->len && out->len; s->left--, in->len--, out->len--) {
        uint8_t byte = *in->ptr++;
        if (s->win) {
            byte ^= s->total >= s->win ? s->ring[s->total % s->win] : 0;
            s->ring[s->total % s->win] = byte;
        }
        *out->ptr++ = byte;
        s->total++;
    }
    s->told = s->left > 0;
}

static int32_t begin(struct steps *s)
{
    uint8_t kind = s->in[0];
    s->have = 0;
    if (kind == 'S' && !s->open && get16(s->in + 1) <= WIN_MAX) {
        s->open = 1;
        s->total = 0;
        s->win = get16(s->in + 1);
    } else if (kind == 'B' && s->open) {
        s->left = get16(s->in + 1);
        s->told = s->left > 0;
    } else if (kind == 'E' && s->open) {
        s->open = 0;
    } else {
        s->host->explain(s->host->ctx, "this is no step");
        return s->open || !s->total ? ROVE_E_DATA : ROVE_E_TRAILING;
    }
    return ROVE_OK;
}

static int32_t run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act)
{
    struct steps *s = st;
    for (;;) {
        if (s->wanted && is_place(s))
            return ROVE_OK;
        if (s->told) {
            if (!in->len || !out->len)
                break;
            decode_some(s, in, out);
            continue;
        }
        if (!in->len)
            break;
        s->in[s->have++] = *in->ptr++;
        in->len--;
        int32_t rc = s->in[0] == 'E' || s->have == 3 || (s->in[0] != 'S' && s->in[0] != 'B') ? begin(s) : ROVE_OK;
        if (rc)
            return rc;
    }
    if (act != ROVE_FINISH || in->len)
        return ROVE_OK;
    return is_place(s) && (s->resumed || (!s->open && s->total)) ? ROVE_END : ROVE_E_TRUNCATED;
}

static int32_t mark(void *st, struct rove_mark *mark)
{
    struct steps *s = st;
    s->wanted = !is_place(s);
    if (s->wanted)
        return ROVE_E_AGAIN;
    if (!s->open) {
        mark->flags = ROVE_MARK_FRESH;
        return ROVE_OK;
    }
    uint32_t len = s->total < s->win ? (uint32_t) s->total : s->win;
    s->state[0] = (uint8_t) s->win;
    s->state[1] = (uint8_t) (s->win >> 8);
    for (uint32_t i = 0; i < len; i++)
        s->state[2 + i] = s->ring[(s->total - len + i) % s->win];
    mark->state = s->state;
    mark->state_len = 2 + len;
    return ROVE_OK;
}

static int32_t resume(void *st, const struct rove_mark *mark)
{
    struct steps *s = st;
    s->resumed = 1;
    if (mark->flags == ROVE_MARK_FRESH)
        return ROVE_OK;
    if (mark->state_len < 2)
        return ROVE_E_FORMAT;
    s->open = 1;
    s->win = get16(mark->state);
    s->total = mark->state_len - 2;
    if (s->total > s->win)
        return ROVE_E_FORMAT;
    for (uint32_t i = 0; i < s->total; i++)
        s->ring[i % s->win] = mark->state[2 + i];
    return ROVE_OK;
}

static int32_t lie(struct steps *s, size_t len, struct rove_hop *hop)
{
    hop->marked = 1;
    hop->skip = 1;
    switch (s->lie) {
    case NO_STEP:
        hop->skip = 0;
        return ROVE_OK;
    case FAR:
        hop->skip = UINT64_MAX;
        return ROVE_OK;
    case MUCH:
        hop->plain = UINT64_MAX;
        return ROVE_OK;
    case NEED_ALL:
        hop->need = UINT64_MAX;
        return ROVE_E_TRUNCATED;
    case NEED_64M:
        hop->need = UINT64_C(64) << 20;
        return ROVE_E_TRUNCATED;
    case NEED_NONE:
        hop->need = len;
        return ROVE_E_TRUNCATED;
    case NO_STATUS:
        return 77;
    case WOULD_WAIT:
        return ROVE_E_AGAIN;
    case LONG_MARK:
        hop->mark.state = s->state;
        hop->mark.state_len = ROVE_MARK_MAX + 1;
        return ROVE_OK;
    case ODD_BITS:
        hop->mark.bits = 8;
        return ROVE_OK;
    default:
        return ROVE_E_DATA;
    }
}

static int32_t hop(void *st, const uint8_t *ptr, size_t len, struct rove_hop *hop)
{
    struct steps *s = st;
    if (!s->hops)
        return ROVE_E_UNSUPPORTED;
    if (!len && !s->open && s->step_cnt)
        return ROVE_END;
    if (!len || (*ptr != 'E' && len < 3)) {
        hop->need = 3;
        return ROVE_E_TRUNCATED;
    }
    if (s->lie && s->step_cnt == 2)
        return lie(s, len, hop);
    hop->marked = 1;
    hop->skip = *ptr == 'E' ? 1 : 3;
    hop->mark.flags = s->open ? 0 : ROVE_MARK_FRESH;
    if (s->open) {
        memset(s->state, 0, 2);
        hop->mark.state = s->state;
        hop->mark.state_len = 2;
    }
    if (*ptr == 'S' && !s->open) {
        s->open = 1;
        if (get16(ptr + 1))
            return ROVE_E_UNSUPPORTED;
    } else if (*ptr == 'B' && s->open) {
        hop->plain = get16(ptr + 1);
        hop->skip += hop->plain;
    } else if (*ptr == 'E' && s->open) {
        s->open = 0;
        hop->marked = 0;
    } else {
        return s->open || !s->step_cnt ? ROVE_E_DATA : ROVE_END;
    }
    s->step_cnt++;
    return ROVE_OK;
}

static const struct rove_option options[] = {{.key = "lie",
                                              .kind = ROVE_OPT_WORD,
                                              .dirs = ROVE_DECODE,
                                              .fallback = "none",
                                              .words = index_lies,
                                              .about = "what the third step is said to be"},
                                             {.key = "hops",
                                              .kind = ROVE_OPT_BOOL,
                                              .dirs = ROVE_DECODE,
                                              .fallback = "yes",
                                              .about = "headers tell enough"},
                                             {.key = NULL}};

static const struct rove_filter steps_decode = {ROVE_FILTER_INIT,
                                                .name = "steps",
                                                .about = "begins in the middle, for tests",
                                                .dir = ROVE_DECODE,
                                                .state_len = sizeof(struct steps),
                                                .options = options,
                                                .open = open,
                                                .run = run,
                                                .reset = reset,
                                                .mark = mark,
                                                .resume = resume,
                                                .hop = hop};

void index_codec_register(void)
{
    if (!rove_filter_find("steps", ROVE_DECODE) && rove_filter_register(&steps_decode, NULL) != ROVE_OK)
        abort();
}

// bytes -------------------------------------------------------------------------------------------

void index_append(struct kit_bytes *a, const void *ptr, size_t len)
{
    a->ptr = realloc(a->ptr, a->len + len + 1);
    if (len)
        memcpy(a->ptr + a->len, ptr, len);
    a->len += len;
}

void index_put(struct kit_bytes *coded, unsigned win, struct kit_bytes plain, size_t block_len)
{
    uint8_t *bytes = malloc(plain.len + 1);
    for (size_t i = 0; i < plain.len; i++)
        bytes[i] = plain.ptr[i] ^ (win && i >= win ? plain.ptr[i - win] : 0);
    index_append(coded, (uint8_t[]){'S', (uint8_t) win, (uint8_t) (win >> 8)}, 3);
    for (size_t at = 0, len; at < plain.len; at += len) {
        len = block_len < plain.len - at ? block_len : plain.len - at;
        index_append(coded, (uint8_t[]){'B', (uint8_t) len, (uint8_t) (len >> 8)}, 3);
        index_append(coded, bytes + at, len);
    }
    index_append(coded, "E", 1);
    free(bytes);
}

// sources -----------------------------------------------------------------------------------------

static enum rove_status source_read(void *ctx, void *buf, size_t len, size_t *len_out)
{
    struct index_source *s = ctx;
    size_t end = s->data.len - s->hidden, left = s->at < end ? end - s->at : 0;
    *len_out = 0;
    if (++s->reads == s->fail_at) {
        errno = EIO;
        return s->why;
    }
    if (!left)
        return ROVE_END;
    *len_out = len < left ? len : left;
    memcpy(buf, s->data.ptr + s->at, *len_out);
    s->at += *len_out;
    s->read_len += *len_out;
    return ROVE_OK;
}

static enum rove_status source_seek(void *ctx, uint64_t pos)
{
    struct index_source *s = ctx;
    s->seeks++;
    s->at = (size_t) pos;
    return ROVE_OK;
}

static enum rove_status source_length(void *ctx, uint64_t *len_out)
{
    *len_out = ((struct index_source *) ctx)->data.len;
    return ROVE_OK;
}

struct rove_stream *index_source_stream(struct index_source *source)
{
    struct rove_io io = {.size = sizeof io, .read = source_read, .seek = source_seek, .length = source_length};
    struct rove_stream *stream = NULL;
    CHECK_OK(rove_stream_from_io(&io, source, env.pool, &stream));
    return stream;
}

// indexes -----------------------------------------------------------------------------------------

enum rove_status index_of(struct kit_bytes coded, const char *spec, uint64_t every,
                          const struct rove_limits *limits, struct rove_index **index_out)
{
    struct rove_stream *source = kit_source(coded.ptr, coded.len);
    enum rove_status status = rove_index_make(source, spec, limits, every, index_out);
    CHECK((*index_out != NULL) == (status == ROVE_OK || status == ROVE_E_TRAILING));
    rove_stream_free(source);
    return status;
}

enum rove_status index_read(struct kit_bytes coded, const char *spec, uint64_t every,
                            const struct rove_limits *limits, struct rove_index **index_out)
{
    struct rove_stream *source = kit_source(coded.ptr, coded.len), *stream = NULL;
    struct kit_bytes plain = {NULL, 0};
    *index_out = NULL;
    enum rove_status status = rove_stream_decode(source, spec, limits, &stream, NULL);
    if (status == ROVE_OK)
        status = rove_stream_mark(stream, every);
    if (status == ROVE_OK) {
        status = kit_drain(stream, &plain);
        CHECK_OK(rove_stream_index(stream, index_out));
    }
    free(plain.ptr);
    rove_stream_free(stream);
    rove_stream_free(source);
    return status;
}

struct rove_index_figures index_figures(const struct rove_index *index)
{
    struct rove_index_figures figures = {.size = sizeof figures};
    rove_index_measure(index, &figures);
    return figures;
}

// Decodes one part; true when it becomes what it should.
static bool part_is_sound(struct rv_layer *layer, const struct rove_index *index, size_t i,
                          struct kit_bytes coded, struct kit_bytes plain)
{
    static uint8_t room[ROVE_MARK_MAX];
    struct rv_place at = index->places[i], end = rv_index_end(index, i);
    struct rove_mark mark;
    size_t len = (size_t) (end.plain - at.plain);
    if (!CHECK(end.coded <= coded.len && end.plain <= plain.len && at.coded <= end.coded) ||
        !CHECK_OK(rv_index_mark(index, i, room, &mark)) || !CHECK_OK(rv_layer_resume(layer, &mark)))
        return false;
    size_t from = (size_t) at.coded - (mark.bits > 0);
    uint8_t *got = malloc(len + 1);
    struct rove_in in = {coded.ptr + from, (size_t) end.coded - from};
    struct rove_out out = {got, len + 1};
    enum rove_status status = ROVE_OK;
    while (status == ROVE_OK && out.len && (out.len > 1 || in.len))
        status = rv_layer_run(layer, &in, &out, ROVE_FINISH);
    bool sound = CHECK(status >= 0) && CHECK_EQ(1, out.len) && CHECK(memcmp(got, plain.ptr + at.plain, len) == 0);
    free(got);
    return sound;
}

bool index_is_sound(const struct rove_index *index, struct kit_bytes coded, struct kit_bytes plain)
{
    struct rv_spec spec;
    struct rv_means means = {.pool = env.pool, .limit = UINT64_MAX};
    bool sound = true;
    if (!CHECK(index != NULL) || !CHECK_OK(rv_spec_parse(index->spec, ROVE_DECODE, env.pool, &spec, NULL)))
        return false;
    sound &= CHECK_EQ(plain.len, index->plain_len) && CHECK(index->coded_len <= coded.len);
    sound &= CHECK_EQ(plain.len > 0, index->cnt > 0);
    struct rv_layer layer = {.filter = NULL};
    sound &= CHECK_OK(rv_layer_open(&layer, spec.items[0].filter, spec.items[0].values, &means, ROVE_DECODE));
    for (size_t i = 0; sound && i < index->cnt; i++) {
        sound &= CHECK(i ? index->places[i].plain > index->places[i - 1].plain
                         : !index->places[i].plain && !index->places[i].coded);
        sound = sound && part_is_sound(&layer, index, i, coded, plain) &&
                CHECK_OK(rv_layer_reset(&layer, spec.items[0].values));
        if (!sound)
            suite_note("point %zu", i);
    }
    rv_layer_close(&layer);
    rv_spec_fini(&spec);
    return sound;
}

bool index_same(const struct rove_index *a, const struct rove_index *b)
{
    static uint8_t room_a[ROVE_MARK_MAX], room_b[ROVE_MARK_MAX];
    bool same = CHECK(a && b) && CHECK(strcmp(a->spec, b->spec) == 0) && CHECK_EQ(a->cnt, b->cnt) &&
                CHECK_EQ(a->coded_len, b->coded_len) && CHECK_EQ(a->plain_len, b->plain_len);
    for (size_t i = 0; same && i < a->cnt; i++) {
        struct rove_mark x, y;
        same = CHECK_OK(rv_index_mark(a, i, room_a, &x)) && CHECK_OK(rv_index_mark(b, i, room_b, &y)) &&
               CHECK_EQ(a->places[i].coded, b->places[i].coded) && CHECK_EQ(a->places[i].plain, b->places[i].plain) &&
               CHECK_EQ(x.flags, y.flags) && CHECK_EQ(x.bits, y.bits) && CHECK_EQ(x.state_len, y.state_len) &&
               CHECK(!x.state_len || memcmp(x.state, y.state, x.state_len) == 0);
    }
    return same;
}
