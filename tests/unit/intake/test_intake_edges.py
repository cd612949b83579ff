"""When a complaint is to be answered, and events that change nothing of what may be reported next."""

from datetime import date

from havn_events.intake import RiskAssessed
from havn_events.orchestrator import DayPassed
from intake.domain.complaint import COMPLAINT
from intake.domain.inquiry import INQUIRY
from intake.domain.stay.decider import STAY
from tests.unit.intake.stay import ADMITTED, STAY_ID, WOMAN
from tests.unit.intake.test_complaint import filed
from tests.unit.intake.test_inquiry import RECEIVED

DAY = date(2025, 5, 6)


def test_an_assessed_risk_changes_nothing_of_the_stay() -> None:
    assessed = RiskAssessed(occurred_on=DAY, stay_id=STAY_ID, person_id=WOMAN, level="high")
    assert STAY.fold([ADMITTED, assessed]) == STAY.fold([ADMITTED])


def test_an_event_of_another_kind_changes_no_inquiry_and_no_complaint() -> None:
    passed = DayPassed(occurred_on=DAY)
    assert INQUIRY.fold([RECEIVED, passed]) == INQUIRY.fold([RECEIVED])
    assert COMPLAINT.fold([filed(), passed]) == COMPLAINT.fold([filed()])
