// SPDX-License-Identifier: MIT
// pack.c: one run of a filter over memory. What is opened waits on the contexts' shelf for the next time.
#include "seek/pack.h"

#include "filter/layer.h"
#include "filter/spec.h"

#include <string.h>

struct once {
    struct rv_means means; // nobody is told why it failed
    struct rv_spec spec;
    struct rv_layer layer;
};

static enum rove_status open_once(struct once *o, const struct rv_means *means, const char *text,
                                  uint32_t dir)
{
    o->means = *means;
    memset(&o->layer, 0, sizeof o->layer);
    enum rove_status status = rv_spec_parse(text, dir, means->pool, &o->spec, NULL);
    if (status)
        return status;
    const struct rv_item *item = &o->spec.items[0];
    status = rv_layer_open(&o->layer, item->filter, item->values, &o->means, dir);
    if (status)
        rv_spec_fini(&o->spec);
    return status;
}

static void close_once(struct once *o)
{
    rv_layer_close(&o->layer);
    rv_spec_fini(&o->spec);
}

// Runs it to its end, or as far as there is room. *len_out: bytes made.
static enum rove_status run_once(struct once *o, struct rove_span from, uint8_t *to, size_t cap,
                                 size_t *len_out)
{
    struct rove_in in = {from.ptr, from.len};
    struct rove_out out = {to, cap};
    enum rove_status status = ROVE_OK;
    while (status == ROVE_OK && out.len)
        status = rv_layer_run(&o->layer, &in, &out, ROVE_FINISH);
    *len_out = cap - out.len;
    return status;
}

size_t rv_pack(const struct rv_means *means, struct rove_span from, uint8_t *to, size_t cap)
{
    struct once o;
    size_t len;
    if (open_once(&o, means, "deflate:level=1", ROVE_ENCODE))
        return 0;
    enum rove_status status = run_once(&o, from, to, cap, &len);
    close_once(&o);
    return status == ROVE_END ? len : 0;
}

enum rove_status rv_unpack(const struct rv_means *means, struct rove_span from, uint8_t *to, size_t len)
{
    struct once o;
    size_t made;
    enum rove_status status = open_once(&o, means, "deflate", ROVE_DECODE);
    if (status)
        return status;
    status = run_once(&o, from, to, len, &made);
    close_once(&o);
    return made == len ? ROVE_OK : status < 0 ? status : ROVE_E_DATA;
}
