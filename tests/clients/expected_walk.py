"""What every client must see on the way of permits, whatever its language and way to sign in."""

EXPECTED_WALK = {
    "version": "8.9.0",
    "deployed": [1, 1, 1, 1],
    "job": {"retries": 3, "variables": {"number": "7", "area": 20}, "headers": {"register": "land"}},
    "task": {"name": "Decide 决定", "groups": ["desk"], "form": "permit_decision", "assignee": "chen"},
    "correlated": True,
    "granted": "COMPLETED",
    "refused": ["asked", "check", "on_refused", "refused"],
    "incident": {"type": "JOB_NO_RETRIES", "message": "the register is closed", "retries": 2, "left": False},
    "fee": "500",
    "cancelled": "TERMINATED",
    "unknown": "not found",
}
