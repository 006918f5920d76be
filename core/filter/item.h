// SPDX-License-Identifier: MIT
// item.h: one filter of a chain's text, and the values of its options.
#ifndef RV_ITEM_H
#define RV_ITEM_H

#include <rove/filter.h>
#include <rove/pool.h>

// One filter of a text and the values of its options, fallbacks included.
struct rv_item {
    const struct rove_filter *filter; // &rv_auto: to be chosen when the first bytes are there
    struct rove_value *values;        // one an option, then the bytes of texts; NULL for none
    size_t mem_len;                   // bytes at values
    size_t off;                       // where its name stands in the text
    void *lent;                       // the bytes that @ stands for, or NULL
    size_t lent_len;
};

// What `auto` stands for in an item. Its only option is `allow`: names joined by '.'.
extern const struct rove_filter rv_auto;

// Makes an item with room for its values and text_len bytes of texts. *room_out: where those go. All
// values are as yet not given.
enum rove_status rv_item_start(struct rv_item *item, const struct rove_filter *filter,
                               struct rove_pool *pool, size_t text_len, char **room_out);

// Gives the options that were not given their fallbacks. room: where the next text goes.
void rv_item_finish(struct rv_item *item, char *room);

// Makes an item of a filter with no option given.
enum rove_status rv_item_plain(const struct rove_filter *filter, struct rove_pool *pool,
                               struct rv_item *item_out);

void rv_item_fini(struct rv_item *item, struct rove_pool *pool);

#endif
