"""FEEL, the expression language of DMN 1.5, on its own: nothing here knows the rest of the server.

>>> compile_expression('if 金额 > 1000 then "升级" else "办理"').evaluate({"金额": 2500}).value
'升级'

Expressions are compiled once and shared by threads. Numbers are decimals of 34 digits; errors of users are null with a
warning, as FEEL defines; hostile texts end in :class:`BudgetExceeded`.
"""

from .budget import Budget
from .errors import BudgetExceeded, FeelError, FeelSyntaxError, Refused
from .expression import Expression, UnaryTests, compile_expression, compile_unary_tests
from .functions import BUILTINS, define_function
from .json_values import from_json, to_json
from .printing import format_value
from .run import Environment, Evaluation, Warning  # noqa: A004 - the word that FEEL users read
from .temporal import Date, DateAndTime, DaysAndTimeDuration, Time, YearsAndMonthsDuration, Zone
from .values import FeelValue, Function, Range

__all__ = [
    "BUILTINS",
    "Budget",
    "BudgetExceeded",
    "Date",
    "DateAndTime",
    "DaysAndTimeDuration",
    "Environment",
    "Evaluation",
    "Expression",
    "FeelError",
    "FeelSyntaxError",
    "FeelValue",
    "Function",
    "Range",
    "Refused",
    "Time",
    "UnaryTests",
    "Warning",
    "YearsAndMonthsDuration",
    "Zone",
    "compile_expression",
    "compile_unary_tests",
    "define_function",
    "format_value",
    "from_json",
    "to_json",
]
