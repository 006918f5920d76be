# SPDX-License-Identifier: MIT
# What README.md shows is what is printed, and the program of the README.md above it does what it is shown for.

import doctest
import gzip
import importlib.util
import pathlib
import re
import subprocess
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


def twin(text):
    """Whether the text has one program, which writes what the text says."""
    program, = re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S)
    written = gzip.decompress(subprocess.check_output([sys.executable, "-c", program]))
    print(written)
    return f"print `{written.decode().rstrip()}`" in text


if __name__ == "__main__":
    readme = pathlib.Path(__file__).resolve().parent.parent / "README.md"
    text = "\n".join(parts(readme.read_text(encoding="utf-8")))
    test = doctest.DocTestParser().get_doctest(text, {"__name__": "readme"}, readme.name, str(readme), 0)
    failed, tried = doctest.DocTestRunner().run(test)
    print(f"{tried} examples, {failed} failed")
    above = readme.parent.parent / readme.name
    sys.exit(failed or tried < 20 or not twin(above.read_text(encoding="utf-8")))
