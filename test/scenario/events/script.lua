-- SPDX-License-Identifier: GPL-2.0-or-later
-- Writes down what it is told of.
function ksr_request_route()
	KSR.pv.sets("$du", "CORE") -- the test writes the address here
	KSR.tm.t_relay()
	return 1
end

function ksr_regmon_event(name)
	KSR.notice("TOLD " .. name .. " " .. KSR.pv.gete("$regmon(impu)") .. " "
		.. KSR.pv.gete("$regmon(state)") .. " " .. KSR.pv.gete("$regmon(result)") .. " "
		.. KSR.pv.gete("$regmon(json)") .. "\n")
	return 1
end
