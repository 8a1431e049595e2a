"""Pages for people: server-rendered, one GET that calls use cases; no business rule in a template.

A noun has a module here and a folder in `templates/`. Everything works by plain links and forms; where scripts run,
htmx exchanges parts. Source: docs/pages.md.
"""
