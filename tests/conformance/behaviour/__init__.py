"""What Camunda 8 does with small diagrams, held against the server over `/v2` alone.

Each test deploys a diagram, drives it as clients do and looks at what clients see; its docstring is the rule of Camunda
8's documentation, or of BPMN 2.0.2, that it holds. Only time is moved from inside: no endpoint may move it.
"""
