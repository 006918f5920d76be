// SPDX-License-Identifier: MIT
// report.c: one message, one line. Bytes that would break the line, or steer a terminal, are
// printed as octal escapes: a file's name is chosen by somebody else.
#include "report.h"

#include "progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_LEN 4096

enum loudness {
    SILENT,
    ERRORS,
    WARNINGS,
    NOTICES
};

static enum loudness loudness = WARNINGS;

enum verdict verdict_worse(enum verdict a, enum verdict b)
{
    if (a == VERDICT_FAILED || b == VERDICT_FAILED)
        return VERDICT_FAILED;
    return a == VERDICT_WARNED ? a : b;
}

void report_quieter(void)
{
    if (loudness > SILENT)
        loudness = (enum loudness)(loudness == NOTICES ? ERRORS : loudness - 1);
}

void report_louder(void)
{
    loudness = NOTICES;
}

static void print_escaped(const char *text)
{
    for (const unsigned char *p = (const unsigned char *) text; *p != 0; p++) {
        if (*p < 0x20 || *p == 0x7f)
            fprintf(stderr, "\\%03o", *p);
        else
            putc(*p, stderr);
    }
}

static void print_line(const char *name, const char *format, va_list args)
{
    char text[LINE_MAX_LEN];

    if (vsnprintf(text, sizeof text, format, args) < 0)
        strcpy(text, "a message could not be formatted");
    progress_hide();
    flockfile(stderr);
    fputs("rove: ", stderr);
    if (name != NULL) {
        print_escaped(name);
        fputs(": ", stderr);
    }
    print_escaped(text);
    putc('\n', stderr);
    funlockfile(stderr);
}

enum verdict report_error(const char *name, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (loudness >= ERRORS)
        print_line(name, format, args);
    va_end(args);
    return VERDICT_FAILED;
}

enum verdict report_warning(const char *name, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (loudness >= WARNINGS)
        print_line(name, format, args);
    va_end(args);
    return VERDICT_WARNED;
}

enum verdict report_notice(const char *name, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (loudness >= NOTICES)
        print_line(name, format, args);
    va_end(args);
    return VERDICT_FINE;
}
