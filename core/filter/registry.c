// SPDX-License-Identifier: MIT
// registry.c: the process's list of filters, checked and filled in once, when they come in.
//
// The list only grows, at its end, and what is in it never changes: readers walk it without a lock.
#include "filter/registry.h"

#include "base/arith.h"
#include "base/atfork.h"
#include "base/atomic.h"
#include "chunk/pool.h"
#include "filter/value.h"

#include <string.h>

#define V1_LEN (offsetof(struct rove_filter, detect) + sizeof(void *))
#define BUILTIN_MAX 64
#define FALLBACKS_KEPT 12u // a filter has 4 to 10 options

// filters/builtin.c: what the library brings along, ended by NULL.
extern const struct rove_filter *const rv_builtin_filters[];

struct entry {
    struct rove_filter filter; // first, so that it leads to its entry
    size_t name_len;
    bool keeps_fallbacks;
    struct rove_value fallbacks[FALLBACKS_KEPT];
    rv_once_ptr next;
    size_t len; // of it and of its own options, which follow; 0: it is static and has none of its own
};

static rv_once_ptr first;
static struct rv_lock *const lock = &rv_process_lock[RV_LOCK_REGISTRY]; // held by who appends

// what a filter may leave out -------------------------------------------------------------------

static int32_t no_open(void *st, const struct rove_host *host, const struct rove_value *values)
{
    (void) st;
    (void) host;
    (void) values;
    return ROVE_OK;
}

static void no_close(void *st)
{
    (void) st;
}

// The layer then closes and opens.
static int32_t no_reset(void *st)
{
    (void) st;
    return ROVE_E_UNSUPPORTED;
}

static int32_t no_join(void *st, const void *part, uint64_t part_len)
{
    (void) st;
    (void) part;
    (void) part_len;
    return ROVE_E_UNSUPPORTED;
}

static uint64_t no_bound(const void *st, uint64_t in_len)
{
    (void) st;
    (void) in_len;
    return UINT64_MAX;
}

static uint32_t no_digest(const void *st, uint8_t *buf, uint32_t cap)
{
    (void) st;
    (void) buf;
    (void) cap;
    return 0;
}

static uint32_t no_detect(const uint8_t *head, uint32_t len)
{
    (void) head;
    (void) len;
    return 0;
}

static const struct rove_option no_options[] = {{.key = NULL}};

// Reads the fallbacks once, as most options are left to them whenever a filter is opened.
static void keep_fallbacks(struct entry *entry)
{
    const struct rove_option *option = entry->filter.options;
    size_t i = 0;
    for (; i < FALLBACKS_KEPT && option[i].key; i++) {
        char *text = (char *) (uintptr_t) option[i].fallback; // only HEX is written to
        if (!text)
            continue;
        if (option[i].kind == ROVE_OPT_HEX ||
            !rv_value_read(&option[i], text, strlen(text), &entry->fallbacks[i]))
            return;
    }
    entry->keeps_fallbacks = !option[i].key;
}

const struct rove_value *rv_filter_fallbacks(const struct rove_filter *filter)
{
    const struct entry *entry = (const struct entry *) (const void *) filter;
    return entry->keeps_fallbacks ? entry->fallbacks : NULL;
}

int rv_filter_joins(const struct rove_filter *filter)
{
    return filter->dir == ROVE_TAP && filter->join != no_join && filter->digest != no_digest;
}

static size_t option_cnt(const struct rove_filter *filter)
{
    size_t cnt = 0;
    while (filter->options && cnt < RV_OPTIONS_MAX && filter->options[cnt].key)
        cnt++;
    return cnt;
}

// Whoever counts options relies on there being as many later: what was checked is copied, cnt of them and their end.
static void copy_options(struct entry *entry, size_t cnt)
{
    struct rove_option *own = (struct rove_option *) (void *) (entry + 1);
    memcpy(own, entry->filter.options, cnt * sizeof *own);
    own[cnt] = (struct rove_option){.key = NULL};
    entry->filter.options = own;
}

#define FILL_IN(field, other) \
    if (!f->field)            \
    f->field = (other)

static void fill_in(struct entry *entry, const struct rove_filter *filter)
{
    struct rove_filter *f = &entry->filter;
    memcpy(f, filter, rv_min_size(filter->size, sizeof *f));
    f->size = sizeof *f;
    FILL_IN(about, "");
    FILL_IN(options, no_options);
    FILL_IN(open, no_open);
    FILL_IN(close, no_close);
    FILL_IN(reset, no_reset);
    FILL_IN(join, no_join);
    FILL_IN(bound, no_bound);
    FILL_IN(digest, no_digest);
    FILL_IN(detect, no_detect);
    entry->name_len = strlen(f->name);
}

// checks ----------------------------------------------------------------------------------------

static bool is_name(const char *name)
{
    size_t len = 0;
    if (!name)
        return false;
    while (len <= RV_NAME_MAX && rv_is_name_byte(name[len]))
        len++;
    return len > 0 && len <= RV_NAME_MAX && !name[len];
}

static bool range_is_sound(const struct rove_option *option)
{
    if (option->kind == ROVE_OPT_INT)
        return (int64_t) option->min <= (int64_t) option->max;
    if (option->kind == ROVE_OPT_WORD)
        return option->words && option->words[0];
    return option->kind == ROVE_OPT_BOOL || option->min <= option->max;
}

static bool fallback_is_sound(const struct rove_option *option)
{
    struct rove_value value;
    char room[256];
    if (!option->fallback)
        return option->kind == ROVE_OPT_TEXT || option->kind == ROVE_OPT_HEX;
    size_t len = strlen(option->fallback);
    if (len >= sizeof room)
        return false;
    memcpy(room, option->fallback, len + 1);
    return rv_value_read(option, room, len, &value);
}

static const char *judge_option(const struct rove_option *option)
{
    const uint32_t dirs = ROVE_ENCODE | ROVE_DECODE | ROVE_TAP;
    if (!is_name(option->key))
        return "an option's key is missing or malformed";
    if (option->kind < ROVE_OPT_UINT || option->kind > ROVE_OPT_HEX)
        return "an option's kind is unknown";
    if (!option->dirs || (option->dirs & ~dirs))
        return "an option's directions are unknown";
    if (!range_is_sound(option))
        return "an option's range is empty";
    return fallback_is_sound(option) ? NULL : "an option's fallback is not one of its values";
}

static const char *judge_options(const struct rove_option *options)
{
    for (size_t i = 0; options && options[i].key; i++) {
        const char *why = judge_option(&options[i]);
        if (!why && i == RV_OPTIONS_MAX)
            why = "there are more than 64 options";
        for (size_t j = 0; !why && j < i; j++)
            if (strcmp(options[i].key, options[j].key) == 0)
                why = "two options have the same key";
        if (why)
            return why;
    }
    return NULL;
}

static bool is_direction(uint32_t dir)
{
    return dir == ROVE_TAP || (dir && !(dir & ~(ROVE_ENCODE | ROVE_DECODE)));
}

// Whether all hooks for parts are there that its directions need, or none; what an old one has not is 0.
static bool parts_are_sound(const struct rove_filter *filter)
{
    struct rove_filter f = {.size = 0};
    memcpy(&f, filter, rv_min_size(filter->size, sizeof f));
    bool plain = f.flags & ROVE_F_PLAIN_PARTS;
    if (!f.part)
        return !f.part_len && !f.next && !f.see && !f.past_len && !plain;
    if (plain && (f.dir != ROVE_ENCODE || f.past_len))
        return false;
    return f.dir != ROVE_TAP && f.part_len && f.join && (!(f.dir & ROVE_DECODE) || f.next) &&
           f.past_len <= RV_PAST_MAX;
}

// The same for the hooks by which a decoder begins in the middle, and an encoder tells where.
static bool restart_is_sound(const struct rove_filter *filter)
{
    struct rove_filter f = {.size = 0};
    memcpy(&f, filter, rv_min_size(filter->size, sizeof f));
    if (f.resume)
        return f.dir != ROVE_TAP && f.dir & ROVE_DECODE;
    return !f.hop && (!f.mark || f.dir == ROVE_ENCODE);
}

static enum rove_status judge(const struct rove_filter *filter, const char **why_out)
{
    const uint32_t flags = ROVE_F_FLUSHES | ROVE_F_SPLITS | ROVE_F_CHECKS | ROVE_F_PLAIN_PARTS | ROVE_F_MEMORY_BOUND;
    *why_out = "the structure is smaller than the first version's";
    if (filter->size < V1_LEN)
        return ROVE_E_ABI;
    *why_out = "it was made for another major version";
    if (filter->abi != ROVE_FILTER_ABI)
        return ROVE_E_ABI;
    *why_out = "the direction is unknown";
    if (!is_direction(filter->dir))
        return ROVE_E_ABI;
    *why_out = "a flag is unknown";
    if (filter->flags & ~flags)
        return ROVE_E_ABI;
    *why_out = "the name is missing or malformed";
    if (!is_name(filter->name))
        return ROVE_E_ARG;
    *why_out = "the name is reserved";
    if (strcmp(filter->name, "auto") == 0)
        return ROVE_E_ARG;
    *why_out = "run is missing";
    if (!filter->run)
        return ROVE_E_ARG;
    *why_out = "the state is larger than 16 MiB";
    if (filter->state_len > RV_STATE_MAX)
        return ROVE_E_RANGE;
    *why_out = "the hooks for parts do not go together";
    if (!parts_are_sound(filter))
        return ROVE_E_ARG;
    *why_out = "the hooks for restarts do not go together";
    if (!restart_is_sound(filter))
        return ROVE_E_ARG;
    *why_out = judge_options(filter->options);
    return *why_out ? ROVE_E_ARG : ROVE_OK;
}

// the list --------------------------------------------------------------------------------------

static void append(struct entry *entry)
{
    rv_once_ptr *at = &first;
    for (struct entry *e; (e = rv_once_get(at));)
        at = &e->next;
    rv_once_set(at, entry);
}

static void add_builtins(void)
{
    static struct entry entries[BUILTIN_MAX];
    const char *why;
    rv_lock_enter(lock);
    bool done = rv_once_get(&first); // by a thread that a fork() left behind before it could say so
    for (size_t i = 0; !done && i < BUILTIN_MAX && rv_builtin_filters[i]; i++) {
        enum rove_status status = judge(rv_builtin_filters[i], &why);
        RV_ASSERT(status == ROVE_OK);
        if (status)
            continue;
        fill_in(&entries[i], rv_builtin_filters[i]);
        keep_fallbacks(&entries[i]);
        append(&entries[i]);
    }
    rv_lock_leave(lock);
}

static struct entry *head(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, add_builtins);
    return rv_once_get(&first);
}

static bool serves(const struct rove_filter *filter, uint32_t dir)
{
    return filter->dir == ROVE_TAP || (filter->dir & dir);
}

const struct rove_filter *rv_filter_find(struct rove_span name, uint32_t dir)
{
    for (struct entry *e = head(); e; e = rv_once_get(&e->next))
        if (e->name_len == name.len && serves(&e->filter, dir) &&
            memcmp(e->filter.name, name.ptr, name.len) == 0)
            return &e->filter;
    return NULL;
}

const struct rove_filter *rove_filter_find(const char *name, uint32_t dir)
{
    return name ? rv_filter_find((struct rove_span){(const uint8_t *) name, strlen(name)}, dir) : NULL;
}

const struct rove_filter *rove_filter_at(size_t i)
{
    struct entry *e = head();
    while (e && i--)
        e = rv_once_get(&e->next);
    return e ? &e->filter : NULL;
}

static uint32_t dirs_of(const struct rove_filter *filter)
{
    return filter->dir == ROVE_TAP ? ROVE_ENCODE | ROVE_DECODE : filter->dir;
}

// Tells whether a filter's name is taken, in the list or among its companions before it.
static bool is_taken(const struct rove_filter *const *filters, size_t i)
{
    const struct rove_filter *filter = filters[i];
    if (rove_filter_find(filter->name, dirs_of(filter)))
        return true;
    for (size_t j = 0; j < i; j++)
        if (strcmp(filters[j]->name, filter->name) == 0 && dirs_of(filters[j]) & dirs_of(filter))
            return true;
    return false;
}

static enum rove_status judge_all(const struct rove_filter *const *filters, size_t cnt,
                                  const char **why_out)
{
    for (size_t i = 0; i < cnt; i++) {
        *why_out = "there is no filter";
        enum rove_status status = filters[i] ? judge(filters[i], why_out) : ROVE_E_ARG;
        if (status)
            return status;
    }
    return ROVE_OK;
}

static void give_back(struct entry *made)
{
    while (made) {
        struct entry *next = rv_once_get(&made->next);
        rv_pool_free(rove_pool_default(), made, made->len);
        made = next;
    }
}

// NULL without memory.
static struct entry *make_entry(const struct rove_filter *filter, enum rove_status *why)
{
    size_t cnt = option_cnt(filter); // at most 64
    size_t len = sizeof(struct entry) + (cnt + 1) * sizeof(struct rove_option);
    struct entry *entry = rv_pool_alloc(rove_pool_default(), len, why);
    if (!entry)
        return NULL;
    memset(entry, 0, len);
    entry->len = len;
    fill_in(entry, filter);
    copy_options(entry, cnt);
    keep_fallbacks(entry);
    return entry;
}

// Takes memory for all, linked through next, before the first goes into the list.
static enum rove_status add_all(const struct rove_filter *const *filters, size_t cnt,
                                const char **why_out)
{
    struct entry *made = NULL;
    for (size_t i = cnt; i-- > 0;) {
        enum rove_status why = ROVE_E_ARG;
        struct entry *entry = NULL;
        *why_out = "another filter of that name serves the direction";
        if (!is_taken(filters, i)) {
            *why_out = "there is no memory";
            entry = make_entry(filters[i], &why);
        }
        if (!entry) {
            give_back(made);
            return why;
        }
        rv_once_set(&entry->next, made);
        made = entry;
    }
    if (made)
        append(made); // the whole list at once
    return ROVE_OK;
}

enum rove_status rv_filter_register_all(const struct rove_filter *const *filters, size_t cnt,
                                        const char **why_out)
{
    enum rove_status status = judge_all(filters, cnt, why_out);
    if (status)
        return status;
    head(); // the built-in ones come first
    rv_lock_enter(lock);
    status = add_all(filters, cnt, why_out);
    rv_lock_leave(lock);
    if (status == ROVE_OK)
        *why_out = NULL;
    return status;
}

enum rove_status rove_filter_register(const struct rove_filter *filter, const char **why_out)
{
    const char *why = "there is no filter";
    enum rove_status status = filter ? rv_filter_register_all(&filter, 1, &why) : ROVE_E_ARG;
    if (why_out)
        *why_out = why;
    return status;
}
