// SPDX-License-Identifier: MIT
// marks.c: --index of the verbs that write coded data.
#include "marks.h"

#include "explain.h"
#include "report.h"

#include <string.h>

// A GZIDX tells where behind the head of a member its bytes begin: for that the data are read.
static bool wants_data(const struct index_kind *kind)
{
    return strcmp(kind->as, "gzidx") == 0;
}

// Whether both go to the same place.
static bool is_one(const struct output *a, const struct output *b)
{
    if (a->path == NULL && b->path == NULL)
        return a->given == b->given || (b->replaces && output_is_file(a, &b->old));
    return (a->path != NULL && output_is_named(b, a->path)) || (b->path != NULL && output_is_named(a, b->path));
}

static bool check_output(const struct marks *m, const struct output *out)
{
    const struct index_file *f = &m->file;
    const char *stats = f->opts->stats_file;

    if (wants_data(f->kind) && !output_is_regular(out))
        report_error(out->name, "is no regular file, which is what an index of gzip can be of");
    else if (is_one(out, &f->out))
        report_error(f->out.name, "is the output itself");
    else if (stats != NULL && output_is_named(&f->out, stats))
        report_error("--stats", "%s is the index", stats);
    else
        return true;
    return false;
}

bool marks_plan(struct marks *m, const struct options *opts, const struct spec *spec, const struct output *out,
                bool declares)
{
    const char *path = output_is_regular(out) ? out->path : NULL;
    bool has_table = false;

    *m = (struct marks){.spec = spec,
                        .file = {.opts = opts,
                                 .given = opts->index,
                                 .option = "--index=FILE",
                                 .of = out->name,
                                 .path = path,
                                 .out = {.fd = -1, .given = -1}}};
    if (!opts->makes_index)
        return true;
    if (!index_file_begin(&m->file, spec_format(spec->text)))
        return false;
    if (opts->index == NULL && spec_tells_places(spec, declares, &has_table)) {
        index_file_spare(&m->file, has_table);
        return true;
    }
    m->wanted = index_file_choose(&m->file) && check_output(m, out);
    return m->wanted;
}

bool marks_begin(struct marks *m, struct rove_stream *chained)
{
    uint64_t every;
    enum rove_status status;

    if (!m->wanted)
        return true;
    every = m->file.opts->every;
    if (every == 0 && strcmp(m->file.kind->format, "gzip") == 0)
        every = ROVE_EVERY_DEFAULT; // a point takes up to 32 KiB
    status = rove_stream_mark(chained, every);
    if (status == ROVE_OK)
        return true;
    if (status != ROVE_E_UNSUPPORTED)
        return explain(m->file.of, chained, status);
    report_error("--index", "\"%s\" makes no places to begin at", m->spec->text);
    return false;
}

bool marks_take(struct marks *m, struct rove_stream *chained)
{
    enum rove_status status = m->wanted ? rove_stream_index(chained, &m->index) : ROVE_OK;

    return status == ROVE_OK || explain(m->file.out.name, chained, status);
}

enum verdict marks_keep(struct marks *m, const struct output *out)
{
    struct source of;
    enum verdict verdict;

    if (!m->wanted)
        return VERDICT_FINE;
    if (m->file.path == NULL)
        return index_file_write(&m->file, m->index, NULL);
    if (source_open(&of, out->path, SOURCE_REGULAR) != VERDICT_FINE)
        return VERDICT_FAILED;
    verdict = index_file_write(&m->file, m->index, &of);
    source_close(&of);
    return verdict;
}

void marks_fini(struct marks *m)
{
    rove_index_unref(m->index);
    m->index = NULL;
    index_file_fini(&m->file);
}
