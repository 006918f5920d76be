// SPDX-License-Identifier: MIT
// late.c: names in a cpio whose data come with another name, by the name of their file.
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

    return strcmp(x->of, y->of);
}

struct late_file *late_find(const struct late *late, const char *of)
{
    struct late_file wanted = {.of = (char *) (uintptr_t) of}, **found = tfind(&wanted, &late->tree, compare);

    return found != NULL ? *found : NULL;
}

static struct late_file *find_or_add(struct late *late, const char *of)
{
    struct late_file *file = late_find(late, of);

    if (file != NULL)
        return file;
    file = calloc(1, sizeof *file);
    if (file != NULL)
        file->of = strdup(of);
    if (file == NULL || file->of == NULL || tsearch(file, &late->tree, compare) == NULL) {
        if (file != NULL)
            free(file->of);
        free(file);
        return NULL;
    }
    *(late->last != NULL ? &late->last->next : &late->first) = file;
    late->last = file;
    return file;
}

static void free_name(struct late_name *name)
{
    drop_copy(name->entry);
    free(name->name);
    free(name);
}

bool late_wait(struct late *late, const char *of, const char *name, bool again, struct archive_entry *entry)
{
    struct late_file *file = find_or_add(late, of);
    struct late_name *added = file != NULL ? calloc(1, sizeof *added) : NULL;

    if (added == NULL)
        return false;
    added->name = strdup(name);
    added->again = again;
    added->entry = entry != NULL ? copy_of(entry) : NULL;
    if (added->name == NULL || (entry != NULL && added->entry == NULL)) {
        free_name(added);
        return false;
    }
    *(file->last != NULL ? &file->last->next : &file->names) = added;
    file->last = added;
    return true;
}

bool late_made(struct late *late, const char *of, const char *name)
{
    struct late_file *file = find_or_add(late, of);

    if (file != NULL && file->made == NULL)
        file->made = strdup(name);
    return file != NULL && file->made != NULL;
}

bool late_awaits(const struct late *late, const struct member *m)
{
    const struct late_file *file = m->is_hard && m->size > 0 ? late_find(late, m->link) : NULL;

    return file != NULL && file->names != NULL;
}

void late_drop(struct late_file *file)
{
    struct late_name *next;

    for (struct late_name *name = file->names; name != NULL; name = next) {
        next = name->next;
        free_name(name);
    }
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
        free(file->of);
        free(file->made);
        free(file);
    }
    *late = (struct late){0};
}
