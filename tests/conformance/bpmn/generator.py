"""Makes random processes that are valid, and in which every loop is bounded by a counter.

Half of the bodies are built of blocks (splits with their joins, loops, sub-processes), half are flows drawn at random
between elements in a row, with edges back: their joins need not fit their splits.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from .model import Body, Condition, Flow, Many, Model, Node, Sum

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

NAMES = ("v0", "v1", "v2")
CODES = ("E1", "E2")
MESSAGES = {"m0": Sum(7), "m1": Sum(0, "v1"), "m2": Sum(1, "v2")}
SECONDS = (10, 20, 20, 30, 45, 60, 90)
LEAVES = ("user", "user", "user", "job", "job", "script", "pass", "timer", "message", "receive")
HOSTS = frozenset({"user", "job", "receive", "script", "sub", "call"})
DEEPEST = 3


def generate(rng: Random) -> Model:
    """Make a process, and the processes it calls."""
    return _Generator(rng).model()


@dataclass(slots=True)
class _Drawing:
    """A body while it is drawn, `depth` bodies inside the root process."""

    id: str
    depth: int
    nodes: dict[str, Node] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)

    def add(self, node: Node) -> str:
        self.nodes[node.id] = node
        return node.id


class _Generator:
    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.numbers = itertools.count(1)
        self.bodies: dict[str, Body] = {}
        self.counters: dict[str, str] = {}
        self.room = rng.randint(3, 16)
        self.handling = False  # inside an event sub-process nothing is thrown: it could call itself for ever

    def now_and_then(self, chance: float) -> bool:
        return self.rng.random() < chance

    def model(self) -> Model:
        self.body("p", 0, is_process=True)
        variables = {name: self.rng.randint(0, 3) for name in NAMES}
        counters = dict.fromkeys(self.counters, 0)
        return Model(self.bodies, variables | counters, MESSAGES)

    def body(self, body_id: str, depth: int, *, is_process: bool) -> None:
        drawing = _Drawing(body_id, depth)
        known = set(self.counters)
        start = drawing.add(Node(f"{body_id}_start", "start"))
        if self.rng.random() < 0.5:
            last = self.chain(drawing, start, self.rng.randint(1, 4))
            if last is not None and self.rng.random() < 0.8:
                self.link(drawing, last, self.end(drawing))
        else:
            self.web(drawing, start)
        if self.now_and_then(0.3):
            self.event_sub(drawing)
        if is_process and body_id != "p":
            self.reset(drawing, start, sorted(set(self.counters) - known))
        self.bodies[body_id] = Body(body_id, drawing.nodes, tuple(drawing.flows), is_process)

    def reset(self, drawing: _Drawing, start: str, counters: list[str]) -> None:
        """Let a called process begin with its counters at 0: it need not see those of its caller."""
        at = start
        for counter in counters:
            del self.counters[counter]
            script = drawing.add(Node(self.name("zero"), "script", result=(counter, Sum(0))))
            drawing.flows = [replace(f, source=script) if f.source == at else f for f in drawing.flows]
            self.link(drawing, at, script)
            at = script

    # -- pieces ----------------------------------------------------------------------------------------------------

    def name(self, kind: str) -> str:
        return f"{kind}{next(self.numbers)}"

    def link(self, drawing: _Drawing, source: str, target: str, condition: Condition | None = None) -> str:
        flow = Flow(f"f{next(self.numbers)}", source, target, condition)
        drawing.flows.append(flow)
        return flow.id

    def condition(self) -> Condition:
        return Condition(self.rng.choice(NAMES), self.rng.choice("=<<>>"), self.rng.randint(0, 3))

    def sum(self) -> Sum:
        return Sum(self.rng.randint(0, 3), self.rng.choice((*NAMES, "")))

    def end(self, drawing: _Drawing) -> str:
        kind = self.rng.choices(("end", "terminate", "error_end"), (8, 1, 1 if drawing.depth else 0.3))[0]
        if self.handling:
            kind = "end"
        elif self.now_and_then(0.15):
            kind = "escalation_end"
        code = "" if kind in {"end", "terminate"} else self.rng.choice(CODES)
        return drawing.add(Node(self.name(kind), kind, code=code))

    def mapped(self, node: Node) -> Node:
        if self.rng.random() < 0.15:
            names = self.rng.sample((*NAMES, "w0"), self.rng.randint(1, 2))
            node = replace(node, inputs=tuple((name, self.sum()) for name in names))
        if self.rng.random() < 0.15:
            names = self.rng.sample((*NAMES, "w1"), self.rng.randint(1, 2))
            node = replace(node, outputs=tuple((name, self.sum()) for name in names))
        return node

    def leaf(self, drawing: _Drawing) -> str:
        self.room -= 1
        kind = self.rng.choice(LEAVES)
        if self.now_and_then(0.1):
            kind = "signal"
        if not self.handling and self.now_and_then(0.1):
            kind = "escalation"
        node = Node(self.name(kind), kind)
        if kind in {"signal", "escalation"}:
            return drawing.add(replace(node, code=self.rng.choice(CODES)))
        if kind == "script":
            node = replace(node, result=(self.rng.choice((*NAMES, "w2")), self.sum()))
        elif kind == "timer":
            node = replace(node, seconds=self.rng.choice(SECONDS), delay=self.rng.choice(("", "", *NAMES)))
        elif kind in {"message", "receive"}:
            node = replace(node, message=self.rng.choice(tuple(MESSAGES)))
        return drawing.add(self.multiplied(self.mapped(node)))

    def multiplied(self, node: Node) -> Node:
        if node.kind not in {"user", "job", "sub", "call", "script"} or not self.now_and_then(0.3):
            return node
        count = self.rng.choice((0, 1, 2, 3))
        enough = self.rng.choice((None, None, 1, 2))
        output = self.rng.choice(("", self.name("out"), "w2"))
        element = Sum(0, self.rng.choice(("item", "w2", "result"))) if self.rng.random() < 0.7 else Sum(3, "item")
        return replace(node, many=Many(count, self.rng.random() < 0.5, enough, output, element))

    def event_sub(self, drawing: _Drawing) -> None:
        """Put an event sub-process into a body."""
        node = Node(self.name("event_sub"), "event_sub", body=self.name("on"))
        start = replace(self.catching(Node("", "sub")), id=f"{node.body}_start", kind="start", host="")
        inside = _Drawing(node.body, drawing.depth + 1)
        handling, self.handling = self.handling, True
        last = self.chain(inside, inside.add(start), self.rng.randint(1, 2))
        if last is not None:
            self.link(inside, last, self.end(inside))
        self.handling = handling
        self.bodies[node.body] = Body(node.body, inside.nodes, tuple(inside.flows), is_process=False)
        drawing.add(replace(node, body=node.body))

    def container(self, drawing: _Drawing) -> str:
        self.room -= 2
        kind = self.rng.choice(("sub", "sub", "call"))
        node = Node(self.name(kind), kind)
        body_id = self.name("q") if kind == "call" else node.id
        self.body(body_id, drawing.depth + 1, is_process=kind == "call")
        node = self.mapped(replace(node, body=body_id))
        if kind == "call":
            # A child that sees the counters of its caller must not bring old counts back.
            if self.rng.random() < 0.5:
                everything = tuple((name, Sum(0, name)) for name in NAMES)
                node = replace(node, inputs=everything, all_in=False, all_out=self.rng.random() < 0.7)
            else:
                node = replace(node, all_out=bool(node.outputs) and self.rng.random() < 0.5)
        return drawing.add(self.multiplied(node))

    def activity(self, drawing: _Drawing) -> str:
        if drawing.depth < DEEPEST and self.room > 0 and self.rng.random() < 0.25:
            return self.container(drawing)
        return self.leaf(drawing)

    def boundaries(self, drawing: _Drawing, host: str) -> Iterator[str]:
        """Put up to two boundary events at an activity."""
        kind = drawing.nodes[host].kind
        if kind not in HOSTS:
            return
        caught: set[tuple[str, str]] = set()
        for _ in range(self.rng.choices((0, 1, 2), (6, 3, 1) if kind not in {"sub", "call"} else (2, 4, 2))[0]):
            node = self.boundary(drawing.nodes[host])
            what = (node.event, node.message or node.code)
            if node.event == "timer" or what not in caught:
                caught.add(what)
                yield drawing.add(node)

    def boundary(self, host: Node) -> Node:
        node = self.catching(host)
        if self.rng.random() < 0.15:
            names = self.rng.sample((*NAMES, "w1"), self.rng.randint(1, 2))
            node = replace(node, outputs=tuple((name, self.sum()) for name in names))
        return node

    def catching(self, host: Node) -> Node:
        events = ("timer", "message", "error") if host.kind in {"job", "sub", "call"} else ("timer", "message")
        event = self.rng.choice(events)
        if self.now_and_then(0.2):
            event = "signal"
        if host.kind in {"sub", "call"} and self.now_and_then(0.4):
            event = "escalation"
        node = Node(self.name("on_" + event), "boundary", event=event, host=host.id)
        if event == "error":
            return replace(node, code=self.rng.choice((*CODES, "")))
        node = replace(node, interrupting=self.rng.random() < 0.5)
        if event in {"signal", "escalation"}:
            return replace(node, code=self.rng.choice((*CODES, "") if event == "escalation" else CODES))
        if event == "message":
            return replace(node, message=self.rng.choice(tuple(MESSAGES)))
        repeat = None
        if not node.interrupting and self.rng.random() < 0.5:
            # a cycle without an end only where the host itself can always be ended
            repeat = self.rng.choice((1, 2, 3, 0) if host.kind in {"user", "job"} else (1, 2, 3))
        delay = self.rng.choice(("", "", *NAMES)) if repeat is None else ""
        return replace(node, seconds=self.rng.choice(SECONDS), repeat=repeat, delay=delay)

    def counted(self, drawing: _Drawing, source: str, target: str) -> str:
        """Lead back from `source` to `target` at most a few times; return the gateway that also leads on."""
        counter = self.name("c")
        self.counters[counter] = drawing.id
        gate = drawing.add(Node(self.name("more"), "xor"))
        count = drawing.add(Node(self.name("count"), "script", result=(counter, Sum(1, counter))))
        self.link(drawing, source, gate)
        self.link(drawing, gate, count, Condition(counter, "<", self.rng.randint(1, 2)))
        self.link(drawing, count, target)
        return gate

    def lead_on(self, drawing: _Drawing, gate: str, target: str) -> None:
        """Give a gateway its default flow."""
        drawing.nodes[gate] = replace(drawing.nodes[gate], default=self.link(drawing, gate, target))

    # -- blocks ----------------------------------------------------------------------------------------------------

    def chain(self, drawing: _Drawing, at: str | None, length: int) -> str | None:
        """Draw blocks one after the other; return the last element, or None when no token comes out."""
        for _ in range(length):
            if at is None:
                return None
            draw = self.task
            if self.room > 0:
                draw = self.rng.choices((self.task, self.choice, self.fork, self.loop), (5, 1, 1.5, 1))[0]
                self.room -= 1
            at = draw(drawing, at)
        return at

    def task(self, drawing: _Drawing, at: str) -> str | None:
        if self.now_and_then(0.05):
            return self.jump(drawing, at)
        if self.now_and_then(0.08):
            return self.race(drawing, at)
        node = self.activity(drawing)
        self.link(drawing, at, node)
        for event in list(self.boundaries(drawing, node)):
            last = self.chain(drawing, event, self.rng.choice((0, 1, 1)))
            if last is None:
                continue
            how = self.rng.random()
            if how < 0.5:
                self.link(drawing, last, self.end(drawing))
            elif how < 0.8:
                merge = drawing.add(Node(self.name("merge"), "xor"))
                self.link(drawing, node, merge)
                self.link(drawing, last, merge)
                node = merge
        return node

    def jump(self, drawing: _Drawing, at: str) -> str:
        name = self.name("link")
        self.link(drawing, at, drawing.add(Node(f"throw_{name}", "link_throw", code=name)))
        return drawing.add(Node(f"catch_{name}", "link_catch", code=name))

    def race(self, drawing: _Drawing, at: str) -> str:
        """Draw an event-based gateway whose branches meet again."""
        gate = drawing.add(Node(self.name("race"), "event_gateway"))
        self.link(drawing, at, gate)
        merge = drawing.add(Node(self.name("merge"), "xor"))
        for kind in self.rng.sample(("timer", "timer", "message"), 2):
            seconds = self.rng.choice(SECONDS) if kind == "timer" else 0
            message = self.rng.choice(tuple(MESSAGES)) if kind == "message" else ""
            event = drawing.add(Node(self.name(kind), kind, seconds=seconds, message=message))
            self.link(drawing, gate, event)
            self.link(drawing, event, merge)
        return merge

    def branches(self, drawing: _Drawing, split: str) -> list[str]:
        """Draw what stands between a split and its join; return the ends that go on."""
        ends = []
        for _ in range(self.rng.randint(2, 3)):
            first = self.chain(drawing, split, self.rng.choice((0, 1, 1, 1, 1, 2, 2)))
            if first is not None and self.rng.random() < 0.12:
                self.link(drawing, first, self.end(drawing))
            elif first is not None:
                ends.append(first)
        return ends

    def join(self, drawing: _Drawing, ends: list[str], kind: str) -> str | None:
        if not ends:
            return None
        node = Node(self.name("join"), kind) if self.rng.random() < 0.85 else Node(self.name("pass"), "pass")
        for end in ends:
            self.link(drawing, end, drawing.add(node))
        return node.id

    def choice(self, drawing: _Drawing, at: str) -> str | None:
        split = drawing.add(Node(self.name("choose"), "xor"))
        self.link(drawing, at, split)
        joined = self.join(drawing, self.branches(drawing, split), "xor")
        self.decide(drawing, split)
        return joined

    def decide(self, drawing: _Drawing, split: str) -> None:
        """Put conditions behind an exclusive gateway; nearly always one flow is the default."""
        flows = [flow for flow in drawing.flows if flow.source == split and flow.condition is None]
        if len([flow for flow in drawing.flows if flow.source == split]) < 2 or drawing.nodes[split].default:
            return
        default = self.rng.choice(flows) if self.rng.random() < 0.95 else None
        for flow in flows:
            if flow is default:
                drawing.nodes[split] = replace(drawing.nodes[split], default=flow.id)
            else:
                drawing.flows[drawing.flows.index(flow)] = replace(flow, condition=self.condition())

    def fork(self, drawing: _Drawing, at: str) -> str | None:
        if self.now_and_then(0.5):
            split = drawing.add(Node(self.name("some"), "or"))
            self.link(drawing, at, split)
            ends = self.branches(drawing, split)
            join = self.name("join")
            for end in ends:
                self.link(drawing, end, drawing.add(Node(join, "or")))
            self.decide(drawing, split)
            return join if ends else None
        split = drawing.add(Node(self.name("fork"), "and" if self.rng.random() < 0.8 else "pass"))
        self.link(drawing, at, split)
        return self.join(drawing, self.branches(drawing, split), "and" if self.rng.random() < 0.9 else "xor")

    def loop(self, drawing: _Drawing, at: str) -> str | None:
        head = drawing.add(Node(self.name("again"), "xor"))
        self.link(drawing, at, head)
        last = self.chain(drawing, head, self.rng.randint(1, 2))
        if last is None:
            return None
        gate = self.counted(drawing, last, head)
        after = drawing.add(Node(self.name("pass"), "pass"))
        self.lead_on(drawing, gate, after)
        return after

    # -- webs ------------------------------------------------------------------------------------------------------

    def web(self, drawing: _Drawing, start: str) -> None:
        """Draw elements in a row, each reached from an earlier one, with more flows forward and a few back."""
        row, sources = [start], [start]
        for _ in range(self.rng.randint(2, 7)):
            node = self.web_node(drawing)
            self.link(drawing, self.rng.choice(sources[-4:]), node)
            row.append(node)
            sources += [node, *self.boundaries(drawing, node)]
        for _ in range(self.rng.randint(0, 4)):
            source = self.rng.choice(sources)
            later = row[row.index(source) + 1 if source in row else row.index(drawing.nodes[source].host) + 1 :]
            if later:
                self.link(drawing, source, self.rng.choice(later))
        for _ in range(self.rng.choice((0, 0, 1, 2))):
            self.web_back(drawing, row)
        for node in list(drawing.nodes.values()):
            if node.kind in {"xor", "and"} or self.rng.random() < 0.5:
                self.web_end(drawing, node)
        for node in [node for node in drawing.nodes.values() if node.kind == "xor"]:
            self.decide(drawing, node.id)

    def web_node(self, drawing: _Drawing) -> str:
        kind = self.rng.choices(("activity", "xor", "and"), (5, 2, 2))[0]
        return self.activity(drawing) if kind == "activity" else drawing.add(Node(self.name(kind), kind))

    def web_end(self, drawing: _Drawing, node: Node) -> None:
        ends = node.kind in {"end", "terminate", "error_end"}
        if not ends and not any(flow.source == node.id for flow in drawing.flows):
            self.link(drawing, node.id, self.end(drawing))

    def web_back(self, drawing: _Drawing, row: list[str]) -> None:
        """Break a flow open, so that it also leads back."""
        forward = [flow for flow in drawing.flows if flow.source in row[1:] and flow.target in row]
        if not forward:
            return
        flow = self.rng.choice(forward)
        drawing.flows.remove(flow)
        gate = self.counted(drawing, flow.source, self.rng.choice(row[1 : row.index(flow.source) + 1]))
        self.lead_on(drawing, gate, flow.target)
