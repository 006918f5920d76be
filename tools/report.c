// SPDX-License-Identifier: MIT
// report.c: one message, one line. Bytes that would break the line, or steer a terminal, are
// printed as octal escapes: a file's name is chosen by somebody else.
#include "report.h"

#include "progress.h"

#include <stdarg.h>
#include <stdbool.h>
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
static _Thread_local FILE *gathered; // NULL: standard error

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

size_t report_character(const char *text)
{
    const unsigned char *p = (const unsigned char *) text;
    size_t len = *p < 0x80 ? 1 : *p < 0xc2 ? 0 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : *p < 0xf5 ? 4 : 0;

    for (size_t i = 1; i < len; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    // The second byte tells what is longer than it needs to be, or no character.
    if ((*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) || (*p == 0xf0 && p[1] < 0x90) ||
        (*p == 0xf4 && p[1] > 0x8f))
        return 0;
    return len;
}

static bool is_control(const unsigned char *p)
{
    return *p < 0x20 || *p == 0x7f || (*p == 0xc2 && p[1] < 0xa0);
}

void report_escaped(FILE *file, const char *text)
{
    const unsigned char *p = (const unsigned char *) text;

    while (*p != 0) {
        size_t len = is_control(p) ? 0 : report_character((const char *) p);
        if (len == 0)
            fprintf(file, "\\%03o", *p++);
        for (; len > 0; len--)
            putc(*p++, file);
    }
}

void report_into(FILE *file)
{
    gathered = file;
}

FILE *report_file(void)
{
    return gathered != NULL ? gathered : stderr;
}

static void print_line(const char *name, const char *format, va_list args)
{
    char text[LINE_MAX_LEN];
    FILE *file = report_file();

    if (vsnprintf(text, sizeof text, format, args) < 0)
        strcpy(text, "a message could not be formatted");
    progress_hide();
    fputs("rove: ", file);
    if (name != NULL) {
        report_escaped(file, name);
        fputs(": ", file);
    }
    report_escaped(file, text);
    putc('\n', file);
    progress_show();
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
