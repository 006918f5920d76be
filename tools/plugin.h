// SPDX-License-Identifier: MIT
// plugin.h: loading a plugin that the user has named.
#ifndef ROVE_TOOL_PLUGIN_H
#define ROVE_TOOL_PLUGIN_H

#include "report.h"

// Loads a plugin and reports what is wrong. word: a file when it has a slash, else a name that is
// looked for in ROVE_FILTER_PATH and where rove is installed.
enum verdict plugin_load(const char *word);

#endif
