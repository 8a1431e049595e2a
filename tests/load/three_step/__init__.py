"""The common workload: three user tasks behind each other, played over HTTP; `python -m tests.load.three_step`."""
