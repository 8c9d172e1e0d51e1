"""Signing in through an OpenID provider: the authorisation code flow with PKCE, state and nonce.

The provider says who somebody is; whether they may come in is decided by the accounts and invitations there are.
"""

import base64
import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.access.second_step import Seal
from app.access.secret import new_secret
from app.errors import Denied, Drifted, NotReady, Refused
from app.i18n import _
from app.outbound import Answer, Limits, open_client

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures with the provider's own key; never `none`, and never a key that we could have made ourselves."""
SCOPES = "openid email profile"
UNDER_WAY_FOR = dt.timedelta(minutes=10)
LEEWAY_SECONDS = 60
QUICK = Limits(attempts=2, deadline_seconds=10, largest_answer=1024 * 1024)


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider that an installation trusts, and what we are called there."""

    issuer: str
    client_id: str
    client_secret: str
    name: str


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A sign-in that has been sent to the provider: what its answer must fit, and where to go on to."""

    state: str
    nonce: str
    verifier: str
    next: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider vouches for."""

    email: str
    name: str


def begin(provider: Provider, redirect_uri: str, next_: str, *, now: dt.datetime) -> tuple[str, UnderWay]:
    """Where to send the browser, and what to remember until it comes back."""
    under_way = UnderWay(new_secret(), new_secret(), new_secret(), next_, (now + UNDER_WAY_FOR).isoformat())
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": redirect_uri,
        "scope": SCOPES,
        "state": under_way.state,
        "nonce": under_way.nonce,
        "code_challenge": challenge_of(under_way.verifier),
        "code_challenge_method": "S256",
    }
    address = _endpoint(_discover(provider), "authorization_endpoint")
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(asked)}", under_way


def challenge_of(verifier: str) -> str:
    """The S256 challenge of RFC 7636."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def seal_under_way(under_way: UnderWay, seal: Seal) -> str:
    """What the browser keeps until it comes back; it can neither read nor change it."""
    return seal.seal(json.dumps(asdict(under_way))).decode()


def open_under_way(sealed: str, state: str, seal: Seal, *, now: dt.datetime) -> UnderWay:
    """What was remembered of the sign-in that this browser began, if the answer belongs to it."""
    try:
        under_way = UnderWay(**json.loads(seal.open(sealed.encode())))
    except NotReady:
        raise Denied(_("This sign-in was not begun here; begin again.")) from None
    if under_way.state != state or now >= dt.datetime.fromisoformat(under_way.expires_at):
        raise Denied(_("This sign-in was not begun here; begin again."))
    return under_way


def finish(provider: Provider, code: str, redirect_uri: str, under_way: UnderWay, *, now: dt.datetime) -> Identity:
    """Exchange the code for an identity token and read it."""
    found = _discover(provider)
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": under_way.verifier,
    }
    basic = base64.b64encode(f"{quote(provider.client_id)}:{quote(provider.client_secret)}".encode()).decode()
    token_address = _endpoint(found, "token_endpoint")
    with open_client(token_address, {"Authorization": f"Basic {basic}"}, allow_private=True, limits=QUICK) as client:
        answer = client.post_form(token_address, fields)
    token = answer.json.get("id_token") if answer.status == 200 and isinstance(answer.json, dict) else None
    if not isinstance(token, str):
        raise Denied(_("The provider did not confirm this sign-in; begin again."))
    return _read_token(provider, token, _get(_endpoint(found, "jwks_uri")), under_way.nonce, now)


def _read_token(provider: Provider, token: str, keys: dict[str, Any], nonce: str, now: dt.datetime) -> Identity:
    rules = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        exp={"essential": True},
        sub={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        claims = jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS).claims  # type: ignore[arg-type]
        rules.validate(claims)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise Denied(_("The provider's answer cannot be trusted; begin again.")) from error
    email = claims.get("email")
    if not isinstance(email, str) or claims.get("email_verified") is not True:
        raise Denied(_("The provider does not vouch for your e-mail address; ask its administrator."))
    name = claims.get("name")
    return Identity(email, name if isinstance(name, str) and name.strip() else email)


def _discover(provider: Provider) -> dict[str, Any]:
    found = _get(provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
    if found.get("issuer") != provider.issuer:
        raise Drifted(_("The provider gives another name for itself than KUTSU_OIDC_ISSUER."))
    return found


def _endpoint(found: dict[str, Any], name: str) -> str:
    address = found.get(name)
    if not isinstance(address, str):
        raise Drifted(_("The provider names no %(name)s.", name=name))
    return address


def _get(address: str) -> dict[str, Any]:
    # The operator names the provider, which often stands inside the house: private addresses are right here.
    with open_client(address, {}, allow_private=True, limits=QUICK) as client:
        answer: Answer = client.get(address)
    if answer.status != 200 or not isinstance(answer.json, dict):
        raise Refused(_("The provider answers with status %(status)s.", status=answer.status))
    return answer.json
