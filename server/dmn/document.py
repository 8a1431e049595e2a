"""XML of any DMN version, read by local names: the five namespaces differ in nothing that matters here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator

Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml's own name for the type of elements
EXPRESSIONS: Final = frozenset(
    {
        "literalExpression",
        "context",
        "decisionTable",
        "invocation",
        "list",
        "relation",
        "functionDefinition",
        "conditional",
        "for",
        "every",
        "some",
        "filter",
    }
)
_NAMESPACES: Final = (
    "http://www.omg.org/spec/DMN/",
    "https://www.omg.org/spec/DMN/",
)


class NotDmn(Exception):
    """The text is no XML, or no DMN."""


def parse_document(xml: bytes) -> Element:
    """Return the ``definitions`` of a DMN file. Entities and the network are off.

    :raises NotDmn: when the text is something else
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotDmn(f"The file is no XML: {error}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotDmn("A DMN file must not have a document type declaration")
    name = etree.QName(root)
    if name.localname.lower() != "definitions" or not (name.namespace or "").startswith(_NAMESPACES):
        raise NotDmn(f'The file is no DMN: its root is "{name.localname}" of the namespace "{name.namespace or ""}"')
    return root


def local_name(element: Element) -> str:
    """Return an element's name without its namespace."""
    return etree.QName(element).localname


def children(element: Element, *names: str) -> Iterator[Element]:
    """Yield the children that have one of these names."""
    for child in element:
        if local_name(child) in names:
            yield child


def child(element: Element, *names: str) -> Element | None:
    """Return the first child that has one of these names."""
    return next(children(element, *names), None)


def text_of(element: Element | None) -> str:
    """Return the text of an element's ``text`` child, or an empty one."""
    found = None if element is None else child(element, "text")
    return "" if found is None else (found.text or "").strip()


def attribute(element: Element, name: str) -> str:
    """Return an attribute of no namespace, or an empty text."""
    return (element.get(name) or "").strip()


def normalised(name: str) -> str:
    """Return a name with its white space collapsed, as expressions refer to it."""
    return " ".join(name.split())


def expression_of(element: Element) -> Element | None:
    """Return the boxed expression within an element."""
    return child(element, *EXPRESSIONS)


def reference(element: Element | None) -> tuple[str, str]:
    """Return the namespace (empty for the own one) and id that an ``href`` points to."""
    href = "" if element is None else attribute(element, "href")
    namespace, _, identifier = href.rpartition("#")
    return namespace, identifier
