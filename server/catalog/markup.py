"""XML as administrators send it: parsed without entities, network or unbounded size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from server.errors import InvalidArgument, PayloadTooLarge

if TYPE_CHECKING:
    from lxml.etree import _Element

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
MODELER = "http://camunda.org/schema/modeler/1.0"
LARGEST_FILE = 5 * 1024 * 1024
DEEPEST_NESTING = 200


def parse_xml(name: str, content: bytes) -> _Element:
    """Return the root element of an XML file.

    Raises `PayloadTooLarge` above 5 MiB and `InvalidArgument` for text that is no XML, for a document type
    declaration (entities are never read, so none may be declared) and for nesting deeper than 200 elements.
    """
    if len(content) > LARGEST_FILE:
        raise PayloadTooLarge(f"{name}: expected at most {LARGEST_FILE} bytes, found {len(content)}")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise InvalidArgument(f"{name}: expected well-formed XML, found: {error.msg}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise InvalidArgument(f"{name}: a document type declaration is not accepted; remove the DOCTYPE line")
    _refuse_deep_nesting(name, root)
    return root


def _refuse_deep_nesting(name: str, root: _Element) -> None:
    depth = 0
    for action, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if action == "start" else -1
        if depth > DEEPEST_NESTING:
            raise InvalidArgument(f"{name}: elements are nested deeper than {DEEPEST_NESTING}")


def local_name(element: _Element) -> str:
    """Return the tag without its namespace."""
    return etree.QName(element).localname


def namespace(element: _Element) -> str | None:
    """Return the namespace of the tag."""
    return etree.QName(element).namespace
