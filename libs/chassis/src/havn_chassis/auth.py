"""Who calls: a signed token, checked against the issuer's public keys, and the roles a route allows.

A token is a JWT (RFC 7519) signed with ES256. Claims: ``sub``, ``role``, and ``shelter`` or ``municipality`` where the
role has one.
"""

import hashlib
import json
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Literal, get_args
from uuid import UUID

import jwt

from havn_events.municipalities import MUNICIPALITIES

Role = Literal["shelter", "leader", "psychologist", "adviser", "municipality", "operator"]
ROLES: tuple[Role, ...] = get_args(Role)
AUDIENCE = "havn"
REMEMBERED_TOKENS = 1000


class NotAuthenticated(Exception):
    """The token is missing, forged, expired or made for something else."""


class NotAllowed(Exception):
    """The caller is known and may not do this."""


@dataclass(frozen=True)
class Caller:
    """Who calls. ``subject`` is a digest: whatever an issuer puts into ``sub`` goes no further than here."""

    role: Role
    subject: str
    shelter: UUID | None
    municipality: str | None

    @property
    def actor(self) -> str:
        """How events name the caller: role and opaque id."""
        return f"{self.role}:{self.subject}"


class Tokens:
    """Checks tokens against the keys in a JWKS file. A checked token is remembered until it expires."""

    def __init__(self, jwks_file: Path, issuer: str) -> None:
        keys = jwt.PyJWKSet.from_dict(json.loads(jwks_file.read_text()))
        self._keys = {key.key_id: key for key in keys.keys if key.key_id}
        self._issuer = issuer
        self._checked: OrderedDict[str, tuple[Caller, float]] = OrderedDict()
        self._lock = Lock()

    def caller(self, authorization: str | None) -> Caller:
        """The caller of a request with that Authorization header. Raises NotAuthenticated, with no hint why."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise NotAuthenticated
        with self._lock:
            known = self._checked.get(token)
            if known and known[1] > time.time():
                return known[0]
        caller, expires = self._check(token)
        with self._lock:
            self._checked[token] = (caller, expires)
            while len(self._checked) > REMEMBERED_TOKENS:
                self._checked.popitem(last=False)
        return caller

    def _check(self, token: str) -> tuple[Caller, float]:
        try:
            key = self._keys[jwt.get_unverified_header(token)["kid"]]
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=["ES256"],
                audience=AUDIENCE,
                issuer=self._issuer,
                options={"require": ["exp", "sub", "aud", "iss"]},
            )
            return _caller(claims), float(claims["exp"])
        except (jwt.InvalidTokenError, KeyError, ValueError, TypeError):
            raise NotAuthenticated from None


def _caller(claims: dict[str, Any]) -> Caller:
    role = claims["role"]
    if role not in ROLES:
        raise ValueError("unknown role")
    shelter = UUID(claims["shelter"]) if role in ("shelter", "leader") else None
    municipality = claims["municipality"] if role == "municipality" else None
    if municipality is not None and municipality not in MUNICIPALITIES:
        raise ValueError("unknown municipality")
    return Caller(role, hashlib.sha256(str(claims["sub"]).encode()).hexdigest()[:16], shelter, municipality)
