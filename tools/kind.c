// SPDX-License-Identifier: MIT
// kind.c: the kinds of archives that `pack` writes, and what each can hold.
#include "kind.h"

#include "report.h"
#include "spec.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#ifdef ROVE_HAVE_LIBARCHIVE
#include <archive.h>
#define SET(how) .set = archive_write_set_format_##how
#else
#define SET(how) .set = NULL
#endif

#define OCTAL_LAST INT64_C(077777777777) // of eleven digits; libarchive writes it for what is later, and says nothing

static const struct kind kinds[] = {
    {"tar", NULL, SET(pax_restricted), .extras = true, .links = true, .front = true},
    {"ustar", NULL, SET(ustar), .links = true, .front = true, .last = OCTAL_LAST},
    {"gnu", NULL, SET(gnutar), .links = true, .front = true, .last = OCTAL_LAST},
    {"cpio", ".cpio", SET(cpio_newc), .links = true, .numbers = true, .front = true, .last = UINT32_MAX},
    {"zip", ".zip", SET(zip), .codes = true, .texts = true, .last = UINT32_MAX},
};

bool kind_has_suffix(const struct kind *kind, const char *name)
{
    size_t len = strlen(name), end = kind->suffix != NULL ? strlen(kind->suffix) : 0;

    return end > 0 && len > end && strcasecmp(name + len - end, kind->suffix) == 0;
}

static const struct kind *kind_of_name(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kind_has_suffix(&kinds[i], name))
            return &kinds[i];
    return &kinds[0];
}

const struct kind *kind_choose(const char *word, const char *name)
{
    const struct kind *kind;
    char *plain = NULL;

    if (word == NULL) {
        bool coded = name != NULL && spec_strip(name, &plain) != NULL && plain != NULL;
        kind = name != NULL ? kind_of_name(coded ? plain : name) : &kinds[0];
        free(plain);
        return kind;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(word, kinds[i].name) == 0)
            return &kinds[i];
    report_error("--format", "\"%s\" is not one of tar, ustar, gnu, cpio, zip", word);
    return NULL;
}
