"""Connectors: the ways out of the house, one folder each.

A folder is found by its being here: its package has `CHANNEL`, the name of its deliveries, and `open_connector`, which
gets the settings and returns the connector, or None where the installation has no use for it. Nothing else knows it.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

from server.connectors.delivering import Connector, Handover, LeaseLost, NotSent, Uncertain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.model import ConnectorSettings

__all__ = ["Connector", "Handover", "LeaseLost", "NotSent", "Uncertain", "open_connectors"]


def open_connectors(settings: ConnectorSettings) -> Mapping[str, Connector]:
    """Return the connector of every channel that these settings allow."""
    found: dict[str, Connector] = {}
    for folder in pkgutil.iter_modules(__path__):
        if folder.ispkg:
            package = importlib.import_module(f"{__name__}.{folder.name}")
            connector = package.open_connector(settings)
            if connector is not None:
                found[package.CHANNEL] = connector
    return found
