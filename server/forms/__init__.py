"""Forms: form-js schemas, and the judgement of what was submitted for them. Pure: no I/O, no clock, no framework.

`server.forms.loading` holds the marshmallow facade; it is not imported here.
"""

from server.forms.findings import check_form
from server.forms.form import Form, Submission, parse_form

__all__ = ["Form", "Submission", "check_form", "parse_form"]
