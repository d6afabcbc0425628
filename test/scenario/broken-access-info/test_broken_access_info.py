# SPDX-License-Identifier: GPL-2.0-or-later
import pytest

from sip import NR_CELL, eventually


@pytest.mark.parametrize("access, finding", [
    ("3GPP-NR-TDD;utran-cell-id-3gpp=0010100640000A1F", "PANI-04"),
    ("3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=00101006600C0", "PANI-04"),
    ("IEEE-802.11;i-wlan-node-id=0A:1B:2C:3D:4E:5F", "PANI-10"),
    ("3GPP-NR-TDD;utran-cell-id-3gpp", "PANI-01"),
])
def test_is_found(phone, regmon, access, finding):
    phone.access = access
    phone.registers()
    who = "imsi:" + phone.imsi
    assert eventually(lambda: regmon.state(who) == "registered")
    assert finding in regmon.findings(who)
    assert regmon.causes(who) == []


@pytest.mark.parametrize("access", [
    NR_CELL,
    "3GPP-NR-FDD;utran-cell-id-3gpp=310410000064000000A1F",
    "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=0010100660000C01",
    'IEEE-802.11;i-wlan-node-id=0A1B2C3D4E5F',
])
def test_is_silent_for_good_ones(phone, regmon, access):
    phone.access = access
    phone.registers()
    who = "imsi:" + phone.imsi
    assert eventually(lambda: regmon.state(who) == "registered")
    assert not {f for f in regmon.findings(who) if f.startswith("PANI")}


def test_is_split_into_plmn_area_and_cell(phone, regmon):
    phone.registers()
    shown = regmon.show("imsi:" + phone.imsi)
    assert shown["access_type"] == "3GPP-NR-TDD"
    assert shown["plmn"] == "00101"
    assert shown["tac"] == "000064"
    assert shown["cell"] == "000000A1F"
