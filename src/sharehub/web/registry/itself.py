"""What clients ask about the registry itself; no subject has a level or a mode of its own."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from sharehub.web.registry.answers import RegistryError
from sharehub.wire.subjects import LEVEL

router = APIRouter()
Inherited = Annotated[bool, Query(alias="defaultToGlobal", description="Answer what holds for all subjects.")]


@router.get("/")
def root() -> Any:
    """The registry answers."""
    return {}


@router.get("/contexts")
def contexts() -> Any:
    """There is one."""
    return ["."]


@router.get("/config")
def config() -> Any:
    """What a new schema owes to all released ones of its name."""
    return {"compatibilityLevel": LEVEL}


@router.get("/config/{subject}")
def config_of(subject: str, inherited: Inherited = False) -> Any:
    """The same where asked for what holds for all."""
    if not inherited:
        raise RegistryError(40408, f"Subject '{subject}' does not have subject-level compatibility configured")
    return config()


@router.get("/mode")
def mode() -> Any:
    """Nothing is registered here."""
    return {"mode": "READONLY"}


@router.get("/mode/{subject}")
def mode_of(subject: str, inherited: Inherited = False) -> Any:
    """The same where asked for what holds for all."""
    if not inherited:
        raise RegistryError(40409, f"Subject '{subject}' does not have subject-level mode configured")
    return mode()
