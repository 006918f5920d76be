// SPDX-License-Identifier: MIT
// util.c: saying what is wrong.
#include "util.h"

#include <stdarg.h>
#include <stdio.h>

int32_t rv_fail(const struct rove_host *host, int32_t status, const char *fmt, ...)
{
    char why[128]; // the host keeps 120 bytes
    va_list args;

    if (host->explain != NULL) {
        va_start(args, fmt);
        vsnprintf(why, sizeof why, fmt, args);
        va_end(args);
        host->explain(host->ctx, why);
    }
    return status;
}

int32_t rv_starved(const struct rove_host *host, uint32_t act, const char *truncated)
{
    if (act == ROVE_RUN) {
        return ROVE_OK;
    }
    if (act == ROVE_FLUSH || truncated == NULL) {
        return ROVE_END;
    }
    return rv_fail(host, ROVE_E_TRUNCATED, "%s", truncated);
}

int32_t rv_resume_between(const struct rove_host *host, const struct rove_mark *mark, const char *format,
                          const char *part)
{
    return rv_mark_is_fresh(mark)
               ? ROVE_OK
               : rv_fail(host, ROVE_E_FORMAT, "%s is read from the beginning of a %s only", format, part);
}
