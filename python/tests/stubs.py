# SPDX-License-Identifier: MIT
# The .pyi files say what the module does, by stubtest, and what a user's program may do, by mypy --strict.

import filecmp
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def stale(package):
    """Files of the package's source of which the build folder has none, or an older one."""
    source = HERE.parent / "rove"
    names = [path.name for path in source.iterdir() if path.is_file()]
    _, differ, missing = filecmp.cmpfiles(source, package, names, shallow=False)
    return differ + missing


def main():
    import rove
    package = pathlib.Path(rove.__file__).parent
    failed = 0
    for name in stale(package):
        print(f"{package / name} is not what it is made of: build it again")
        failed = 1
    try:
        import mypy.stubtest  # noqa: F401
    except ImportError:
        print("mypy is not installed")
        return failed or 77
    environment = dict(os.environ, MYPYPATH=str(package.parent))
    with tempfile.TemporaryDirectory() as work:
        shutil.copy(HERE / "typed.py", work)  # away from the tests beside it, which have names of the standard library
        for command in (["mypy.stubtest", "rove"],
                        ["mypy", "--strict", f"--cache-dir={work}/cache", "-p", "rove"],
                        ["mypy", "--strict", f"--cache-dir={work}/cache", "typed.py"]):
            failed |= subprocess.call([sys.executable, "-m", *command], cwd=work, env=environment)
    return failed


if __name__ == "__main__":
    sys.exit(main())
