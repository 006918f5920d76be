// SPDX-License-Identifier: MIT
// find.c: says from where a plugin is loaded by its name. Usage: find NAME. Exit status 0 when it was found.
#include <rove/plugin.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    struct rove_plugin_error error = {"", ""};
    if (argc != 2 || rove_plugin_find(argv[1], &error)) {
        fprintf(stderr, "%s: %s\n", error.path, error.text);
        return 1;
    }
    puts(rove_filter_file(rove_filter_find(argv[1], ROVE_ENCODE)));
    return 0;
}
