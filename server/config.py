"""The settings: one frozen record, read from the environment in this module only."""

from __future__ import annotations

import difflib
import os
import re
import secrets
import shlex
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from server.errors import SettingInvalid
from server.model import MailServer

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "MUSTER_"
DEFAULT_BIND = "127.0.0.1:8080"
SHORTEST_KEY = 32
VAULT_KEY_FILE = "vault.key"
HIGHEST_PORT = 65535
MOST_DIGITS = 9
DATABASES = ("sqlite:///", "postgresql://", "postgres://", "postgresql+psycopg://")
PUBLIC_URL = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")
EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
SMTP_PORTS = {"smtps": 465, "smtp": 587}
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
SETTINGS: Mapping[str, str] = {
    "MUSTER_DATABASE_URL": "sqlite:///<data dir>/muster.db, or postgresql://user:password@host/name",
    "MUSTER_DATA_DIR": "where the database, the secret key and uploads live; ./data",
    "MUSTER_BIND": f"address and port to serve on; {DEFAULT_BIND}",
    "MUSTER_PUBLIC_URL": "the address people use, for links; http://<bind>",
    "MUSTER_SECRET_KEY": "signs sessions and tokens, at least 32 characters; generated into the data dir",
    "MUSTER_VAULT_KEY": "seals identities, at least 32 characters; several with commas, the first seals; generated",
    "MUSTER_TIMEZONE": "zone of FEEL's today() and of times without zone; Asia/Shanghai",
    "MUSTER_LOG_LEVEL": "DEBUG, INFO, WARNING or ERROR; INFO",
    "MUSTER_TRUSTED_PROXIES": "how many proxies in front may set X-Forwarded-* headers; 0",
    "MUSTER_OIDC_ISSUER": "OpenID Connect provider that signs people in, such as https://id.example/realms/city; none",
    "MUSTER_OIDC_CLIENT_ID": "how the provider knows this server",
    "MUSTER_OIDC_CLIENT_SECRET": "what it proves that with; none for a public client",
    "MUSTER_OIDC_GROUPS_CLAIM": "the claim that lists a person's groups; groups",
    "MUSTER_SMTP_URL": "server that takes mail: smtps://user:password@host:465?from=muster@city.example; none",
    "MUSTER_WEBHOOK_NETWORKS": "networks that webhooks may call though not public, such as 10.2.0.0/16,10.3.0.7; none",
    "MUSTER_THREADS": "request threads of the web process; 16",
    "MUSTER_SCAN_COMMAND": "program that looks through uploads on its standard input; 0 clean, 1 refused; none",
}
"""Every setting with its meaning and default; docs/operations.md lists the same names."""


@dataclass(frozen=True, slots=True)
class OpenId:
    """The provider that signs people in, and how it knows this server."""

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    groups_claim: str = "groups"


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that an installation may set. What belongs to a process belongs into its diagram instead.

    The first of `vault_keys` seals, the others only open; without any given, a key that this process alone knows.
    """

    data_dir: Path
    database_url: str
    bind: str = DEFAULT_BIND
    public_url: str = f"http://{DEFAULT_BIND}"
    secret_key: bytes = field(default=b"", repr=False)
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    log_level: str = "INFO"
    trusted_proxies: int = 0
    threads: int = 16
    open_access: bool = False
    vault_keys: tuple[bytes, ...] = field(default_factory=lambda: (secrets.token_bytes(SHORTEST_KEY),), repr=False)
    scan_command: tuple[str, ...] = ()
    openid: OpenId | None = None
    mail_server: MailServer | None = None
    webhook_networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @property
    def host_and_port(self) -> tuple[str, int]:
        """The address to serve on, e.g. ("127.0.0.1", 8080)."""
        host, _, port = self.bind.rpartition(":")
        return host.strip("[]"), int(port)


def read_config(
    environment: Mapping[str, str] | None = None,
    *,
    bind: str | None = None,
    data_dir: str | None = None,
    open_access: bool = False,
) -> Config:
    """Read the settings; arguments of the command line win over the environment.

    A setting that is empty counts as not given. Raises `SettingInvalid` for an unknown `MUSTER_` name (it names the
    nearest known one) and for unusable values.
    """
    source = os.environ if environment is None else environment
    named = {name: text for name, text in source.items() if name.startswith(PREFIX)}
    _refuse_unknown(named)
    given = {name: text for name, text in named.items() if text.strip()}
    home = Path(data_dir or given.get("MUSTER_DATA_DIR", "data")).absolute()
    address = _bind(bind or given.get("MUSTER_BIND", DEFAULT_BIND))
    if open_access and not _is_loopback(address):
        raise SettingInvalid(f"serving without authentication is possible on a loopback address only, found {address}")
    return Config(
        data_dir=home,
        database_url=_database_url(given.get("MUSTER_DATABASE_URL", f"sqlite:///{home / 'muster.db'}")),
        bind=address,
        public_url=_public_url(given.get("MUSTER_PUBLIC_URL", f"http://{address}")),
        secret_key=_secret_key(given.get("MUSTER_SECRET_KEY"), home),
        timezone=_timezone(given.get("MUSTER_TIMEZONE", "Asia/Shanghai")),
        log_level=_log_level(given.get("MUSTER_LOG_LEVEL", "INFO")),
        trusted_proxies=_number("MUSTER_TRUSTED_PROXIES", given.get("MUSTER_TRUSTED_PROXIES", "0"), 0, 10),
        threads=_number("MUSTER_THREADS", given.get("MUSTER_THREADS", "16"), 3, 256),
        open_access=open_access,
        vault_keys=_vault_keys(given.get("MUSTER_VAULT_KEY"), home),
        openid=_openid(given),
        mail_server=_mail_server(given.get("MUSTER_SMTP_URL")),
        webhook_networks=_networks(given.get("MUSTER_WEBHOOK_NETWORKS", "")),
        scan_command=_command("MUSTER_SCAN_COMMAND", given.get("MUSTER_SCAN_COMMAND", "")),
    )


def _refuse_unknown(given: Mapping[str, str]) -> None:
    for name in sorted(given):
        if name not in SETTINGS:
            nearest = difflib.get_close_matches(name, SETTINGS, n=1, cutoff=0.5)
            hint = f"; did you mean {nearest[0]}?" if nearest else f"; known are {', '.join(sorted(SETTINGS))}"
            raise SettingInvalid(f"unknown setting {name}{hint}")


def _database_url(text: str) -> str:
    if not text.startswith(DATABASES):
        kind = text.partition(":")[0]  # what follows may hold a password
        raise SettingInvalid(f"MUSTER_DATABASE_URL: expected sqlite:///… or postgresql://…, found {kind!r}")
    return text


def _public_url(text: str) -> str:
    if PUBLIC_URL.fullmatch(text) is None:
        raise SettingInvalid(f"MUSTER_PUBLIC_URL: expected an address such as https://muster.example, found {text!r}")
    return text.rstrip("/")


def _openid(given: Mapping[str, str]) -> OpenId | None:
    """Return how people sign in by a provider, or None; it must be reached encrypted, or on this machine."""
    issuer, client_id = given.get("MUSTER_OIDC_ISSUER"), given.get("MUSTER_OIDC_CLIENT_ID")
    if issuer is None and client_id is None:
        return None
    if issuer is None or client_id is None:
        raise SettingInvalid("expected both MUSTER_OIDC_ISSUER and MUSTER_OIDC_CLIENT_ID, found one of them")
    parts = urlsplit(issuer)
    local = parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if not parts.netloc or (parts.scheme != "https" and not local) or parts.query or parts.fragment:
        raise SettingInvalid(f"MUSTER_OIDC_ISSUER: expected an address that begins with https://, found {issuer!r}")
    secret = given.get("MUSTER_OIDC_CLIENT_SECRET", "")
    return OpenId(issuer, client_id, secret, given.get("MUSTER_OIDC_GROUPS_CLAIM", "groups"))


def _mail_server(text: str | None) -> MailServer | None:
    """Return the server of `smtps://…` (TLS from the first byte) or `smtp://…` (STARTTLS; none on this machine).

    Messages never quote the address: it holds a password.
    """
    if text is None:
        return None
    example = "smtps://user:password@mail.example:465?from=muster@city.example"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise SettingInvalid(f"MUSTER_SMTP_URL: expected an address such as {example}") from error
    sender = parse_qs(parts.query).get("from", [""])[0]
    if parts.scheme not in SMTP_PORTS or not parts.hostname or EMAIL.fullmatch(sender) is None:
        raise SettingInvalid(f"MUSTER_SMTP_URL: expected an address such as {example}")
    plain = "none" if parts.hostname in {"localhost", "127.0.0.1", "::1"} else "starttls"
    return MailServer(
        host=parts.hostname,
        port=port or SMTP_PORTS[parts.scheme],
        encryption="tls" if parts.scheme == "smtps" else plain,
        sender=sender,
        user=None if parts.username is None else unquote(parts.username),
        password=unquote(parts.password or ""),
    )


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(one.strip()) for one in text.split(",") if one.strip())
    except ValueError as error:
        raise SettingInvalid(f"MUSTER_WEBHOOK_NETWORKS: expected networks such as 10.2.0.0/16: {error}") from error


def _bind(text: str) -> str:
    host, separator, port = text.rpartition(":")
    if not separator or not host or _whole(port) is None or int(port) > HIGHEST_PORT:
        raise SettingInvalid(f"MUSTER_BIND: expected HOST:PORT such as {DEFAULT_BIND}, found {text!r}")
    return text


def _is_loopback(address: str) -> bool:
    host = address.rpartition(":")[0].strip("[]")
    return host in {"localhost", "::1"} or host.startswith("127.")


def _timezone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingInvalid(f"MUSTER_TIMEZONE: expected a name such as Asia/Shanghai, found {name!r}") from error


def _log_level(name: str) -> str:
    if name.upper() not in LOG_LEVELS:
        raise SettingInvalid(f"MUSTER_LOG_LEVEL: expected one of {', '.join(LOG_LEVELS)}, found {name!r}")
    return name.upper()


def _number(name: str, text: str, lowest: int, highest: int) -> int:
    number = _whole(text)
    if number is None or not lowest <= number <= highest:
        raise SettingInvalid(f"{name}: expected a number from {lowest} to {highest}, found {text!r}")
    return number


def _whole(text: str) -> int | None:
    """Return a number written in up to nine plain digits."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None


def _secret_key(text: str | None, home: Path) -> bytes:
    """Return the given key, or the one kept in the data directory, made on first use and readable by its owner only."""
    if text is not None:
        return _long_enough(text, "MUSTER_SECRET_KEY")
    path = home / "secret.key"
    return _long_enough(_read_key_file(path), str(path))


def _vault_keys(text: str | None, home: Path) -> tuple[bytes, ...]:
    """Return the given keys, or those kept in the data directory: the newest first, older ones only open."""
    path = home / VAULT_KEY_FILE
    where = "MUSTER_VAULT_KEY" if text is not None else str(path)
    listed = text.split(",") if text is not None else _read_key_file(path).split()
    keys = tuple(_long_enough(key.strip(), where) for key in listed)
    if len(set(keys)) < len(keys):
        raise SettingInvalid(f"{where}: expected every key once, found one twice")
    return keys


def add_vault_key(home: Path) -> None:
    """Put a new key before those in the data directory's file; what runs already knows it after a restart.

    Raises `SettingInvalid` when the file cannot be written.
    """
    path = home / VAULT_KEY_FILE
    try:
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        _write_private(fresh, f"{secrets.token_urlsafe(48)}\n{_read_key_file(path)}")
        fresh.replace(path)
    except OSError as error:
        raise SettingInvalid(f"MUSTER_DATA_DIR: expected a directory for the vault's keys, found: {error}") from error


def is_vault_key_given(environment: Mapping[str, str] | None = None) -> bool:
    """Tell whether the vault's keys are a setting, and not a file of the data directory."""
    source = os.environ if environment is None else environment
    return bool(source.get("MUSTER_VAULT_KEY", "").strip())


def _read_key_file(path: Path) -> str:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make_secret_key(path)
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingInvalid(f"MUSTER_DATA_DIR: expected a directory for {path.name}, found: {error}") from error


def _long_enough(text: str, where: str) -> bytes:
    if len(text) < SHORTEST_KEY:
        raise SettingInvalid(f"{where}: expected at least {SHORTEST_KEY} characters, found {len(text)}")
    return text.encode()


def _make_secret_key(path: Path) -> None:
    """Write the file whole or not at all; of several servers that start at once, one wins and all read its key."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    _write_private(fresh, secrets.token_urlsafe(48))
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _write_private(path: Path, text: str) -> None:
    """Write a new file that only its owner can read, and wait until the disk has it."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _command(name: str, text: str) -> tuple[str, ...]:
    """Return a command line as its words; no shell reads it."""
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise SettingInvalid(f"{name}: expected a command with its arguments, found {text!r}: {error}") from error
