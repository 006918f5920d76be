// SPDX-License-Identifier: MIT
// filters_fields.h: which field of a coded stream a bit belongs to.
//
// Some fields are in no checksum's care: a flip there may leave the content as it was. They are all
// named here; a bit anywhere else that may be flipped without effect is a fault.
#ifndef ROVE_TESTS_FILTERS_FIELDS_H
#define ROVE_TESTS_FILTERS_FIELDS_H

#include <stddef.h>
#include <stdint.h>

enum field {
    FIELD_CHECKED,          // all that is not named below
    FIELD_GZIP_FTEXT,       // RFC 1952, 2.3.1: a hint
    FIELD_GZIP_MTIME,       // when the file was changed
    FIELD_GZIP_XFL,         // how hard the encoder tried
    FIELD_GZIP_OS,          // where it was made
    FIELD_GZIP_NAME,        // the characters of the name
    FIELD_GZIP_COMMENT,     // and of the comment
    FIELD_DEFLATE_FILL,     // RFC 1951: up to 7 bits before a stored block's length and at the end
    FIELD_DEFLATE_DISTANCE, // of a match: another one may lead to equal bytes
    FIELD_DEFLATE_UNUSED,   // lengths of distance codes, where some are not used
    FIELD_LZ4_OFFSET,       // of a match, likewise
    FIELD_LZ4_LAST_TOKEN,   // the length of a match, in the last token: none follows
    FIELDS
};

extern const char *const field_names[FIELDS];

// Fills fields[8 * i + k] for bit k of byte i of a stream that a filter of this name has made.
// Formats without fields of that kind are all FIELD_CHECKED. Returns 0 when the stream is not
// understood.
int fields_of(const char *format, const uint8_t *coded, size_t len, uint8_t *fields);

#endif
