// SPDX-License-Identifier: MIT
// auto.h: which decoder a stream's first bytes ask for.
#ifndef RV_AUTO_H
#define RV_AUTO_H

#include "filter/layer.h"

#define RV_HEAD_MAX 64u // bytes that are looked at
#define RV_HEAD_MIN 16u // bytes after which a decoder that recognises them is believed

// Picks the decoder that recognises most bits. allow: '.'-separated names, NULL for all. Returns NULL
// when none recognises any.
const struct rove_filter *rv_auto_pick(const char *allow, const uint8_t *head, size_t len);

#endif
