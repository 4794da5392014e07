"""What the suites hold an account to is told as it is in any test."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("contract.reader", "contract.writer")
