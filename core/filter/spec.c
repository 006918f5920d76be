// SPDX-License-Identifier: MIT
// spec.c: the grammar of a chain's text.
//
//     spec   = filter *("|" filter)
//     filter = name [":" option *("," option)]
//     option = name "=" value                   name  = 1*31[a-z0-9_]
//                                               value = *( %XX | byte but control, ',' '|' '%' )
//
// A loop a level, no recursion, no step back. Values are decoded into the item's own memory (item.h),
// which is as long as the item's text: a value and its NUL are never longer than the "key=value," they
// came from.
//
// One text serves both directions: an option that means something only for the other one, be it in this
// filter's table or in that of its counterpart, is idle here: checked and forgotten.
#include "filter/spec.h"

#include "base/arith.h"
#include "chunk/pool.h"
#include "filter/registry.h"
#include "filter/value.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct parser {
    const char *text;
    size_t len, at;
    uint32_t dir;
    struct rv_spec *spec;
    struct rove_spec_error *error;
    struct rv_item *item; // the one being read
    char *room;           // for the next value's bytes
    uint64_t idle[2];     // options given for the other direction, a bit each: own, the counterpart's
};

static enum rove_status wrong(struct parser *p, enum rove_status status, size_t off,
                              const char *format, ...) __attribute__((format(printf, 4, 5)));

static enum rove_status wrong(struct parser *p, enum rove_status status, size_t off,
                              const char *format, ...)
{
    va_list args;
    va_start(args, format);
    p->error->off = off;
    vsnprintf(p->error->text, sizeof p->error->text, format, args);
    va_end(args);
    return status;
}

static struct rove_span read_name(struct parser *p)
{
    size_t from = p->at;
    while (p->at < p->len && rv_is_name_byte(p->text[p->at]))
        p->at++;
    return (struct rove_span){(const uint8_t *) p->text + from, p->at - from};
}

static uint32_t other_dir(const struct parser *p)
{
    return p->dir == ROVE_ENCODE ? ROVE_DECODE : ROVE_ENCODE;
}

static size_t name_off(const struct parser *p, struct rove_span name)
{
    return (size_t) ((const char *) name.ptr - p->text);
}

// How a name is printed in a sentence.
#define NAME_ARGS(name) (int) rv_min_size((name).len, RV_NAME_MAX + 1), (const char *) (name).ptr

// options ---------------------------------------------------------------------------------------

// Decodes a value up to ',', '|' or the end.
static enum rove_status read_raw(struct parser *p, size_t *len_out)
{
    size_t len = 0;
    while (p->at < p->len && p->text[p->at] != ',' && p->text[p->at] != '|') {
        unsigned char c = (unsigned char) p->text[p->at];
        if (c < 0x20 || c == 0x7f)
            return wrong(p, ROVE_E_ARG, p->at, "a control character must be written as %%XX");
        if (c == '%') {
            int high = p->at + 1 < p->len ? rv_hex_digit(p->text[p->at + 1]) : -1;
            int low = p->at + 2 < p->len ? rv_hex_digit(p->text[p->at + 2]) : -1;
            if (high < 0 || low < 0)
                return wrong(p, ROVE_E_ARG, p->at, "%% must be followed by two hex digits");
            c = (unsigned char) (high << 4 | low);
            p->at += 2;
        }
        p->room[len++] = (char) c;
        p->at++;
    }
    p->room[len] = 0;
    *len_out = len;
    return ROVE_OK;
}

bool rv_next_name(const char **list, struct rove_span *name_out)
{
    if (!**list)
        return false;
    size_t len = strcspn(*list, ".");
    *name_out = (struct rove_span){(const uint8_t *) *list, len};
    *list += len + ((*list)[len] == '.');
    return true;
}

static enum rove_status check_allow(struct parser *p, const struct rove_value *value, size_t off)
{
    struct rove_span name;
    const char *list = value->text, *end = list + value->text_len; // 1 byte at least
    if (strlen(list) < value->text_len)
        return wrong(p, ROVE_E_ARG, off, "there is no decoder with a zero in its name");
    while (rv_next_name(&list, &name)) {
        const struct rove_filter *filter = rv_filter_find(name, ROVE_DECODE);
        if (!filter || filter->dir == ROVE_TAP) // what only looks on recognises nothing
            return wrong(p, ROVE_E_ARG, off, "there is no decoder named \"%.*s\"",
                         NAME_ARGS(name));
    }
    return end[-1] == '.' ? wrong(p, ROVE_E_ARG, off, "there is no decoder named \"\"") : ROVE_OK;
}

static enum rove_status read_value(struct parser *p, const struct rove_option *option,
                                   struct rove_value *value)
{
    size_t off = p->at, len = 0;
    enum rove_status status = read_raw(p, &len);
    if (status)
        return status;
    if (option->kind == ROVE_OPT_HEX && len == 1 && p->room[0] == '@') {
        *value = (struct rove_value){.u = 1, .text = p->room, .given = 1}; // see rv_spec_lend()
        p->room += len + 1;
        return ROVE_OK;
    }
    if (!rv_value_read(option, p->room, len, value)) {
        char what[100];
        rv_value_describe(option, what, sizeof what);
        return wrong(p, ROVE_E_ARG, off, "%s must be %s", option->key, what);
    }
    value->given = 1;
    if (value->text)
        p->room += len + 1;
    return p->item->filter == &rv_auto ? check_allow(p, value, off) : ROVE_OK;
}

static const struct rove_option *find_option(const struct rove_filter *filter,
                                             struct rove_span key)
{
    const struct rove_option *option = filter->options;
    while (option->key &&
           (strlen(option->key) != key.len || memcmp(option->key, key.ptr, key.len) != 0))
        option++;
    return option;
}

static enum rove_status given_twice(struct parser *p, const struct rove_option *option, size_t off)
{
    return wrong(p, ROVE_E_ARG, off, "%s was given before", option->key);
}

// Reads option number i of this filter (whose 0) or of its counterpart (whose 1) for the other direction.
static enum rove_status read_idle(struct parser *p, const struct rove_option *option, unsigned whose,
                                  size_t i)
{
    struct rove_value value;
    char *room = p->room;
    if (p->idle[whose] >> i & 1)
        return given_twice(p, option, p->at - 1 - strlen(option->key));
    p->idle[whose] |= UINT64_C(1) << i;
    enum rove_status status = read_value(p, option, &value);
    p->room = room;
    return status;
}

// Reads the value of the option of that name.
static enum rove_status read_named(struct parser *p, struct rove_span key)
{
    const struct rove_filter *filter = p->item->filter, *other;
    const struct rove_option *option = find_option(filter, key);
    size_t off = name_off(p, key), i = (size_t) (option - filter->options);
    if (!option->key) {
        other = rove_filter_find(filter->name, other_dir(p));
        option = other ? find_option(other, key) : option;
        if (!option->key)
            return wrong(p, ROVE_E_ARG, off, "%s has no option \"%.*s\"", filter->name,
                         NAME_ARGS(key));
        return read_idle(p, option, 1, (size_t) (option - other->options));
    }
    if (!(option->dirs & (filter->dir == ROVE_TAP ? p->dir | ROVE_TAP : p->dir)))
        return read_idle(p, option, 0, i);
    if (p->item->values[i].given)
        return given_twice(p, option, off);
    return read_value(p, option, &p->item->values[i]);
}

static enum rove_status read_option(struct parser *p)
{
    struct rove_span key = read_name(p);
    if (!key.len)
        return wrong(p, ROVE_E_ARG, p->at, "the name of an option is missing");
    if (p->at == p->len || p->text[p->at] != '=')
        return wrong(p, ROVE_E_ARG, p->at, "an option's name must be followed by '='");
    p->at++;
    return read_named(p, key);
}

// filters ---------------------------------------------------------------------------------------

static enum rove_status find_filter(struct parser *p, const struct rove_filter **filter_out)
{
    struct rove_span name = read_name(p);
    size_t off = name_off(p, name);
    if (!name.len)
        return wrong(p, ROVE_E_ARG, off, "the name of a filter is missing");
    bool is_auto = name.len == 4 && memcmp(name.ptr, "auto", 4) == 0;
    *filter_out = is_auto && p->dir == ROVE_DECODE ? &rv_auto : rv_filter_find(name, p->dir);
    if (!*filter_out && (is_auto || rv_filter_find(name, other_dir(p))))
        return wrong(p, ROVE_E_UNSUPPORTED, off, "%.*s cannot %s", NAME_ARGS(name),
                     p->dir == ROVE_ENCODE ? "encode" : "decode");
    if (!*filter_out)
        return wrong(p, ROVE_E_ARG, off, "there is no filter named \"%.*s\"", NAME_ARGS(name));
    if (p->spec->cnt == ROVE_DEPTH_MAX)
        return wrong(p, ROVE_E_LIMIT, off, "there are more than %u filters", ROVE_DEPTH_MAX);
    return ROVE_OK;
}

// Reads one filter, up to '|' or the end.
static enum rove_status read_filter(struct parser *p)
{
    const struct rove_filter *filter = NULL;
    size_t off = p->at;
    enum rove_status status = find_filter(p, &filter);
    if (status)
        return status;
    const char *bar = memchr(p->text + p->at, '|', p->len - p->at);
    size_t text_len = bar ? (size_t) (bar - p->text) - p->at : p->len - p->at;
    p->item = &p->spec->items[p->spec->cnt];
    status = rv_item_start(p->item, filter, p->spec->pool, text_len, &p->room);
    if (status)
        return wrong(p, status, p->at, "there is no memory");
    p->item->off = off;
    p->idle[0] = p->idle[1] = 0;
    p->spec->cnt++;
    for (char before = ':'; p->at < p->len && p->text[p->at] == before; before = ',') {
        p->at++;
        status = read_option(p);
        if (status)
            return status;
    }
    if (p->at < p->len && p->text[p->at] != '|')
        return wrong(p, ROVE_E_ARG, p->at, "a filter's name must be followed by ':' or '|'");
    if (filter == &rv_auto && p->at < p->len)
        return wrong(p, ROVE_E_ARG, p->at, "nothing may stand behind auto");
    rv_item_finish(p->item, p->room);
    return ROVE_OK;
}

void rv_spec_fini(struct rv_spec *spec)
{
    while (spec->cnt)
        rv_item_fini(&spec->items[--spec->cnt], spec->pool);
}

enum rove_status rv_spec_parse(const char *text, uint32_t dir, struct rove_pool *pool,
                               struct rv_spec *spec_out, struct rove_spec_error *error_out)
{
    struct rove_spec_error unseen = {.off = 0};
    struct parser p = {.text = text, .dir = dir, .spec = spec_out};
    p.error = error_out ? error_out : &unseen;
    p.error->off = 0;
    p.error->text[0] = 0;
    spec_out->pool = pool;
    spec_out->cnt = 0;
    if (!text)
        return wrong(&p, ROVE_E_ARG, 0, "there is no text");
    p.len = strnlen(text, ROVE_SPEC_MAX + 1);
    if (p.len > ROVE_SPEC_MAX)
        return wrong(&p, ROVE_E_LIMIT, ROVE_SPEC_MAX, "the text is longer than %u bytes",
                     ROVE_SPEC_MAX);
    enum rove_status status = read_filter(&p);
    while (status == ROVE_OK && p.at < p.len) {
        p.at++; // the bar
        status = read_filter(&p);
    }
    if (status)
        rv_spec_fini(spec_out);
    return status;
}

// bytes beside the text -------------------------------------------------------------------------

static enum rove_status lend(struct rv_item *item, const struct rove_option *option, struct rove_value *value,
                             struct rove_span bytes, struct rove_pool *pool)
{
    enum rove_status status = ROVE_OK;
    if (bytes.len < option->min || bytes.len > option->max || !bytes.len || bytes.len > UINT32_MAX)
        return ROVE_E_ARG;
    if (!item->lent) {
        item->lent = rv_pool_alloc(pool, bytes.len, &status);
        if (!item->lent)
            return status;
        item->lent_len = bytes.len;
        memcpy(item->lent, bytes.ptr, bytes.len);
    }
    value->text = item->lent;
    value->text_len = (uint32_t) bytes.len;
    return ROVE_OK;
}

enum rove_status rv_spec_lend(struct rv_spec *spec, struct rove_span bytes, struct rove_spec_error *error_out)
{
    for (unsigned i = 0; i < spec->cnt; i++) {
        struct rv_item *item = &spec->items[i];
        const struct rove_option *option = item->filter->options;
        for (size_t j = 0; option[j].key; j++) {
            if (option[j].kind != ROVE_OPT_HEX || !item->values[j].u)
                continue;
            enum rove_status status = lend(item, &option[j], &item->values[j], bytes, spec->pool);
            if (!status)
                continue;
            if (error_out) {
                error_out->off = item->off;
                snprintf(error_out->text, sizeof error_out->text, "there is no memory");
            }
            if (error_out && status == ROVE_E_ARG) {
                snprintf(error_out->text, sizeof error_out->text, "%s=@ stands for %llu bytes, and must for %llu to %llu",
                         option[j].key, (unsigned long long) bytes.len, (unsigned long long) option[j].min,
                         (unsigned long long) option[j].max);
            }
            return status;
        }
    }
    return ROVE_OK;
}

// print -----------------------------------------------------------------------------------------

struct printer {
    char *buf;
    size_t cap, len;
};

static void put_byte(struct printer *p, char c)
{
    if (p->len < p->cap)
        p->buf[p->len] = c;
    p->len++;
}

static void put_text(struct printer *p, const char *text)
{
    while (*text)
        put_byte(p, *text++);
}

static void put_hex(struct printer *p, unsigned char c, const char *digits)
{
    put_byte(p, digits[c >> 4]);
    put_byte(p, digits[c & 15]);
}

static void put_raw(struct printer *p, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char) text[i];
        if (c >= 0x20 && c != 0x7f && c != ',' && c != '|' && c != '%') {
            put_byte(p, text[i]);
        } else {
            put_byte(p, '%');
            put_hex(p, c, "0123456789ABCDEF");
        }
    }
}

static void put_value(struct printer *p, const struct rove_option *option,
                      const struct rove_value *value)
{
    char number[24];
    switch (option->kind) {
    case ROVE_OPT_UINT:
        snprintf(number, sizeof number, "%llu", (unsigned long long) value->u);
        put_text(p, number);
        break;
    case ROVE_OPT_INT:
        snprintf(number, sizeof number, "%lld", (long long) value->u);
        put_text(p, number);
        break;
    case ROVE_OPT_BOOL:
        put_text(p, value->u ? "yes" : "no");
        break;
    case ROVE_OPT_WORD:
        put_raw(p, option->words[value->u], strlen(option->words[value->u]));
        break;
    case ROVE_OPT_TEXT:
        put_raw(p, value->text, value->text_len);
        break;
    default:
        if (value->u)
            put_byte(p, '@');
        for (uint32_t i = 0; i < value->text_len && !value->u; i++)
            put_hex(p, (unsigned char) value->text[i], "0123456789abcdef");
    }
}

static void put_item(struct printer *p, const struct rv_item *item, uint32_t dirs)
{
    const struct rove_option *option = item->filter->options;
    char before = ':';
    put_text(p, item->filter->name);
    for (size_t i = 0; option[i].key; i++) {
        if (!item->values[i].given || !(option[i].dirs & dirs))
            continue;
        put_byte(p, before);
        put_text(p, option[i].key);
        put_byte(p, '=');
        put_value(p, &option[i], &item->values[i]);
        before = ',';
    }
}

static enum rove_status end_print(struct printer *p)
{
    if (p->len > ROVE_SPEC_MAX)
        return ROVE_E_LIMIT; // "yes" for "1" can make a text too long that was not
    put_byte(p, 0);
    return p->len <= p->cap ? ROVE_OK : ROVE_E_RANGE;
}

enum rove_status rv_item_print(const struct rv_item *item, char *buf, size_t cap)
{
    struct printer p = {buf, cap, 0};
    put_item(&p, item, ROVE_DECODE);
    return end_print(&p);
}

enum rove_status rv_spec_print(const struct rv_spec *spec, char *buf, size_t cap)
{
    struct printer p = {buf, cap, 0};
    for (unsigned i = 0; i < spec->cnt; i++) {
        if (i)
            put_byte(&p, '|');
        put_item(&p, &spec->items[i], UINT32_MAX);
    }
    return end_print(&p);
}
