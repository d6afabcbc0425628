-- SPDX-License-Identifier: GPL-2.0-or-later
-- The Lua half of records-to-nats.cfg, for nodes whose routing is in Lua. In the
-- configuration instead of its routes:
--
--   loadmodule "app_lua.so"
--   modparam("app_lua", "load", "/etc/kamailio/records-to-nats.lua")
--   modparam("ims_regmon", "event_callback", "ksr_regmon_event")
--   modparam("ims_regmon", "events", "cause,record")
--   cfgengine "lua"

local CORE = "sip:127.0.0.1:5061"

-- called in a process of its own, never in a SIP worker; name is "ims_regmon:record", ...
function ksr_regmon_event(name)
	local subject = "ims.registration." .. string.sub(name, #"ims_regmon:" + 1)
	KSR.nats.publish(subject, KSR.pv.gete("$regmon(json)"))
	return 1
end

function ksr_request_route()
	if KSR.pv.gete("$rm") ~= "REGISTER" then
		KSR.sl.sl_send_reply(405, "Only REGISTER in this example")
		return 1
	end
	KSR.hdr.append("Path: <sip:term@127.0.0.1:" .. KSR.pv.gete("$Rp") .. ";lr>\r\n")
	KSR.pv.sets("$du", CORE)
	if KSR.tm.t_relay() < 0 then
		KSR.sl.sl_reply_error()
	end
	return 1
end
