// SPDX-License-Identifier: MIT
// source.c: bytes that come in without a copy: views, ropes, adopted memory, files, zeros.
#include <rove/view.h>

#include "base/given.h"
#include "base/os.h"
#include "rope/append.h"
#include "rope/edit.h"
#include "rope/leaf.h"
#include "rope/sweep.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// views and ropes -------------------------------------------------------------------------------

// Makes mid, an empty rope, the bytes of a view, all shared.
static enum rove_status share_view(struct rove_rope *mid, const struct rove_view *view)
{
    struct rv_spare spare = rv_spare_none(mid->pool);
    unsigned height = rv_height(view->root) + 1;
    enum rove_status status =
        rv_spare_fill(&spare, rv_tree_cut_need_most(height) + rv_tree_push_need_most(height));
    if (status == ROVE_OK) {
        struct rv_node *root = NULL;
        uint64_t in_tree = 0;
        if (view->root) {
            in_tree = rv_min_u64(view->len, view->tree_len - view->off);
            root = rv_tree_part(view->root, view->off, in_tree, &spare);
        }
        if (view->len > in_tree) {
            size_t skip = view->root ? 0 : (size_t) view->off;
            struct rv_entry slice = {view->len - in_tree, rv_chunk_ref_slice(view->tail, view->len - in_tree),
                                     view->tail_at + skip};
            rv_chunk_double(view->tail);
            root = rv_tree_push(root, slice, &spare);
        }
        mid->root = root;
        mid->tree_len = rv_tree_len(root);
    }
    rv_spare_fini(&spare);
    return status;
}

static enum rove_status replace_small(struct rove_rope *rope, uint64_t off, uint64_t del,
                                      const struct rove_view *view)
{
    uint8_t bytes[ROVE_MERGE_LEN];
    size_t len;
    enum rove_status status = rove_view_read(view, 0, bytes, sizeof bytes, &len);
    return status ? status : rove_rope_replace(rope, off, del, bytes, len);
}

// Writes down the slices of a view, not empty, if there are at most RV_LEAF_ADD; they hold nothing. Returns 0
// if there are more. Others see these bytes as well from now on.
static unsigned few_slices(const struct rove_view *view, struct rv_entry *slice)
{
    unsigned cnt = 0;
    uint64_t off = view->off, end = view->off + view->len;
    while (off < rv_min_u64(end, view->tree_len)) {
        struct rv_found found = rv_byte_find(view->root, off);
        uint64_t skip = (uint64_t) (found.ptr - found.leaf->at[found.i]);
        unsigned first = cnt;
        off -= skip;
        for (unsigned i = found.i; i < found.leaf->cnt && off < end; i++) {
            if (cnt == RV_LEAF_ADD)
                return 0;
            slice[cnt++] = rv_node_entry(found.leaf, i);
            off += found.leaf->len[i];
        }
        slice[first].len -= skip;
        slice[first].at += skip;
    }
    if (off > end) {
        slice[cnt - 1].len -= off - end;
        off = end;
    }
    if (off < end) {
        if (cnt == RV_LEAF_ADD)
            return 0;
        slice[cnt++] = (struct rv_entry){end - off, view->tail, view->tail_at + (off - view->tree_len)};
    }
    for (unsigned i = 0; i < cnt; i++)
        rv_chunk_double(slice[i].ptr);
    return cnt;
}

// Puts a few slices into a rope, at its end or elsewhere. Returns ROVE_END when that takes more than one leaf.
static enum rove_status replace_slices(struct rove_rope *rope, uint64_t off, uint64_t del,
                                       const struct rv_entry *slice, unsigned cnt)
{
    enum rove_status status = rv_append_settle(rope);
    if (status)
        return status;
    if (off == rope->tree_len && cnt == 1) {
        rv_chunk_ref_slice(slice->ptr, slice->len);
        return rv_append_slice(rope, *slice);
    }
    return rv_leaf_replace_slices(rope, off, del, slice, cnt);
}

static enum rove_status replace_shared(struct rove_rope *rope, uint64_t off, uint64_t del,
                                       const struct rove_view *view)
{
    struct rove_rope mid;
    rove_rope_init(&mid, rope->pool);
    enum rove_status status = share_view(&mid, view);
    if (status == ROVE_OK && off == rove_rope_len(rope))
        status = rove_rope_concat(rope, &mid);
    else if (status == ROVE_OK)
        status = rv_edit_rope(rope, off, del, &mid);
    rove_rope_fini(&mid);
    return status;
}

enum rove_status rove_rope_replace_view(struct rove_rope *rope, uint64_t off, uint64_t del,
                                        const struct rove_view *view)
{
    if (!rope || !view)
        return ROVE_E_ARG;
    uint64_t len = rove_rope_len(rope);
    if (!rv_within(off, del, len) || view->len > ROVE_LEN_MAX - (len - del))
        return ROVE_E_RANGE;
    if (view->len <= ROVE_MERGE_LEN)
        return replace_small(rope, off, del, view);
    struct rv_entry slice[RV_LEAF_ADD];
    unsigned cnt = few_slices(view, slice);
    uint32_t before = rope->debt;
    rv_edit_begin();
    enum rove_status status = cnt ? replace_slices(rope, off, del, slice, cnt) : ROVE_END;
    if (status == ROVE_END)
        status = replace_shared(rope, off, del, view);
    if (status == ROVE_OK)
        rv_sweep(rope, before);
    rv_edit_end();
    return status;
}

enum rove_status rove_rope_append_view(struct rove_rope *rope, const struct rove_view *view)
{
    return rove_rope_replace_view(rope, rove_rope_len(rope), 0, view);
}

enum rove_status rove_rope_insert_rope(struct rove_rope *rope, uint64_t off, struct rove_rope *src)
{
    struct rove_view view;
    enum rove_status status = rove_rope_view(src, 0, rove_rope_len(src), &view);
    if (status == ROVE_OK)
        status = rove_rope_replace_view(rope, off, 0, &view);
    rove_view_fini(&view);
    return status;
}

// foreign memory --------------------------------------------------------------------------------

enum rove_status rove_rope_append_adopt(struct rove_rope *rope, const void *ptr, size_t len,
                                        rove_release_fn *release, void *arg)
{
    struct rove_span memory = {ptr, len};
    enum rove_status status = !rope || rv_lacks(ptr, len) ? ROVE_E_ARG : ROVE_OK;
    if (status == ROVE_OK && !rv_may_grow(rope, len))
        status = ROVE_E_RANGE;
    if (status == ROVE_OK && len > ROVE_MERGE_LEN) {
        struct rv_chunk *chunk = rv_chunk_adopt(rope->pool, memory, release, arg, &status);
        if (chunk)
            return rv_append_slice(rope, (struct rv_entry){len, chunk, chunk->data});
    } else if (status == ROVE_OK) {
        status = rove_rope_append(rope, ptr, len);
    }
    if (release)
        release(arg, ptr, len);
    return status;
}

static void unmap(void *arg, const void *ptr, size_t len)
{
    (void) arg;
    rv_os()->munmap((void *) (uintptr_t) ptr, len);
}

// Maps [off, off + len) of a file, from the start of its page on.
static enum rove_status map_file(struct rove_rope *rope, int fd, uint64_t off, size_t len)
{
    uint64_t page = (uint64_t) sysconf(_SC_PAGESIZE);
    size_t skip = (size_t) (off % page), whole;
    if (rv_add_size(len, skip, &whole))
        return ROVE_E_RANGE;
    void *at = rv_os()->mmap(NULL, whole, PROT_READ, MAP_PRIVATE, fd, (off_t) (off - skip));
    if (at == MAP_FAILED)
        return ROVE_E_IO;
    enum rove_status status;
    struct rove_span memory = {at, whole};
    struct rv_chunk *chunk = rv_chunk_adopt(rope->pool, memory, unmap, NULL, &status);
    if (chunk)
        return rv_append_slice(rope, (struct rv_entry){len, chunk, chunk->data + skip});
    unmap(NULL, at, whole);
    return status;
}

enum rove_status rove_rope_append_file(struct rove_rope *rope, int fd, uint64_t off, uint64_t len)
{
    if (!rope)
        return ROVE_E_ARG;
    struct stat st;
    if (rv_os()->fstat(fd, &st) != 0)
        return ROVE_E_IO;
    if (!S_ISREG(st.st_mode))
        return ROVE_E_UNSUPPORTED;
    uint64_t size = (uint64_t) st.st_size;
    if (len == UINT64_MAX && off <= size)
        len = size - off;
    if (!rv_within(off, len, size) || len > SIZE_MAX || !rv_may_grow(rope, len))
        return ROVE_E_RANGE;
    return len ? map_file(rope, fd, off, (size_t) len) : ROVE_OK;
}

// zeros -----------------------------------------------------------------------------------------

#define ZEROS_SHARED_FROM 4096u // bytes: a page. To share them takes as long as to write 5 KiB, and 250 bytes of memory.

// Joins two trees of a rope that is being built; on failure both are dropped.
static enum rove_status join(struct rove_pool *pool, struct rv_node **left, struct rv_node *right)
{
    struct rv_spare spare = rv_spare_none(pool);
    struct rv_seam seam = rv_tree_seam(*left, right);
    enum rove_status status = rv_spare_fill(&spare, rv_tree_join_need(*left, right, seam));
    if (status == ROVE_OK) {
        *left = rv_tree_join(*left, right, seam, &spare);
    } else {
        rv_node_unref(*left);
        rv_node_unref(right);
        *left = NULL;
    }
    rv_spare_fini(&spare);
    return status;
}

// A tree of cnt times the same slice, built by doubling, so that it takes log n nodes.
static enum rove_status repeat(struct rove_pool *pool, struct rv_node *unit, uint64_t cnt,
                               struct rv_node **out)
{
    enum rove_status status = ROVE_OK;
    *out = NULL;
    for (; cnt && status == ROVE_OK; cnt >>= 1) {
        if (cnt & 1)
            status = join(pool, out, rv_node_ref(unit));
        if (cnt > 1 && status == ROVE_OK)
            status = join(pool, &unit, rv_node_ref(unit));
    }
    rv_node_unref(unit);
    if (status) {
        rv_node_unref(*out);
        *out = NULL;
    }
    return status;
}

static enum rove_status one_slice(struct rove_pool *pool, struct rv_chunk *chunk, uint64_t len,
                                  struct rv_node **out)
{
    struct rv_spare spare = rv_spare_none(pool);
    enum rove_status status = rv_spare_fill(&spare, rv_tree_push_need(NULL));
    *out = NULL;
    if (status == ROVE_OK)
        *out = rv_tree_push(NULL, (struct rv_entry){len, rv_chunk_ref(chunk), chunk->data}, &spare);
    rv_spare_fini(&spare);
    return status;
}

static enum rove_status zero_tree(struct rove_pool *pool, struct rv_chunk *chunk, uint64_t len, struct rv_node **out)
{
    struct rv_node *unit, *rest = NULL;
    *out = NULL;
    enum rove_status status = one_slice(pool, chunk, chunk->cap, &unit);
    if (status == ROVE_OK)
        status = repeat(pool, unit, len / chunk->cap, out);
    if (status == ROVE_OK && len % chunk->cap)
        status = one_slice(pool, chunk, len % chunk->cap, &rest);
    if (status == ROVE_OK)
        return join(pool, out, rest);
    rv_node_unref(*out);
    *out = NULL;
    return status;
}

enum rove_status rv_append_zeros(struct rove_rope *rope, uint64_t len)
{
    enum rove_status status;
    struct rv_chunk *chunk = rv_chunk_zeros(rope->pool, &status);
    if (!chunk)
        return status;
    if (len <= chunk->cap)
        return rv_append_slice(rope, (struct rv_entry){len, chunk, chunk->data});
    struct rv_node *root;
    status = zero_tree(rope->pool, chunk, len, &root);
    rv_chunk_unref(chunk);
    rv_edit_begin();
    if (status == ROVE_OK)
        status = rv_append_settle(rope);
    if (status == ROVE_OK)
        status = rv_edit_tree(rope, rope->tree_len, 0, root);
    rv_edit_end();
    if (status)
        rv_node_unref(root);
    return status;
}

enum rove_status rove_rope_append_zeros(struct rove_rope *rope, uint64_t len)
{
    static uint8_t few[ZEROS_SHARED_FROM - 1]; // never written; not const, so that it takes no room in the file
    if (!rope)
        return ROVE_E_ARG;
    if (!rv_may_grow(rope, len))
        return ROVE_E_RANGE;
    return len <= sizeof few ? rove_rope_append(rope, few, (size_t) len) : rv_append_zeros(rope, len);
}

enum rove_status rove_rope_resize(struct rove_rope *rope, uint64_t len)
{
    uint64_t now = rove_rope_len(rope);
    return len <= now ? rove_rope_truncate(rope, len) : rove_rope_append_zeros(rope, len - now);
}
