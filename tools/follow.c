// SPDX-License-Identifier: MIT
// follow.c: a coded file that grows.
//
//     fd ──> device_follow() ──> decoder ──> standard output
//                 │ ROVE_E_AGAIN: what is decoded goes out, and then there is a wait
//                 └──< inotify; where there is none, a look ten times a second
//
// While it waits it also sees that nobody reads the output any more, which no write would tell; and once a second whether
// the name still stands for the file.
#include "follow.h"

#include "device.h"
#include "explain.h"
#include "output.h"
#include "plain.h"
#include "plugin.h"
#include "pump.h"
#include "report.h"
#include "source.h"
#include "spec.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_MS 1000      // with inotify: for what it does not tell
#define LOOK_OFTEN_MS 100 // without

struct follow {
    const struct options *opts;
    struct source src;
    struct rove_stream *in;    // what there is of it at the moment
    struct rove_stream *plain; // over that
    struct output out;
    struct rove_stream *sink;
    struct spec *spec;
    int watch; // inotify, or -1
    bool is_file, is_nameless, sought; // sought: the plugin that reads it
    enum verdict verdict; // the worst of what was reported
};

// waiting ----------------------------------------------------------------------------------------

static void begin_watch(struct follow *f)
{
    char path[32];

    f->watch = f->is_file ? inotify_init1(IN_CLOEXEC | IN_NONBLOCK) : -1;
    if (f->watch < 0)
        return;
    snprintf(path, sizeof path, "/proc/self/fd/%d", f->src.fd);
    if (inotify_add_watch(f->watch, path, IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF) >= 0)
        return;
    close(f->watch);
    f->watch = -1;
}

// Waits for news of the source, for a moment at most. Returns false where nobody reads the output any more.
static bool wait_a_moment(struct follow *f)
{
    char events[4096];
    struct pollfd fds[] = {{f->is_file ? f->watch : f->src.fd, POLLIN, 0}, {f->out.fd, 0, 0}};

    if (poll(fds, 2, !f->is_file ? -1 : f->watch >= 0 ? LOOK_MS : LOOK_OFTEN_MS) < 0)
        return true; // a signal
    if ((fds[1].revents & (POLLERR | POLLHUP)) != 0) {
        raise(SIGPIPE); // where that is ignored, a write that would fail need never come
        f->verdict = report_error(f->out.name, "is read by nobody any more");
        return false;
    }
    if (f->watch >= 0 && fds[0].revents != 0)
        (void) !read(f->watch, events, sizeof events);
    return true;
}

// What became of the source. The name is asked for only when all that the file holds was read.
enum news {
    NEWS_NONE,
    NEWS_MORE,
    NEWS_LAST // nothing more will come
};

static enum news look_at_name(struct follow *f)
{
    struct stat now;

    if (f->src.path == NULL)
        return NEWS_NONE;
    if (stat(f->src.path, &now) == 0) {
        f->is_nameless = false;
        if (now.st_dev == f->src.st.st_dev && now.st_ino == f->src.st.st_ino)
            return NEWS_NONE;
        f->verdict = report_warning(f->src.name, "is another file by now; all of the one before was given");
        return NEWS_LAST;
    }
    if (!f->is_nameless)
        f->verdict = report_warning(f->src.name, "has lost its name (%s); what is added to it is still given",
                                    strerror(errno));
    f->is_nameless = true;
    return NEWS_NONE;
}

static enum news look(struct follow *f)
{
    off_t at = lseek(f->src.fd, 0, SEEK_CUR);
    struct stat now;

    if (!f->is_file)
        return NEWS_MORE;
    if (at < 0 || fstat(f->src.fd, &now) != 0) {
        f->verdict = report_error(f->src.name, "cannot be examined: %s", strerror(errno));
        return NEWS_LAST;
    }
    if (now.st_size > at)
        return NEWS_MORE;
    if (now.st_size == at)
        return look_at_name(f);
    f->verdict = report_error(f->src.name, "was cut to %jd bytes when %jd had been read", (intmax_t) now.st_size,
                              (intmax_t) at);
    return NEWS_LAST;
}

// Returns whether there is more to read.
static bool wait_for_more(struct follow *f)
{
    enum news news = f->is_file ? look(f) : NEWS_NONE;

    while (news == NEWS_NONE)
        news = wait_a_moment(f) ? look(f) : NEWS_LAST;
    return news == NEWS_MORE;
}

// decoding ---------------------------------------------------------------------------------------

static bool make_chain(struct follow *f)
{
    struct rove_spec_error error = {0};
    struct rove_limits limits;
    enum rove_status status;

    plain_limit(&limits, f->opts, NULL);
    spec_lend(f->spec, &limits);
    status = rove_stream_decode(f->in, f->spec->text, &limits, &f->plain, &error);
    if (status == ROVE_E_LIMIT) // the text itself has been checked before
        report_error("-F", "%s; -M allows more", error.text);
    else if (status != ROVE_OK)
        spec_report(f->spec->text, status, &error);
    return status == ROVE_OK;
}

// Whether the first bytes are of a format that a plugin reads, which is there from now on.
static bool find_plugin(struct follow *f, bool *reported_out)
{
    const struct plugin_format *format = NULL;
    const uint8_t *head;
    size_t len;

    if (spec_is_auto(f->spec) && !f->sought && rove_stream_peek(f->in, &head, &len) == ROVE_OK)
        format = plugin_format(head, len);
    f->sought = true;
    *reported_out = format != NULL && !plugin_serve_format(f->src.name, format);
    if (format == NULL || *reported_out)
        return false;
    rove_stream_free(f->plain);
    f->plain = NULL;
    *reported_out = !make_chain(f);
    return !*reported_out;
}

static bool blame_sink(struct follow *f, enum rove_status status)
{
    explain(f->out.name, f->sink, status);
    f->verdict = VERDICT_FAILED;
    return false;
}

// Decodes what there is. Returns whether more may come.
static bool give(struct follow *f)
{
    enum rove_status status, put;
    enum pump_end end = pump(f->plain, f->sink, &(struct pump_how){.meter = NULL}, &status);
    bool reported = false;

    if (end == PUMP_OUT_FAILED)
        return blame_sink(f, status);
    if (status == ROVE_E_FORMAT && find_plugin(f, &reported))
        return give(f);
    put = rove_stream_flush(f->sink);
    if (put != ROVE_OK)
        return blame_sink(f, put);
    if (status == ROVE_E_AGAIN)
        return true;
    if (status == ROVE_E_TRAILING)
        f->verdict = report_warning(f->src.name, "other bytes follow the end of the coded data, and are ignored");
    else if (status != ROVE_END && !reported)
        explain(f->src.name, rove_stream_error(f->in) != ROVE_OK ? f->in : f->plain, status);
    if (status != ROVE_END && status != ROVE_E_TRAILING)
        f->verdict = VERDICT_FAILED;
    return false;
}

static bool open_streams(struct follow *f)
{
    enum rove_status status = device_follow(f->src.fd, &f->in);

    if (status != ROVE_OK) {
        report_error(f->src.name, "cannot be read: %s", rove_status_text(status));
        return false;
    }
    if (!output_check(&f->out, NULL, 0) || !output_open(&f->out))
        return false;
    if (output_is_file(&f->out, &f->src.st)) {
        report_error(f->out.name, "is the input itself");
        return false;
    }
    status = device_stream(f->out.fd, false, NULL, &f->sink);
    if (status != ROVE_OK)
        report_error(f->out.name, "cannot be written: %s", rove_status_text(status));
    return status == ROVE_OK && make_chain(f);
}

static enum verdict follow_source(struct follow *f)
{
    if (isatty(f->src.fd) && !f->opts->force)
        return report_error(f->src.name, "coded bytes are not read from a terminal; -f does it all the same");
    if (!spec_parse(f->spec, f->opts->spec != NULL ? f->opts->spec : spec_by_name(f->src.path), ROVE_DECODE, -1) ||
        !open_streams(f))
        return VERDICT_FAILED;
    f->is_file = S_ISREG(f->src.st.st_mode);
    begin_watch(f);
    while (give(f) && wait_for_more(f)) {
    }
    if (f->watch >= 0)
        close(f->watch);
    return f->verdict;
}

enum verdict follow_file(const struct options *opts, const char *path)
{
    struct follow f = {.opts = opts, .spec = spec_new(), .watch = -1};
    enum verdict verdict;

    if (f.spec == NULL)
        return report_error(NULL, "out of memory");
    verdict = source_open(&f.src, path, SOURCE_ANY);
    if (verdict == VERDICT_FINE)
        verdict = follow_source(&f);
    rove_stream_free(f.plain);
    rove_stream_free(f.in);
    rove_stream_free(f.sink);
    source_close(&f.src);
    spec_free(f.spec);
    return verdict;
}
