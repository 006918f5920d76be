// SPDX-License-Identifier: MIT
// plugin.c: a file when the word has a slash, else a name.
#include "plugin.h"

#include <rove/plugin.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The file's path is not resolved: a symbolic link is refused.
static enum rove_status load_word(const char *word, struct rove_plugin_error *error)
{
    enum rove_status status = ROVE_E_NOMEM;
    char *folder, *path;

    if (strchr(word, '/') == NULL)
        return rove_plugin_find(word, error);
    if (word[0] == '/')
        return rove_plugin_load(word, error);
    folder = getcwd(NULL, 0);
    if (folder != NULL && asprintf(&path, "%s/%s", folder, word) >= 0) {
        status = rove_plugin_load(path, error);
        free(path);
    }
    free(folder);
    return status;
}

enum verdict plugin_load(const char *word)
{
    struct rove_plugin_error error = {"", ""};
    enum rove_status status = load_word(word, &error);

    if (status == ROVE_OK)
        return VERDICT_FINE;
    return report_error(word, "%s", error.text[0] != 0 ? error.text : rove_status_text(status));
}
