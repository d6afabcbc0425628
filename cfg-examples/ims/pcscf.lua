-- SPDX-License-Identifier: GPL-2.0-or-later
-- What ims_regmon can do for the Lua script of a P-CSCF. The module watches without
-- any of it: this is for refusing what rules forbid and for being told of causes.
-- In the configuration #!define WITH_REGMON_LUA and pcscf.cfg; at the top of your script
--
--   dofile("/etc/kamailio/regmon.lua")
--
-- and where a REGISTER begins, before pcscf_save_pending() (the modules ims_* have no
-- functions for KEMI: it is KSR.x.modf("pcscf_save_pending", "location") in Lua):
--
--   if regmon_refuses() then return 1 end

-- what this P-CSCF offers; 421 and 494 for want of an agreement must name it
local SECURITY_SERVER = "Security-Server: ipsec-3gpp;q=0.1;prot=esp;mod=trans;spi-c=4096;spi-s=4097;"
	.. "port-c=5062;port-s=5063;alg=hmac-sha-1-96;ealg=null\r\n"

-- true: a rule in mode enforce is broken, and its answer is on the way. Without such a
-- rule (parameter rule, doc/enforcement.md) nothing is ever refused.
function regmon_refuses()
	local contact = KSR.pv.gete("$ct")
	-- an emergency registration is not refused for its form
	if string.find(contact, ";sos[;>]") or string.find(contact, ";sos$") then
		return false
	end
	return KSR.ims_regmon.reply_headers(SECURITY_SERVER) == 1
end

-- Called in a process of its own, never in a SIP worker, when other causes apply to a
-- phone than before. Here go a ticket, a message to the radio people, ...
function ksr_regmon_event(name)
	local phone = KSR.pv.gete("$regmon(impu)") .. " (" .. KSR.pv.gete("$regmon(device)") .. ")"
	local cause = KSR.pv.gete("$regmon(cause)")
	if cause == "" then
		KSR.notice("regmon: " .. phone .. " is well again\n")
	else
		KSR.warn("regmon: " .. phone .. " at TAC " .. KSR.pv.gete("$regmon(tac)") .. ": " .. cause .. ", "
			.. KSR.pv.gete("$regmon(certainty)") .. "\n")
	end
	return 1
end
