-- SPDX-License-Identifier: GPL-2.0-or-later
-- Refuses what is enforced, with the Security-Server line where the phone's Organization asks for it.
function ksr_request_route()
	local wanted = KSR.hdr.gete("Organization")
	local result
	if wanted == "with headers" then
		result = KSR.ims_regmon.reply_headers("Security-Server: ipsec-3gpp;alg=hmac-sha-1-96\r\nX-Lua: 1\r\n")
	else
		result = KSR.ims_regmon.reply()
	end
	if result == 1 then
		return 1
	end
	KSR.hdr.append_to_reply("X-Result: " .. result .. "\r\n")
	KSR.sl.sl_send_reply(200, "OK")
	return 1
end
