# SPDX-License-Identifier: MIT
# pip install ./python without a network, by the lines of README.md, from a copy of the source tree; what README.md shows
# works with what was installed.

import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WHERE = "import rove, rove._rove; print(rove.__file__, rove._rove.__file__, rove.__version__)"


def main():
    for name in ("pip", "setuptools", "wheel"):
        if importlib.util.find_spec(name) is None:
            print(f"{name} is not installed")
            return 77
    # What pip is told by the environment is not what the test is about, nor is the module that the build has made.
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "PYTHON"))}
    environment["CMAKE_ARGS"] = "-DCMAKE_BUILD_TYPE=Debug"  # built in half the time
    lines = re.search(r"^Offline, .*?\n\n((?:    .*\n)+)", (HERE.parent / "README.md").read_text(encoding="utf-8"), re.M)[1]
    with tempfile.TemporaryDirectory() as work:
        tree, programs = pathlib.Path(work, "tree"), pathlib.Path(work, "programs")
        shutil.copytree(ROOT, tree, symlinks=True, ignore=shutil.ignore_patterns("build", ".git"))
        programs.mkdir()
        (programs / "python3").symlink_to(sys.executable)
        environment |= {"HOME": work, "PATH": f"{programs}:{environment['PATH']}"}
        subprocess.check_call(["sh", "-ec", lines], cwd=tree, env=environment)
        shutil.rmtree(tree)  # what is installed needs nothing of it
        python = next(pathlib.Path(work).glob("*/bin/python3"))
        target = next(python.parent.parent.glob("lib*/python3*/site-packages"))
        for name in ("rove/py.typed", "rove/__init__.pyi", "rove/_rove.pyi", "rove/_open.pyi"):
            assert (target / name).is_file(), name
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        said = subprocess.check_output([python, "-c", WHERE], cwd=work, env=environment, text=True).split()
        print(*said)
        assert all(path.startswith(str(target)) for path in said[:2]), said
        assert list(target.glob(f"rove-{said[2]}.dist-info")), said
        return subprocess.call([python, str(HERE / "readme.py")], cwd=work, env=environment)


if __name__ == "__main__":
    sys.exit(main())
