// SPDX-License-Identifier: MIT
// rope_objects.cc: the large objects that the rows of bench_rope share.
#include "rope_objects.h"

namespace bench
{

namespace
{

Shared<Rope> appended, edited;
Shared<View> view;
Shared<Flat> flat;
Shared<Crope> crope;
#if defined(ROVE_HAVE_ABSL)
Shared<PlainCord> cord;
Shared<HeldCord> tuned_cord;
#endif
#if defined(ROVE_HAVE_LIBEVENT)
Shared<Evbuffer> evbuffer;
#endif
#if defined(ROVE_HAVE_BOOST)
Shared<MultiBuffer> multi_buffer;
#endif
#if defined(ROVE_HAVE_GLIB)
GBytes *gbytes;
#endif

} // namespace

Rope &the_rope()
{
    return appended.filled();
}

Rope &the_edited_rope()
{
    return edited.get([] {
        auto made = std::make_unique<Rope>();
        made->fill(large(), block);
        Random random(3);
        for (size_t i = 0; i < large() / (4 * block); i++) {
            ok(rove_rope_insert(*made, random.below(large()), source(), scrap));
            ok(rove_rope_erase(*made, random.below(large()), scrap));
        }
        return made;
    });
}

View &the_view()
{
    return view.get([] { return std::make_unique<View>(the_rope()); });
}

Flat &the_flat()
{
    return flat.filled();
}

Crope &the_crope()
{
    return crope.get([] { return make_crope(large()); });
}

#if defined(ROVE_HAVE_ABSL)
absl::Cord &the_cord()
{
    return cord.filled().cord;
}

absl::Cord &the_tuned_cord()
{
    return tuned_cord.filled().cord;
}
#endif
#if defined(ROVE_HAVE_LIBEVENT)
Evbuffer &the_evbuffer()
{
    return evbuffer.filled();
}
#endif
#if defined(ROVE_HAVE_BOOST)
boost::beast::multi_buffer &the_multi_buffer()
{
    return multi_buffer.filled().buffer;
}
#endif
#if defined(ROVE_HAVE_GLIB)
GBytes *the_gbytes()
{
    if (!gbytes)
        gbytes = g_bytes_new_static(the_flat().data(), large());
    return gbytes;
}
#endif

void drop_objects()
{
#if defined(ROVE_HAVE_GLIB)
    g_clear_pointer(&gbytes, g_bytes_unref);
#endif
    view.object.reset();
    appended.object.reset();
    edited.object.reset();
    flat.object.reset();
    crope.object.reset();
#if defined(ROVE_HAVE_ABSL)
    cord.object.reset();
    tuned_cord.object.reset();
#endif
#if defined(ROVE_HAVE_LIBEVENT)
    evbuffer.object.reset();
#endif
#if defined(ROVE_HAVE_BOOST)
    multi_buffer.object.reset();
#endif
    malloc_forget();
}

} // namespace bench
