# SPDX-License-Identifier: MIT
# Drawn calls with arguments that nobody should give: whatever they raise, the interpreter lives on, and so does the object.

import array
import gc
import io
import operator
import os
import pickle
import random
import sys
import tempfile
import unittest

import rove
from amounts import SCALE, SEED

TEXT = b"".join(b"line %d\n" % i for i in range(3000))
CODED = {spec: rove.compress(TEXT, spec) for spec in ("gzip", "lz4", "bgzf", "zlib")}
BIG = 1 << 22  # what became longer than this is not used any more: much of what is drawn goes through all of it


class Hand:
    """Draws objects, calls and arguments; what is called with may use what is called."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.depth = 0
        self.subject = None

    def poke(self):
        """A call of the object that another call is in the middle of; not of one that another such call made big."""
        if self.depth < 3 and self.subject is not None and not is_big(self.subject):
            self.depth += 1
            try:
                self.call(self.subject)
            finally:
                self.depth -= 1

    # ---- Arguments ----

    def number(self):
        return self.rng.choice((0, 1, 2, 3, 7, 100, 4096, 65536, 70001, -1, -2, -70000, True, 2**31, 2**32, 2**62, 2**63 - 1,
                                2**63, -2**63, -2**63 - 1, 2**64, 10**40, -10**40, Index(self)))

    def data(self):
        rng = self.rng
        kind = rng.randrange(16)
        plain = rng.choice((b"", b"x", b"line\n", TEXT[:600], TEXT, bytes(70000)))
        if kind < 4:
            return plain
        if kind == 4:
            return bytearray(plain)
        if kind == 5:
            return memoryview(plain)[::rng.choice((1, 2, -1))]
        if kind == 6:
            gone = memoryview(bytearray(plain))
            gone.release()
            return gone
        if kind == 7:
            return array.array("Q", range(rng.randrange(9)))
        if kind == 8:
            return rove.View(plain)
        if kind == 9:
            return rove.Rope(plain)
        if kind == 10 and isinstance(self.subject, (rove.BytesIO, rove.Rope, rove.View)):
            return self.own()
        if kind == 11:
            return Items(self, [self.number(), plain, plain])
        if kind == 12:
            return Sub(plain)
        return rng.choice((plain, CODED["gzip"], CODED["lz4"], CODED["gzip"][:-9]))

    def own(self):
        """Bytes of the object itself."""
        subject = self.subject
        if not isinstance(subject, rove.BytesIO):
            return subject if self.rng.random() < 0.5 else subject[1:-1]
        if subject.closed:
            return subject
        return self.rng.choice((subject.snapshot, subject.getbuffer, subject.getvalue, lambda: subject))()

    def text(self):
        return self.rng.choice(("gzip", "lz4", "auto", "crc32|gzip", "bgzf", "copy", "nonesuch", "", "|", "gzip\0", "\udc80",
                                "gzip:level=\udcff", "gzip:level=99", "zlib:dict=@", "crc32", "copy|" * 40, "x" * 5000))

    def anything(self):
        kind = self.rng.randrange(9)
        if kind < 3:
            return self.number()
        if kind < 6:
            return self.data()
        if kind == 6:
            return self.text()
        if kind == 7:
            return self.rng.choice((None, 1.5, {}, [], (), object, self.subject, b"x".join, slice(self.number(), 2, self.number()),
                                    (b"x", 3, {"a": 1}), (b"x", -3, None), (TEXT, 2**70, {}), range(300)))
        return File(self)

    def options(self):
        names = ("max_output", "max_ratio", "memory", "cache", "workers", "dictionary", "pool", "index", "close_file", "every",
                 "spec", "file", "data", "\udc80", "spill", "memory_limit", "chunk_size", "initial_bytes")
        if self.rng.random() < 0.7:
            return {}
        name = self.rng.choice(names)
        value = self.rng.choice((self.anything(), rove.Pool(memory_limit=1 << 20), 2, None, True))
        if name == "workers" and isinstance(value, int) and not isinstance(value, bool) and value > 3:
            value = 3
        return {name: value}

    # ---- Objects ----

    def make(self):
        rng = self.rng
        pool = rng.choice((None, None, rove.Pool(), rove.Pool(memory_limit=1 << 20, spill=True), rove.Pool(chunk_size=4096)))
        kind = rng.randrange(12)
        if kind < 4:
            return rng.choice((rove.BytesIO, Sub))(rng.choice((b"", b"ab\n", TEXT, bytes(200000))), pool=pool)
        if kind < 6:
            return rove.Rope(rng.choice((b"", b"ab\n", TEXT)), pool=pool) * rng.choice((1, 1, 3))
        if kind == 6:
            return (rove.Rope(TEXT) + bytes(70000)).view()
        if kind == 7:
            return rove.Encoder(rng.choice((io.BytesIO, rove.BytesIO, lambda: File(self)))(), rng.choice(tuple(CODED)))
        if kind < 10:
            spec = rng.choice(tuple(CODED))
            file = rng.choice((io.BytesIO, rove.BytesIO))(CODED[spec])
            return rove.Decoder(rng.choice((file, file, File(self, file))), spec, index=rng.choice((None, None, True)))
        if kind == 10:
            return rove.Index(io.BytesIO(CODED["gzip"]))
        return rove

    # ---- Calls ----

    def fair(self, subject):
        """A call that should do something."""
        data, few = self.data(), self.rng.choice((1, 100, 5000, 70000))
        if isinstance(subject, rove.BytesIO):
            return self.rng.choice((
                lambda: subject.write(data), lambda: subject.insert(data), lambda: subject.read(few), lambda: subject.seek(few),
                lambda: subject.truncate(few), lambda: subject.erase(few), lambda: subject.readinto(bytearray(few)),
                lambda: subject.writev(Items(self, [data, data])), lambda: subject.writelines(Items(self, [data, data])),
                subject.getvalue, subject.getbuffer, subject.snapshot, lambda: subject.drop_head(few), subject.readline,
                lambda: subject.take(few),
                lambda: subject.readuntil(b"ne"), lambda: subject.__setstate__((data, few, {"y": subject})),
                lambda: subject.__init__(data)))
        if isinstance(subject, rove.Rope):
            return self.rng.choice((
                lambda: subject.extend(Items(self, [1, 2, 3])), lambda: subject.insert(Index(self), data),
                lambda: operator.setitem(subject, slice(Index(self), few), data), lambda: subject.find(b"ne", Index(self)),
                lambda: subject.find(data), lambda: subject.take(few),
                lambda: operator.delitem(subject, slice(None, few, 2)), subject.compact, lambda: list(subject.view().spans())))
        if isinstance(subject, rove.Encoder):
            return self.rng.choice((lambda: subject.write(data), subject.flush, subject.finish, subject.mark, subject.index))
        if isinstance(subject, rove.Decoder):
            return self.rng.choice((lambda: subject.read(few), subject.readline, lambda: subject.seek(few), subject.mark,
                                    lambda: subject.readinto(bytearray(few)), subject.index, subject.peek))
        return None

    def call(self, subject):
        rng = self.rng
        if rng.random() < 0.1 and subject is not rove:
            action = rng.choice((operator.add, operator.mul, operator.getitem, operator.iadd, operator.contains, operator.eq,
                                 operator.lt, operator.delitem, operator.mod, operator.imul))
            other = self.anything()
            if self.depth and isinstance(other, int) and action in (operator.mul, operator.imul):
                other = min(other, 4096)  # the call around this one may go through all of it
            return action(subject, other)
        if rng.random() < 0.03 and subject is not rove:
            return rng.choice((pickle.dumps, memoryview, hash, repr, sys.getsizeof, bytes, gc.get_referrers, iter, dir,
                               lambda s: pickle.loads(pickle.dumps(s)), lambda s: setattr(s, "x", s),
                               lambda s: setattr(s, "__class__", Sub), lambda s: setattr(s, "__dict__", {"x": s})))(subject)
        if rng.random() < 0.3 and (fair := self.fair(subject)):
            return fair()
        names = [name for name in dir(subject) if name not in SKIPPED]
        name = rng.choice(names)
        method = getattr(subject, name)
        args = [self.anything() for _ in range(rng.choice((0, 0, 1, 1, 1, 2, 2, 3)))]
        if name in DESCRIPTORS:
            args = [-1 if isinstance(a, int) else a for a in args]
        if callable(method):
            return method(*args, **self.options())
        return setattr(subject, name, args[0]) if args else method


# What is not this module's to withstand, or takes for ever, or is a number of a file that is not ours.
SKIPPED = {"install", "uninstall", "load_plugin", "__init_subclass__", "__subclasshook__", "__class_getitem__", "__loader__",
           "__spec__", "__path__", "__file__", "__builtins__", "__dict__", "__class__", "__doc__", "__name__", "__package__",
           "__cached__", "_io", "_abc", "_operator", "_name", "_remove", "_type", "_original", "_open", "_rove", "__getattribute__", "__setattr__",
           "__delattr__", "__all__", "truncate_all"}
DESCRIPTORS = {"open", "Encoder", "Decoder", "Index", "writeto", "load", "save"}


class Index:
    """A number that does something."""

    def __init__(self, hand):
        self.hand = hand

    def __index__(self):
        self.hand.poke()
        return self.hand.rng.choice((0, 1, 5, -1, 70000))


class Items:
    """An iterable that does something."""

    def __init__(self, hand, items):
        self.hand, self.items = hand, items

    def __iter__(self):
        for item in self.items:
            self.hand.poke()
            yield item


class File:
    """A file that does not keep the rules."""

    def __init__(self, hand, file=None):
        self.hand, self.file = hand, file

    def answer(self, *fair):
        self.hand.poke()
        return self.hand.rng.choice((*fair, *fair, *fair, None, -1, 2**70, "text", b"x" * 200000, 1.5, self.hand.data()))

    def read(self, size=-1):
        return self.answer(self.file.read(size) if self.file else b"")

    def write(self, data):
        return self.answer(len(data))

    def seek(self, pos, whence=0):
        return self.answer(self.file.seek(pos, whence) if self.file else 0)

    def tell(self):
        return self.answer(self.file.tell() if self.file else 0)

    def close(self):
        self.hand.poke()


class Sub(rove.BytesIO):
    """A class of the user's, with some methods of its own."""

    def close(self):
        super().close()

    def read(self, *args):
        got = super().read(*args)
        if len(got) == 3:
            self.seek(0)
            self.truncate()
        return got


def whole(subject):
    """Whether what is left of it answers as it should."""
    if isinstance(subject, rove.BytesIO) and not subject.closed:
        value = subject.getvalue() if subject.size() < BIG else b""
        return subject.size() >= BIG or (len(value) == subject.size() and value == subject.snapshot() and subject.tell() >= 0)
    if isinstance(subject, rove.Rope) and len(subject) < BIG:
        return bytes(subject) == subject.view()
    return True


def is_big(subject):
    if isinstance(subject, (rove.Rope, rove.View)):
        return len(subject) > BIG
    return isinstance(subject, rove.BytesIO) and not subject.closed and subject.size() > BIG


class Hostile(unittest.TestCase):
    def test_drawn_calls(self):
        done = raised = 0
        for number in range(max(40, int(600 * SCALE))):
            hand = Hand(SEED * 1000003 + number)
            with self.subTest(ROVE_SEED=SEED, round=number):
                kept = []
                try:
                    hand.subject = subject = hand.make()
                except (rove.Error, OSError, TypeError, OverflowError):
                    continue  # a file that would not be read
                for _ in range(40):
                    if is_big(subject):
                        break
                    try:
                        kept.append(hand.call(subject))
                        done += 1
                    except Exception as error:
                        self.assertNotIsInstance(error, SystemError)
                        raised += 1
                    del kept[:-3]
                kept.clear()
                hand.subject = None
                try:
                    self.assertTrue(whole(subject))
                except (BufferError, MemoryError):
                    pass  # something still holds a buffer, or all that its pool may have
        print(f"{done} calls done, {raised} exceptions")
        self.assertGreater(min(done, raised), 100)

    def test_a_call_keeps_nothing_of_what_it_is_given(self):
        """Every method of every type, with arguments that fit and that do not: nothing is left behind."""
        text, number, junk = b"some line\nmore\n" * 50, 70, object()
        arguments = ((), (number,), (text,), (junk,), (None,), (bytearray(text),), (number, text), (text, number), (number, 2),
                     ([text, text],), ([text, junk],), ((text, 3, {"a": junk}),), ("crc32",), (rove.Rope(text),), (slice(1, 9, 2),),
                     (rove.View(text),))
        makers = (lambda: rove.BytesIO(text), lambda: rove.Rope(text), lambda: rove.View(text),
                  lambda: rove.Encoder(io.BytesIO()), lambda: rove.Decoder(io.BytesIO(CODED["lz4"]), index=True),
                  lambda: rove.Index(io.BytesIO(CODED["lz4"])), rove.Pool, lambda: rove)
        tried = 0
        for make in makers:
            for name in sorted(set(dir(make())) - SKIPPED - {"__subclasshook__", "__new__"}):
                if not callable(getattr(make(), name)):
                    continue
                for args in arguments:
                    if name in DESCRIPTORS and args and isinstance(args[0], int):
                        continue
                    tried += 1
                    self.assertLess(self.left_by(make, name, args), 10, (type(make()), name, args))
        print(f"{tried} calls are tried")
        self.assertGreater(tried, 1000)

    def left_by(self, make, name, args, rounds=10):
        """The least of what some laps of calls leave behind: blocks, and references to the arguments."""
        def held():
            return sys.getallocatedblocks() + sum(map(sys.getrefcount, args))

        def lap():
            for _ in range(rounds):
                subject = make()
                try:
                    getattr(subject, name)(*args)
                except Exception:
                    pass
        def tidy():
            gc.collect()  # takes long, and empties the interpreter's lists of free objects
            sys._clear_type_cache()  # which holds up to 4096 names of methods that were looked for
        least = sys.maxsize
        for careful in (False, False, *[True] * 10):
            if careful:
                tidy()
            before = held()
            lap()
            if careful:
                tidy()
            least = min(least, held() - before)
            if least < rounds:
                break
        return least


if __name__ == "__main__":
    print(f"ROVE_SEED={SEED}", flush=True)
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)  # whatever is opened by a drawn name
        ran = unittest.main(exit=False).result
        os.chdir("/")
    sys.exit(not ran.wasSuccessful())
