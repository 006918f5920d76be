// SPDX-License-Identifier: MIT
// parts_codec.h: "cut", a codec that does its work in parts, made for tests.
//
//     'C' block:u32  ( 'P' len:u32 sum:u32 len coded bytes )…  'E' all:u32
//
// A coded byte is the plain one xor the one before it; the first one of a part, writing with linked=1, xor the last
// byte before the part, else xor 0. sum: of the part's plain bytes. all: of all plain bytes, in their order.
// Numbers are little-endian.
#ifndef TEST_PARTS_CODEC_H
#define TEST_PARTS_CODEC_H

// Registers it once: cut:block=N,linked=B,grow=B. grow: reading, a part says that it becomes nothing, so that it has
// no room. And cut_plain:block=N, which writes the same, whose states are ready for any part.
void parts_codec_register(void);

#endif
