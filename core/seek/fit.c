// SPDX-License-Identifier: MIT
// fit.c: see fit.h. What lies between the points is found out when it is read.
#include "seek/fit.h"

#include "filter/item.h"
#include "filter/layer.h"
#include "seek/why.h"

#define HEAD_LEN 64u // bytes behind the data that are looked at

static enum rove_status differ(const char *how)
{
    rv_why_tell("the index is not of these data: %s", how);
    return ROVE_E_FORMAT;
}

static enum rove_status blame(struct rove_stream *source, enum rove_status status)
{
    if (status && rv_stream(source)->last == status)
        rv_why_tell("source: %s", rove_stream_explain(source));
    return status;
}

// An index is for one decoder that can begin in the middle.
static enum rove_status read_spec(const char *text, struct rove_pool *pool, struct rv_spec *spec)
{
    struct rove_spec_error error;
    enum rove_status status = rv_spec_parse(text, ROVE_DECODE, pool, spec, &error);
    if (status == ROVE_OK && spec->cnt == 1 && spec->items[0].filter->resume)
        return ROVE_OK;
    if (status == ROVE_OK) {
        rv_spec_fini(spec);
        rv_why_tell("\"%s\" is no decoder that can begin in the middle", text);
        return ROVE_E_UNSUPPORTED;
    }
    if (status == ROVE_E_ARG)
        rv_why_tell("%s", error.text);
    return status;
}

// Where more of the same would belong to the data, and more of the same follows, the index is not of these; unless it is
// of the first of them, or zeros came between them, which it counts in.
static enum rove_status look_behind(struct rove_stream *source, const struct rove_index *index,
                                    const struct rove_filter *filter)
{
    uint8_t head[HEAD_LEN];
    size_t len;
    if (index->part || index->trails || !(filter->flags & ROVE_F_SPLITS))
        return ROVE_OK;
    enum rove_status status = rove_stream_pread(source, index->coded_len, head, sizeof head, &len);
    if (status < 0)
        return blame(source, status);
    return len && rv_filter_detect(filter, head, len) ? differ("more of the same follows") : ROVE_OK;
}

static bool begins_before(const struct rove_index *index)
{
    for (size_t i = 0; index->states && i < index->cnt && !index->places[i].coded; i++)
        if (index->states[i] && index->states[i]->bits)
            return true;
    return false;
}

static enum rove_status check_source(struct rove_stream *source, const struct rove_index *index,
                                     const struct rove_filter *filter)
{
    const struct rv_stream *s = rv_stream(source);
    uint64_t len;
    if (s->no_seek) {
        rv_why_tell("the source cannot seek");
        return ROVE_E_UNSUPPORTED;
    }
    enum rove_status status = rove_stream_size(source, &len);
    if (status)
        return blame(source, status);
    if (len < index->coded_len)
        return differ("they end before it does");
    if (begins_before(index) || (!index->cnt && index->plain_len))
        return differ("it has no place where they begin");
    return len > index->coded_len ? look_behind(source, index, filter) : ROVE_OK;
}

static enum rove_status lend(struct rv_spec *spec, struct rove_span dict)
{
    struct rove_spec_error error = {0, ""};
    enum rove_status status = rv_spec_lend(spec, dict, &error);
    if (status == ROVE_E_ARG)
        rv_why_tell("%s", error.text);
    return status;
}

enum rove_status rv_fit(struct rove_stream *source, const struct rove_index *index, struct rove_span dict,
                        struct rv_spec *spec)
{
    enum rove_status status = read_spec(index->spec, rv_stream(source)->pool, spec);
    if (status)
        return status == ROVE_E_ARG ? ROVE_E_UNSUPPORTED : status; // it was right elsewhere
    status = check_source(source, index, spec->items[0].filter);
    if (status == ROVE_OK)
        status = lend(spec, dict);
    if (status)
        rv_spec_fini(spec);
    return status;
}

static enum rove_status copy_for(const struct rove_index *index, const char *text, struct rove_index **index_out)
{
    char print[ROVE_SPEC_MAX + 1];
    struct rv_spec spec;
    enum rove_status status = read_spec(text, index->pool, &spec);
    if (status)
        return status;
    status = rv_item_print(&spec.items[0], print, sizeof print);
    rv_spec_fini(&spec);
    return status ? status : rv_index_copy(index, index->cnt, print, index_out);
}

enum rove_status rove_index_by(const struct rove_index *index, const char *spec, struct rove_index **index_out)
{
    rv_why_clear();
    if (index_out)
        *index_out = NULL;
    if (!index || !spec || !index_out)
        return rv_why_end(ROVE_E_ARG, NULL);
    return rv_why_end(copy_for(index, spec, index_out), NULL);
}
