# SPDX-License-Identifier: MIT
# What README.md shows is what is printed.

import doctest
import pathlib
import sys

if __name__ == "__main__":
    readme = pathlib.Path(__file__).resolve().parent.parent / "README.md"
    failed, tried = doctest.testfile(str(readme), module_relative=False)
    print(f"{tried} examples, {failed} failed")
    sys.exit(failed or tried < 20)
