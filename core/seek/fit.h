// SPDX-License-Identifier: MIT
// fit.h: whether a source can be read by an index, as far as that shows before anything is decoded.
#ifndef RV_FIT_H
#define RV_FIT_H

#include "filter/spec.h"
#include "seek/index.h"

// Checks it. dict: what dict=@ stands for. spec: gets the one decoder, to be dropped with rv_spec_fini(); on failure
// there is none. What is wrong is told (why.h).
enum rove_status rv_fit(struct rove_stream *source, const struct rove_index *index, struct rove_span dict,
                        struct rv_spec *spec);

#endif
