"""A dbt profile's way to log in, in the words of the connector. Its results hold secrets: never stored or shown."""

from __future__ import annotations

import base64
import binascii

from penstock.errors import ConfigError, ToolMissing
from penstock.integration import Connection, text_of
from penstock.system.files import regular_bytes, settled

# dbt's word -> the connector's; what is not here is passed on as it is (an Okta URL, externalbrowser, workload_identity).
_SAME = {"jwt": "oauth"}


def login_of(connection: Connection) -> dict[str, object]:
    """What `snowflake.connector.connect` is told of who logs in. Raises ConfigError."""
    settings = connection.settings
    told: dict[str, object] = {
        name: value for name in ("user", "password") if (value := text_of(settings, name))
    }
    authenticator = text_of(settings, "authenticator")
    key = private_key(connection)
    if key is not None:
        return {"user": told.get("user"), "private_key": key, "authenticator": "SNOWFLAKE_JWT"}
    if authenticator is None:
        if "user" not in told or "password" not in told:
            raise ConfigError(
                "Snowflake: neither a password nor a key nor a token is given",
                hint="set user with private_key_path, or authenticator with token",
            )
        return told
    if text_of(settings, "oauth_client_id") and authenticator.lower() == "oauth":
        raise ConfigError(
            "Snowflake: `oauth_client_id` makes `token` a refresh token, which penstock does not exchange",
            hint="give an access token, a programmatic access token or a key pair",
        )
    told["authenticator"] = _SAME.get(authenticator.lower(), authenticator)
    for name in ("token", "workload_identity_provider", "workload_identity_entra_resource"):
        if value := text_of(settings, name):
            told[name] = value
    if authenticator.lower() in ("oauth", "jwt", "programmatic_access_token") and "token" not in told:
        raise ConfigError(f"Snowflake: authenticator '{authenticator}' needs a token", hint="set token")
    return told


def private_key(connection: Connection) -> bytes | None:
    """The key of a key pair as unencrypted DER: from text (PEM, or base64 of DER) or a file. Raises ConfigError."""
    settings = connection.settings
    text, path = text_of(settings, "private_key"), text_of(settings, "private_key_path")
    if text is None and path is None:
        return None
    where = "private_key" if text is not None else "private_key_path"
    if text is not None:
        raw = text.encode()
    else:
        try:
            raw = regular_bytes(settled(connection.base, str(path)))
        except OSError as error:
            raise ConfigError(
                f"Snowflake: the file of private_key_path cannot be read: {error.strerror}",
                hint="a relative path starts at the dbt project's folder, or at that of penstock.yml",
            ) from None
    return _loaded(raw, text_of(settings, "private_key_passphrase"), where)


def _loaded(raw: bytes, passphrase: str | None, where: str) -> bytes:
    try:
        from cryptography.hazmat.primitives import serialization
    except ImportError:
        raise ToolMissing(
            "the Python package cryptography is not installed", hint="pip install 'penstock[snowflake]'"
        ) from None
    password = passphrase.encode() if passphrase else None
    try:
        if b"-----BEGIN" in raw:
            key = serialization.load_pem_private_key(raw, password)
        else:
            key = serialization.load_der_private_key(base64.b64decode(raw, validate=False), password)
    except (ValueError, TypeError, binascii.Error):
        raise ConfigError(
            f"Snowflake: {where} holds no private key that can be read",
            hint="PEM or base64 of DER (PKCS#8); check private_key_passphrase",
        ) from None
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
