"""A district that lives for some weeks on a clock of its own: residents report, people answer, are late, object.

Everything goes through the same doors as in an installation; what must hold is checked at the end. Nothing here is
imported by what is served. Source of the numbers: domain.md §10.
"""

from server.simulation.performance import Plan, run_simulation

__all__ = ["Plan", "run_simulation"]
