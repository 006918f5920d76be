# SPDX-License-Identifier: MIT
# How much is lost by many rounds of the same.

import gc
import sys

import rove


def lost(work, rounds):
    """The interpreter's blocks and the library's chunks that each of so many rounds leaves behind, in hundredths.

    The interpreter fills lists of free objects as it goes, at different rates from run to run; what is lost is lost by
    every lap, so that the least of them counts.
    """
    least = [sys.maxsize, sys.maxsize]
    work(rounds // 4)
    for _ in range(4):
        before = _held()
        work(rounds)
        least = [min(a, b - c) for a, b, c in zip(least, _held(), before)]
        if max(least) <= 0:
            break
    return [100 * n // rounds for n in least]


def _held():
    gc.collect()
    return sys.getallocatedblocks(), rove.default_pool_figures()["live"]
