"""Muster · 报到: governance processes drawn in BPMN, executed."""

__version__ = "0.1.0"
