"""What click has read of a command line. What type a value has is said by its option, where that is declared."""

from __future__ import annotations

from typing import Any

Given = dict[str, Any]
"""The values by the names of their options."""
