"""Use cases: one function is one transaction and one commit: load, check, step, save."""
