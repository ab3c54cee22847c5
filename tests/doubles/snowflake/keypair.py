"""A login by key pair, as Snowflake checks it: who signed it, for which account, and until when."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa


def signed_by_user(token: str, account: str, keys: Mapping[str, bytes]) -> bool:
    """`keys`: per user the public key (DER) that is registered for it."""
    try:
        head, claims, signature = token.split(".")
        told = json.loads(_plain(claims))
        if json.loads(_plain(head))["alg"] != "RS256" or not _is_due(told):
            return False
        place, user = str(told["sub"]).split(".")
        key = keys[user]
    except (ValueError, KeyError):
        return False
    print_of_key = "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode()
    if place != account.split(".")[0].upper() or told.get("iss") != f"{place}.{user}.{print_of_key}":
        return False
    public = serialization.load_der_public_key(key)
    assert isinstance(public, rsa.RSAPublicKey)
    try:
        public.verify(_plain(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def _is_due(claims: Mapping[str, Any]) -> bool:
    now = time.time()
    return float(claims["iat"]) <= now + 60 and now < float(claims["exp"]) <= float(claims["iat"]) + 3600


def _plain(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
