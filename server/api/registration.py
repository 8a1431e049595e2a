"""Bringing the API into an application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.api import (
    absences,
    attachments,
    audit,
    batch_operations,
    bodies,
    bulk,
    calendar,
    cases,
    claimed_groups,
    clients,
    clocks,
    co_signers,
    comments,
    copies,
    decision_definitions,
    decision_instances,
    deliveries,
    deployments,
    documentation,
    drafts,
    element_instances,
    hand_offs,
    health,
    histories,
    incidents,
    indicators,
    jobs,
    lists,
    me,
    meeting_plans,
    meetings,
    message_subscriptions,
    messages,
    migration,
    modification,
    notifications,
    oauth,
    oidc,
    open311,
    process_definitions,
    process_instances,
    public_reports,
    resident_data,
    resources,
    retention,
    returns,
    sessions,
    signals,
    task_returns,
    timers,
    tokens,
    topology,
    user_tasks,
    users,
    variables,
    vault,
    waiting,
    webhooks,
)
from server.api.blueprint import Api
from server.api.problems import register_problems
from server.api.security_headers import register_security_headers
from server.api.waiting_room import open_waiting_room

if TYPE_CHECKING:
    from flask import Flask

    from server.service.context import Context

NOUNS = (
    topology,
    me,
    meeting_plans,
    meetings,
    oauth,
    sessions,
    oidc,
    deployments,
    process_definitions,
    decision_definitions,
    decision_instances,
    resources,
    process_instances,
    migration,
    modification,
    batch_operations,
    returns,
    user_tasks,
    hand_offs,
    co_signers,
    task_returns,
    copies,
    comments,
    bulk,
    drafts,
    attachments,
    vault,
    element_instances,
    histories,
    variables,
    incidents,
    indicators,
    jobs,
    timers,
    messages,
    message_subscriptions,
    signals,
    waiting,
    deliveries,
    lists,
    cases,
    public_reports,
    resident_data,
    clients,
    tokens,
    claimed_groups,
    users,
    absences,
    calendar,
    clocks,
    notifications,
    webhooks,
    audit,
    retention,
    health,
)
INTRODUCTION = (
    "`/v2` is a subset of the Camunda 8 Orchestration Cluster REST API: its clients work here. `/api` has what Camunda "
    "has no word for. Sign in with Basic, a personal token, or a token of `/oauth/token`. Every error is "
    "`application/problem+json`. Keys are decimal strings, times ISO 8601 in UTC."
)
SECURITY = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "muster-session",
        "description": "of `POST /login`; with X-CSRF-Token",
    },
    "basic": {"type": "http", "scheme": "basic"},
    "bearer": {"type": "http", "scheme": "bearer", "description": "a personal token, or one of /oauth/token"},
}


def register_api(app: Flask) -> None:
    """Add every endpoint of the API, its documentation, and the translation of errors, to the application.

    Its `Context` must stand in `app.extensions["muster"]` already.
    """
    context: Context = app.extensions["muster"]
    app.config.update(
        API_TITLE="Muster",
        API_VERSION="v2",
        OPENAPI_VERSION="3.1.0",
        MAX_CONTENT_LENGTH=bodies.UPLOAD_LIMIT,
    )
    register_security_headers(app, context)
    register_problems(app)
    api = Api(app, info={"description": INTRODUCTION}, security=[{name: []} for name in SECURITY])
    for name, scheme in SECURITY.items():
        api.spec.components.security_scheme(name, scheme)
    for noun in NOUNS:
        api.register_blueprint(noun.blueprint)
    api.register_blueprint(sessions.owned)
    api.register_blueprint(audit.logs)
    app.register_blueprint(documentation.blueprint)
    app.register_blueprint(open311.blueprint)
    app.extensions[documentation.EXTENSION] = api
    open_waiting_room(app, context.config.threads)
