# SPDX-License-Identifier: MIT
# Uses librove from Python, which knows none of its headers. Usage: python3 use_ctypes.py LIBROVE_SO

import sys

try:
    import ctypes
except ImportError:
    sys.exit(77)

lib = ctypes.CDLL(sys.argv[1])
SIZE, PTR, LONG = ctypes.c_size_t, ctypes.c_void_p, ctypes.c_uint64


def function(name, result, *arguments):
    found = getattr(lib, name)
    found.restype, found.argtypes = result, arguments
    return found


def ok(status):
    assert status == 0, status


def stream():
    write = function("rove_stream_write", ctypes.c_int, PTR, PTR, SIZE)
    read = function("rove_stream_read", ctypes.c_int, PTR, PTR, SIZE, ctypes.POINTER(SIZE))
    seek = function("rove_stream_seek", ctypes.c_int, PTR, ctypes.c_int64, ctypes.c_int, PTR)
    free = function("rove_stream_free", None, PTR)
    new, buf, got = PTR(), ctypes.create_string_buffer(10), SIZE()
    ok(function("rove_stream_new", ctypes.c_int, PTR, ctypes.POINTER(PTR))(None, ctypes.byref(new)))
    for piece in b"abc", b"defg":
        ok(write(new, piece, len(piece)))
    ok(seek(new, 0, 0, None))
    assert read(new, buf, 10, ctypes.byref(got)) == 1 and buf.raw[:got.value] == b"abcdefg"
    free(new)


def rope():
    append = function("rove_rope_append", ctypes.c_int, PTR, PTR, SIZE)
    storage, view = ctypes.create_string_buffer(88), ctypes.create_string_buffer(64)
    function("rove_rope_init", None, PTR, PTR)(storage, None)
    ok(append(storage, b"abc", 3))
    assert function("rove_rope_len", LONG, PTR)(storage) == 3
    ok(function("rove_rope_view", ctypes.c_int, PTR, LONG, LONG, PTR)(storage, 1, 2, view))
    assert function("rove_view_len", LONG, PTR)(view) == 2
    function("rove_view_fini", None, PTR)(view)
    function("rove_rope_fini", None, PTR)(storage)


stream()
rope()
