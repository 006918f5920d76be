// SPDX-License-Identifier: MIT
// 02_patch.c: finds text in a rope and puts longer text in its place, changes bytes where they are,
// and adds a line in front. What follows a change is never moved in memory.
#include <rove/rove.h>

#include <stdio.h>

static const char before[] = "host=localhost\nport=80\nmode=debug\n";
static const char after[] = "# patched\nhost=localhost\nport=8080\nmode=quiet\n";

// Finds text. The view is dropped before the caller edits: while a view shares the bytes, an edit
// has to put its own elsewhere instead of writing over them.
static enum rove_status find(struct rove_rope *rope, const char *text, uint64_t *pos_out)
{
    struct rove_view view;
    enum rove_status status = rove_rope_view(rope, 0, rove_rope_len(rope), &view);
    if (status == ROVE_OK)
        status = rove_view_find(&view, 0, text, strlen(text), pos_out);
    rove_view_fini(&view);
    return status;
}

// Replaces the first `from` by `to`, which may have another length. ROVE_END: there is none.
static enum rove_status replace(struct rove_rope *rope, const char *from, const char *to)
{
    uint64_t pos;
    enum rove_status status = find(rope, from, &pos);
    return status ? status : rove_rope_replace(rope, pos, strlen(from), to, strlen(to));
}

// Writes over as many bytes as `to` has, behind the first `mark`.
static enum rove_status overwrite(struct rove_rope *rope, const char *mark, const char *to)
{
    uint64_t pos;
    enum rove_status status = find(rope, mark, &pos);
    return status ? status : rove_rope_overwrite(rope, pos + strlen(mark), to, strlen(to));
}

int main(void)
{
    struct rove_rope rope;
    const uint8_t *flat = NULL;
    rove_rope_init(&rope, NULL);
    int failed = rove_rope_append(&rope, before, strlen(before)) ||
                 replace(&rope, "port=80", "port=8080") || overwrite(&rope, "mode=", "quiet") ||
                 rove_rope_insert(&rope, 0, "# patched\n", 10) || rove_rope_flatten(&rope, &flat);
    failed = failed || rove_rope_len(&rope) != strlen(after) ||
             memcmp(flat, after, strlen(after)) != 0 ||
             fwrite(flat, 1, strlen(after), stdout) != strlen(after);
    failed = failed || replace(&rope, "colour", "color") != ROVE_END; // it is not there
    rove_rope_fini(&rope);
    return failed;
}
