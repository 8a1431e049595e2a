"""What a file is that is no BPMN 2.0: named, so that whoever sent it knows what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.catalog.markup import BPMN, local_name, namespace

if TYPE_CHECKING:
    from lxml.etree import _Element

NAMESPACES = {
    "omg.org/spec/dmn": "a DMN file: let its name end in .dmn",
    "omg.org/spec/cmmn": "a CMMN case: cases are not executed; draw it as a process",
    "schema.omg.org/spec/bpmn/2.0": "a draft of BPMN 2.0: open it in a current modeller and save it again",
    "wfmc.org": "XPDL: export it as BPMN 2.0",
    "wsbpel": "BPEL: draw it as BPMN 2.0",
    "bpel": "BPEL: draw it as BPMN 2.0",
    "jbpm.org/jpdl": "jPDL of an older jBPM: draw it as BPMN 2.0",
    "bpmn": "another version of BPMN: open it in a current modeller and save it as BPMN 2.0",
}
"""Parts of namespaces in lower case, the more special ones first."""
ROOTS = {
    "html": "a web page: was a page to sign in saved instead of the file?",
    "mxfile": "a draw.io picture: export it as BPMN 2.0 or draw it in a BPMN modeller",
    "mxGraphModel": "a draw.io picture: export it as BPMN 2.0 or draw it in a BPMN modeller",
    "pnml": "a Petri net: draw it as BPMN 2.0",
    "svg": "a picture: deploy the diagram it was made from",
    "project": "a project file: deploy the diagrams themselves",
}


def describe_root(root: _Element) -> str:
    """Return what the file was found to be, by its root element, and what to do about it."""
    name, space = local_name(root), namespace(root) or ""
    found = f"the root element {name}"
    if space == BPMN:
        return f"{found}, a part of a BPMN file: expected definitions around it"
    hint = ROOTS.get(name) or next((said for part, said in NAMESPACES.items() if part in space.lower()), None)
    if hint is None:
        return found if space else f"{found} without a namespace"
    return f"{found}, {hint}"
