// SPDX-License-Identifier: MIT
// job.c: one file through a chain into another.
#include "job.h"

#include "output.h"
#include "progress.h"
#include "pump.h"
#include "report.h"
#include "source.h"
#include "stats.h"

#include <rove/device.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// One file on its way.
struct job {
    const struct options *opts;
    enum job_mode mode;
    const struct spec *spec;
    struct source src;
    struct output out;
    char *out_name; // made from the source's name, or NULL
    struct rove_stream *sink, *chained;
    struct stats stats;
    enum verdict verdict; // unless it fails
};

// What chain.h says about a limit, and how to lift it.
static const char *hint(enum rove_status status)
{
    return status == ROVE_E_LIMIT ? " (see --max-output, --max-ratio and -M)" : "";
}

static bool explain(const char *name, const struct rove_stream *stream, enum rove_status status)
{
    const char *why = rove_stream_explain(stream);

    report_error(name, "%s%s", *why != 0 ? why : rove_status_text(status), hint(status));
    return false;
}

// A failure of the chain may be one of the file under it; then that file is to blame.
static bool explain_job(const struct job *job, enum rove_status status)
{
    if (job->sink != NULL && rove_stream_error(job->sink) != ROVE_OK)
        return explain(job->out.name, job->sink, rove_stream_error(job->sink));
    return explain(job->src.name, job->chained != NULL ? job->chained : job->src.stream, status);
}

// naming the output ------------------------------------------------------------------------------

static bool name_coded(struct job *job)
{
    const char *suffix = spec_suffix(job->spec);

    if (suffix == NULL) {
        report_error(job->src.name, "no suffix is known for \"%s\": name the output with -o",
                     job->spec->text);
        return false;
    }
    job->out_name = malloc(strlen(job->src.path) + strlen(suffix) + 1);
    if (job->out_name != NULL)
        sprintf(job->out_name, "%s%s", job->src.path, suffix);
    return job->out_name != NULL;
}

static bool name_plain(struct job *job)
{
    if (spec_strip(job->src.path, &job->out_name) != NULL)
        return job->out_name != NULL;
    report_error(job->src.name, "has no suffix to take off: name the output with -o");
    return false;
}

// Beside the source, unless told otherwise; a source without a name goes to standard output.
static bool choose_output(struct job *job)
{
    const struct options *o = job->opts;
    const char *path = o->to_stdout || job->src.path == NULL ? "-" : NULL;
    unsigned flags = (o->force ? OUTPUT_FORCE : 0) | (o->no_sync ? OUTPUT_NO_SYNC : 0) |
                     (job->mode == JOB_ENCODE ? OUTPUT_CODED : 0) |
                     (job->src.path != NULL ? OUTPUT_ASK : 0);

    if (o->out != NULL)
        path = o->out;
    if (path == NULL && !S_ISREG(job->src.st.st_mode) && !o->force) {
        report_error(job->src.name, "is no regular file: name the output with -o");
        return false;
    }
    if (path == NULL && !(job->mode == JOB_ENCODE ? name_coded(job) : name_plain(job)))
        return false;
    if (!output_check(&job->out, path != NULL ? path : job->out_name, flags))
        return false;
    if (!output_is_file(&job->out, &job->src.st))
        return true;
    report_error(job->out.name, "is the input itself");
    return false;
}

// Only what is plainly one file under one name may be removed.
static bool may_remove(const struct job *job)
{
    struct stat st;

    if (!job->opts->remove_source || job->src.path == NULL || job->opts->force)
        return true;
    if (lstat(job->src.path, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1 &&
        (st.st_mode & (S_ISUID | S_ISGID | S_ISVTX)) == 0)
        return true;
    report_error(job->src.name, "--rm takes only plain files of one name; -f takes others too");
    return false;
}

// moving the bytes -------------------------------------------------------------------------------

static bool make_chain(struct job *job)
{
    const struct options *o = job->opts;
    struct rove_limits limits = {sizeof limits, o->max_output, o->max_memory, o->max_ratio};
    struct rove_spec_error error = {0};
    enum rove_status status;

    if (job->mode == JOB_ENCODE)
        status = rove_stream_encode(job->sink, job->spec->text, &limits, &job->chained, &error);
    else
        status =
            rove_stream_decode(job->src.stream, job->spec->text, &limits, &job->chained, &error);
    if (status == ROVE_OK)
        return true;
    if (rove_stream_error(job->src.stream) != ROVE_OK)
        return explain(job->src.name, job->src.stream, status);
    spec_report(job->spec->text, status, &error);
    return false;
}

// Writes out what the chain and the sink still hold.
static bool finish(struct job *job)
{
    enum rove_status status = ROVE_OK;

    if (job->mode == JOB_ENCODE)
        status = rove_stream_close(job->chained);
    if (status == ROVE_OK && job->mode != JOB_TEST)
        status = rove_stream_flush(job->sink);
    return status == ROVE_OK || explain_job(job, status);
}

static bool move(struct job *job)
{
    struct rove_stream *in = job->mode == JOB_ENCODE ? job->src.stream : job->chained;
    struct rove_stream *out = job->mode == JOB_ENCODE ? job->chained : job->sink;
    enum pump_end end;

    end = pump(in, out, job->src.stream);
    if (end == PUMP_IN_FAILED)
        return explain(job->src.name, in, rove_stream_error(in));
    return end == PUMP_DONE ? finish(job) : explain_job(job, rove_stream_error(out));
}

// What follows the end of a coded stream was not decoded, and that must not pass for success.
static void look_behind(struct job *job)
{
    const uint8_t *ptr;
    size_t len;

    if (job->mode != JOB_ENCODE && rove_stream_peek(job->src.stream, &ptr, &len) == ROVE_OK)
        job->verdict = report_warning(job->src.name, "bytes after the end of the coded data are "
                                                     "ignored");
}

static void measure(struct job *job)
{
    if (rove_stream_tell(job->src.stream, &job->stats.in_len) != ROVE_OK ||
        rove_stream_tell(job->sink, &job->stats.out_len) != ROVE_OK)
        return;
    stats_take_digests(&job->stats, job->chained, job->spec->text);
}

static bool transfer(struct job *job)
{
    static const char *const words[] = {"compressing", "decompressing", "testing"};
    bool ok;

    if (!make_chain(job))
        return false;
    progress_begin(words[job->mode], source_size(&job->src));
    ok = move(job);
    progress_end();
    if (ok) {
        measure(job);
        look_behind(job);
    }
    rove_stream_free(job->chained);
    job->chained = NULL;
    return ok;
}

// one file ---------------------------------------------------------------------------------------

// A device that takes everything.
static enum rove_status swallow(void *ctx, const void *src, size_t len, size_t *len_out)
{
    (void) ctx;
    (void) src;
    *len_out = len;
    return ROVE_OK;
}

static bool open_sink(struct job *job)
{
    static const struct rove_io nowhere = {.size = sizeof nowhere, .write = swallow};
    enum rove_status status;

    if (job->mode == JOB_TEST)
        status = rove_stream_from_io(&nowhere, NULL, NULL, &job->sink);
    else if (!output_open(&job->out))
        return false;
    else
        status = rove_stream_from_fd(job->out.fd, 0, NULL, &job->sink);
    if (status != ROVE_OK)
        report_error(job->out.name, "cannot be written: %s", rove_status_text(status));
    return status == ROVE_OK;
}

static bool run_job(struct job *job)
{
    bool named = job->src.path != NULL;
    bool ok;

    if (job->mode != JOB_ENCODE && !job->opts->force && isatty(job->src.fd)) {
        report_error(job->src.name, "coded bytes are not read from a terminal; -f does it all "
                                    "the same");
        return false;
    }
    if (job->mode != JOB_TEST && (!may_remove(job) || !choose_output(job)))
        return false;
    ok = open_sink(job) && transfer(job);
    if (job->mode == JOB_TEST)
        return ok;
    if (!ok)
        output_drop(&job->out);
    else
        ok = output_keep(&job->out, named && job->out.path != NULL ? &job->src.st : NULL);
    if (!ok || !job->opts->remove_source || !named || job->out.path == NULL)
        return ok;
    if (unlink(job->src.path) != 0)
        report_error(job->src.name, "cannot be removed: %s", strerror(errno));
    return true;
}

enum verdict job_run(const struct options *opts, enum job_mode mode, const struct spec *spec,
                     const char *path)
{
    static const char *const done[] = {"compressed", "decompressed", "tested"};
    struct job job = {.opts = opts, .mode = mode, .spec = spec, .out.fd = -1};
    bool ok;

    stats_start(&job.stats);
    if (!source_open(&job.src, path))
        return VERDICT_FAILED;
    ok = run_job(&job);
    if (ok && opts->stats)
        ok = stats_print(&job.stats, NULL, opts->stats_file);
    if (ok)
        stats_tell(&job.stats, done[mode], mode == JOB_TEST ? job.src.name : job.out.name);
    rove_stream_free(job.sink);
    source_close(&job.src);
    free(job.out_name);
    return ok ? job.verdict : VERDICT_FAILED;
}
