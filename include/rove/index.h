// SPDX-License-Identifier: MIT
/// @file
/// index.h: reading anywhere in compressed data.
///
/// An index is a list of points at which decoding can begin: where each lies in the coded bytes, where in the plain
/// ones, and what a decoder must know to go on there (for deflate 32 KiB of plain bytes, for formats of independent
/// blocks nothing). A stream that decodes with an index seeks, tells its size and can be read anywhere, at the cost of
/// decoding from the nearest point before:
///
///     plain   0 ─────────────┬──────────────┬───────[· read ·]──┬────────────── len
///                            │ point        │ point     ^       │ point
///     coded   0 ────┬────────┴───┬──────────┴─────┬─────────────┴──── coded_len
///                                            decoded from here on
///
/// One index serves all formats: gzip of any kind, zlib and deflate (points every few MiB, found by decoding once),
/// bgzf, LZ4 frames of independent blocks, Zstandard frames (their blocks or frames, found by hopping from header to
/// header where the headers tell enough). It is made from the data, read from and written to the files that other tools
/// use, or left behind by a stream that reads or writes them anyway:
///
///     .gzi    bgzip                        bgzf
///     gzidx   indexed_gzip, versions 0, 1  gzip, bgzf
///     zstd    the seekable format 0.1.0    zstd: a table in a frame at the end of the data themselves
///
/// Checks. Whatever is summed over bytes of one part, from a point to the next, is checked each time when that part is
/// decoded (blocks of LZ4 that have checksums, members of bgzf, frames of Zstandard); what is summed over more (a gzip
/// member, a zlib stream, the content of an LZ4 frame) is not: rove_stream_decode() from end to end checks that.
/// Checksums that a seek table of Zstandard has are held against what frames become, besides those that the frames have
/// themselves. Layers that look at all bytes, such as crc32, have no place on a stream with an index.
///
/// An index says nothing of content, only of places. One that does not belong to the data is found out by their length,
/// or where a part does not become just as many bytes as the index says: ROVE_E_FORMAT. Where a part lies in the plain
/// bytes only the index says: when several points in a row are off by the same amount, that is found out in the part
/// before them and in the last one's; those between are sound in themselves, and taken for bytes of another place. Who
/// doubts an index file makes the index from the data, or reads from offset 0.
///
/// A part of at most 1 MiB that begins and ends with something of its own (a member, a frame) is decoded and checked as
/// a whole before any of it is given. Others are decoded as far as they are read, and checked before their last byte is
/// given: what was given of one before its fault was met may be wrong, as may be all of it where the format has no sum
/// that a part can be checked by, and the index is of other data of the same shape.
///
/// Ownership: an index is counted and never changes. Streams hold theirs.
///
/// Threads: an index may be used by all threads at once, for example by a stream each over sources of their own.
#ifndef ROVE_INDEX_H
#define ROVE_INDEX_H

#include <rove/chain.h>

ROVE_BEGIN_DECLS

/// An index. Its fields are the library's own.
struct rove_index;

#define ROVE_EVERY_DEFAULT (UINT64_C(4) << 20) ///< plain bytes between points that are made by decoding
#define ROVE_EVERY_HOPPED (UINT64_MAX - 1) ///< of rove_index_make(): each place, if headers tell all; nothing is decoded

/// What an index is.
struct rove_index_figures {
    size_t size;        ///< sizeof (struct rove_index_figures), set by the caller
    const char *spec;   ///< what decodes it, for example "gzip"; in the index's keeping
    uint64_t coded_len; ///< bytes that it covers; what follows there is none of its data
    uint64_t plain_len; ///< bytes that they become
    uint64_t point_cnt; ///< points; the first is where the data begin. None in an index of no plain bytes
    uint64_t memory;    ///< bytes that it holds
};

/// A place where decoding can begin.
struct rove_point {
    uint64_t coded;     ///< offset in the coded bytes
    uint64_t plain;     ///< offset in the plain ones
    uint32_t bits;      ///< so many bits of the byte before coded belong behind it (deflate), 0 to 7
    uint32_t state_len; ///< bytes that a decoder must know for it
};

// make ------------------------------------------------------------------------------------------

/// Makes an index of data that a source holds, from its offset 0 on to its end or the end of the format.
///
/// Hops over the data where their headers tell enough, reading little more than these, and believes them: what they say
/// is checked when it is decoded. Otherwise decodes all of it, in parts by limits->workers where that can be, checking
/// what there is to check on the way.
///
/// source: borrowed until return; has to seek and to know its length. Its cursor is moved. spec: the text of one
/// decoder, or `auto`. limits: as for rove_stream_decode(); NULL for the defaults; the index counts in `memory`, and
/// the length in `output`, decoded or not. every: at least so many plain bytes from point to point, each being the
/// first place that is so far; 1: each place; 0: the same when hopping, ROVE_EVERY_DEFAULT when decoding;
/// ROVE_EVERY_HOPPED: each place when hopping, and ROVE_E_UNSUPPORTED where the data would have to be decoded. With
/// workers, what is decoded in parts has places between these only. index_out: gives a counted index; drop it with rove_index_unref().
/// Memory comes from the source's pool, and grows with what is found, never by what is declared. Returns
/// ROVE_E_UNSUPPORTED when the chain is not one decoder, or that cannot begin in the middle, or the source cannot seek;
/// ROVE_E_TRAILING when something else follows the data: the index of what comes before is given, which where it was
/// decoded may cover zeros and three bytes (of xz five) of what follows; ROVE_E_RANGE when it says of itself that it becomes more
/// than 2^63 - 1 bytes; else what decoding answers. After any failure (ROVE_E_AGAIN, too) another call begins from the
/// start.
ROVE_API ROVE_MUST_CHECK enum rove_status
rove_index_make(struct rove_stream *source, const char *spec, const struct rove_limits *limits,
                uint64_t every, struct rove_index **index_out);

/// Reads an index that this or another tool has written.
///
/// from: read from its cursor on to its end, and may be a pipe; what kind of index it is shows by its first bytes. NULL
/// for an index that the data themselves hold (zstd). A gzidx covers all of the source, also what follows the data
/// there, for it does not say where they end. source: the data that it is of, by which its lengths are held against,
/// and which say what the file leaves open; borrowed until return, has to seek; its cursor stays. index_out: as for
/// rove_index_make(). Memory comes from the source's pool, and grows with what is read, never by what is declared.
/// Returns ROVE_E_FORMAT when it is no index, is damaged, or is not of this source; ROVE_E_TRUNCATED when it or the
/// source is cut; ROVE_E_UNSUPPORTED for a version that is not known, for one that was written before its data were
/// read to their end (gzidx), or when from is NULL and the data hold none; or a failure of either stream. The cursor of
/// from is where it was after any failure, if it can seek, so that this can be tried again.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_index_load(struct rove_stream *from,
                                                          struct rove_stream *source,
                                                          struct rove_index **index_out);

/// Makes a stream of rove_stream_decode() or rove_stream_encode() leave points behind as it is read or written: call it
/// before the first read or write.
///
/// Checksums may stand around the one codec; the index is of that alone. Put on another source or sink the stream marks
/// no more. Writing, places are where the encoder begins anew: blocks of bgzf and of lz4 that is not linked, frames of
/// zstd:block=N, parts of gzip, zlib and deflate with block=N, and what the plugins' encoders have. They do not depend
/// on workers, and no byte that is written does on marking.
///
/// every: as for rove_index_make(), 0 being each place when writing, ROVE_EVERY_DEFAULT when reading; another call
/// replaces it. Points take of the chain's memory, until the end is told: reading and writing fail with ROVE_E_LIMIT
/// where there is none left. ROVE_E_UNSUPPORTED when the stream has not one codec, or what that reads or writes can be
/// begun at its beginning only; ROVE_E_STATE when the stream has been read or written; or how the encoder fails, which
/// sticks.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_mark(struct rove_stream *stream,
                                                           uint64_t every);

/// Gives the index of what was read or written so far by a stream that marks, closed or not, failed or not: up to the
/// last point, or when the end was told (reading: ROVE_END, ROVE_E_TRAILING) or written (rove_stream_finish(),
/// rove_stream_close()), of all. Coded offsets count from where the stream began in its source or sink. One that reaches
/// up to the last point fits the whole source, of which it reads that much.
///
/// index_out: gives a counted index. ROVE_E_STATE when nothing marks, or nothing was read or coded; ROVE_E_UNSUPPORTED
/// when what `auto` found cannot begin in the middle.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_stream_index(struct rove_stream *stream,
                                                            struct rove_index **index_out);

/// Gives the same points for another decoder of the same format, such as one of a plugin that is faster: of an index for
/// "bgzf" one for "libdeflate:bgzf=yes", of one for "gzip" one for "igzip".
///
/// spec: the text of one decoder. That it knows what the points hold shows when it is used. index_out: gives a counted
/// index from the same pool. Returns ROVE_E_ARG for a wrong text; ROVE_E_UNSUPPORTED when it is not one decoder that can
/// begin in the middle.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_index_by(const struct rove_index *index,
                                                        const char *spec,
                                                        struct rove_index **index_out);

// ask -------------------------------------------------------------------------------------------

/// Tells what an index is.
ROVE_API void rove_index_measure(const struct rove_index *index,
                                 struct rove_index_figures *figures_out);

/// Gives point i, counted from 0. ROVE_E_RANGE when there is none.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_index_point(const struct rove_index *index,
                                                           uint64_t i,
                                                           struct rove_point *point_out);

/// Gives the number of the last point at or before a plain offset, by binary search. ROVE_E_RANGE at plain_len and
/// beyond.
ROVE_API ROVE_MUST_CHECK enum rove_status rove_index_find(const struct rove_index *index,
                                                          uint64_t plain, uint64_t *i_out);

// read ------------------------------------------------------------------------------------------

/// Makes a stream that decodes what it reads from a source, anywhere: it seeks, tells its size and is read at offsets.
///
/// Parts that were decoded are kept, as many bytes of them as limits->cache says, so that what lies near is had without
/// decoding again; tiny ones are decoded together. A cold read of bytes in one part asks the source once, for all coded
/// bytes of that part (8 MiB at a time), and decodes it from its beginning up to what is read, or wholly, as above. Of
/// one that is longer than the cache only what lies around the cursor stays: to go back in it is to decode it again.
/// Beyond the cache the stream holds the part that is being decoded, up to 1 MiB where that is done as a whole, and its
/// coded bytes.
///
/// Read in order it asks for the next parts with fewer requests, and limits->workers decode them at the same time, of
/// any format: with an index a single gzip member is decoded in parts, too. What they hold is a quarter of
/// limits->memory at most. What comes, and which failure is told, is as without workers; but of a part that is not
/// decoded as a whole more or fewer bytes may be given before it is told that it does not become what the index says.
///
/// A failure of the source, of a part or for want of memory sticks, as in every stream, until
/// rove_stream_clear_error(); then other places can be read, and the same one is tried again. ROVE_E_AGAIN of the
/// source does not stick. The explanation names the cause, and where in the source a part failed.
///
/// source: borrowed until the stream is closed, or given to it by rove_stream_own(); has to seek. It is read at offsets
/// and keeps its cursor; several streams of one thread may use it. index: held. limits: borrowed until return; NULL for
/// the defaults; output is compared with the whole length, ratio with each part beyond its first 1 MiB. stream_out:
/// gives a stream that can be read, seeked and closed; it has no digest. Returns ROVE_E_FORMAT when the source is
/// shorter than the index says, or goes on with more of the same; ROVE_E_LIMIT, also when more than ROVE_DEPTH_MAX such
/// streams stand on each other; ROVE_E_ARG without the dictionary that the index wants (limits->dict);
/// ROVE_E_UNSUPPORTED when the source cannot seek, or the filter is not there that the index is for; or a failure of the
/// source. rove_index_explain() says which.
ROVE_API ROVE_MUST_CHECK enum rove_status
rove_stream_decode_index(struct rove_stream *source, struct rove_index *index,
                         const struct rove_limits *limits, struct rove_stream **stream_out);

// write -----------------------------------------------------------------------------------------

/// Writes an index for other tools to read.
///
/// source: the data that it is of; borrowed until return, has to seek; its cursor stays. NULL is allowed for gzi and
/// zstd; gzidx says how long the data are and where in a member its deflated bytes begin, zstd is not of a table that
/// they end with. format: "gzi", "gzidx" (version 1) or "zstd". to: written at its cursor; borrowed until return.
/// Returns ROVE_E_ARG for another format; ROVE_E_UNSUPPORTED when the format cannot say what the index holds: gzi is of
/// all blocks of bgzf, zstd of all frames (of those that are decoded rove_index_make() finds all when `every` is 1 and there
/// are no workers), gzidx of any points of gzip or bgzf, and none of what was read so far; ROVE_E_FORMAT or
/// ROVE_E_TRUNCATED when the data are not those of the index. After a failure some of it may have been written
/// (rove_stream_tell()).
ROVE_API ROVE_MUST_CHECK enum rove_status rove_index_save(const struct rove_index *index,
                                                          struct rove_stream *source,
                                                          const char *format,
                                                          struct rove_stream *to);

// failures --------------------------------------------------------------------------------------

/// Says why the last call of this thread of rove_index_make(), rove_index_load(), rove_index_by(), rove_index_save() or
/// rove_stream_decode_index() failed, with all that is known: the kind of file, or the layer, what is wrong, and where.
/// Of ROVE_E_TRAILING, too. (What a stream with an index fails with, once it is made, rove_stream_explain() says:
/// bytes are counted from the beginning of the source, members and blocks from that of the part, which it names.)
///
/// Returns text that is valid until the next of these calls in this thread; never NULL.
ROVE_API const char *rove_index_explain(void);

/// Names the field of struct rove_limits that this call passed when it answered ROVE_E_LIMIT; else NULL.
ROVE_API const char *rove_index_limit(void);

// drop ------------------------------------------------------------------------------------------

/// Holds an index once more. Returns it. index: may be NULL, which does nothing.
ROVE_API struct rove_index *rove_index_ref(struct rove_index *index);

/// Drops one hold; the last gives its memory back. NULL does nothing.
ROVE_API void rove_index_unref(struct rove_index *index);

ROVE_END_DECLS

#endif
