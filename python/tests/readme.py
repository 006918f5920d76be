# SPDX-License-Identifier: MIT
# What README.md shows is what is printed.

import doctest
import importlib.util
import pathlib
import re
import sys


def parts(text):
    """The blocks of the text; without those that import what is not installed, and what goes on from them."""
    for part in re.split(r"\n(?=\S[^\n]*:\n\n    >>>|## )", text):
        names = re.findall(r">>> (?:import|from) (\w+)", part)
        missing = [name for name in names if importlib.util.find_spec(name) is None]
        if missing:
            print("left out:", *missing)
        else:
            yield part


if __name__ == "__main__":
    readme = pathlib.Path(__file__).resolve().parent.parent / "README.md"
    text = "\n".join(parts(readme.read_text(encoding="utf-8")))
    test = doctest.DocTestParser().get_doctest(text, {"__name__": "readme"}, readme.name, str(readme), 0)
    failed, tried = doctest.DocTestRunner().run(test)
    print(f"{tried} examples, {failed} failed")
    sys.exit(failed or tried < 20)
