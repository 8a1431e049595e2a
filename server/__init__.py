"""Muster · 报到: governance processes drawn in BPMN, executed."""
