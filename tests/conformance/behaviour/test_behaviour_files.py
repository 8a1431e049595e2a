"""Files as tools write them: Camunda Modeler, other prefixes, pools with lanes, artefacts, drawings."""

from __future__ import annotations

import pytest

MODELER = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
  xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:di="http://www.omg.org/spec/DD/20100524/DI"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:modeler="http://camunda.org/schema/modeler/1.0"
  xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0" xmlns:color="http://www.omg.org/spec/BPMN/non-normative/color/1.0"
  id="Definitions_1" targetNamespace="http://bpmn.io/schema/bpmn" exporter="Camunda Modeler" exporterVersion="5.40.0"
  modeler:executionPlatform="Camunda Cloud" modeler:executionPlatformVersion="8.8.0">
  <bpmn:process id="Process_1" name="Permit" isExecutable="true">
    <bpmn:documentation>What &amp; why</bpmn:documentation>
    <bpmn:extensionElements>
      <zeebe:versionTag value="1.2" />
      <zeebe:properties><zeebe:property name="owner" value="desk" /></zeebe:properties>
    </bpmn:extensionElements>
    <bpmn:startEvent id="StartEvent_1" name="Asked">
      <bpmn:extensionElements>
        <zeebe:properties><zeebe:property name="a" value="b" /></zeebe:properties>
      </bpmn:extensionElements>
      <bpmn:outgoing>Flow_1</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:sequenceFlow id="Flow_1" sourceRef="StartEvent_1" targetRef="Activity_1" />
    <bpmn:userTask id="Activity_1" name="Look at it" zeebe:modelerTemplate="t" zeebe:modelerTemplateVersion="2"
      zeebe:modelerTemplateIcon="data:image/svg+xml;utf8,x">
      <bpmn:documentation>Look well</bpmn:documentation>
      <bpmn:extensionElements>
        <zeebe:userTask />
        <zeebe:assignmentDefinition assignee="=reviewer" />
        <zeebe:taskSchedule dueDate="=now() + duration(&#34;P1D&#34;)" />
        <zeebe:ioMapping>
          <zeebe:output source="=decision" target="approved" />
        </zeebe:ioMapping>
      </bpmn:extensionElements>
      <bpmn:incoming>Flow_1</bpmn:incoming>
      <bpmn:outgoing>Flow_2</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:sequenceFlow id="Flow_2" sourceRef="Activity_1" targetRef="Gateway_1" />
    <bpmn:exclusiveGateway id="Gateway_1" name="Approved?" default="Flow_no">
      <bpmn:incoming>Flow_2</bpmn:incoming>
      <bpmn:outgoing>Flow_yes</bpmn:outgoing>
      <bpmn:outgoing>Flow_no</bpmn:outgoing>
    </bpmn:exclusiveGateway>
    <bpmn:sequenceFlow id="Flow_yes" name="yes" sourceRef="Gateway_1" targetRef="Event_yes">
      <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=approved</bpmn:conditionExpression>
    </bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="Flow_no" name="no" sourceRef="Gateway_1" targetRef="Event_no" />
    <bpmn:endEvent id="Event_yes"><bpmn:incoming>Flow_yes</bpmn:incoming></bpmn:endEvent>
    <bpmn:endEvent id="Event_no">
      <bpmn:incoming>Flow_no</bpmn:incoming>
      <bpmn:terminateEventDefinition id="TerminateEventDefinition_1" />
    </bpmn:endEvent>
    <bpmn:boundaryEvent id="Event_late" cancelActivity="false" attachedToRef="Activity_1">
      <bpmn:outgoing>Flow_late</bpmn:outgoing>
      <bpmn:timerEventDefinition id="TimerEventDefinition_1">
        <bpmn:timeDuration xsi:type="bpmn:tFormalExpression">P2D</bpmn:timeDuration>
      </bpmn:timerEventDefinition>
    </bpmn:boundaryEvent>
    <bpmn:sequenceFlow id="Flow_late" sourceRef="Event_late" targetRef="Activity_call" />
    <bpmn:serviceTask id="Activity_call">
      <bpmn:extensionElements>
        <zeebe:taskDefinition type="work" />
        <zeebe:taskHeaders><zeebe:header key="to" value="=reviewer" /></zeebe:taskHeaders>
      </bpmn:extensionElements>
      <bpmn:incoming>Flow_late</bpmn:incoming>
    </bpmn:serviceTask>
    <bpmn:dataObjectReference id="DataObjectReference_1" dataObjectRef="DataObject_1" />
    <bpmn:dataObject id="DataObject_1" />
    <bpmn:dataStoreReference id="DataStoreReference_1" name="Register" />
    <bpmn:textAnnotation id="TextAnnotation_1"><bpmn:text>by law</bpmn:text></bpmn:textAnnotation>
    <bpmn:association id="Association_1" associationDirection="None" sourceRef="Activity_1"
      targetRef="TextAnnotation_1" />
    <bpmn:group id="Group_1" categoryValueRef="CategoryValue_1" />
  </bpmn:process>
  <bpmn:category id="Category_1"><bpmn:categoryValue id="CategoryValue_1" value="desk" /></bpmn:category>
  <bpmndi:BPMNDiagram id="BPMNDiagram_1">
    <bpmndi:BPMNPlane id="BPMNPlane_1" bpmnElement="Process_1">
      <bpmndi:BPMNShape id="StartEvent_1_di" bpmnElement="StartEvent_1" bioc:stroke="#0d4372"
        color:border-color="#0d4372">
        <dc:Bounds x="152" y="82" width="36" height="36" />
        <bpmndi:BPMNLabel color:color="#0d4372"><dc:Bounds x="150" y="125" width="40" height="14" /></bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="Flow_1_di" bpmnElement="Flow_1">
        <di:waypoint x="188" y="100" /><di:waypoint x="240" y="100" />
      </bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""

POOLS = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<!-- written by another tool -->
<definitions targetNamespace="urn:x" id="D" xmlns:z="http://camunda.org/schema/zeebe/1.0"
  xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:other="urn:other" expressionLanguage="http://www.w3.org/1999/XPath">
  <message name="go" id="M"><extensionElements><z:subscription correlationKey="=case"/></extensionElements></message>
  <dataStore id="DS" name="Register"/>
  <collaboration id="C">
    <participant id="P1" name="Desk" processRef="desk"/>
    <participant id="P2" name="Citizen" processRef="citizen"/>
    <participant id="P3" name="A closed pool"/>
    <messageFlow id="MF" sourceRef="ask" targetRef="wait"/>
    <textAnnotation id="TA"><text>note</text></textAnnotation>
  </collaboration>
  <process isExecutable="true" id="desk">
    <laneSet id="LS">
      <lane id="L1" name="front"><flowNodeRef>s</flowNodeRef><flowNodeRef>wait</flowNodeRef>
        <childLaneSet id="LS2"><lane id="L2"><flowNodeRef>t</flowNodeRef></lane></childLaneSet></lane>
    </laneSet>
    <startEvent id="s"/>
    <sequenceFlow targetRef="wait" sourceRef="s" id="f1"/>
    <intermediateCatchEvent id="wait"><messageEventDefinition messageRef="M"/></intermediateCatchEvent>
    <sequenceFlow targetRef="t" id="f2" sourceRef="wait"/>
    <userTask id="t">
      <extensionElements><z:userTask/><other:thing much="1"><other:more/></other:thing></extensionElements>
    </userTask>
  </process>
  <process id="citizen" isExecutable="false">
    <task id="ask"/><complexGateway id="anything"/><transaction id="here"/>
  </process>
</definitions>
"""


def play_permit(play) -> None:
    run = play.start("Process_1", reviewer="lin")
    (task,) = run.open_tasks
    assert (task["name"], task["assignee"]) == ("Look at it", "lin")
    assert task["dueDate"] == "2026-03-02T08:00:00.000Z"
    play.wait(days=2)
    assert run.active == ["Activity_1", "Activity_call"]
    assert run.work("Activity_call")["customHeaders"] == {"to": "=reviewer"}
    run.complete("Activity_1", decision=True, remark="x")
    assert (run.state, run.variables) == ("COMPLETED", {"reviewer": "lin", "approved": True})
    assert run.flows == ["Flow_1", "Flow_2", "Flow_late", "Flow_yes"]


def test_a_file_of_camunda_modeler(play) -> None:
    """What Camunda Modeler writes beside the process is read over: drawing, colours, templates, properties."""
    deployed = play.send_files({"permit.bpmn": MODELER.encode()}, 200)["deployments"][0]["processDefinition"]
    assert (deployed["processDefinitionId"], deployed["resourceName"]) == ("Process_1", "permit.bpmn")
    play_permit(play)


@pytest.mark.parametrize("prefix", ["bpmn2:", "semantic:", ""])
def test_the_prefix_does_not_matter(play, prefix) -> None:
    """Names count by their namespace."""
    text = (
        MODELER.replace("bpmn:tFormal", "B-tFormal").replace("<bpmn:", f"<{prefix}").replace("</bpmn:", f"</{prefix}")
    )
    name = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
    text = text.replace("xmlns:bpmn=", f"{name}=").replace("B-tFormal", f"{prefix}tFormal")
    play.send_files({"permit.bpmn": text.encode()}, 200)
    play_permit(play)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_the_encoding_does_not_matter(play, encoding) -> None:
    """XML says its encoding, or has a byte order mark."""
    declared = "UTF-8" if encoding == "utf-8-sig" else encoding.upper()
    text = MODELER.replace('encoding="UTF-8"', f'encoding="{declared}"').replace("Look at it", "看一看")
    play.send_files({"permit.bpmn": text.encode(encoding)}, 200)
    assert play.start("Process_1", reviewer="lin").open_tasks[0]["name"] == "看一看"


def test_pools_and_lanes_of_another_tool(play) -> None:
    """Pools that are not executable may hold anything; lanes, data and foreign extensions change nothing."""
    play.send_files({"pools.bpmn": POOLS.encode()}, 200)
    play.call("/process-instances", {"processDefinitionId": "citizen"}, status=404)
    run = play.start("desk", case="7")
    play.publish("go", "7")
    assert run.tasks == ["t"]


def test_two_executable_pools_of_one_file(play) -> None:
    """Each executable process of a file is deployed."""
    both = POOLS.replace('isExecutable="false"', 'isExecutable="true"')
    both = both.replace(
        '<task id="ask"/><complexGateway id="anything"/><transaction id="here"/>', '<startEvent id="s2"/>'
    )
    assert len(play.send_files({"pools.bpmn": both.encode()}, 200)["deployments"]) == 2
    assert play.start("citizen").ended


def test_a_file_without_an_executable_process_is_refused(play) -> None:
    """There would be nothing to start."""
    text = MODELER.replace('isExecutable="true"', 'isExecutable="false"')
    assert "executable" in play.send_files({"permit.bpmn": text.encode()}, 400)["detail"]
