# SPDX-License-Identifier: MIT
# rove.BytesIO: what io.BytesIO does not have, and what must not cost what it costs there.

import contextlib
import errno
import gc
import io
import os
import pickle
import resource
import sys
import tempfile
import threading
import unittest
import weakref

import rove
from lost import lost

MIB = 1 << 20


@contextlib.contextmanager
def short_files(size):
    """No file can be written beyond so many bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


class Beyond(unittest.TestCase):
    def test_insert_and_erase_at_the_cursor(self):
        b = rove.BytesIO(b"hello world")
        b.seek(5)
        self.assertEqual(b.insert(b", dear"), 6)
        self.assertEqual((b.tell(), b.getvalue()), (11, b"hello, dear world"))
        b.seek(5)
        self.assertEqual(b.erase(6), 6)
        self.assertEqual(b.erase(), 6)
        self.assertEqual((b.getvalue(), b.erase()), (b"hello", 0))

    def test_insert_takes_ropes_and_views(self):
        b = rove.BytesIO(b"<>")
        b.seek(1)
        b.insert(rove.Rope(b"rope"))
        b.insert(rove.View(b"view"))
        self.assertEqual(b.getvalue(), b"<ropeview>")
        self.assertRaises(TypeError, b.insert, "text")

    def test_write_takes_ropes_and_views(self):
        huge = rove.Rope(bytes(1000)) * (1 << 40)  # nothing of it is copied
        b = rove.BytesIO(b"0123456789")
        b.seek(5)
        self.assertEqual(b.write(rove.View(b"view")), 4)
        self.assertEqual(b.getvalue(), b"01234view9")
        self.assertEqual(b.write(huge), 1000 << 40)
        b.writelines([rove.Rope(b"a"), rove.View(b"b")])
        self.assertEqual(b.writev([rove.Rope(b"c"), b"d", huge[:1000].view()]), 1002)
        b.seek(-1005, 2)
        self.assertEqual(b.read(6), b"\0abcd\0")
        locked = rove.BytesIO(b"x")
        with locked.getbuffer():
            self.assertRaises(BufferError, locked.write, huge)

    def test_a_snapshot_stays_and_does_not_lock(self):
        for size in (0, 1, 1000, MIB):
            b = rove.BytesIO(b"x" * size)
            view = b.snapshot()
            b.write(b"abc")
            self.assertEqual(view, b"x" * size)
            with b.getbuffer() as buffer:
                self.assertEqual(b.snapshot(), bytes(buffer))
            b.close()
            self.assertEqual(view.tobytes(), b"x" * size)

    def test_drop_head_keeps_the_byte_of_the_cursor(self):
        b = rove.BytesIO(b"0123456789")
        b.seek(6)
        self.assertEqual((b.drop_head(4), b.tell(), b.read()), (4, 2, b"6789"))
        self.assertEqual((b.drop_head(99), b.tell(), b.size()), (6, 0, 0))
        self.assertRaises(OverflowError, b.drop_head, -1)

    def test_take_is_read_and_drop_head(self):
        b = rove.BytesIO(b"0123456789")
        b.seek(6)
        self.assertEqual((b.take(4), b.tell(), b.take(0), b.read(1)), (b"0123", 2, b"", b"6"))
        self.assertEqual((b.take(99), b.take(), b.tell(), b.size()), (b"456789", b"", 0, 0))
        self.assertRaises(TypeError, b.take, "1")
        self.assertRaises(TypeError, b.take, 1, 2)
        for pool in (None, rove.Pool(memory_limit=1 << 20, spill=True)):
            b = rove.BytesIO(pool=pool)
            put = got = b""
            for size in (1, 70000, 5, 300000, 0, 65536) * 3:
                piece = os.urandom(size)
                put += piece
                b.seek(0, 2)
                b.write(piece)
                got += b.take(size // 3)
                self.assertEqual((len(got) + b.size(), b.tell()), (len(put), b.size()))
            snapshot = b.snapshot()
            self.assertEqual(got + b.take(None), put)
            self.assertTrue(put.endswith(snapshot.tobytes()))

    def test_readuntil(self):
        b = rove.BytesIO(b"a--bb--c")
        self.assertEqual([b.readuntil(b"--") for _ in range(4)], [b"a--", b"bb--", b"c", b""])
        b.seek(0)
        self.assertEqual((b.readuntil(b"--", 2), b.readuntil(b"-")), (b"a-", b"-"))
        self.assertRaises(ValueError, b.readuntil, b"")
        b = rove.BytesIO(b"x" * 200000 + b"ENDrest")
        self.assertEqual(len(b.readuntil(b"END")), 200003)

    def test_read_view_and_peek(self):
        b = rove.BytesIO(b"0123456789")
        b.read(2)
        self.assertEqual((b.peek(), b.peek(3), b.tell()), (b"23456789", b"234", 2))
        self.assertEqual((b.read_view(4), b.tell()), (b"2345", 6))
        self.assertEqual((b.read_view(), b.read_view(), b.peek(), b.peek(1)), (b"6789", b"", b"", b""))

    def test_writev_is_all_or_none(self):
        b = rove.BytesIO()
        self.assertEqual(b.writev([b"a", bytearray(b"bc"), b"d" * 2000]), 2003)
        self.assertRaises(TypeError, b.writev, [b"x", 5])
        self.assertEqual(b.getvalue(), b"abc" + b"d" * 2000)

    def test_what_is_locked(self):
        b = rove.BytesIO(b"abc")
        with b.getbuffer():
            for name, *args in (("insert", b"x"), ("erase", 1), ("drop_head", 1), ("take",), ("writev", [b"x"])):
                self.assertRaises(BufferError, getattr(b, name), *args)
            self.assertEqual((b.read_view(2), b.readuntil(b"c")), (b"ab", b"c"))
        b.close()
        for name, *args in (("insert", b"x"), ("erase", 1), ("drop_head", 1), ("take",), ("writev", [b"x"]), ("size",),
                            ("snapshot",), ("read_view",), ("peek",), ("readuntil",)):
            self.assertRaises(ValueError, getattr(b, name), *args)


    def test_what_a_buffer_stood_on_follows_the_content(self):
        b = rove.BytesIO(b"abc")
        view = b.getbuffer()
        below = view.obj
        view.release()
        self.assertEqual(memoryview(below), b"abc")
        b.insert(b"x" * 100000)  # it lies elsewhere
        self.assertRaises(BufferError, memoryview, below)
        b.getvalue()
        again = memoryview(below)
        self.assertEqual(len(again), 100003)
        self.assertRaises(BufferError, b.close)
        again.release()
        b.close()
        self.assertRaises(BufferError, memoryview, below)


class Sharing(unittest.TestCase):
    def test_a_value_that_is_held_is_not_changed(self):
        b = rove.BytesIO(bytes(4 * MIB))
        value = b.getvalue()
        self.assertIs(value, b.getvalue())
        hash(value)
        for at in (0, 5, MIB, 4 * MIB - 1, 4 * MIB + 3):
            b.seek(at)
            b.write(b"x")
        self.assertEqual(value, bytes(4 * MIB))
        self.assertEqual(b.size(), 4 * MIB + 4)

    def test_a_hash_is_of_the_bytes_that_are_there(self):
        b = rove.BytesIO(b"ab")
        del b
        b = rove.BytesIO()
        b.write(b"ab")
        hash(b.getvalue())
        b.seek(0)
        b.write(b"cd")
        self.assertEqual(hash(b.getvalue()), hash(b"cd"))
        for make in (lambda: b.write(bytes(100)) and b, lambda: rove.BytesIO(bytes(bytearray(102)))):
            b = rove.BytesIO()
            b = make()
            hash(b.getvalue())
            b.truncate(90)
            self.assertEqual(hash(b.getvalue()), hash(bytes(90)))
            b.seek(0)
            self.assertEqual({b.read(): 1}.get(bytes(90)), 1)

    def test_large_bytes_go_when_nothing_of_them_is_left(self):
        source = bytes(2 * MIB)
        count = sys.getrefcount(source)
        b = rove.BytesIO(source)
        b.write(b"x")
        self.assertEqual(sys.getrefcount(source), count + 1)
        b.seek(0)
        b.truncate()
        self.assertEqual(sys.getrefcount(source), count)

    def test_sizeof_follows_the_content(self):
        b = rove.BytesIO()
        small = sys.getsizeof(b)
        b.write(bytes(MIB))
        self.assertGreater(sys.getsizeof(b), small + MIB)

    def test_it_is_an_io(self):
        b = rove.BytesIO(b"one\ntwo")
        self.assertIsInstance(b, io.BufferedIOBase)
        self.assertEqual(list(io.TextIOWrapper(b)), ["one\n", "two"])
        self.assertIs(pickle.loads(pickle.dumps(rove.BytesIO)), rove.BytesIO)

    def test_what_cannot_be_read_into_is_a_type_error(self):
        gone = memoryview(bytearray(5))
        gone.release()
        for file in (io.BytesIO(b"abc"), rove.BytesIO(b"abc"), rove.Decoder(io.BytesIO(b"abc"), "copy")):
            for buffer in (gone, memoryview(bytearray(5))[::2], b"abc", "abc", None):
                self.assertRaisesRegex(TypeError, "read-write bytes-like", file.readinto, buffer)
            self.assertEqual(file.read(), b"abc")

    def test_install(self):
        rove.install()
        try:
            self.assertIs(io.BytesIO, rove.BytesIO)
            self.assertIs(type(pickle.loads(pickle.dumps(io.BytesIO(b"x")))), rove.BytesIO)
        finally:
            rove.uninstall()
        self.assertIsNot(io.BytesIO, rove.BytesIO)


class Reduced(rove.BytesIO):
    def __reduce__(self):
        return Reduced, (self.getvalue(),)


class States(unittest.TestCase):
    def test_a_subclass_that_reduces_itself_is_pickled_by_any_protocol(self):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            again = pickle.loads(pickle.dumps(Reduced(b"abc"), protocol))
            self.assertEqual((type(again), again.getvalue()), (Reduced, b"abc"))
        for protocol in (0, 1):
            self.assertRaises(TypeError, pickle.dumps, rove.BytesIO(b"abc"), protocol)

    def test_a_state_that_is_refused_changes_nothing(self):
        for inserted in (b"", b"x" * 70000):  # in one piece, and as a rope
            b = rove.BytesIO(b"abc")
            b.insert(inserted)
            before = b.__getstate__()
            for state in ((b"new", 0, 5), (b"new", 0, []), (b"new", -1, None), (b"new", "0", None), ("new", 0, None), (b"new", 0), 5):
                self.assertRaises((TypeError, ValueError), b.__setstate__, state)
                self.assertEqual(b.__getstate__(), before)


    @unittest.skipIf(sys.version_info < (3, 12), "buffers run no code of Python's")
    def test_what_it_begins_with_may_use_it(self):
        class Nosy:
            def __init__(self, action):
                self.action = action

            def __buffer__(self, flags):
                return memoryview(b"new")

            def __release_buffer__(self, buffer):
                self.action()
        for begin in (lambda b, new: b.__init__(new), lambda b, new: b.__setstate__((new, 0, None))):
            b, held = rove.BytesIO(b"old" * 1000), []
            self.assertRaises(BufferError, begin, b, Nosy(lambda: held.append(b.getbuffer())))
            self.assertEqual(held[0], b"old" * 1000)
            held.pop().release()
            self.assertRaises(ValueError, begin, b, Nosy(b.close))
            b = rove.BytesIO(b"old")
            begin(b, Nosy(lambda: b.write(b"more" * 50000)))
            self.assertEqual(b.getvalue(), b"new")


class Attributes(unittest.TestCase):
    def test_a_dict_is_there_and_stays(self):
        for cls in (io.BytesIO, rove.BytesIO):
            for b in (cls(), type("Sub", (cls,), {})()):
                b.a = 1
                b.__dict__["b"] = 2
                self.assertEqual((b.a, b.b, b.__dict__), (1, 2, {"a": 1, "b": 2}))
                self.assertRaises(AttributeError, setattr, b, "__dict__", {})
                self.assertRaises(AttributeError, delattr, b, "__dict__")


class Pools(unittest.TestCase):
    def test_content_beyond_the_limit_sleeps(self):
        pool = rove.Pool(memory_limit=4 * MIB, spill=True)
        b = rove.BytesIO(pool=pool)
        block = bytes(range(256)) * 256
        for i in range(512):
            b.write(block)
        self.assertLessEqual(pool.figures()["held_peak"], 4 * MIB)
        self.assertGreater(pool.figures()["sleeping"], 0)
        b.seek(0)
        while data := b.read(len(block)):
            self.assertEqual(data, block)
        self.assertEqual(sum(map(len, b.snapshot().spans())), 32 * MIB)

    def test_without_spill_the_limit_is_an_exception(self):
        b = rove.BytesIO(pool=rove.Pool(memory_limit=MIB))
        with self.assertRaises(rove.LimitError) as caught:
            for i in range(100):
                b.write(bytes(65536))
        self.assertIsInstance(caught.exception, MemoryError)
        self.assertEqual((b.tell(), b.size()), (i * 65536, i * 65536))

    def test_the_system_says_why_nothing_can_sleep(self):
        piece = os.urandom(16 * MIB)

        def small(b):
            for at in range(0, len(piece), 1000):
                b.write(piece[at:at + 1000])
        for make, fill in ((rove.BytesIO, small), (rove.BytesIO, lambda b: b.write(piece)), (rove.BytesIO, lambda b: b.insert(piece)),
                           (rove.BytesIO, lambda b: b.writev([piece])), (rove.Rope, lambda r: r.extend(piece)),
                           (rove.Rope, lambda r: rove.compress(piece, "copy", pool=pool)), (rove.Rope, lambda r: rove.View(piece, pool=pool))):
            with tempfile.TemporaryDirectory() as folder:
                pool = rove.Pool(memory_limit=2 * MIB, spill=True, spill_dir=folder)
                subject = make(pool=pool)
                with short_files(MIB), self.assertRaises(OSError) as caught:
                    fill(subject)
                self.assertEqual(caught.exception.errno, errno.EFBIG)

    def test_what_is_inserted_lies_in_the_pool(self):
        piece = os.urandom(1 << 17)
        for kind in (bytes, bytearray):
            for change in (rove.BytesIO.insert, lambda b, p: b.writev([p, p])):
                pool = rove.Pool(memory_limit=1 << 20, spill=True)
                b = rove.BytesIO(pool=pool)
                for _ in range(16):
                    change(b, kind(piece))
                self.assertGreater(pool.figures()["sleeping"], 0)
                self.assertLessEqual(pool.figures()["held_peak"], 1 << 20)
                b.seek(0)
                self.assertEqual(b.read(len(piece)), piece)

    def test_what_a_pool_refuses(self):
        self.assertRaises(ValueError, rove.Pool, spill=True)
        self.assertRaises(ValueError, rove.Pool, huge=True, memory_limit=MIB)
        self.assertRaises(OverflowError, rove.Pool, chunk_size=3)
        self.assertRaises(TypeError, rove.BytesIO, pool=5)
        self.assertRaises(OSError, rove.Pool, memory_limit=MIB, spill=True, spill_dir="/nonexistent")
        defaults = rove.Pool(memory_limit=None, spill=False, spill_dir=None, chunk_size=0, huge=False)  # as its doc has them
        self.assertEqual(defaults.figures()["limit"], 0)
        rove.Pool(memory_limit=MIB, spill=True, spill_dir=None)
        # No memory is not any amount of it.
        self.assertRaises(rove.LimitError, rove.BytesIO(pool=rove.Pool(memory_limit=0)).write, bytes(100_000))
        self.assertRaises(rove.LimitError, rove.Pool, memory_limit=0, spill=True)

    def test_to_begin_anew_takes_the_pool_with_the_content(self):
        pools = [rove.Pool() for _ in range(2)]
        b = rove.BytesIO(pool=pools[0])
        for _ in range(2):
            self.assertRaises(TypeError, b.__init__, 5, pool=pools[1])
            b.write(bytes(MIB))
        self.assertEqual([p.figures()["held_peak"] >= MIB for p in pools], [True, False])
        b.__init__(pool=pools[1])
        b.write(bytes(MIB))
        self.assertEqual([p.figures()["held_peak"] >= MIB for p in pools], [True, True])

    def test_huge_pages_hold_the_same(self):
        b = rove.BytesIO(pool=rove.Pool(huge=True))
        for i in range(100):
            b.write(b"%d," % i * 20000)
        b.seek(-3, 2)
        self.assertEqual(b.read(), b"99,")

    def test_free_memory_goes_back(self):
        rove.BytesIO().writelines([bytes(MIB)] * 8)
        rove.trim()
        self.assertLess(rove.default_pool_figures()["free"], 64)


class Life(unittest.TestCase):
    def test_cycles_are_collected(self):
        b = rove.BytesIO(bytes(MIB))
        b.me, b.buffer = b, b.getbuffer()
        ref = weakref.ref(b)
        del b
        gc.collect()
        self.assertIsNone(ref())

    def test_nothing_is_lost(self):
        def rounds(n):
            for _ in range(n):
                b = rove.BytesIO(b"a" * 70000)
                b.write(b"bc")
                v = b.snapshot()
                b.insert(v)
                list(v.spans()), b.getvalue(), b.getbuffer(), bytes(rove.Rope(v)[5:70000])
                b.truncate(3)
                try:
                    b.write("text")
                except TypeError:
                    pass
        self.assertLess(max(lost(rounds, 200)), 50)

    def test_threads_follow_each_other(self):
        b = rove.BytesIO()
        piece, errors = bytes(3 * MIB), []

        def work():
            try:
                for _ in range(5):
                    b.write(piece)
                    b.tell()
            except Exception as error:
                errors.append(error)
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual((errors, b.size()), ([], 4 * 5 * 3 * MIB))


if __name__ == "__main__":
    unittest.main()
