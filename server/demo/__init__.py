"""The demonstration: real matters played through all roles over real HTTP, told step by step."""

from .performance import run_demo

__all__ = ["run_demo"]
