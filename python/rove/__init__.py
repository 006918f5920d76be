# SPDX-License-Identifier: MIT
# The package: what is written in C, and what is shorter in Python.
"""Bytes in memory: io.BytesIO on a rope of counted chunks, and what it never had.

BytesIO is io.BytesIO to the letter, and more. Rope is a bytearray that is cut and joined without moving bytes; View is
a pinned window on either. open(), compress() and decompress() code by chains of filters, such as
'crc32c|gzip:level=6'. Pool limits memory, and lets content beyond it sleep on disk.
"""

import collections.abc as _abc
import io as _io
import operator as _operator

from ._rove import *  # noqa: F403
from ._rove import BytesIO, Decoder, Encoder, Rope, View, __version__  # noqa: F401
from ._open import open  # noqa: F401

# What a mutable sequence has besides.
for _name in ("pop", "reverse", "__reversed__"):
    setattr(Rope, _name, getattr(_abc.MutableSequence, _name))


def _remove(self, value):
    """Remove the first byte that is value, an int."""
    del self[self.index(_operator.index(value))]  # index() finds bytes, too, of which this would be the first one


_remove.__name__, _remove.__qualname__ = "remove", "Rope.remove"
Rope.remove = _remove
_abc.MutableSequence.register(Rope)
_abc.Sequence.register(View)
for _type in (BytesIO, Encoder, Decoder):
    _io.BufferedIOBase.register(_type)

_original = _io.BytesIO


def install():
    """Make rove.BytesIO the io.BytesIO of this process; for what looks the name up from now on."""
    import _io as c_io
    _io.BytesIO = c_io.BytesIO = BytesIO


def uninstall():
    """Undo install()."""
    import _io as c_io
    _io.BytesIO = c_io.BytesIO = _original
