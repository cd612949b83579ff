"""A development issuer: makes the tokens that a city's identity provider makes elsewhere."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from havn_chassis.auth import AUDIENCE, Role

ISSUER = "havn-development"
KEY_ID = "development"
DAYS = 30


@dataclass(frozen=True)
class Issuer:
    """A key pair in a folder of its own, and the public half as a JWKS file for the services."""

    jwks_file: Path
    _key: ec.EllipticCurvePrivateKey

    @classmethod
    def in_folder(cls, folder: Path) -> Self:
        """The folder's issuer; made the first time."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        private, public = folder / "issuer.pem", folder / "jwks.json"
        if private.exists():
            key = serialization.load_pem_private_key(private.read_bytes(), password=None)
            if not isinstance(key, ec.EllipticCurvePrivateKey):
                raise ValueError(f"{private} holds no elliptic curve key; remove it to have a new one made")
        else:
            key = ec.generate_private_key(ec.SECP256R1())
            private.touch(mode=0o600)
            private.write_bytes(
                key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            )
        jwk: dict[str, Any] = json.loads(ECAlgorithm.to_jwk(key.public_key()))
        public.write_text(json.dumps({"keys": [{**jwk, "kid": KEY_ID, "use": "sig", "alg": "ES256"}]}))
        return cls(public, key)

    def token(self, role: Role, subject: str, **claims: str) -> str:
        """A token for one role. ``claims``: ``shelter`` or ``municipality`` where the role has one."""
        now = int(time.time())
        payload = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "role": role,
            "iat": now,
            "exp": now + DAYS * 86400,
            **claims,
        }
        return jwt.encode(payload, self._key, algorithm="ES256", headers={"kid": KEY_ID})
