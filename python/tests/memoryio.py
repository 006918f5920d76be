# SPDX-License-Identifier: MIT
# CPython's own tests of io.BytesIO, with rove.BytesIO in its place.

import sys
import unittest

import rove

try:
    from test import test_memoryio
except ImportError:
    print("CPython's own tests are not installed (libpython3.11-testsuite)")
    sys.exit(77)

# What is not a promise of io.BytesIO, with the reason.
EXCLUDED = {
    "test_sizeof": "it is the size of CPython's struct",
}


class RoveBytesIOTest(test_memoryio.CBytesIOTest):
    """The C tests: contract, state, instance dictionaries, copy on write."""

    ioclass = rove.BytesIO


class RopeTest(RoveBytesIOTest):
    """The same, but the content lies in a rope from the beginning."""

    class ioclass(rove.BytesIO):
        def __init__(self, *args, **kwds):
            super().__init__(*args, **kwds)
            self.insert(b"")


def load(case, more=()):
    suite = unittest.TestSuite()
    for name in unittest.defaultTestLoader.getTestCaseNames(case):
        if name not in EXCLUDED and name not in more:
            suite.addTest(case(name))
    return suite


# A rope that is made of small bytes has copied them; and a subclass in Python has another state and no place to pickle it
# from.
ROPE = {"test_getstate", "test_setstate", "test_cow_mutable", "test_instance_dict_leak", "test_pickling",
        "test_copy", "test_init", "test_subclassing", "test_cow_setstate", "test_cow_truncate", "test_cow_write"}

if __name__ == "__main__":
    suite = load(RoveBytesIOTest)
    suite.addTests(load(RopeTest, ROPE))
    result = unittest.TextTestRunner(verbosity=1, stream=sys.stdout).run(suite)
    for name, why in EXCLUDED.items():
        print(f"left out: {name}: {why}")
    sys.exit(not result.wasSuccessful() or result.testsRun < 60)
