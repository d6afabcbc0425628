-- SPDX-License-Identifier: GPL-2.0-or-later
-- What ims_regmon can do for the Lua script of an I-CSCF. The module watches without
-- it: this is for being told of causes. In the configuration #!define WITH_REGMON_LUA
-- and icscf.cfg; at the top of your script
--
--   dofile("/etc/kamailio/regmon.lua")

-- Called in a process of its own, never in a SIP worker, when other causes apply to a
-- phone than before. Of these the I-CSCF is the first to know.
local OURS = {
	["no-answer-from-core"] = "no S-CSCF answers; look at the one that the HSS names",
	["refused-by-core"] = "the S-CSCF refuses",
	["refused-here"] = "refused by the HSS, or for want of it or of an S-CSCF",
	["unanswered-here"] = "neither passed on nor answered; look at the connection to the HSS",
}

function ksr_regmon_event(name)
	local cause = KSR.pv.gete("$regmon(cause)")
	if OURS[cause] then
		KSR.warn("regmon: " .. KSR.pv.gete("$regmon(impi)") .. ": " .. cause .. ", answer "
			.. KSR.pv.gete("$regmon(code)") .. ": " .. OURS[cause] .. "\n")
	end
	return 1
end
