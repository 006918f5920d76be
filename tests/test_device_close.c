// SPDX-License-Identifier: MIT
// test_device_close.c: whatever call of the device fails, and however often, every call that hands bytes
// on can be made again until it succeeds: nothing is lost, nothing is written twice.
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <rove/chain.h>

#include "stream_kit.h"
#include "support/model.h"
#include "support/os_fault.h"
#include "support/shapes.h"

#define CHUNK 64u
#define CAP 8192u
#define PLAIN 1100u // no multiple of a chunk: something is always gathered at the end
#define LAYERS 3u

enum kind { OVER_FD, OVER_FILE, OVER_IO, KINDS };
enum how { BY_CALLS, BY_FILE, HOWS }; // who writes: rove_stream_write() or fwrite() to rove_fopen()
enum job { FLUSH, FINISH, CLOSE, FREE, RECHAIN, JOBS };

// The device: what it got, and which of its calls are to fail, as what.
struct sink {
    uint8_t got[CAP];
    size_t len;
    int fault;          // errno or OS_SHORT; 0: none
    unsigned at, times; // the first call that fails, from 1, and how many do
    unsigned calls, injected;
};

// A device and the encoders on it, the last one on top.
struct rig {
    enum kind kind;
    struct sink sink;
    int fd;
    FILE *below, *above;
    struct rove_stream *s[LAYERS + 1];
    unsigned top;
};

static struct rove_pool *pool;
static const char *const specs[LAYERS] = {"copy", "gzip", "crc32|lz4"};

// the device ------------------------------------------------------------------------------------

static int next_fault(struct sink *sink)
{
    unsigned call = ++sink->calls;
    if (!sink->fault || call < sink->at || call >= sink->at + sink->times)
        return 0;
    sink->injected++;
    return sink->fault;
}

static ssize_t sink_write(void *ctx, const char *src, size_t len)
{
    struct sink *sink = ctx;
    int fault = next_fault(sink);
    if (fault > 0) {
        errno = fault;
        return 0;
    }
    len = fault == OS_SHORT ? 1 : len;
    if (!CHECK(len <= CAP - sink->len))
        return 0;
    memcpy(sink->got + sink->len, src, len);
    sink->len += len;
    return (ssize_t) len;
}

static enum rove_status status_of(int err)
{
    return err == EAGAIN ? ROVE_E_AGAIN : ROVE_E_IO;
}

static enum rove_status io_write(void *ctx, const void *src, size_t len, size_t *len_out)
{
    *len_out = (size_t) sink_write(ctx, src, len);
    return *len_out ? ROVE_OK : status_of(errno);
}

static enum rove_status io_flush(void *ctx)
{
    int fault = next_fault(ctx);
    errno = fault > 0 ? fault : errno;
    return fault > 0 ? status_of(fault) : ROVE_OK;
}

static void open_device(struct rig *rig)
{
    struct rove_io io = {.size = sizeof io, .write = io_write, .flush = io_flush};
    cookie_io_functions_t calls = {.write = sink_write};
    switch (rig->kind) {
    case OVER_FD:
        rig->fd = file_of("", 0);
        CHECK_OK(rove_stream_from_fd(rig->fd, 0, pool, &rig->s[0]));
        os_fault_arm((struct os_plan){OS_WRITE, rig->sink.fault, rig->sink.at, rig->sink.times});
        break;
    case OVER_FILE:
        rig->below = fopencookie(&rig->sink, "w", calls);
        CHECK_OK(rove_stream_from_file(rig->below, pool, &rig->s[0]));
        break;
    default:
        CHECK_OK(rove_stream_from_io(&io, &rig->sink, pool, &rig->s[0]));
    }
}

// Looks at what arrived.
static void look(struct rig *rig)
{
    if (rig->kind != OVER_FD)
        return;
    ssize_t len = pread(rig->fd, rig->sink.got, CAP, 0);
    rig->sink.len = CHECK(len >= 0) ? (size_t) len : 0;
    rig->sink.injected = os_fault_injected();
}

// patient calls ---------------------------------------------------------------------------------

// Whether a call is to be made again.
static bool failed(const struct rig *rig, enum rove_status status)
{
    bool again = status && status == (rig->sink.fault == EAGAIN ? ROVE_E_AGAIN : ROVE_E_IO);
    return again ? true : !CHECK_OK(status);
}

static void repeat(struct rig *rig, enum rove_status (*call)(struct rove_stream *), unsigned i)
{
    unsigned tries = 0;
    while (tries++ < 20 && failed(rig, call(rig->s[i])))
        CHECK(!rove_stream_is_closed(rig->s[i]));
    CHECK(tries <= 20);
}

// What fwrite() took, it has; nothing of what it did not take is anywhere.
static size_t write_file(struct rig *rig, const uint8_t *src, size_t len)
{
    size_t n = fwrite(src, 1, len, rig->above);
    if (n < len) {
#if defined(__GLIBC__) // musl marks no error when a part was taken
        CHECK(ferror(rig->above));
#endif
        CHECK_EQ(rig->sink.fault, errno);
        clearerr(rig->above);
    }
    return n;
}

static size_t write_stream(struct rig *rig, const uint8_t *src, size_t len)
{
    uint64_t from = cursor_of(rig->s[rig->top]);
    return failed(rig, rove_stream_write(rig->s[rig->top], src, len))
               ? (size_t) (cursor_of(rig->s[rig->top]) - from)
               : len;
}

static void write_all(struct rig *rig, const uint8_t *src, size_t len)
{
    for (size_t at = 0, tries = 0; at < len && CHECK(tries < 2000); tries++) {
        size_t n = 1 + at % 150 < len - at ? 1 + at % 150 : len - at;
        size_t took = rig->above ? write_file(rig, src + at, n) : write_stream(rig, src + at, n);
        at += took;
        if (took < n)
            rove_stream_clear_error(rig->s[rig->top]); // known, and seen to
    }
}

// programs --------------------------------------------------------------------------------------

static void open_rig(struct rig *rig, enum how how)
{
    open_device(rig);
    for (unsigned i = 0; i < rig->top; i++)
        CHECK_OK(rove_stream_encode(rig->s[i], specs[i], NULL, &rig->s[i + 1], NULL));
    if (how == BY_FILE)
        CHECK_OK(rove_fopen(rig->s[rig->top], "w", &rig->above));
}

// The FILE is gone after fclose(), whatever that says: the stream has all.
static void close_file(struct rig *rig)
{
    if (!rig->above)
        return;
    while (fflush(rig->above))
        clearerr(rig->above);
    if (fclose(rig->above))
        CHECK(errno == rig->sink.fault);
    rig->above = NULL;
}

static void do_job(struct rig *rig, enum job job, const uint8_t *bytes)
{
    unsigned top = rig->top;
    close_file(rig);
    if (job == FLUSH)
        repeat(rig, rove_stream_flush, top);
    if (job == FINISH || job == RECHAIN)
        repeat(rig, rove_stream_finish, top);
    if (job == RECHAIN) {
        CHECK_OK(rove_stream_rechain(rig->s[top], rig->s[top - 1]));
        write_all(rig, bytes, PLAIN / 2);
    }
    for (unsigned i = top + 1; i-- > 0 && (job == FINISH || job == CLOSE || job == RECHAIN);) {
        repeat(rig, rove_stream_close, i);
        CHECK(rove_stream_is_closed(rig->s[i]));
    }
}

// One program; what arrived is in rig->sink.
static void run(struct rig *rig, enum how how, enum job job, const uint8_t *bytes)
{
    rig->fd = -1;
    open_rig(rig, how);
    write_all(rig, bytes, PLAIN / 2);
    if (job == FLUSH && !rig->above)
        repeat(rig, rove_stream_flush, rig->top);
    write_all(rig, bytes + PLAIN / 2, PLAIN - PLAIN / 2);
    do_job(rig, job, bytes);
    look(rig);
    size_t len = rig->sink.len;
    for (unsigned i = rig->top + 1; i-- > 0;)
        rove_stream_free(rig->s[i]);
    if (rig->below)
        fclose(rig->below);
    look(rig);
    CHECK_EQ(len, rig->sink.len); // freeing writes nothing
    if (rig->kind == OVER_FD)
        close(rig->fd);
    os_fault_off();
}

struct tally {
    uint64_t programs, faults;
};

// Every call of one program fails in every way, once and three times.
static void break_all(struct rig plain, enum how how, enum job job, struct tally *tally)
{
    static const int faults[] = {EAGAIN, EIO, ENOSPC, OS_SHORT};
    const uint8_t *bytes = noise(PLAIN);
    struct rig due = plain, rig;
    run(&due, how, job, bytes);
    for (unsigned i = 0; i < 8; i++) {
        unsigned at = 0;
        do {
            rig = plain;
            rig.sink.fault = faults[i / 2];
            rig.sink.at = ++at;
            rig.sink.times = i % 2 ? 3 : 1;
            run(&rig, how, job, bytes);
            if (!CHECK(job == FREE || rig.sink.len == due.sink.len) ||
                !CHECK(memcmp(rig.sink.got, due.sink.got, rig.sink.len) == 0))
                suite_note("device %u, %s, %u layers, job %u: errno %d at call %u", plain.kind,
                           how == BY_FILE ? "FILE" : "calls", plain.top, job, rig.sink.fault, at);
            tally->programs++;
            tally->faults += rig.sink.injected;
        } while (rig.sink.injected);
    }
}

static void every_fault_at_every_call_of(enum job job)
{
    struct tally tally = {0, 0};
    pool = suite_pool_new(&env.alloc.table, CHUNK);
    for (unsigned kind = 0; kind < KINDS; kind++)
        for (unsigned how = 0; how < HOWS; how++)
            for (unsigned top = job == FINISH || job == RECHAIN; top <= LAYERS; top++)
                if (how == BY_CALLS || (job != RECHAIN && job != FREE)) // fclose() would flush
                    break_all((struct rig){.kind = kind, .top = top}, how, job, &tally);
    suite_note("%" PRIu64 " programs, %" PRIu64 " faults", tally.programs, tally.faults);
    rove_pool_unref(pool);
}

static void flush_after_a_fault_loses_nothing(void)
{
    every_fault_at_every_call_of(FLUSH);
}

static void finish_after_a_fault_loses_nothing(void)
{
    every_fault_at_every_call_of(FINISH);
}

static void close_after_a_fault_loses_nothing(void)
{
    every_fault_at_every_call_of(CLOSE);
}

static void rechain_after_a_fault_loses_nothing(void)
{
    every_fault_at_every_call_of(RECHAIN);
}

static void free_writes_nothing_whatever_failed(void)
{
    every_fault_at_every_call_of(FREE);
}

static const struct suite_case cases[] = {
    SUITE_CASE(flush_after_a_fault_loses_nothing),
    SUITE_CASE(finish_after_a_fault_loses_nothing),
    SUITE_CASE(close_after_a_fault_loses_nothing),
    SUITE_CASE(rechain_after_a_fault_loses_nothing),
    SUITE_CASE(free_writes_nothing_whatever_failed),
};

int main(int argc, char **argv)
{
    return suite_run(argc, argv,
                     &(struct suite){"test_device_close", cases, sizeof cases / sizeof *cases, false});
}
