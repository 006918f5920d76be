// SPDX-License-Identifier: MIT
// explain.c: why a stream failed, in words that help.
#include "explain.h"

#include "report.h"

#include <rove/chain.h>

#include <string.h>

// The option that lifts the limit which a chain has passed, or NULL.
static const char *lifting(const struct rove_stream *stream)
{
    static const char *const options[][2] = {
        {"output", "--max-output"}, {"memory", "-M"}, {"ratio", "--max-ratio"}};
    const char *limit = rove_stream_limit(stream);

    for (size_t i = 0; limit != NULL && i < sizeof options / sizeof *options; i++)
        if (strcmp(options[i][0], limit) == 0)
            return options[i][1];
    return NULL;
}

bool explain(const char *name, const struct rove_stream *stream, enum rove_status status)
{
    const char *why = rove_stream_explain(stream), *option = lifting(stream);

    if (*why == 0 || strcmp(why, rove_status_text(ROVE_OK)) == 0) // nothing was recorded of it
        why = rove_status_text(status);
    if (option != NULL)
        report_error(name, "%s; %s allows more", why, option);
    else
        report_error(name, "%s", why);
    return false;
}
