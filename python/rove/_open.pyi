# SPDX-License-Identifier: MIT
# Types of open().

import io
from typing import Any, Literal, overload

from ._rove import Decoder, Encoder

@overload
def open(file: Any, mode: Literal["r", "rb"] = "rb", spec: str = "auto", **limits: Any) -> Decoder: ...
@overload
def open(file: Any, mode: Literal["w", "wb", "x", "xb", "a", "ab"], spec: str = "auto", **limits: Any) -> Encoder: ...
@overload
def open(file: Any, mode: Literal["rt", "wt", "xt", "at"], spec: str = "auto", *, encoding: str | None = None,
         errors: str | None = None, newline: str | None = None, **limits: Any) -> io.TextIOWrapper: ...
