// SPDX-License-Identifier: MIT
// reader.c: libarchive's reader on the plain bytes of a file: its skips are our seeks.
#include "reader.h"

#ifdef ROVE_HAVE_LIBARCHIVE

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

// Headers that lie between members of some size are read one at a time, so little is read with each.
#define BLOCK_LEN ((size_t) 16 << 10)

bool reader_built(void)
{
    return true;
}

// plain bytes ------------------------------------------------------------------------------------

static la_ssize_t failed(struct reader *r, enum rove_status status)
{
    r->status = status;
    archive_set_error(r->in, EIO, "%s", rove_status_text(status));
    return ARCHIVE_FATAL;
}

static la_ssize_t on_read(struct archive *in, void *ctx, const void **ptr_out)
{
    struct reader *r = ctx;
    size_t len;
    enum rove_status status = plain_read(r->plain, r->block, BLOCK_LEN, &len);

    (void) in;
    *ptr_out = r->block;
    return len > 0 || status == ROVE_OK || status == ROVE_END ? (la_ssize_t) len : failed(r, status);
}

// Goes to a place, at most to the end: behind it there is nothing to be passed over, and who expects it there shall
// find that out.
static enum rove_status go(struct reader *r, uint64_t *off)
{
    uint64_t size;
    enum rove_status status = plain_size(r->plain, &size);

    if (status == ROVE_OK && *off > size)
        *off = size;
    return status == ROVE_OK ? plain_seek(r->plain, *off) : status;
}

static la_int64_t on_skip(struct archive *in, void *ctx, la_int64_t len)
{
    struct reader *r = ctx;
    uint64_t from, to;
    enum rove_status status = rove_stream_tell(r->plain->stream, &from);

    (void) in;
    to = from + (uint64_t) len;
    if (status == ROVE_OK)
        status = go(r, &to);
    return status == ROVE_OK ? (la_int64_t) (to - from) : failed(r, status);
}

static la_int64_t on_seek(struct archive *in, void *ctx, la_int64_t off, int whence)
{
    struct reader *r = ctx;
    uint64_t base = 0, to;
    enum rove_status status = ROVE_OK;

    (void) in;
    if (whence == SEEK_CUR)
        status = rove_stream_tell(r->plain->stream, &base);
    else if (whence == SEEK_END)
        status = plain_size(r->plain, &base);
    to = off < 0 && (uint64_t) -off > base ? 0 : base + (uint64_t) off;
    if (status == ROVE_OK)
        status = go(r, &to);
    return status == ROVE_OK ? (la_int64_t) to : failed(r, status);
}

// reading ----------------------------------------------------------------------------------------

// Tells it all that it needs, which fails for lack of memory only; opened without its data libarchive would crash.
static bool prepare(struct reader *r)
{
    if (r->in == NULL || r->block == NULL || archive_read_support_filter_none(r->in) < ARCHIVE_WARN ||
        archive_read_support_format_tar(r->in) < ARCHIVE_WARN ||
        archive_read_support_format_cpio(r->in) < ARCHIVE_WARN ||
        archive_read_support_format_zip(r->in) < ARCHIVE_WARN || archive_read_set_callback_data(r->in, r) != ARCHIVE_OK)
        return false;
    archive_read_set_read_callback(r->in, on_read);
    if (plain_seeks(r->plain)) {
        archive_read_set_skip_callback(r->in, on_skip);
        archive_read_set_seek_callback(r->in, on_seek);
    }
    return true;
}

bool reader_open(struct reader *r, struct plain *plain)
{
    *r = (struct reader){.plain = plain, .in = archive_read_new(), .block = malloc(BLOCK_LEN)};
    if (!prepare(r)) {
        report_error(NULL, "out of memory");
        return false;
    }
    r->strange = archive_read_open1(r->in) != ARCHIVE_OK; // all formats have had a look
    if (r->status != ROVE_OK) {
        plain_blame(plain, r->status);
        return false;
    }
    if (r->strange && (archive_errno(r->in) == 0 || archive_errno(r->in) == ENOMEM)) { // 0: it had none to say so
        report_error(NULL, "out of memory");
        return false;
    }
    return true;
}

static const char *type_of(struct archive_entry *e)
{
    static const struct {
        unsigned type;
        const char *word;
    } words[] = {{AE_IFREG, "file"}, {AE_IFDIR, "folder"}, {AE_IFLNK, "symlink"}, {AE_IFIFO, "fifo"},
                 {AE_IFCHR, "char"}, {AE_IFBLK, "block"},  {AE_IFSOCK, "socket"}};

    if (archive_entry_hardlink(e) != NULL)
        return "link";
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (archive_entry_filetype(e) == words[i].type)
            return words[i].word;
    return "file";
}

// Whether a member of a cpio is a file with several names; and of those kinds that keep its data with one of them, and
// with another one than this.
static void look_at_names(const struct reader *r, struct archive_entry *e, struct member *m)
{
    int format = archive_format(r->in);

    m->dev = (int64_t) archive_entry_dev(e);
    m->ino = archive_entry_ino64(e);
    m->has_names = (format & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_CPIO && archive_entry_nlink(e) > 1 &&
                   archive_entry_filetype(e) == AE_IFREG;
    m->may_follow = m->has_names && m->size == 0 &&
                    (format == ARCHIVE_FORMAT_CPIO_SVR4_NOCRC || format == ARCHIVE_FORMAT_CPIO_SVR4_CRC);
}

// Returns false, after a warning, when the name is not in the encoding that the archive says it is in.
static bool describe(struct reader *r, struct archive_entry *e)
{
    struct member *m = &r->member;
    const char *hard = archive_entry_hardlink(e);

    *m = (struct member){.name = archive_entry_pathname(e),
                         .link = hard != NULL ? hard : archive_entry_symlink(e),
                         .is_hard = hard != NULL,
                         .type = type_of(e),
                         .perm = (uint32_t) archive_entry_perm(e),
                         .is_device = hard == NULL && (archive_entry_filetype(e) == AE_IFCHR ||
                                                       archive_entry_filetype(e) == AE_IFBLK),
                         .dev_major = (uint64_t) archive_entry_rdevmajor(e),
                         .dev_minor = (uint64_t) archive_entry_rdevminor(e),
                         .uid = archive_entry_uid(e),
                         .gid = archive_entry_gid(e),
                         .size = archive_entry_size(e),
                         .mtime = archive_entry_mtime(e),
                         .user = archive_entry_uname(e),
                         .group = archive_entry_gname(e),
                         .entry = e};
    look_at_names(r, e, m);
    if (m->name == NULL)
        m->name = archive_entry_pathname_utf8(e);
    strncpy(m->mode, archive_entry_strmode(e), sizeof m->mode - 1);
    if (m->is_hard)
        m->mode[0] = 'h';
    if (m->name != NULL)
        return true;
    r->plain->verdict = verdict_worse(
        r->plain->verdict, report_warning(r->plain->src.name, "a member is left out: its name cannot be read"));
    return false;
}

// Reports what libarchive says, or the stream below it.
static void blame(struct reader *r)
{
    const char *why = archive_error_string(r->in);

    if (r->status != ROVE_OK)
        plain_blame(r->plain, r->status);
    else
        report_error(r->plain->src.name, "%s", why != NULL ? why : "the archive is damaged");
}

// Whether an archive without members is one: the end of a zip or a cpio tells. Zeros alone pass for a tar, and need not
// be one.
static bool is_marked(const struct reader *r)
{
    int format = archive_format(r->in) & ARCHIVE_FORMAT_BASE_MASK;

    return format == ARCHIVE_FORMAT_ZIP || format == ARCHIVE_FORMAT_CPIO;
}

enum reader_end reader_next(struct reader *r)
{
    struct archive_entry *entry;
    int got;

    if (r->strange)
        return READER_STRANGE;
    do {
        do
            got = archive_read_next_header(r->in, &entry);
        while (got == ARCHIVE_RETRY);
        if (got == ARCHIVE_EOF)
            return r->known || is_marked(r) ? READER_DONE : READER_STRANGE;
        if (got != ARCHIVE_OK && got != ARCHIVE_WARN) {
            blame(r);
            return READER_FAILED;
        }
        r->known = true;
    } while (!describe(r, entry));
    if (got == ARCHIVE_WARN)
        r->plain->verdict = verdict_worse(r->plain->verdict,
                                          report_warning(r->member.name, "%s", archive_error_string(r->in)));
    return READER_MEMBER;
}

bool reader_block(struct reader *r, const void **ptr_out, size_t *len_out, uint64_t *off_out)
{
    la_int64_t off = 0;
    int got;

    do
        got = archive_read_data_block(r->in, ptr_out, len_out, &off);
    while (got == ARCHIVE_RETRY);
    *off_out = (uint64_t) off;
    if (got == ARCHIVE_EOF)
        *len_out = 0;
    if (got == ARCHIVE_EOF || got == ARCHIVE_OK)
        return true;
    blame(r);
    return false;
}

const char *reader_kind(const struct reader *r)
{
    const char *kind = archive_format_name(r->in);

    return kind != NULL ? kind : "archive";
}

void reader_close(struct reader *r)
{
    if (r->in != NULL)
        archive_read_free(r->in);
    free(r->block);
    *r = (struct reader){0};
}

#else

// Built without libarchive: nothing is taken for an archive.

bool reader_built(void)
{
    return false;
}

bool reader_open(struct reader *r, struct plain *plain)
{
    *r = (struct reader){.plain = plain};
    return true;
}

enum reader_end reader_next(struct reader *r)
{
    (void) r;
    return READER_STRANGE;
}

bool reader_block(struct reader *r, const void **ptr_out, size_t *len_out, uint64_t *off_out)
{
    (void) r;
    (void) ptr_out;
    (void) off_out;
    *len_out = 0;
    return false;
}

const char *reader_kind(const struct reader *r)
{
    (void) r;
    return "archive";
}

void reader_close(struct reader *r)
{
    (void) r;
}

#endif
