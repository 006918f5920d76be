// SPDX-License-Identifier: MIT
// layer.h: one opened filter. The only place from which a filter is called, and so the place where
// the rules of filter.h are checked.
#ifndef RV_LAYER_H
#define RV_LAYER_H

#include "filter/context.h"

struct rv_layer {
    const struct rove_filter *filter;
    struct rv_means *means; // shared, outlives the layer
    struct rv_context *ctx; // NULL: not open
    void *state;            // its
    uint64_t taken;         // bytes of input consumed since it was opened or reset
    uint32_t dir;           // ROVE_ENCODE or ROVE_DECODE: what it is used for
    uint8_t idle;           // calls in a row that moved nothing although they could have
    bool ended;             // returned END for good, or failed
    bool broken;            // did what no filter may do
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

// Whose means it lives on from now on; what it holds was counted there.
void rv_layer_charge(struct rv_layer *layer, struct rv_means *means);

// Makes it as just opened. On failure it is not open.
enum rove_status rv_layer_reset(struct rv_layer *layer, const struct rove_value *values);

// Runs a codec once. out: at least 1 byte of room. Returns what the filter may return: ROVE_OK,
// ROVE_END or a failure that is final; in and out tell how far it came.
enum rove_status rv_layer_run(struct rv_layer *layer, struct rove_in *in, struct rove_out *out,
                              uint32_t act);

// Shows a tap a span, repeating a flush or finish until it is done. in: on RUN at least 1 byte. On
// failure it tells how far the tap came.
enum rove_status rv_layer_look(struct rv_layer *layer, struct rove_in *in, uint32_t act);

// parts: for filters with the hooks for them; see filter.h. The first failure is final.

#define RV_PART_MAX ((uint64_t) 64 << 20) // coded bytes of one

// Whether it can do its work in parts.
bool rv_layer_has_parts(const struct rv_layer *head);

// The plain bytes of a part, or the most that there can be; 0: what this head has to do cannot be cut.
uint64_t rv_layer_part_len(const struct rv_layer *head);

// Whether a state is ready for any part (ROVE_F_PLAIN_PARTS).
static inline bool rv_layer_is_plain(const struct rv_layer *layer)
{
    return (layer->filter->flags & ROVE_F_PLAIN_PARTS) != 0;
}

// Makes an opened layer ready for one. head: NULL where it is ready for any.
enum rove_status rv_layer_part(struct rv_layer *layer, const struct rv_layer *head,
                               struct rove_span past);

// What begins there: ROVE_OK, ROVE_END or ROVE_E_TRUNCATED with *len_out.
enum rove_status rv_layer_next(struct rv_layer *head, struct rove_in in, uint64_t *len_out);

// Tells the head of a part that begins where it stands: first all of its plain bytes, then that it stands behind
// it.
enum rove_status rv_layer_see(struct rv_layer *head, struct rove_span plain);
enum rove_status rv_layer_join(struct rv_layer *head, const struct rv_layer *part,
                               uint64_t plain_len);

// restart: for decoders with the hooks for it; see filter.h. A failure is final.

// Whether it can begin in the middle.
bool rv_layer_resumes(const struct rv_layer *layer);

// Asks whether decoding can begin where the layer stands: ROVE_OK, ROVE_E_AGAIN, ROVE_E_UNSUPPORTED or a failure.
enum rove_status rv_layer_mark(struct rv_layer *layer, struct rove_mark *mark_out);

// Makes an opened layer that has done nothing yet go on at a mark.
enum rove_status rv_layer_resume(struct rv_layer *layer, const struct rove_mark *mark);

// Takes a step over coded data; in: what is at hand. ROVE_OK, ROVE_END, ROVE_E_TRUNCATED with hop_out->need,
// ROVE_E_UNSUPPORTED or a failure.
enum rove_status rv_layer_hop(struct rv_layer *layer, struct rove_in in, struct rove_hop *hop_out);

// Writes the digest to buf, ROVE_DIGEST_MAX bytes; returns its length, 0 for none.
uint32_t rv_layer_digest(const struct rv_layer *layer, uint8_t *buf);

// The bits that a decoder recognises in the head of a stream.
uint32_t rv_filter_detect(const struct rove_filter *filter, const uint8_t *head, size_t len);

#endif
