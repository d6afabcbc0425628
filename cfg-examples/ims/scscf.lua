-- SPDX-License-Identifier: GPL-2.0-or-later
-- What ims_regmon can do for the Lua script of an S-CSCF. The module watches without
-- it: this is for being told of causes. In the configuration #!define WITH_REGMON_LUA
-- and scscf.cfg; at the top of your script
--
--   dofile("/etc/kamailio/regmon.lua")

-- Called in a process of its own, never in a SIP worker, when other causes apply to a
-- phone than before. Of these the S-CSCF is the first to know.
local AUTHENTICATION = {
	["autn-mac-failure"] = "K, OP/OPc or AMF of card and HSS differ",
	["sqn-out-of-range"] = "SQN of card and HSS are out of step",
	["wrong-response"] = "the card's answer is not the one expected",
	["stale-credentials"] = "the phone answers an old challenge",
	["challenge-loop"] = "challenged again and again",
}

function ksr_regmon_event(name)
	local cause = KSR.pv.gete("$regmon(cause)")
	if AUTHENTICATION[cause] then
		KSR.warn("regmon: " .. KSR.pv.gete("$regmon(impi)") .. ": " .. cause .. ", "
			.. KSR.pv.gete("$regmon(certainty)") .. ": " .. AUTHENTICATION[cause] .. "\n")
	end
	return 1
end
