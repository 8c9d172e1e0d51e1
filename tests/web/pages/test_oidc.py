"""Signing in through a real OpenID provider on loopback: the whole flow, and answers that must not be believed."""

import json
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from app.access.invitation import invite
from app.access.oidc import Provider, challenge_of, open_under_way
from app.access.organisation import create_organisation
from app.access.token import Role
from app.database import Database
from app.errors import NotReady
from app.settings import Settings
from app.web.application import create_app
from tests.support.client import TestClient
from tests.support.people import EMAIL, add_person, browser_of
from tests.support.plan import NOW
from tests.support.server import serving

NEW, UNVERIFIED, UNKNOWN = "new@kivikoski.example", "unverified@kivikoski.example", "unknown@kivikoski.example"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A running OpenID provider that knows four people."""
    people = [
        {"sub": email, "email": email, "email_verified": email != UNVERIFIED, "name": "Known There"}
        for email in (EMAIL, NEW, UNVERIFIED, UNKNOWN)
    ]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--host", "127.0.0.1", "--port", "0"]
    for person in people:
        command += ["--user-claims", json.dumps(person)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as provider:
        assert provider.stderr is not None
        said = (re.search(r"running on (http://127\.0\.0\.1:[1-9]\d*)", line) for line in provider.stderr)
        yield next(found[1] for found in said if found)
        provider.terminate()


@pytest.fixture
def database(sqlite_file_url: str) -> Iterator[Database]:
    database = Database(sqlite_file_url)
    with database.writing() as session:
        ours = create_organisation(session, "Kivikoski", now=NOW, locale="en").id
    add_person(database, ours)
    with database.writing(ours) as session:
        invite(session, NEW, Role.MARKETER, now=datetime.now(UTC))
    yield database
    database.close()


def browser_at(database: Database, provider: Provider | None) -> TestClient:
    app = create_app(database, b"k" * 32, clock=lambda: datetime.now(UTC), provider=provider)
    return browser_of(app, None)


@pytest.fixture
def browser(database: Database, issuer: str) -> TestClient:
    return browser_at(database, Provider(issuer, "kutsu", "a secret: of ours", "the city"))


def agree(address: str, email: str) -> str:
    """What somebody does at the provider; gives the address that it sends them back to."""
    answered = httpx2.post(address, data={"sub": email})
    assert answered.status_code == 302, answered.text
    return str(answered.headers["location"])


def begin(browser: TestClient, next_: str = "/funnel") -> str:
    page = browser.get("/sign-in", params={"next": next_}).text
    address = re.findall(r'href="(/sign-in/oidc[^"]+)"', page)[0].replace("&amp;", "&")
    answered = browser.get(address)
    assert answered.status_code == 303
    return str(answered.headers["location"])


@pytest.mark.parametrize("email", [EMAIL, NEW])
def test_who_has_an_account_or_an_invitation_comes_in_and_goes_on(browser: TestClient, email: str) -> None:
    answered = browser.get(agree(begin(browser), email))
    assert (answered.status_code, answered.headers["location"]) == (303, "/funnel")
    assert browser.get("/account").status_code == 200


def test_the_request_carries_a_challenge_a_state_and_a_nonce_and_the_browser_cannot_read_their_other_halves(
    browser: TestClient,
) -> None:
    asked = {name: value[0] for name, value in parse_qs(urlsplit(begin(browser)).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == "http://kutsu.example/sign-in/oidc/callback"
    kept = browser.cookies["kutsu_oidc"]
    under_way = open_under_way(kept, asked["state"], browser.app.state.signing_in.seal, now=datetime.now(UTC))  # type: ignore[attr-defined]
    assert challenge_of(under_way.verifier) == asked["code_challenge"]
    assert under_way.nonce == asked["nonce"]
    assert under_way.verifier not in kept


def test_the_challenge_is_that_of_the_standard() -> None:
    # RFC 7636, appendix B.
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize(("email", "said"), [(UNVERIFIED, "does not vouch"), (UNKNOWN, "Nobody has invited")])
def test_who_is_not_vouched_for_or_not_invited_stays_outside(browser: TestClient, email: str, said: str) -> None:
    answered = browser.get(agree(begin(browser), email))
    assert answered.status_code == 403
    assert said in answered.text
    assert browser.get("/account").status_code == 303


def test_an_answer_to_another_browsers_request_is_refused(browser: TestClient, database: Database) -> None:
    back = agree(begin(browser), EMAIL)
    other = browser_of(browser.app, None)  # type: ignore[arg-type]
    for address in (back, back.replace("state=", "state=x"), "/sign-in/oidc/callback?error=access_denied"):
        answered = other.get(address)
        assert answered.status_code == 403
        assert "begin again" in answered.text
    begin(other)
    assert other.get(back).status_code == 403


def test_a_code_counts_once(browser: TestClient) -> None:
    back = agree(begin(browser), EMAIL)
    kept = browser.cookies["kutsu_oidc"]
    assert browser.get(back).status_code == 303
    browser.cookies.set("kutsu_oidc", kept, domain="kutsu.example", path="/sign-in/oidc")
    answered = browser.get(back)
    assert answered.status_code == 403
    assert "did not confirm" in answered.text


def test_without_a_provider_none_is_offered(database: Database) -> None:
    browser = browser_at(database, None)
    assert "/sign-in/oidc" not in browser.get("/sign-in").text
    assert browser.get("/sign-in/oidc").status_code == 404
    assert browser.get("/sign-in/oidc/callback?code=x&state=y").status_code == 403


class Forger:
    """A provider whose tokens are made by the test; it answers as `change` says."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "k"})
        self.base = ""
        self.discovery: dict[str, object] = {}
        self.claims: dict[str, object] = {}
        self.algorithm, self.signing = "RS256", self.key

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        answers = {
            "/.well-known/openid-configuration": {
                "issuer": self.base, "authorization_endpoint": f"{self.base}/authorize",
                "token_endpoint": f"{self.base}/token", "jwks_uri": f"{self.base}/jwks", **self.discovery,
            },
            "/jwks": KeySet([self.key]).as_dict(private=False),
        }  # fmt: skip
        if scope["path"] == "/token":
            token = jwt.encode(
                {"alg": self.algorithm, "kid": "k"}, self.claims, self.signing, algorithms=["RS256", "HS256"]
            )
            answers["/token"] = {"access_token": "a", "token_type": "Bearer", "id_token": token}
        found = answers.get(scope["path"])
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200 if found else 404, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(found).encode()})


@pytest.fixture
def forger() -> Iterator[Forger]:
    forger = Forger()
    with serving(forger) as base_url:
        forger.base = base_url
        yield forger


def test_a_token_is_believed_only_if_everything_in_it_fits(database: Database, forger: Forger) -> None:
    provider = Provider(forger.base, "kutsu", "secret", "the forger")
    good = {
        "iss": forger.base, "aud": "kutsu", "sub": "1", "exp": int(datetime.now(UTC).timestamp()) + 300,
        "email": EMAIL, "email_verified": True,
    }  # fmt: skip

    def attempt(drop: str = "", **changes: object) -> int:
        browser = browser_at(database, provider)
        asked = parse_qs(urlsplit(begin(browser)).query)
        forger.claims = {**good, "nonce": asked["nonce"][0], **changes}
        forger.claims.pop(drop, None)
        return browser.get("/sign-in/oidc/callback", params={"code": "c", "state": asked["state"][0]}).status_code

    assert attempt() == 303
    assert attempt(aud=["kutsu"]) == 303
    past = int(datetime.now(UTC).timestamp()) - 600
    for wrong in (
        {"nonce": "another"}, {"iss": "https://evil.example"}, {"aud": "somebody else"}, {"exp": past},
        {"email_verified": False}, {"email_verified": "true"}, {"email": None},
    ):  # fmt: skip
        assert attempt(**wrong) == 403, wrong
    for missing in ("nonce", "iss", "aud", "exp", "sub", "email", "email_verified"):
        assert attempt(drop=missing) == 403, missing
    forger.signing = RSAKey.generate_key(2048, {"kid": "k"})
    assert attempt() == 403, "signed by another key"


@pytest.mark.parametrize("discovery", [{"issuer": "https://evil.example"}, {"authorization_endpoint": None}])
def test_a_provider_that_does_not_describe_itself_well_is_not_asked(
    database: Database, forger: Forger, discovery: dict[str, object]
) -> None:
    forger.discovery = discovery
    answered = browser_at(database, Provider(forger.base, "kutsu", "", "it")).get("/sign-in/oidc")
    assert answered.status_code == 502
    assert "The provider" in answered.text


def test_a_provider_that_answers_nothing_useful_is_told(database: Database, forger: Forger) -> None:
    provider = Provider(forger.base + "/elsewhere", "kutsu", "", "it")
    assert browser_at(database, provider).get("/sign-in/oidc").status_code == 502


def test_the_provider_is_named_in_the_settings_and_speaks_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().provider() is None
    monkeypatch.setenv("KUTSU_OIDC_ISSUER", "http://login.example")
    with pytest.raises(NotReady, match="https"):
        Settings().provider()
    monkeypatch.setenv("KUTSU_OIDC_ISSUER", "https://login.example")
    with pytest.raises(NotReady, match="KUTSU_OIDC_CLIENT_ID"):
        Settings().provider()
    monkeypatch.setenv("KUTSU_OIDC_CLIENT_ID", str(uuid.UUID(int=1)))
    monkeypatch.setenv("KUTSU_OIDC_CLIENT_SECRET", "s")
    assert Settings().provider() == Provider("https://login.example", str(uuid.UUID(int=1)), "s", "OpenID")
