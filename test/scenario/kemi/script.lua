-- SPDX-License-Identifier: GPL-2.0-or-later
-- Answers with what the functions return and what the variables hold.
function ksr_request_route()
	local observed = KSR.ims_regmon.observe()
	local again = KSR.ims_regmon.observe()
	local fine = KSR.ims_regmon.check()
	KSR.hdr.append_to_reply("X-Observed: " .. observed .. " " .. again .. "\r\n")
	KSR.hdr.append_to_reply("X-Check: " .. fine .. "\r\n")
	KSR.hdr.append_to_reply("X-Impu: " .. KSR.pv.gete("$regmon(impu)") .. "\r\n")
	KSR.hdr.append_to_reply("X-Finding: " .. KSR.pv.gete("$regmon(finding)") .. "\r\n")
	KSR.hdr.append_to_reply("X-State: " .. KSR.pv.gete("$regmon(state)") .. "\r\n")
	if fine < 0 then
		KSR.sl.sl_send_reply(400, "Bad Request")
	else
		KSR.sl.sl_send_reply(200, "OK")
	end
	return 1
end
