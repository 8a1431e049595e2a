"""Settings: each one, its default, what cannot be used, and the key that is made once."""

from __future__ import annotations

import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from server.config import SETTINGS, Config, _make_secret_key, add_vault_key, is_vault_key_given, read_config
from server.errors import SettingInvalid
from server.model import MailServer

KEY = "k" * 32
VAULT_KEY = "v" * 32


@pytest.fixture
def read(tmp_path: Path):
    def read_settings(**settings: str):
        given = {"MUSTER_DATA_DIR": str(tmp_path / "data"), "MUSTER_SECRET_KEY": KEY, "MUSTER_VAULT_KEY": VAULT_KEY}
        return read_config({**given, **settings})

    return read_settings


def test_defaults(read, tmp_path) -> None:
    config = read()
    assert config.data_dir == tmp_path / "data"
    assert config.database_url == f"sqlite:///{tmp_path / 'data' / 'muster.db'}"
    assert (config.bind, config.host_and_port) == ("127.0.0.1:8080", ("127.0.0.1", 8080))
    assert config.public_url == "http://127.0.0.1:8080"
    assert config.timezone == ZoneInfo("Asia/Shanghai")
    assert (config.log_level, config.trusted_proxies, config.threads, config.open_access) == ("INFO", 0, 16, False)
    assert config.secret_key == KEY.encode()


GIVEN = {
    "MUSTER_DATABASE_URL": ("database_url", "postgresql://u:p@h/db", "postgresql://u:p@h/db"),
    "MUSTER_DATA_DIR": ("data_dir", "/srv/muster", Path("/srv/muster")),
    "MUSTER_BIND": ("bind", "[::1]:9000", "[::1]:9000"),
    "MUSTER_PUBLIC_URL": ("public_url", "https://muster.example/city/", "https://muster.example/city"),
    "MUSTER_SECRET_KEY": ("secret_key", "s" * 40, b"s" * 40),
    "MUSTER_TIMEZONE": ("timezone", "Europe/Berlin", ZoneInfo("Europe/Berlin")),
    "MUSTER_LOG_LEVEL": ("log_level", "debug", "DEBUG"),
    "MUSTER_TRUSTED_PROXIES": ("trusted_proxies", "2", 2),
    "MUSTER_THREADS": ("threads", "64", 64),
    "MUSTER_VAULT_KEY": ("vault_keys", f"{'n' * 40}, {'o' * 40}", (b"n" * 40, b"o" * 40)),
    "MUSTER_SCAN_COMMAND": ("scan_command", "clamdscan --no-summary '-'", ("clamdscan", "--no-summary", "-")),
    "MUSTER_SMTP_URL": (
        "mail_server",
        "smtps://bot:p%40ss@mail.example?from=bot@city.example",
        MailServer("mail.example", 465, "tls", "bot@city.example", "bot", "p@ss"),
    ),
    "MUSTER_WEBHOOK_NETWORKS": (
        "webhook_networks",
        "10.2.0.0/16, fd00::/8",
        (ip_network("10.2.0.0/16"), ip_network("fd00::/8")),
    ),
}


OPENID = {
    "MUSTER_OIDC_ISSUER": ("issuer", "https://id.example/realms/city"),
    "MUSTER_OIDC_CLIENT_ID": ("client_id", "muster"),
    "MUSTER_OIDC_CLIENT_SECRET": ("client_secret", "a secret"),
    "MUSTER_OIDC_GROUPS_CLAIM": ("groups_claim", "roles"),
}


@pytest.mark.parametrize(
    ("url", "encryption"),
    [
        ("smtp://mail.example?from=a@b.example", "starttls"),
        ("smtp://127.0.0.1:2525?from=a@b.example", "none"),
        ("smtps://localhost?from=a@b.example", "tls"),
    ],
)
def test_mail_is_encrypted_unless_it_stays_on_this_machine(read, url: str, encryption: str) -> None:
    server = read(MUSTER_SMTP_URL=url).mail_server
    assert server is not None
    assert server.encryption == encryption


def test_every_setting_is_tested() -> None:
    assert GIVEN.keys() | OPENID.keys() == SETTINGS.keys()


def test_the_provider_is_read(read) -> None:
    config = read(**{name: text for name, (_, text) in OPENID.items()})
    assert config.openid is not None
    for field, expected in OPENID.values():
        assert getattr(config.openid, field) == expected
    assert "a secret" not in repr(config)
    assert read(MUSTER_OIDC_GROUPS_CLAIM="roles").openid is None
    for name in ("MUSTER_OIDC_ISSUER", "MUSTER_OIDC_CLIENT_ID"):
        with pytest.raises(SettingInvalid, match="expected both"):
            read(**{name: OPENID[name][1]})


@pytest.mark.parametrize(
    ("issuer", "usable"),
    [
        ("http://127.0.0.1:9000", True),
        ("http://localhost/x", True),
        ("http://id.example", False),
        ("id.example", False),
        ("https://", False),
        ("https://id.example/?a=b", False),
        ("https://id.example/#x", False),
    ],
)
def test_the_provider_is_reached_encrypted_or_on_this_machine(read, issuer, usable) -> None:
    if usable:
        assert read(MUSTER_OIDC_ISSUER=issuer, MUSTER_OIDC_CLIENT_ID="muster").openid.issuer == issuer
        return
    with pytest.raises(SettingInvalid, match="https://"):
        read(MUSTER_OIDC_ISSUER=issuer, MUSTER_OIDC_CLIENT_ID="muster")


@pytest.mark.parametrize("name", GIVEN)
def test_each_setting_is_read(read, name) -> None:
    field, text, expected = GIVEN[name]
    assert getattr(read(**{name: text}), field) == expected


@pytest.mark.parametrize("name", sorted(GIVEN.keys() - {"MUSTER_DATA_DIR", "MUSTER_SECRET_KEY", "MUSTER_VAULT_KEY"}))
def test_an_empty_setting_is_not_given(read, name) -> None:
    assert read(**{name: " "}) == read()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("MUSTER_DATABASE_URL", "mysql://u:secret@h/db", "found 'mysql'"),
        ("MUSTER_DATABASE_URL", "muster.db", "expected sqlite:///"),
        ("MUSTER_BIND", "8080", "HOST:PORT"),
        ("MUSTER_BIND", ":8080", "HOST:PORT"),
        ("MUSTER_BIND", "localhost:", "HOST:PORT"),
        ("MUSTER_BIND", "localhost:web", "HOST:PORT"),
        ("MUSTER_BIND", "localhost:65536", "HOST:PORT"),
        ("MUSTER_BIND", "localhost:\u00b2", "HOST:PORT"),
        ("MUSTER_PUBLIC_URL", "muster.example", "https://muster.example"),
        ("MUSTER_PUBLIC_URL", "ftp://muster.example", "https://muster.example"),
        ("MUSTER_PUBLIC_URL", "https://", "https://muster.example"),
        ("MUSTER_PUBLIC_URL", "https://muster.example/?a=b", "https://muster.example"),
        ("MUSTER_SECRET_KEY", "k" * 31, "at least 32 characters, found 31"),
        ("MUSTER_VAULT_KEY", "v" * 31, "at least 32 characters, found 31"),
        ("MUSTER_VAULT_KEY", f"{'v' * 32},", "at least 32 characters, found 0"),
        ("MUSTER_VAULT_KEY", f"{'v' * 32},{'v' * 32}", "found one twice"),
        ("MUSTER_SMTP_URL", "mail.example", "an address such as"),
        ("MUSTER_SMTP_URL", "smtp://mail.example", "an address such as"),
        ("MUSTER_SMTP_URL", "smtp://mail.example?from=nobody", "an address such as"),
        ("MUSTER_SMTP_URL", "smtp://mail.example:port?from=a@b.example", "an address such as"),
        ("MUSTER_WEBHOOK_NETWORKS", "10.2.0.1/16", "networks such as"),
        ("MUSTER_SCAN_COMMAND", "scan 'half", "a command with its arguments"),
        ("MUSTER_TIMEZONE", "Shanghai", "Asia/Shanghai"),
        ("MUSTER_TIMEZONE", "Asia", "Asia/Shanghai"),
        ("MUSTER_TIMEZONE", "../../etc/passwd", "Asia/Shanghai"),
        ("MUSTER_LOG_LEVEL", "LOUD", "DEBUG, INFO, WARNING, ERROR"),
        ("MUSTER_TRUSTED_PROXIES", "-1", "from 0 to 10"),
        ("MUSTER_TRUSTED_PROXIES", "11", "from 0 to 10"),
        ("MUSTER_TRUSTED_PROXIES", "\u00b2", "from 0 to 10"),
        ("MUSTER_THREADS", "2", "from 3 to 256"),
        ("MUSTER_THREADS", "9" * 5000, "from 3 to 256"),
        ("MUSTER_THREADS", "many", "from 3 to 256"),
    ],
)
def test_unusable_values_say_what_was_expected(read, name, text, said) -> None:
    with pytest.raises(SettingInvalid) as caught:
        read(**{name: text})
    assert caught.value.message.startswith(name)
    assert said in caught.value.message
    assert "secret@" not in caught.value.message


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("MUSTER_DATABASE", "MUSTER_DATABASE_URL"),
        ("MUSTER_TIMZONE", "MUSTER_TIMEZONE"),
        ("MUSTER_LOGLEVEL", "MUSTER_LOG_LEVEL"),
        ("MUSTER_THREAD", "MUSTER_THREADS"),
        ("MUSTER_PROXIES", "MUSTER_TRUSTED_PROXIES"),
    ],
)
def test_an_unknown_setting_names_the_nearest(read, name, nearest) -> None:
    with pytest.raises(SettingInvalid, match=rf"unknown setting {name}; did you mean {nearest}\?"):
        read(**{name: ""})


def test_an_unknown_setting_like_none_lists_them_all(read) -> None:
    with pytest.raises(SettingInvalid) as caught:
        read(MUSTER_QQQQQQQQQQQQQQQ="1")
    assert all(name in caught.value.message for name in SETTINGS)


def test_other_names_of_the_environment_are_nobodys_business(read) -> None:
    assert read(TEST_DATABASE="x", PATH="/bin", MUSTERX="1") == read()


def test_an_empty_environment_is_not_the_real_one(monkeypatch, tmp_path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MUSTER_BIND", "0.0.0.0:1")
    assert read_config({}).bind == "127.0.0.1:8080"
    assert read_config().bind == "0.0.0.0:1"


def test_the_command_line_wins(tmp_path) -> None:
    settings = {"MUSTER_BIND": "0.0.0.0:80", "MUSTER_DATA_DIR": "/nowhere", "MUSTER_SECRET_KEY": KEY}
    config = read_config(settings, bind="127.0.0.1:81", data_dir=str(tmp_path))
    assert (config.bind, config.data_dir, config.public_url) == ("127.0.0.1:81", tmp_path, "http://127.0.0.1:81")


@pytest.mark.parametrize("bind", ["127.0.0.1:80", "127.9.9.9:80", "localhost:80", "[::1]:80"])
def test_open_access_on_a_loopback_address(bind) -> None:
    assert read_config({"MUSTER_SECRET_KEY": KEY}, bind=bind, open_access=True).open_access


@pytest.mark.parametrize("bind", ["0.0.0.0:80", "10.0.0.1:80", "[::]:80", "muster.example:80"])
def test_open_access_nowhere_else(bind) -> None:
    with pytest.raises(SettingInvalid, match="loopback"):
        read_config({"MUSTER_SECRET_KEY": KEY}, bind=bind, open_access=True)


def test_the_secret_key_is_not_shown(read) -> None:
    assert KEY not in repr(read())
    assert VAULT_KEY not in repr(read())


class TestSecretKeyFile:
    def test_is_made_once_and_readable_by_its_owner_only(self, tmp_path) -> None:
        home = tmp_path / "deep" / "data"
        first = read_config({}, data_dir=str(home)).secret_key
        assert len(first) >= 32
        assert stat.S_IMODE((home / "secret.key").stat().st_mode) == 0o600
        assert read_config({}, data_dir=str(home)).secret_key == first
        assert sorted(path.name for path in home.iterdir()) == ["secret.key", "vault.key"], "nothing is left over"

    def test_a_mask_that_hides_nothing_does_not_matter(self, tmp_path) -> None:
        before = os.umask(0)
        try:
            read_config({}, data_dir=str(tmp_path))
        finally:
            os.umask(before)
        assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600

    def test_two_installations_have_two_keys(self, tmp_path) -> None:
        keys = {read_config({}, data_dir=str(tmp_path / name)).secret_key for name in "ab"}
        assert len(keys) == 2

    @pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 40])
    def test_a_key_that_cannot_be_used_is_refused(self, tmp_path, content) -> None:
        (tmp_path / "secret.key").write_bytes(content)
        with pytest.raises(SettingInvalid, match="expected"):
            read_config({}, data_dir=str(tmp_path))

    def test_a_data_directory_that_is_a_file_is_refused(self, tmp_path) -> None:
        (tmp_path / "data").write_text("")
        with pytest.raises(SettingInvalid, match="MUSTER_DATA_DIR"):
            read_config({}, data_dir=str(tmp_path / "data"))

    def test_servers_that_start_at_once_share_one_key(self, tmp_path) -> None:
        ready = threading.Barrier(8)

        def serve(_: int) -> bytes:
            ready.wait()
            return read_config({}, data_dir=str(tmp_path)).secret_key

        with ThreadPoolExecutor(8) as servers:
            keys = set(servers.map(serve, range(8)))
        assert len(keys) == 1
        assert sorted(path.name for path in tmp_path.iterdir()) == ["secret.key", "vault.key"]

    def test_the_loser_of_the_race_takes_the_winners_key(self, tmp_path) -> None:
        # the moment between looking and making cannot be met from outside
        (tmp_path / "secret.key").write_text("w" * 40)
        _make_secret_key(tmp_path / "secret.key")
        assert read_config({}, data_dir=str(tmp_path)).secret_key == b"w" * 40
        assert sorted(path.name for path in tmp_path.iterdir()) == ["secret.key", "vault.key"]


class TestVaultKeyFile:
    def test_is_made_once_and_readable_by_its_owner_only(self, tmp_path) -> None:
        (first,) = read_config({}, data_dir=str(tmp_path)).vault_keys
        assert len(first) >= 32
        assert stat.S_IMODE((tmp_path / "vault.key").stat().st_mode) == 0o600
        assert read_config({}, data_dir=str(tmp_path)).vault_keys == (first,)

    def test_a_new_key_stands_before_the_old_ones(self, tmp_path) -> None:
        (first,) = read_config({}, data_dir=str(tmp_path)).vault_keys
        add_vault_key(tmp_path)
        newest, *others = read_config({}, data_dir=str(tmp_path)).vault_keys
        assert newest != first
        assert others == [first]
        assert stat.S_IMODE((tmp_path / "vault.key").stat().st_mode) == 0o600
        assert sorted(path.name for path in tmp_path.iterdir()) == ["secret.key", "vault.key"]

    def test_a_key_cannot_be_added_where_nothing_can_be_written(self, tmp_path) -> None:
        (tmp_path / "data").write_text("")
        with pytest.raises(SettingInvalid, match="MUSTER_DATA_DIR"):
            add_vault_key(tmp_path / "data")

    def test_a_setting_comes_before_the_file(self, tmp_path) -> None:
        given = {"MUSTER_VAULT_KEY": VAULT_KEY}
        assert read_config(given, data_dir=str(tmp_path)).vault_keys == (VAULT_KEY.encode(),)
        assert not (tmp_path / "vault.key").exists()
        assert is_vault_key_given(given)
        assert not is_vault_key_given({"MUSTER_VAULT_KEY": " "})

    def test_without_settings_a_key_is_this_process_alone(self, tmp_path) -> None:
        keys = {Config(tmp_path, "sqlite://").vault_keys for _ in range(2)}
        assert len(keys) == 2
