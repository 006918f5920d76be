# SPDX-License-Identifier: MIT
# Memory that is refused: Python's, at every place of a call, and a pool's. What fails leaves everything as it was.

import copy
import sys
import unittest

import rove

try:
    import _testcapi
    _testcapi.set_nomemory
except (ImportError, AttributeError):
    print("the interpreter cannot refuse memory (_testcapi is not installed)")
    sys.exit(77)

BIG = bytes(range(256)) * 1000


def contents():
    """How to make each kind of content."""
    def inserted():
        b = rove.BytesIO(b"0123456789" * 10000)
        b.insert(b"x" * 70000)
        return b

    def written():
        b = rove.BytesIO()
        for _ in range(30):
            b.write(b"abc\n" * 10)
        return b
    return (rove.BytesIO, lambda: rove.BytesIO(b"ab"), lambda: rove.BytesIO(BIG), written, inserted)


CALLS = (
    lambda b: b.write(b"x" * 100), lambda b: b.write(BIG), lambda b: b.writelines([b"a"]), lambda b: b.truncate(5),
    lambda b: b.truncate(70001), lambda b: b.getvalue(), lambda b: b.getbuffer(), lambda b: b.read(10), lambda b: b.read(),
    lambda b: b.readline(), lambda b: b.insert(b"new"), lambda b: b.erase(3), lambda b: b.snapshot(), lambda b: b.peek(9),
    lambda b: b.drop_head(2), lambda b: b.readuntil(b"c"), lambda b: b.writev([b"a", BIG]), lambda b: b.__getstate__(),
    lambda b: b.read_view(5), lambda b: b.seek(7), lambda b: b.size(), lambda b: sys.getsizeof(b), lambda b: b.take(2), lambda b: b.take(),
)


class Refused(unittest.TestCase):
    def test_each_allocation_of_each_call(self):
        refusals = 0
        for make in contents():
            for call in CALLS:
                for nth in range(30):
                    b = make()
                    b.seek(1)
                    before = b.size()
                    failed, done = False, False
                    _testcapi.set_nomemory(nth, nth + 1)
                    try:
                        call(b)
                        done = True
                    except MemoryError:
                        failed = True
                    finally:
                        _testcapi.remove_mem_hooks()
                    if failed:
                        refusals += 1
                        self.assertFalse(b.closed)
                        # writelines and Python's own objects for results come after the deed
                        if b.size() != before:
                            self.assertIn(CALLS.index(call), (0, 1, 2, 3, 4, 10, 11, 14, 16))
                        if CALLS.index(call) in (7, 8, 9, 15, 18):  # what was not given comes again
                            self.assertEqual(b.tell(), 1)
                        b.seek(0)
                        b.write(b"still works")
                        self.assertTrue(b.getvalue().startswith(b"still works"))
                    if done and nth > 8:
                        break
        self.assertGreater(refusals, 30)

    def test_each_allocation_of_a_codec(self):
        coded = rove.compress(BIG)

        def marked():
            encoder = rove.Encoder(rove.BytesIO(), "bgzf")
            encoder.mark()
            encoder.write(BIG)
            encoder.finish()
            return encoder.index().by("bgzf").figures()

        def by_index():
            decoder = rove.Decoder(rove.BytesIO(coded), index=rove.Index(rove.BytesIO(coded)))
            decoder.seek(100000)
            return decoder.read(10)
        class Named(rove.Rope):
            pass
        array, named = bytearray(BIG), Named(BIG)
        named.names = ["a"]
        for call in (lambda: rove.digest(array), lambda: rove.Rope(BIG) == array, lambda: copy.copy(named) == BIG,
                     lambda: copy.deepcopy(named).names, lambda: rove.View(BIG, pool=rove.Pool()).tobytes(),
                     lambda: rove.compress(BIG), lambda: rove.decompress(coded), lambda: rove.Rope(BIG)[5:7],
                     lambda: rove.digest(BIG), lambda: list(rove.View(BIG).spans()), rove.filters,
                     lambda: rove.compress(BIG, "zlib:dict=@", dictionary=bytearray(BIG[:999])), marked, by_index):
            want = call()
            for nth in range(1, 60):
                _testcapi.set_nomemory(nth, nth + 1)
                try:
                    call()
                except MemoryError:
                    pass
                finally:
                    _testcapi.remove_mem_hooks()
            self.assertEqual(call(), want)
        array.append(1)  # no call holds it any more

    def test_a_decoder_gives_all_or_says_what_it_lost(self):
        lines = b"a line of some bytes\n" * 9000
        coded, lost = rove.compress(lines), 0
        index = rove.Index(rove.BytesIO(coded))
        for call in (lambda d: d.read(), lambda d: d.read(170001), lambda d: d.readline(), lambda d: next(d), lambda d: d.read1(),
                     lambda d: d.readinto(bytearray(50)), lambda d: d.peek(), lambda d: d.readlines()):
            for nth in range(1, 40):
                decoder = rove.Decoder(rove.BytesIO(coded), index=index)
                begun = decoder.read(7)
                _testcapi.set_nomemory(nth, nth + 1)
                try:
                    call(decoder)
                    continue
                except MemoryError:
                    pass
                finally:
                    _testcapi.remove_mem_hooks()
                try:
                    rest = decoder.read()
                except OSError as error:
                    self.assertIn("lost", str(error))
                    lost += 1
                    self.assertRaises(OSError, decoder.readline)
                    self.assertEqual(decoder.seek(7), 7)
                    rest = decoder.read()
                self.assertTrue(begun + rest == lines)
        self.assertGreater(lost, 5)

    def test_a_pool_that_is_full(self):
        for limit in range(200_000, 1_400_000, 50_000):
            b = rove.BytesIO(pool=rove.Pool(memory_limit=limit))
            model = b""
            for _ in range(40):
                try:
                    b.write(b"q" * 50000)
                    model += b"q" * 50000
                except rove.LimitError:
                    break
            self.assertEqual((b.size(), b.tell()), (len(model), len(model)))
            self.assertEqual(b.getvalue(), model)


if __name__ == "__main__":
    unittest.main()
