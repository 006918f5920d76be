// SPDX-License-Identifier: MIT
// test_spill_faults.c: the spill file when the system fails, when the disk lies, when the process forks,
// and when it is killed.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chunk/slab.h"
#include "spill_kit.h"
#include "support/amount.h"
#include "support/edits.h"
#include "support/suite.h"

#define CHUNK ((size_t) 4096)
#define LIMIT ((uint64_t) 128 << 10)
#define FORGIVEN(err) ((err) == EINTR || (err) == KIT_SHORT)

static struct rove_pool *small_pool(const char *dir)
{
    struct kit_pool how = {
        .chunk_len = CHUNK, .limit = LIMIT, .flags = ROVE_POOL_SPILL, .watched = true, .dir = dir};
    return kit_pool_new(&how);
}

// scenario --------------------------------------------------------------------------------------

// A fixed run of edits on a rope that is four times its memory. Each either happens or, after a fault,
// leaves the rope as it was; in the end all is there and works again.
struct run {
    struct kit_plan plan;
    struct rove_pool *pool;
    struct rove_rope rope;
    struct model model;
    unsigned failed; // calls of the library
    bool sane;
};

static bool expected_failure(const struct run *run, enum rove_status status, int err)
{
    if (status == ROVE_E_IO)
        return err == (run->plan.err == KIT_NOTHING ? EIO : run->plan.err);
    return status == ROVE_E_NOMEM && run->plan.call == KIT_MMAP;
}

// Judges one call. Returns whether it did what it should.
static bool went(struct run *run, enum rove_status status)
{
    int err = errno;
    if (status == ROVE_OK)
        return true;
    run->failed++;
    run->sane = run->sane && expected_failure(run, status, err);
    run->sane = run->sane && rove_rope_len(&run->rope) == run->model.len;
    return false;
}

static void put(struct run *run, size_t off, size_t del, size_t len)
{
    const uint8_t *src = noise(len);
    enum rove_status status;
    if (off == run->model.len)
        status = rove_rope_append(&run->rope, src, len);
    else if (del == len)
        status = rove_rope_overwrite(&run->rope, off, src, len);
    else
        status = rove_rope_replace(&run->rope, off, del, src, len);
    if (went(run, status))
        model_replace(&run->model, off, del, src, len);
}

static void get(struct run *run, size_t off, size_t len)
{
    uint8_t buf[5000];
    enum rove_status status = rove_rope_read(&run->rope, off, buf, len, NULL);
    if (went(run, status))
        run->sane = run->sane && memcmp(buf, run->model.ptr + off, len) == 0;
}

static void copy_out(struct run *run)
{
    struct rove_view view;
    struct iovec iov[4];
    size_t cnt = 4;
    uint64_t len;
    if (!went(run, rove_rope_view(&run->rope, 0, run->model.len, &view)))
        return;
    if (went(run, rove_view_iov(&view, 0, iov, &cnt, &len)))
        rove_view_unpin(&view, 0, cnt);
    rove_view_fini(&view);
}

static void make(struct run *run)
{
    while (run->model.len < 3 * LIMIT && run->failed < 40)
        put(run, run->model.len, 0, 3000);
    for (size_t off = 0; off + 5000 < run->model.len; off += 30011)
        get(run, off, 5000);
    size_t len = run->model.len;
    if (len < 30000)
        return;
    put(run, len / 2, 700, 700);   // overwrite
    put(run, len / 3, 0, 300);     // insert, small
    put(run, len / 4, 0, 6000);    // insert, chunks of its own
    put(run, len / 5, 9000, 0);    // erase
    put(run, 10, 20000, 20000);    // overwrite, long
    get(run, len / 2, 4000);
    copy_out(run);
}

static void expect_all(struct run *run)
{
    struct rove_view view;
    CHECK(run->sane);
    CHECK_EQ(run->model.len, rove_rope_len(&run->rope));
    CHECK_SOUND(&run->rope);
    CHECK_OK(rove_rope_view(&run->rope, 0, rove_rope_len(&run->rope), &view));
    CHECK(model_spans_match(&view, run->model.ptr, run->model.len));
    rove_view_fini(&view);
}

// Returns the faults that were injected.
static unsigned run_plan(const struct kit_plan *plan)
{
    struct run run = {.plan = *plan, .sane = true};
    kit_os_arm(plan);
    run.pool = small_pool(NULL);
    rove_rope_init(&run.rope, run.pool);
    make(&run);
    unsigned injected = kit_os_injected();
    if (!plan->err || FORGIVEN(plan->err))
        CHECK_EQ(0, run.failed);
    kit_os_off();
    expect_all(&run);
    unsigned before = run.failed;
    make(&run); // works again
    CHECK_EQ(before, run.failed);
    expect_all(&run);
    kit_check_peak(run.pool);
    rove_rope_fini(&run.rope);
    CHECK_EQ(0, kit_figures(run.pool).sleeping_cnt);
    rove_pool_unref(run.pool);
    model_fini(&run.model);
    return injected;
}

static unsigned total;

// Each call of a kind fails in its turn, alone and with all that follow.
static void each_in_turn(enum kit_call call, const int *errs, size_t cnt)
{
    struct kit_plan none = {.err = 0};
    run_plan(&none);
    unsigned calls = kit_os_calls(call), sites = 0;
    CHECK(calls > 0);
    unsigned stride = (unsigned) (calls / suite_scaled(60) + 1);
    for (size_t i = 0; i < cnt; i++)
        for (unsigned at = 1; at <= calls; at += stride)
            for (unsigned times = 0; times < 2; times++) {
                if (FORGIVEN(errs[i]) && !times)
                    continue; // for ever interrupted is for ever
                struct kit_plan plan = {.call = call, .err = errs[i], .at = at, .times = times};
                sites += run_plan(&plan) > 0;
            }
    suite_note("%s: %u calls, %u faults", kit_call_name(call), calls, sites);
    total += sites;
}

static void writes_that_fail(void)
{
    static const int errs[] = {EINTR, KIT_SHORT, ENOSPC, EIO, ENOMEM, KIT_NOTHING};
    each_in_turn(KIT_PWRITE, errs, 6);
}

static void reads_that_fail(void)
{
    static const int errs[] = {EINTR, KIT_SHORT, EIO, ENOMEM, KIT_NOTHING};
    each_in_turn(KIT_PREAD, errs, 5);
}

static void pages_that_do_not_go(void)
{
    static const int errs[] = {EINVAL, ENOMEM, EAGAIN};
    each_in_turn(KIT_MADVISE, errs, 3);
}

// Transfers of one byte and interruptions all along.
static void nothing_but_short_transfers(void)
{
    for (enum kit_call call = KIT_PWRITE; call <= KIT_PREAD; call++) {
        struct kit_plan plan = {.call = call, .err = KIT_SHORT, .at = 1, .times = 300000};
        CHECK(run_plan(&plan) > 1000);
    }
}

static void memory_for_slabs_that_is_refused(void)
{
    struct kit_pool how = {.chunk_len = 65536, .limit = 32 << 20, .flags = ROVE_POOL_SPILL};
    struct rove_rope rope;
    struct kit_plan plan = {.call = KIT_MMAP, .err = ENOMEM, .at = 3};
    kit_os_arm(&plan);
    struct rove_pool *pool = kit_pool_new(&how); // on the system's allocator
    rove_rope_init(&rope, pool);
    CHECK_IS(ROVE_E_NOMEM, text_append(&rope, 1, 0, 64 << 20, 65536));
    uint64_t len = rove_rope_len(&rope);
    CHECK(len >= 2 << 20);
    kit_os_off();
    text_check_rope(&rope, 1);
    CHECK_OK(text_append(&rope, 1, len, 64 << 20, 65536));
    text_check_rope(&rope, 1);
    rove_rope_fini(&rope);
    rove_pool_unref(pool);
}

// Beyond the limit a tail goes to the file before the nodes are laid in that are to hold it. Where there is no
// memory for those, all is as it was, and what had been moved is given back.
static void memory_for_nodes_that_is_refused(void)
{
    const size_t chunk_len = 16384, piece = chunk_len / 8 * 5; // long enough to go there at once
    struct kit_pool how = {.chunk_len = chunk_len, .limit = 2 << 20, .flags = ROVE_POOL_SPILL, .watched = true};
    struct rove_pool *pool = kit_pool_new(&how);
    struct rove_rope rope;
    unsigned failed = 0;
    rove_rope_init(&rope, pool);
    CHECK_OK(text_append(&rope, 1, 0, 2 * how.limit, piece));
    for (unsigned i = 0; i < 1000; i++) {
        uint64_t len = rove_rope_len(&rope);
        test_alloc_arm(&env.alloc, 1, true);
        enum rove_status status = text_append(&rope, 1, len, piece, piece);
        test_alloc_arm(&env.alloc, 0, false);
        CHECK(status == ROVE_OK || status == ROVE_E_NOMEM);
        CHECK_EQ(status ? len : len + piece, rove_rope_len(&rope));
        failed += status != ROVE_OK;
        if (status)
            CHECK_OK(text_append(&rope, 1, len, piece, piece));
    }
    CHECK(failed > 5);
    text_check_rope(&rope, 1);
    rove_rope_fini(&rope);
    rove_pool_unref(pool);
    CHECK_EQ(1, test_alloc_live(&env.alloc)); // the case's own pool
}

// A stream knows why, as that of a device does, and goes on.
static void a_stream_tells_why_its_pool_failed(void)
{
    struct rove_pool *pool = small_pool(NULL);
    struct rove_stream *s, *plain;
    struct kit_plan full = {.call = KIT_PWRITE, .err = ENOSPC, .at = 1}, bad = {.call = KIT_PREAD, .err = EIO, .at = 1};
    uint8_t buf[9000];
    enum rove_status status = ROVE_OK;
    CHECK_OK(rove_stream_new(pool, &s));
    for (uint64_t len = 0; len < 3 * LIMIT; len += 3000)
        CHECK_OK(rove_stream_write(s, noise(3000), 3000));
    CHECK_EQ(0, rove_stream_errno(s));
    kit_os_arm(&full);
    for (unsigned i = 0; i < 200 && status == ROVE_OK; i++)
        status = rove_stream_write(s, noise(3000), 3000);
    kit_os_off();
    CHECK_IS(ROVE_E_IO, status);
    CHECK_EQ(ENOSPC, rove_stream_errno(s));
    CHECK(strcmp(rove_stream_explain(s), strerror(ENOSPC)) == 0);
    CHECK_OK(rove_stream_error(s));
    CHECK_OK(rove_stream_write(s, noise(3000), 3000));
    kit_os_arm(&bad);
    CHECK_IS(ROVE_E_IO, rove_stream_pread(s, 0, buf, sizeof buf, NULL));
    CHECK_EQ(EIO, rove_stream_errno(s));
    rove_stream_clear_error(s);
    CHECK_EQ(0, rove_stream_errno(s));
    CHECK_OK(rove_stream_seek(s, 0, ROVE_SET, NULL));
    CHECK_IS(ROVE_E_IO, rove_stream_read(s, buf, sizeof buf, NULL));
    CHECK_EQ(EIO, rove_stream_errno(s));
    CHECK_OK(rove_stream_decode(s, "count", NULL, &plain, NULL));
    CHECK_IS(ROVE_E_IO, rove_stream_read(plain, buf, sizeof buf, NULL));
    CHECK_EQ(EIO, rove_stream_errno(plain));
    kit_os_off();
    rove_stream_clear_error(plain);
    CHECK_OK(rove_stream_read(plain, buf, sizeof buf, NULL));
    rove_stream_free(plain);
    rove_stream_free(s);
    rove_pool_unref(pool);
}

// Appends pieces to ropes of their own, from the first on, until one fails; how many there are then.
static size_t fill_with_ropes(struct rove_pool *pool, struct rove_rope *ropes, size_t cnt, size_t most, size_t piece)
{
    enum rove_status status = ROVE_OK;
    for (; cnt < most && status == ROVE_OK; cnt++) {
        rove_rope_init(&ropes[cnt], pool);
        status = rove_rope_append(&ropes[cnt], noise(piece), piece);
    }
    CHECK_IS(ROVE_E_IO, status);
    return cnt;
}

// What makes content shorter finds the memory that is kept for it when the disk is full, too.
static void what_shortens_needs_no_disk(void)
{
    enum { MOST = 4000 };
    struct kit_plan full = {.call = KIT_PWRITE, .err = ENOSPC, .at = 1};
    struct kit_pool how = {.chunk_len = 16384, .limit = 1 << 20, .flags = ROVE_POOL_SPILL, .watched = true};
    struct rove_pool *pool = kit_pool_new(&how);
    struct rove_rope rope, *ropes = calloc(MOST, sizeof *ropes);
    struct rove_view view;
    rove_rope_init(&rope, pool);
    CHECK_OK(text_append(&rope, 1, 0, 500000, 1000));
    CHECK_OK(rove_rope_view(&rope, 0, 500000, &view)); // so that an edit needs nodes
    kit_os_arm(&full);
    size_t cnt = fill_with_ropes(pool, ropes, 0, MOST, 16384);
    cnt = fill_with_ropes(pool, ropes, cnt, MOST, 300);
    CHECK_OK(rove_rope_erase(&rope, 0, 20000));
    CHECK_OK(rove_rope_erase(&rope, 100000, 50000));
    CHECK_OK(rove_rope_truncate(&rope, 50000));
    CHECK_EQ(50000, rove_rope_len(&rope));
    kit_os_off();
    text_check_view(&view, 1);
    rove_view_fini(&view);
    rove_rope_fini(&rope);
    while (cnt)
        rove_rope_fini(&ropes[--cnt]);
    free(ropes);
    rove_pool_unref(pool);
}

// making the file -------------------------------------------------------------------------------

static void try_to_make(const struct kit_plan *plan, enum rove_status expected)
{
    char dir[64];
    uint64_t bytes;
    unsigned fds = kit_fds();
    kit_dir_make(dir);
    struct rove_pool_opts opts = {.size = sizeof opts,
                                  .allocator = &env.alloc.table,
                                  .memory_limit = LIMIT,
                                  .chunk_len = CHUNK,
                                  .flags = ROVE_POOL_SPILL,
                                  .spill_dir = dir};
    struct rove_pool *pool = env.pool;
    kit_os_arm(plan);
    errno = 0;
    enum rove_status status = rove_pool_new(&opts, &pool);
    int err = errno;
    kit_os_off();
    CHECK_IS(expected, status);
    CHECK_EQ(expected == ROVE_OK, pool != NULL);
    if (status == ROVE_E_IO)
        CHECK_EQ(plan->err, err);
    unsigned left = plan->call == KIT_UNLINK && plan->err; // it could not be removed
    CHECK_EQ(left, kit_dir_files(dir, &bytes));
    CHECK_EQ(0, bytes);
    rove_pool_unref(pool);
    CHECK_EQ(fds, kit_fds());
    CHECK_EQ(1, test_alloc_live(&env.alloc)); // the case's own pool
    kit_dir_remove(dir);
}

static void a_file_that_cannot_be_made(void)
{
    static const int errs[] = {EACCES, EMFILE, ENFILE, ENOSPC, EROFS, ENOMEM, EIO};
    for (size_t i = 0; i < sizeof errs / sizeof *errs; i++) {
        struct kit_plan plan = {.call = KIT_OPEN, .err = errs[i], .at = 1};
        try_to_make(&plan, ROVE_E_IO);
        plan = (struct kit_plan){.call = KIT_MKSTEMP, .err = errs[i], .at = 1, .no_tmpfile = true};
        try_to_make(&plan, ROVE_E_IO);
        plan.call = KIT_UNLINK;
        try_to_make(&plan, ROVE_E_IO);
    }
}

static void a_file_that_is_made_all_the_same(void)
{
    static const int errs[] = {EOPNOTSUPP, EISDIR, EINVAL, EINTR}; // no O_TMPFILE there
    for (size_t i = 0; i < sizeof errs / sizeof *errs; i++) {
        struct kit_plan plan = {.call = KIT_OPEN, .err = errs[i], .at = 1, .times = 1};
        try_to_make(&plan, ROVE_OK);
    }
    struct kit_plan plan = {
        .call = KIT_MKSTEMP, .err = EINTR, .at = 1, .times = 3, .no_tmpfile = true};
    try_to_make(&plan, ROVE_OK);
    plan = (struct kit_plan){.call = KIT_CLOSE, .err = EIO, .at = 1};
    try_to_make(&plan, ROVE_OK);
}

static void memory_for_the_pool_that_is_refused(void)
{
    struct kit_plan none = {.err = 0};
    test_alloc_arm(&env.alloc, 1, true);
    try_to_make(&none, ROVE_E_NOMEM);
    test_alloc_arm(&env.alloc, 0, false);
}

// runs ------------------------------------------------------------------------------------------

// In a pool that is not that small, chunks side by side go to sleep together; and when that fails, all
// of them stay awake.
static void a_run_of_chunks_goes_or_stays_together(void)
{
    struct kit_pool how = {
        .chunk_len = CHUNK, .limit = 4 << 20, .flags = ROVE_POOL_SPILL, .watched = true};
    static const enum kit_call calls[] = {KIT_PWRITE, KIT_MADVISE};
    for (size_t i = 0; i < 2; i++) {
        struct rove_pool *pool = kit_pool_new(&how);
        struct rove_rope rope;
        struct kit_plan none = {.err = 0}, plan = {.call = calls[i], .err = EIO, .at = 1};
        rove_rope_init(&rope, pool);
        kit_os_arm(&none);
        CHECK_OK(text_append(&rope, 1, 0, 8 << 20, CHUNK));
        uint64_t slept = kit_figures(pool).sleep_cnt;
        CHECK(slept > 500 && kit_os_calls(KIT_PWRITE) < slept / 8);
        kit_os_arm(&plan);
        enum rove_status status = ROVE_OK;
        while (status == ROVE_OK)
            status = text_append(&rope, 1, rove_rope_len(&rope), CHUNK, CHUNK);
        CHECK_IS(ROVE_E_IO, status);
        CHECK_EQ(EIO, errno);
        CHECK(slept == kit_figures(pool).sleep_cnt);
        kit_os_off();
        CHECK_OK(text_append(&rope, 1, rove_rope_len(&rope), 1 << 20, CHUNK));
        text_check_rope(&rope, 1);
        kit_check_peak(pool);
        rove_rope_fini(&rope);
        CHECK_EQ(0, kit_figures(pool).sleeping_cnt);
        rove_pool_unref(pool);
    }
}

// a disk that is full, or lies ------------------------------------------------------------------

// A reader needs no room on a full disk: what is in the file already makes way for what it wakes.
static void a_full_disk_can_still_be_read(void)
{
    struct kit_plan plan = {.call = KIT_PWRITE, .err = ENOSPC, .at = 1};
    struct rove_pool *pool = small_pool(NULL);
    struct rove_rope rope;
    uint8_t buf[CHUNK];
    bool same = true;
    rove_rope_init(&rope, pool);
    CHECK_OK(text_append(&rope, 1, 0, 4 * LIMIT, CHUNK));
    text_check_rope(&rope, 1); // wakes some that are not written to
    for (int i = 0; i < 4; i++)  // and some of these are
        CHECK_OK(rove_rope_overwrite(&rope, (uint64_t) i * 3 * CHUNK, "x", 1));
    CHECK_OK(rove_rope_read(&rope, 0, buf, sizeof buf, NULL));
    kit_os_arm(&plan);
    for (uint64_t off = CHUNK; off + CHUNK <= 4 * LIMIT; off += CHUNK) {
        if (!CHECK_OK(rove_rope_read(&rope, off, buf, sizeof buf, NULL)))
            break;
        same = same && text_is(buf + 1, 1, off + 1, sizeof buf - 1);
    }
    CHECK(same);
    uint64_t len = rove_rope_len(&rope);
    enum rove_status status = ROVE_OK;
    errno = 0;
    while (status == ROVE_OK) // as far as clean chunks reach
        status = rove_rope_append(&rope, buf, sizeof buf);
    CHECK_IS(ROVE_E_IO, status);
    CHECK_EQ(ENOSPC, errno);
    CHECK(rove_rope_len(&rope) >= len);
    CHECK_OK(rove_rope_truncate(&rope, len));
    kit_os_off();
    CHECK_OK(text_append(&rope, 1, len, LIMIT, CHUNK));
    for (int i = 0; i < 4; i++) {
        text_fill(buf, 1, (uint64_t) i * 3 * CHUNK, 1);
        CHECK_OK(rove_rope_overwrite(&rope, (uint64_t) i * 3 * CHUNK, buf, 1));
    }
    text_check_rope(&rope, 1);
    rove_rope_fini(&rope);
    rove_pool_unref(pool);
}

// Shows all bytes in turn; the first failure.
static enum rove_status show_all(struct rove_rope *rope)
{
    struct rove_view view;
    struct rove_cursor cursor;
    struct rove_span span;
    CHECK_OK(rove_rope_view(rope, 0, rove_rope_len(rope), &view));
    CHECK_OK(rove_cursor_init(&cursor, &view, 0));
    enum rove_status status = ROVE_OK;
    errno = 0;
    while (status == ROVE_OK)
        status = rove_cursor_next(&cursor, &span);
    int err = errno;
    rove_cursor_fini(&cursor);
    rove_view_fini(&view);
    errno = err;
    return status;
}

// A write, which on a full disk could not give it back, does not take the place that is kept for waking.
static void a_full_disk_and_no_place_but_the_last_leave_reading(void)
{
    struct kit_plan plan = {.call = KIT_PWRITE, .err = ENOSPC, .at = 1};
    struct rove_pool *pool = small_pool(NULL);
    struct rove_rope rope;
    size_t len = (size_t) (4 * LIMIT), off = len;
    uint8_t *text = malloc(len), *buf = malloc(len);
    text_fill(text, 1, 0, len);
    rove_rope_init(&rope, pool);
    CHECK_OK(rove_rope_append(&rope, text, len));
    for (uint64_t i = 0; i < LIMIT / CHUNK + 8; i++) { // nothing that is awake is saved
        off -= CHUNK;
        CHECK_OK(rove_rope_overwrite(&rope, off, text + off, 1));
    }
    kit_os_arm(&plan);
    CHECK_IS(ROVE_END, show_all(&rope));
    static const size_t lens[] = {1, CHUNK - 5, CHUNK, 2 * CHUNK};
    for (unsigned i = 0; i < 4; i++) {
        errno = 0;
        CHECK_IS(ROVE_E_IO, rove_rope_overwrite(&rope, 5, text, lens[i]));
        CHECK_EQ(ENOSPC, errno);
        CHECK_IS(ROVE_END, show_all(&rope));
    }
    CHECK_OK(rove_rope_read(&rope, 0, buf, len, NULL));
    CHECK(!memcmp(buf, text, len));
    plan.times = 1; // the next finds room
    kit_os_arm(&plan);
    CHECK_OK(rove_rope_overwrite(&rope, 5, "x", 1));
    CHECK_EQ(1, kit_os_injected());
    CHECK_IS(ROVE_END, show_all(&rope));
    kit_os_off();
    CHECK_OK(rove_rope_overwrite(&rope, 5, text + 5, 1));
    text_check_rope(&rope, 1);
    rove_rope_fini(&rope);
    rove_pool_unref(pool);
    free(text);
    free(buf);
}

// A rope of chunks of which the first sleep, and of one of those a few bytes.
static struct rove_pool *a_short_slice_that_sleeps(struct rove_rope *rope, size_t few)
{
    struct rove_pool *pool = small_pool(NULL);
    uint8_t bytes[CHUNK];
    rove_rope_init(rope, pool);
    for (size_t off = 0; off < 3 * LIMIT; off += CHUNK) {
        text_fill(bytes, 3, off, CHUNK);
        CHECK_OK(rove_rope_append(rope, bytes, CHUNK));
    }
    CHECK_OK(rove_rope_erase(rope, 4 * CHUNK + few, CHUNK));
    return pool;
}

static void expect_between(struct rove_rope *rope, size_t few, const char *word)
{
    static uint8_t flat[3 * LIMIT];
    size_t len = strlen(word);
    text_fill(flat, 3, 0, 4 * CHUNK + few);
    memcpy(flat + 4 * CHUNK + few, word, len);
    text_fill(flat + 4 * CHUNK + few + len, 3, 5 * CHUNK + few, 3 * LIMIT - (5 * CHUNK + few));
    CHECK_BYTES(rope, flat, 3 * LIMIT - CHUNK + len);
    CHECK_SOUND(rope);
}

// What is put beside a few bytes is merged with them, if that can be, and they need not wake for it.
static void bytes_beside_what_cannot_be_read_are_put_there(void)
{
    const struct kit_plan plan = {.call = KIT_PREAD, .err = EIO, .at = 1};
    for (int fails = 0; fails < 2; fails++) {
        struct rove_rope rope;
        struct rove_pool *pool = a_short_slice_that_sleeps(&rope, 200);
        uint64_t wakes = kit_figures(pool).wake_cnt;
        if (fails)
            kit_os_arm(&plan);
        CHECK_OK(rove_rope_insert(&rope, 4 * CHUNK + 200, "word", 4));
        kit_os_off();
        CHECK_EQ(wakes, kit_figures(pool).wake_cnt);
        expect_between(&rope, 200, "word");
        rove_rope_fini(&rope);
        rove_pool_unref(pool);
    }
}

static void a_stream_says_why_and_goes_on(void)
{
    struct rove_pool *pool = small_pool(NULL);
    struct rove_stream *stream;
    static uint8_t buf[4 * LIMIT], got[4 * LIMIT];
    size_t n;
    text_fill(buf, 1, 0, sizeof buf);
    CHECK_OK(rove_stream_new(pool, &stream));
    struct kit_plan plan = {.call = KIT_PWRITE, .err = ENOSPC, .at = 1};
    kit_os_arm(&plan);
    CHECK_IS(ROVE_E_IO, rove_stream_write(stream, buf, sizeof buf));
    CHECK_EQ(ENOSPC, errno);
    kit_os_off();
    uint64_t len = 1;
    CHECK_OK(rove_stream_size(stream, &len));
    CHECK_EQ(0, len); // all or nothing
    CHECK_OK(rove_stream_write(stream, buf, sizeof buf));
    CHECK_OK(rove_stream_seek(stream, 0, ROVE_SET, NULL));
    plan.call = KIT_PREAD;
    plan.err = EIO;
    kit_os_arm(&plan);
    CHECK_IS(ROVE_E_IO, rove_stream_read(stream, got, sizeof got, &n));
    CHECK(n < sizeof got && text_is(got, 1, 0, n));
    kit_os_off();
    CHECK_OK(rove_stream_read(stream, got + n, sizeof got - n, NULL)); // from where it stopped
    CHECK(text_is(got, 1, 0, sizeof got));
    rove_stream_free(stream);
    rove_pool_unref(pool);
}

// Every chunk that sleeps is damaged by a bit in its turn: reported, never returned.
static void flipped_bits_are_reported(void)
{
    char dir[64];
    kit_dir_make(dir);
    struct rove_pool *pool = small_pool(dir);
    struct rove_rope rope;
    struct rng rng = rng_from(suite_seed());
    rove_rope_init(&rope, pool);
    CHECK_OK(text_append(&rope, 1, 0, 4 * LIMIT, CHUNK));
    int fd = kit_spill_fd(dir);
    off_t size = lseek(fd, 0, SEEK_END);
    unsigned reported = 0, flips = 0;
    CHECK(size >= (off_t) (3 * LIMIT));
    for (uint64_t i = suite_scaled(400); i-- > 0; flips++) {
        off_t at = (off_t) rng_below(&rng, (size_t) size);
        uint8_t byte, buf[1000], bit = (uint8_t) (1u << rng_below(&rng, 8));
        bool same = true;
        unsigned seen = 0;
        CHECK(pread(fd, &byte, 1, at) == 1);
        byte ^= bit;
        CHECK(pwrite(fd, &byte, 1, at) == 1);
        for (uint64_t off = 0; off + sizeof buf <= 4 * LIMIT; off += sizeof buf) {
            enum rove_status status = rove_rope_read(&rope, off, buf, sizeof buf, NULL);
            if (status == ROVE_OK)
                same = same && text_is(buf, 1, off, sizeof buf);
            else
                seen += CHECK_IS(ROVE_E_CHECKSUM, status);
        }
        CHECK(same);
        CHECK(seen <= CHUNK / sizeof buf + 2); // one chunk at most
        reported += seen > 0;
        CHECK(pread(fd, &byte, 1, at) == 1);
        byte ^= bit; // mended: as good as before, if it was not written again meanwhile
        CHECK(pwrite(fd, &byte, 1, at) == 1);
        text_check_rope(&rope, 1);
    }
    CHECK(reported > flips / 2); // the others hit the place of one that was awake or of none
    suite_note("%u of %u flips hit a sleeping chunk: all reported", reported, flips);
    rove_rope_fini(&rope);
    rove_pool_unref(pool);
    kit_dir_remove(dir);
}

static void a_file_that_lost_its_end_is_reported(void)
{
    char dir[64];
    kit_dir_make(dir);
    struct rove_pool *pool = small_pool(dir);
    struct rove_rope rope;
    uint8_t byte;
    unsigned failed = 0;
    rove_rope_init(&rope, pool);
    CHECK_OK(text_append(&rope, 1, 0, 4 * LIMIT, CHUNK));
    CHECK(ftruncate(kit_spill_fd(dir), (off_t) (LIMIT + 5)) == 0);
    for (uint64_t off = 0; off < 4 * LIMIT; off += CHUNK) {
        enum rove_status status = rove_rope_read(&rope, off, &byte, 1, NULL);
        failed += status != ROVE_OK;
        if (status == ROVE_OK)
            CHECK(text_is(&byte, 1, off, 1));
        else // a hole where others were written behind it
            CHECK(status == ROVE_E_IO || status == ROVE_E_CHECKSUM);
    }
    CHECK(failed > 16);
    rove_rope_fini(&rope); // what cannot be woken can be dropped
    CHECK_EQ(0, kit_figures(pool).sleeping_cnt);
    rove_pool_unref(pool);
    kit_dir_remove(dir);
}

static void locked_memory_is_said_to_be(void)
{
    struct rove_pool *pool = small_pool(NULL);
    struct rove_rope rope;
    rove_rope_init(&rope, pool);
    CHECK_OK(text_append(&rope, 1, 0, LIMIT / 4, CHUNK));
    struct rv_slab *slab = pool->all;
    if (mlock(slab->memory, pool->slab_len) == 0) { // these pages cannot go
        CHECK_OK(text_append(&rope, 1, LIMIT / 4, LIMIT, CHUNK));
        text_check_rope(&rope, 1);
        kit_check_peak(pool);
        munlock(slab->memory, pool->slab_len);
    }
    rove_rope_fini(&rope);
    rove_pool_unref(pool);
}

// Shows the only chunk of a rope that sleeps.
static void show(struct rove_rope *rope)
{
    struct rove_view view;
    struct rove_cursor cursor;
    struct rove_span span;
    CHECK_OK(rove_rope_view(rope, 0, CHUNK, &view));
    CHECK_OK(rove_cursor_init(&cursor, &view, 0));
    CHECK_OK(rove_cursor_next(&cursor, &span));
    CHECK(text_is(span.ptr, 1, 0, CHUNK));
    rove_cursor_fini(&cursor);
    rove_view_fini(&view);
}

// What is given beside the failure is no answer.
static void a_question_that_fails_is_not_answered(void)
{
    static const struct kit_plan fail = {.call = KIT_PREAD, .err = EIO, .at = 1};
    struct rove_pool *pool = small_pool(NULL);
    struct rove_rope rope;
    struct rove_view view;
    uint8_t byte;
    size_t len = 7;
    int yes = 7;
    rove_rope_init(&rope, pool);
    CHECK_OK(text_append(&rope, 1, 0, 4 * LIMIT, CHUNK));
    CHECK_OK(rove_rope_view(&rope, 0, CHUNK, &view));
    text_fill(&byte, 1, 0, 1);
    kit_os_arm(&fail);
    CHECK_IS(ROVE_E_IO, rove_view_starts(&view, &byte, 1, &yes));
    CHECK_EQ(0, yes);
    text_fill(&byte, 1, CHUNK - 1, 1);
    yes = 7;
    CHECK_IS(ROVE_E_IO, rove_view_ends(&view, &byte, 1, &yes));
    CHECK_EQ(0, yes);
    kit_os_off();
    CHECK_OK(rove_view_ends(&view, &byte, 1, &yes));
    CHECK_EQ(1, yes);
    CHECK_IS(ROVE_E_ARG, rove_rope_read(&rope, 0, NULL, 1, &len));
    CHECK_EQ(0, len);
    rove_view_fini(&view);
    rove_rope_fini(&rope);
    rove_pool_unref(pool);
}

// A chunk that woke where room is kept for one dies there. Returns what the pool holds when all but one that sleeps is gone.
static uint64_t held_after_one_died(bool its_pages_stay)
{
    enum { SMALL = 1000 };
    static struct rove_rope small[SMALL];
    static const struct kit_plan stay = {.call = KIT_MADVISE, .err = EAGAIN, .at = 1, .times = 2};
    struct rove_pool *pool = small_pool(NULL);
    struct rove_rope first, second, third;
    unsigned cnt = 0;
    rove_rope_init(&first, pool);
    rove_rope_init(&second, pool);
    rove_rope_init(&third, pool);
    CHECK_OK(text_append(&first, 1, 0, CHUNK, CHUNK));
    CHECK_OK(text_append(&second, 1, 0, CHUNK, CHUNK));
    CHECK_OK(text_append(&third, 1, 0, CHUNK, CHUNK));
    for (enum rove_status status = ROVE_OK; status == ROVE_OK && CHECK(cnt < SMALL); cnt++) {
        rove_rope_init(&small[cnt], pool);
        status = text_append(&small[cnt], 1, 0, 300, 300);
    }
    show(&first);
    CHECK(pool->guest != NULL);
    if (its_pages_stay)
        kit_os_arm(&stay);
    rove_rope_fini(&first);
    show(&second);
    CHECK(!its_pages_stay || kit_os_injected() == 2);
    kit_os_off();
    rove_rope_fini(&second);
    while (cnt)
        rove_rope_fini(&small[--cnt]);
    (void) rove_pool_trim(pool);
    uint64_t held = kit_figures(pool).held;
    rove_rope_fini(&third);
    rove_pool_unref(pool);
    return held;
}

static void pages_that_go_later_are_counted_once(void)
{
    CHECK_EQ(held_after_one_died(false), held_after_one_died(true));
}

// Runs a job in a child, which must end with its 0.
static void run_in_child(int (*job)(void))
{
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        _exit(job());
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK_EQ(0, WEXITSTATUS(status));
}

// Runs in a child. 0: all as documented.
static int be_short_of_file(void)
{
    struct rlimit most = {LIMIT / 2, RLIM_INFINITY};
    struct rove_pool *pool = small_pool(NULL);
    struct rove_rope rope;
    rove_rope_init(&rope, pool);
    if (setrlimit(RLIMIT_FSIZE, &most) != 0)
        return 1;
    errno = 0;
    if (text_append(&rope, 1, 0, 4 * LIMIT, CHUNK) != ROVE_E_IO || errno != EFBIG)
        return 2;
    uint64_t len = rove_rope_len(&rope);
    if (len < LIMIT || !text_check_rope(&rope, 1))
        return 3;
    most.rlim_cur = RLIM_INFINITY;
    if (setrlimit(RLIMIT_FSIZE, &most) != 0 || text_append(&rope, 1, len, LIMIT, CHUNK) != ROVE_OK)
        return 4;
    return text_check_rope(&rope, 1) ? 0 : 5;
}

// A write beyond it would raise SIGXFSZ.
static void a_limit_on_the_length_of_files_ends_no_program(void)
{
    run_in_child(be_short_of_file);
}

// Runs in a child.
static bool leaves_the_first_three(const char *dir)
{
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        close(fd);
    struct rove_pool *pool = small_pool(dir);
    bool leaves = pool != NULL;
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        leaves = leaves && fcntl(fd, F_GETFD) < 0;
    return leaves && (fcntl(pool->spill->fd, F_GETFD) & FD_CLOEXEC);
}

// Else what a program prints, whose first descriptors are closed, would land among what sleeps.
static void the_file_is_nobodys_standard_output(void)
{
    static const struct kit_plan named = {.no_tmpfile = true};
    char dir[64];
    kit_dir_make(dir);
    for (int i = 0; i < 2; i++) {
        int status = 0;
        if (i)
            kit_os_arm(&named);
        fflush(stdout);
        pid_t child = fork();
        if (child == 0)
            _exit(!leaves_the_first_three(dir));
        kit_os_off();
        CHECK(waitpid(child, &status, 0) == child);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    kit_dir_remove(dir);
}

// fork ------------------------------------------------------------------------------------------

static struct rove_rope forked;
static int go[2], done[2];

static void tell(int fd)
{
    CHECK(write(fd, "x", 1) == 1);
}

static void await(int fd)
{
    char x;
    CHECK(read(fd, &x, 1) == 1);
}

// Runs in the child. 0: all as documented.
static int be_the_child(void)
{
    uint8_t buf[CHUNK];
    unsigned good = 0, lost = 0;
    for (uint64_t off = 0; off < 4 * LIMIT; off += CHUNK) { // reading all is no matter
        if (rove_rope_read(&forked, off, buf, CHUNK, NULL) != ROVE_OK)
            return 1;
        if (!text_is(buf, 1, off, CHUNK))
            return 2;
    }
    struct rove_view view;
    struct rove_cursor cursor; // what it shows stays with the child
    struct rove_span span;
    if (rove_rope_view(&forked, 0, CHUNK, &view) != ROVE_OK ||
        rove_cursor_init(&cursor, &view, 0) != ROVE_OK ||
        rove_cursor_next(&cursor, &span) != ROVE_OK)
        return 4;
    struct rove_rope more;
    enum rove_status status = ROVE_OK;
    rove_rope_init(&more, forked.pool);
    for (int i = 0; i < 100 && status == ROVE_OK; i++)
        status = rove_rope_append(&more, buf, CHUNK);
    if (status != ROVE_E_UNSUPPORTED && status != ROVE_E_LIMIT)
        return 3; // it must not write
    rove_rope_fini(&more);
    tell(done[1]);
    await(go[0]); // the parent has put other bytes where these were
    for (uint64_t off = 0; off < 4 * LIMIT; off += CHUNK) {
        status = rove_rope_read(&forked, off, buf, CHUNK, NULL);
        if (status == ROVE_OK && !text_is(buf, 1, off, CHUNK))
            return 5; // never other bytes
        if (status && status != ROVE_E_CHECKSUM && status != ROVE_E_IO)
            return 6;
        good += status == ROVE_OK;
        lost += status != ROVE_OK;
    }
    bool kept = text_is(span.ptr, 1, 0, span.len);
    rove_cursor_fini(&cursor);
    rove_view_fini(&view);
    rove_rope_fini(&forked);
    return kept && good && lost ? 0 : 7;
}

static void a_forked_child_reads_but_does_not_write(void)
{
    struct rove_pool *pool = small_pool(NULL);
    int status = 0;
    rove_rope_init(&forked, pool);
    CHECK_OK(text_append(&forked, 1, 0, 4 * LIMIT, CHUNK));
    text_check_rope(&forked, 1); // what is awake now need not be written to make room
    CHECK(pipe(go) == 0 && pipe(done) == 0);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        _exit(be_the_child());
    close(done[1]); // so that a child that dies early is noticed
    await(done[0]);
    text_check_rope(&forked, 1); // the parent noticed nothing
    uint8_t buf[CHUNK];
    for (uint64_t off = 0; off < 4 * LIMIT; off += CHUNK) {
        text_fill(buf, 2, off, CHUNK);
        CHECK_OK(rove_rope_overwrite(&forked, off, buf, CHUNK));
    }
    text_check_rope(&forked, 2);
    tell(go[1]);
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK_EQ(0, WEXITSTATUS(status));
    text_check_rope(&forked, 2); // nor that the child has ended
    close(go[0]), close(go[1]), close(done[0]);
    rove_rope_fini(&forked);
    rove_pool_unref(pool);
}

static bool can_walk(const struct rove_view *view)
{
    struct rove_cursor cursor;
    struct rove_span span;
    uint64_t off = 0;
    enum rove_status status = rove_cursor_init(&cursor, view, 0);
    while (status == ROVE_OK) {
        status = rove_cursor_next(&cursor, &span);
        if (status == ROVE_OK && !text_is(span.ptr, 1, off, span.len))
            status = ROVE_E_DATA;
        off += span.len;
    }
    rove_cursor_fini(&cursor);
    return status == ROVE_END;
}

// All that is awake would have to be written to make room: the child walks chunk after chunk where
// the pool keeps room for one; a second at the same time finds none, and is told so. Copying out needs none.
static int be_the_child_without_room(void)
{
    uint8_t buf[CHUNK];
    struct rove_view view, ahead;
    struct rove_cursor cursor, second;
    struct rove_span span;
    if (rove_rope_view(&forked, 0, 4 * LIMIT, &view) != ROVE_OK ||
        rove_rope_view(&forked, LIMIT, LIMIT, &ahead) != ROVE_OK || !can_walk(&view))
        return 1;
    bool seen = rove_cursor_init(&cursor, &view, 0) == ROVE_OK &&
                rove_cursor_next(&cursor, &span) == ROVE_OK;
    bool told = rove_cursor_init(&second, &ahead, 0) == ROVE_OK &&
                rove_cursor_next(&second, &span) == ROVE_E_UNSUPPORTED;
    bool read = true;
    for (uint64_t off = 0; off < 4 * LIMIT && read; off += CHUNK)
        read = rove_rope_read(&forked, off, buf, CHUNK, NULL) == ROVE_OK &&
               text_is(buf, 1, off, CHUNK);
    rove_cursor_fini(&second);
    rove_cursor_fini(&cursor);
    rove_view_fini(&ahead);
    rove_view_fini(&view);
    rove_rope_fini(&forked);
    return !seen ? 2 : !told ? 3 : !read ? 4 : 0;
}

static void a_forked_child_without_room_reads_chunk_after_chunk(void)
{
    struct rove_pool *pool = small_pool(NULL);
    rove_rope_init(&forked, pool);
    CHECK_OK(text_append(&forked, 1, 0, 4 * LIMIT, CHUNK));
    run_in_child(be_the_child_without_room);
    text_check_rope(&forked, 1);
    rove_rope_fini(&forked);
    rove_pool_unref(pool);
}

static bool all_are_one; // processes have the same number

pid_t getpid(void)
{
    return all_are_one ? 1 : (pid_t) syscall(SYS_getpid);
}

// As where the child is the first of a namespace of its own, and the parent of another.
static void a_forked_child_that_has_its_parents_number_does_not_write(void)
{
    all_are_one = true;
    a_forked_child_reads_but_does_not_write();
    all_are_one = false;
}

// A pool that the child makes for itself spills as usual.
static void a_forked_child_may_have_its_own(void)
{
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        struct rove_pool *pool = small_pool(NULL);
        rove_rope_init(&forked, pool);
        bool fine = text_append(&forked, 1, 0, 4 * LIMIT, CHUNK) == ROVE_OK;
        fine = fine && text_check_rope(&forked, 1) && kit_figures(pool).sleep_cnt > 30;
        _exit(!fine);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

// killed ----------------------------------------------------------------------------------------

// Runs in the child: makes a pool, spills, reads, drops all.
static void live_and_die(const char *dir, const struct kit_plan *plan)
{
    struct rove_rope rope;
    kit_os_arm(plan);
    struct rove_pool *pool = small_pool(dir);
    rove_rope_init(&rope, pool);
    if (text_append(&rope, 1, 0, 2 * LIMIT, CHUNK) != ROVE_OK || !text_check_rope(&rope, 1))
        _exit(1);
    rove_rope_fini(&rope);
    rove_pool_trim(pool);
    rove_pool_unref(pool);
    _exit(0);
}

// Kills a child at its n-th call, for every n, until one lives to its end. Returns how many died.
static unsigned kill_all(bool no_tmpfile)
{
    char dir[64];
    unsigned killed = 0, left = 0;
    uint64_t bytes;
    kit_dir_make(dir);
    unsigned at = 1, step = (unsigned) amount_of(1, 4);
    for (bool lived = false; !lived; killed += !lived, at += at < 8 ? 1 : step) {
        struct kit_plan plan = {.err = KIT_KILL,
                                .any_call = true,
                                .at = at,
                                .no_tmpfile = no_tmpfile};
        int status = 0;
        fflush(stdout);
        pid_t child = fork();
        if (child == 0)
            live_and_die(dir, &plan);
        if (!CHECK(waitpid(child, &status, 0) == child))
            break;
        lived = WIFEXITED(status);
        CHECK(lived ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGKILL);
        unsigned files = kit_dir_files(dir, &bytes);
        CHECK_EQ(0, bytes);
        left += files;
        if (files) { // only between mkstemp and unlink, the third of the calls
            CHECK(no_tmpfile && plan.at == 3 && files == 1);
            kit_dir_remove(dir);
            kit_dir_make(dir);
        }
    }
    kit_dir_remove(dir);
    CHECK(left <= no_tmpfile);
    suite_note("killed at each of %u calls%s: %u files left", killed,
               no_tmpfile ? ", without O_TMPFILE" : "", left);
    return killed;
}

static void a_kill_at_any_call_leaves_no_file(void)
{
    CHECK(kill_all(false) >= 50);
    CHECK(kill_all(true) >= 50);
}

static void enough_faults_were_tried(void)
{
    suite_note("%u faults", total);
    CHECK(total >= suite_scaled(400));
}

static const struct suite_case cases[] = {
    SUITE_CASE(writes_that_fail),
    SUITE_CASE(reads_that_fail),
    SUITE_CASE(pages_that_do_not_go),
    SUITE_CASE(nothing_but_short_transfers),
    SUITE_CASE(memory_for_slabs_that_is_refused),
    SUITE_CASE(a_stream_tells_why_its_pool_failed),
    SUITE_CASE(what_shortens_needs_no_disk),
    SUITE_CASE(memory_for_nodes_that_is_refused),
    SUITE_CASE(a_file_that_cannot_be_made),
    SUITE_CASE(a_file_that_is_made_all_the_same),
    SUITE_CASE(memory_for_the_pool_that_is_refused),
    SUITE_CASE(a_run_of_chunks_goes_or_stays_together),
    SUITE_CASE(a_full_disk_can_still_be_read),
    SUITE_CASE(a_full_disk_and_no_place_but_the_last_leave_reading),
    SUITE_CASE(bytes_beside_what_cannot_be_read_are_put_there),
    SUITE_CASE(a_stream_says_why_and_goes_on),
    SUITE_CASE(flipped_bits_are_reported),
    SUITE_CASE(a_file_that_lost_its_end_is_reported),
    SUITE_CASE(locked_memory_is_said_to_be),
    SUITE_CASE(a_question_that_fails_is_not_answered),
    SUITE_CASE(pages_that_go_later_are_counted_once),
    SUITE_CASE(a_limit_on_the_length_of_files_ends_no_program),
    SUITE_CASE(the_file_is_nobodys_standard_output),
    SUITE_CASE(a_forked_child_reads_but_does_not_write),
    SUITE_CASE(a_forked_child_that_has_its_parents_number_does_not_write),
    SUITE_CASE(a_forked_child_without_room_reads_chunk_after_chunk),
    SUITE_CASE(a_forked_child_may_have_its_own),
    SUITE_CASE(a_kill_at_any_call_leaves_no_file),
    SUITE_CASE(enough_faults_were_tried),
};

int main(int argc, char **argv)
{
    struct suite suite = {"test_spill_faults", cases, sizeof cases / sizeof *cases, false};
    return suite_run(argc, argv, &suite);
}
