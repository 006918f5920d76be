// SPDX-License-Identifier: MIT
// job.c: one file through a chain into another.
#include "job.h"

#include "device.h"
#include "explain.h"
#include "marks.h"
#include "output.h"
#include "plugin.h"
#include "progress.h"
#include "pump.h"
#include "report.h"
#include "source.h"
#include "stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// One file on its way.
struct job {
    const struct options *opts;
    enum job_mode mode;
    const struct spec *spec;
    struct threads *threads;
    struct source src;
    struct output out;
    struct marks marks; // --index
    char *out_name; // made from the source's name, or NULL
    struct rove_stream *sink, *chained;
    uint64_t in_from, out_from; // where the source and the sink stood
    struct stats stats;
    enum verdict verdict; // the worst so far
};

// A failure of the chain may be one of the file under it; then that file is to blame.
static bool explain_job(const struct job *job, enum rove_status status)
{
    static const char below[] = "sink: "; // what a chain says of it, which need not have kept it

    if (job->sink != NULL && rove_stream_error(job->sink) != ROVE_OK)
        return explain(job->out.name, job->sink, rove_stream_error(job->sink));
    if (job->chained != NULL && strncmp(rove_stream_explain(job->chained), below, sizeof below - 1) == 0)
        return explain(job->out.name, job->sink, status);
    return explain(job->src.name, job->chained != NULL ? job->chained : job->src.stream, status);
}

// naming the output ------------------------------------------------------------------------------

// Whether the output's name is made from the source's.
static bool makes_up_name(const struct options *o, enum job_mode mode, const char *path)
{
    return mode != JOB_TEST && o->out == NULL && !o->to_stdout && strcmp(path, "-") != 0;
}

static enum verdict name_coded(struct job *job)
{
    const char *given = job->opts->suffix, *suffix = given != NULL ? given : spec_suffix(job->spec);

    if (suffix == NULL)
        return report_error(job->src.name, "no suffix is known for \"%s\": name the output with -o",
                            job->spec->text);
    if (!job->opts->force && (spec_has_suffix(job->spec, job->src.path) || spec_ends_with(job->src.path, suffix)))
        return report_warning(job->src.name, "is left out: it has a suffix of such files already; "
                                             "-f takes it");
    job->out_name = malloc(strlen(job->src.path) + strlen(suffix) + 1);
    if (job->out_name == NULL)
        return report_error(NULL, "out of memory");
    sprintf(job->out_name, "%s%s", job->src.path, suffix);
    return VERDICT_FINE;
}

static enum verdict name_plain(struct job *job)
{
    const char *path = job->src.path, *given = job->opts->suffix;

    if (given != NULL && spec_ends_with(path, given))
        job->out_name = strndup(path, strlen(path) - strlen(given));
    else if (spec_strip(path, &job->out_name) == NULL)
        return report_warning(job->src.name, "is left out: it has no suffix to take off; name the "
                                             "output with -o");
    return job->out_name != NULL ? VERDICT_FINE : report_error(NULL, "out of memory");
}

static enum verdict choose_index(struct job *job)
{
    if (!marks_plan(&job->marks, job->opts, job->spec, &job->out, false))
        return VERDICT_FAILED;
    if (job->marks.wanted && output_is_file(&job->marks.file.out, &job->src.st))
        return report_error(job->marks.file.out.name, "is the input itself");
    return VERDICT_FINE;
}

// Beside the source, unless told otherwise; a source without a name goes to standard output.
static enum verdict choose_output(struct job *job)
{
    const struct options *o = job->opts;
    bool made_up = job->src.path != NULL && makes_up_name(o, job->mode, job->src.path);
    unsigned flags = (o->force ? OUTPUT_FORCE : 0) | (o->no_sync ? OUTPUT_NO_SYNC : 0) |
                     (job->mode == JOB_ENCODE ? OUTPUT_CODED : 0) |
                     (job->src.path != NULL ? OUTPUT_ASK : 0) | (made_up ? OUTPUT_MADE_UP : 0);
    enum verdict verdict = VERDICT_FINE;

    if (made_up)
        verdict = job->mode == JOB_ENCODE ? name_coded(job) : name_plain(job);
    if (verdict != VERDICT_FINE)
        return verdict;
    if (!output_check(&job->out, made_up ? job->out_name : o->out, flags))
        return VERDICT_FAILED;
    if (output_is_file(&job->out, &job->src.st))
        return report_error(job->out.name, "is the input itself");
    if (o->stats_file != NULL && output_is_named(&job->out, o->stats_file))
        return report_error("--stats", "%s is the output", o->stats_file);
    return job->mode == JOB_ENCODE ? choose_index(job) : VERDICT_FINE;
}

// moving the bytes -------------------------------------------------------------------------------

static uint64_t position(struct rove_stream *stream)
{
    uint64_t pos;

    return rove_stream_tell(stream, &pos) == ROVE_OK ? pos : 0;
}

static enum rove_status make_decoder(struct job *job, const struct rove_limits *limits, struct rove_spec_error *error)
{
    char text[SPEC_TEXT_LEN];
    const uint8_t *head = NULL;
    size_t len = 0;

    if (rove_stream_peek(job->src.stream, &head, &len) != ROVE_OK)
        len = 0; // for whoever decodes it to say why
    return rove_stream_decode(job->src.stream, spec_for_input(job->spec, head, len, text), limits, &job->chained,
                              error);
}

static bool make_chain(struct job *job)
{
    const struct options *o = job->opts;
    struct rove_limits limits = {.size = sizeof limits,
                                 .output = o->max_output,
                                 .memory = o->max_memory == 0 && job->mode == JOB_ENCODE ? MEMORY_WRITING
                                                                                         : o->max_memory,
                                 .ratio = o->max_ratio,
                                 .workers = job->threads->workers};
    struct rove_spec_error error = {0};
    enum rove_status status;

    spec_lend(job->spec, &limits);
    if (job->mode == JOB_ENCODE)
        status = rove_stream_encode(job->sink, job->spec->text, &limits, &job->chained, &error);
    else
        status = make_decoder(job, &limits, &error);
    if (status == ROVE_OK)
        return marks_begin(&job->marks, job->chained);
    if (rove_stream_error(job->src.stream) != ROVE_OK)
        return explain(job->src.name, job->src.stream, status);
    if (status == ROVE_E_LIMIT) // the text itself has been checked before
        report_error(o->spec != NULL ? "-F" : job->src.name, "%s; -M allows more", error.text);
    else
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

// Whether what is left of the source is zeros alone.
static bool is_rest_zero(struct rove_stream *source)
{
    uint8_t buf[4096];
    enum rove_status status = ROVE_OK;

    while (status == ROVE_OK) {
        size_t len;
        status = rove_stream_read(source, buf, sizeof buf, &len);
        for (size_t i = 0; i < len; i++)
            if (buf[i] != 0)
                return false;
    }
    return true;
}

// Coded data has come to its proper end. What follows it was not decoded, and that must not pass
// unseen: it may have been meant to be.
static bool look_behind(struct job *job, enum rove_status status)
{
    char data[32];
    const char *what = NULL, *passed = rove_stream_explain(job->chained);
    const uint8_t *ptr;
    size_t len;

    if (status == ROVE_END && strcmp(passed, rove_status_text(ROVE_OK)) != 0) {
        if (!job->opts->strict)
            report_notice(job->src.name, "%s", passed); // as -F allows
        else
            report_error(job->src.name, "%s", passed);
        return !job->opts->strict;
    }
    if (rove_stream_peek(job->src.stream, &ptr, &len) == ROVE_OK) {
        const struct plugin_format *format = plugin_format(ptr, len);
        snprintf(data, sizeof data, "%s", "other bytes");
        if (format != NULL)
            snprintf(data, sizeof data, "%s data", format->name);
        what = is_rest_zero(job->src.stream) ? "zeros" : data;
    } else if (status == ROVE_E_TRAILING) {
        what = "zeros"; // counted by the decoder, and nothing else
    }
    if (rove_stream_error(job->src.stream) != ROVE_OK)
        return explain(job->src.name, job->src.stream, rove_stream_error(job->src.stream));
    if (what == NULL)
        return true;
    if (job->opts->strict) {
        report_error(job->src.name, "%s follow the end of the coded data", what);
        return false;
    }
    job->verdict = report_warning(job->src.name,
                                  "%s follow the end of the coded data, and are "
                                  "ignored",
                                  what);
    return true;
}

static bool is_damage(enum rove_status status)
{
    return status == ROVE_E_DATA || status == ROVE_E_FORMAT || status == ROVE_E_CHECKSUM ||
           status == ROVE_E_TRUNCATED || status == ROVE_E_UNSUPPORTED;
}

// Decoding has ended with this status: whether what came out is to be kept.
static bool judge_decoded(struct job *job, enum rove_status status)
{
    if (status == ROVE_END || status == ROVE_E_TRAILING)
        return look_behind(job, status);
    if (!job->opts->salvage || !is_damage(status) || position(job->sink) == job->out_from)
        return explain(job->src.name, job->chained, status);
    job->verdict = report_warning(job->src.name, "%s; what came before is kept",
                                  rove_stream_explain(job->chained));
    return true;
}

// What the source holds, when auto has found no decoder: it has not taken it then. NULL: who knows.
static const struct plugin_format *unread_format(const struct job *job, enum rove_status status)
{
    const uint8_t *head;
    size_t len;

    if (status != ROVE_E_FORMAT || !spec_is_auto(job->spec) ||
        rove_stream_peek(job->src.stream, &head, &len) != ROVE_OK)
        return NULL;
    return plugin_format(head, len);
}

// Whether what no decoder knows is given as it is: to standard output, with -f, as other programs do it.
static bool passes_plain(const struct job *job, enum rove_status status)
{
    return job->mode == JOB_DECODE && job->opts->force && job->out.path == NULL && status == ROVE_E_FORMAT &&
           spec_is_auto(job->spec) && position(job->src.stream) == job->in_from;
}

static bool copy_plain(struct job *job)
{
    struct rove_stream *in = job->src.stream;
    enum rove_status status;
    enum pump_end end = pump(in, job->sink, &(struct pump_how){.meter = in}, &status);

    if (end == PUMP_OUT_FAILED)
        return explain(job->out.name, job->sink, status);
    return end == PUMP_DONE ? finish(job) : explain(job->src.name, in, status);
}

static bool decode(struct job *job)
{
    struct pump_how how = {.meter = job->src.stream,
                           .threads = job->mode == JOB_DECODE ? job->threads : NULL,
                           .waits = !S_ISREG(job->src.st.st_mode)};
    enum rove_status status;
    enum pump_end end = pump(job->chained, job->sink, &how, &status);
    const struct plugin_format *format = unread_format(job, status);

    if (format != NULL) {
        if (!plugin_serve_format(job->src.name, format))
            return false;
        rove_stream_free(job->chained);
        job->chained = NULL;
        if (!make_chain(job))
            return false;
        end = pump(job->chained, job->sink, &how, &status);
    }
    if (passes_plain(job, status))
        return copy_plain(job);
    if (end == PUMP_OUT_FAILED)
        return explain(job->out.name, job->sink, status);
    return judge_decoded(job, status) && finish(job);
}

static bool encode(struct job *job)
{
    struct rove_stream *in = job->src.stream, *out = job->chained;
    enum rove_status status;
    enum pump_end end = pump(in, out, &(struct pump_how){.meter = in}, &status);

    if (end == PUMP_OUT_FAILED)
        return explain_job(job, status);
    if (end == PUMP_DONE)
        return finish(job) && marks_take(&job->marks, job->chained);
    explain(job->src.name, in, status);
    // What was read goes out, but no end: some tools take an empty output for that of an empty input.
    (void) !(rove_stream_flush(out) == ROVE_OK && rove_stream_flush(job->sink) == ROVE_OK);
    return false;
}

static void measure(struct job *job)
{
    job->stats.in_len = position(job->src.stream) - job->in_from;
    job->stats.out_len = position(job->sink) - job->out_from;
    stats_take_digests(&job->stats, job->chained, job->spec->text);
}

static bool transfer(struct job *job)
{
    static const char *const words[] = {"compressing", "decompressing", "testing"};
    bool ok;

    job->in_from = position(job->src.stream);
    job->out_from = position(job->sink);
    ok = make_chain(job);
    if (ok) {
        progress_begin(words[job->mode], source_size(&job->src));
        ok = job->mode == JOB_ENCODE ? encode(job) : decode(job);
        progress_end();
    }
    if (ok) {
        measure(job);
        job->verdict = verdict_worse(job->verdict, source_settle(&job->src));
    } else {
        device_abandon(job->sink);
    }
    rove_stream_free(job->chained);
    job->chained = NULL;
    return ok;
}

// one file ---------------------------------------------------------------------------------------

// Whether zeros may become holes: in files that are made here, elsewhere only where it is asked for.
static bool wants_holes(const struct job *job)
{
    const struct options *o = job->opts;

    return job->mode == JOB_DECODE && !o->no_sparse && (job->out.temp != NULL || o->sparse) &&
           output_takes_holes(&job->out);
}

static bool open_sink(struct job *job)
{
    enum rove_status status;

    if (job->mode == JOB_TEST)
        status = device_nowhere(&job->sink);
    else if (!output_open(&job->out))
        return false;
    else
        status = device_stream(job->out.fd, wants_holes(job), NULL, &job->sink);
    if (status != ROVE_OK)
        report_error(job->out.name, "cannot be written: %s", rove_status_text(status));
    return status == ROVE_OK;
}

// The input goes only when all of it is, without any doubt, in a file that has its name.
static enum verdict remove_source(const struct job *job)
{
    if (!job->opts->remove_source || job->mode == JOB_TEST)
        return VERDICT_FINE;
    if (job->src.path == NULL || !job->out.is_kept)
        return report_warning(job->src.name, "is kept: --rm needs an output that is a file");
    if (job->verdict != VERDICT_FINE)
        return report_warning(job->src.name, "is kept, because of this warning");
    return source_remove(&job->src);
}

static enum verdict write_output(struct job *job)
{
    bool copies = job->src.path != NULL && job->out.path != NULL;

    if (!open_sink(job) || !transfer(job)) {
        output_drop(&job->out);
        return VERDICT_FAILED;
    }
    if (job->mode != JOB_TEST)
        job->verdict =
            verdict_worse(job->verdict, output_keep(&job->out, copies ? &job->src.st : NULL, job->src.fd));
    if (job->verdict != VERDICT_FAILED)
        job->verdict = verdict_worse(job->verdict, marks_keep(&job->marks, &job->out));
    return job->verdict;
}

static enum verdict run_job(struct job *job)
{
    const struct options *o = job->opts;
    enum verdict verdict = VERDICT_FINE;

    if (job->mode != JOB_ENCODE && !o->force && isatty(job->src.fd))
        return report_error(job->src.name, "coded bytes are not read from a terminal; -f does it "
                                           "all the same");
    if (job->mode != JOB_TEST)
        verdict = choose_output(job);
    if (verdict == VERDICT_FINE)
        verdict = write_output(job);
    if (verdict != VERDICT_FAILED && job->sink != NULL)
        verdict = verdict_worse(verdict, remove_source(job));
    return verdict;
}

static enum verdict tell(struct job *job)
{
    static const char *const done[] = {"compressed", "decompressed", "tested"};
    const struct options *o = job->opts;

    job->stats.in_name = job->src.name;
    job->stats.out_name = job->mode == JOB_TEST ? NULL : job->out.name;
    if ((o->stats || o->json) && !stats_print(&job->stats, NULL, job->threads->workers, o->stats_file))
        return VERDICT_FAILED;
    stats_tell(&job->stats, done[job->mode], job->mode == JOB_TEST ? job->src.name : job->out.name);
    return VERDICT_FINE;
}

// What stands for a file to be made beside it, or is to be removed, must be plainly that one file.
static enum source_kind kind_of(const struct options *o, enum job_mode mode, const char *path)
{
    bool made_up = makes_up_name(o, mode, path);
    bool removed = o->remove_source && (o->out != NULL || !o->to_stdout); // -o goes before -c

    if (mode == JOB_TEST || !(made_up || removed))
        return SOURCE_ANY;
    return o->force ? SOURCE_REGULAR : SOURCE_PLAIN;
}

enum verdict job_run(const struct options *opts, enum job_mode mode, const struct spec *spec,
                     struct threads *threads, const char *path)
{
    struct job job = {.opts = opts, .mode = mode, .spec = spec, .threads = threads,
                      .out = {.fd = -1, .given = -1}};
    enum verdict verdict;

    stats_start(&job.stats);
    job.stats.json = opts->json;
    verdict = source_open(&job.src, path, kind_of(opts, mode, path));
    if (verdict != VERDICT_FINE)
        return verdict;
    verdict = run_job(&job);
    if (verdict != VERDICT_FAILED && job.sink != NULL)
        verdict = verdict_worse(verdict, tell(&job));
    rove_stream_free(job.sink);
    marks_fini(&job.marks);
    source_close(&job.src);
    free(job.out_name);
    return verdict;
}
