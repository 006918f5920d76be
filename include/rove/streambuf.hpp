// SPDX-License-Identifier: MIT
// streambuf.hpp: a stream as a std::streambuf, for code that has a std::istream or a std::ostream. See <rove/rove.hpp>.
#ifndef ROVE_STREAMBUF_HPP
#define ROVE_STREAMBUF_HPP

#include <rove/stream.hpp>

#include <streambuf>

namespace rove {

// Borrows the stream:
//
//     rove::streambuf buf(file);
//     std::istream in(&buf);
//
// Up to 4 KiB are read ahead, which a write, a seek or a sync gives back where the stream can seek; what is written is in
// the stream at once. What was read can be put back, unchanged: all of it where the stream can seek, elsewhere at least
// the last byte. A failure sets the badbit; what it was, `file` explains, or the exception, where in.exceptions() asks
// for that bit.
class streambuf : public std::streambuf {
  public:
    explicit streambuf(stream &over) noexcept : stream_(over) {}
    streambuf(const streambuf &) = delete; // whose pointers would be into the other's bytes
    streambuf &operator=(const streambuf &) = delete;

  protected:
    int_type underflow() override
    {
        char *first = ahead_ + 1; // in front of it is the byte that may be put back
        const size_t len = std::min(stream_.peek().size(), sizeof ahead_ - 1);
        if (!len)
            return traits_type::eof();
        const bool kept = eback() < gptr();
        if (kept)
            *ahead_ = gptr()[-1];
        setg(first - kept, first, first + stream_.read(room(first, len)));
        return traits_type::to_int_type(*first);
    }
    int_type pbackfail(int_type c) override
    {
        rove_status status;
        give_back();
        stream_.seek(-1, ROVE_CUR, &status);
        if (status != ROVE_OK)
            return traits_type::eof();
        const bytes there = stream_.peek(&status);
        const int_type was = there.empty() ? traits_type::eof() : int_type{there[0]};
        if (!there.empty() && (traits_type::eq_int_type(c, was) || traits_type::eq_int_type(c, traits_type::eof())))
            return was;
        stream_.seek(1, ROVE_CUR);
        return traits_type::eof();
    }
    int_type overflow(int_type c) override
    {
        const char one = traits_type::to_char_type(c);
        if (!traits_type::eq_int_type(c, traits_type::eof()))
            xsputn(&one, 1);
        return traits_type::not_eof(c);
    }
    std::streamsize xsputn(const char *src, std::streamsize len) override
    {
        give_back();
        stream_.write(bytes(src, static_cast<size_t>(len)));
        return len;
    }
    int sync() override
    {
        give_back();
        stream_.flush();
        return 0;
    }
    pos_type seekoff(off_type off, std::ios_base::seekdir dir, std::ios_base::openmode) override
    {
        const bool from_end = dir == std::ios_base::end, here = dir == std::ios_base::cur;
        rove_status status;
        give_back();
        const uint64_t pos = stream_.seek(off, from_end ? ROVE_FROM_END : here ? ROVE_CUR : ROVE_SET, &status);
        return status == ROVE_OK ? pos_type(static_cast<off_type>(pos)) : pos_type(off_type(-1));
    }
    pos_type seekpos(pos_type pos, std::ios_base::openmode mode) override
    {
        return seekoff(off_type(pos), std::ios_base::beg, mode);
    }

  private:
    // Of what cannot seek, such as a socket, it stays, and with it the last byte that was read, also when nothing is left:
    // what is written does not lie where was read.
    void give_back()
    {
        rove_status status = ROVE_OK;
        if (eback() != egptr())
            stream_.seek(gptr() - egptr(), ROVE_CUR, &status);
        if (status == ROVE_E_UNSUPPORTED)
            return;
        check(status, nullptr, stream_.get());
        setg(nullptr, nullptr, nullptr);
    }

    stream &stream_;
    char ahead_[1 + 4096];
};

} // namespace rove

#endif
