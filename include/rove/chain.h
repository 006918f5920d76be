// SPDX-License-Identifier: MIT
/// @file
/// chain.h: filters stacked on a stream.
///
/// A chain is written as text, in the order in which bytes pass when writing:
///
///     crc32|gzip:level=6,mtime=0          writing:  bytes ──> crc32 ──> gzip ──> sink
///                                         reading:  bytes <── crc32 <── gzip <── source
///
///     spec   = filter *("|" filter)       at most 4096 bytes, at most 8 filters
///     filter = name [":" option *("," option)]
///     option = key "=" value              in a value , | % and control characters are written %XX
///
/// An option of bytes (ROVE_OPT_HEX), such as the dictionary of zlib, lz4 and zstd, may have the value @: it stands for
/// bytes that come along beside the text, in struct rove_limits, and may be more than a text holds.
///
/// The text that wrote a stream reads it: an option that means something only for the other direction is
/// checked and has no effect.
///
/// When reading, the last filter may be `auto`: the decoder that recognises the first bytes, or of
/// those named in `auto:allow=gzip.lz4`. Skippable frames, with which LZ4 and Zstandard data may begin, are
/// passed over first.
///
/// A chain is used through a stream that stands on another one: what is written to it comes out
/// encoded in the sink; what is read from it is decoded from the source. Bytes are not copied between
/// layers: a filter reads from chunks and writes into chunks, and a checksum only looks.
///
/// Limits are on by default. They count over the whole chain and are checked before output can be
/// seen; ROVE_E_LIMIT sticks to the stream. rove_stream_limit() and the explanation say which it was.
///
/// Failure: the stream's explanation (rove_stream_explain()) names layer, cause and the offset in
/// that layer's input. A layer's failure is final: nothing more is written, and no format's end, by
/// finish, close or free. Damage in one layer may be garbage to the next: where several notice it,
/// that of the layer nearest to the reader is told, which meets it in the earliest bytes.
///
/// Threads: as for streams.
#ifndef ROVE_CHAIN_H
#define ROVE_CHAIN_H

#include <rove/registry.h>
#include <rove/stream.h>
#include <rove/workers.h>

ROVE_BEGIN_DECLS

#define ROVE_SPEC_MAX 4096u ///< bytes in a chain's text
#define ROVE_DEPTH_MAX 8u   ///< filters in a chain, those of stacked streams included
#define ROVE_DIGEST_MAX 64u ///< bytes in a digest

/// What a chain may use. Zeroed fields mean the default; ROVE_NO_LIMIT lifts a limit. With workers, codecs whose
/// formats can be cut do their work in parts, many at once; the bytes that are written and read are the same, and
/// failures are told in the same words after the same bytes. Exceptions: writing, a sink that fails may be met by a
/// later call than without workers; the limit on ratio may be met some bytes earlier or later; ROVE_E_TRAILING may be
/// told at another of the bytes where the source may stand then; a `limit` on coded bytes may be met after more or fewer
/// plain ones; and parts may have a quarter of `memory`, which whoever needs more than the rest will miss, while a part
/// that is decoded in one go may need less than a codec that keeps what it made, and so meet that limit later, or not.
/// A stream that reads may be further ahead in a source that can seek. Filters run in the workers' threads, too.
struct rove_limits {
    size_t size;         ///< sizeof (struct rove_limits)
    uint64_t output;     ///< bytes a reading chain may give in all; default 1 TiB (2^40)
    uint64_t memory;     ///< bytes of state and buffers it may hold; default 256 MiB
    uint64_t ratio;      ///< bytes out per byte in, beyond the first 1 MiB; default none
    struct rove_workers *workers; ///< who does parts of the work; held by the stream; NULL: the caller alone
    uint64_t cache;      ///< bytes of decoded parts that a stream with an index keeps (<rove/index.h>); default 4 MiB
    const void *dict;    ///< what `dict=@` in the text stands for; borrowed until return, copied
    size_t dict_len;     ///< bytes at dict; 0: there is none, and such a text is ROVE_E_ARG
};

#define ROVE_NO_LIMIT UINT64_MAX ///< in a field of struct rove_limits: as much as there is

/// What was wrong with a chain's text.
struct rove_spec_error {
    size_t off;      ///< byte of the text
    char text[160];  ///< a sentence, NUL-ended
};

// make ------------------------------------------------------------------------------------------

/// Makes a stream that encodes what is written to it into another stream.
///
/// spec: NUL-ended text. sink: borrowed until the new stream is closed; not closed by it. limits:
/// borrowed until return; NULL for the defaults. error_out: filled in when the text is wrong; may be
/// NULL.
/// stream_out: gives a stream that can be written, flushed and closed; closing writes the formats' ends,
/// freeing without closing does not: do that when what you were to write could not be had.
/// Returns ROVE_E_ARG for a wrong text, ROVE_E_UNSUPPORTED for a filter that cannot encode,
/// ROVE_E_LIMIT for too many filters or too long a text, ROVE_E_CLOSED when the sink is closed, or what
/// a filter answers when it is opened; ROVE_E_NOMEM.
ROVE_API ROVE_MUST_CHECK enum rove_status
rove_stream_encode(struct rove_stream *sink, const char *spec, const struct rove_limits *limits,
                   struct rove_stream **stream_out, struct rove_spec_error *error_out);

/// Like rove_stream_encode(), but makes a stream that decodes what it reads from a source. It can
/// be read and closed; it reads ahead of what it gives. ROVE_END is told only after every layer has
/// checked what it can check. What was decoded before a failure is given before the failure is told.
/// Bytes behind the end of a format that knows its end (zlib, deflate) are left in the source. Where
/// more of the same could follow (members of gzip, frames of lz4 and zstd), and what follows is
/// something else, ROVE_E_TRAILING is told in the place of ROVE_END: all layers have checked what they
/// can check, all content was given, and the source stands at the byte that was not expected, or at most
/// three behind it (of xz five); zeros are counted first, so that a source that has come to its end tells that there was
/// nothing else. The explanation says the same. A caller who wants that content treats the status like
/// ROVE_END, or says so in the text, `gzip:trailing=zeros` or `trailing=ignore`: then ROVE_END is told, and
/// the explanation says what was passed over. Damage inside the data never comes as ROVE_E_TRAILING.
ROVE_API ROVE_MUST_CHECK enum rove_status
rove_stream_decode(struct rove_stream *source, const char *spec, const struct rove_limits *limits,
                   struct rove_stream **stream_out, struct rove_spec_error *error_out);

/// Opens a file by its path, through a chain if there is one. Closing the stream closes all; freeing it without
/// closing abandons all, and leaves the file that "w" has emptied as it is then.
///
/// mode: as for fopen(): "r", "w", "a", each also with +, x (the file must not exist) and b; descriptors are always
/// closed by exec. A file is read from its start, "a" begins and writes at its end. spec: a chain's text; "r" decodes (see
/// `auto`), "w" and "a" encode; NULL for the file's bytes as they are. limits: borrowed until return; NULL for the
/// defaults; without a chain they are not looked at. stream_out: gives it. Returns ROVE_E_IO with errno set when the
/// file cannot be opened; ROVE_E_ARG for a wrong mode or text (rove_spec_print() says what is wrong);
/// ROVE_E_UNSUPPORTED for + with a chain; else fails as rove_stream_from_fd(), rove_stream_encode() and
/// rove_stream_decode() do. A chain that cannot be made with these limits is found out before the file is touched.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_open(const char *path, const char *mode,
                                                           const char *spec,
                                                           const struct rove_limits *limits,
                                                           struct rove_stream **stream_out);

// change ----------------------------------------------------------------------------------------

/// Has a stream of rove_stream_encode(), rove_stream_decode() or rove_stream_decode_index() own the one that it stands
/// on, so that closing the top closes all, and freeing it frees all.
///
/// takes: the stream below, on success only; it may still be asked, but not closed or freed, and is gone with the top.
/// Closing (and rove_stream_finish()) hands over all that is below, too, and is repeated like any close; what the
/// closing of a device below answers comes from the top. A top that is freed without being closed abandons all.
/// Again is harmless. ROVE_E_UNSUPPORTED on other streams.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_own(struct rove_stream *stream);

/// Writes the formats' ends, as closing does, but leaves the stream open. Fails as closing does, and
/// can be called again likewise.
///
/// Only rove_stream_digest(), rove_stream_rechain() and closing make sense afterwards; writing is
/// ROVE_E_STATE. Again is harmless. ROVE_E_UNSUPPORTED on a stream that is not of rove_stream_encode().
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_finish(struct rove_stream *stream);

/// Puts an open stream of rove_stream_encode() or rove_stream_decode() on another sink or source,
/// as if it had just been made with the same text and limits. Memory is kept, so that many short
/// streams cost little more than their bytes.
///
/// other: borrowed until the stream is closed or moved again; may be the one it is on, but not the
/// stream itself nor one that stands on it (ROVE_E_ARG). ROVE_E_STATE of a stream that owns what it is on
/// (rove_stream_own()). A stream that encodes must have been finished
/// or have failed, otherwise ROVE_E_STATE. ROVE_E_LIMIT when there are too many filters with those of the streams below;
/// those of streams that stand on this one are not counted. What was read ahead is lost.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_rechain(struct rove_stream *stream,
                                                              struct rove_stream *other);

// ask -------------------------------------------------------------------------------------------

/// Gives what a checksum layer of a chained stream has come to, so far or at the end; also after the
/// stream was closed. On reading a layer may have seen more than was read.
///
/// layer: counted from 0 in the order of the text. buf: room for cap bytes; the most significant
/// comes first. len_out: its length. Returns ROVE_E_RANGE when there is no such layer or too little
/// room, ROVE_E_UNSUPPORTED when that layer has no digest or the stream no chain.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_digest(struct rove_stream *stream,
                                                             size_t layer, uint8_t *buf, size_t cap,
                                                             size_t *len_out);

/// Tells which limit a chained stream has passed: the name of the field of struct rove_limits that, given a
/// higher value, lifts it: "output", "memory" or "ratio". NULL when its last failure was none of these; a
/// filter's own limit (max of `limit`, window of `zstd`) is named by the explanation. stream: may be NULL.
ROVE_API const char *rove_stream_limit(const struct rove_stream *stream);

/// Checks a chain's text without making anything, and prints it back in its one canonical form.
///
/// dir: ROVE_ENCODE or ROVE_DECODE; options without effect in this direction are left out. buf: room for
/// cap bytes; NUL-ended on success. error_out: as for
/// rove_stream_encode(), may be NULL. An @ stays one, whatever it stands for. Printing what was printed gives the
/// same text. ROVE_E_RANGE when there is too little room.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_spec_print(const char *spec, uint32_t dir, char *buf,
                                                          size_t cap,
                                                          struct rove_spec_error *error_out);

/// Hashes a view through a checksum layer, without copying.
///
/// spec: the text of one TAP, for example "crc32". buf, cap, len_out: as for rove_stream_digest().
ROVE_API ROVE_MUST_CHECK enum rove_status rove_view_digest(const struct rove_view *view,
                                                           const char *spec, uint8_t *buf,
                                                           size_t cap, size_t *len_out);

ROVE_END_DECLS

#endif
