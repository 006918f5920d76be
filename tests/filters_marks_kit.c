// SPDX-License-Identifier: MIT
// filters_marks_kit.c: see filters_marks.h.
#include "filters_marks.h"

// lists -------------------------------------------------------------------------------------------

static void places_add(struct places *p, size_t coded, size_t plain, const struct rove_mark *mark)
{
    struct place *place;

    if (p->len == p->cap) {
        p->cap = 2 * p->cap + 16;
        p->ptr = realloc(p->ptr, p->cap * sizeof *p->ptr);
        CU_ASSERT_PTR_NOT_NULL_FATAL(p->ptr);
    }
    CU_ASSERT(mark->bits <= 7 && mark->state_len <= ROVE_MARK_MAX && (mark->flags & ~ROVE_MARK_FRESH) == 0);
    CU_ASSERT((mark->flags & ROVE_MARK_FRESH) == 0 || (mark->bits == 0 && mark->state_len == 0));
    place = &p->ptr[p->len++];
    *place = (struct place){coded, plain, mark->flags, mark->bits, mark->state_len, malloc(mark->state_len + 1)};
    CU_ASSERT_PTR_NOT_NULL_FATAL(place->state);
    if (mark->state_len > 0) {
        memcpy(place->state, mark->state, mark->state_len);
    }
}

void places_drop(struct places *p)
{
    for (size_t i = 0; i < p->len; i++) {
        free(p->ptr[i].state);
    }
    free(p->ptr);
    memset(p, 0, sizeof *p);
}

bool places_begin(const struct places *a, const struct places *b)
{
    bool equal = a->len >= b->len;

    for (size_t i = 0; equal && i < b->len; i++) {
        const struct place *p = &a->ptr[i], *q = &b->ptr[i];

        equal = p->coded == q->coded && p->plain == q->plain && p->flags == q->flags && p->bits == q->bits;
    }
    return equal;
}

// marks -------------------------------------------------------------------------------------------

// Asks where the state stands. Returns whether there is a place yet to come.
static bool ask(struct rig *r, size_t coded, size_t plain, struct places *out, int32_t *rc_out)
{
    struct rove_mark mark = {.size = sizeof mark};
    int32_t rc = r->filter->mark(r->state, &mark);

    CU_ASSERT(rc == ROVE_OK || rc == ROVE_E_AGAIN || rc == ROVE_E_UNSUPPORTED);
    if (rc == ROVE_OK && (out->len == 0 || out->ptr[out->len - 1].coded < coded)) {
        places_add(out, coded, plain, &mark);
    }
    *rc_out = rc;
    return rc == ROVE_E_AGAIN;
}

#define PIECE_MOST ((size_t) 100000)

int32_t places_mark(struct rig *r, const struct bytes *coded, size_t every, uint64_t *rng, struct places *out,
                    struct bytes *plain_out)
{
    static uint8_t room[PIECE_MOST];
    size_t at = 0, next = 0, most_in = (size_t) 1 << (1 + draw_below(rng, 16)), still = 0;
    size_t most_out = (size_t) 1 << (1 + draw_below(rng, 16));
    bool wanted = false, asks = true;
    int32_t rc = rig_reset(r), asked;

    plain_out->len = 0;
    for (; rc == ROVE_OK && still < 3; still++) {
        size_t len = 1 + draw_below(rng, most_in), space = 1 + draw_below(rng, most_out);
        struct rove_in in = {coded->ptr + at, len < coded->len - at ? len : coded->len - at};
        struct rove_out to = {room, space};
        bool last = at + in.len == coded->len;

        if (asks && !wanted && plain_out->len >= next) {
            wanted = ask(r, at, plain_out->len, out, &asked);
            asks = asked != ROVE_E_UNSUPPORTED;
            next = plain_out->len + (every > 0 ? draw_below(rng, every) + 1 : 0);
        }
        if (every == 0 && !wanted && in.len > 1) {
            in.len = 1; // so that it stands behind the place, and can be told to stop at the next
            last = false;
        }
        len = in.len;
        rc = rig_call(r, &in, &to, last ? ROVE_FINISH : ROVE_RUN);
        at += len - in.len;
        bytes_add(plain_out, room, space - to.len);
        still = len > in.len || space > to.len ? 0 : still;
        if (wanted && rc == ROVE_OK) {
            bool full = in.len > 0 && to.len > 0; // nothing but a place makes it stop there

            wanted = ask(r, at, plain_out->len, out, &asked);
            asks = asked != ROVE_E_UNSUPPORTED;
            CU_ASSERT(!full || asked != ROVE_E_AGAIN);
            next = wanted ? next : plain_out->len + (every > 0 ? draw_below(rng, every) + 1 : 0);
        }
    }
    return rc == ROVE_OK ? ROVE_E_STALL : rc;
}

// resume ------------------------------------------------------------------------------------------

int32_t place_resume(struct rig *r, const struct place *place, const struct bytes *coded, size_t end, struct cut cut,
                     struct bytes *plain_out)
{
    struct rove_mark mark = {.size = sizeof mark, .flags = place->flags, .bits = place->bits,
                             .state_len = place->state_len};
    size_t at = place->coded - (place->bits > 0);
    uint8_t *state = malloc(place->state_len + 1); // gone when resume() has returned
    int32_t rc = rig_reset(r);

    CU_ASSERT_PTR_NOT_NULL_FATAL(state);
    CU_ASSERT_EQUAL(rc, ROVE_OK);
    mark.state = place->state_len > 0 ? memcpy(state + 1, place->state, place->state_len) : NULL;
    plain_out->len = 0;
    rc = r->filter->resume(r->state, &mark);
    free(state);
    return rc == ROVE_OK ? rig_drive(r, coded->ptr + at, end - at, plain_out, ROVE_FINISH, cut, NULL) : rc;
}

// hop ---------------------------------------------------------------------------------------------

int32_t places_hop(struct rig *r, const struct bytes *coded, uint64_t *rng, struct places *out, uint64_t len_out[2])
{
    uint64_t at = 0, plain = 0;
    size_t hand = 1;
    int32_t rc = rig_reset(r);

    while (rc == ROVE_OK || rc == ROVE_E_TRUNCATED) {
        struct rove_hop hop = {.size = sizeof hop, .mark = {.size = sizeof hop.mark}};
        size_t left = at < coded->len ? coded->len - (size_t) at : 0, len = hand < left ? hand : left;
        uint8_t *copy = malloc(len + 1);

        CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
        if (len > 0) {
            memcpy(copy, coded->ptr + at, len);
        }
        rc = r->filter->hop(r->state, len > 0 ? copy : NULL, len, &hop);
        if (rc == ROVE_OK) {
            CU_ASSERT_FATAL(hop.skip > 0);
            if (hop.marked) {
                places_add(out, (size_t) at, (size_t) plain, &hop.mark);
            }
            at += hop.skip;
            plain += hop.plain;
            hand = 1 + draw_below(rng, 30); // 0 would say that there are no more
        } else if (rc == ROVE_E_TRUNCATED) {
            CU_ASSERT_FATAL(hop.need > len);
            hand = (size_t) hop.need;
        }
        free(copy);
        if (at > coded->len || (rc == ROVE_E_TRUNCATED && len == left)) { // they are cut, or it has guessed
            hop = (struct rove_hop){.size = sizeof hop, .mark = {.size = sizeof hop.mark}};
            rc = r->filter->hop(r->state, NULL, 0, &hop) == ROVE_E_UNSUPPORTED ? ROVE_E_UNSUPPORTED : ROVE_E_TRUNCATED;
            break;
        }
    }
    len_out[0] = at;
    len_out[1] = plain;
    return rc;
}
