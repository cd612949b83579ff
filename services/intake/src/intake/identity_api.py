"""Routes of the vault: who somebody is, who read it, and its erasure."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from havn_chassis.decider import Refused
from havn_chassis.http import Page, number
from intake import identity as vault_of
from intake.asking import Leading, Reporting, own_shelter_id
from intake.bodies import WORDS_OF_ROLES, AccessItem, AccessPage, IdentityReading, ReadingRequest
from intake.identity import Person, VaultUnreadable
from intake.with_identity import vault_in_use

router = APIRouter()


@router.post("/people/{person_id}/identity/readings")
def read_identity(person_id: UUID, body: ReadingRequest, call: Reporting, response: Response) -> IdentityReading:
    """A person's identity, after a record of who reads which of it, when and what for."""
    vault, person = vault_in_use(call), Person(own_shelter_id(call), person_id)
    reading = vault_of.Reading(call.caller.actor, call.caller.role, body.purpose, body.fields, call.now)
    found: list[vault_of.SealedIdentity] = []
    call.desk.store.transact(lambda cursor: found.append(vault_of.read_for(cursor, person, reading)))
    response.headers["Cache-Control"] = "no-store"
    try:
        return IdentityReading.model_validate({"person_id": person_id, **vault.open(found[0])})
    except VaultUnreadable:
        raise Refused(
            "identity-unreadable",
            "What is recorded does not open with the vault's key: it was restored from another moment than its key, or the key "
            "file is another one. Ask whoever runs this installation; if it stays so, record the identity again.",
        ) from None


@router.get("/people/{person_id}/access-log")
def read_access_log(person_id: UUID, reads: Leading, page: Annotated[Page, Depends()]) -> AccessPage:
    """When was a person's identity read, in which role and what for? To be handed to her; it does not say by whom."""
    [after] = page.after_key(number) or [0]
    rows = reads.all(
        "SELECT id, read_at, role, purpose, fields FROM identity_readings "
        "WHERE shelter_id = %s AND person_id = %s AND id > %s ORDER BY id LIMIT %s",
        (own_shelter_id(reads), person_id, after, page.limit + 1),
    )
    shown = page.of(rows, key=lambda row: [row["id"]])
    return AccessPage(items=[_access(row) for row in shown["items"]], next=shown["next"])


def _access(row: dict[str, Any]) -> AccessItem:
    role_da, role_en = WORDS_OF_ROLES[row["role"]]
    purpose_da, purpose_en = vault_of.PURPOSES[row["purpose"]]
    return AccessItem(**row, role_da=role_da, role_en=role_en, purpose_da=purpose_da, purpose_en=purpose_en)


@router.delete("/people/{person_id}/identity", status_code=204)
def erase_identity(person_id: UUID, reads: Leading) -> None:
    """Erase a person's identity for good; again is harmless. What was recorded about the stay remains, without a name."""
    person = Person(own_shelter_id(reads), person_id)
    reads.desk.store.transact(lambda cursor: vault_of.erase(cursor, person, reads.now))
