"""Random processes, played by the engine and by an independent token game that must agree with it.

`model` is a process in memory, `markup` its BPMN file, `generator` makes them from a seed. `oracle` plays the token
game of BPMN 2.0.2 §13 as Camunda 8 documents it; it knows neither the server nor SpiffWorkflow. `product` plays the
same diagram with the engine, `play` draws the actions, `comparison` says whether the token game explains what the
engine did, `shrinking` makes a difference small. `python -m tests.conformance.bpmn --seed 1 --count 1000` hunts.
"""
