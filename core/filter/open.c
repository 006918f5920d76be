// SPDX-License-Identifier: MIT
// open.c: a file by name, through a chain or without one.
#include <rove/chain.h>

#include "filter/encode.h"
#include "stream/path.h"

#include <errno.h>
#include <fcntl.h>

// Makes the chain, on nothing yet: what is wrong with it must not cost the file its content.
static enum rove_status make_chain(bool reads, struct rove_stream *nothing, const char *spec,
                                   const struct rove_limits *limits, struct rove_stream **top_out)
{
    return reads ? rove_stream_decode(nothing, spec, limits, top_out, NULL)
                 : rove_stream_encode(nothing, spec, limits, top_out, NULL);
}

// Puts it, through which nothing has gone, on the file, which it owns from then on.
static void put_on(struct rove_stream *top, struct rove_stream *file)
{
    struct rv_chained *c = rv_chained(rv_stream(top));
    c->other = file;
    if (rv_encode_is(c))
        rv_encode_note_sink(c);
    rv_chained_own(&c->s);
}

static enum rove_status open_chained(const char *path, int flags, const char *spec,
                                     const struct rove_limits *limits, struct rove_stream **stream_out)
{
    struct rove_stream *nothing, *top = NULL, *file;
    enum rove_status status = rove_stream_new(NULL, &nothing);
    if (status)
        return status;
    status = make_chain((flags & O_ACCMODE) == O_RDONLY, nothing, spec, limits, &top);
    if (status == ROVE_OK)
        status = rv_path_open(path, flags, &file);
    if (status == ROVE_OK) {
        put_on(top, file);
        *stream_out = top;
        top = NULL;
    }
    int why = errno; // which the caller is to see
    rove_stream_free(top);
    rove_stream_free(nothing);
    errno = why;
    return status;
}

enum rove_status rove_stream_open(const char *path, const char *mode, const char *spec,
                                  const struct rove_limits *limits, struct rove_stream **stream_out)
{
    int flags;
    if (!stream_out)
        return ROVE_E_ARG;
    *stream_out = NULL;
    if (!path || !mode || !rv_mode_flags(mode, &flags))
        return ROVE_E_ARG;
    if (!spec)
        return rv_path_open(path, flags, stream_out);
    if ((flags & O_ACCMODE) == O_RDWR)
        return ROVE_E_UNSUPPORTED;
    return open_chained(path, flags, spec, limits, stream_out);
}
