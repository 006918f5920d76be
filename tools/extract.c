// SPDX-License-Identifier: MIT
// extract.c: libarchive's writer to disk, with a look at each name before, and files renamed into place after.
#include "extract.h"

#ifdef ROVE_HAVE_LIBARCHIVE

#include "output.h"
#include "signals.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <limits.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMP_LEN 13 // ".rove-XXXXXX" and its end

struct extract {
    struct archive *disk;
    struct late *late;
    void *made; // a tree of the names that came from here
    bool force;
    bool unfinished; // the last entry could not be ended, which libarchive tries once more at the end
};

static enum verdict no_memory(void)
{
    return report_error(NULL, "out of memory");
}

struct extract *extract_new(bool force, struct late *late)
{
    struct extract *x = calloc(1, sizeof *x);
    int flags = ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_SECURE_NODOTDOT |
                ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS;

    if (geteuid() == 0)
        flags |= ARCHIVE_EXTRACT_OWNER | ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_ACL | ARCHIVE_EXTRACT_XATTR;
    if (x != NULL)
        x->disk = archive_write_disk_new();
    if (x == NULL || x->disk == NULL || archive_write_disk_set_options(x->disk, flags) != ARCHIVE_OK ||
        archive_write_disk_set_standard_lookup(x->disk) != ARCHIVE_OK) {
        no_memory();
        extract_free(x);
        return NULL;
    }
    x->force = force;
    x->late = late;
    return x;
}

// names ------------------------------------------------------------------------------------------

// Returns a name without what means nothing, "./" before it and "/" behind it; drop it by free().
static char *simplify(const char *name)
{
    size_t len;

    while (name[0] == '.' && name[1] == '/')
        name += 1 + strspn(name + 1, "/");
    len = strlen(name);
    while (len > 1 && name[len - 1] == '/')
        len--;
    return strndup(name, len);
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static bool is_ours(const struct extract *x, const char *name)
{
    return tfind(name, &x->made, compare) != NULL;
}

static bool remember(struct extract *x, const char *name)
{
    char *copy = is_ours(x, name) ? NULL : strdup(name);

    if (copy == NULL)
        return is_ours(x, name);
    if (tsearch(copy, &x->made, compare) != NULL)
        return true;
    free(copy);
    return false;
}

// Whether a name leads out of the folder by itself.
static bool leads_out(const char *name)
{
    if (*name == '/')
        return true;
    for (const char *p = name; *p != 0; p += strspn(p, "/")) {
        size_t len = strcspn(p, "/");
        if (len == 2 && p[0] == '.' && p[1] == '.')
            return true;
        p += len;
    }
    return false;
}

// Returns the length of the part of a name that is a symbolic link, with more behind it; 0 when there is none.
// name: shorter than PATH_MAX.
static size_t link_in(const char *name)
{
    char part[PATH_MAX];
    struct stat st;

    for (size_t len = strcspn(name, "/"); name[len] != 0; len += 1 + strcspn(name + len + 1, "/")) {
        memcpy(part, name, len);
        part[len] = 0;
        if (name[len + strspn(name + len, "/")] != 0 && lstat(part, &st) == 0 && S_ISLNK(st.st_mode))
            return len;
    }
    return 0;
}

// Keeps the names of folders that will be made on the way to a name, as they may come with modes and times of their own
// later: cpio is fed by find -depth. name: shorter than PATH_MAX.
static bool expect_folders(struct extract *x, const char *name)
{
    char part[PATH_MAX];
    char *slash;
    struct stat st;

    strcpy(part, name);
    while ((slash = strrchr(part, '/')) != NULL) {
        *slash = 0;
        if (*part == 0 || lstat(part, &st) == 0)
            break;
        if (!remember(x, part))
            return false;
    }
    return true;
}

static bool is_long(const char *name)
{
    return strlen(name) >= PATH_MAX;
}

// Whether a name, and that of the member it links to, is safe. Reports it when it is not.
static bool judge_name(const char *name, const struct member *m)
{
    size_t link = leads_out(name) || is_long(name) ? 0 : link_in(name);

    if (is_long(name) || (m->is_hard && is_long(m->link)))
        report_warning(name, "is left out: its name, or that of what it is a link to, is too long");
    else if (leads_out(name))
        report_warning(name, "is left out: its name leads out of the folder");
    else if (link > 0)
        report_warning(name, "is left out: \"%.*s\" is a symbolic link, and nothing is written through one", (int) link,
                       name);
    else if (m->is_hard && (leads_out(m->link) || link_in(m->link) > 0))
        report_warning(name, "is left out: it is a link to %s, which leads out of the folder", m->link);
    else
        return true;
    return false;
}

// making -----------------------------------------------------------------------------------------

// What the system said is of more use than libarchive's own words, which name the temporary file.
static enum verdict blame_disk(const struct extract *x, const char *name, int got)
{
    const char *why = archive_error_string(x->disk);
    int err = archive_errno(x->disk);

    if (got == ARCHIVE_OK)
        return VERDICT_FINE;
    if (why == NULL)
        why = strerror(errno);
    if (got == ARCHIVE_WARN)
        return report_warning(name, "%s", why);
    return report_error(name, "cannot be made: %s", err > 0 ? strerror(err) : why);
}

// A write that the system refuses is only a warning to libarchive, as is one for which an entry has no place.
static bool put_data(struct extract *x, const void *ptr, size_t len, uint64_t off)
{
    la_ssize_t got = archive_write_data_block(x->disk, ptr, len, (la_int64_t) off);

    return got >= ARCHIVE_OK || (got >= ARCHIVE_WARN && archive_errno(x->disk) <= 0);
}

static enum verdict copy_data(struct extract *x, struct reader *r, const char *name, bool *reader_failed_out)
{
    const void *ptr;
    uint64_t off;
    size_t len;

    for (;;) {
        if (!reader_block(r, &ptr, &len, &off)) {
            *reader_failed_out = true;
            return VERDICT_FAILED;
        }
        if (len == 0)
            return VERDICT_FINE;
        if (!put_data(x, ptr, len, off))
            return blame_disk(x, name, ARCHIVE_FATAL);
    }
}

// What comes after the header, if that could be written. r: NULL when there are no data.
static enum verdict complete(struct extract *x, struct reader *r, const char *name, int got, bool *reader_failed_out)
{
    enum verdict verdict = blame_disk(x, name, got);

    if (got >= ARCHIVE_WARN) {
        if (r != NULL)
            verdict = verdict_worse(verdict, copy_data(x, r, name, reader_failed_out));
        got = archive_write_finish_entry(x->disk);
        x->unfinished = got < ARCHIVE_WARN;
        if (verdict != VERDICT_FAILED) // else it fails of the same
            verdict = verdict_worse(verdict, blame_disk(x, name, got));
    }
    return verdict;
}

// A name in the same folder that nobody has. Drop it by free(); NULL without memory.
static char *temp_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    const char *slash = strrchr(name, '/');
    size_t dir_len = slash == NULL ? 0 : (size_t) (slash - name) + 1;
    char *temp = malloc(dir_len + TEMP_LEN);
    unsigned char random[6];
    struct stat st;

    if (temp == NULL)
        return NULL;
    do {
        if (getrandom(random, sizeof random, 0) != (ssize_t) sizeof random)
            memset(random, 0, sizeof random);
        sprintf(temp, "%.*s.rove-", (int) dir_len, name);
        for (size_t i = 0; i < sizeof random; i++)
            temp[dir_len + 6 + i] = letters[random[i] % (sizeof letters - 1)];
        temp[dir_len + TEMP_LEN - 1] = 0;
    } while (lstat(temp, &st) == 0);
    return temp;
}

// Makes the file under its temporary name, of which the signal handler knows from its first moment on.
static int begin_file(struct extract *x, struct archive_entry *entry, const char *temp)
{
    struct stat made;
    int got;

    archive_entry_copy_pathname(entry, temp);
    signals_hold();
    got = archive_write_header(x->disk, entry);
    if (lstat(temp, &made) == 0)
        signals_guard(temp, &made);
    signals_release();
    return got;
}

// Ends what begin_file() has begun: the file gets its name, or is removed.
static enum verdict end_file(const struct extract *x, const char *temp, const char *name, enum verdict verdict)
{
    signals_hold();
    if (verdict != VERDICT_FAILED && output_rename(temp, name, x->force || is_ours(x, name)) != 0)
        verdict = report_error(name, "cannot be given its name: %s", strerror(errno));
    if (verdict == VERDICT_FAILED)
        unlink(temp);
    signals_guard(NULL, NULL);
    signals_release();
    return verdict;
}

// r: NULL when there are no data.
static enum verdict make_file(struct extract *x, struct reader *r, struct archive_entry *entry, const char *name,
                              bool *reader_failed_out)
{
    char *temp = temp_name(name);
    enum verdict verdict;
    int got;

    if (temp == NULL)
        return no_memory();
    got = begin_file(x, entry, temp);
    verdict = complete(x, r, name, got, reader_failed_out);
    verdict = end_file(x, temp, name, verdict);
    free(temp);
    return verdict;
}

// Folders, pipes, devices, and links, which have no data of their own. target: of a hard link, or NULL.
static enum verdict make_other(struct extract *x, struct archive_entry *entry, const char *name, const char *target)
{
    if (target != NULL) {
        archive_entry_copy_pathname(entry, name);
        archive_entry_copy_hardlink(entry, target);
    }
    archive_entry_unset_size(entry);
    return complete(x, NULL, name, archive_write_header(x->disk, entry), NULL);
}

// VERDICT_FINE: the name may be made, but where stays_out says that what is there is a folder, and stays as it is, with
// others made in it. Else it was reported.
static enum verdict allow(struct extract *x, const char *name, const struct member *m, bool *stays_out)
{
    struct stat st;

    *stays_out = false;
    if (!judge_name(name, m))
        return VERDICT_WARNED;
    if (lstat(name, &st) == 0 && !x->force && !is_ours(x, name)) {
        *stays_out = S_ISDIR(st.st_mode) && m->type != NULL && strcmp(m->type, "folder") == 0;
        if (*stays_out)
            return VERDICT_FINE;
        return report_error(name, "the file exists; -f overwrites it");
    }
    if (!expect_folders(x, name))
        return no_memory();
    return VERDICT_FINE;
}

// names that wait --------------------------------------------------------------------------------

// The first one gets the data, of which r is NULL when there are none; the others become links to it.
static enum verdict make_late_name(struct extract *x, struct reader *r, struct late_file *file,
                                   const struct late_name *n, bool *reader_failed_out)
{
    bool is_first = file->made == NULL && (r != NULL || !archive_entry_hardlink(n->entry));
    char *target = is_first ? NULL : simplify(file->made != NULL ? file->made : file->of);
    enum verdict verdict;

    if (is_first && r != NULL)
        archive_entry_set_hardlink(r->member.entry, NULL);
    if (is_first)
        verdict = make_file(x, r, r != NULL ? r->member.entry : n->entry, n->name, reader_failed_out);
    else if (target == NULL)
        verdict = no_memory();
    else
        verdict = make_other(x, n->entry, n->name, target);
    free(target);
    if (verdict != VERDICT_FAILED && (!remember(x, n->name) || !late_made(x->late, file->of, n->name)))
        verdict = no_memory();
    return verdict;
}

// Some time has passed since they were looked at, so that they are looked at once more.
static enum verdict make_late(struct extract *x, struct reader *r, struct late_file *file, bool *reader_failed_out)
{
    enum verdict worst = VERDICT_FINE, verdict;
    bool lost = false, stays; // the data have gone, and not into a file

    for (const struct late_name *n = file->names; n != NULL && !lost; n = n->next) {
        struct member m = {.is_hard = file->made == NULL && r == NULL && archive_entry_hardlink(n->entry), .link = file->of};
        if (is_ours(x, n->name) && !n->again)
            continue; // a later member has this name
        verdict = allow(x, n->name, &m, &stays);
        if (verdict == VERDICT_FINE) {
            verdict = make_late_name(x, r, file, n, reader_failed_out);
            lost = r != NULL && file->made == NULL;
        }
        worst = verdict_worse(worst, verdict);
    }
    late_drop(file);
    return worst;
}

static enum verdict wait_for_data(struct extract *x, const struct member *m, const char *name)
{
    if (late_wait(x->late, m->is_hard ? m->link : m->name, name, is_ours(x, name), m->entry))
        return VERDICT_FINE;
    return no_memory();
}

// members ----------------------------------------------------------------------------------------

// Returns what a hard link is to point at, if that came from here; else NULL, as without memory. Drop it by free().
static char *our_target(const struct extract *x, const struct member *m)
{
    const struct late_file *file = late_find(x->late, m->link);
    char *target = simplify(file != NULL && file->made != NULL ? file->made : m->link);

    if (target != NULL && is_ours(x, target) && (file == NULL || file->names == NULL))
        return target;
    free(target);
    return NULL;
}

static enum verdict make_link(struct extract *x, struct reader *r, const char *name, bool *reader_failed_out)
{
    const struct member *m = &r->member;
    char *target = our_target(x, m);
    enum verdict verdict;
    bool stays;

    if (target == NULL && m->size > 0) { // others wait for its data, or what it is a link to was not asked for
        verdict = wait_for_data(x, m, name);
        return verdict == VERDICT_FINE ? make_late(x, r, late_find(x->late, m->link), reader_failed_out) : verdict;
    }
    verdict = allow(x, name, m, &stays);
    if (verdict == VERDICT_FINE && target == NULL && m->may_follow) {
        verdict = wait_for_data(x, m, name);
    } else if (verdict == VERDICT_FINE) {
        verdict = make_other(x, m->entry, name, target);
        if (verdict != VERDICT_FAILED && !remember(x, name))
            verdict = no_memory();
    }
    free(target);
    return verdict;
}

static enum verdict make(struct extract *x, struct reader *r, const char *name, bool *reader_failed_out)
{
    const struct member *m = &r->member;
    bool stays;
    enum verdict verdict = allow(x, name, m, &stays);

    if (verdict != VERDICT_FINE || stays)
        return verdict;
    if (m->may_follow)
        return wait_for_data(x, m, name);
    if (strcmp(m->type, "file") == 0)
        verdict = make_file(x, r, m->entry, name, reader_failed_out);
    else
        verdict = make_other(x, m->entry, name, NULL);
    if (verdict != VERDICT_FAILED && !remember(x, name))
        return no_memory();
    return verdict;
}

enum verdict extract_member(struct extract *x, struct reader *r, bool wanted, bool *reader_failed_out)
{
    char *name = simplify(r->member.name);
    enum verdict verdict = VERDICT_FINE;

    *reader_failed_out = false;
    if (name == NULL)
        return no_memory();
    if (*name == 0 || strcmp(name, ".") == 0) { // it is the folder itself
        if (wanted && strcmp(r->member.type, "folder") != 0)
            verdict = report_warning(r->plain->src.name, "a member is left out: its name is that of the folder itself");
        wanted = false;
    }
    if (!wanted && late_awaits(x->late, &r->member))
        verdict = verdict_worse(verdict, make_late(x, r, late_find(x->late, r->member.link), reader_failed_out));
    else if (wanted && r->member.is_hard)
        verdict = make_link(x, r, name, reader_failed_out);
    else if (wanted)
        verdict = make(x, r, name, reader_failed_out);
    free(name);
    return verdict;
}

enum verdict extract_late(struct extract *x)
{
    enum verdict worst = VERDICT_FINE;
    bool failed = false; // nothing is read

    for (struct late_file *file = x->late->first; file != NULL; file = file->next)
        worst = verdict_worse(worst, make_late(x, NULL, file, &failed));
    return worst;
}

enum verdict extract_free(struct extract *x)
{
    enum verdict verdict = VERDICT_FINE;

    if (x == NULL)
        return verdict;
    if (x->disk != NULL) {
        int got = archive_write_close(x->disk);
        verdict = x->unfinished ? VERDICT_FAILED : blame_disk(x, NULL, got);
        archive_write_free(x->disk);
    }
    tdestroy(x->made, free);
    free(x);
    return verdict;
}

#else

struct extract *extract_new(bool force, struct late *late)
{
    (void) force;
    (void) late;
    return NULL;
}

enum verdict extract_member(struct extract *x, struct reader *r, bool wanted, bool *reader_failed_out)
{
    (void) x;
    (void) r;
    (void) wanted;
    (void) reader_failed_out;
    return VERDICT_FAILED;
}

enum verdict extract_late(struct extract *x)
{
    (void) x;
    return VERDICT_FINE;
}

enum verdict extract_free(struct extract *x)
{
    (void) x;
    return VERDICT_FINE;
}

#endif
