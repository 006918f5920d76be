# SPDX-License-Identifier: MIT
# Builds the extension by CMake, from the source tree that this folder lies in, for the Python that runs this.
# CMAKE_ARGS has more for CMake.

import os
import pathlib
import re
import shlex
import subprocess
import sys

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent


def version():
    header = (ROOT / "include/rove/version.h").read_text()
    return ".".join(re.search(rf"#define ROVE_VERSION_{part} (\d+)", header)[1] for part in ("MAJOR", "MINOR", "PATCH"))


class CMakeBuild(build_ext):
    def build_extension(self, ext):
        build = pathlib.Path(self.build_temp).resolve()
        subprocess.check_call([
            "cmake", "-S", str(ROOT), "-B", str(build), "-DCMAKE_BUILD_TYPE=Release", "-DROVE_BUILD_PYTHON=ON",
            "-DROVE_BUILD_TESTS=OFF", "-DROVE_BUILD_TOOL=OFF", "-DROVE_BUILD_PLUGINS=OFF",
            f"-DPython3_EXECUTABLE={sys.executable}", *shlex.split(os.environ.get("CMAKE_ARGS", ""))])
        subprocess.check_call(["cmake", "--build", str(build), "--target", "rove_python", "--parallel"])
        target = pathlib.Path(self.get_ext_fullpath(ext.name))
        target.parent.mkdir(parents=True, exist_ok=True)
        [made] = (build / "python/rove").glob("_rove*.so")
        self.copy_file(str(made), str(target))


setup(
    version=version(),
    packages=["rove"],
    package_data={"rove": ["py.typed", "*.pyi"]},
    ext_modules=[Extension("rove._rove", sources=[])],
    cmdclass={"build_ext": CMakeBuild},
)
