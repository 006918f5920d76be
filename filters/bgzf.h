// SPDX-License-Identifier: MIT
// bgzf.h: BGZF (SAM specification, section 4.1): gzip members of at most 64 KiB, plain and coded, each of which
// says in an extra field how long it is, and an empty one for the end.
//
//     1f 8b 08 04 MTIME(4) XFL OS XLEN(2) | 'B' 'C' 2 0 BSIZE(2) | deflate data | CRC-32(4) ISIZE(4)
//     |---------------------- RV_BGZF_HEAD ----------------------|              |-- RV_BGZF_TAIL --|
//
// BSIZE is the length of all that less one. Every gzip reader reads it; who knows the field finds each member
// without inflating the one before. The frame is written and read here, for any codec that deflates and
// inflates a piece of memory at once.
#ifndef RV_FILTERS_BGZF_H
#define RV_FILTERS_BGZF_H

#include "blocks.h"
#include "trailing.h"

#define RV_BGZF_HEAD 18u
#define RV_BGZF_FIELD 6u        // bytes of the field, with which the extra fields of a member must begin
#define RV_BGZF_TAIL 8u
#define RV_BGZF_MARKER 28u      // bytes of the member for the end
#define RV_BGZF_MOST 65536u     // bytes that a member has, or holds
#define RV_BGZF_BLOCK 0xff00u   // bytes that a member is given: stored ones fit, and htslib does so, too

// How sure it is that these are the first bytes of BGZF: bits, as detect() of struct rove_filter.
uint32_t rv_bgzf_detect(const uint8_t *head, uint32_t len);

// write -----------------------------------------------------------------------------------------

struct rv_bgzf_writer {
    struct rv_blocks blocks; // first; its codec is rv_bgzf_blocks
    uint32_t (*crc)(uint32_t crc, const uint8_t *buf, size_t len);
    // Deflates a block. Returns the bytes written, or 0 when the room is too small.
    size_t (*deflate)(void *st, struct rove_in block, struct rove_out room);
};

// For a state that begins with a struct rv_bgzf_writer.
extern const struct rv_block_codec rv_bgzf_blocks;

uint64_t rv_bgzf_bound(uint64_t in_len);

// read ------------------------------------------------------------------------------------------

struct rv_bgzf_codec {
    uint32_t (*crc)(uint32_t crc, const uint8_t *buf, size_t len);
    // Inflates the whole of a member's deflate data, and advances both spans. Returns ROVE_OK when the data have
    // ended, ROVE_E_RANGE when they would give more than the room, another failure with a clause in *why_out.
    int32_t (*inflate)(void *st, struct rove_in *src, struct rove_out *room, const char **why_out);
    // The hooks of a gzip decoder, for members without the field behind the end marker.
    int32_t (*run)(void *gzip, struct rove_in *in, struct rove_out *out, uint32_t act);
    int32_t (*reset)(void *gzip);
};

// How far it came that hops from member to member. Zeroed: nowhere.
struct rv_bgzf_walk {
    uint64_t cnt;   // members behind it
    bool in_member; // the trailer comes next
    bool marked;    // the last member was the end marker
    bool over;      // no member follows (gzip)
};

struct rv_bgzf_reader {
    const struct rove_host *host;
    const struct rv_bgzf_codec *codec;
    void *gzip;            // state of the gzip decoder
    uint64_t *gzip_member; // in it: the member that it reads
    uint64_t member;       // the one being read, from 1
    uint32_t have;     // bytes in head or stage, whichever is filled
    uint32_t body_len; // bytes of the member behind its head
    uint8_t phase;
    bool marked;       // the last member was the end marker
    bool alone;        // it reads some members, behind which nothing has to follow
    bool mark_wanted;  // it stops between members
    struct rv_bgzf_walk walk;
    uint8_t head[RV_BGZF_HEAD];
    uint8_t *stage; // memory of the host: a member whose bytes do not lie in one span
    uint8_t *plain; // memory of the host: what one became, when the room was short
    size_t plain_len, plain_pos;
    struct rv_trailing trailing;
};

// For a state that begins with a struct rv_bgzf_reader, zeroed but for the gzip decoder.
void rv_bgzf_open(struct rv_bgzf_reader *r, const struct rove_host *host, const struct rv_bgzf_codec *codec,
                  uint32_t policy);
int32_t rv_bgzf_run(void *st, struct rove_in *in, struct rove_out *out, uint32_t act);
void rv_bgzf_reset(struct rv_bgzf_reader *r);
void rv_bgzf_close(struct rv_bgzf_reader *r);

// What the bytes with which the extra fields of a member begin tell of its length; 0: nothing.
static inline uint32_t rv_bgzf_field_len(const uint8_t *field)
{
    return memcmp(field, "BC\2", 4) == 0 ? rv_le16(field + 4) + 1 : 0;
}

// The hooks for parts: some members. rv_bgzf_span() tells how many coded bytes these are: ROVE_E_TRUNCATED when *len_out
// bytes are needed to tell, ROVE_END with 0 when no member begins there.
int32_t rv_bgzf_span(const uint8_t *ptr, size_t len, uint64_t *len_out);
int32_t rv_bgzf_next(void *head, const uint8_t *ptr, size_t len, uint64_t *len_out);
uint64_t rv_bgzf_part_len(const void *head);
int32_t rv_bgzf_part(void *st, const void *head, const uint8_t *past, size_t past_len);
int32_t rv_bgzf_join(void *head, const void *part, uint64_t part_len);

#define RV_BGZF_PARTS                                                                            \
    .part_len = rv_bgzf_part_len, .part = rv_bgzf_part, .next = rv_bgzf_next, .join = rv_bgzf_join

// The hooks for restarts.
//
// Every member is a place to begin at, an empty one too; the end marker is one. An index in bgzip's form (.gzi) has
// the members that hold something, except for the first.
int32_t rv_bgzf_mark(void *st, struct rove_mark *mark);
int32_t rv_bgzf_resume(void *st, const struct rove_mark *mark);
int32_t rv_bgzf_hop(void *st, const uint8_t *ptr, size_t len, struct rove_hop *hop);

#define RV_BGZF_RESTART .mark = rv_bgzf_mark, .resume = rv_bgzf_resume, .hop = rv_bgzf_hop

// The hook hop() of a decoder of gzip: members that tell their length are hopped over, others have to be decoded, and all
// where one of them told what cannot be.
int32_t rv_bgzf_hop_gzip(struct rv_bgzf_walk *w, struct rv_trailing *trailing, const struct rove_host *host,
                         struct rove_in in, struct rove_hop *hop);

// The end marker, of RV_BGZF_MARKER bytes.
extern const uint8_t rv_bgzf_marker[];

#endif
