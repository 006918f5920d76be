#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# rove for Python beside io.BytesIO, bytearray, SpooledTemporaryFile, gzip, zlib, lz4, zstandard; a row is a ratio in one
# process. Run by ./run bench python; --quick does a sixteenth of the amounts, --json prints so, --markdown the table that
# stands in docs/python.md.

import gzip
import io
import itertools
import json
import os
import random
import sys
import tempfile
import time
import zlib

import rove

QUICK = "--quick" in sys.argv
GIB = (64 << 20) if QUICK else (1 << 30)
ROWS = []


def clock(action, repeats):
    """Seconds of the best of some runs; what action gives is dropped outside of the clock."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        kept = action()
        times.append(time.perf_counter() - start)
        del kept
    return min(times)


def judged(want, theirs, ours):
    """How many times as long as theirs is ours, or the reverse; and whether that is what is wanted, if anything is."""
    value = ours / theirs if want and want[0] == "<" else theirs / ours
    bound = float(want.split()[1]) if want else 0
    return dict(want=want, value=value, good=bool(value <= bound if want and want[0] == "<" else value >= bound))


def row(name, peer, theirs, ours, want, repeats=3, times=1):
    """A row of ours, which does it so many times, beside a peer; want is '<= x', '>= x' (times faster), or empty."""
    a, b = [], []
    for _ in range(repeats):  # in turns, so that a busy moment meets both
        a.append(clock(theirs, 1))
        b.append(clock(ours, 1))
    theirs_s, ours_s = min(a), min(b) / times
    ROWS.append(dict(row=name, peer=peer, peer_s=theirs_s, rove_s=ours_s) | judged(want, theirs_s, ours_s))


def threads():
    """CPU seconds that each thread of the process has had."""
    tick = os.sysconf("SC_CLK_TCK")
    folder = "/proc/self/task"
    return {t: sum(map(int, open(f"{folder}/{t}/stat").read().rsplit(")")[1].split()[11:13])) / tick
            for t in os.listdir(folder)}


def busiest(action):
    """CPU seconds of the thread that had most: what a run takes where each has a processor to itself."""
    before = threads()
    action()
    return max(s - before.get(t, 0) for t, s in threads().items())


def row_busiest(name, peer, theirs, ours, want):
    """A row of CPU time, which other work on the machine hardly touches."""
    theirs_s, ours_s = busiest(theirs), busiest(ours)
    ROWS.append(dict(row=name, peer=peer, peer_s=theirs_s, rove_s=ours_s, cpu=True) | judged(want, theirs_s, ours_s))


def loops(setup, step, count):
    """A loop of small calls, compiled once for each class."""
    code = compile(f"def run(c):\n {setup}\n for _ in repeat(None, {count}):\n  {step}\n return None", "row", "exec")

    def make(cls):
        names = {"repeat": itertools.repeat, "io": io}
        exec(code, names)
        return lambda: names["run"](cls)
    return make(io.BytesIO), make(rove.BytesIO)


def small():
    count = 200000 if QUICK else 1000000
    for make in (io.BytesIO, rove.BytesIO):  # fresh pages are no row's
        make().writelines([bytes(1 << 20)] * 100)
    for name, setup, step in (
        ("new", "pass", "c()"),
        ("new, write 100 B, getvalue", "d = b'x' * 100", "b = c(); b.write(d); b.getvalue()"),
        ("new of 100 B, read", "d = b'x' * 100", "c(d).read()"),
        ("write 16 B", "w = c().write; d = b'x' * 16", "w(d)"),
        ("write 100 B", "w = c().write; d = b'x' * 100", "w(d)"),
        ("read 16 B", f"r = c(bytes(16 * {count})).read", "r(16)"),
        ("readline of 80 B", f"r = c((b'x' * 79 + b'\\n') * {count}).readline", "r()"),
        ("seek, read 16 B", "b = c(bytes(100)); s = b.seek; r = b.read", "s(0); r(16)"),
    ):
        row(name, "io.BytesIO", *loops(setup, step, count), "<= 1.15", 7)


def large():
    block = bytes(65536)

    def append(make):
        def run():
            b = make()
            for _ in range(GIB // len(block)):
                b.write(block)
            return b
        return run

    def extend():
        b = bytearray()
        for _ in range(GIB // len(block)):
            b += block
        return b
    row("append 64 KiB to 1 GiB", "io.BytesIO", append(io.BytesIO), append(rove.BytesIO), "<= 1.0")
    row("append 64 KiB to 1 GiB", "bytearray", extend, append(rove.BytesIO), "<= 1.0")
    row("append to 1 GiB, 256 MiB of it in memory", "SpooledTemporaryFile",
        append(lambda: tempfile.SpooledTemporaryFile(max_size=GIB // 4)),
        append(lambda: rove.BytesIO(pool=rove.Pool(memory_limit=GIB // 4, spill=True))), "<= 1.5", 2)

    theirs, ours = append(io.BytesIO)(), append(rove.BytesIO)()
    places = [random.randrange(GIB - 4096) for _ in range(20000)]

    def read(b):
        def run():
            for place in places:
                b.seek(place)
                b.read(4096)
        return run
    row("read 4 KiB at random in 1 GiB", "io.BytesIO", read(theirs), read(ours), "<= 1.15", 5)
    huge = append(lambda: rove.BytesIO(pool=rove.Pool(huge=True)))()
    row("the same, in pages of 2 MiB", "io.BytesIO", read(theirs), read(huge), "<= 1.15", 5)
    del huge
    held = theirs.getvalue(), ours.getvalue()

    def touch(b):
        def run():
            b.seek(GIB // 2)
            b.write(b"x")
        return run
    row("write 1 B while getvalue() is held, 1 GiB", "io.BytesIO", touch(theirs), touch(ours), ">= 1000", 1)
    del held, theirs, ours


def edits():
    size = GIB // 4
    ours = rove.BytesIO()
    for _ in range(size >> 16):
        ours.write(bytes(65536))
    theirs = io.BytesIO(ours.getvalue())
    theirs.write(b"x")
    flat = bytearray(ours.getvalue())
    ours.insert(b"")

    def copy_drop():
        nonlocal theirs
        theirs.seek(65536)
        theirs = io.BytesIO(theirs.read())
        theirs.getbuffer().release()

    def insert(times=100):
        for _ in range(times):
            ours.seek(size // 2)
            ours.insert(b"x" * 100)

    def splice():
        flat[size // 2:size // 2] = b"x" * 100
    row("drop 64 KiB from the head of 256 MiB", "io.BytesIO", copy_drop, lambda: ours.drop_head(65536), ">= 1000")
    row("insert 100 B in the middle of 256 MiB, 100 times", "bytearray", splice, insert, ">= 100", 20, 100)

    def insert_copy():
        nonlocal theirs
        value = theirs.getbuffer()
        made = io.BytesIO()
        made.write(value[:size // 2])
        made.write(b"x" * 100)
        made.write(value[size // 2:])
        value.release()
        theirs = made
    row("insert 100 B in the middle of 256 MiB, 100 times", "io.BytesIO", insert_copy, insert, ">= 10000", 5, 100)
    # What of one call alone is the interpreter's and the memory's: nothing is in the caches but what the peer has copied.
    row("one insertion alone, behind the copy", "io.BytesIO", insert_copy, lambda: insert(1), "", 5)
    row("two calls that do nothing, behind the copy", "io.BytesIO", insert_copy, lambda: (ours.tell(), ours.readable()),
        "", 5)


def left_out(name, error):
    print(f"left out: {name}: {error}", file=sys.stderr)


def text(size):
    words = [b"%d item of a log, %x\n" % (i, random.getrandbits(20)) for i in range(20000)]
    data = b"".join(random.choices(words, k=size // 25))
    return data[:size]


def codecs():
    data = text(4 << 20 if QUICK else 32 << 20)
    folder = tempfile.mkdtemp()
    paths = [os.path.join(folder, name) for name in ("theirs.gz", "ours.gz")]

    def write(opener, path, *more, **options):
        def run():
            with opener(path, "wb", *more, **options) as file:
                for at in range(0, len(data), 65536):
                    file.write(data[at:at + 65536])
        return run

    def read(opener, path, **options):
        def run():
            with opener(path, "rb", **options) as file:
                while file.read(65536):
                    pass
        return run
    theirs = write(gzip.open, paths[0], compresslevel=6)
    row("gzip -6 write through open()", "gzip.open", theirs, write(rove.open, paths[1], "gzip:level=6"), "<= 1.0")
    by_two = write(rove.open, paths[1], "gzip:level=6,block=128K", workers=2)
    row("gzip -6 write, two workers", "gzip.open", theirs, by_two, ">= 1.8")
    if os.path.isdir("/proc/self/task"):
        row_busiest("the same, CPU of the busiest thread", "gzip.open", theirs, by_two, ">= 1.8")
    row("gzip read through open()", "gzip.open", read(gzip.open, paths[0]), read(rove.open, paths[0]), "<= 1.0")
    row("zlib -6 in memory", "zlib", lambda: zlib.compress(data, 6), lambda: rove.compress(data, "zlib:level=6"), "<= 1.1")
    packed = zlib.compress(data, 6)
    row("zlib decoding in memory", "zlib", lambda: zlib.decompress(packed), lambda: rove.decompress(packed, "zlib"),
        "<= 1.1")
    try:
        import lz4.frame
        row("lz4 in memory", "lz4.frame", lambda: lz4.frame.compress(data), lambda: rove.compress(data, "lz4"), "<= 1.1")
    except ImportError as error:
        left_out("lz4 in memory", error)
    try:
        import zstandard
        rove.load_plugin("zstd")
        row("zstd -3 in memory", "zstandard",  # with a checksum, as rove writes one
            lambda: zstandard.ZstdCompressor(level=3, write_checksum=True).compress(data),
            lambda: rove.compress(data, "zstd:level=3"), "<= 1.1")
    except (ImportError, OSError) as error:
        left_out("zstd -3 in memory", error)
    for path in paths:
        os.unlink(path)
    os.rmdir(folder)


def seconds(value):
    for unit, scale in (("s", 1), ("ms", 1e3), ("us", 1e6)):
        if value * scale >= 1:
            return f"{value * scale:.2f} {unit}"
    return f"{value * 1e9:.0f} ns"


def taken(r):
    """What a row comes to, in words."""
    if r["want"][:1] == "<":
        return f"{r['value']:.2f} of the time"
    return f"{r['value']:,.{0 if r['value'] >= 100 else 2}f} times {'less' if 'cpu' in r else 'faster'}"


def wanted(r):
    if not r["want"]:
        return ""
    kind, bound = r["want"].split()
    bound = f"at most {float(bound):.2f}" if kind == "<=" else f"{float(bound):,g} times"
    return bound if r["good"] else bound + ": missed"


def main():
    for part in (small, large, edits, codecs):
        part()
    if "--json" in sys.argv:
        print(json.dumps(ROWS, indent=1))
        return
    table = [("what", "beside", "that", "rove", "rove takes", "wanted")]
    for r in ROWS:
        peer = f"`{r['peer']}`" if "--markdown" in sys.argv else r["peer"]
        table.append((r["row"], peer, seconds(r["peer_s"]), seconds(r["rove_s"]), taken(r), wanted(r)))
    if "--markdown" in sys.argv:
        table.insert(1, ["---"] * 6)
        print("\n".join("| " + " | ".join(cells) + " |" for cells in table).replace("|  |", "| |").replace(" --- ", "---"))
        return
    for cells in table:
        print("{:48}  {:20}  {:>10}  {:>10}  {:>20}  {}".format(*cells).rstrip())


if __name__ == "__main__":
    main()
