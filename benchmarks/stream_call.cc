// SPDX-License-Identifier: MIT
// stream_call.cc: what the rows W1 call, compiled apart from their loops, which are laid out otherwise.
#include "stream_call.h"

namespace bench
{

__attribute__((noinline, aligned(64))) enum rove_status write_call(struct rove_stream *stream,
                                                                   const void *src, size_t len)
{
    return rove_stream_write(stream, src, len);
}

__attribute__((noinline)) enum rove_status bump_beyond(ShortBump *bump, const char *p, size_t n)
{
    if (!bump || !p)
        return ROVE_E_ARG;
    bump->append_beyond(p, n);
    return ROVE_OK;
}

// Written as rove_stream_write() is, and placed as write_call(): two that take as many instructions, a jump more in one,
// differed by a third.
__attribute__((noinline, aligned(64))) enum rove_status bump_call(ShortBump *bump, const char *p,
                                                                  size_t n)
{
    if (ROVE_LIKELY(bump && p && static_cast<ptrdiff_t>(n) > 0 &&
                    bump->end - bump->cur >= static_cast<ptrdiff_t>(n))) {
        if (n > 64) { // as rove_copy_behind(): nothing is kept over the call of memcpy()
            char *to = bump->cur;
            bump->cur += n;
            std::memcpy(to, p, n);
            return ROVE_OK;
        }
        rove_copy_run(bump->cur, p, n);
        bump->cur += n;
        return ROVE_OK;
    }
    return bump_beyond(bump, p, n);
}

} // namespace bench
