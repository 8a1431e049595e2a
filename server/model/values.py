"""The values of process variables."""

from collections.abc import Mapping

Variables = Mapping[str, object]
"""Variable names to canonical JSON values."""
