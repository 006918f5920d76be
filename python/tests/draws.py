# SPDX-License-Identifier: MIT
# Drawn call sequences on rove.BytesIO and io.BytesIO: results, exceptions, cursors and contents must be the same.

import io
import os
import random
import sys

import rove
from amounts import SCALE, SEED

SIZES = (0, 1, 2, 7, 100, 511, 512, 513, 4096, 65535, 65536, 65537, 200000)

POOL = rove.Pool(memory_limit=1 << 20, spill=True)  # contents that do not fit sleep


class Twins:
    """One of each, with what was taken from them and is still held."""

    def __init__(self, rng):
        self.rng = rng
        first = self.bytes() if rng.random() < 0.5 else b""
        if rng.random() < 0.3:
            first = bytearray(first)
        self.pair = io.BytesIO(first), rove.BytesIO(first, pool=POOL if rng.random() < 0.3 else None)
        self.held = []
        self.buffers = None

    def size(self):
        return self.rng.choice(SIZES) if self.rng.random() < 0.7 else self.rng.randrange(3000)

    def bytes(self):
        size = self.size()
        piece = bytes(self.rng.choice(b"abc\n\r\0") for _ in range(min(size, 97))) or b"x"
        return (piece * (size // len(piece) + 1))[:size]

    def place(self):
        return self.rng.choice((-1, None, 0, 1, 2.5, "a", True, 10**30, -10**30)) \
            if self.rng.random() < 0.1 else self.rng.randrange(max(1, len(self.pair[0].getvalue()) + 10)) \
            if not self.pair[0].closed else 0

    def odd(self):
        """No bytes; but what they meet when they also come at a bad time differs among versions of io.BytesIO."""
        return (b"",) if self.pair[0].closed or self.buffers else ("a", None, 5, b"")

    def step(self):
        rng = self.rng
        name, *args = rng.choice((
            lambda: ("write", self.bytes()), lambda: ("write", memoryview(self.bytes())),
            lambda: ("write", bytearray(self.bytes())), lambda: ("write", rng.choice(self.odd())),
            lambda: ("writelines", [self.bytes(), b"", self.bytes()]), lambda: ("writelines", [b"1", *self.odd(), b"3"]),
            lambda: ("read",), lambda: ("read", self.size()), lambda: ("read1", self.place()),
            lambda: ("readline",), lambda: ("readline", self.place()), lambda: ("readlines",),
            lambda: ("readlines", rng.choice((None, 0, 1, 100, -1, 2.0, "x"))),
            lambda: ("seek", self.place()), lambda: ("seek", -rng.randrange(100), rng.choice((1, 2))),
            lambda: ("seek", self.place(), rng.choice((0, 1, 2, 3))), lambda: ("tell",),
            lambda: ("truncate",), lambda: ("truncate", self.place()), lambda: ("getvalue",), lambda: ("__getstate__",),
            lambda: ("__next__",), lambda: ("close",) if rng.random() < 0.02 else ("tell",),
        ))()
        outcomes = []
        for twin in self.pair:
            try:
                outcomes.append(("gave", getattr(twin, name)(*args)))
            except Exception as error:
                outcomes.append(("raised", type(error)))
        if outcomes[0][0] == "gave" and isinstance(outcomes[0][1], bytes) and rng.random() < 0.3:
            self.held.append((outcomes[0][1], outcomes[1][1]))
        assert outcomes[0] == outcomes[1], (name, [a if len(repr(a)) < 80 else len(a) for a in args],
                                            [repr(o)[:90] for o in outcomes])

    def buffer(self):
        """Takes buffers and writes through them, or lets them go."""
        if self.buffers:
            for view in self.buffers:
                view.release()
            self.buffers = None
        elif not self.pair[0].closed:
            self.buffers = [twin.getbuffer() for twin in self.pair]
            if len(self.buffers[0]):
                at = self.rng.randrange(len(self.buffers[0]))
                for view in self.buffers:
                    view[at] = 33
            # io.BytesIO copies between places that overlap by memcpy(), which a checker does not forgive.
            if self.rng.random() < 0.5 and "asan" not in os.environ.get("LD_PRELOAD", ""):
                got = [twin.readinto(view) for twin, view in zip(self.pair, self.buffers)]
                assert got[0] == got[1]

    def into(self):
        """What only ours can do, undone by what both can."""
        theirs, ours = self.pair
        if theirs.closed or self.buffers:
            return
        pos, data = theirs.tell(), self.bytes()
        if pos > len(theirs.getvalue()):
            return
        value = theirs.getvalue()
        assert ours.insert(data) == len(data)
        assert ours.size() == len(value) + len(data)
        assert ours.snapshot() == value[:pos] + data + value[pos:]
        ours.seek(pos)
        assert ours.erase(len(data)) == len(data)
        assert ours.peek(5) == value[pos:pos + 5]

    def check(self):
        theirs, ours = self.pair
        assert theirs.closed == ours.closed
        if not theirs.closed:
            assert theirs.tell() == ours.tell()
            assert theirs.getvalue() == ours.getvalue()
        for a, b in self.held:
            assert a == b and hash(a) == hash(b), "what was given has changed"


def main():
    rounds = max(40, int(1500 * SCALE))
    print(f"seed {SEED}, {rounds} rounds")
    for number in range(rounds):
        rng = random.Random(SEED * 1000003 + number)
        twins = Twins(rng)
        try:
            for _ in range(rng.choice((5, 30, 100))):
                draw = rng.random()
                twins.buffer() if draw < 0.06 else twins.into() if draw < 0.12 else twins.step()
                if rng.random() < 0.3:
                    twins.check()
            twins.check()
        except BaseException:
            print(f"ROVE_SEED={SEED} fails in round {number}")
            raise


if __name__ == "__main__":
    sys.exit(main())
