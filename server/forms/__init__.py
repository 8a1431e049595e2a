"""Forms: form-js schemas, and the judgement of what was submitted for them. Pure: no I/O, no clock, no framework.

`server.forms.loading` holds the marshmallow facade; it is not imported here.
"""

from server.forms.choices import Option
from server.forms.export import json_schema
from server.forms.files import FileField, find_values
from server.forms.findings import check_form
from server.forms.form import Form, Submission, parse_form
from server.forms.json_values import write_pointer
from server.forms.privacy import PrivateField
from server.forms.rendering import RenderedComponent
from server.forms.serving import calls_any, put_options_in

__all__ = [
    "FileField",
    "Form",
    "Option",
    "PrivateField",
    "RenderedComponent",
    "Submission",
    "calls_any",
    "check_form",
    "find_values",
    "json_schema",
    "parse_form",
    "put_options_in",
    "write_pointer",
]
