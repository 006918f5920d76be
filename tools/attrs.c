// SPDX-License-Identifier: MIT
// attrs.c: what members get in place of what their files have: times, owners, modes.
#include "attrs.h"

#include "mode.h"
#include "report.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EPOCH "SOURCE_DATE_EPOCH"

// numbers and times ------------------------------------------------------------------------------

// Seconds since 1970 and nothing else.
static bool take_seconds(const char *text, int64_t *seconds_out)
{
    long long seconds;
    char *end;

    if (!isdigit((unsigned char) text[text[0] == '-']))
        return false;
    errno = 0;
    seconds = strtoll(text, &end, 10);
    *seconds_out = seconds;
    return errno == 0 && *end == 0;
}

// A date, or one with a time, in UTC.
static bool take_date(const char *text, int64_t *seconds_out)
{
    static const char *const formats[] = {"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"};

    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        struct tm tm = {0}, again;
        const char *end = strptime(text, formats[i], &tm);
        time_t seconds;
        int day = tm.tm_mday;
        if (end == NULL || *end != 0)
            continue;
        seconds = timegm(&tm);
        *seconds_out = seconds;
        return gmtime_r(&seconds, &again) != NULL && again.tm_mday == day; // there is no 31st of February
    }
    return false;
}

static bool take_time(const char *text, int64_t *seconds_out)
{
    struct stat st;

    if (text[0] != '/' && text[0] != '.')
        return text[0] == '@' ? take_seconds(text + 1, seconds_out) : take_date(text, seconds_out);
    if (stat(text, &st) != 0)
        return false;
    *seconds_out = st.st_mtim.tv_sec;
    return true;
}

static bool set_mtime(struct attrs *a, const struct options *o)
{
    const char *epoch = o->reproducible ? secure_getenv(EPOCH) : NULL;

    a->clamps = o->clamp_mtime;
    a->has_mtime = o->mtime != NULL || o->reproducible;
    if (o->mtime != NULL && !take_time(o->mtime, &a->mtime)) {
        report_error("--mtime", "\"%s\" is no time such as 2024-02-29, '2024-02-29 12:00' or @1709208000, nor a file "
                                "such as ./changelog", o->mtime);
        return false;
    }
    if (o->mtime == NULL && epoch != NULL && !take_seconds(epoch, &a->mtime)) {
        report_error(EPOCH, "\"%s\" is no number of seconds", epoch);
        return false;
    }
    if (a->clamps && !a->has_mtime) {
        report_error("--clamp-mtime", "means something with --mtime alone");
        return false;
    }
    return true;
}

// owners -----------------------------------------------------------------------------------------

static bool take_id(const char *text, uint32_t *id_out)
{
    char *end;
    unsigned long long id;

    errno = 0;
    id = strtoull(text, &end, 10);
    *id_out = (uint32_t) id;
    return isdigit((unsigned char) *text) && *end == 0 && errno == 0 && id < UINT32_MAX;
}

static bool find_user(const char *name, uint32_t *id_out)
{
    const struct passwd *found = getpwnam(name);

    if (found != NULL)
        *id_out = found->pw_uid;
    return found != NULL;
}

static bool find_group(const char *name, uint32_t *id_out)
{
    const struct group *found = getgrnam(name);

    if (found != NULL)
        *id_out = found->gr_gid;
    return found != NULL;
}

// Reads NAME, NUMBER, or NAME:NUMBER. text: NULL leaves all as it is. name: room for 64 bytes.
static bool set_owner(const char *option, const char *text, bool (*find)(const char *, uint32_t *), char *name,
                      uint32_t *id)
{
    const char *colon = text != NULL ? strrchr(text, ':') : NULL;
    size_t len = colon != NULL ? (size_t) (colon - text) : text != NULL ? strlen(text) : 0;

    if (text == NULL)
        return true;
    *name = 0;
    if (colon == NULL && take_id(text, id))
        return true;
    if (len < 64) {
        memcpy(name, text, len);
        name[len] = 0;
        if (colon != NULL ? take_id(colon + 1, id) : find(name, id))
            return true;
    }
    report_error(option, "\"%s\" is no name that is known here, no number, and not NAME:NUMBER", text);
    return false;
}

bool attrs_read(struct attrs *a, const struct options *o)
{
    *a = (struct attrs){.has_uid = o->owner != NULL || o->reproducible,
                        .has_gid = o->group != NULL || o->reproducible,
                        .numeric = o->numeric_owner || o->reproducible,
                        .mode = o->mode != NULL ? o->mode : o->reproducible ? "go+u,go-w" : NULL};
    if (a->mode != NULL && !mode_change(a->mode, NULL)) {
        report_error("--mode", "\"%s\" is no mode as chmod takes it, such as go-w or 644", a->mode);
        return false;
    }
    return set_owner("--owner", o->owner, find_user, a->user, &a->uid) &&
           set_owner("--group", o->group, find_group, a->group, &a->gid) && set_mtime(a, o);
}

// what a member gets -----------------------------------------------------------------------------

int64_t attrs_mtime(const struct attrs *a, const struct stat *st)
{
    return a->has_mtime && (!a->clamps || st->st_mtim.tv_sec > a->mtime) ? a->mtime : st->st_mtim.tv_sec;
}

// Nothing goes by the mode of a symbolic link, and not every system can change it.
mode_t attrs_mode(const struct attrs *a, const struct stat *st)
{
    mode_t mode = st->st_mode;

    if (a->mode != NULL && !S_ISLNK(mode))
        (void) mode_change(a->mode, &mode);
    return mode;
}
