// SPDX-License-Identifier: MIT
// spec.h: what the command needs to know about a chain's text beyond handing it on.
#ifndef ROVE_TOOL_SPEC_H
#define ROVE_TOOL_SPEC_H

#include <rove/chain.h>
#include <stdbool.h>

#define SPEC_TEXT_LEN (3 * ROVE_SPEC_MAX + 1) // every byte may be printed as %XX

// A chain's text in its canonical form.
struct spec {
    uint32_t dir; // ROVE_ENCODE or ROVE_DECODE
    char text[SPEC_TEXT_LEN];
    void *dict;   // the file that `dict=@FILE` named, of which the text keeps the @; NULL: none
    size_t dict_len;
};

// Checks the text of -F, for which it loads those of rove's own plugins that the text names, and reads the dictionary that
// `dict=@FILE` names. level: -1, or the level that the outermost codec is to have unless it names one. Reports what is
// wrong, with the byte, and returns false. Drop it by spec_fini(), or spec_free() where it lies in memory of its own;
// neither is wanted after a failure, nor harmful.
bool spec_parse(struct spec *spec, const char *text, uint32_t dir, int level);

// Gives the outermost codecs of texts that are written a level which neither they nor the command name: that of
// ROVE_LEVEL, which also stands for it in messages. Codecs without levels do without.
void spec_default_level(int level);

// Returns the level for what codes: level, or that of ROVE_LEVEL where it is -1; -1 where there is none.
int spec_level(int level);
// Has a chain use the dictionary, if there is one.
void spec_lend(const struct spec *spec, struct rove_limits *limits);

void spec_fini(struct spec *spec);

// One in memory of its own, to be parsed; NULL without memory. spec: may be NULL.
struct spec *spec_new(void);
void spec_free(struct spec *spec);

// Reports what making a chain has found wrong with its text.
void spec_report(const char *text, enum rove_status status, const struct rove_spec_error *error);

// Whether the only codec of the text is an `auto` that may choose from all decoders.
bool spec_is_auto(const struct spec *spec);

// Returns the text by which data that begin so are to be decoded: that of spec; or where it is for its `auto` to choose,
// one that reads the same format faster. text: room for it, whichever it is.
const char *spec_for_input(const struct spec *spec, const uint8_t *head, size_t len, char text[SPEC_TEXT_LEN]);

// Returns the name of the format that the outermost codec of a text reads or writes, "bgzf" for that of
// `libdeflate:bgzf=yes`; NULL when it is not known.
const char *spec_format(const char *text);

// Whether a text names one filter that changes bytes, or none: an index is of what one reads.
bool spec_is_one(const char *text);

// Whether a text names filters that only look at the bytes, a checksum perhaps. They have to see all of them.
bool spec_looks(const char *text);

// Whether what the text writes tells by its headers, or by a table, where decoding can begin. declares: how much it is
// will be put into the text (spec_declare()). has_table: set where it is a table.
bool spec_tells_places(const struct spec *spec, bool declares, bool *has_table);

// Returns the suffix that files of this chain carry, such as ".gz", or NULL when there is none:
// that of the outermost filter that changes bytes.
const char *spec_suffix(const struct spec *spec);

// Whether a name has a suffix of this chain's files already: ".gz" or ".tgz" for gzip.
bool spec_has_suffix(const struct spec *spec, const char *name);

// Takes the suffix off a name: for ".tgz" as for ".tar.gz". Besides what is written it knows what gzip reads: ".z", "-gz",
// "-z", "_z", ".taz". name_out: gives it, drop it by free(); NULL without memory. Returns the filter that the suffix
// belongs to, or NULL when it is unknown.
const char *spec_strip(const char *name, char **name_out);

// Whether a name has a suffix of coded files, whatever wrote them.
bool spec_is_coded(const char *name);

// Whether a name ends with a suffix that -S gives, in either case, and is more than that.
bool spec_ends_with(const char *name, const char *suffix);

// Returns the text by which a file of this name is decoded when -F does not say it: "auto", but for raw deflate data,
// which have no mark by which they can be told. name: NULL for standard input.
const char *spec_by_name(const char *name);

// Returns the text by which a file of this name is to be written, as its suffix says, and loads the plugin if that is
// one of rove's own; for `otherwise` when the suffix says nothing about compression, or the name is NULL. Reports, and
// returns NULL, when it promises what no filter writes (".rar", ".tar.anything"), or the plugin cannot be loaded.
//
// BGZF is written by libdeflate where its plugin can be loaded and has the level (-1: not given); else by zlib.
const char *spec_for_output(const char *name, const char *otherwise, int level);

// Returns the text that writes the same format so that a change of the plain bytes leaves most of the coded ones as they
// are. Reports, and returns NULL, when nothing does.
const char *spec_rsyncable(const char *text);

// Returns the text that writes the same format so that decoding can begin at many places, where text alone would not.
const char *spec_in_parts(const char *text);

// Puts into a text, where that makes it quicker to begin in the middle, how many bytes will be written; whether it would.
bool spec_declares(const struct spec *spec);
void spec_declare(struct spec *spec, uint64_t len);

#endif
