// SPDX-License-Identifier: MIT
// kind.h: the kinds of archives that `pack` writes, and what each can hold.
#ifndef ROVE_TOOL_KIND_H
#define ROVE_TOOL_KIND_H

#include <stdbool.h>
#include <stdint.h>

struct archive; // libarchive's

struct kind {
    const char *name;   // of --format
    const char *suffix; // that asks for it, or NULL
    int (*set)(struct archive *out); // NULL without libarchive
    bool extras;   // holds extended attributes and access control lists
    bool links;    // a file with several names has its data once
    bool numbers;  // by which it knows such a file: they are of 32 bits
    bool front;    // members can be put in front of a finished one
    bool codes;    // codes its members itself
    bool texts;    // names are UTF-8; no reader takes others
    int64_t last;  // second that it can hold, from that on with which 1970 begins; 0: any
};

// Returns the kind that --format names, or NULL after a report. word: NULL where it is not given: then what the suffix of
// the output asks for, else tar. name: of the output, or NULL.
const struct kind *kind_choose(const char *word, const char *name);

// Whether a name ends as that of such a file does, with nothing around it.
bool kind_has_suffix(const struct kind *kind, const char *name);

#endif
