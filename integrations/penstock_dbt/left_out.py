"""What stands in a manifest though dbt leaves it out of every selection: disabled resources, and files without any text.

dbt disables a test itself when it refers to a model that is missing or disabled. Pure: a manifest in, ids out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

import msgspec

from penstock_dbt.fingerprints import checksum_text
from penstock_manifests.dbt import Manifest, Node
from penstock_manifests.dbt.records import EMPTY, Resource

_ON = b'{"enabled": true,'  # as dbt writes it, first
_OFF = re.compile(rb'"enabled"\s*:\s*false')
_EMPTY = hashlib.sha256(b"").hexdigest()  # dbt takes a file's checksum without the white space around it
_NEVER_EMPTY = frozenset({"seed", "snapshot"})


class _Enabled(msgspec.Struct, frozen=True):
    enabled: bool | None = None


_ENABLED = msgspec.json.Decoder(_Enabled)


class Configs:
    """The config text of each resource that can be disabled. Many share one: it is kept, and looked into, once."""

    def __init__(self, manifest: Manifest) -> None:
        self._texts: dict[str, bytes] = {}
        self._known: dict[bytes, bytes] = {}
        off: set[bytes] = set()
        found: list[str] = []
        for section in _sections(manifest):
            last, text = EMPTY, bytes(EMPTY)
            for key, resource in section.items():
                if resource.config != last:  # a tenth of the cost of looking it up
                    last = resource.config
                    text = self._kept(last, off)
                if off and text in off:
                    found.append(key)
                self._texts[resource.unique_id] = text
        self.disabled = frozenset(found)
        """The ids of the resources that dbt disabled after it had read them, as a test of a model that is gone."""

    def text(self, resource: Resource) -> bytes:
        """A resource's config, one object for all that have the same; empty for none."""
        text = self._texts.get(resource.unique_id)
        if text is None:
            read = bytes(resource.config)
            text = self._known.setdefault(read, read)
        return text if len(text) > 2 else b""

    def _kept(self, config: msgspec.Raw, off: set[bytes]) -> bytes:
        read = bytes(config)
        text = self._known.setdefault(read, read)
        if text is read and not _enabled(text):
            off.add(text)
        return text


def is_empty(node: Node) -> bool:
    """Whether the node's file has no text: dbt skips it without a word."""
    return node.resource_type not in _NEVER_EMPTY and checksum_text(node.checksum) == _EMPTY


def _enabled(config: bytes) -> bool:
    if config.startswith(_ON) or not _OFF.search(config):
        return True
    try:
        return _ENABLED.decode(config).enabled is not False
    except msgspec.ValidationError:
        return True  # settings of a wrong shape are told where they are read


def _sections(manifest: Manifest) -> tuple[Mapping[str, Resource], ...]:
    return (
        manifest.nodes,
        manifest.sources,
        manifest.functions,
        manifest.unit_tests,
        manifest.metrics,
        manifest.semantic_models,
        manifest.saved_queries,
    )
