# SPDX-License-Identifier: MIT
# Drawn calls while the library is refused memory at drawn places (refuse.c): what is refused leaves all as it was, and
# what is not does what it should.

import ctypes
import errno
import random
import sys
import tempfile
import unittest

import rove
from amounts import SCALE, SEED

try:
    hook = ctypes.CDLL(None)
    hook.refuse_some.argtypes = [ctypes.c_uint, ctypes.c_uint64]
except AttributeError:
    print("memory cannot be refused here")
    sys.exit(77)
assert hook.refuse_find()


class Model:
    """What a BytesIO is: bytes and a place."""

    def __init__(self, data=b"", pos=0):
        self.data, self.pos = data, pos

    def write(self, b):
        if b:
            self.data = self.data.ljust(self.pos, b"\0")[:self.pos] + b + self.data[self.pos + len(b):]
            self.pos += len(b)
        return len(b)

    def insert(self, b):
        if b:
            self.data = self.data.ljust(self.pos, b"\0")
            self.data = self.data[:self.pos] + b + self.data[self.pos:]
            self.pos += len(b)
        return len(b)

    def read(self, n):
        got = self.data[self.pos:self.pos + n]
        self.pos += len(got)
        return got

    def readline(self):
        cut = self.data.find(b"\n", self.pos)
        return self.read(cut + 1 - self.pos if cut >= 0 else len(self.data))

    def seek(self, pos):
        self.pos = pos
        return pos

    def truncate(self, n):
        self.data = self.data[:n]
        return n

    def erase(self, n):
        gone = len(self.data[self.pos:self.pos + n])
        self.data = self.data[:self.pos] + self.data[self.pos + n:]
        return gone

    def getvalue(self):
        return self.data

    def snapshot(self):
        return self.data


def a_call(rng, size):
    """A method and its arguments."""
    name = rng.choice(("write", "write", "write", "insert", "insert", "read", "readline", "seek", "truncate", "erase",
                       "getvalue", "snapshot"))
    if name in ("write", "insert"):
        return name, (rng.choice((b"ab\n", b"-" * 100, bytes(5000), bytes(70_000), rng.randbytes(rng.randrange(300_000)))),)
    if name in ("read", "erase"):
        return name, (rng.choice((0, 1, 16, 5000, 100_000)),)
    if name in ("seek", "truncate"):
        return name, (rng.randrange(size + 2),)
    return name, ()


class Refused(unittest.TestCase):
    def tearDown(self):
        hook.refuse_some(0, 0)

    def test_drawn_calls_of_a_buffer(self):
        rng = random.Random(SEED)
        before, done = hook.refuse_cnt(), 0
        for round_ in range(max(8, int(100 * SCALE))):
            pool = rove.Pool(chunk_size=rng.choice((0, 4096)))
            b, model = rove.BytesIO(pool=pool), Model()
            for step in range(60):
                name, args = a_call(rng, len(model.data))
                pool.trim()  # what it has kept needs no asking
                hook.refuse_some(rng.choice((1, 2, 5, 30)), rng.getrandbits(64))
                try:
                    got = getattr(b, name)(*args)
                except MemoryError:
                    hook.refuse_some(0, 0)
                else:
                    hook.refuse_some(0, 0)
                    self.assertTrue(got == getattr(model, name)(*args), (SEED, round_, step, name))
                    done += 1
                self.assertEqual((b.tell(), b.size()), (model.pos, len(model.data)), (SEED, round_, step, name))
                if step % 7 == 0 or name == "erase":
                    self.assertTrue(b.snapshot() == model.data, (SEED, round_, step, name))
                if len(model.data) > 2_000_000:
                    break
            self.assertTrue(b.getvalue() == model.data, (SEED, round_))
        print(f"{done} calls done, {hook.refuse_cnt() - before} refusals")
        self.assertGreater(hook.refuse_cnt() - before, 50)
        self.assertGreater(done, 50)

    def test_large_content_whose_value_is_taken(self):
        """It is given back in pieces on the way; those that a snapshot holds take memory for that, which there is none."""
        refused = 0
        for seed in range(6):
            b = rove.BytesIO()
            for i in range(140):
                b.write(bytes([i]) * (1 << 20))
            held = b.snapshot()
            before = hook.refuse_cnt()
            hook.refuse_some(2, seed)
            try:
                b.getvalue()
            except MemoryError:
                pass
            hook.refuse_some(0, 0)
            refused += hook.refuse_cnt() - before
            self.assertTrue(b.snapshot() == held, seed)
        self.assertGreater(refused, 0)

    def test_drawn_calls_of_a_rope(self):
        rng = random.Random(SEED + 1)
        before = hook.refuse_cnt()
        for round_ in range(max(8, int(100 * SCALE))):
            rope, model = rove.Rope(rng.randbytes(100_000)), None
            model = bytearray(bytes(rope))
            for step in range(30):
                i, j = sorted((rng.randrange(len(model) + 1), rng.randrange(len(model) + 1)))
                new = rng.randbytes(rng.choice((0, 1, 100, 70_000)))
                rove.trim()
                hook.refuse_some(rng.choice((1, 2, 5, 30)), rng.getrandbits(64))
                try:
                    if step % 3 == 0:
                        rope[i:j] = new
                    elif step % 3 == 1:
                        rope += new
                    else:
                        self.assertEqual(len(rope[i:j]), j - i)
                except MemoryError:
                    pass
                else:
                    if step % 3 == 0:
                        model[i:j] = new
                    elif step % 3 == 1:
                        model += new
                hook.refuse_some(0, 0)
                self.assertTrue(rope == model, (SEED, round_, step))
        self.assertGreater(hook.refuse_cnt() - before, 50)

    def test_a_descriptor_that_takes_nothing(self):
        self.addCleanup(hook.refuse_writes, -1)
        with tempfile.TemporaryFile(buffering=0) as file:
            encoder = rove.Encoder(file)
            encoder.write(b"text")
            hook.refuse_writes(file.fileno())
            for _ in range(2):
                with self.assertRaises(OSError) as caught:
                    encoder.close()
                self.assertEqual(caught.exception.errno, errno.EIO)
            hook.refuse_writes(-1)
            encoder.close()
            file.seek(0)
            self.assertEqual(rove.decompress(file.read()), b"text")

    def test_codecs(self):
        rng = random.Random(SEED + 2)
        plain = bytes(range(256)) * 600
        before, well = hook.refuse_cnt(), 0
        for spec in ("gzip:level=1", "lz4", "zlib:level=1|crc32", "gzip:block=32K,level=1"):
            coded = rove.compress(plain, spec)
            reading = spec.split(":")[0] if "|" not in spec else "zlib"
            for _ in range(max(20, int(200 * SCALE))):
                rove.trim()
                hook.refuse_some(rng.choice((1, 3, 10, 40)), rng.getrandbits(64))
                try:
                    if rng.random() < 0.5:
                        self.assertTrue(rove.compress(plain, spec) == coded)
                    else:
                        self.assertTrue(rove.decompress(coded, reading) == plain)
                    well += 1
                except MemoryError:
                    pass
                finally:
                    hook.refuse_some(0, 0)
        self.assertGreater(hook.refuse_cnt() - before, 50)
        self.assertGreater(well, 10)


if __name__ == "__main__":
    unittest.main()
