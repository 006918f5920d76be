# SPDX-License-Identifier: MIT
# A user's program, for mypy --strict: what is right is accepted, and what is wrong is not; an `ignore` that nothing
# needs is an error, too. It is not run.

import io
import shutil

import rove


def fill(file: io.BufferedIOBase) -> int:
    return file.write(b"bytes")


def buffers() -> bytes:
    buffer = rove.BytesIO(b"begun")
    fill(buffer)
    with rove.BytesIO(pool=rove.Pool(memory_limit=1 << 20, spill=True)) as other:
        shutil.copyfileobj(buffer, other)
        size: int = other.size()
        other.seek(0, io.SEEK_SET)
        other.writev([b"a", bytearray(b"b"), memoryview(b"c")])
        other.writev([b"a", rove.Rope(b"b"), rove.View(b"c")])
        other.writelines([b"a", rove.Rope(b"b"), rove.View(b"c")])
        other.readuntil(rove.View(b"c"))
        other.writev(["a"])  # type: ignore[list-item]
    lines: list[bytes] = buffer.readlines()
    before: rove.View = buffer.snapshot()
    text = io.TextIOWrapper(buffer)
    text.write("text")
    buffer.write("text")  # type: ignore[arg-type]
    buffer.insert(5)  # type: ignore[arg-type]
    return b"".join(lines) + before.tobytes() + bytes(size)


def ropes() -> rove.Rope:
    rope = rove.Rope(b"bytes")
    rope[1:2] = b"more"
    rope.append(7)
    byte: int = rope[0]
    part: rove.Rope = rope[1:3]
    view: rove.View = rope.view()[1:]
    rope += view
    pieces: list[memoryview] = list(view.spans())
    view[0] = 1  # type: ignore[index]
    whole: bytes = rope  # type: ignore[assignment]
    return part + whole[byte:] + bytes(len(pieces))


def files(path: str) -> int | None:
    with rove.open(path, "wb", "crc32c|gzip") as out:
        out.mark()
        fill(out)
        out.writelines([b"a", rove.Rope(b"b")])
        out.finish()
        index: rove.Index = out.index().by("gzip")
        out.peek(1)  # type: ignore[attr-defined]
    with rove.open(path, index=index, dictionary=rove.View(b"x"), max_output=1 << 20) as file:
        file.seek(3)
        data: bytes = file.read(10)
        file.finish()  # type: ignore[attr-defined]
    with rove.open(path, "rt", encoding="utf-8") as text:
        word: str = text.read()
    try:
        rove.decompress(rove.compress(data, level=9))  # type: ignore[call-arg]
    except rove.LimitError as error:
        word = error.limit or "a pool's"
    except rove.TruncatedError as error:
        late: EOFError = error
        return error.offset
    return len(word)


class Mine(rove.BytesIO):
    pass


class Pools(rove.Pool):  # type: ignore[misc]
    pass
