// SPDX-License-Identifier: MIT
// layer.h: one opened filter. The only place from which a filter is called, and so the place where
// the rules of filter.h are checked.
#ifndef RV_LAYER_H
#define RV_LAYER_H

#include <rove/filter.h>

#include "chunk/pool.h"

#define RV_WHY_MAX 120u // bytes kept of a filter's explanation

// What the layers of a chain share: where their memory comes from, how much they may have, and what
// the last one that spoke had to say.
struct rv_means {
    struct rove_pool *pool;
    uint64_t used, limit;     // bytes
    enum rove_status refused; // why memory was last refused, or ROVE_OK
    char why[RV_WHY_MAX + 1];
};

// Counts len bytes; false, and `refused` set, when that would pass the limit.
bool rv_means_take(struct rv_means *means, size_t len);
void rv_means_give(struct rv_means *means, size_t len);
// The same with memory. NULL when it is refused.
void *rv_means_alloc(struct rv_means *means, size_t len);
void rv_means_free(struct rv_means *means, void *ptr, size_t len);
// Explains a failure that is the chain's own.
void rv_means_explain(struct rv_means *means, const char *why);

struct rv_layer {
    const struct rove_filter *filter;
    struct rv_means *means; // shared, outlives the layer
    void *state;            // NULL: not open
    struct rove_host host;
    uint64_t taken;         // bytes of input consumed since it was opened or reset
    uint32_t dir;           // ROVE_ENCODE or ROVE_DECODE: what it is used for
    uint8_t idle;           // calls in a row that moved nothing although they could have
    bool ended;             // returned END for good, or failed
};

static inline bool rv_layer_is_tap(const struct rv_layer *layer)
{
    return layer->filter->dir == ROVE_TAP;
}

// Opens a filter. layer: zeroed. On failure it is not open.
enum rove_status rv_layer_open(struct rv_layer *layer, const struct rove_filter *filter,
                               const struct rove_value *values, struct rv_means *means,
                               uint32_t dir);

// Closes it; harmless when it is not open.
void rv_layer_close(struct rv_layer *layer);

// Makes it as just opened. On failure it is not open.
enum rove_status rv_layer_reset(struct rv_layer *layer, const struct rove_value *values);

// Runs a codec once. out: at least 1 byte of room. Returns what the filter may return: ROVE_OK,
// ROVE_END or a failure that is final; in and out tell how far it came.
enum rove_status rv_layer_run(struct rv_layer *layer, struct rove_in *in, struct rove_out *out,
                              uint32_t act);

// Shows a tap a span, repeating a flush or finish until it is done. On failure in tells how far
// it came.
enum rove_status rv_layer_look(struct rv_layer *layer, struct rove_in *in, uint32_t act);

// Writes the digest to buf, ROVE_DIGEST_MAX bytes; returns its length, 0 for none.
uint32_t rv_layer_digest(const struct rv_layer *layer, uint8_t *buf);

// The bits that a decoder recognises in the head of a stream.
uint32_t rv_filter_detect(const struct rove_filter *filter, const uint8_t *head, size_t len);

#endif
