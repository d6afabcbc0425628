# SPDX-License-Identifier: GPL-2.0-or-later
import re
import time
from datetime import datetime, timedelta, timezone

import pytest

import faults
from burst import Burst
from faults import Clock
from regmon import Regmon
from sip import eventually

HOUR = 3600
PLAIN = """
request_route {
	append_to_reply("Contact: $hdr(Contact);expires=EXPIRES\\r\\n");
	sl_send_reply("200", "OK");
	exit;
}
"""


@pytest.fixture
def clock(tmp_path):
    found = Clock(tmp_path)
    if not found.library:
        pytest.skip("libfaketime is missing")
    return found


@pytest.mark.parametrize("hours", [1, -1])
def test_clock_of_the_machine_is_set(start, phones, clock, hours):
    """Somebody sets the date by an hour. Attempts and bindings go by another clock: none ends for that, no delay is wrong."""
    node = start(parameters=[("cause_log_level", "off")], under=clock.under())
    regmon = Regmon(node)
    bound, waiting = phones(node), phones(node, "001010000000102")
    bound.registers()
    waiting.register()
    waiting.expect(401)
    clock.jump(hours * HOUR)
    assert abs(node.rpc("core.uptime")["uptime"] - hours * HOUR) < 600  # Kamailio itself has seen it
    waiting.answer_challenge()
    waiting.expect(200)
    for phone in (bound, waiting):
        phone.refresh()
        phone.expect(200)
    time.sleep(2.5)  # rounds of the timer process
    for phone in (bound, waiting):
        assert regmon.state("imsi:" + phone.imsi) == "registered"
        assert all("h" not in entry.get("delay", "") for entry in regmon.timeline("imsi:" + phone.imsi))
    counted = regmon.counters()
    assert (counted["attempts_initial"], counted["successes_initial"]) == (2, 2)
    assert (counted["attempts_reregistration"], counted["successes_reregistration"]) == (2, 2)
    assert counted["setup_ms_initial"] < 60000 and counted["expired"] == 0
    assert regmon.summary()["last_hour"]["ended"] == 4


def test_all_bindings_run_out_in_one_second(start, clock):
    """Everybody was granted the same hour, and it is over now. Phones that come meanwhile wait for nothing."""
    many = 100000 if faults.LONG else 3000
    node = start(parameters=[("max_registrations", 2 * many), ("cause_log_level", "off")],
                 route=PLAIN.replace("EXPIRES", str(HOUR)), shm_mb=512 if faults.LONG else 64, under=clock.under(all_clocks=True))
    regmon, burst = Regmon(node), Burst(node.port)
    burst.register(0, many, window=50)
    assert regmon.count("bindings") == many
    burst.register(many, 300, window=1)
    before_ms = burst.milliseconds(many, 300)
    clock.jump(HOUR + 1)
    started = time.monotonic()
    burst.register(many + 300, 300, window=1)
    during_ms = burst.milliseconds(many + 300, 300)
    assert eventually(lambda: regmon.count("expired") == many + 300, timeout=30, every=0.2), regmon.count("expired")
    print(f"{many + 300} bindings expired {time.monotonic() - started:.1f} s after their time; a REGISTER took"
          f" {before_ms[0]:.2f} ms ({before_ms[1]:.2f} the 95th percentile) before, {during_ms[0]:.2f} ms"
          f" ({during_ms[1]:.2f}) meanwhile")
    assert during_ms[1] < 1000
    assert regmon.count("bindings") == 300 and regmon.counters()["state_expired"] == many + 300
    assert regmon.count("successes_initial") == many + 600
    burst.close()


def test_summer_time_ends(start, phones, clock):
    """Kamailio runs for months: what is shown goes by the time of the day that holds then, as its log does."""
    ends = datetime.now(timezone.utc) + timedelta(minutes=20)
    local = ends + timedelta(hours=2)
    zone = f"NODE-1SUMMER-2,0/0,{local.timetuple().tm_yday - 1}/{local:%H:%M:%S}"
    node = start(parameters=[("cause_log_level", "off")], under=["env", f"TZ={zone}"] + clock.under(all_clocks=True))
    regmon, phone = Regmon(node), phones(node)

    def hours_ahead():
        shown = re.search(r"(\d\d):(\d\d):\d\d", regmon.why("imsi:" + phone.imsi)["summary"])
        minutes = int(shown.group(1)) * 60 + int(shown.group(2)) - registered.hour * 60 - registered.minute
        return round(minutes % 1440 / 60)

    registered = datetime.now(timezone.utc)
    phone.registers()
    assert hours_ahead() == 2
    clock.jump(2400)
    assert hours_ahead() == 1
