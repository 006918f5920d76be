// SPDX-License-Identifier: MIT
// threads.c: what -T means: so many threads are busy at once, all in all.
#include "threads.h"

#include "report.h"
#include "size.h"
#include "stats.h"

size_t threads_count(size_t wanted)
{
    struct rove_workers_figures fig;

    if (wanted > 0)
        return wanted;
    rove_workers_measure(rove_workers_default(), &fig);
    return (size_t) fig.wanted_cnt + 1; // those beside the one that uses a stream
}

void threads_init(struct threads *threads, size_t wanted, size_t own)
{
    struct rove_workers_opts opts = {.size = sizeof opts};

    *threads = (struct threads){.cnt = threads_count(wanted), .own = own};
    if (threads->cnt <= own)
        return;
    opts.thread_cnt = threads->cnt - own;
    if (rove_workers_new(&opts, &threads->workers) != ROVE_OK)
        threads->cnt = own; // everything gets done without them, too
}

uint64_t threads_parts(const struct threads *threads)
{
    struct rove_workers_figures fig;

    rove_workers_measure(threads->workers, &fig);
    return fig.done_cnt;
}

void threads_wrote(struct threads *threads)
{
    threads->writers = 1;
}

void threads_tell(const struct threads *threads, const char *spec)
{
    struct rove_workers_figures fig;
    size_t busy = threads->own + threads->writers;
    char peak[SIZE_TEXT_LEN];

    rove_workers_measure(threads->workers, &fig);
    size_print(stats_peak_rss(), peak);
    if (fig.done_cnt > 0)
        report_notice(NULL,
                      "threads: %zu; parts: %ju, of which %ju were done by a thread that waited, at most %ju "
                      "at once%s; memory: at most %s",
                      threads->cnt, (uintmax_t) fig.done_cnt, (uintmax_t) fig.stolen_cnt, (uintmax_t) fig.flight_peak,
                      threads->writers > 0 ? "; what was not cut was written by a thread of its own" : "", peak);
    else if (threads->workers != NULL && spec != NULL)
        report_notice("-F", "\"%.80s\" was not cut into parts; threads: %zu of %zu; memory: at most %s", spec,
                      busy, threads->cnt, peak);
    else
        report_notice(NULL, "threads: %zu of %zu, as nothing was cut into parts; memory: at most %s", busy, threads->cnt,
                      peak);
}

void threads_fini(struct threads *threads)
{
    rove_workers_unref(threads->workers);
    threads->workers = NULL;
}
