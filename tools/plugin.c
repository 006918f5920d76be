// SPDX-License-Identifier: MIT
// plugin.c: a file when the word has a slash, else a name; and which plugin an input or a text needs.
#include "plugin.h"

#include <rove/plugin.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// What rove brings along.
static const char *const own[] = {"bzip2", "igzip", "libdeflate", "xz", "zstd"};

// What an input may begin with.
static const struct {
    struct plugin_format format;
    size_t len;
    const char *magic;
} formats[] = {
    {{"zstd", "zstd"}, 4, "\x28\xb5\x2f\xfd"}, {{"xz", "xz"}, 6, "\xfd" "7zXZ"},
    {{"bzip2", "bzip2"}, 3, "BZh"},            {{"lzip", NULL}, 4, "LZIP"},
    {{"zip", NULL}, 4, "PK\3\4"},              {{"7z", NULL}, 6, "7z\xbc\xaf\x27\x1c"},
    {{"compress", NULL}, 2, "\x1f\x9d"},      {{"gzip", "gzip"}, 3, "\x1f\x8b\x08"},
    {{"lz4", "lz4"}, 4, "\x04\x22\x4d\x18"},
};

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

bool plugin_environment(void)
{
    const char *value = secure_getenv("ROVE_PLUGINS");

    if (value == NULL || strcmp(value, "none") == 0)
        return true;
    report_error("ROVE_PLUGINS", "\"%s\" is not none, the one value there is", value);
    return false;
}

enum verdict plugin_load(const char *word)
{
    struct rove_plugin_error error = {"", ""};
    enum rove_status status;

    if (!plugin_environment())
        return VERDICT_FAILED;
    status = load_word(word, &error);
    if (status == ROVE_OK)
        return VERDICT_FINE;
    if (strchr(word, '/') == NULL && access(word, F_OK) == 0)
        return report_error(word, "is a file here, which ./ in front of it stands for; as the name of a plugin: %s",
                            error.text);
    return report_error(word, "%s", error.text[0] != 0 ? error.text : rove_status_text(status));
}

static const char *serve(const char *name)
{
    static _Thread_local struct rove_plugin_error error;
    enum rove_status status;

    if (rove_filter_find(name, ROVE_DECODE) != NULL)
        return NULL;
    error.text[0] = 0;
    status = rove_plugin_find(name, &error);
    if (status == ROVE_END)
        snprintf(error.text, sizeof error.text,
                 "rove-filter-%s.so lies neither in ROVE_FILTER_PATH nor where rove is installed", name);
    if (status == ROVE_OK)
        return NULL;
    return error.text[0] != 0 ? error.text : rove_status_text(status);
}

const char *plugin_serve(const char *filter, size_t len)
{
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strlen(own[i]) == len && memcmp(own[i], filter, len) == 0)
            return serve(own[i]);
    return NULL;
}

void plugin_serve_all(void)
{
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        (void) serve(own[i]);
}

const struct plugin_format *plugin_format(const uint8_t *head, size_t len)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (len >= formats[i].len && memcmp(head, formats[i].magic, formats[i].len) == 0)
            return &formats[i].format;
    return NULL;
}

bool plugin_serve_format(const char *name, const struct plugin_format *format)
{
    const char *why = format->filter != NULL ? plugin_serve(format->filter, strlen(format->filter)) : NULL;

    if (format->filter == NULL)
        report_error(name, "it looks like %s data, which no filter of rove reads", format->name);
    else if (why != NULL)
        report_error(name, "the plugin that reads %s data cannot be loaded: %s", format->name, why);
    return format->filter != NULL && why == NULL;
}
