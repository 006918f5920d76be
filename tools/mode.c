// SPDX-License-Identifier: MIT
// mode.c: changes of a mode. Without letters before the sign all are meant, whatever the umask.
#include "mode.h"

#include <stddef.h>
#include <string.h>

#define ALL 07777u

// Reads "0644". Returns the end, or NULL when it is no number of a mode.
static const char *take_number(const char *p, unsigned *bits_out)
{
    *bits_out = 0;
    for (; *p >= '0' && *p <= '7' && *bits_out <= ALL; p++)
        *bits_out = 8 * *bits_out + (unsigned) (*p - '0');
    return *bits_out <= ALL && *p == 0 ? p : NULL;
}

// Reads "ugo", as a mask of the bits that belong to them.
static const char *take_who(const char *p, unsigned *who_out)
{
    static const unsigned masks[] = {04700, 02070, 01007, ALL};

    *who_out = *p == '+' || *p == '-' || *p == '=' ? ALL : 0;
    for (const char *at; *p != 0 && (at = strchr("ugoa", *p)) != NULL; p++)
        *who_out |= masks[at - "ugoa"];
    return p;
}

// Of one class, for all three.
static unsigned spread(unsigned three)
{
    return three << 6 | three << 3 | three;
}

// Reads "rwX" or "u", as bits of all classes.
static const char *take_what(const char *p, mode_t mode, unsigned *bits_out)
{
    bool x = S_ISDIR(mode) || (mode & 0111) != 0;

    *bits_out = 0;
    if (*p == 'u' || *p == 'g' || *p == 'o') {
        *bits_out = spread((unsigned) mode >> (*p == 'u' ? 6 : *p == 'g' ? 3 : 0) & 7);
        return p + 1;
    }
    for (; *p != 0 && strchr("rwxXst", *p) != NULL; p++)
        *bits_out |= *p == 'r'   ? 0444u
                     : *p == 'w' ? 0222u
                     : *p == 'x' ? 0111u
                     : *p == 'X' ? (x ? 0111u : 0)
                     : *p == 's' ? 06000u
                                 : 01000u;
    return p;
}

// Reads "go+rX-w", a clause up to the comma. Returns the end, or NULL.
static const char *take_clause(const char *p, mode_t *mode)
{
    unsigned who, what;

    p = take_who(p, &who);
    if (who == 0 || (*p != '+' && *p != '-' && *p != '='))
        return NULL;
    while (*p == '+' || *p == '-' || *p == '=') {
        char sign = *p;
        p = take_what(p + 1, *mode, &what);
        what &= who;
        if (sign == '=')
            *mode &= ~(mode_t) (S_ISDIR(*mode) ? who & ~06000u : who); // as chmod has it: a folder keeps these
        *mode = sign == '-' ? *mode & ~(mode_t) what : *mode | what;
    }
    return *p == 0 || *p == ',' ? p : NULL;
}

bool mode_change(const char *text, mode_t *mode)
{
    mode_t now = mode != NULL ? *mode : 0;
    const char *end;
    unsigned bits;

    if (*text == 0)
        return false;
    if ((end = take_number(text, &bits)) != NULL) {
        // As chmod has it: a folder keeps its set-ID bits unless all digits are there.
        now = (now & ~(mode_t) (S_ISDIR(now) && end - text < 5 ? ALL & ~06000u : ALL)) | bits;
    } else {
        for (const char *p = text; p != NULL; p = *p == ',' ? p + 1 : NULL) {
            p = take_clause(p, &now);
            if (p == NULL)
                return false;
        }
    }
    if (mode != NULL)
        *mode = now;
    return true;
}
