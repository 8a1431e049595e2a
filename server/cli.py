"""The commands: `muster serve | worker | migrate | deploy | check | test | demo`, and groups such as `muster user`."""

from __future__ import annotations

import io
import json
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server import __version__
from server.access import SYSTEM
from server.actions import ACTIONS
from server.clock import system_clock
from server.commands import audit, calendar, instances, organisation, people, programs, retention, tokens
from server.commands.installation import data_dir_option, opened
from server.config import add_vault_key, is_vault_key_given, read_config
from server.courier import start_couriers
from server.engine import StartPlan
from server.errors import DefinitionInvalid, MusterError, NotFound
from server.governance.organisation import parse_organisation
from server.service import calendar as calendar_service
from server.service import check_report, checks, deployments, example_district, identity, shipped, vault
from server.service.decision_trial import try_decision
from server.worker import Worker

if TYPE_CHECKING:
    from server.service.context import Context

HOME = Path(__file__).resolve().parent.parent
"""Where the shipped processes, forms and the example organisation lie."""
MANY_FILES = 20
"""From so many files on, a check shows on a terminal how far it is."""


class Commands(click.Group):
    """Shows errors of the server as one line instead of a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; an error of the server ends it with exit code 1."""
        try:
            return super().invoke(ctx)
        except DefinitionInvalid as error:
            for finding in error.findings:
                click.echo(f"{finding.path}: {finding.element_id}: {finding.message}", err=True)
        except MusterError as error:
            click.echo(f"muster: {error}", err=True)
        sys.exit(1)


@click.group(cls=Commands)
@click.version_option(__version__)
def main() -> None:
    """Muster · 报到: executes the governance processes that you draw in BPMN."""


@main.command()
@click.option("--bind", metavar="HOST:PORT", help="address to serve on (MUSTER_BIND)")
@data_dir_option
@click.option("--no-demo", is_flag=True, help="leave out the example district and its people")
@click.option("--open-access", is_flag=True, help="no authentication at all; on a loopback address only")
def serve(bind: str | None, data_dir: str | None, *, no_demo: bool, open_access: bool) -> None:
    """Serve the API and run what is due."""
    from server import serving  # noqa: PLC0415 - gunicorn is needed by this command only

    config = read_config(bind=bind, data_dir=data_dir, open_access=open_access)
    serving.check_address(config)
    with opened(config) as context:
        lines = _prepare(context, example=not no_demo)
    lines.insert(0, f"Muster {__version__} serves on http://{config.bind}  (API: /docs)")
    serving.serve(config, lambda: click.echo("\n".join(lines)))


def _prepare(context: Context, *, example: bool) -> list[str]:
    """Bring a database to what the first start needs; returns what the person at the terminal should read."""
    lines = []
    password = identity.ensure_administrator(context)
    if password is not None:
        lines.append(f"administrator: admin / {password}  (shown once; change it with `muster user passwd admin`)")
    if example:
        lines += _seed_example(context)
    text = (HOME / "organisation" / "calendar.csv").read_text(encoding="utf-8")
    calendar_service.seed_calendar(context, text)
    shipment = shipped.deploy_shipped(context, _shipped_resources())
    if shipment.deployment is not None:
        names = ", ".join(f"{p.process_id} v{p.version}" for p in shipment.deployment.processes)
        lines.append(f"deployed: {names}")
    if shipment.overridden:
        names = ", ".join(shipment.overridden)
        lines.append(f"not deployed, because administrators changed them: {names}")
        lines.append("(`muster deploy processes forms` applies the shipped versions)")
    return lines


def _shipped_resources() -> list[tuple[str, bytes]]:
    return shipped.read_files(shipped.find_files(HOME / "processes", HOME / "forms"))


def _seed_example(context: Context) -> list[str]:
    files = sorted((HOME / "organisation").glob("*.yaml"))
    organisation, findings = parse_organisation({file.name: file.read_text(encoding="utf-8") for file in files})
    if findings:
        raise DefinitionInvalid(findings)
    password = example_district.seed_example(context, organisation)
    if password is None:
        return []
    return [f"example people (organisation/people.yaml), e.g. {next(iter(organisation.people))} / {password}"]


@main.command()
@data_dir_option
def worker(data_dir: str | None) -> None:
    """Run what is due, as a process of its own."""
    config = read_config(data_dir=data_dir)
    with opened(config) as context:
        running = Worker(context, threading.Event())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: running.stopping.set())
        start_couriers(context, running.stopping)
        click.echo("worker started")
        running.run()


@main.command()
@data_dir_option
def migrate(data_dir: str | None) -> None:
    """Bring the database to the newest revision."""
    with opened(read_config(data_dir=data_dir)) as context:
        click.echo(f"the database is at revision {context.store.migration_state()[0]}")


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@data_dir_option
def deploy(paths: tuple[Path, ...], data_dir: str | None) -> None:
    """Deploy diagrams, decisions and forms together; folders are searched."""
    with opened(read_config(data_dir=data_dir)) as context:
        result = deployments.deploy(context, SYSTEM, shipped.read_files(shipped.find_files(*paths)))
    for process in result.processes:
        click.echo(f"process {process.process_id} version {process.version} key {process.key}")
    for form in result.forms:
        click.echo(f"form {form.form_id} version {form.version} key {form.key}")
    for decision in result.decisions:
        click.echo(f"decision {decision.decision_id} version {decision.version} key {decision.key}")


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="lines, or one document")
@click.option("--quiet", is_flag=True, help="the verdicts and the summary, without findings")
@click.option("--strict", is_flag=True, help="warnings count, too")
@click.option("--as-executable", is_flag=True, help="judge processes that are not marked executable, too")
def check(paths: tuple[Path, ...], form: str, *, quiet: bool, strict: bool, as_executable: bool) -> None:
    """Say of every file whether it would be deployed and run exactly; exit code 1 if one would not."""
    files = checks.find_candidates(paths)
    if not files:
        raise NotFound(f"expected files ending in .bpmn, .dmn or .form at or below {paths[0]}, found none")
    checker = checks.Checker(ACTIONS, StartPlan(system_clock(), read_config().timezone), as_executable)
    hidden = len(files) < MANY_FILES or not sys.stderr.isatty()
    with click.progressbar(files.items(), label="checking", file=sys.stderr, hidden=hidden) as shown:
        result = checker.check(shown)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # element names of any script, terminals of any
    for line in check_report.lines(result, quiet=quiet) if form == "text" else [check_report.document(result)]:
        click.echo(line)
    sys.exit(0 if result.is_clean(strict=strict) else 1)


@main.command("test")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
def play_scenarios(paths: tuple[Path, ...]) -> None:
    """Play scenarios.yaml files, or the shipped ones; exit code 1 if a scenario fails."""
    from server.scenario import run_suite  # noqa: PLC0415 - needed by this command only

    sys.exit(0 if run_suite(HOME, paths, click.echo) else 1)


@main.command()
@click.option(
    "--data-dir", metavar="DIR", type=click.Path(path_type=Path), help="keep the result here, for a look at it"
)
def demo(data_dir: Path | None) -> None:
    """Play examples/matters.yaml through all roles on a server of its own; exit code 1 if a matter ends otherwise."""
    from server.demo import run_demo  # noqa: PLC0415 - needed by this command only

    sys.exit(0 if run_demo(HOME, data_dir, click.echo) else 1)


@main.command()
@click.option("--days", type=click.IntRange(1, 400), default=90, show_default=True, help="how long the district lives")
@click.option("--seed", type=int, default=1, show_default=True, help="the same seed makes the same days")
@click.option("--per-day", type=click.FloatRange(0.1, 200), default=4.0, show_default=True, help="matters on average")
@click.option(
    "--data-dir", metavar="DIR", type=click.Path(path_type=Path), help="keep the result here, for a look at it"
)
def simulate(days: int, seed: int, per_day: float, data_dir: Path | None) -> None:
    """Let the example district live for some weeks on a clock of its own; exit code 1 if something does not hold."""
    from server.simulation import Plan, run_simulation  # noqa: PLC0415 - needed by this command only

    sys.exit(0 if run_simulation(HOME, Plan(days, seed, per_day), data_dir, click.echo) else 1)


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("decision")
@click.option("--with", "variables", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON file")
def decide(file: Path, decision: str, variables: Path | None) -> None:
    """Evaluate a decision of a DMN file and show which rules matched."""
    given = {} if variables is None else json.loads(variables.read_text(encoding="utf-8"))
    trial = try_decision(file.read_bytes(), decision, given, system_clock(), read_config().timezone)
    for line in trial.lines():
        click.echo(line)


@main.group("vault")
def vault_commands() -> None:
    """Look after the identity vault."""


@vault_commands.command("rotate")
@data_dir_option
def rotate_vault(data_dir: str | None) -> None:
    """Put every entry under the first key of MUSTER_VAULT_KEY, or under a new one in the data directory."""
    config = read_config(data_dir=data_dir)
    if not is_vault_key_given():
        add_vault_key(config.data_dir)
        config = read_config(data_dir=data_dir)
    with opened(config) as context:
        rotation = vault.rotate(context, SYSTEM)
    click.echo(f"re-wrapped {rotation.rewrapped} entries under the key {rotation.key_id}")
    for key_id, entries in sorted(rotation.entries.items()):
        click.echo(f"key {key_id}: {entries} entries")
    click.echo("restart every server and worker, rotate once more, and then remove the older keys")


for group in (
    organisation.absence,
    organisation.organisation_commands,
    audit.audit,
    retention.retention,
    people.user,
    people.claim,
    tokens.token,
    programs.client,
    calendar.calendar,
    instances.instance,
):
    main.add_command(group)
