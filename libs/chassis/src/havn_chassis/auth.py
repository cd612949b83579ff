"""Who calls: an access token of the OpenID Connect issuer, checked against its public keys, and the roles and scopes a route needs.

A token is a JWT (RFC 7519, RFC 9068) signed with ES256. Claims: ``iss``, ``aud``, ``exp``, ``sub``, ``role``, ``scope``, and
``shelter``, ``municipality``, ``psychologist`` or ``adviser`` where the role has one.
"""

import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args
from uuid import UUID

import jwt

from havn_chassis.keys import ALGORITHM, IssuerKeys
from havn_events.municipalities import MUNICIPALITIES

Role = Literal["shelter", "leader", "psychologist", "adviser", "municipality", "operator", "auditor"]
ROLES: tuple[Role, ...] = get_args(Role)
OF_A_SHELTER: tuple[Role, ...] = ("shelter", "leader", "auditor")
"""Whose token names a shelter: its staff, its leader, and who audits it."""
Scope = Literal["havn:read", "havn:report", "havn:decide", "havn:operate"]
"""What a token may be used for, on top of its role."""
LEEWAY_SECONDS = 30
"""How far the issuer's clock and ours may be apart."""
REMEMBERED_TOKENS = 1000
_TYPES = frozenset([None, "jwt", "at+jwt", "application/at+jwt"])


class NotAuthenticated(Exception):
    """The token is missing, forged, expired or made for something else."""


class NotAllowed(Exception):
    """The caller is known and may not do this."""


class IssuerAway(Exception):
    """The issuer has not been reached since the start, so no token can be checked."""


@dataclass(frozen=True)
class Caller:
    """Who calls. ``subject`` is a digest: whatever an issuer puts into ``sub`` goes no further than here.

    ``professional``: the id under which a psychologist or an adviser is named to her cases.
    """

    role: Role
    subject: str
    scopes: frozenset[str]
    shelter: UUID | None = None
    municipality: str | None = None
    professional: UUID | None = None

    @property
    def actor(self) -> str:
        """How events name the caller: role and opaque id."""
        return f"{self.role}:{self.subject}"

    @property
    def keyholder(self) -> str:
        """Whose idempotency keys these are: one subject may act for two municipalities, or two shelters."""
        return f"{self.actor}:{self.municipality or self.shelter or self.professional or ''}"


class Tokens:
    """Checks tokens. A checked one is remembered until it expires or the issuer's keys change. Used from one event loop."""

    def __init__(self, issuer: str, audience: str, ca_file: Path | None = None) -> None:
        self._issuer = issuer
        self._audience = audience
        self._checked: OrderedDict[str, tuple[Caller, float]] = OrderedDict()
        self.keys = IssuerKeys(issuer, ca_file, self._checked.clear)

    async def caller(self, authorization: str | None) -> Caller:
        """The caller of a request with that Authorization header.

        Raises NotAuthenticated, with no hint why, or IssuerAway. Waits for the issuer only where the key is not known.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise NotAuthenticated
        known = self._checked.get(token)
        if known and known[1] > time.time():
            return known[0]
        caller, until = self._check(token, await self._key(token))
        self._checked[token] = (caller, until)
        while len(self._checked) > REMEMBERED_TOKENS:
            self._checked.popitem(last=False)
        return caller

    async def _key(self, token: str) -> jwt.PyJWK:
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.InvalidTokenError, ValueError):
            raise NotAuthenticated from None
        kind = header.get("typ")
        if header.get("alg") != ALGORITHM or "crit" in header or (kind.lower() if isinstance(kind, str) else kind) not in _TYPES:
            raise NotAuthenticated
        if self.keys.get(header.get("kid")) is None:
            await self.keys.look_again()
        key = self.keys.get(header.get("kid"))
        if key is None:
            raise NotAuthenticated if self.keys.known else IssuerAway
        return key

    def _check(self, token: str, key: jwt.PyJWK) -> tuple[Caller, float]:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "sub", "aud", "iss"]},
            )
            return _caller(claims), float(claims["exp"]) + LEEWAY_SECONDS
        except (jwt.InvalidTokenError, KeyError, ValueError, TypeError, AttributeError, OverflowError):
            raise NotAuthenticated from None


def _caller(claims: dict[str, Any]) -> Caller:
    role = claims["role"]
    if role not in ROLES:
        raise ValueError("unknown role")
    municipality = claims["municipality"] if role == "municipality" else None
    if municipality is not None and municipality not in MUNICIPALITIES:
        raise ValueError("unknown municipality")
    return Caller(
        role=role,
        subject=hashlib.sha256(claims["sub"].encode()).hexdigest()[:16],
        scopes=frozenset(claims.get("scope", "").split()),
        shelter=UUID(claims["shelter"]) if role in OF_A_SHELTER else None,
        municipality=municipality,
        professional=UUID(claims[role]) if role in ("psychologist", "adviser") else None,
    )
