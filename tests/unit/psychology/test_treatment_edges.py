"""A treatment opened anew, and what is left when more than that was used."""

from dataclasses import replace

from havn_chassis.testing import given
from psychology.domain.treatment.commands import Elsewhere
from psychology.domain.treatment.decider import TREATMENT
from tests.unit.psychology.treatment import ANOTHER_OBLIGATION, FIRST, assigned, closed, hold, open_treatment, opened, refusal


def test_another_obligation_opens_a_closed_treatment_anew() -> None:
    anew = opened(obligation=ANOTHER_OBLIGATION).model_copy(update={"floor": 240})
    given(TREATMENT, [opened(), closed()]).when(open_treatment(ANOTHER_OBLIGATION)).then([anew])


def test_where_sessions_are_counted_never_less_than_none_is_left() -> None:
    used_up = replace(hold(FIRST, 60), elsewhere=Elsewhere(sessions=3))
    assert "0 sessions are left" in refusal([opened("sessions", 2), assigned()], used_up).detail
