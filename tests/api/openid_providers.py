"""Providers for the tests of signing in: a real one in Node, and one whose tokens a test forges as it likes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent / "oidc_provider"
MUSTER = "http://127.0.0.1:8080"
PEOPLE = {
    "sub-yu": {"preferred_username": "yu", "name": "余芳", "groups": ["desk@north", "city-admins", "unknown"]},
    "sub-lin": {"preferred_username": "lin", "name": "林悦", "groups": ["desk@south"]},
    "sub-admin": {"preferred_username": "admin", "name": "Mallory", "groups": []},
    "sub-odd": {"preferred_username": "@@@", "name": "Odd", "groups": []},
}
MOST_HOPS = 12


class ProviderMissing(Exception):
    """The real provider cannot be run here."""


@contextmanager
def run_provider() -> Iterator[str]:
    """Give the address of the real provider while the body runs. Raises `ProviderMissing` without Node."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise ProviderMissing("Node.js and npm are not installed: no real OpenID Connect provider can be run")
    if not (HERE / "node_modules" / "oidc-provider").exists():
        run = subprocess.run([npm, "ci", "--ignore-scripts"], cwd=HERE, capture_output=True, text=True, check=False)
        if run.returncode:
            raise ProviderMissing(f"npm ci failed: {run.stderr.strip()[-300:]}")
    arguments = json.dumps({"muster": MUSTER, "people": PEOPLE})
    with subprocess.Popen(
        [node, "provider.js", arguments],
        cwd=HERE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        issuer = process.stdout.readline().strip()
        assert issuer.startswith("http://127.0.0.1:"), "the provider did not start"
        try:
            yield issuer
        finally:
            process.terminate()


def walk_through(url: str, login: str, back: str) -> dict[str, str]:
    """Sign in at the real provider as a person would, and return what the browser brings back."""
    with httpx.Client() as browser:
        answer = browser.get(url)
        for _ in range(MOST_HOPS):
            if answer.is_redirect:
                target = urljoin(str(answer.url), answer.headers["Location"])
                if target.startswith(back):
                    return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
                answer = browser.get(target)
                continue
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
            action = re.search(r'action="([^"]+)"', answer.text)
            assert prompt, answer.text
            assert action, answer.text
            fields = {"prompt": prompt[1], "login": login, "password": "any"}
            answer = browser.post(urljoin(str(answer.url), action[1]), data=fields)
    raise AssertionError("the provider never sent the browser back")


@dataclass
class ForgedProvider:
    """A provider with a real key set over HTTP, whose tokens say what a test wants; `broken` answers 500."""

    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first"}))
    issuer: str = ""
    broken: bool = False
    asked: list[str] = field(default_factory=list)

    def sign(self, claims: dict[str, Any], **header: Any) -> str:
        head = {"alg": "RS256", "kid": self.key.kid, **header}
        return jwt.encode(head, {"iss": self.issuer, **claims}, self.key, algorithms=[head["alg"]])

    def answer(self, path: str) -> dict[str, Any] | None:
        self.asked.append(path)
        if self.broken:
            return None
        if path == "/jwks":
            return {"keys": [self.key.as_dict(private=False, use="sig"), {"kty": "oct", "k": "AAAA", "kid": "shared"}]}
        return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks"}


@contextmanager
def run_forged_provider() -> Iterator[ForgedProvider]:
    provider = ForgedProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = provider.answer(self.path)
            raw = json.dumps(body).encode()
            self.send_response(500 if body is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
