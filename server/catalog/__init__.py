"""Reading and judging what administrators deploy: BPMN diagrams, DMN tables and forms.

`read_resources` is the door: files in, definitions and findings out. Whatever a diagram holds that is not executed
exactly is a finding; silence is never an answer.
"""

from server.catalog.four_eyes import NOT_BY
from server.catalog.model import FlowNode, Process, SequenceFlow, SubProcess, Value
from server.catalog.resources import Catalog, read_resources

__all__ = ["NOT_BY", "Catalog", "FlowNode", "Process", "SequenceFlow", "SubProcess", "Value", "read_resources"]
