// SPDX-License-Identifier: MIT
// with_plugins.c: loads the plugins of this build, FUZZ_PLUGINS, before anything else.
#include "fuzz.h"

#include <rove/plugin.h>

__attribute__((constructor)) static void load_plugins(void)
{
    static const char *const paths[] = {FUZZ_PLUGINS NULL};
    for (size_t i = 0; paths[i]; i++) {
        struct rove_plugin_error error;
        if (rove_plugin_load(paths[i], &error)) {
            fprintf(stderr, "%s: %s\n", error.path, error.text);
            abort();
        }
    }
}
