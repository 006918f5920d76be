// SPDX-License-Identifier: MIT
// made.h: which names came from an archive, and with which of its members. A later one may replace what an
// earlier one has made, and not the other way round, in whatever order they come to be made.
#ifndef ROVE_TOOL_MADE_H
#define ROVE_TOOL_MADE_H

#include <stdbool.h>
#include <stdint.h>

struct made_name {
    const char *name;
    uint64_t nth; // the member's number
    bool implied; // it is a folder that no member has asked for, but for what lies in it
};

struct made {
    void *tree;
};

// Returns a name without what means nothing: components with one slash between two, none of them ".", and a slash in front
// where there was one. Drop it by free(); NULL without memory. The names below are such.
char *made_plain(const char *name);

// NULL when a name is not from here.
const struct made_name *made_find(const struct made *made, const char *name);

// Notes a name; of one that is noted, the new number. Returns false without memory.
bool made_add(struct made *made, const char *name, uint64_t nth, bool implied);

// A zeroed one, and a second call, are harmless.
void made_free(struct made *made);

#endif
