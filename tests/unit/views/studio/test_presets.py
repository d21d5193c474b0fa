from ctnb import RequestContact
from ctnb.leads.guess_columns import Roles
from ctnb.views.studio.presets import preset_rules


def test_presets_leave_out_rules_without_columns():
    assert preset_rules("ids_contacts", Roles(emails=("e",), date="d")) == [RequestContact("d", depth="7d", emails="e")]
    assert preset_rules("ids", Roles(phones=("p",), date="d")) == []
    assert preset_rules("contacts", Roles(phones=("p",))) == []
