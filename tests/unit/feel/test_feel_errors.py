"""What somebody reads who has mistyped."""

from __future__ import annotations

import inspect
import pickle
import sys

import pytest

from server.feel import FeelSyntaxError, compile_expression, compile_unary_tests
from server.feel.names import NameIndex
from server.feel.parser.operands import OperandParser

MESSAGES = {
    "": "Expected a value, but found the end of the expression (line 1, column 1)",
    "1 +": "Expected a value, but found the end of the expression (line 1, column 4)",
    "金额 ＞ 1000": 'Expected the end of the expression, but found the full-width character "＞" (write ">") '
    "(line 1, column 4)",
    "1 2": 'Expected an operator or the end of the expression, but found "2" (line 1, column 3)',
    "1 then": 'Expected the end of the expression, but found "then" (line 1, column 3)',
    "a ! b": 'Expected the end of the expression, but found "!" (line 1, column 3)',
    "(1": 'Expected ")", but found the end of the expression (line 1, column 3)',
    "[1, 2": 'Expected "," or "]", but found the end of the expression (line 1, column 6)',
    "[1..2": 'Expected "]" or ")" at the end of the range, but found the end of the expression (line 1, column 6)',
    "]1, 2]": 'Expected "..", but found "," (line 1, column 3)',
    "f(1 2)": 'Expected "," or ")", but found "2" (line 1, column 5)',
    "f(a: 1, 2)": 'Expected either all arguments with names or none, but found "2" (line 1, column 9)',
    "f(1, a: 2)": 'Expected either all arguments with names or none, but found "2" (line 1, column 9)',
    "{a: 1": 'Expected "," or "}", but found the end of the expression (line 1, column 6)',
    "{a 1}": 'Expected ":", but found "}" (line 1, column 5)',
    "{1: 2}": 'Expected the name of an entry, but found "1" (line 1, column 2)',
    "{a: 1, a: 2}": 'The context has two entries named "a" (line 1, column 9)',
    "if a then b": 'Expected "else", but found the end of the expression (line 1, column 12)',
    "if a\nelse b": 'Expected "then", but found "else" (line 2, column 1)',
    "for 1 in x return 1": 'Expected the name of a variable, but found "1" (line 1, column 5)',
    "for x in y": 'Expected "return", but found the end of the expression (line 1, column 11)',
    "x instance number": 'Expected "of", but found "number" (line 1, column 12)',
    "x instance of 5": 'Expected a type, but found "5" (line 1, column 15)',
    "x instance of list<number": 'Expected ">", but found the end of the expression (line 1, column 26)',
    "x instance of context<a number>": 'Expected ":", but found ">" (line 1, column 31)',
    "x instance of context<a: number b: x>": 'Expected ",", but found ":" (line 1, column 34)',
    "x instance of function<number, number>": 'Expected "->", but found the end of the expression (line 1, column 39)',
    "x.": "Expected a name, but found the end of the expression (line 1, column 3)",
    "x.5": 'Expected a name, but found "5" (line 1, column 3)',
    '"a': 'Expected a closing " for the string that starts here (line 1, column 1)',
    "`a": 'Expected a closing "`", but found the end of the expression (line 1, column 3)',
    "@5": 'Expected a date, time or duration in quotes after "@", but found "5" (line 1, column 2)',
    "function(1) 2": 'Expected the name of a parameter, but found "1" (line 1, column 10)',
    "function(a b": 'Expected ",", but found the end of the expression (line 1, column 13)',
    "x between 1": 'Expected "and", but found the end of the expression (line 1, column 12)',
    "1 in (1, 2": 'Expected ")", but found the end of the expression (line 1, column 11)',
    "“高”": 'Expected a value, but found the full-width character "“" (write """) (line 1, column 1)',
    "x " + "y" * 50 + " 1 = = 2": 'Expected a value, but found "=" (line 1, column 58)',
    "1 " + "y" * 50: 'Expected an operator or the end of the expression, but found "'
    + "y" * 40
    + '…" (line 1, column 3)',
}


@pytest.mark.parametrize("text", MESSAGES)
def test_a_mistake_is_explained(text: str) -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        compile_expression(text)
    assert str(caught.value) == MESSAGES[text]


def test_the_error_names_its_place() -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        compile_expression("1 +\n  * 2")
    error = caught.value
    assert (error.position, error.line, error.column) == (6, 2, 3)
    assert error.message == 'Expected a value, but found "*"'


def test_the_error_can_be_sent_between_processes() -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        compile_expression("1 +\n  * 2")
    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own bytes
    assert (str(copy), copy.position, copy.line, copy.column) == (str(caught.value), 6, 2, 3)


@pytest.mark.parametrize(
    "text", ["1, ", "not(1", "not(1) not", "[1..", "> ", "1 2", "not(> )", "working days between(1, , 2)"]
)
def test_a_cell_is_checked_too(text: str) -> None:
    with pytest.raises(FeelSyntaxError):
        compile_unary_tests(text)


def test_deep_nesting_far_up_the_stack_is_a_syntax_error_too() -> None:
    def climb(levels: int) -> None:
        if levels:
            climb(levels - 1)
        else:
            compile_expression("[" * 60 + "7" + "]" * 60)

    with pytest.raises(FeelSyntaxError, match="nested too deeply"):
        climb(sys.getrecursionlimit() - len(inspect.stack()) - 150)


def test_operands_alone_are_no_grammar() -> None:
    operands = OperandParser("1", NameIndex())
    for read in (operands.expression, operands.operand_of_test, lambda: operands.clause("if")):
        with pytest.raises(NotImplementedError):
            read()
