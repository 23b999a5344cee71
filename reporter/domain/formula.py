"""Formulas of declarations: arithmetic over named series, and nothing else.

Goes in: ``"claimants / (insured_s33 + claimants) * 100"`` and the named series. Comes out: the computed series.
Source: the study's annex, 17 KILM and 74 KIP-MOL indicators. A formula is data from a file, so it is walked as a
syntax tree; only numbers, names, + - * / and abs() are known.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

import numpy as np
import pandas as pd

_MAX_LENGTH = 500


def names(formula: str) -> tuple[str, ...]:
    """Series named in a formula, in order of appearance. Raises ValueError when it is no such arithmetic."""
    if len(formula) > _MAX_LENGTH:
        raise ValueError("too long")
    try:
        tree = ast.parse(formula, mode="eval").body
    except (SyntaxError, RecursionError, MemoryError, ValueError) as error:
        raise ValueError("not an expression") from error
    return tuple(dict.fromkeys(_walk_names(tree)))


def _walk_names(node: ast.expr) -> list[str]:
    match node:
        case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
            return []
        case ast.Name(id=name):
            return [name]
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), right=right):
            return _walk_names(left) + _walk_names(right)
        case ast.Call(func=ast.Name(id="abs"), args=[argument], keywords=[]):
            return _walk_names(argument)
    raise ValueError(f"only numbers, names, + - * / and abs() are known, not {ast.unparse(node)[:40]}")


def evaluate(formula: str, series: Mapping[str, pd.Series]) -> pd.Series:
    """Compute a formula; series are aligned on their index. Division by zero gives NaN. Raises KeyError, ValueError."""
    names(formula)
    result = _value(ast.parse(formula, mode="eval").body, series)
    if not isinstance(result, pd.Series):
        raise ValueError("the formula names no series")
    return result.replace([np.inf, -np.inf], np.nan)


def _value(node: ast.expr, series: Mapping[str, pd.Series]) -> pd.Series | float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            found: pd.Series = series[name]
            return found
        case ast.Call(args=[argument]):
            argument_value = _value(argument, series)
            return argument_value.abs() if isinstance(argument_value, pd.Series) else abs(argument_value)
        case ast.BinOp(left=left, op=operator, right=right):
            first, second = _value(left, series), _value(right, series)
            match operator:
                case ast.Add():
                    return first + second
                case ast.Sub():
                    return first - second
                case ast.Mult():
                    return first * second
                case _:
                    return first / second
    raise AssertionError(node)
