"""The HTTP API: one blueprint a noun, thin: marshmallow loads, one service call, render.

`/v2` speaks Camunda 8's REST words, `/api` what Camunda has no word for. Source: docs/api.md.
"""
