// SPDX-License-Identifier: MIT
// explain.c: why a stream failed, in words that help.
#include "explain.h"

#include "report.h"

#include <rove/index.h>

#include <string.h>

// The option that lifts the limit which a chain has passed, or NULL.
static const char *lifting(const char *limit)
{
    static const char *const options[][2] = {
        {"output", "--max-output"}, {"memory", "-M"}, {"ratio", "--max-ratio"}};

    for (size_t i = 0; limit != NULL && i < sizeof options / sizeof *options; i++)
        if (strcmp(options[i][0], limit) == 0)
            return options[i][1];
    return NULL;
}

static const char *recorded(const char *why, enum rove_status status)
{
    return *why == 0 || strcmp(why, rove_status_text(ROVE_OK)) == 0 ? rove_status_text(status) : why;
}

static bool tell(const char *name, const char *why, const char *option, enum rove_status status)
{
    why = recorded(why, status);
    if (option != NULL)
        report_error(name, "%s; %s allows more", why, option);
    else
        report_error(name, "%s", why);
    return false;
}

const char *explain_why(const struct rove_stream *stream, enum rove_status status)
{
    return recorded(rove_stream_explain(stream), status);
}

bool explain(const char *name, const struct rove_stream *stream, enum rove_status status)
{
    return tell(name, rove_stream_explain(stream), lifting(rove_stream_limit(stream)), status);
}

bool explain_index(const char *name, enum rove_status status)
{
    return tell(name, rove_index_explain(), lifting(rove_index_limit()), status);
}
