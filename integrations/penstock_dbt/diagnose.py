"""What `doctor` shows about one dbt instance: whose dbt, its version and path, the adapter, profile, target, packages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from penstock.errors import PenstockError
from penstock.integration import Diagnosis, ObserveContext
from penstock_dbt import warm
from penstock_dbt.choose import choose
from penstock_dbt.config import DbtConfig
from penstock_dbt.packages import packages_missing
from penstock_dbt.profiles import connection_of, profile_name, profiles_file, selected_output
from penstock_dbt.settings import Settings, settings_of


def diagnose(context: ObserveContext[DbtConfig]) -> Iterable[Diagnosis]:
    """One line per thing that must be right. Nothing is installed and no warehouse is asked."""
    if context.config.artefacts_only:
        return [
            Diagnosis(
                subject=f"dbt/{context.instance}", ok=True, message="seen through its artefacts only, not run"
            )
        ]
    try:
        settings = settings_of(context)
    except PenstockError as error:
        return [_failed(f"dbt/{context.instance}", error)]
    return list(_lines(context, settings))


def _lines(context: ObserveContext[DbtConfig], settings: Settings) -> Iterator[Diagnosis]:
    yield Diagnosis(subject=f"{settings.where} project", ok=True, message=str(settings.project))
    try:
        target, _ = selected_output(settings)
        connection = connection_of(settings)
    except PenstockError as error:
        yield _failed(f"{settings.where} profile", error)
        return
    told = f"{profile_name(settings)}, target {target} ({connection.type}), from {profiles_file(settings)}"
    yield Diagnosis(subject=f"{settings.where} profile", ok=True, message=told)
    yield _warehouse(context, settings)
    yield _dbt(settings)
    for slot in warm.slots(settings.folder):
        if (note := warm.read_note(slot)) is not None and not note.lingers:
            yield Diagnosis(subject=f"{settings.where} process", ok=True, message=warm.told(note))
    if packages_missing(settings.project):
        auto = settings.config.deps == "auto"
        message = "not all packages are installed" + (": the next parse installs them" if auto else "")
        yield Diagnosis(
            subject=f"{settings.where} packages",
            ok=auto,
            message=message,
            hint=None if auto else "run dbt deps",
        )


def _warehouse(context: ObserveContext[DbtConfig], settings: Settings) -> Diagnosis:
    subject = f"{settings.where} warehouse"
    try:
        address = context.address(connection_of(settings))
    except PenstockError as error:
        return _failed(subject, error)
    return Diagnosis(
        subject=subject, ok=True, message=address.namespace, unchecked="whether it answers: dbt debug does"
    )


def _dbt(settings: Settings) -> Diagnosis:
    subject = f"{settings.where} tool"
    try:
        dbt = choose(settings, lambda line: None, make=False)
    except PenstockError as error:
        return _failed(subject, error)
    if dbt is None:
        return Diagnosis(
            subject=subject, ok=True, message="no dbt found: penstock makes its own when it is needed"
        )
    adapters = ", ".join(f"{name} {version}" for name, version in sorted((dbt.adapters or {}).items()))
    return Diagnosis(
        subject=subject, ok=True, message=str(dbt) + (f"; adapters: {adapters}" if adapters else "")
    )


def _failed(subject: str, error: PenstockError) -> Diagnosis:
    message = f"{error.where}: {error.what}" if error.where else error.what
    return Diagnosis(subject=subject, ok=False, message=message, hint=error.hint)
