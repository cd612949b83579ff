"""Reports that carry who somebody is: the identity goes into the vault in the report's own transaction."""

from uuid import UUID

from eventsourcing.persistence import IntegrityError
from fastapi import Response

from havn_chassis.decider import Refused
from havn_chassis.http import Call, Reader
from havn_chassis.store import Work
from intake import identity as vault_of
from intake.asking import own_shelter, own_shelter_id
from intake.bodies import Identity
from intake.domain.stay.decider import STAY
from intake.identity import IdentityField, Person, Vault


def report_with_identity(
    call: Call, stay_id: UUID, command: object, person_id: UUID | None, identity: Identity | None
) -> Response:
    """A report whose identity, where it carries one, goes into the vault with it."""
    try:
        return call.handle(STAY, (stay_id,), command, also=_sealing(call, person_id, identity))
    except IntegrityError as error:
        refused = vault_of.refused_as_erased(error)
        if refused is None:
            raise
        raise refused from None


def _sealing(call: Call, person_id: UUID | None, identity: Identity | None) -> Work | None:
    """What puts the identity into the vault in the report's own transaction.

    Without a person there is nothing to put there, and the identity is judged all the same: the answer must not tell whether
    somebody else's stay exists.
    """
    if identity is None:
        return None
    values = _checked(call, identity)
    vault = vault_in_use(call)
    if person_id is None:
        return None
    person = Person(own_shelter_id(call), person_id)
    query = "SELECT version FROM intake_keys.data_keys WHERE shelter_id = %s AND person_id = %s"
    earlier = call.one(query, (person.shelter_id, person.person_id))
    return vault.seal(person, values, 1 + (earlier["version"] if earlier else 0)).store


def _checked(call: Call, identity: Identity) -> dict[IdentityField, str]:
    values = identity.recorded()
    if identity.cpr is not None:
        if not own_shelter(call).cpr_numbers:
            raise Refused(
                "cpr-numbers-not-held",
                "This shelter's setting says that it holds no CPR numbers; leave the number out.",
                field="identity.cpr",
                kind="invalid",
            )
        values["cpr"] = vault_of.check_cpr(identity.cpr, call.today)
    return values


def vault_in_use(reader: Reader) -> Vault:
    """The vault. Raises Refused where this installation has none."""
    vault: Vault | None = reader.setting("vault")
    if vault is None:
        raise Refused(
            "no-vault",
            "This installation has no vault key, so identities are neither taken in nor given out; leave the identity out.",
            field="identity",
        )
    return vault
