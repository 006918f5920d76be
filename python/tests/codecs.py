# SPDX-License-Identifier: MIT
# Chains from Python: open(), Encoder, Decoder, compress(), decompress(), and what their failures are.

import errno
import gc
import gzip
import io
import mmap
import os
import random
import signal
import socket
import tempfile
import threading
import time
import unittest
import zlib

import rove
from amounts import SCALE, SEED
from busy import busy_encoder
from lost import lost

TEXT = b"".join(b"line %d of the text\n" % i for i in range(20000))


class Memory(unittest.TestCase):
    def test_round_trips(self):
        for spec in ("gzip", "zlib", "deflate", "lz4", "bgzf", "crc32|gzip:level=1", "copy"):
            for data in (b"", b"x", TEXT, rove.Rope(TEXT), rove.View(TEXT), bytearray(TEXT)):
                coded = rove.compress(data, spec)
                self.assertEqual(rove.decompress(coded, spec), bytes(data), spec)
        self.assertEqual(rove.compress(TEXT, spec="lz4"), rove.compress(TEXT, "lz4", workers=2))

    def test_others_read_it_and_it_reads_theirs(self):
        self.assertEqual(gzip.decompress(rove.compress(TEXT)), TEXT)
        self.assertEqual(zlib.decompress(rove.compress(TEXT, "zlib")), TEXT)
        self.assertEqual(rove.decompress(gzip.compress(TEXT)), TEXT)
        self.assertEqual(rove.decompress(gzip.compress(b"one") + gzip.compress(b"two")), b"onetwo")

    def test_digests(self):
        self.assertEqual(rove.digest(b"123456789").hex(), "e3069283")
        self.assertEqual(int.from_bytes(rove.digest(TEXT, "crc32"), "big"), zlib.crc32(TEXT))
        self.assertRaises(rove.SpecError, rove.digest, b"", "nonesuch")
        much = rove.Rope(bytes(70 << 20)) + b"end"
        self.assertEqual(int.from_bytes(much.digest("crc32"), "big"), zlib.crc32(bytes(much)))
        for wrong in ("gzip", "copy", "crc32|crc32c"):
            outcomes = set()
            for data in (b"x", much):
                with self.assertRaises(Exception) as caught:
                    rove.digest(data, wrong)
                outcomes.add((type(caught.exception), str(caught.exception)))
            self.assertEqual(len(outcomes), 1)

    def test_arguments_by_name(self):
        self.assertEqual(rove.decompress(data=rove.compress(spec="lz4", data=b"x"), spec="lz4"), b"x")
        file = io.BytesIO()
        with rove.Encoder(file=file, spec="gzip") as encoder:
            encoder.write(b"x")
        self.assertEqual(rove.Decoder(file=io.BytesIO(file.getvalue())).read(), b"x")
        for call in (lambda: rove.compress(), lambda: rove.compress(b"", data=b""), lambda: rove.compress(b"", "gzip", spec="lz4"),
                     lambda: rove.compress(b"", "gzip", 1), lambda: rove.compress(b"", file=b""), lambda: rove.Encoder(),
                     lambda: rove.Index(spec="gzip"), lambda: rove.Decoder(io.BytesIO(), "gzip", spec="gzip")):
            self.assertRaises(TypeError, call)

    def chunks_used(self, action):
        """How many chunks of the default pool an action has used and let go."""
        rove.trim()
        before = rove.default_pool_figures()["free"]
        action()
        return rove.default_pool_figures()["free"] - before

    def test_what_is_looked_at_is_not_copied(self):
        data = bytearray(os.urandom(1 << 20) * 16)
        plain, rope = bytes(data), rove.Rope(bytes(data))
        sums, views = rove.digest(plain), (memoryview(data), memoryview(data).cast("Q"))
        self.assertLess(self.chunks_used(lambda: [self.assertEqual(rove.digest(d), sums) for d in (data, *views)]), 128)
        self.assertLess(self.chunks_used(lambda: self.assertTrue(rope == data and rope >= data and rope.view() == data)), 128)
        self.assertRaises(rove.SpecError, rove.digest, data, "nonesuch")
        del views
        data.append(1)  # nobody holds it any more

    def test_what_is_copied_lies_in_the_pool(self):
        data, pool = bytearray(os.urandom(1 << 20) * 16), rove.Pool()
        self.assertLess(self.chunks_used(lambda: self.assertEqual(rove.compress(data, "copy", pool=pool), data)), 128)
        self.assertLess(self.chunks_used(lambda: self.assertEqual(rove.decompress(data, "copy", pool=pool), data)), 128)

    def test_arguments(self):
        self.assertIn("decode", rove.filters()["gzip"][1])
        self.assertEqual(rove.filters()["crc32"][1], ("tap",))
        for bad in (dict(spec=5), dict(nonesuch=1), dict(workers=-1), dict(workers="x"), dict(pool=1)):
            with self.assertRaises((TypeError, ValueError, OverflowError), msg=str(bad)):
                rove.compress(b"", **bad)
        self.assertRaises(TypeError, rove.compress, "text")
        self.assertRaises(FileNotFoundError, rove.load_plugin, "nonesuch")
        self.assertRaises(ImportError, rove.load_plugin, "/etc/passwd")
        self.assertRaisesRegex(ImportError, "^[.][.]/x: .", rove.load_plugin, "../x")


class Failures(unittest.TestCase):
    def test_what_is_wrong_is_told(self):
        coded = rove.compress(TEXT)
        broken = bytearray(coded)
        broken[-6] ^= 1
        cases = ((coded[:-20], rove.TruncatedError), (coded[:-20], EOFError), (b"no such thing", rove.FormatError),
                 (bytes(broken), rove.ChecksumError), (coded + b"rest", rove.TrailingError))
        for data, kind in cases:
            with self.assertRaises(kind) as caught:
                rove.decompress(data, "gzip")
            error = caught.exception
            self.assertIsInstance(error, rove.DataError)
            self.assertEqual(error.layer, "gzip")
            self.assertTrue(error.status.startswith("ROVE_E_") and error.cause in str(error), error)
        with self.assertRaises(rove.SpecError) as caught:
            rove.compress(b"", "crc32|gzip:level=99")
        self.assertEqual(caught.exception.offset, 17)
        self.assertIsInstance(caught.exception, ValueError)

    def test_limits(self):
        bomb = rove.compress(bytes(12 << 20))
        for limits in (dict(max_output=1 << 20), dict(max_ratio=10), dict(memory=1000)):
            with self.assertRaises(rove.LimitError) as caught:
                rove.decompress(bomb, **limits)
            self.assertEqual([caught.exception.limit], list(limits))
        for call in (lambda: rove.compress(b"", "gzip", memory=1000), lambda: rove.Encoder(io.BytesIO(), memory=1000)):
            with self.assertRaises(rove.LimitError) as caught:  # the text is not to blame
                call()
            self.assertNotIsInstance(caught.exception, rove.SpecError)
            self.assertIn("1000", str(caught.exception))
        self.assertEqual(len(rove.decompress(bomb, max_output=12 << 20)), 12 << 20)

    def test_what_came_before_damage_is_given(self):
        coded = rove.compress(TEXT)
        decoder = rove.Decoder(io.BytesIO(coded[:-100]))
        got = b""
        with self.assertRaises(rove.TruncatedError):
            while data := decoder.read(1000):
                got += data
        self.assertTrue(len(got) > len(TEXT) // 2 and TEXT.startswith(got))
        self.assertRaises(rove.TruncatedError, decoder.read, 1)

    def test_an_exception_of_the_file_comes_through(self):
        class Bad(io.RawIOBase):
            def write(self, data):
                raise ZeroDivisionError("disk")

            def read(self, size):
                raise KeyError("source")
        encoder = rove.Encoder(Bad())
        with self.assertRaises(ZeroDivisionError):
            encoder.write(os.urandom(1 << 20))
            encoder.close()
        encoder.abandon()
        self.assertRaises(KeyError, rove.Decoder(Bad(), "gzip").read)

        class Lies(Bad):
            def write(self, data):
                return len(data) + 1

            def read(self, size):
                return b"x" * (size + 1)
        self.assertRaises(OSError, rove.Decoder(Lies(), "gzip").read)
        encoder = rove.Encoder(Lies())
        self.assertRaises(OSError, encoder.close)
        encoder.abandon()

    def test_a_file_that_raised_is_asked_again(self):
        """What a call had read by then comes with the next one, whichever it is."""
        class Flaky:
            def __init__(self, data):
                self.file, self.raised = io.BytesIO(data), 0

            def seek(self, *args):
                self.maybe()
                return self.file.seek(*args)

            def read(self, size):
                if not decoder.seekable():
                    self.maybe()
                data = self.file.read(min(size, rng.randrange(1, 9000)))
                if decoder.seekable():  # then it may have moved by itself
                    self.maybe()
                return data

            def maybe(self):
                if rng.random() < odds:
                    self.raised += 1
                    raise KeyError("now")
        raised = 0
        for number in range(max(4, int(100 * SCALE))):
            rng, odds, got, decoder = random.Random(SEED * 1000003 + number), 0, b"", io.BytesIO()
            spec = rng.choice(("gzip", "lz4", "copy", "crc32|gzip", "bgzf"))
            file = Flaky(rove.compress(TEXT, spec))
            decoder = rove.Decoder(file, spec, workers=rng.choice((None, 2)), index=rng.choice((None, "|" not in spec and spec != "copy")) or None)
            odds, size = rng.choice((0.1, 0.5)), rng.choice((0, 1, 100, 70000, 2 << 20))
            buffer = bytearray(rng.choice((0, 1, 100, 70000)))
            calls = (decoder.read, decoder.readline, lambda: decoder.read(size), lambda: decoder.read1(100),
                     lambda: decoder.readline(10), lambda: b"".join(decoder.readlines(rng.choice((-1, 1, 50000)))), lambda: bytes(buffer[:decoder.readinto(buffer)]),
                     lambda: decoder.peek() and b"", lambda: decoder.seekable() and decoder.seek(0, 1) and b"" or b"")
            with self.subTest(ROVE_SEED=SEED, round=number, spec=spec):
                while len(got) < len(TEXT):
                    try:
                        got += rng.choice(calls)()
                    except KeyError:
                        pass
                    self.assertEqual(decoder.tell(), len(got))
                self.assertTrue(got == TEXT)
            raised += file.raised
        self.assertGreater(raised, 3)

    def test_lines_that_came_before_an_exception_come_again(self):
        class Ends(io.BytesIO):
            def read(self, size=-1):
                data = super().read(5000)
                if self.tell() > 20000 and not self.ended:
                    self.ended = self.seek(-len(data), 1) > 0
                    raise MemoryError("now")
                return data
        coded, lines = rove.compress(TEXT), TEXT.splitlines(True)
        for first in (0, 1, 3):
            file = Ends(coded)
            file.ended, decoder = False, rove.Decoder(file)
            self.assertEqual([decoder.readline() for _ in range(first)], lines[:first])
            place = decoder.tell()
            self.assertRaisesRegex(MemoryError, "now", decoder.readlines)
            self.assertEqual(decoder.tell(), place)
            self.assertEqual(decoder.readlines(1), lines[first:first + 1])
            self.assertEqual(decoder.readlines(0), lines[first + 1:])
            self.assertEqual(decoder.readlines(), [])
        with rove.Decoder(io.BytesIO(coded[:-100])) as decoder:
            self.assertRaises(rove.TruncatedError, decoder.readlines)
            self.assertEqual(decoder.tell(), 0)
            self.assertEqual(decoder.readlines(1), lines[:1])
        self.assertRaises(ValueError, decoder.readlines)
        for hint in (1, 10, 100, 1000, len(TEXT) - 1, len(TEXT), len(TEXT) + 1, 1 << 62, None, -1):
            self.assertEqual(rove.Decoder(io.BytesIO(coded)).readlines(hint), io.BufferedReader(io.BytesIO(TEXT)).readlines(hint))

    def test_a_file_that_stops_an_iteration_does_not_end_the_data(self):
        """A loop would take that for the end, and what is cut off would look complete."""
        class File:
            def __init__(self, data):
                self.pieces = iter((data[:len(data) // 2],))

            def read(self, size):
                return next(self.pieces)

            def write(self, data):
                return next(self.pieces)
        coded = rove.compress(TEXT)
        for work in (list, lambda decoder: list(iter(decoder.read1, b"")), lambda decoder: list(map(decoder.read, (1000, 1000000)))):
            with self.assertRaises(RuntimeError) as caught:
                work(rove.Decoder(File(coded)))
            self.assertIsInstance(caught.exception.__cause__, StopIteration)
        for spec in ("copy", "gzip"):
            encoder = rove.Encoder(File(b""), spec)
            self.assertRaises((RuntimeError, TypeError), lambda: list(map(encoder.write, (os.urandom(1 << 20),) * 2)))
            encoder.abandon()

    def test_a_file_that_goes_elsewhere(self):
        """Its bytes would pass for those of the place that was meant."""
        class Lost(io.BytesIO):
            by = 0

            def seek(self, pos, whence=0):
                return super().seek(pos + (self.by if whence == 0 else 0), whence)
        text = os.urandom(300000)
        for by in (1, -1, 70000):
            file = Lost(rove.compress(text, "bgzf"))
            decoder = rove.Decoder(file, index=True)
            file.by = by
            for place in (200000, 100000):
                decoder.seek(place)
                self.assertRaisesRegex(OSError, "in place of", decoder.read, 10)
                self.assertEqual(decoder.tell(), place)
            file.by = 0
            self.assertEqual(decoder.read(), text[100000:])

    def test_what_came_before_damage_is_given_after_a_read_of_all(self):
        decoder = rove.Decoder(io.BytesIO(rove.compress(TEXT)[:-100]))
        self.assertRaises(rove.TruncatedError, decoder.read)
        self.assertRaises(rove.TruncatedError, decoder.read)
        got = b""
        with self.assertRaises(rove.TruncatedError):
            for line in decoder:
                got += line
        self.assertTrue(len(got) > len(TEXT) // 2 and TEXT.startswith(got))
        self.assertRaises(rove.TruncatedError, decoder.read, 1)

    def test_a_write_goes_on_after_an_exception_of_the_file(self):
        class Full(io.BytesIO):
            room = 1000

            def write(self, data):
                if len(data) > self.room:
                    raise ZeroDivisionError("disk")
                return super().write(data)
        data = os.urandom(300000)
        for spec in ("gzip", "lz4", "copy", "crc32|bgzf"):
            for workers in (None, 2):
                with self.subTest(spec=spec, workers=workers):
                    encoder = rove.Encoder(file := Full(), spec, workers=workers)
                    for _ in range(3):
                        with self.assertRaises(ZeroDivisionError):
                            while encoder.tell() < len(data):
                                encoder.write(data[encoder.tell():encoder.tell() + 100000])
                            encoder.flush()
                    if encoder.tell() < len(data):  # some were lost by the exception
                        self.assertRaisesRegex(OSError, "tell", encoder.flush)
                    file.room = 1 << 30
                    encoder.write((data + data)[encoder.tell():])
                    encoder.finish()
                    self.assertEqual(rove.decompress(file.getvalue(), spec), data + data)
                    encoder.close()

    def test_a_write_that_would_wait_tells_what_it_took(self):
        class Slow(io.BytesIO):
            room = 0

            def write(self, data):
                size = min(self.room, len(data))
                self.room -= size
                return super().write(data[:size]) or None
        data = os.urandom(3 << 20)
        for spec in ("copy", "crc32", "gzip:level=0", "bgzf", "lz4"):
            for kind in (bytes, rove.View):
                with self.subTest(spec=spec, kind=kind):
                    encoder, left, waits = rove.Encoder(file := Slow(), spec), kind(data), 0
                    while len(left):
                        try:
                            left = left[encoder.write(left):]
                        except BlockingIOError as error:
                            left = left[error.characters_written:]
                            file.room = 300000
                            waits += 1
                        self.assertEqual(encoder.tell(), len(data) - len(left))
                    self.assertGreater(waits, 3)
                    file.room = 0
                    if spec != "copy":  # of which nothing may be left
                        self.assertRaises(BlockingIOError, encoder.close)
                    file.room = 1 << 30
                    encoder.close()
                    self.assertTrue(rove.decompress(file.getvalue(), spec.partition(":")[0]) == data)

    @unittest.skipUnless(os.path.exists("/dev/full"), "there is no /dev/full")
    def test_what_the_system_says_of_a_file_comes_through(self):
        """However far down what was written got before the file refused it."""
        for data in (b"", b"x", os.urandom(300000)):
            for spec in ("gzip", "copy", "crc32|lz4", "bgzf"):
                if not data and spec == "copy":
                    continue  # writes nothing
                for last in ("flush", "finish", "close"):
                    file = rove.open("/dev/full", "wb", spec)
                    with self.subTest(len(data), spec=spec, last=last), self.assertRaises(OSError) as caught:
                        file.write(data)
                        getattr(file, last)()
                        file.close()
                    self.assertEqual(caught.exception.errno, errno.ENOSPC)
                    file.abandon()

    def test_a_file_cannot_use_the_coder_that_uses_it(self):
        class Nosy(io.RawIOBase):
            def write(self, data):
                encoder.write(b"x")
        encoder = rove.Encoder(Nosy())
        self.assertRaises(RuntimeError, encoder.close)
        encoder.abandon()

    def test_a_file_cannot_take_apart_the_coder_that_is_being_made(self):
        class Digs(io.BytesIO):
            met = 0

            def read(self, size=-1):
                for found in gc.get_objects():
                    if type(found) is rove.Decoder and self in gc.get_referents(found):
                        Digs.met += 1
                        for call in (found.abandon, found.read, found.__exit__):
                            try:
                                call(*[ValueError] * (call == found.__exit__))
                            except (ValueError, RuntimeError):
                                pass
                return super().read(size)
        with rove.Decoder(Digs(rove.compress(TEXT)), index=True) as decoder:
            self.assertGreater(Digs.met, 0)
            self.assertEqual(decoder.read(), TEXT)


class Life(unittest.TestCase):
    def test_nothing_is_lost(self):
        coded = rove.compress(TEXT[:5000])

        def rounds(count):
            for _ in range(count):
                sink = io.BytesIO()
                encoder = rove.Encoder(sink, "crc32|gzip")
                encoder.write(TEXT[:3000])
                encoder.digest()
                encoder.loop = encoder  # for the collector
                rove.Encoder(sink).close()
                rove.Decoder(io.BytesIO(coded), index=True).seek(100)
                for data, spec in ((coded[:-9], "auto"), (b"no", "gzip"), (coded, "nonesuch")):
                    try:
                        rove.decompress(data, spec)
                    except rove.Error:
                        pass
                try:
                    rove.Decoder(5.5)
                except (TypeError, AttributeError, rove.Error):
                    pass
        self.assertLess(max(lost(rounds, 100)), 50)


def plugin(test, name):
    """Loads a plugin, or skips the test that wants it."""
    try:
        rove.load_plugin(name)
    except FileNotFoundError:
        test.skipTest(f"the plugin {name} is not there")


class Dictionaries(unittest.TestCase):
    WORDS = TEXT[:20000]

    def test_both_sides_need_it(self):
        for spec in ("zlib:dict=@", "deflate:dict=@", "lz4:dict=@", "crc32|zlib:dict=@,level=1"):
            for given in (self.WORDS, bytearray(self.WORDS), memoryview(self.WORDS), rove.View(self.WORDS),
                          rove.Rope(self.WORDS)):
                coded = rove.compress(TEXT[:5000], spec, dictionary=given)
                self.assertLess(len(coded), len(rove.compress(TEXT[:5000], spec.replace("dict=@", "level=5").replace(",level=1", ""))) / 2)
                self.assertEqual(rove.decompress(coded, spec, dictionary=given), TEXT[:5000])
                file = io.BytesIO()
                with rove.open(file, "wb", spec, dictionary=given) as f:
                    f.write(TEXT[:5000])
                self.assertEqual(file.getvalue(), coded)
                file.seek(0)
                with rove.open(file, "rb", spec, dictionary=given) as f:
                    self.assertEqual(f.read(), TEXT[:5000])
        with self.assertRaises(rove.Error):
            rove.decompress(coded, spec, dictionary=b"another")

    def test_zlib_reads_it(self):
        coded = rove.compress(TEXT, "zlib:dict=@", dictionary=self.WORDS)
        self.assertEqual(zlib.decompressobj(zdict=self.WORDS).decompress(coded), TEXT)

    def test_what_is_wrong(self):
        for call in (lambda **k: rove.compress(b"x", **k), lambda **k: rove.decompress(b"x", **k),
                     lambda **k: rove.Encoder(io.BytesIO(), **k), lambda **k: rove.Decoder(io.BytesIO(), **k),
                     lambda **k: rove.Index(io.BytesIO(), **k)):
            self.assertRaises(TypeError, call, spec="zlib:dict=@", dictionary=5)
            self.assertRaises(TypeError, call, spec="zlib:dict=@", dictionary="text")
            self.assertRaises(ValueError, call, spec="zlib:dict=@", dictionary=b"")
            self.assertRaises(ValueError, call, spec="zlib:dict=@")
            self.assertRaises(ValueError, call, spec="zlib", dictionary=b"that nobody asks for")
            self.assertRaises(ValueError, call, spec="zlib:dict=@", dictionary=bytes(32769))

    def test_an_index_wants_it_too(self):
        coded = rove.compress(TEXT, "zlib:dict=@,block=32K", dictionary=self.WORDS)
        index = rove.Index(io.BytesIO(coded), "zlib:dict=@", every=32768, dictionary=self.WORDS)
        with rove.Decoder(io.BytesIO(coded), index=index, dictionary=self.WORDS) as decoder:
            decoder.seek(200000)
            self.assertEqual(decoder.read(10), TEXT[200000:200010])
        self.assertRaises(ValueError, rove.Decoder, io.BytesIO(coded), index=index)


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "text.gz")

    def test_paths(self):
        with rove.open(self.path, "w") as file:
            self.assertEqual((file.write(TEXT), file.tell(), file.writable()), (len(TEXT), len(TEXT), True))
        with gzip.open(self.path) as file:
            self.assertEqual(file.read(), TEXT)
        with rove.open(self.path, "ab") as file:
            file.write(b"more\n")
        with rove.open(self.path) as file:
            self.assertEqual(file.readline(), b"line 0 of the text\n")
            self.assertEqual(file.peek()[:4], b"line")
            self.assertEqual(file.readline(4), b"line")
            self.assertLessEqual(len(file.read1()), len(TEXT))
            room = bytearray(10)
            self.assertEqual(file.readinto(room), 10)
            *_, last = file
            self.assertEqual((last, file.read(), file.read(1), file.readline()), (b"more\n", b"", b"", b""))
            self.assertEqual((file.readable(), file.seekable(), file.remark()), (True, False, None))
        self.assertTrue(file.closed)
        for call in (file.read, file.flush, file.readable, file.seekable):
            self.assertRaises(ValueError, call)
        self.assertRaises(FileExistsError, rove.open, self.path, "x")
        self.assertRaises(FileNotFoundError, rove.open, self.path + "x")

    def test_text(self):
        with rove.open(self.path, "wt", encoding="utf-8") as file:
            file.write("zwölf\n" * 1000)
        with rove.open(self.path, "rt", encoding="utf-8") as file:
            self.assertEqual(sum(line == "zwölf\n" for line in file), 1000)

    def test_text_in_an_encoding_with_a_mark(self):
        for encoding in ("utf-16", "utf-32", "U16", "utf-16-le", "utf-8-sig", "utf-8"):
            with self.subTest(encoding):
                with rove.open(self.path, "wt", encoding=encoding) as file:
                    file.write("gr\xfcn\n")
                    file.write("blau\n")
                if encoding != "utf-8-sig": # which begins each time
                    with rove.open(self.path, "at", encoding=encoding) as file:
                        file.write("rot\n")
                with gzip.open(self.path, "rt", encoding=encoding) as file:
                    self.assertEqual(file.readlines()[:2], ["gr\xfcn\n", "blau\n"])
                with rove.open(self.path, "rt", encoding=encoding) as file:
                    self.assertEqual(file.readlines()[2:], [] if encoding == "utf-8-sig" else ["rot\n"])

    def test_text_that_an_exception_left_does_not_look_complete(self):
        def leave(file):
            with rove.open(file, "wt", "gzip") as f:
                f.write("text")
                raise KeyError

        def forget(file):
            rove.open(file, "wt", "gzip").write("text")
            gc.collect()
        for end in (leave, forget):
            file = io.BytesIO()
            try:
                end(file)
            except KeyError:
                pass
            self.assertRaises(rove.Error, rove.decompress, file.getvalue(), "gzip")
        f = rove.open(file := io.BytesIO(), "wt", "gzip")
        f.write("text")
        f.detach().close()
        self.assertEqual(rove.decompress(file.getvalue()), b"text")

    def test_what_open_refuses_leaves_the_file(self):
        path = self.path
        with rove.open(path, "wb") as f:
            f.write(TEXT)
        for mode, options in (("wb", dict(spec="nonesuch")), ("wb", dict(memory="much")), ("wt", dict(nonesuch=1)),
                              ("wb", dict(close_file=True)), ("wx", {}), (5, {}), ("wt", dict(encoding="nonesuch")),
                              ("wt", dict(encoding="")), ("wt", dict(newline="x")), ("wt", dict(errors=5))):
            with self.assertRaises((ValueError, TypeError, LookupError)):
                rove.open(path, mode, **options)
            self.assertRaises((ValueError, TypeError, LookupError), rove.open, path + ".gz", mode, **options)
            self.assertFalse(os.path.exists(path + ".gz"))
        with self.assertRaises(LookupError):  # the file is closed, or this tells
            rove.open(path, "rt", encoding="nonesuch")
        with rove.open(path) as f:
            self.assertEqual(f.read(), TEXT)

    def test_a_flush_goes_through_all_that_is_below(self):
        with open(self.path, "wb") as buffered, open(self.path, "rb", 0) as seen:
            inner = rove.Encoder(buffered, "lz4")
            outer = rove.Encoder(inner, "gzip")
            text = io.TextIOWrapper(outer)
            text.write("text")
            text.flush()
            self.assertEqual(rove.Decoder(seen, "gzip|lz4").read(4), b"text")

            class Refuses:
                def write(self, data):
                    return len(data)

                def flush(self):
                    raise KeyError("now")
            encoder = rove.Encoder(Refuses())
            self.assertRaises(KeyError, encoder.flush)
            encoder.close()
            text.detach()

    def test_a_descriptor_is_closed_with_what_stands_on_it(self):
        reader, writer = os.pipe()
        with rove.Encoder(writer, close_file=True) as encoder:
            encoder.write(b"text")
        self.assertRaises(OSError, os.fstat, writer)
        with rove.Decoder(reader, close_file=True) as decoder:
            self.assertEqual(decoder.read(), b"text")
        self.assertRaises(OSError, os.fstat, reader)
        reader, writer = os.pipe()
        rove.Encoder(writer, close_file=True).abandon()
        self.assertEqual(os.read(reader, 1), b"")
        os.close(reader)

    def test_what_a_buffer_of_io_has_got_is_decoded_at_once(self):
        for spec in ("gzip", "lz4"):
            for wrap in (lambda ends: ends.makefile("rb"), lambda ends: ends.makefile("rwb")):
                here, there = socket.socketpair()
                here.settimeout(20)
                with here, there, wrap(here) as file, there.makefile("wb", buffering=0) as raw:
                    encoder, decoder = rove.Encoder(raw, spec), rove.Decoder(file, spec)
                    for line in (b"a line\n", b"another\n"):
                        encoder.write(line)
                        encoder.flush()
                        self.assertEqual(decoder.readline(), line)
                    encoder.close()
                    there.shutdown(socket.SHUT_WR)
                    self.assertEqual(decoder.read(), b"")
                    decoder.close()

    def test_a_buffer_that_does_not_wait(self):
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        coded = rove.compress(b"text")
        with io.open(reader, "rb") as file, rove.Decoder(file) as decoder:
            self.assertRaises(BlockingIOError, decoder.read, 1)
            os.write(writer, coded[:-5])
            self.assertEqual(decoder.read(4), b"text")
            self.assertRaises(BlockingIOError, decoder.read, 1)
            os.write(writer, coded[-5:])
            os.close(writer)
            self.assertEqual(decoder.read(), b"")

    def test_who_asks_for_nothing_does_not_wait(self):
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        with rove.Decoder(reader) as decoder:
            room = bytearray()
            for call in (lambda: decoder.read1(0), lambda: decoder.read(0), lambda: decoder.readline(0), lambda: decoder.readinto1(room)):
                self.assertFalse(call())
        self.assertRaises(ValueError, decoder.read1, 0)
        self.assertRaises(ValueError, decoder.readline, 0)
        os.close(reader)
        os.close(writer)

    def test_suffixes(self):
        for suffix, spec in ((".GZ", "gzip"), (".tgz", "gzip"), (".zz", "zlib"), (".deflate", "deflate"), (".bgz", "bgzf")):
            path = os.path.join(os.path.dirname(self.path), "x" + suffix)
            with rove.open(path, "wb") as file:
                file.write(b"text")
            with rove.open(path, spec=spec) as file:
                self.assertEqual(file.read(), b"text")

    def test_what_plugins_bring(self):
        for name, suffix, theirs in (("xz", ".xz", "lzma"), ("bzip2", ".bz2", "bz2"), ("zstd", ".zst", None)):
            with self.subTest(name):
                plugin(self, name)
                self.assertLessEqual({"encode", "decode"}, set(rove.filters()[name][1]))
                path = os.path.join(os.path.dirname(self.path), "x" + suffix)
                with rove.open(path, "wb") as file:
                    file.write(TEXT)
                with rove.open(path) as file:
                    self.assertEqual(file.read(), TEXT)
                if theirs:
                    with __import__(theirs).open(path) as file:
                        self.assertEqual(file.read(), TEXT)

    def test_a_decoder_is_closed_after_its_file(self):
        with rove.open(self.path, "wb") as f:
            f.write(TEXT)
        for options in ({}, dict(index=True), dict(close_file=True)):
            for open_it in (lambda: open(self.path, "rb", 0), lambda: open(self.path, "rb"),
                            lambda: io.BytesIO(rove.compress(TEXT))):
                with self.subTest(options):
                    with rove.Decoder(file := open_it(), **options) as decoder:
                        self.assertEqual(decoder.read(5), TEXT[:5])
                        file.close()
                    self.assertTrue(decoder.closed)

    def test_modes(self):
        for mode in ("", "q", "rw", "rbt", "rb+", "bt"):
            self.assertRaises(ValueError, rove.open, self.path, mode)
        self.assertRaises(ValueError, rove.open, "x.unknown", "w")
        self.assertRaises(ValueError, rove.open, self.path, "rb", encoding="utf-8")

    def test_objects_stay_open(self):
        sink = io.BytesIO()
        with rove.open(sink, "wb", "crc32|lz4") as file:
            file.write(TEXT)
            file.flush()
            self.assertEqual(rove.Decoder(io.BytesIO(sink.getvalue()), "lz4").read(len(TEXT)), TEXT)
            file.finish()
            self.assertEqual(int.from_bytes(file.digest(), "big"), zlib.crc32(TEXT))
        sink.seek(0)
        with rove.open(sink) as file:
            self.assertEqual(file.read(), TEXT)
        self.assertFalse(sink.closed)

    def test_what_sleeps_is_encoded_piece_by_piece(self):
        pool = rove.Pool(memory_limit=2 << 20, spill=True)
        b = rove.BytesIO(pool=pool)
        for _ in range(30):
            b.write(TEXT)
        with rove.open(self.path, "wb", "lz4") as file:
            self.assertEqual(file.write(b.snapshot()), 30 * len(TEXT))
        self.assertLessEqual(pool.figures()["held_peak"], 2 << 20)
        with rove.open(self.path) as file:
            self.assertEqual(file.read(), 30 * TEXT)

    def test_what_an_exception_left_does_not_look_complete(self):
        with self.assertRaises(ZeroDivisionError), rove.open(self.path, "w") as file:
            file.write(TEXT)
            1 // 0
        self.assertTrue(file.closed)
        with rove.open(self.path) as file:
            self.assertRaises(rove.DataError, file.read)

    def test_workers(self):
        for spec in ("gzip:block=64K", "lz4", "bgzf"):
            for workers in (None, 0, 2):
                with rove.open(self.path, "w", spec, workers=workers) as file:
                    for at in range(0, len(TEXT), 10000):
                        file.write(TEXT[at:at + 10000])
                with rove.open(self.path, workers=workers) as file:
                    self.assertEqual(file.read(), TEXT)

    def test_threads_are_refused_while_another_is_inside(self):
        with busy_encoder() as encoder:
            self.assertRaisesRegex(RuntimeError, "another thread", encoder.write, b"x")
        self.assertTrue(encoder.closed)

    def test_what_is_kept_is_refused_to_threads_too(self):
        entered, leave = threading.Event(), threading.Event()

        class File:
            calls = 0

            def read(self, size):
                self.calls += 1
                if self.calls == 2:
                    raise KeyError("now")
                if self.calls == 3:
                    entered.set()
                    leave.wait(20)
                return b"x" * 1000 if self.calls < 4 else b""
        decoder, got = rove.Decoder(File(), "copy"), []
        self.assertRaises(KeyError, decoder.read)
        thread = threading.Thread(target=lambda: got.append(decoder.readline()))
        thread.start()
        entered.wait(20)
        try:
            for call in (lambda: decoder.read(5), lambda: decoder.readinto(bytearray(5)), lambda: decoder.readline(5), decoder.readlines,
                         lambda: next(decoder), decoder.peek, decoder.read1):
                self.assertRaisesRegex(RuntimeError, "another thread", call)
        finally:
            leave.set()
            thread.join()
        self.assertEqual((got, decoder.read()), ([b"x" * 2000], b""))

    def test_a_read_that_waits_can_be_interrupted(self):
        def stop(*_):
            raise KeyboardInterrupt
        reader, writer = os.pipe()
        before = signal.signal(signal.SIGALRM, stop)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            start = time.monotonic()
            with self.assertRaises(KeyboardInterrupt):
                rove.Decoder(reader, "gzip").read()
            self.assertLess(time.monotonic() - start, 5)
        finally:
            signal.signal(signal.SIGALRM, before)
            os.close(reader)
            os.close(writer)

    def test_what_goes_through_all_of_a_file_can_be_interrupted(self):
        awaited = []
        def stop(*_): # often, and once for each call: as soon as it has begun to read
            if awaited and os.lseek(awaited[0].fileno(), 0, os.SEEK_CUR):
                awaited.clear()
                raise KeyboardInterrupt
        piece, room = rove.compress(bytes(1 << 20), "gzip:level=0"), bytearray(64 << 20)
        with open(self.path, "wb") as f:
            for _ in range(64):
                f.write(piece)
        before = signal.signal(signal.SIGALRM, stop)
        signal.setitimer(signal.ITIMER_REAL, 0.0002, 0.0002)
        try:
            for work in (lambda f: rove.Decoder(f, "copy").readinto(room), lambda f: rove.Decoder(f, "gzip").readline(),
                         lambda f: rove.Index(f, "gzip")):
                for buffering in (0, -1):
                    with open(self.path, "rb", buffering) as f:
                        with self.assertRaises(KeyboardInterrupt):
                            awaited.append(f)
                            work(f)
                        self.assertLess(f.tell(), 64 << 20)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def test_other_threads_go_on(self):
        reader, writer = os.pipe()
        got = []
        thread = threading.Thread(target=lambda: got.append(rove.Decoder(reader).read()))
        thread.start()
        time.sleep(0.02)
        os.write(writer, rove.compress(b"late"))
        os.close(writer)
        thread.join()
        os.close(reader)
        self.assertEqual(got, [b"late"])


class Seeking(unittest.TestCase):
    def test_a_decoder_with_an_index_reads_anywhere(self):
        for spec in ("gzip", "bgzf", "lz4", "zlib"):
            coded = rove.compress(TEXT, spec)
            index = rove.Index(io.BytesIO(coded), spec, every=32768)
            self.assertEqual((index.figures()["size"], index.figures()["coded_size"]), (len(TEXT), len(coded)))
            for given in (index, True):
                with rove.Decoder(io.BytesIO(coded), spec, index=given) as decoder:
                    self.assertEqual((decoder.seekable(), decoder.size()), (True, len(TEXT)))
                    for at in (300000, 0, 1, 99999, len(TEXT) - 5, len(TEXT), len(TEXT) + 10, 77):
                        self.assertEqual(decoder.seek(at), at)
                        self.assertEqual(decoder.read(50), TEXT[at:at + 50])
                    self.assertEqual(decoder.seek(-9, 2), len(TEXT) - 9)
                    self.assertEqual((decoder.read(), decoder.tell()), (TEXT[-9:], len(TEXT)))

    def test_a_place_that_is_none_is_not_blamed_on_what_failed_before(self):
        plain = random.Random(SEED).randbytes(3 << 20)  # more than is read ahead
        coded = rove.compress(plain, "bgzf")

        class File(io.BytesIO):
            left = -1

            def read(self, size=-1):
                self.left -= 1
                if self.left == 0:
                    raise KeyError("now")
                return super().read(size)
        file = File(coded)
        decoder = rove.Decoder(file, index=rove.Index(io.BytesIO(coded)))
        for file.left, call in (1, decoder.read), (3, decoder.readlines):
            self.assertRaises(KeyError, call)
        for off in (-1, -2**63):  # before what had come by then, which is kept
            with self.assertRaises(OverflowError) as raised:
                decoder.seek(off, 1)
            self.assertNotIn("block", str(raised.exception))
        self.assertTrue(decoder.tell() == 0 and decoder.read() == plain)

    def test_an_index_is_made_while_writing_or_reading(self):
        for spec in ("gzip:block=64K", "bgzf", "lz4", "zlib:block=64K"):
            file = io.BytesIO()
            with rove.Encoder(file, spec) as encoder:
                encoder.mark()
                encoder.write(TEXT)
                encoder.finish()
                indexes = [encoder.index()]
            coded = file.getvalue()
            with rove.Decoder(io.BytesIO(coded), spec) as decoder:
                decoder.mark(65536)
                self.assertEqual(decoder.read(), TEXT)
                indexes.append(decoder.index())
            for index in indexes:
                self.assertGreater(index.figures()["points"], 1)
                with rove.Decoder(io.BytesIO(coded), index=index, cache=1) as decoder:
                    decoder.seek(-100000, 2)
                    self.assertEqual((decoder.tell(), decoder.read(20)), (len(TEXT) - 100000, TEXT[-100000:-99980]))
        encoder = rove.Encoder(io.BytesIO(), "gzip")
        self.assertRaises(RuntimeError, encoder.index)
        encoder.write(b"x")
        self.assertRaises(RuntimeError, encoder.mark)
        self.assertRaises(TypeError, encoder.mark, 1, 2)
        encoder.close()
        self.assertRaises(ValueError, encoder.index)
        self.assertRaises(io.UnsupportedOperation, rove.Encoder(io.BytesIO(), "copy").mark)

    def test_an_index_for_another_decoder(self):
        coded = rove.compress(TEXT, "bgzf")
        index = rove.Index(io.BytesIO(coded))
        self.assertRaises(rove.SpecError, index.by, "nonesuch")
        self.assertRaises(io.UnsupportedOperation, index.by, "crc32")
        plugin(self, "libdeflate")
        other = index.by("libdeflate:bgzf=yes")
        self.assertIn("libdeflate", other.figures()["spec"])
        with rove.Decoder(io.BytesIO(coded), index=other) as decoder:
            decoder.seek(300000)
            self.assertEqual(decoder.read(9), TEXT[300000:300009])

    def test_what_an_index_fails_with_is_told(self):
        with self.assertRaises(rove.FormatError) as caught:
            rove.Index.load(io.BytesIO(b"no index at all, is it"), io.BytesIO(rove.compress(TEXT)))
        self.assertIn("gzi", str(caught.exception))
        with self.assertRaises(rove.LimitError) as caught:
            rove.Index(io.BytesIO(rove.compress(TEXT)), max_output=1000)
        self.assertEqual(caught.exception.limit, "max_output")

    def test_an_index_is_kept_in_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "x.gz")
            with rove.open(path, "w", "bgzf") as file:
                file.write(TEXT)
            with open(path, "rb") as source, open(path + ".gzi", "wb") as to:
                rove.Index(source).save(to, "gzi")
            with open(path, "rb") as source, open(path + ".gzi", "rb") as saved:
                index = rove.Index.load(saved, source)
            pool = rove.Pool()
            with open(path, "rb") as source, open(path + ".gzi", "rb") as saved:
                self.assertEqual(rove.Index.load(saved, source, pool=pool).figures(), index.figures())
                self.assertGreater(pool.figures()["held_peak"], 0)
                saved.seek(0)
                self.assertRaises(TypeError, rove.Index.load, saved, source, pool=5)
                self.assertRaises(TypeError, rove.Index.load, saved, file=source)
            with rove.open(path, index=index) as file:
                file.seek(123456)
                self.assertEqual(file.read(7), TEXT[123456:123463])
            with rove.open(path, "rt", index=True, encoding="ascii") as file:
                file.seek(0, 2)
                self.assertEqual(file.read(), "")

    def test_a_map_of_a_file_is_read_anywhere(self):
        with tempfile.TemporaryFile() as file:
            file.write(rove.compress(TEXT, "bgzf"))
            file.flush()
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped, rove.Decoder(mapped, index=True) as decoder:
                self.assertEqual((decoder.seek(300000), decoder.read(9)), (300000, TEXT[300000:300009]))

    def test_what_does_not_seek(self):
        coded = rove.compress(TEXT)
        with rove.Decoder(io.BytesIO(coded)) as decoder:
            self.assertRaises(io.UnsupportedOperation, decoder.seek, 0)
            self.assertRaises(io.UnsupportedOperation, decoder.size)
        self.assertRaises(TypeError, rove.Encoder, io.BytesIO(), index=True)
        self.assertRaises(TypeError, rove.Decoder, io.BytesIO(coded), index=5)
        self.assertRaises(rove.DataError, rove.Decoder, io.BytesIO(coded[:-9]), index=True)
        reader, writer = os.pipe()
        self.assertRaises(OSError, rove.Index, reader)
        os.close(reader)
        os.close(writer)


if __name__ == "__main__":
    unittest.main()
