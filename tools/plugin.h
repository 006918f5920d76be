// SPDX-License-Identifier: MIT
// plugin.h: loading plugins that the user has named, and those that come with rove.
//
// The command knows its own plugins: each has one filter, of the plugin's name. When the text of -F, the suffix of
// an output, or the first bytes of an input ask for such a filter, its plugin is loaded as if it had been named: from
// ROVE_FILTER_PATH or where rove is installed, and not with ROVE_PLUGINS=none. So a file can bring about that one of
// these few is loaded, and never says which file that is, nor anything else.
#ifndef ROVE_TOOL_PLUGIN_H
#define ROVE_TOOL_PLUGIN_H

#include "report.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Whether the environment says of plugins what can be said of them; reports when not.
bool plugin_environment(void);

// Loads a plugin and reports what is wrong, also with the environment. word: a file when it has a slash, else a name that is
// looked for in ROVE_FILTER_PATH and where rove is installed.
enum verdict plugin_load(const char *word);

// Loads the plugin that comes with rove and has a filter of this name, unless that is there already. Returns why it
// cannot be loaded, valid until this thread's next call; NULL when it is there, or rove brings no such plugin.
const char *plugin_serve(const char *filter, size_t len);

// Loads all of them that can be loaded.
void plugin_serve_all(void);

// Data of other programs, told by its first bytes.
struct plugin_format {
    const char *name;
    const char *filter; // which reads it, built in or of one of rove's plugins; or NULL
};

// Returns what begins with these bytes, or NULL when nothing known does.
const struct plugin_format *plugin_format(const uint8_t *head, size_t len);

// Loads the plugin that reads the format of a file. name: of that file. Reports, and returns false, when the plugin cannot
// be had or there is none.
bool plugin_serve_format(const char *name, const struct plugin_format *format);

#endif
