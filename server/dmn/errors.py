"""The errors of DMN.

::

    DmnError
    ├── NoSuchDecision       the model has no decision or service of this id or name
    ├── RecursiveDecision    a decision needs its own result
    └── HitPolicyViolated    the rules that matched are not what the table's hit policy allows
        ├── UniquenessViolated   UNIQUE: more than one rule matched
        └── OutputsDiffer        ANY: the rules that matched have different outputs
"""


class DmnError(Exception):
    """Any error of this package."""


class NoSuchDecision(DmnError):
    """The model has no decision or decision service of this id or name."""


class RecursiveDecision(DmnError):
    """A decision needs its own result."""


class HitPolicyViolated(DmnError):
    """The rules that matched are not what the table's hit policy allows.

    ``table`` is the table's name and ``rules`` are the numbers of the rules that matched, from 1.
    """

    def __init__(self, message: str, table: str, rules: tuple[int, ...]) -> None:
        super().__init__(message)
        self.table = table
        self.rules = rules


class UniquenessViolated(HitPolicyViolated):
    """More than one rule of a table with the hit policy UNIQUE matched."""


class OutputsDiffer(HitPolicyViolated):
    """The rules of a table with the hit policy ANY that matched have different outputs."""
