"""One test for each row of the table of elements (`server/catalog/elements.py`), in three modes with the same history.

Straight, reloaded before every step, and reloaded before every single move of a token. The last one stands for
"compacted": tokens are removed as they finish (ADR 5), so there is nothing to compact between steps; what a compaction
could break – something that only memory knows – is lost here in the middle of every step instead.
"""
