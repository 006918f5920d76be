// SPDX-License-Identifier: MIT
// report.h: what the command says on standard error, and the exit status that goes with it.
#ifndef ROVE_TOOL_REPORT_H
#define ROVE_TOOL_REPORT_H

#include <stdio.h>

// The command's exit status. A run that did several things ends with the worst of them.
enum verdict {
    VERDICT_FINE = 0,   // all done
    VERDICT_FAILED = 1, // something was not done, or the command was not understood
    VERDICT_WARNED = 2, // done, but something was left out or looked odd
};

enum verdict verdict_worse(enum verdict a, enum verdict b);

// -q: warnings are no longer printed; once more: nothing is.
void report_quieter(void);
// -v: notices are printed too.
void report_louder(void);

// From now on what this thread reports goes there; NULL: to standard error.
void report_into(FILE *file);

// Where that is.
FILE *report_file(void);

// Returns the length of the UTF-8 character that a text begins with, 0 when it begins with none.
size_t report_character(const char *text);

// Prints a text with octal escapes for what would break the line or steer a terminal: controls, those of
// eight bits included, and bytes that are no UTF-8. Ordinary text of any language passes.
void report_escaped(FILE *file, const char *text);

// Prints "rove: NAME: sentence" in one line, whatever bytes the name or the sentence holds, and
// returns the verdict that goes with it. name: NULL leaves that part out.
enum verdict report_error(const char *name, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
enum verdict report_warning(const char *name, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
enum verdict report_notice(const char *name, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
