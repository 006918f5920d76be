# SPDX-License-Identifier: MIT
# What the tests that draw have in common with those written in C (tests/support/suite.h): one seed and one scale.

import os
import random

_text = os.environ.get("ROVE_SEED", "20240229")  # one commit has one verdict; "random" looks for what this seed does not find
SEED = random.randrange(1, 2**32) if _text == "random" else int(_text, 0)
SCALE = float(os.environ.get("ROVE_TEST_SCALE", 1))
