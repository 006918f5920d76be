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
Shared<Crope> crope, edited_crope;
#if defined(ROVE_HAVE_ABSL)
Shared<PlainCord> cord, edited_cord;
Shared<HeldCord> tuned_cord, edited_tuned_cord;
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

// The same history for all that are edited.
template <class Insert, class Erase> void edit_all_over(Insert &&insert, Erase &&erase)
{
    Random random(3);
    for (size_t i = 0; i < large() / (4 * block); i++) {
        insert(random.below(large()));
        erase(random.below(large()));
    }
}

#if defined(ROVE_HAVE_ABSL)
template <class Object> std::unique_ptr<Object> make_edited_cord()
{
    auto made = std::make_unique<Object>();
    made->fill(large(), block);
    edit_all_over(
        [&](size_t off) { cord_replace(made->cord, off, 0, absl::string_view(source(), scrap)); },
        [&](size_t off) { cord_replace(made->cord, off, scrap, absl::string_view()); });
    return made;
}
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
        edit_all_over([&](size_t off) { ok(rove_rope_insert(*made, off, source(), scrap)); },
                      [&](size_t off) { ok(rove_rope_erase(*made, off, scrap)); });
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

Crope &the_edited_crope()
{
    return edited_crope.get([] {
        auto made = make_crope(large());
        edit_all_over([&](size_t off) { made->insert(off, source(), scrap); },
                      [&](size_t off) { made->erase(off, scrap); });
        return made;
    });
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

absl::Cord &the_edited_cord()
{
    return edited_cord.get(make_edited_cord<PlainCord>).cord;
}

absl::Cord &the_edited_tuned_cord()
{
    return edited_tuned_cord.get(make_edited_cord<HeldCord>).cord;
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
    edited_crope.object.reset();
#if defined(ROVE_HAVE_ABSL)
    cord.object.reset();
    tuned_cord.object.reset();
    edited_cord.object.reset();
    edited_tuned_cord.object.reset();
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
