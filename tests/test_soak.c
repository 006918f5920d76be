// SPDX-License-Identifier: MIT
// test_soak.c: mixed work for a long time, with less memory than content, and nothing piles up.
//
// Two threads, each with ropes, snapshots, a queue, chains and a FILE of its own, share one pool that
// spills. What each rope should hold is known as a recipe, the places of an endless text that its
// bytes were taken from, so that it can be hashed without being kept. A round begins with nothing,
// works, and drops all. After every round the process is looked at: its resident memory, what the
// pool holds, the length of the spill file, open descriptors.
//
// ROVE_SOAK_SECONDS=n goes on for so long (600 for ten minutes); without it the amount is fixed.
#include <inttypes.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "spill_kit.h"
#include "support/edits.h"
#include "support/suite.h"

#define MIB ((uint64_t) 1 << 20)
#define LIMIT (4 * MIB)
#define CHUNK ((size_t) 16384)
#define THREADS 2
#define PILES 3
#define SHOTS 4
#define PILE_MOST (4 * MIB) // six of them: several limits
#define PUT_MOST ((size_t) 256 << 10)
#define QUEUE_MOST (2 * MIB)
#define STEPS 250             // of a thread in a round
#define ROUNDS 12u            // by default
#define WARM_ROUNDS 3u        // before memory is compared
#define GROWTH_MOST (4 * MIB) // of resident memory over all rounds after those

// recipes ---------------------------------------------------------------------------------------

// Some bytes of a text of spill_kit.h; seed 0: zeros.
struct piece {
    uint64_t seed, off, len;
};

struct recipe {
    struct piece *at;
    size_t cnt, cap;
    uint64_t len;
};

static void recipe_room(struct recipe *r, size_t more)
{
    if (r->cnt + more <= r->cap)
        return;
    r->cap = 2 * (r->cnt + more);
    r->at = realloc(r->at, r->cap * sizeof *r->at);
    if (!r->at)
        abort();
}

// The index of the piece that begins at off; one is cut in two if need be.
static size_t recipe_cut(struct recipe *r, uint64_t off)
{
    size_t i = 0;
    for (; i < r->cnt && off >= r->at[i].len; i++)
        off -= r->at[i].len;
    if (!off)
        return i;
    recipe_room(r, 1);
    memmove(r->at + i + 1, r->at + i, (r->cnt - i) * sizeof *r->at);
    r->cnt++;
    r->at[i].len = off;
    r->at[i + 1].off += off;
    r->at[i + 1].len -= off;
    return i + 1;
}

static void recipe_replace(struct recipe *r, uint64_t off, uint64_t del, struct piece piece)
{
    size_t from = recipe_cut(r, off), to = recipe_cut(r, off + del);
    recipe_room(r, 1);
    memmove(r->at + from + 1, r->at + to, (r->cnt - to) * sizeof *r->at);
    r->cnt = r->cnt - (to - from) + 1;
    r->at[from] = piece;
    r->len = r->len - del + piece.len;
}

static void recipe_copy(struct recipe *to, const struct recipe *from)
{
    *to = (struct recipe){.len = from->len};
    recipe_room(to, from->cnt + 1);
    memcpy(to->at, from->at, from->cnt * sizeof *from->at);
    to->cnt = from->cnt;
}

// Hashes the bytes [off, off + len).
static uint64_t recipe_hash(const struct recipe *r, uint64_t off, uint64_t len)
{
    uint8_t buf[4096];
    XXH3_state_t state;
    XXH3_64bits_reset(&state);
    for (size_t i = 0; i < r->cnt && len; i++) {
        struct piece p = r->at[i];
        uint64_t skip = off < p.len ? off : p.len;
        off -= skip;
        p.off += skip;
        p.len = p.len - skip < len ? p.len - skip : len;
        len -= p.len;
        while (p.len) {
            size_t n = p.len < sizeof buf ? (size_t) p.len : sizeof buf;
            if (p.seed)
                text_fill(buf, p.seed, p.off, n);
            else
                memset(buf, 0, n);
            XXH3_64bits_update(&state, buf, n);
            p.off += n;
            p.len -= n;
        }
    }
    return XXH3_64bits_digest(&state);
}

// a thread's work -------------------------------------------------------------------------------

struct pile {
    struct rove_rope rope;
    struct recipe is;
};

struct shot {
    struct rove_view view;
    struct recipe is;
    bool taken;
};

struct worker {
    struct rng rng;
    struct rove_pool *pool;
    struct pile piles[PILES];
    struct shot shots[SHOTS];
    struct rove_stream *queue;
    uint64_t queue_in, queue_out; // bytes of the text that went in and came out
    uint64_t texts;               // seeds that were used
    uint64_t bytes;               // put somewhere or verified
    uint8_t *buf;                 // PUT_MOST
};

static uint64_t hash_view(struct worker *w, const struct rove_view *view)
{
    struct rove_cursor cursor;
    struct rove_span span;
    XXH3_state_t state;
    enum rove_status status = rove_cursor_init(&cursor, view, 0);
    XXH3_64bits_reset(&state);
    while (status == ROVE_OK) {
        status = rove_cursor_next(&cursor, &span);
        XXH3_64bits_update(&state, span.ptr, span.len);
    }
    CHECK_IS(ROVE_END, status);
    rove_cursor_fini(&cursor);
    w->bytes += rove_view_len(view);
    return XXH3_64bits_digest(&state);
}

static void verify_view(struct worker *w, const struct rove_view *view, const struct recipe *is)
{
    if (CHECK_EQ(is->len, rove_view_len(view)))
        CHECK_EQ(recipe_hash(is, 0, is->len), hash_view(w, view));
}

static void verify_pile(struct worker *w, struct pile *pile)
{
    struct rove_view view;
    if (!CHECK_OK(rove_rope_view(&pile->rope, 0, rove_rope_len(&pile->rope), &view)))
        return;
    verify_view(w, &view, &pile->is);
    rove_view_fini(&view);
}

static uint64_t some_off(struct worker *w, uint64_t len)
{
    return rng_below(&w->rng, (size_t) len + 1);
}

// Mostly a few bytes, often a chunk or so, sometimes many chunks.
static size_t some_len(struct worker *w)
{
    static const size_t most[] = {100, 3000, 3000, 2 * CHUNK, 2 * CHUNK, PUT_MOST};
    return 1 + rng_below(&w->rng, most[rng_below(&w->rng, sizeof most / sizeof *most)]);
}

static struct piece some_text(struct worker *w, size_t len)
{
    struct piece piece = {++w->texts, 0, len};
    text_fill(w->buf, piece.seed, 0, len);
    w->bytes += len;
    return piece;
}

static void append_len(struct worker *w, struct pile *pile, size_t len)
{
    struct piece piece = some_text(w, len);
    if (CHECK_OK(rove_rope_append(&pile->rope, w->buf, (size_t) piece.len)))
        recipe_replace(&pile->is, pile->is.len, 0, piece);
}

static void append(struct worker *w, struct pile *pile)
{
    append_len(w, pile, some_len(w));
}

static void insert(struct worker *w, struct pile *pile)
{
    uint64_t off = some_off(w, pile->is.len);
    struct piece piece = some_text(w, some_len(w));
    if (CHECK_OK(rove_rope_insert(&pile->rope, off, w->buf, (size_t) piece.len)))
        recipe_replace(&pile->is, off, 0, piece);
}

static void overwrite(struct worker *w, struct pile *pile)
{
    uint64_t off = some_off(w, pile->is.len);
    size_t len = some_len(w);
    if (len > pile->is.len - off)
        return;
    struct piece piece = some_text(w, len);
    if (CHECK_OK(rove_rope_overwrite(&pile->rope, off, w->buf, len)))
        recipe_replace(&pile->is, off, len, piece);
}

static void erase(struct worker *w, struct pile *pile)
{
    uint64_t off = some_off(w, pile->is.len), most = pile->is.len - off;
    uint64_t len = some_off(w, most < MIB ? most : MIB);
    if (CHECK_OK(rove_rope_erase(&pile->rope, off, len)))
        recipe_replace(&pile->is, off, len, (struct piece){0});
}

static void zeros(struct worker *w, struct pile *pile)
{
    uint64_t len = some_off(w, MIB);
    if (CHECK_OK(rove_rope_append_zeros(&pile->rope, len)))
        recipe_replace(&pile->is, pile->is.len, 0, (struct piece){0, 0, len});
}

static void cut_and_join(struct worker *w, struct pile *pile)
{
    struct rove_rope right;
    enum rove_status status = rove_rope_split(&pile->rope, some_off(w, pile->is.len), &right);
    if (CHECK_OK(status))
        CHECK_OK(rove_rope_concat(&pile->rope, &right));
    rove_rope_fini(&right);
}

// Takes a snapshot, or verifies and drops the one that is in its place.
static void snapshot(struct worker *w, struct pile *pile)
{
    struct shot *shot = &w->shots[rng_below(&w->rng, SHOTS)];
    if (shot->taken) {
        verify_view(w, &shot->view, &shot->is);
        rove_view_fini(&shot->view);
        free(shot->is.at);
        shot->taken = false;
    } else if (CHECK_OK(rove_rope_view(&pile->rope, 0, pile->is.len, &shot->view))) {
        recipe_copy(&shot->is, &pile->is);
        shot->taken = true;
    }
}

// A part of the pile through a chain, and back, by its hash.
static void code(struct worker *w, struct pile *pile)
{
    static const char *const specs[] = {"crc32c|lz4", "gzip", "xxh3", "lz4|zlib"};
    const char *spec = specs[rng_below(&w->rng, sizeof specs / sizeof *specs)];
    uint64_t off = some_off(w, pile->is.len), most = pile->is.len - off;
    uint64_t len = some_off(w, most < MIB / 2 ? most : MIB / 2);
    struct rove_view view;
    struct rove_stream *packed = NULL, *coder = NULL;
    XXH3_state_t state;
    XXH3_64bits_reset(&state);
    CHECK_OK(rove_rope_view(&pile->rope, off, len, &view));
    CHECK_OK(rove_stream_new(w->pool, &packed));
    if (CHECK_OK(rove_stream_encode(packed, spec, NULL, &coder, NULL))) {
        CHECK_OK(rove_stream_write_view(coder, &view));
        CHECK_OK(rove_stream_close(coder));
        rove_stream_free(coder);
    }
    CHECK_OK(rove_stream_seek(packed, 0, ROVE_SET, NULL));
    if (CHECK_OK(rove_stream_decode(packed, spec, NULL, &coder, NULL))) {
        size_t n;
        enum rove_status status;
        do {
            status = rove_stream_read(coder, w->buf, PUT_MOST, &n);
            XXH3_64bits_update(&state, w->buf, n);
        } while (status == ROVE_OK);
        CHECK_IS(ROVE_END, status);
        rove_stream_free(coder);
    }
    CHECK_EQ(recipe_hash(&pile->is, off, len), XXH3_64bits_digest(&state));
    w->bytes += 2 * len;
    rove_stream_free(packed);
    rove_view_fini(&view);
}

// First in, first out; what is out is dropped, and its memory with it.
static void queue(struct worker *w, struct pile *unused)
{
    (void) unused;
    uint64_t inside = w->queue_in - w->queue_out;
    size_t len = some_len(w), n = 0;
    if (inside < QUEUE_MOST) {
        text_fill(w->buf, UINT64_MAX, w->queue_in, len);
        CHECK_OK(rove_stream_seek(w->queue, 0, ROVE_FROM_END, NULL));
        if (CHECK_OK(rove_stream_write(w->queue, w->buf, len)))
            w->queue_in += len;
        w->bytes += len;
    }
    len = some_len(w);
    if (inside < QUEUE_MOST / 2 || len > inside)
        return;
    CHECK_OK(rove_stream_seek(w->queue, 0, ROVE_SET, NULL));
    CHECK_OK(rove_stream_read(w->queue, w->buf, len, &n));
    CHECK(text_is(w->buf, UINT64_MAX, w->queue_out, n));
    if (CHECK_OK(rove_stream_drop_front(w->queue, n)))
        w->queue_out += n;
    w->bytes += n;
}

// A stream that is a FILE to somebody: written in bits, read here and there.
static void file(struct worker *w, struct pile *unused)
{
    (void) unused;
    struct rove_stream *stream = NULL;
    FILE *file = NULL;
    uint64_t len = some_off(w, MIB), seed = ++w->texts;
    uint8_t bit[700];
    CHECK_OK(rove_stream_new(w->pool, &stream));
    if (CHECK_OK(rove_fopen(stream, "w+", &file))) {
        for (uint64_t off = 0; off < len; off += sizeof bit) {
            text_fill(bit, seed, off, sizeof bit);
            CHECK(fwrite(bit, sizeof bit, 1, file) == 1);
        }
        for (unsigned i = 0; len > sizeof bit && i < 10; i++) {
            uint64_t off = some_off(w, len - sizeof bit);
            CHECK(fseeko(file, (off_t) off, SEEK_SET) == 0);
            CHECK(fread(bit, sizeof bit, 1, file) == 1 && text_is(bit, seed, off, sizeof bit));
        }
        CHECK(fclose(file) == 0);
    }
    w->bytes += len;
    rove_stream_free(stream);
}

static void tidy(struct worker *w, struct pile *pile)
{
    if (rng_below(&w->rng, 4) == 0)
        CHECK_OK(rove_rope_compact(&pile->rope));
    else
        rove_pool_trim(w->pool);
}

static void look(struct worker *w, struct pile *pile)
{
    verify_pile(w, pile);
}

static void step(struct worker *w)
{
    static void (*const acts[])(struct worker *, struct pile *) = {
        append, append, append,       insert,   insert, overwrite, overwrite, erase, zeros,
        queue,  queue,  cut_and_join, snapshot, code,   file,      look,      tidy};
    struct pile *pile = &w->piles[rng_below(&w->rng, PILES)];
    if (pile->is.len > PILE_MOST)
        erase(w, pile);
    else
        acts[rng_below(&w->rng, sizeof acts / sizeof *acts)](w, pile);
}

// rounds ----------------------------------------------------------------------------------------

static void begin(struct worker *w)
{
    for (size_t i = 0; i < PILES; i++) {
        rove_rope_init(&w->piles[i].rope, w->pool);
        w->piles[i].is = (struct recipe){0};
        for (uint64_t len = 0; len < PILE_MOST / 2; len += PUT_MOST) // far more than fits
            append_len(w, &w->piles[i], PUT_MOST);
    }
    memset(w->shots, 0, sizeof w->shots);
    w->queue_in = w->queue_out = 0;
    CHECK_OK(rove_stream_new(w->pool, &w->queue));
}

static void end(struct worker *w)
{
    for (size_t i = 0; i < SHOTS; i++) {
        if (!w->shots[i].taken)
            continue;
        verify_view(w, &w->shots[i].view, &w->shots[i].is);
        rove_view_fini(&w->shots[i].view);
        free(w->shots[i].is.at);
    }
    for (size_t i = 0; i < PILES; i++) {
        verify_pile(w, &w->piles[i]);
        CHECK_SOUND(&w->piles[i].rope);
        rove_rope_fini(&w->piles[i].rope);
        free(w->piles[i].is.at);
    }
    rove_stream_free(w->queue);
    rove_pool_trim(w->pool); // what this thread keeps
}

static void *work(void *arg)
{
    struct worker *w = arg;
    begin(w);
    for (uint64_t i = 0; i < STEPS; i++)
        step(w);
    end(w);
    return NULL;
}

static void run_round(struct worker *workers)
{
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        if (!CHECK(pthread_create(&threads[i], NULL, work, &workers[i]) == 0))
            exit(2);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

// What is there when all was dropped.
struct rest {
    uint64_t resident, held, file_len;
    unsigned fds;
};

static struct rest look_at_rest(struct rove_pool *pool, const char *dir)
{
    struct rest rest = {.fds = kit_fds()};
    struct stat st = {0};
    rove_pool_trim(pool);
#if defined(__GLIBC__) // others keep little
    malloc_trim(0);
#endif // the recipes'
    CHECK(fstat(kit_spill_fd(dir), &st) == 0);
    rest.file_len = (uint64_t) st.st_size;
    rest.held = kit_figures(pool).held;
    rest.resident = kit_resident();
    return rest;
}

// Rounds until enough was done.
static bool enough(unsigned rounds, time_t start)
{
    const char *seconds = getenv("ROVE_SOAK_SECONDS");
    if (rounds < WARM_ROUNDS + 1)
        return false;
    if (seconds)
        return time(NULL) - start >= strtol(seconds, NULL, 10);
    return rounds >= WARM_ROUNDS + suite_scaled(ROUNDS - WARM_ROUNDS);
}

#ifdef RV_ONE_BLOCK_PER_CHUNK
#define RESIDENT_IS_KNOWN false // a sanitizer has memory of its own
#else
#define RESIDENT_IS_KNOWN true
#endif

static void soak(struct rove_pool *pool, const char *dir)
{
    static struct worker workers[THREADS];
    struct rest warm = {0}, rest;
    uint64_t bytes = 0;
    time_t start = time(NULL);
    unsigned rounds = 0;
    for (size_t i = 0; i < THREADS; i++)
        workers[i] = (struct worker){.rng = rng_from(suite_seed() + i),
                                     .pool = pool,
                                     .texts = (uint64_t) i << 32,
                                     .buf = malloc(PUT_MOST)};
    do {
        run_round(workers);
        rest = look_at_rest(pool, dir);
        if (++rounds <= WARM_ROUNDS && rest.resident > warm.resident)
            warm.resident = rest.resident;
        if (rounds == WARM_ROUNDS)
            warm.held = rest.held, warm.fds = rest.fds;
        CHECK_EQ(0, rest.file_len);
    } while (!enough(rounds, start));
    CHECK_EQ(warm.held, rest.held);
    CHECK_EQ(warm.fds, rest.fds);
    if (RESIDENT_IS_KNOWN)
        CHECK(rest.resident <= warm.resident + GROWTH_MOST);
    for (size_t i = 0; i < THREADS; i++) {
        bytes += workers[i].bytes;
        free(workers[i].buf);
    }
    struct rove_pool_figures figures = kit_figures(pool);
    suite_note("%u rounds, %" PRIu64 " MiB put or verified, %" PRIu64 " sleeps, %" PRIu64
               " wakes; at rest %.1f MiB resident, %.1f after warming up",
               rounds, bytes / MIB, figures.sleep_cnt, figures.wake_cnt,
               (double) rest.resident / (double) MIB, (double) warm.resident / (double) MIB);
    CHECK(figures.sleep_cnt > 100 && figures.wake_cnt > 100);
}

static void mixed_work_leaves_nothing_behind(void)
{
    char dir[64];
    kit_dir_make(dir);
    struct kit_pool how = {
        .chunk_len = CHUNK, .limit = LIMIT, .flags = ROVE_POOL_SPILL, .dir = dir};
    struct rove_pool *pool = kit_pool_new(&how);
    soak(pool, dir);
    kit_check_peak(pool);
    rove_pool_unref(pool);
    kit_dir_remove(dir);
}

static const struct suite_case cases[] = {
    SUITE_CASE(mixed_work_leaves_nothing_behind),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_soak", cases, sizeof cases / sizeof *cases, false});
}
