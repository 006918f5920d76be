// SPDX-License-Identifier: MIT
// why.c: see why.h. There is no stream yet, or any more, that could be asked; so the thread keeps the words.
#include "seek/why.h"

#include <rove/chain.h>
#include <rove/index.h>

#include <stdarg.h>
#include <stdio.h>

struct why {
    const char *limit;
    char text[256];
};

static _Thread_local struct why why; // not in the static block: it is larger than what that has room for

void rv_why_clear(void)
{
    why.limit = NULL;
    why.text[0] = 0;
}

void rv_why_tell(const char *format, ...)
{
    va_list args;
    if (why.text[0])
        return;
    va_start(args, format);
    vsnprintf(why.text, sizeof why.text, format, args);
    va_end(args);
}

void rv_why_limit(const char *limit)
{
    why.limit = limit;
}

void rv_why_ask(const struct rove_stream *stream)
{
    if (why.text[0])
        return;
    rv_why_tell("%s", rove_stream_explain(stream));
    why.limit = rove_stream_limit(stream);
}

enum rove_status rv_why_end(enum rove_status status, const char *what)
{
    if (status == ROVE_OK)
        rv_why_clear();
    else if (what)
        rv_why_tell("%s: %s", what, rove_status_text(status));
    else
        rv_why_tell("%s", rove_status_text(status));
    return status;
}

const char *rove_index_explain(void)
{
    return why.text[0] ? why.text : rove_status_text(ROVE_OK);
}

const char *rove_index_limit(void)
{
    return why.limit;
}
