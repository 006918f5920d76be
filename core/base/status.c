// SPDX-License-Identifier: MIT
// status.c: the names and sentences of enum rove_status.
#include "base/status.h"

struct row {
    int status;
    const char *name, *text;
};

static const struct row rows[] = {
    {ROVE_OK, "ROVE_OK", "success"},
    {ROVE_END, "ROVE_END", "end of data"},
    {ROVE_E_NOMEM, "ROVE_E_NOMEM", "out of memory"},
    {ROVE_E_ARG, "ROVE_E_ARG", "bad argument"},
    {ROVE_E_RANGE, "ROVE_E_RANGE", "offset, length or number out of range"},
    {ROVE_E_CLOSED, "ROVE_E_CLOSED", "the stream is closed"},
    {ROVE_E_DATA, "ROVE_E_DATA", "the data is damaged"},
    {ROVE_E_FORMAT, "ROVE_E_FORMAT", "the data is not in this format"},
    {ROVE_E_CHECKSUM, "ROVE_E_CHECKSUM", "the checksum does not match"},
    {ROVE_E_LIMIT, "ROVE_E_LIMIT", "a limit was reached"},
    {ROVE_E_STALL, "ROVE_E_STALL", "a filter broke the rules of its calls"},
    {ROVE_E_UNSUPPORTED, "ROVE_E_UNSUPPORTED", "not supported here"},
    {ROVE_E_ABI, "ROVE_E_ABI", "incompatible version of a plugin or structure"},
    {ROVE_E_IO, "ROVE_E_IO", "input or output failed"},
    {ROVE_E_AGAIN, "ROVE_E_AGAIN", "the device would block"},
    {ROVE_E_TRUNCATED, "ROVE_E_TRUNCATED", "the data ends too early"},
    {ROVE_E_DENIED, "ROVE_E_DENIED", "refused for safety"},
    {ROVE_E_TRAILING, "ROVE_E_TRAILING", "other bytes follow the end of the data"},
    {ROVE_E_STATE, "ROVE_E_STATE", "the call does not fit the state of the object"},
};

static const struct row *find(int status)
{
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].status == status)
            return &rows[i];
    return 0;
}

bool rv_status_known(int status)
{
    return find(status) != 0;
}

const char *rove_status_text(int status)
{
    const struct row *row = find(status);
    return row ? row->text : "unknown status";
}

const char *rove_status_name(int status)
{
    const struct row *row = find(status);
    return row ? row->name : "ROVE_?";
}
