// SPDX-License-Identifier: MIT
// mode.h: changes of a mode, as chmod(1) takes them: 644, u+rw,go=rX, go+u,go-w.
#ifndef ROVE_TOOL_MODE_H
#define ROVE_TOOL_MODE_H

#include <stdbool.h>
#include <sys/stat.h>

// Changes a mode. mode: NULL, when the text is only to be checked. Returns false, and nothing is changed, when the text
// is none of the kind. Of a mode only the lowest twelve bits change; its type tells what X means.
bool mode_change(const char *text, mode_t *mode);

#endif
