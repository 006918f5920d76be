// SPDX-License-Identifier: MIT
/// @file
/// filter.h: all that the author of a codec or a checksum needs. One header, nothing to link.
///
/// A filter is a constant table, `struct rove_filter`. The chain allocates its state, opens it, then
/// calls one hook, `run`, with a span of input and a span of output until the work is finished:
///
///         in ──>┌───────────────┐──> out        in:  points into the bytes of a rope
///               │ run(act)      │               out: points into the chunk the result lands in
///               └──── state ────┘               act: RUN, FLUSH or FINISH
///
/// run() advances both spans past what it consumed and produced. Three kinds of filter exist:
///
/// - ENCODE: turns plain bytes into coded ones (gzip, lz4 … when writing)
/// - DECODE: turns coded bytes into plain ones (the same names when reading)
/// - TAP: only looks: a checksum, a counter. It gets no output span (out is NULL), must consume all of its input, and
///   the chain passes the very same bytes on without a copy.
///
/// A filter that changes bytes the same way in both directions sets ENCODE | DECODE.
///
/// Every byte goes through `run` of a state of the filter, and no later version of this header will add a
/// second way: an old filter can not be slipped past.
///
/// Limits. State at most 16 MiB (state_len); memory beyond it is taken from the host (struct
/// rove_host), which counts it against the chain's limit. Never allocate from a size that the data
/// declares.
///
/// Parts. A codec whose work can be cut lets a chain that was given workers (<rove/workers.h>) do pieces of it
/// at the same time, each in another state of the filter, opened with the same options. What comes out does
/// not depend on that: the text alone says which bytes are written. See "parts" below; a filter without these
/// hooks runs as one.
///
/// Restart. A decoder that can begin in the middle lets a stream seek in what it decodes (<rove/index.h>). See
/// "restart" below; a filter without these hooks is read from its beginning. An encoder that tells where leaves the
/// index behind while it writes.
///
/// Rules that the chain checks, so a filter need not: run() is never called after END or a failure
/// without reset(); FLUSH and FINISH are repeated until they return END; spans are only advanced
/// within their length; two calls in a row that move nothing are a stall (ROVE_E_STALL).
///
/// Calling back. A hook may use other objects of the library. The stream that it runs under refuses what
/// comes back (ROVE_E_STATE), and so does the source whose bytes it is shown.
///
/// Ownership: the chain borrows the table until the process ends (a plugin is never unloaded while
/// an object lives). Spans are borrowed for the call.
///
/// Threads: one state is used by one thread at a time; several states by several threads at once. A
/// filter keeps no writable static data.
///
/// Structures begin with their size and grow only at the end. A host reads min(its size, your size)
/// and takes the rest as zero. Integers are fixed-width; there are no enums, bools or bit-fields.
#ifndef ROVE_FILTER_H
#define ROVE_FILTER_H

#include <rove/export.h>
#include <rove/status.h>
#include <stddef.h>
#include <stdint.h>

ROVE_BEGIN_DECLS

#define ROVE_FILTER_ABI 1u ///< the major version of everything in this header

// the bytes -------------------------------------------------------------------------------------

/// Input left to read. run() advances ptr and shrinks len.
struct rove_in {
    const uint8_t *ptr; ///< the next byte
    size_t len;         ///< how many there are
};

/// Room left to write. run() advances ptr and shrinks len.
struct rove_out {
    uint8_t *ptr; ///< where the next byte goes
    size_t len;   ///< how many have room
};

/// What run() is asked to do. The value for one span of input never goes down: RUN, then perhaps
/// FLUSH, then RUN again, at last FINISH.
#define ROVE_RUN 0u    ///< take input as it comes; keep back what makes the result better
#define ROVE_FLUSH 1u  ///< take all input, then write out all that is held back
#define ROVE_FINISH 2u ///< no input will follow: take the rest, end the format properly

// options ---------------------------------------------------------------------------------------

/// Kinds of option value.
#define ROVE_OPT_UINT 1u ///< a number from min to max; text may end in K, M or G (times 1024)
#define ROVE_OPT_INT 2u  ///< a number from (int64_t) min to (int64_t) max
#define ROVE_OPT_BOOL 3u ///< yes, no, on, off, true, false, 1 or 0
#define ROVE_OPT_WORD 4u ///< one of the names in `words`; its value is its index there
#define ROVE_OPT_TEXT 5u ///< free text, at most max bytes
#define ROVE_OPT_HEX 6u  ///< bytes as pairs of hex digits, from min to max bytes

/// One option a filter understands, written `key=value` in a chain's text. All strings are static.
struct rove_option {
    const char *key;         ///< [a-z0-9_]+
    uint32_t kind;           ///< ROVE_OPT_…
    uint32_t dirs;           ///< for which directions it means something: ROVE_ENCODE | ROVE_DECODE; for
                             ///< the other one it is checked, and open() gets the fallback
    uint64_t min, max;       ///< inclusive; see the kinds
    const char *fallback;    ///< value when it is not given, as text; NULL: none (kinds TEXT, HEX)
    const char *const *words; ///< for ROVE_OPT_WORD, NULL-ended
    const char *about;       ///< one line for people
};

/// An option's value, checked against its kind and range by the host.
struct rove_value {
    uint64_t u;          ///< UINT, BOOL (0, 1), WORD (index); INT as (uint64_t) (int64_t)
    const char *text;    ///< TEXT: NUL-ended; HEX: the bytes; NULL when not given
    uint32_t text_len;   ///< bytes at text
    uint32_t given;      ///< 1 when the text named it, 0 when it is the fallback
};

// the host --------------------------------------------------------------------------------------

/// What a filter may ask of the library while it runs. Handed to open(); valid until close().
struct rove_host {
    uint32_t size, abi; ///< sizeof (struct rove_host), ROVE_FILTER_ABI
    void *ctx;          ///< for the calls below

    /// Memory, aligned for any type, counted against the chain's memory limit; NULL when refused.
    void *(*alloc)(void *ctx, size_t len);
    /// Gives back what alloc() gave; what was not given back when close() has returned is taken back. NULL
    /// does nothing.
    void (*free)(void *ctx, void *ptr);
    /// Says in one short English clause what is wrong, just before a failing return, or, before a
    /// decoder's END, what it passed over behind its data. Copied, at most 120 bytes are kept.
    /// Optional: without it the status speaks.
    void (*explain)(void *ctx, const char *why);
};

// restart ---------------------------------------------------------------------------------------

#define ROVE_MARK_MAX 65536u ///< bytes of a mark's state at most

/// A mark is fresh when nothing that stands before it matters: a state as just opened goes on there.
#define ROVE_MARK_FRESH 1u

/// A place in coded data where decoding can begin, and what has to be known for it.
struct rove_mark {
    uint32_t size, flags; ///< sizeof (struct rove_mark), set by whom it is handed to be filled in; ROVE_MARK_…
    uint32_t bits;        ///< 0 to 7: so many of the highest bits of the byte before the place belong behind it
    uint32_t state_len;   ///< bytes at state
    const uint8_t *state; ///< whatever the filter makes of it (of deflate: the plain bytes before the place, 32 KiB at
                          ///< most); borrowed until the next hook is called. May be NULL when there is none
};

/// One step of a walk over coded data that does not decode them.
struct rove_hop {
    uint32_t size;         ///< sizeof (struct rove_hop), set by whom it is handed to be filled in
    uint32_t marked;       ///< 1: decoding can begin where the step begins, as `mark` says
    struct rove_mark mark; ///< its size is set
    uint64_t skip;         ///< coded bytes to go on by; perhaps more than are at hand. At least 1
    uint64_t plain;        ///< plain bytes that these become
    uint64_t need;         ///< ROVE_E_TRUNCATED: bytes at hand that are needed to tell, at most 64 MiB
};

// the filter ------------------------------------------------------------------------------------

/// Directions (dir). An entry has ENCODE, DECODE, both (the same bytes either way) or TAP alone.
#define ROVE_ENCODE 1u ///< turns plain bytes into coded ones
#define ROVE_DECODE 2u ///< turns coded bytes into plain ones
#define ROVE_TAP 4u    ///< only looks at the bytes

/// Flags. An unknown flag makes the host refuse the filter with ROVE_E_ABI.
#define ROVE_F_FLUSHES 1u ///< FLUSH makes all bytes so far decodable (ENCODE)
#define ROVE_F_SPLITS 2u  ///< independent runs over parts, laid end to end, are one valid stream
#define ROVE_F_CHECKS 4u  ///< damage to the coded form is always noticed by the decoder
#define ROVE_F_PLAIN_PARTS 8u ///< any state is ready for any part: part() needs neither head nor past (ENCODE)
#define ROVE_F_MEMORY_BOUND 16u ///< so quick that it waits for the memory that it writes to (DECODE)

/// A codec or checksum for one direction. Only name, dir and run are required. Entries for both
/// directions of a codec carry the same name.
struct rove_filter {
    uint32_t size, abi; ///< set by ROVE_FILTER_INIT
    const char *name;   ///< [a-z0-9_]{1,31}
    const char *about;  ///< one line for people
    uint32_t dir;       ///< ROVE_ENCODE, ROVE_DECODE, both, or ROVE_TAP
    uint32_t flags;     ///< ROVE_F_…
    uint32_t state_len; ///< bytes of state; the chain allocates them, zeroed, aligned for any type
    uint32_t block_len; ///< a decoder's best output span, an encoder's best input span; 0: any
    const struct rove_option *options; ///< ended by an entry whose key is NULL; NULL: none
    const char *library;               ///< "zlib 1.2.13": who does the work; NULL: nobody else

    /// Prepares the zeroed state. values[i] belongs to options[i]. On failure everything is given
    /// back by open() itself; close() is not called. Missing: the zeroed state is ready.
    /// Returns ROVE_OK or a failure.
    int32_t (*open)(void *st, const struct rove_host *host, const struct rove_value *values);

    /// Moves bytes. Returns:
    /// - ROVE_OK: call again: with more input when in is empty, else with more room.
    /// - ROVE_END: act is done: everything flushed (FLUSH), or the coded stream is complete (FINISH). A decoder may
    ///   return END early, on RUN, when its format has ended for good; input left in `in` is then trailing garbage.
    /// - ROVE_E_TRAILING: (DECODE) as such an END, but where another part of the format could have begun: whether the
    ///   bytes are another file's or a damaged part, nobody knows. What was taken of them in this call is left in `in`;
    ///   what came in an earlier one cannot be.
    /// - failure: final until reset(). in and out tell how far it came.
    ///
    /// A DECODE filter that gets FINISH with no input left and an incomplete stream returns
    /// ROVE_E_TRUNCATED. out is NULL for a TAP.
    int32_t (*run)(void *st, struct rove_in *in, struct rove_out *out, uint32_t act);

    /// Gives back all that the state holds, not the state itself. Missing: nothing to do.
    void (*close)(void *st);

    /// Makes the state as just opened, with the same options, without allocating if it can.
    /// Missing: the chain closes and opens. Returns ROVE_OK or a failure (then close() follows).
    int32_t (*reset)(void *st);

    /// TAP: appends to this digest that of the part_len bytes which follow, taken by another state
    /// of this filter. Missing: partial results can not be joined. Returns ROVE_OK or a failure.
    /// One with a digest, in front of a codec that writes in parts, sums these in states of their own, in the
    /// threads that code them; only RUN is called there.
    /// A codec with parts: takes over what a part has come to, part_len plain bytes long.
    int32_t (*join)(void *st, const void *part, uint64_t part_len);

    /// ENCODE: the most bytes that in_len bytes of input can become, header and trailer included.
    /// Missing: unknown.
    uint64_t (*bound)(const void *st, uint64_t in_len);

    /// TAP: writes the result so far into buf (cap bytes), most significant byte first, and returns
    /// its length, at most 64; nothing is written when it exceeds cap. Missing: nothing to tell.
    uint32_t (*digest)(const void *st, uint8_t *buf, uint32_t cap);

    /// DECODE: how sure it is that a stream beginning with these bytes is its own: 0 not at all,
    /// otherwise the number of bits it recognised. Missing: never chosen by `auto`.
    uint32_t (*detect)(const uint8_t *head, uint32_t len);

    // parts: for codecs whose work can be cut. The state that the chain opened is the head; it does whatever
    // is not done by parts. Filters without `part` have none of the others.
    //
    //     ENCODE  in ──(cut every part_len)──┬─> part: run(FLUSH) ──┬─> out    the head writes what stands
    //                                        ├─> part: run(FLUSH) ──┤          before the first part and
    //                                        └─> part: run(FINISH) ─┘          behind the last
    //     DECODE  in ──(cut as next says)────┬─> part: run(FINISH) ─┬─> out    the head takes what is no part,
    //                                        └─> part: run(FINISH) ─┘          and any part that fails, again
    //
    // In the order of the bytes the head is told of each part by see(), before its output goes on, and by join(),
    // when that is done. Threads: a part runs in a thread of its own, while the head and other parts run in others; all
    // other hooks are called where the head is.

    /// ENCODE: how many plain bytes a part takes; the last one less, or nothing at all, and one that a flush
    /// ends early less; not asked again once bytes have come. A cut is made only when more follows. The head cuts at the
    /// same places when it is given everything itself, and must then write the same bytes. A flush when nothing came
    /// since the last cut makes no part. DECODE: the most plain bytes that one part may become, by what the head knows so far;
    /// one that makes more is done by the head. 0: it can not be cut, with these options or in these data.
    uint64_t (*part_len)(const void *head);

    /// Prepares an opened state, which may have done other parts before, for one: from now on it codes that
    /// alone. past: ENCODE: the plain bytes before it, at most past_len of them; they stay where they are until
    /// run() has returned END. It should cost next to nothing; hard work belongs into run(). But memory that a
    /// part needs is best taken here, once, or by open(): where that is refused there are fewer parts, while an
    /// encoder's part that is refused memory in run() fails. With ROVE_F_PLAIN_PARTS it is called once when the
    /// state is opened, and then by the thread that runs the part, head and past being NULL: a thread is given the
    /// state that it used last, where there is one, for what is in its cache. Returns ROVE_OK or a failure.
    int32_t (*part)(void *st, const void *head, const uint8_t *past, size_t past_len);

    /// DECODE: what begins at ptr, of which len bytes are at hand, at least 1? Returns
    /// - ROVE_OK: a part, *len_out coded bytes long, perhaps more than are at hand. At most 64 MiB.
    /// - ROVE_END: the head takes the next *len_out bytes itself and is asked again behind them; 0: it takes all that
    ///   follows.
    /// - ROVE_E_TRUNCATED: *len_out bytes, more than len, are needed to tell, all of one part.
    /// - other: as ROVE_END with 0 bytes: the head will find what is wrong.
    ///
    /// What lies behind the format's end must not be asked for: it is left for whoever reads on there.
    int32_t (*next)(void *head, const uint8_t *ptr, size_t len, uint64_t *len_out);

    /// Shows the head the plain bytes of a part, in order and before join(), for checks that depend on their
    /// order. Missing: it need not see them. Returns ROVE_OK or a failure.
    int32_t (*see)(void *head, const uint8_t *ptr, size_t len);

    uint32_t past_len; ///< ENCODE: plain bytes before a part that it wants to see, at most 1 MiB

    // restart: for decoders that can begin in the middle, which have `resume`, and encoders that know where: of these
    // hooks they have `mark` alone.

    /// DECODE: can decoding begin again where the state stands, behind all that run() has taken and made? Returns
    /// - ROVE_OK: yes: *mark is filled in.
    /// - ROVE_E_AGAIN: not here. From now on run() returns ROVE_OK, be there input and room or not, at the next place
    ///   where it can, until this was asked there. (There may come none.)
    /// - ROVE_E_UNSUPPORTED: nowhere in what follows.
    ///
    /// ENCODE: can the decoder of the same name begin where the next byte that run() makes will stand? Asked first
    /// before the first run, the answer to which is a fresh mark, or ROVE_E_UNSUPPORTED where it can nowhere, with
    /// these options. Once asked, run() returns ROVE_OK at each such place, be there input and room or not, and
    /// part_len() lets no part have one within. At other times: ROVE_E_AGAIN. No byte written depends on it.
    int32_t (*mark)(void *st, struct rove_mark *mark);

    /// DECODE: prepares a state as opened, or as reset, to go on at a mark. Input then begins there, or with the byte
    /// before when some of its bits are wanted. What is summed over more than the bytes from there on is not checked
    /// before the next thing of its kind begins; FINISH where the input ends at a mark is ROVE_END. *mark may be from
    /// anywhere, a damaged file too. Returns ROVE_OK; ROVE_E_FORMAT when this can be no mark; or another failure.
    int32_t (*resume)(void *st, const struct rove_mark *mark);

    /// DECODE: takes a step over coded data, of which len bytes are at hand at ptr; 0: there are no more. A state that
    /// walks does nothing else until it is reset. When it fails, or cannot tell, what earlier steps told is void, too:
    /// a length may have been a guess that a later step proves. Returns
    /// - ROVE_OK: *hop is filled in. A step beyond the end of the data: they are cut.
    /// - ROVE_E_TRUNCATED: hop->need bytes, more than len, are needed to tell. (At the end of the data: they are cut.)
    ///   Before data are said to be cut it is asked once more, with len 0: ROVE_E_UNSUPPORTED then means that a length was
    ///   a guess.
    /// - ROVE_END: the format ends here. With len > 0: what follows is none of it.
    /// - ROVE_E_TRAILING: likewise, where some of what steps went over last is none of it, either.
    /// - ROVE_E_UNSUPPORTED: this cannot be told without decoding.
    /// - failure: it is not what it should be.
    ///
    /// Missing: nothing can be told without decoding.
    int32_t (*hop)(void *st, const uint8_t *ptr, size_t len, struct rove_hop *hop);
};

/// The first two fields of a struct rove_filter, for designated initialisers' company.
#define ROVE_FILTER_INIT .size = (uint32_t) sizeof(struct rove_filter), .abi = ROVE_FILTER_ABI

// plugins ---------------------------------------------------------------------------------------

/// What a plugin's one exported function returns. All pointers are static.
struct rove_plugin {
    uint32_t size, abi; ///< set by ROVE_PLUGIN_INIT
    const char *name;   ///< of the plugin, [a-z0-9_-]{1,31}
    const char *version; ///< the plugin's own, for people
    const char *license; ///< SPDX expression
    const struct rove_filter *const *filters; ///< NULL-ended
};

/// The first two fields of a struct rove_plugin.
#define ROVE_PLUGIN_INIT .size = (uint32_t) sizeof(struct rove_plugin), .abi = ROVE_FILTER_ABI

/// The symbol that a plugin exports; the major version of the ABI is part of its name.
#define ROVE_PLUGIN_SYMBOL "rove_plugin_v1"

/// The type of that symbol. One thread at a time calls it, and none once the plugin is loaded.
typedef const struct rove_plugin *rove_plugin_fn(void);

/// For ROVE_PLUGIN(): the function leaves the plugin, however that is compiled, and from C++ by the name that it has in C.
#ifdef __cplusplus
#define ROVE_PLUGIN_EXPORT extern "C" ROVE_API
#else
#define ROVE_PLUGIN_EXPORT ROVE_API
#endif
/// Defines the exported function of a plugin: ROVE_PLUGIN(&my_plugin)
#define ROVE_PLUGIN(table)                                         \
    ROVE_PLUGIN_EXPORT const struct rove_plugin *rove_plugin_v1(void); \
    const struct rove_plugin *rove_plugin_v1(void)                 \
    {                                                              \
        return (table);                                            \
    }

ROVE_END_DECLS

#endif
