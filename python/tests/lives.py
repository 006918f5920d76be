# SPDX-License-Identifier: MIT
# Threads, forks, signals, the collector and the interpreter's end, each while objects are in use.

import contextlib
import gc
import io
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import tracemalloc
import unittest

import rove
from amounts import SCALE, SEED
from busy import busy_encoder

MIB = 1 << 20
TEXT = b"".join(b"line %d\n" % i for i in range(20000))


def some(cases):
    """All of them, or two that are drawn where all is not tested."""
    return cases if SCALE >= 1 else random.Random(SEED).sample(cases, 2)


@contextlib.contextmanager
def alarm(seconds, action):
    """Lets a signal come, after so many seconds, that does something."""
    before = signal.signal(signal.SIGALRM, lambda *_: action())
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def interrupt():
    raise KeyboardInterrupt


def begin_child(action, seconds):
    """Forks; the child does action, and is killed when it hangs so long. Returns its number."""
    child = os.fork()
    if child == 0:
        code = 2
        try:
            signal.alarm(seconds)
            code = 0 if action() else 1
        finally:
            os._exit(code)
    return child


def end_of(child):
    """What action answered in the child: 0 is True, 1 False, 2 an exception."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def in_child(action):
    return end_of(begin_child(action, 10))


class Threads(unittest.TestCase):
    def run_all(self, *works, seconds):
        """Each work in a thread of its own, again and again; it is given a generator of its own."""
        errors, end = [], time.monotonic() + seconds

        def loop(work, number):
            rng = random.Random(SEED + number)
            while time.monotonic() < end and not errors:
                try:
                    work(rng)
                except (ValueError, BufferError, RuntimeError, io.UnsupportedOperation, rove.Error):
                    pass  # closed, exported, in use, refused
                except BaseException as error:
                    errors.append(error)
        threads = [threading.Thread(target=loop, args=(work, i)) for i, work in enumerate(works)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [], f"ROVE_SEED={SEED}")

    def test_drawn_calls_of_the_same_objects(self):
        pool = rove.Pool(memory_limit=8 * MIB, spill=True)
        big = TEXT * 8
        for number in range(max(2, int(10 * SCALE))):
            rng = random.Random(SEED + number)
            spec = rng.choice(("gzip", "lz4", "bgzf"))
            coded = rove.compress(TEXT, spec)
            b = rove.BytesIO(big, pool=rng.choice((None, pool)))
            rope, view = rove.Rope(big), (rove.Rope(big) + big).view()
            encoder, decoder = rove.Encoder(io.BytesIO(), spec), rove.Decoder(io.BytesIO(coded), spec, index=True)
            calls = (
                lambda r: b.write(big[:r.choice((10, 5000, 2 * MIB))]), lambda r: b.seek(r.randrange(2 * MIB)), lambda r: b.getvalue(),
                lambda r: b.read(r.choice((10, 5000, 2 * MIB))), lambda r: b.insert(big), lambda r: b.truncate(MIB),
                lambda r: b.getbuffer().release(), lambda r: b.readinto(bytearray(2 * MIB)), lambda r: b.snapshot().tobytes(),
                lambda r: b.erase(70000), lambda r: r.random() < 0.05 and b.close(), lambda r: b.__init__(big),
                lambda r: rope.extend(big), lambda r: rope.__delitem__(slice(5, -5)), lambda r: rope.find(b"no"), lambda r: bytes(rope),
                lambda r: memoryview(view)[5], lambda r: view.digest("crc32"), lambda r: view.find(b"none"), lambda r: hash(view),
                lambda r: encoder.write(big), lambda r: encoder.flush(), lambda r: decoder.read(5000),
                lambda r: decoder.seek(r.randrange(len(TEXT))), lambda r: decoder.readline(), lambda r: rove.compress(big[:MIB], "lz4"),
                lambda r: gc.collect() if r.random() < 0.1 else None)
            self.run_all(*(lambda r: r.choice(calls)(r) for _ in range(4)), seconds=0.15)
            b.__init__(b"ends well")
            self.assertEqual(b.getvalue(), b"ends well")

    def test_a_buffer_of_a_view_is_made_once(self):
        piece = bytes(MIB)
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        for _ in range(5):
            view = (rove.Rope(piece) + piece + piece).view()
            buffers = []
            threads = [threading.Thread(target=lambda: buffers.append(memoryview(view))) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(sum(b == buffers[0] for b in buffers), 4)
            del buffers, threads, thread, view
        self.assertLess(tracemalloc.get_traced_memory()[0], 2 * MIB)

    def test_a_file_that_is_closed_is_not_taken_for_another(self):
        with tempfile.TemporaryDirectory() as folder:
            for call in (lambda e: e.write(os.urandom(MIB)), lambda e: e.flush(), lambda e: e.finish(), lambda e: e.close()):
                file = open(os.path.join(folder, "mine"), "wb", 0)
                encoder = rove.Encoder(file)
                encoder.write(b"text")
                file.close()
                with open(os.path.join(folder, "theirs"), "wb", 0) as theirs:  # has the same descriptor
                    self.assertRaises(ValueError, call, encoder)
                    encoder.abandon()
                    self.assertEqual(theirs.tell(), 0)
            file = open(os.path.join(folder, "mine"), "wb+", 0)
            file.write(rove.compress(TEXT))
            file.seek(0)
            decoder = rove.Decoder(file, index=True)
            file.close()
            with open(os.path.join(folder, "theirs"), "rb", 0):
                for call in (decoder.read, decoder.readline, decoder.peek, decoder.read1, lambda: decoder.seek(5)):
                    self.assertRaises(ValueError, call)
                self.assertEqual(decoder.tell(), 0)


class Forks(unittest.TestCase):
    def test_a_child_has_its_own(self):
        b = rove.BytesIO(TEXT * 10)
        b.insert(b"x")
        rope, coded = rove.Rope(TEXT), rove.compress(TEXT, "gzip:block=64K", workers=2)

        def work():
            b.write(b"child")
            rope.extend(b"child")
            rove.trim()
            return (b.getvalue() == b"xchild" + (TEXT * 10)[5:] and rope == TEXT + b"child"
                    and rove.compress(TEXT, "gzip:block=64K", workers=2) == coded and rove.decompress(coded, workers=0) == TEXT)
        self.assertEqual(in_child(work), 0)
        self.assertEqual((b.getvalue(), rope), (b"x" + TEXT * 10, TEXT))

    def test_a_child_reads_what_sleeps(self):
        b = rove.BytesIO(pool=rove.Pool(memory_limit=2 * MIB, spill=True))
        pieces = [random.Random(SEED + i).randbytes(65536) for i in range(96)]
        b.writelines(pieces)
        read, write = os.pipe()

        def work():
            """What it gets is right or refused, also when the parent overwrites all of it meanwhile."""
            got = refused = 0
            for at, piece in enumerate(pieces * 2):
                if at == len(pieces):
                    os.write(write, b"x")
                    time.sleep(0.05)
                b.seek(at % len(pieces) << 16)
                try:
                    if b.read(65536) != piece:
                        return False
                    got += 1
                except (rove.ChecksumError, io.UnsupportedOperation):
                    refused += at >= len(pieces)
            try:
                for _ in range(64):
                    b.write(pieces[0])
                return False  # they have no place in memory
            except (rove.ChecksumError, io.UnsupportedOperation):
                pass
            own = rove.BytesIO(pool=rove.Pool(memory_limit=2 * MIB, spill=True))
            own.writelines(pieces)
            return got + refused == 2 * len(pieces) and own.getvalue() == b"".join(pieces)

        def overwrite():
            os.read(read, 1)
            b.seek(0)
            b.writelines(reversed(pieces))
        thread = threading.Thread(target=overwrite)
        child = begin_child(work, 20)
        thread.start()
        self.assertEqual(end_of(child), 0)
        os.write(write, b"x")
        thread.join()
        os.close(read)
        os.close(write)
        self.assertEqual(b.getvalue(), b"".join(reversed(pieces)))

    def test_what_can_be_read_comes_before_what_cannot(self):
        text, buffer = b"".join(bytes([i]) * 65536 for i in range(64)), bytearray(3 * MIB)
        for size in (1000, 100000, 3 * MIB):
            for call in (lambda: b.read(size), lambda: bytes(buffer[:b.readinto(memoryview(buffer)[:size])])):
                b = rove.BytesIO(pool=rove.Pool(memory_limit=2 * MIB, spill=True))
                b.writelines(text[at:at + 65536] for at in range(0, len(text), 65536))
                read, write = os.pipe()

                def work():
                    got = b""
                    os.read(read, 1)
                    b.seek(0)
                    try:
                        while piece := call():
                            got += piece
                        return False
                    except (rove.ChecksumError, io.UnsupportedOperation):
                        return b.tell() == len(got) > MIB and text.startswith(got)
                child = begin_child(work, 20)
                b.seek(20 << 16)
                b.writelines(bytes([255 - i]) * 65536 for i in range(44))
                os.write(write, b"x")
                self.assertEqual(end_of(child), 0)
                os.close(read)
                os.close(write)

    def test_what_cannot_be_read_stays_where_it_is(self):
        """A value that is taken in pieces, of which the last ones cannot be read, takes nothing away with the first."""
        source = rove.BytesIO(pool=rove.Pool(memory_limit=2 * MIB, spill=True))
        for i in range(80):
            source.write(bytes([i]) * MIB)
        for put in (lambda b: b.write(source.snapshot()), lambda b: b.insert(source.snapshot()),
                    lambda b: b.writev([source.snapshot()])):
            b = rove.BytesIO()
            put(b)
            read, write = os.pipe()

            def work():
                os.read(read, 1)
                for call in (b.getvalue, b.getbuffer):
                    try:
                        call()
                        return False
                    except (rove.ChecksumError, io.UnsupportedOperation):
                        pass
                b.seek(0)
                return b.size() == 80 * MIB and b.read(5) == bytes(5)
            child = begin_child(work, 20)
            b.close()
            source.truncate(66 * MIB)
            source.seek(0, 2)
            for i in range(66, 80):
                source.write(bytes([255 - i]) * MIB)
            os.write(write, b"x")
            self.assertEqual(end_of(child), 0)
            os.close(read)
            os.close(write)

    def test_what_another_thread_was_in_is_refused_in_the_child(self):
        with busy_encoder() as encoder:
            def work():
                try:
                    encoder.write(b"x")
                except RuntimeError:
                    return True

            self.assertEqual(in_child(work), 0)
        self.assertTrue(encoder.closed)

    def test_a_child_does_not_wait_for_a_copy_that_nobody_makes(self):
        pool = rove.Pool(memory_limit=4 * MIB, spill=True)
        b, busy = rove.BytesIO(pool=pool), True
        piece = bytes(3 * MIB)

        def write():
            while busy:
                b.seek(0)
                b.write(piece)
        thread = threading.Thread(target=write)
        thread.start()

        def ask():
            with contextlib.suppress(RuntimeError):
                b.tell()

        def work(): # a new thread may have the name of one that is not there
            ask()
            threads = [threading.Thread(target=ask) for _ in range(3)]
            for each in threads:
                each.start()
            for each in threads:
                each.join()
            return True
        try:
            codes = {in_child(work) for _ in range(max(3, int(10 * SCALE)))}
        finally:
            busy = False
            thread.join()
        self.assertEqual(codes, {0})


class Interpreters(unittest.TestCase):
    def test_a_subinterpreter_is_refused(self):
        try:
            import _xxsubinterpreters as interpreters
        except ImportError:
            self.skipTest("this Python has none, or has them elsewhere")
        begin = f"import sys; sys.path[:] = {sys.path!r}\n"
        text = ("import _xxsubinterpreters as all\nnew = all.create()\n"
                f"try: all.run_string(new, {begin + 'import rove'!r})\nexcept all.RunFailedError as error: assert 'ImportError' in str(error)\n"
                "else: raise KeyError\nall.destroy(new)\nimport rove\nassert rove.BytesIO(b'x').read() == b'x'")
        subprocess.run([sys.executable, "-c", begin + text], check=True, timeout=60)


class Signals(unittest.TestCase):
    def test_long_questions_can_be_interrupted(self):
        huge = rove.Rope(bytes(1 << 20)) * (1 << 30)
        large = rove.BytesIO()
        large.write(huge)
        large.seek(0)
        for work in some((lambda: huge.find(b"no"), lambda: b"no" in huge.view(), lambda: huge.__delitem__(slice(None, None, 2)),
                          lambda: huge.__setitem__(slice(None, 1 << 24, 2), bytes(1 << 23)), lambda: huge[:1 << 32:16],
                          lambda: large.readuntil(b"no"), lambda: huge.digest("crc32c"), lambda: rove.digest(huge.view()), lambda: huge == rove.Rope(bytes(1 << 20)) * (1 << 30))):
            with alarm(0.02, interrupt):
                self.assertRaises(KeyboardInterrupt, work)
            self.assertEqual((len(huge), large.tell()), (1 << 50, 0))

    def test_nothing_is_kept_of_what_a_signal_closed(self):
        with tempfile.TemporaryFile(buffering=0) as file:
            file.truncate(1 << 40)
            decoder = rove.Decoder(file, "copy")

            def close():
                if decoder.closed:
                    return
                with contextlib.suppress(RuntimeError):  # in the middle of a call of the library
                    decoder.close()
                    raise KeyError("now")
            before = signal.signal(signal.SIGALRM, lambda *_: close())
            signal.setitimer(signal.ITIMER_REAL, 0.002, 0.0005)
            try:
                self.assertRaises(KeyError, decoder.read, 1 << 33)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, before)
            for call in (lambda: decoder.read(1), lambda: decoder.readinto(bytearray(1)), lambda: decoder.readline(1)):
                self.assertRaises(ValueError, call)

    def test_a_write_that_waits_can_be_interrupted(self):
        reader, writer = os.pipe()
        last = threading.Timer(20, os.close, (reader,))  # it fails, and does not hang
        last.start()
        with alarm(0.02, interrupt):
            self.assertRaises(KeyboardInterrupt, rove.View(bytes(MIB)).writeto, writer)
        last.cancel()
        os.close(reader)
        os.close(writer)

    def test_a_signal_may_close_what_is_in_use(self):
        for make, work in ((lambda: rove.BytesIO(), lambda b: (b.write(rove.Rope(bytes(MIB)) * 500), b.seek(0), b.readuntil(b"x"))),
                           (lambda: rove.Decoder(io.BytesIO(rove.compress(bytes(30 * MIB), "lz4"))), lambda d: d.read()),
                           (lambda: rove.Encoder(io.BytesIO()), lambda e: e.write(rove.Rope(TEXT) * 50))):
            subject = make()
            with alarm(0.005, lambda: self.assertRaises(RuntimeError, subject.close) if isinstance(subject, rove.Encoder)
                       else subject.close()):
                try:
                    work(subject)
                except (ValueError, RuntimeError):
                    pass


class Ends(unittest.TestCase):
    def test_coders_on_coders_on_coders(self):
        def stack():
            file = io.BytesIO()
            for _ in range(24000):
                file = rove.Encoder(file, "copy")
            b = rove.BytesIO()
            for _ in range(9000):
                above = rove.BytesIO()
                above.below = b
                b = above
        before = threading.stack_size(1 << 20)  # CPython 3.13 lets 10,000 of them end inside of each other
        try:
            thread = threading.Thread(target=stack)
            thread.start()
            thread.join()
        finally:
            threading.stack_size(before)

    def test_a_state_that_changes_what_it_is_given_to(self):
        b = rove.BytesIO()

        class Key(str):
            armed = False

            def __hash__(self):
                return hash("a")

            def __eq__(self, other):
                if Key.armed:
                    b.__dict__.clear()
                    gc.collect()
                return False
        b.a = 1
        state = {Key("a"): 2}
        Key.armed = True
        b.__setstate__((b"x", 0, state))
        self.assertEqual(b.getvalue(), b"x")

    def test_cycles(self):
        for _ in range(5):
            file = rove.BytesIO(rove.compress(TEXT))
            decoder = rove.Decoder(file)
            file.decoder, decoder.file = decoder, file
            decoder.line = decoder.readline()
            encoder = rove.Encoder(encoder_file := rove.BytesIO())
            encoder_file.encoder = encoder
            encoder.write(TEXT)
            rope = type("Rope", (rove.Rope,), {})(TEXT)
            rope.me = rope
            gc.collect()

    def test_the_interpreter_ends_at_any_moment(self):
        """With objects that are open, in a thread that is in a call, by a signal, in a cycle."""
        begin = "import rove, io, os, sys, threading, time, signal\n"
        for program in some((
            "b = rove.BytesIO(bytes(1<<20)); b.insert(b'x'); v = b.snapshot(); m = memoryview(v); g = rove.BytesIO(b'ab').getbuffer()",
            "e = rove.Encoder(io.BytesIO()); e.write(b'x'); e.me = e; d = rove.Decoder(io.BytesIO(b'no')); sys.modules['keeps'] = e",
            "r, w = os.pipe(); threading.Thread(target=rove.Decoder(r).read, daemon=True).start(); time.sleep(0.02)",
            "def f():\n    while True: rove.compress(bytes(1<<20), 'gzip:block=64K', workers=2)\n"
            "[threading.Thread(target=f, daemon=True).start() for _ in range(2)]; time.sleep(0.03)",
            "b = rove.BytesIO(pool=rove.Pool(memory_limit=4<<20, spill=True))\n"
            "def f():\n    while True: b.write(bytes(3<<20))\n"
            "threading.Thread(target=f, daemon=True).start(); time.sleep(0.03)",
            "class S(rove.BytesIO):\n    def __del__(self): rove.compress(self.getvalue()); rove.Rope(b'x' * 9999)\n"
            "s = S(b'abc'); s.me = s; rove.install()",
            "import atexit; f = rove.open(os.devnull, 'wb', 'gzip'); f.write(b'x'); atexit.register(f.close)",
        )):
            with self.subTest(program):
                done = subprocess.run([sys.executable, "-c", begin + program], capture_output=True, timeout=60,
                                      stdin=subprocess.DEVNULL)
                self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_a_second_load_is_refused(self):
        done = subprocess.run([sys.executable, "-c", "import sys, rove\nfor n in list(sys.modules):\n"
                               "    if n.startswith('rove'): del sys.modules[n]\nimport rove"], capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"ImportError", done.stderr)


if __name__ == "__main__":
    print(f"ROVE_SEED={SEED}", flush=True)
    unittest.main()
