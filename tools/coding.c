// SPDX-License-Identifier: MIT
// coding.c: see coding.h.
#include "coding.h"

#include "device.h"
#include "explain.h"
#include "memory.h"
#include "progress.h"
#include "report.h"

#include <rove/chain.h>
#include <rove/view.h>

#include <errno.h>
#include <string.h>

#define STEP_LEN ((uint64_t) 1 << 20)   // coded between two looks at the clock
#define THREAD_LEN ((uint64_t) 1 << 20) // of --memory for each thread, which keeps some free chunks for itself

// As many as -T says, and no more than --memory allows.
static size_t choose_threads(const struct options *o)
{
    size_t cnt = threads_count(o->threads);
    uint64_t most = o->memory / THREAD_LEN;

    if (o->memory == 0 || cnt <= most)
        return cnt;
    return most > 0 ? (size_t) most : 1;
}

static bool make_chain(struct coding *c)
{
    struct rove_limits limits = {.size = sizeof limits, .memory = ROVE_NO_LIMIT, // --memory has the word
                                 .workers = c->threads->workers};
    struct rove_spec_error error = {0};
    enum rove_status status;

    spec_lend(c->spec, &limits);
    status = rove_stream_encode(c->sink, c->spec->text, &limits, &c->chained, &error);
    if (status == ROVE_OK)
        return true;
    if (status == ROVE_E_LIMIT && c->pool != NULL)
        report_error(c->opts->spec != NULL ? "-F" : c->out->name, "%s; --memory allows more", error.text);
    else
        spec_report(c->spec->text, status, &error);
    return false;
}

bool coding_open(struct coding *c, uint64_t len)
{
    bool copies = strcmp(c->spec->text, "copy") == 0; // would copy each byte twice, and do nothing else
    enum rove_status status;

    if (!output_open(c->out))
        return false;
    status = device_stream(c->out->fd, false, c->pool, &c->sink);
    if (status != ROVE_OK) {
        report_error(c->out->name, "cannot be written: %s", rove_status_text(status));
        return false;
    }
    if (rove_stream_tell(c->sink, &c->out_from) != ROVE_OK)
        c->out_from = 0;
    if (c->opts->spec == NULL && len != CODING_ANY_LEN)
        spec_declare(c->spec, len);
    if (!copies)
        threads_init(c->threads, choose_threads(c->opts), 1);
    if ((!copies && !make_chain(c)) || !marks_begin(c->marks, c->chained))
        return false;
    c->to = copies ? c->sink : c->chained;
    status = rove_stream_tell(c->to, &c->from);
    if (status != ROVE_OK)
        coding_blame(c, status, errno);
    return status == ROVE_OK;
}

// What the sink has not recorded, the archive or the chain is to blame for; both live on the pool.
void coding_blame(const struct coding *c, enum rove_status status, int err)
{
    bool sinks = rove_stream_error(c->sink) != ROVE_OK;
    const char *why;

    errno = err;
    why = explain_why(sinks ? c->sink : c->to, status);
    if (sinks || c->pool == NULL || !memory_blame(status, err))
        report_error(c->out->name, "%s", why);
}

// Hands a view on, a piece at a time. errno is that of the failure.
static enum rove_status write_pieces(struct rove_stream *to, const struct rove_view *view)
{
    enum rove_status status = ROVE_OK;
    uint64_t len = rove_view_len(view);
    int err = 0;

    for (uint64_t off = 0; off < len && status == ROVE_OK; off += STEP_LEN) {
        struct rove_view piece;
        status = rove_view_sub(view, off, len - off < STEP_LEN ? len - off : STEP_LEN, &piece);
        if (status == ROVE_OK)
            status = rove_stream_write_view(to, &piece);
        err = errno;
        rove_view_fini(&piece);
        progress_at(len - off < STEP_LEN ? len : off + STEP_LEN);
    }
    errno = err;
    return status;
}

bool coding_put(struct coding *c, struct rove_rope *rope)
{
    struct rove_view all;
    enum rove_status status = rove_rope_view(rope, 0, rove_rope_len(rope), &all);
    int err = errno;

    if (status == ROVE_OK) {
        status = write_pieces(c->to, &all);
        err = errno;
        rove_view_fini(&all);
    }
    if (status != ROVE_OK)
        coding_blame(c, status, err);
    return status == ROVE_OK;
}

bool coding_close(struct coding *c)
{
    enum rove_status status = rove_stream_tell(c->to, &c->stats->in_len);

    c->stats->in_len -= c->from;
    if (status == ROVE_OK && c->chained != NULL)
        status = rove_stream_close(c->chained);
    if (status == ROVE_OK)
        status = rove_stream_flush(c->sink);
    if (status != ROVE_OK) {
        coding_blame(c, status, errno);
        return false;
    }
    if (!marks_take(c->marks, c->chained))
        return false;
    if (rove_stream_tell(c->sink, &c->stats->out_len) == ROVE_OK)
        c->stats->out_len -= c->out_from;
    if (c->chained != NULL)
        stats_take_digests(c->stats, c->chained, c->spec->text);
    rove_stream_free(c->chained);
    rove_stream_free(c->sink);
    c->chained = c->sink = c->to = NULL;
    return true;
}

void coding_drop(struct coding *c)
{
    if (c->sink != NULL)
        device_abandon(c->sink);
    rove_stream_free(c->chained);
    rove_stream_free(c->sink);
    c->chained = c->sink = c->to = NULL;
    output_drop(c->out);
}
