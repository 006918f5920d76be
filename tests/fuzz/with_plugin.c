// SPDX-License-Identifier: MIT
// with_plugin.c: registers the filters of a plugin that is linked into the target, before anything else.
#include "fuzz.h"

#include <rove/filter.h>
#include <rove/registry.h>

const struct rove_plugin *rove_plugin_v1(void);

__attribute__((constructor)) static void add_filters(void)
{
    for (const struct rove_filter *const *f = rove_plugin_v1()->filters; *f; f++)
        MUST(rove_filter_register(*f, NULL) == ROVE_OK);
}
