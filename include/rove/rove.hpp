// SPDX-License-Identifier: MIT
// rove.hpp: the library for C++17 and later: objects that clean up after themselves, and failures that are thrown.
//
// Each class holds one object of C, and each of its functions is the call of that name: what it promises, the headers of
// C say, which are the reference of this one, too. Here stands what is different in C++.
//
// Ownership. A rope, a view and a stream are moved, not copied; what was moved from is an empty rope or view, or no
// stream at all. pool, index and workers are counted: a copy is one more hold. get() lends the object of C, for calls
// that have no function here; release() gives it away, and the constructor from it takes it.
//
// Failure. Every function that can fail has a last argument, a pointer to a status. Left out, a failure is thrown as
// rove::error. Given, each call sets it, to ROVE_OK and ROVE_END as well, and throws nothing. So one function serves
// both, either costs what the call of C costs, and all can be used without exceptions (-fno-exceptions: a failure that
// nobody asked for ends the program). ROVE_END is never thrown: an empty result tells it.
//
// Bytes. What is only read is a rove::bytes, what is filled a rove::room. Both are made of text, of arrays, and of
// whatever has data() and size() and elements of a byte: std::string, std::string_view, std::vector, std::array and,
// from C++20 on, std::span, which they become, too. Neither owns anything.
//
// Threads are as in C. What the library calls back must not throw.
#ifndef ROVE_ROVE_HPP
#define ROVE_ROVE_HPP

#include <rove/base.hpp>
#include <rove/rope.hpp>
#include <rove/stream.hpp>
#include <rove/streambuf.hpp>

#endif
