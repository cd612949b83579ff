"""Who asks, and of which shelter: what every route of intake begins with."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends

from havn_chassis.http import Call, Page, Reader, allow, read
from intake.shelters import Shelter, Shelters

Reporting = Annotated[Call, Depends(allow("shelter", "leader"))]
Asking = Annotated[Reader, Depends(read("shelter", "leader", "auditor"))]
Leading = Annotated[Reader, Depends(read("leader", scope="havn:decide"))]
Deciding = Annotated[Call, Depends(allow("leader", scope="havn:decide"))]


def own_shelter_id(reader: Reader) -> UUID:
    """The shelter the caller's token names; the roles of every route here have one."""
    assert reader.caller.shelter is not None
    return reader.caller.shelter


def own_shelter(reader: Reader) -> Shelter:
    """The setting of the caller's shelter."""
    shelters: Shelters = reader.setting("shelters")
    return shelters.of(own_shelter_id(reader))


def after_day_and_id(page: Page) -> list[Any]:
    """The day and id that the page before ended with; before everything on the first page."""
    return page.after_key(date.fromisoformat, UUID) or [date.min, UUID(int=0)]
