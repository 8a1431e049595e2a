"""Bounds that hostile or mistaken submissions run into at once, long before they cost time or space."""

from __future__ import annotations

from typing import Final

MAX_SCHEMA_BYTES: Final = 2_000_000
"""Length of a form-js file; the largest in practice are well under 100 kB."""
MAX_COMPONENTS: Final = 2_000
"""Components of one form, all levels together."""
MAX_NESTING: Final = 20
"""How deep groups and lists may be nested."""
MAX_TEXT: Final = 100_000
"""Length of one text value, in UTF-16 units."""
MAX_ROWS: Final = 1_000
"""Rows of one dynamic list."""
MAX_CHOICES: Final = 1_000
"""Selected values of one checklist or tag list."""
MAX_FILES: Final = 50
"""File references of one file picker."""
MAX_INSTANCES: Final = 20_000
"""Fields of one submission, counting every row."""
MAX_PROBLEMS: Final = 100
"""Problems reported for one submission."""
MAX_DIGITS: Final = 34
"""Significant digits and digits before the decimal point of a number: what FEEL computes with."""
MAX_DEPTH: Final = 30
"""Nesting of a JSON value that is compared with options."""
