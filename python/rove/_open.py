# SPDX-License-Identifier: MIT
# open(): a file that is coded, by its path or over another file.
"""rove.open()."""

import builtins
import codecs
import io
import os

from ._rove import Decoder, Encoder

_SUFFIXES = {".gz": "gzip", ".tgz": "gzip", ".bgz": "bgzf", ".zz": "zlib", ".deflate": "deflate", ".lz4": "lz4",
             ".zst": "zstd", ".tzst": "zstd", ".xz": "xz", ".txz": "xz", ".bz2": "bzip2", ".tbz2": "bzip2", ".tbz": "bzip2"}


class _Text(io.TextIOWrapper):
    """Text over a coder, which is abandoned with it: by a with block that is left by an exception, and by the collector."""

    def __exit__(self, kind, value, back):
        if kind is not None and not self.closed:
            self.buffer.abandon()
        self.close()

    def __del__(self):
        try:
            coder = self.buffer
        except ValueError:  # it is detached
            coder = None
        if coder is not None:  # else it was not made
            coder.abandon()


def _spec_of(file):
    name = os.fspath(file) if isinstance(file, (str, bytes, os.PathLike)) else getattr(file, "name", None)
    name = os.fsdecode(name) if isinstance(name, (str, bytes)) else ""
    spec = _SUFFIXES.get(os.path.splitext(name)[1].lower())
    if spec is None:
        raise ValueError(f"{name!r} has no suffix that says what to write; give a spec, such as 'gzip'")
    return spec


# A TextIOWrapper over what cannot seek does not write them, as if the text went on.
_MARKS = {"utf-16": codecs.BOM_UTF16, "utf-32": codecs.BOM_UTF32}


def _text_over(coder, mark, encoding, errors, newline):
    text = _Text(coder, encoding, errors, newline)
    if mark:
        coder.write(_MARKS.get(codecs.lookup(text.encoding).name, b""))
    return text


def open(file, mode="rb", spec="auto", *, encoding=None, errors=None, newline=None, **limits):
    """Open a coded file: by a path, or over any object with read() or write().

    mode is 'r', 'w', 'x' or 'a', with 'b' (the default) or 't'. spec is the text of a chain, such as 'gzip:level=9' or
    'crc32c|lz4'; 'auto' looks at the first bytes when reading, and at the suffix when writing (.gz .bgz .zz .lz4;
    .zst .xz .bz2 when their plugins are loaded).
    limits are those of Decoder and Encoder: max_output, max_ratio, memory, cache, workers, dictionary, pool; and index,
    with which a file that is read seeks: a rove.Index, or True, which makes one first.

    The file is closed with what is opened here if it was given by a path, not otherwise. A with block that is left by an
    exception leaves what it wrote incomplete.
    """
    if not isinstance(mode, str):
        raise TypeError(f"mode must be str, not {type(mode).__name__}")
    kind = mode.replace("b", "").replace("t", "")
    if kind not in ("r", "w", "x", "a") or len(mode) > 2 or ("b" in mode and "t" in mode):
        raise ValueError(f"invalid mode: {mode!r}")
    text = "t" in mode
    if not text and (encoding or errors or newline):
        raise ValueError("encoding, errors and newline are for text")
    if kind != "r" and spec == "auto":
        spec = _spec_of(file)
    by_path = isinstance(file, (str, bytes, os.PathLike))
    if by_path and kind != "r":  # before the file is made or emptied
        trial = Encoder(io.BytesIO(), spec, close_file=True, **limits)
        if text:
            _Text(trial, "utf-8" if encoding is None else encoding, errors, newline)
        trial.abandon()
    under = builtins.open(file, kind + "b", buffering=0) if by_path else file
    coder = None
    try:
        begins = kind != "r" and not (kind == "a" and by_path and os.fstat(under.fileno()).st_size)
        coder = (Decoder if kind == "r" else Encoder)(under, spec, close_file=by_path, **limits)
        return _text_over(coder, begins, encoding, errors, newline) if text else coder
    except BaseException:
        if coder:
            coder.abandon()
        elif by_path:
            under.close()
        raise
