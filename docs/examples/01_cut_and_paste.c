// SPDX-License-Identifier: MIT
// 01_cut_and_paste.c: moves the middle third of 3 MiB to the front. No byte of it is copied: the
// pieces change places in the tree, and the pool hands out no chunk for it.
#include <rove/rove.h>

#include <stdio.h>

#define PART ((uint64_t) 1 << 20) // bytes

// Appends PART times a letter, written straight into the rope's chunks.
static enum rove_status add_part(struct rove_rope *rope, int letter)
{
    for (uint64_t left = PART; left;) {
        uint8_t *room;
        size_t len;
        enum rove_status status = rove_rope_reserve(rope, (size_t) left, &room, &len);
        if (status)
            return status;
        len = len < left ? len : (size_t) left;
        memset(room, letter, len);
        status = rove_rope_commit(rope, len);
        if (status)
            return status;
        left -= len;
    }
    return ROVE_OK;
}

// Cuts len bytes at off and pastes them in front. The view, the clipboard, pins them meanwhile.
static enum rove_status move_to_front(struct rove_rope *rope, uint64_t off, uint64_t len)
{
    struct rove_view clip;
    enum rove_status status = rove_rope_view(rope, off, len, &clip);
    if (status == ROVE_OK)
        status = rove_rope_erase(rope, off, len);
    if (status == ROVE_OK)
        status = rove_rope_replace_view(rope, 0, 0, &clip);
    rove_view_fini(&clip);
    return status;
}

int main(void)
{
    struct rove_rope rope;
    struct rove_pool_figures before, after;
    uint8_t first[3];
    rove_rope_init(&rope, NULL);
    int failed = add_part(&rope, 'a') || add_part(&rope, 'b') || add_part(&rope, 'c');
    rove_pool_measure(NULL, &before);
    failed = failed || move_to_front(&rope, PART, PART);
    rove_pool_measure(NULL, &after);
    for (int i = 0; i < 3; i++)
        failed = failed || rove_rope_read(&rope, (uint64_t) i * PART, &first[i], 1, NULL);
    failed = failed || memcmp(first, "bac", 3) != 0 || after.take_cnt != before.take_cnt;
    rove_rope_fini(&rope);
    puts(failed ? "something is wrong" : "b a c, and no chunk was taken for it");
    return failed;
}
