# SPDX-License-Identifier: MIT
# A coder that another thread is inside.

import contextlib
import io
import threading

import rove


@contextlib.contextmanager
def busy_encoder():
    """Gives an encoder that another thread is closing, which its file keeps waiting until the end of the block."""
    entered, leave = threading.Event(), threading.Event()

    class Slow(io.RawIOBase):
        def write(self, data):
            entered.set()
            leave.wait(20)
            return len(data)
    encoder = rove.Encoder(Slow())
    thread = threading.Thread(target=encoder.close)
    thread.start()
    entered.wait(10)
    try:
        yield encoder
    finally:
        leave.set()
        thread.join()
