// SPDX-License-Identifier: MIT
// hop.h: walking over coded data from header to header.
#ifndef RV_HOP_H
#define RV_HOP_H

#include "seek/gather.h"

// Walks over a source of len bytes with a chain's decoder, which has done nothing yet and can only be reset afterwards.
// ROVE_OK or ROVE_E_TRAILING: g has the whole index; ROVE_E_UNSUPPORTED: it cannot be told without decoding.
enum rove_status rv_hop_over(struct rv_chain *chain, struct rove_stream *source, uint64_t len,
                             struct rv_gather *g);

#endif
