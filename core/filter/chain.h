// SPDX-License-Identifier: MIT
// chain.h: layers, what lies between them, and how a chain fails. Who runs next is pump.h.
#ifndef RV_CHAIN_H
#define RV_CHAIN_H

#include "filter/fan.h"
#include "filter/layer.h"
#include "filter/spec.h"
#include "filter/tray.h"

// A codec, and the taps that look at what it takes.
struct rv_stage {
    struct rv_layer *taps; // tap_cnt of them, the layers just before codec
    unsigned tap_cnt;
    struct rv_layer *codec;
    struct rv_fan *fan; // the parts of its work, or NULL: it runs as one
    struct rv_tray out;
    uint64_t made; // bytes of output
    size_t seen;   // bytes of the waiting input that the taps have seen already
    uint32_t act;  // what it is asked to do
    bool looked;   // the taps have done what it is asked to do
    bool more;     // it may hold output back for which there was no room
    bool fresh;    // it moved nothing: next time with all the room there can be
    bool ended;    // it will not be run any more
};

// Why a chain failed for good.
struct rv_failure {
    enum rove_status status; // ROVE_OK: it has not
    unsigned layer;          // counted from 1 in the text, 0 for none
    const char *name;        // the layer's
    uint64_t at;             // bytes of input it had taken
    const char *passed;      // the limit that was, of struct rove_limits, or NULL
    char why[RV_WHY_MAX + 1];
};

struct rv_watch; // watch.h

struct rv_chain {
    struct rv_means means;
    struct rove_limits limits; // all set
    struct rove_workers *workers; // held; NULL: none
    struct rv_spec spec;
    struct rv_item chosen; // what auto stands for, once that is known
    uint32_t dir;
    unsigned layer_cnt, stage_cnt;
    struct rv_layer *layers; // in the order in which bytes pass
    struct rv_stage *stages;
    struct rv_layer *last_taps; // the layers behind the last codec
    unsigned last_tap_cnt;
    size_t last_seen;          // bytes of what waits to go out that they have seen already
    struct rove_in in;         // what goes in next; the owner sets it and sees what is left
    struct rv_chunk *in_chunk; // where it lies, or NULL: borrowed
    struct rove_stream *source; // reading: `in` is the rest of its window; or NULL
    struct rove_stream shown;   // that window, which it does not show meanwhile
    uint64_t in_total, out_total;
    uint32_t asked; // FLUSH or FINISH while it is on its way
    bool through;   // the last stage has done it
    bool finished;  // FINISH is done
    bool shares;    // what goes out may be shared: it lies in the pool's own chunks
    bool eager;     // reading: more input is gathered before what there is goes on
    size_t left;    // reading: bytes that were taken and belong to what follows the end
    unsigned floor; // stages below it are not run: one of them failed
    struct rv_failure failure;
    struct rv_watch *watch; // of a chain with one codec, or NULL
    struct rv_failure rest; // what follows the end of the first stage's data, to be told at the end
};

// Opens a chain of a text. spec: takes it. limits: all set. error_out: says why a filter could not
// be opened. Drop the chain with rv_chain_free(); also after a failure, when there is one: its means tell more.
enum rove_status rv_chain_new(struct rv_spec *spec, uint32_t dir, const struct rove_limits *limits,
                              struct rv_chain **chain_out, struct rove_spec_error *error_out);
void rv_chain_free(struct rv_chain *chain);

// Makes it as just opened. Allocates nothing that a filter does not.
enum rove_status rv_chain_reset(struct rv_chain *chain);

// Tells whether the first layer is `auto` and not yet chosen.
static inline bool rv_chain_is_open_end(const struct rv_chain *chain)
{
    return chain->layers[0].filter == &rv_auto;
}

// Puts a decoder in the place of `auto`; NULL: there is none, for the reason that means.why gives. passed: bytes of input in front of what the
// decoder will be given.
enum rove_status rv_chain_choose(struct rv_chain *chain, const struct rove_filter *filter,
                                 uint64_t passed);

// Layer number i of the text.
struct rv_layer *rv_chain_layer(struct rv_chain *chain, size_t i);

// The filter of that layer and its values: what `auto` stands for, once that is known.
const struct rv_item *rv_chain_item(const struct rv_chain *chain, const struct rv_layer *layer);

// Tells how the chain stands with a layer, NULL for none: where that is in the text, how far it came,
// and why.
void rv_chain_describe(const struct rv_chain *chain, const struct rv_layer *layer,
                       enum rove_status status, struct rv_failure *failure_out);

// Makes the chain fail for good, by a layer of stage i. Writing, only the first failure counts, and is returned. Reading,
// that of the stage nearest to the reader does: it comes of bytes before those that the others are of.
enum rove_status rv_chain_fail(struct rv_chain *chain, const struct rv_layer *layer, unsigned i,
                               enum rove_status status);

// The length of the pieces of input that the first codec likes best.
size_t rv_chain_in_len(const struct rv_chain *chain);

#endif
