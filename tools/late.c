// SPDX-License-Identifier: MIT
// late.c: a balanced tree of the C library, by the device and the number of a file.
#include "late.h"

#include <search.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef ROVE_HAVE_LIBARCHIVE
#include <archive_entry.h>
#endif

static struct archive_entry *copy_of(struct archive_entry *entry)
{
#ifdef ROVE_HAVE_LIBARCHIVE
    return archive_entry_clone(entry);
#else
    return entry;
#endif
}

static void drop_copy(struct archive_entry *entry)
{
#ifdef ROVE_HAVE_LIBARCHIVE
    archive_entry_free(entry);
#else
    (void) entry;
#endif
}

static int compare(const void *a, const void *b)
{
    const struct late_file *x = a, *y = b;

    if (x->dev != y->dev)
        return x->dev < y->dev ? -1 : 1;
    return (x->ino > y->ino) - (x->ino < y->ino);
}

static struct late_file *add(struct late *late, const struct late_file *key)
{
    struct late_file *file = calloc(1, sizeof *file);

    if (file == NULL)
        return NULL;
    file->dev = key->dev;
    file->ino = key->ino;
    if (tsearch(file, &late->tree, compare) == NULL) {
        free(file);
        return NULL;
    }
    *(late->last != NULL ? &late->last->next : &late->first) = file;
    late->last = file;
    return file;
}

static struct late_file *find_or_add(struct late *late, const struct member *m)
{
    struct late_file key = {.dev = m->dev, .ino = m->ino}, **found = tfind(&key, &late->tree, compare);

    if (found != NULL && m->is_hard)
        return *found;
    if (found != NULL) // of which all names have come: this is another one, of an archive that was put behind, say
        tdelete(&key, &late->tree, compare);
    return add(late, &key);
}

bool late_show(struct late *late, const struct member *m)
{
    late->nth++;
    late->file = m->has_names ? find_or_add(late, m) : NULL;
    if (late->file == NULL)
        return !m->has_names;
    if (m->size > 0 && late->file->with == NULL)
        late->file->with = strdup(m->name);
    return m->size == 0 || late->file->with != NULL;
}

static void free_name(struct late_name *name)
{
    drop_copy(name->entry);
    free(name->name);
    free(name);
}

static struct late_name *make_name(const char *name, uint64_t nth, struct archive_entry *entry)
{
    struct late_name *made = calloc(1, sizeof *made);

    if (made == NULL)
        return NULL;
    made->name = strdup(name);
    made->nth = nth;
    made->entry = entry != NULL ? copy_of(entry) : NULL;
    if (made->name != NULL && (entry == NULL || made->entry != NULL))
        return made;
    free_name(made);
    return NULL;
}

bool late_wait(struct late *late, const char *name, struct archive_entry *entry)
{
    struct late_file *file = late->file;
    struct late_name *added = make_name(name, late->nth, entry);

    if (added == NULL)
        return false;
    *(file->last != NULL ? &file->last->next : &file->names) = added;
    file->last = added;
    return true;
}

bool late_made(struct late_file *file, const char *name, uint64_t nth)
{
    struct late_name *added = make_name(name, nth, NULL);

    if (added == NULL)
        return false;
    added->next = file->made;
    file->made = added;
    return true;
}

bool late_awaits(const struct late *late, const struct member *m)
{
    return late->file != NULL && late->file->names != NULL && m->size > 0;
}

static void free_names(struct late_name *name)
{
    struct late_name *next;

    for (; name != NULL; name = next) {
        next = name->next;
        free_name(name);
    }
}

void late_drop(struct late_file *file)
{
    free_names(file->names);
    file->names = file->last = NULL;
}

static void keep(void *file)
{
    (void) file; // it is in the list, too
}

void late_free(struct late *late)
{
    struct late_file *next;

    tdestroy(late->tree, keep);
    for (struct late_file *file = late->first; file != NULL; file = next) {
        next = file->next;
        late_drop(file);
        free_names(file->made);
        free(file->with);
        free(file);
    }
    *late = (struct late){0};
}
