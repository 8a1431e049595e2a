"""What a database holds before a scenario begins: the organisation, an administrator and one deployment."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from server.access import SYSTEM
from server.errors import DefinitionInvalid
from server.governance.organisation import parse_organisation
from server.model import UserAccount
from server.scenario.cast import ADMINISTRATOR
from server.scenario.clock import MovableClock
from server.scenario.document import find_home
from server.scenario.stage import open_context
from server.service import calendar, deployments, identity, shipped

if TYPE_CHECKING:
    from pathlib import Path

    from server.config import Config
    from server.governance.organisation import Organisation
    from server.service.deployments import Resource

PROCESSES = "processes"
FORMS = "forms"


@dataclass(frozen=True, slots=True)
class Scenery:
    """Equal sceneries make equal databases."""

    organisation: Organisation = field(compare=False)
    calendar: str = field(repr=False)
    resources: tuple[Resource, ...] = field(repr=False)

    def build(self, config: Config) -> None:
        """Make the tables and fill them. Raises `DefinitionInvalid` for files that cannot be deployed."""
        context = open_context(config, MovableClock())
        try:
            context.store.migrate()
            plans = tuple(replace(plan, active=False) for plan in self.organisation.plans)
            identity.seed_organisation(context, replace(self.organisation, plans=plans))
            with context.store.transaction() as tx:
                tx.add_user(UserAccount(ADMINISTRATOR, ADMINISTRATOR, None, context.now(), admin=True))
            calendar.seed_calendar(context, self.calendar)
            deployments.deploy(context, SYSTEM, self.resources)
        finally:
            context.store.close()


def read_scenery(home: Path, file: Path | None = None) -> Scenery:
    """Return the scenery of a scenario file, or of the shipped ones.

    `home` holds the shipped `processes/`, `forms/` and `organisation/`. A file elsewhere adds what lies beside it: all
    of `processes/` and `forms/` when its folder is in a folder called `processes`, else its own folder. A file of the
    same name takes the place of the shipped one. Raises `DefinitionInvalid` for mistakes in the organisation.
    """
    files = shipped.find_files(home / PROCESSES, home / FORMS)
    if file is not None and (home / PROCESSES).resolve() not in file.resolve().parents:
        folder = find_home(file)
        whole = folder.parent.name == PROCESSES
        own = shipped.find_files(*([folder.parent, folder.parent.parent / FORMS] if whole else [folder]))
        names = {one.name for one in own}
        files = [one for one in files if one.name not in names] + own
    text = (home / "organisation" / "calendar.csv").read_text(encoding="utf-8")
    return Scenery(read_organisation(home), text, tuple(shipped.read_files(files)))


def read_organisation(home: Path) -> Organisation:
    """Read the example organisation; raises `DefinitionInvalid`."""
    files = sorted((home / "organisation").glob("*.yaml"))
    organisation, findings = parse_organisation({file.name: file.read_text(encoding="utf-8") for file in files})
    if findings:
        raise DefinitionInvalid(findings)
    return organisation
