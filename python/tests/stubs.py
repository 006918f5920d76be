# SPDX-License-Identifier: MIT
# The .pyi files say what the module does, by stubtest, and what a user's program may do, by mypy --strict.

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def main():
    try:
        import mypy.stubtest  # noqa: F401
    except ImportError:
        print("mypy is not installed")
        return 77
    import rove
    environment = dict(os.environ, MYPYPATH=str(pathlib.Path(rove.__file__).parent.parent))
    failed = 0
    with tempfile.TemporaryDirectory() as work:
        shutil.copy(HERE / "typed.py", work)  # away from the tests beside it, which have names of the standard library
        for command in (["mypy.stubtest", "rove"],
                        ["mypy", "--strict", f"--cache-dir={work}/cache", "-p", "rove"],
                        ["mypy", "--strict", f"--cache-dir={work}/cache", "typed.py"]):
            failed |= subprocess.call([sys.executable, "-m", *command], cwd=work, env=environment)
    return failed


if __name__ == "__main__":
    sys.exit(main())
