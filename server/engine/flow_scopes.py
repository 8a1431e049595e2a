"""Flow scopes: the process and sub-process instances around an element, those that run and those yet to be opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.engine.specs.ad_hoc import INNER, AdHocContainer
from server.engine.specs.multi_instance import EACH
from server.errors import Conflict, InvalidArgument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.engine.definitions import ExecutableProcess
    from server.engine.tokens import Container


@dataclass(eq=False, slots=True)
class FlowScope:
    """One flow scope; `name` is that of its specs, and without a container it is yet to be opened in its parent."""

    name: str
    parent: FlowScope | None
    container: Container | None = None

    @property
    def ways_in(self) -> Iterator[FlowScope]:
        """Yield the scope and those around it, up to the process instance."""
        at: FlowScope | None = self
        while at is not None:
            yield at
            at = at.parent

    @property
    def base(self) -> Container:
        """The innermost container around that runs already, or that of the scope itself."""
        return next(scope.container for scope in self.ways_in if scope.container is not None)

    @property
    def element_id(self) -> str:
        """The id of the process or of the element whose inside this is."""
        if self.parent is not None and self.parent.name == self.name + INNER:
            return self.name + INNER
        return _id_of(self.name)

    @property
    def entrance(self) -> str:
        """The id of what enters the base: the outermost sub-process yet to be opened; empty when all runs."""
        closed = [scope.element_id for scope in self.ways_in if scope.container is None]
        return closed[-1] if closed else ""


def find_path(executable: ExecutableProcess, element_id: str) -> list[str]:
    """Return the names of the specs around an element, the process first.

    A multi-instance body and an ad-hoc sub-process around its inner instances have names of their own.
    """
    around = {node_id: body.id for body in executable.bodies.values() for node_id in body.nodes}
    names: list[str] = []
    name = around[element_id]
    while True:
        names.append(name)
        if name == executable.process.body.id:
            return names[::-1]
        if executable.nodes[name].ad_hoc is not None:
            names.append(name + INNER)
        if executable.nodes[name].multi_instance is not None:
            names.append(name + EACH)
        name = around[name]


class FlowScopes:
    """The flow scopes of one process instance, and those that a modification is going to open."""

    def __init__(self, process: Container) -> None:
        self.process = FlowScope(process.spec.name, None, process)
        self.executable = process.executable
        self._all = [self.process]
        by_key = {process.key: self.process}
        for container in process.execution.containers.values():
            if container.instance_key == process.key and container.owner is not None and not container.is_process:
                scope = FlowScope(container.spec.name, by_key[container.owner.workflow.key], container)
                by_key[container.key] = scope
                self._all.append(scope)
        self._by_key = by_key

    @property
    def containers(self) -> list[Container]:
        """The containers of the process instance, outer ones first."""
        return [scope.container for scope in self._all if scope.container is not None]

    def find(self, element_id: str, ancestor_key: int | None) -> FlowScope:
        """Return the flow scope in which an element is to be activated.

        With `ancestor_key` everything between that scope and the element is opened anew, except that the body of the
        very element, when it is a multi-instance activity, takes another instance of it. Without it each scope on the
        way is the only one that runs, or a new one; in an ad-hoc sub-process each element gets an inner instance of
        its own. Raises `InvalidArgument` where that does not tell one scope, `Conflict` where nothing begins any more.
        Source of the rule: Camunda 8, "process instance modification", "activate a nested element".
        """
        path = find_path(self.executable, element_id)
        if ancestor_key is None:
            return self._walk(path, element_id)
        found = self._by_key.get(ancestor_key)
        if found is not None and found.name == element_id + EACH:
            return found
        if found is None or found.name not in path:
            what = (
                "no active flow scope of this process instance" if found is None else f"one of {_id_of(found.name)!r}"
            )
            raise InvalidArgument(
                f"expected the ancestor {ancestor_key} to be an active instance of the process or of a sub-process "
                f"around {element_id!r}, but it is {what}"
            )
        for name in path[path.index(found.name) + 1 :]:
            found = self._open(found, name, element_id)
        return found

    def nearest(self, key: int, element_id: str) -> int:
        """Return the key of the innermost flow scope at or around the scope `key` that also surrounds an element."""
        path = find_path(self.executable, element_id)
        return next(scope.base.key for scope in self._by_key[key].ways_in if scope.name in path)

    def _walk(self, path: list[str], element_id: str) -> FlowScope:
        scope = self.process
        for name in path[1:]:
            if name.endswith(EACH):
                raise InvalidArgument(
                    f"{element_id!r} stands in the multi-instance activity {_id_of(name)!r}: expected "
                    f"ancestorElementInstanceKey to say in which instance of it; active are {self._keys(path)}"
                )
            if scope.name.endswith(INNER):  # each activation has an inner instance of its own
                scope = self._open(scope, name, element_id)
                continue
            inside = [one for one in self._all if one.parent is scope and one.name == name]
            if len(inside) > 1:
                raise InvalidArgument(
                    f"{element_id!r} stands in {name!r}, of which several instances are active: expected "
                    f"ancestorElementInstanceKey to say in which; active are {self._keys(path)}"
                )
            scope = inside[0] if inside else self._open(scope, name, element_id)
        return scope

    def _open(self, parent: FlowScope, name: str, element_id: str) -> FlowScope:
        if name.endswith(EACH) or parent.name.endswith(EACH):
            raise InvalidArgument(
                f"activating {element_id!r} would open an instance of the multi-instance activity {_id_of(name)!r} "
                "without its item: give the key of a running instance as ancestor, or activate that activity itself"
            )
        if isinstance(parent.container, AdHocContainer) and parent.container.is_done:
            raise Conflict(f"the ad-hoc sub-process {parent.container.key} is done: nothing begins in it any more")
        scope = FlowScope(name, parent)
        self._all.append(scope)
        return scope

    def _keys(self, path: list[str]) -> str:
        keys = [str(one.container.key) for one in self._all if one.name == path[-1] and one.container is not None]
        return ", ".join(keys) or "none"


def _id_of(name: str) -> str:
    return name.removesuffix(EACH).removesuffix(INNER)
