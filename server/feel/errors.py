"""The errors of FEEL.

::

    FeelError
    ├── FeelSyntaxError   the text is not FEEL (raised when it is compiled)
    ├── BudgetExceeded    an evaluation took too many steps, too much space or too long
    └── Refused           an operation has no value; inside an evaluation it becomes null with a warning
"""


class FeelError(Exception):
    """Any error of this package."""


class FeelSyntaxError(FeelError):
    """The text is not a FEEL expression.

    ``message`` says in plain words what was expected and what was found, ``position`` counts characters from 0,
    ``line`` and ``column`` count from 1.
    """

    def __init__(self, message: str, text: str, position: int) -> None:
        before = text[:position]
        self.message = message
        self.position = position
        self.line = before.count("\n") + 1
        self.column = position - (before.rfind("\n") + 1) + 1
        super().__init__(f"{message} (line {self.line}, column {self.column})")

    def __reduce__(self) -> str | tuple[object, ...]:
        """Make the error copyable: its constructor takes the text, which is not kept."""
        return _restore, (self.message, self.position, self.line, self.column)


def _restore(message: str, position: int, line: int, column: int) -> FeelSyntaxError:
    error = FeelSyntaxError(message, "", 0)
    error.position, error.line, error.column = position, line, column
    error.args = (f"{message} (line {line}, column {column})",)
    return error


class BudgetExceeded(FeelError):
    """An expression needs more steps, space, depth or time than an evaluation may take."""


class Refused(FeelError):
    """An operation has no value for these operands; the message is the warning that goes with the null.

    Injected functions raise it to refuse their arguments.
    """
