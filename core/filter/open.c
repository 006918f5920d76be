// SPDX-License-Identifier: MIT
// open.c: a file by name, through a chain or without one.
#include <rove/chain.h>

#include "stream/path.h"

#include <fcntl.h>

// Puts a chain on a file that is given, and has it own that.
static enum rove_status chain_on(struct rove_stream *file, bool reads, const char *spec,
                                 const struct rove_limits *limits, struct rove_stream **stream_out)
{
    enum rove_status status = reads ? rove_stream_decode(file, spec, limits, stream_out, NULL)
                                    : rove_stream_encode(file, spec, limits, stream_out, NULL);
    return status ? status : rove_stream_own(*stream_out);
}

// Makes the chain on nothing: what is wrong with it must not cost the file its content.
static enum rove_status try_chain(bool reads, const char *spec, const struct rove_limits *limits)
{
    struct rove_stream *nothing = NULL, *top = NULL;
    enum rove_status status = rove_stream_new(NULL, &nothing);
    if (status == ROVE_OK)
        status = chain_on(nothing, reads, spec, limits, &top);
    rove_stream_free(top ? top : nothing);
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
    bool reads = (flags & O_ACCMODE) == O_RDONLY;
    if (spec && (flags & O_ACCMODE) == O_RDWR)
        return ROVE_E_UNSUPPORTED;
    enum rove_status status = spec ? try_chain(reads, spec, limits) : ROVE_OK;
    struct rove_stream *file = NULL;
    if (status == ROVE_OK)
        status = rv_path_open(path, flags, &file);
    if (status || !spec) {
        *stream_out = file;
        return status;
    }
    status = chain_on(file, reads, spec, limits, stream_out);
    if (status)
        rove_stream_free(file);
    return status;
}
