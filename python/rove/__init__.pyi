# SPDX-License-Identifier: MIT
# Types of the package.

from ._open import open as open
from ._rove import (
    BytesIO as BytesIO,
    ChecksumError as ChecksumError,
    compress as compress,
    DamagedError as DamagedError,
    DataError as DataError,
    Decoder as Decoder,
    decompress as decompress,
    default_pool_figures as default_pool_figures,
    digest as digest,
    Encoder as Encoder,
    Error as Error,
    FilterError as FilterError,
    filters as filters,
    FormatError as FormatError,
    Index as Index,
    LimitError as LimitError,
    load_plugin as load_plugin,
    Pool as Pool,
    Rope as Rope,
    SpecError as SpecError,
    TrailingError as TrailingError,
    trim as trim,
    TruncatedError as TruncatedError,
    View as View,
    __version__ as __version__,
)

def install() -> None: ...
def uninstall() -> None: ...
