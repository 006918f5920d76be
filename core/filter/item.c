// SPDX-License-Identifier: MIT
// item.c: one filter of a text: its values and the memory that they and their texts lie in.
#include "filter/item.h"

#include "chunk/pool.h"
#include "filter/registry.h"
#include "filter/value.h"

#include <string.h>

#define ALLOW_MAX 1024u // bytes in auto's list

static const struct rove_option auto_options[] = {
    {.key = "allow",
     .kind = ROVE_OPT_TEXT,
     .dirs = ROVE_DECODE,
     .min = 1,
     .max = ALLOW_MAX,
     .about = "names of the decoders to choose from, joined by dots; default: all"},
    {.key = NULL},
};

const struct rove_filter rv_auto = {
    ROVE_FILTER_INIT,
    .name = "auto",
    .about = "the decoder that recognises the first bytes",
    .dir = ROVE_DECODE,
    .options = auto_options,
};

static size_t fallback_room(const struct rove_option *option)
{
    return option->kind == ROVE_OPT_HEX && option->fallback ? strlen(option->fallback) + 1 : 0;
}

enum rove_status rv_item_start(struct rv_item *item, const struct rove_filter *filter,
                               struct rove_pool *pool, size_t text_len, char **room_out)
{
    size_t cnt = rv_option_cnt(filter->options), len = cnt * sizeof(struct rove_value); // cnt <= 64
    enum rove_status status = ROVE_OK;
    *item = (struct rv_item){.filter = filter};
    *room_out = NULL;
    if (!cnt && !text_len) // a counterpart's options may be read all the same
        return ROVE_OK;
    item->mem_len = len + text_len;
    for (size_t i = 0; i < cnt; i++)
        item->mem_len += fallback_room(&filter->options[i]);
    item->values = rv_pool_alloc(pool, item->mem_len, &status);
    if (!item->values)
        return status;
    memset(item->values, 0, len);
    *room_out = (char *) (item->values + cnt);
    return ROVE_OK;
}

// Reads a fallback. HEX is decoded in a copy at room; returns where the next one goes.
static char *read_fallback(const struct rove_option *option, struct rove_value *value, char *room)
{
    char *text = (char *) (uintptr_t) option->fallback; // only HEX is written to
    size_t len = strlen(text);
    if (option->kind == ROVE_OPT_HEX) {
        text = memcpy(room, text, len + 1);
        room += len + 1;
    }
    bool sound = rv_value_read(option, text, len, value);
    RV_ASSERT(sound); // the registry has tried it
    (void) sound;
    return room;
}

void rv_item_finish(struct rv_item *item, char *room)
{
    const struct rove_option *option = item->filter->options;
    const struct rove_value *kept =
        item->filter == &rv_auto ? NULL : rv_filter_fallbacks(item->filter);
    for (size_t i = 0; option[i].key; i++) {
        if (item->values[i].given)
            continue;
        if (kept)
            item->values[i] = kept[i];
        else if (option[i].fallback)
            room = read_fallback(&option[i], &item->values[i], room);
    }
}

enum rove_status rv_item_plain(const struct rove_filter *filter, struct rove_pool *pool,
                               struct rv_item *item_out)
{
    char *room;
    enum rove_status status = rv_item_start(item_out, filter, pool, 0, &room);
    if (status == ROVE_OK)
        rv_item_finish(item_out, room);
    return status;
}

void rv_item_fini(struct rv_item *item, struct rove_pool *pool)
{
    if (item->values)
        rv_pool_free(pool, item->values, item->mem_len);
    if (item->lent)
        rv_pool_free(pool, item->lent, item->lent_len);
    item->values = NULL;
    item->lent = NULL;
}
