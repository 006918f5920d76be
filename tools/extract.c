// SPDX-License-Identifier: MIT
// extract.c: libarchive's writer to disk, with a look at each name before, and files renamed into place after.
#include "extract.h"

#ifdef ROVE_HAVE_LIBARCHIVE

#include "made.h"
#include "output.h"
#include "signals.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <limits.h>
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
    struct made made; // what came from here
    int flags;        // of disk
    bool force;
    bool data_read; // of the member that the reader stands at, also for a file that could not be made then
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
    x->flags = flags;
    x->force = force;
    x->late = late;
    return x;
}

// names ------------------------------------------------------------------------------------------

static bool is_ours(const struct extract *x, const char *name)
{
    return made_find(&x->made, name) != NULL;
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
// later: cpio is fed by find -depth. name: shorter than PATH_MAX. nth: of the member that wants them.
static bool expect_folders(struct extract *x, const char *name, uint64_t nth)
{
    char part[PATH_MAX];
    char *slash;
    struct stat st;

    strcpy(part, name);
    while ((slash = strrchr(part, '/')) != NULL) {
        *slash = 0;
        if (*part == 0 || lstat(part, &st) == 0)
            break;
        if (!made_add(&x->made, part, nth, true))
            return false;
    }
    return true;
}

// Whether a name is longer than the system takes, or that under which the file is made first would be.
static bool is_long(const char *name)
{
    const char *slash = strrchr(name, '/');
    size_t dir_len = slash == NULL ? 0 : (size_t) (slash - name) + 1;

    return strlen(name) >= PATH_MAX || dir_len + TEMP_LEN > PATH_MAX;
}

// Whether a name, and that of what it is a hard link to, or NULL, is safe. Reports it when it is not.
static bool judge_name(const char *name, const char *target)
{
    size_t link = leads_out(name) || is_long(name) ? 0 : link_in(name);

    if (is_long(name) || (target != NULL && is_long(target)))
        report_warning(name, "is left out: its name, or that of what it is a link to, is too long");
    else if (leads_out(name))
        report_warning(name, "is left out: its name leads out of the folder");
    else if (link > 0)
        report_warning(name, "is left out: \"%.*s\" is a symbolic link, and nothing is written through one", (int) link,
                       name);
    else if (target != NULL && (leads_out(target) || link_in(target) > 0))
        report_warning(name, "is left out: it is a link to %s, which leads out of the folder", target);
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
        if (r != NULL) {
            x->data_read = true;
            verdict = verdict_worse(verdict, copy_data(x, r, name, reader_failed_out));
        }
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
    unsigned char random[6] = {0};
    struct stat st;

    if (temp == NULL)
        return NULL;
    do {
        if (getrandom(random, sizeof random, 0) != (ssize_t) sizeof random && ++random[0] == 0)
            random[1]++; // any other name will do
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

// A folder with nothing in it makes way where a file would, as it does for other kinds of members and for tar.
static int give_name(const char *temp, const char *name, bool force)
{
    int rc = output_rename(temp, name, force);

    if (rc != 0 && errno == EISDIR && force)
        rc = rmdir(name) == 0 ? output_rename(temp, name, force) : -1;
    return rc;
}

// Ends what begin_file() has begun: the file gets its name, or is removed.
static enum verdict end_file(const struct extract *x, const char *temp, const char *name, enum verdict verdict)
{
    signals_hold();
    if (verdict != VERDICT_FAILED && give_name(temp, name, x->force || is_ours(x, name)) != 0)
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
    int got;

    if (target != NULL) {
        archive_entry_copy_pathname(entry, name);
        archive_entry_copy_hardlink(entry, target);
    }
    archive_entry_unset_size(entry);
    signals_hold(); // what is there is removed before
    got = archive_write_header(x->disk, entry);
    signals_release();
    if (got < ARCHIVE_WARN && archive_entry_hardlink(entry) != NULL && archive_errno(x->disk) == ENOENT)
        return report_error(name, "cannot be made: it is a link to %s, which is not here", archive_entry_hardlink(entry));
    return complete(x, NULL, name, got, NULL);
}

// One that was made for what lies in it has the mode of any new folder. libarchive leaves it so for whoever is not the
// superuser, unless it is to keep modes as they are.
static enum verdict make_folder(struct extract *x, struct archive_entry *entry, const char *name)
{
    const struct made_name *made = made_find(&x->made, name);
    bool gets_mode = made != NULL && made->implied && (x->flags & ARCHIVE_EXTRACT_PERM) == 0;
    enum verdict verdict;

    if (gets_mode) {
        mode_t mask = umask(077);
        umask(mask);
        archive_entry_set_perm(entry, archive_entry_perm(entry) & 0777 & ~mask);
        archive_write_disk_set_options(x->disk, x->flags | ARCHIVE_EXTRACT_PERM);
    }
    verdict = make_other(x, entry, name, NULL);
    if (gets_mode)
        archive_write_disk_set_options(x->disk, x->flags);
    return verdict;
}

// What is to be made: as member number nth, perhaps as a hard link to a name.
struct wish {
    const char *name, *target;
    uint64_t nth;
    bool is_folder;
};

// VERDICT_FINE: the name may be made, but where stays_out says that what is there is a folder, and stays as it is, with
// others made in it. Else it was reported.
static enum verdict allow(struct extract *x, const struct wish *w, bool *stays_out)
{
    struct stat st;

    *stays_out = false;
    if (!judge_name(w->name, w->target))
        return VERDICT_WARNED;
    if (lstat(w->name, &st) == 0 && !x->force && !is_ours(x, w->name)) {
        *stays_out = S_ISDIR(st.st_mode) && w->is_folder;
        if (*stays_out)
            return VERDICT_FINE;
        return report_error(w->name, "the file exists; -f overwrites it");
    }
    if (!expect_folders(x, w->name, w->nth))
        return no_memory();
    return VERDICT_FINE;
}

// Notes what has become of it.
static enum verdict note(struct extract *x, const struct wish *w, enum verdict verdict)
{
    if (verdict != VERDICT_FAILED && !made_add(&x->made, w->name, w->nth, false))
        return no_memory();
    return verdict;
}

// files with several names ------------------------------------------------------------------------

// A name under which a file was made, and which no later member has taken since; NULL when there is none.
static const char *name_of(const struct extract *x, const struct late_file *file)
{
    for (const struct late_name *n = file->made; n != NULL; n = n->next) {
        const struct made_name *made = made_find(&x->made, n->name);
        if (made != NULL && made->nth == n->nth)
            return n->name;
    }
    return NULL;
}

// Makes one name of a file: as a link to another one, else with the data, of which r is NULL when there are none.
static enum verdict make_name(struct extract *x, struct reader *r, struct late_file *file, const struct late_name *n,
                              bool *reader_failed_out)
{
    struct wish w = {.name = n->name, .nth = n->nth};
    const char *target = name_of(x, file);
    struct archive_entry *entry = r != NULL && target == NULL ? r->member.entry : n->entry;
    bool stays;
    enum verdict verdict = allow(x, &w, &stays);

    if (verdict != VERDICT_FINE)
        return verdict;
    if (target == NULL)
        archive_entry_set_hardlink(entry, NULL);
    verdict = target != NULL ? make_other(x, entry, w.name, target) : make_file(x, r, entry, w.name, reader_failed_out);
    verdict = note(x, &w, verdict);
    if (verdict != VERDICT_FAILED && !late_made(file, w.name, w.nth))
        return no_memory();
    return verdict;
}

// Makes the names that wait for data which are here, or, r being NULL, for such as did not come: the file is empty. Some
// time has passed since they were looked at, so that they are looked at once more.
static enum verdict make_late(struct extract *x, struct reader *r, struct late_file *file, bool *reader_failed_out)
{
    enum verdict worst = VERDICT_FINE, verdict;

    x->data_read = false;
    for (const struct late_name *n = file->names; n != NULL && !*reader_failed_out; n = n->next) {
        const struct made_name *made = made_find(&x->made, n->name);
        bool replaced = made != NULL && made->nth > n->nth;
        if (replaced && !made->implied)
            continue;
        if (replaced)
            verdict = report_error(n->name, "cannot be made: a later member lies in it, as in a folder");
        else if (x->data_read && name_of(x, file) == NULL)
            verdict = report_error(n->name, "cannot be made: its data went into a file that could not be made");
        else
            verdict = make_name(x, r, file, n, reader_failed_out);
        worst = verdict_worse(worst, verdict);
    }
    late_drop(file);
    return worst;
}

// The data have come by without being made, or are not there any more. What was made at another time may be.
static enum verdict make_link_to_passed(struct extract *x, const struct member *m, struct wish *w)
{
    char *with = made_plain(x->late->file->with);
    enum verdict verdict;
    bool stays;

    if (with == NULL)
        return no_memory();
    w->target = with;
    if (is_ours(x, with))
        verdict = report_error(w->name, "cannot be made: it is a link to %s, which another member has replaced", with);
    else
        verdict = allow(x, w, &stays);
    if (verdict == VERDICT_FINE)
        verdict = note(x, w, make_other(x, m->entry, w->name, with));
    free(with);
    return verdict;
}

// Makes the member that the reader stands at, a file of a cpio with other names, or has it wait for its data.
static enum verdict make_named(struct extract *x, struct reader *r, const char *name, bool *reader_failed_out)
{
    const struct member *m = &r->member;
    struct late_file *file = x->late->file;
    struct wish w = {.name = name, .nth = x->late->nth};
    bool here = name_of(x, file) != NULL, empty = m->size == 0, stays;
    enum verdict verdict;

    if (empty && !here && file->with != NULL)
        return make_link_to_passed(x, m, &w);
    verdict = allow(x, &w, &stays);
    if (verdict == VERDICT_FINE && !late_wait(x->late, name, m->entry))
        verdict = no_memory();
    if (empty && (verdict != VERDICT_FINE || (m->may_follow && !here)))
        return verdict;
    return verdict_worse(verdict, make_late(x, empty ? NULL : r, file, reader_failed_out));
}

// members ----------------------------------------------------------------------------------------

// A hard link of a tar may have data of its own, which count where what it is a link to does not come from here.
static enum verdict make(struct extract *x, struct reader *r, const char *name, bool *reader_failed_out)
{
    const struct member *m = &r->member;
    char *target = m->is_hard ? made_plain(m->link) : NULL;
    bool ours = target != NULL && is_ours(x, target), stays, is_file = strcmp(m->type, "file") == 0;
    struct wish w = {.name = name, .target = m->is_hard ? m->link : NULL, .nth = x->late->nth,
                     .is_folder = strcmp(m->type, "folder") == 0};
    enum verdict verdict;

    if (m->is_hard && target == NULL)
        return no_memory();
    if (ours && strcmp(target, name) == 0) { // so tar tells of a file that it was given twice
        free(target);
        return VERDICT_FINE;
    }
    if (m->is_hard && m->size > 0 && !ours) {
        w.target = NULL;
        is_file = true;
        archive_entry_set_hardlink(m->entry, NULL);
    }
    verdict = allow(x, &w, &stays);
    if (verdict == VERDICT_FINE && !stays && w.target == NULL && is_file)
        verdict = note(x, &w, make_file(x, r, m->entry, name, reader_failed_out));
    else if (verdict == VERDICT_FINE && !stays && w.is_folder)
        verdict = note(x, &w, make_folder(x, m->entry, name));
    else if (verdict == VERDICT_FINE && !stays)
        verdict = note(x, &w, make_other(x, m->entry, name, ours ? target : NULL));
    free(target);
    return verdict;
}

enum verdict extract_member(struct extract *x, struct reader *r, bool wanted, bool *reader_failed_out)
{
    char *name = made_plain(r->member.name);
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
        verdict = verdict_worse(verdict, make_late(x, r, x->late->file, reader_failed_out));
    else if (wanted && x->late->file != NULL)
        verdict = make_named(x, r, name, reader_failed_out);
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
    made_free(&x->made);
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
