// SPDX-License-Identifier: MIT
// make.c: an index of data that a source holds: by hopping over them, or by decoding them once.
#include "filter/auto.h"
#include "filter/decode.h"
#include "filter/spec.h"
#include "seek/hop.h"
#include "seek/why.h"

// the decoder -----------------------------------------------------------------------------------

// Finds what the first bytes ask for, as a stream of rove_stream_decode() would.
static enum rove_status choose(struct rove_stream *source, const char *allow,
                               const struct rove_filter **filter_out)
{
    struct rv_passed passed = {.len = 0};
    uint8_t head[RV_HEAD_MAX];
    size_t len, past;
    *filter_out = rv_auto_only(allow);
    if (*filter_out)
        return ROVE_OK;
    do {
        enum rove_status status =
            rove_stream_pread(source, passed.len, head, sizeof head, &len);
        if (status < 0)
            return status;
        past = rv_auto_pass(&passed, head, len);
        passed.len += passed.left; // what is looked past need not be read
        passed.left = 0;
    } while (past);
    if (!len && passed.len) {
        len = RV_SKIP_HEAD;
        rv_auto_rest(&passed, head);
    }
    *filter_out = rv_auto_pick(allow, &passed, (struct rove_span){head, len});
    return *filter_out ? ROVE_OK : ROVE_E_FORMAT;
}

// Checks that the text is of one decoder. *name_out: what `auto` stands for; otherwise as it was.
static enum rove_status resolve(struct rove_stream *source, const char **name_out)
{
    struct rv_spec spec;
    const struct rove_filter *filter = NULL;
    struct rove_spec_error error;
    enum rove_status status =
        rv_spec_parse(*name_out, ROVE_DECODE, rv_stream(source)->pool, &spec, &error);
    if (status) {
        rv_why_tell("%s", error.text);
        return status;
    }
    if (spec.cnt != 1 || spec.items[0].filter->dir == ROVE_TAP)
        status = ROVE_E_UNSUPPORTED;
    else if (spec.items[0].filter == &rv_auto)
        status = choose(source, spec.items[0].values[0].text, &filter);
    if (status == ROVE_E_UNSUPPORTED)
        rv_why_tell("an index is of what one decoder reads");
    else if (status == ROVE_E_FORMAT)
        rv_why_tell("no decoder knows it by its first bytes");
    if (filter)
        *name_out = filter->name;
    rv_spec_fini(&spec);
    return status;
}

// decoding --------------------------------------------------------------------------------------

// Decodes all of the source, which stands where the data begin, and forgets what comes out.
static enum rove_status read_away(struct rove_stream *stream)
{
    enum rove_status status;
    const uint8_t *ptr;
    size_t len;
    while ((status = rove_stream_peek(stream, &ptr, &len)) == ROVE_OK)
        stream->cur += len;
    return status;
}

// Leaves points behind while it decodes.
static enum rove_status pass_over(struct rove_stream *stream, uint64_t every,
                                  struct rove_index **index_out)
{
    enum rove_status status = rove_stream_mark(stream, every);
    if (status)
        return status;
    status = read_away(stream);
    if (status != ROVE_END && status != ROVE_E_TRAILING)
        return status;
    enum rove_status given = rove_stream_index(stream, index_out);
    return given ? given : status == ROVE_END ? ROVE_OK : status;
}

// make ------------------------------------------------------------------------------------------

// Makes it with a stream that decodes the source, which is len bytes long, from its beginning.
static enum rove_status make(struct rove_stream *stream, uint64_t len, uint64_t every,
                             struct rove_index **index_out)
{
    struct rv_chained *c = rv_chained(rv_stream(stream));
    struct rv_gather g = {.every = every == ROVE_EVERY_HOPPED ? 0 : every};
    if (!rv_layer_resumes(c->chain->stages[0].codec))
        return ROVE_E_UNSUPPORTED;
    enum rove_status status = rv_hop_over(c->chain, c->other, len, &g);
    if (status < 0 && status != ROVE_E_UNSUPPORTED && status != ROVE_E_TRAILING)
        status = !c->chain->failure.status && rv_stream(c->other)->last == status
                     ? rv_chained_fail_other(c, status)
                     : rv_chained_fail(c, status);
    if (status == ROVE_E_UNSUPPORTED && every == ROVE_EVERY_HOPPED)
        rv_why_tell("its headers do not tell where all lies");
    else if (status == ROVE_E_UNSUPPORTED) {
        status = rove_stream_rechain(stream, c->other); // as opened
        if (status == ROVE_OK)
            status = pass_over(stream, every, &g.index);
    }
    if (status == ROVE_OK && g.index->coded_len < len)
        status = ROVE_E_TRAILING;
    *index_out = g.index;
    return status;
}

// Opens the decoder, at the source's beginning. Tells why it cannot.
static enum rove_status open_decoder(struct rove_stream *source, const char *spec, const struct rove_limits *limits,
                                     struct rove_stream **stream_out)
{
    struct rove_spec_error error = {.text = ""};
    struct rv_chained_plan plan = {.text = spec, .limits = limits};
    enum rove_status status = resolve(source, &plan.text);
    if (status == ROVE_OK)
        status = rv_decode_make(&plan, source, stream_out, &error);
    if (error.text[0])
        rv_why_tell("%s", error.text);
    if (plan.passed)
        rv_why_limit(plan.passed);
    return status;
}

enum rove_status rove_index_make(struct rove_stream *source, const char *spec,
                                 const struct rove_limits *limits, uint64_t every,
                                 struct rove_index **index_out)
{
    struct rove_stream *stream;
    uint64_t len;
    rv_why_clear();
    if (!source || !spec || !index_out)
        return rv_why_end(ROVE_E_ARG, NULL);
    *index_out = NULL;
    enum rove_status status = rove_stream_size(source, &len);
    if (status == ROVE_OK)
        status = rove_stream_seek(source, 0, ROVE_SET, NULL);
    if (status == ROVE_OK)
        status = open_decoder(source, spec, limits, &stream);
    if (status)
        return rv_why_end(status, "source");
    status = make(stream, len, every, index_out);
    if (status == ROVE_E_UNSUPPORTED)
        rv_why_tell("its decoder can begin at the beginning only");
    else if (status == ROVE_E_TRAILING)
        rv_why_tell("something else follows the data");
    else if (status)
        rv_why_ask(stream);
    rove_stream_free(stream);
    return rv_why_end(status, NULL);
}
