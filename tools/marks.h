// SPDX-License-Identifier: MIT
// marks.h: --index of the verbs that write coded data: an index of them, made on the way.
//
//     marks_plan ──> marks_begin ──> coded ──> closed ──> marks_take ──> output_keep ──> marks_keep
//
// Of which kind it is, and where it goes, is as for `rove index`.
#ifndef ROVE_TOOL_MARKS_H
#define ROVE_TOOL_MARKS_H

#include "index_file.h"
#include "spec.h"

struct marks {
    bool wanted; // else all but marks_plan() does nothing
    const struct spec *spec;
    struct index_file file;
    struct rove_index *index; // once it is taken
};

// Finds out what --index comes to, before anything is written. spec: of what is written; declares: how much that is
// will be put into it. out: where it goes, which was checked. All borrowed until marks_fini(). Reports what is wrong and
// returns false.
bool marks_plan(struct marks *m, const struct options *opts, const struct spec *spec, const struct output *out,
                bool declares);

// Has a stream mark, which was just made; takes its index, when it was closed. Both report, and return false, when they
// fail.
bool marks_begin(struct marks *m, struct rove_stream *chained);
bool marks_take(struct marks *m, struct rove_stream *chained);

// Writes it, when the output has its name. Reports what is wrong.
enum verdict marks_keep(struct marks *m, const struct output *out);

// Harmless at any time, also where all is zeroed.
void marks_fini(struct marks *m);

#endif
