-- SPDX-License-Identifier: GPL-2.0-or-later
function ksr_request_route()
	if KSR.is_REGISTER() then
		KSR.hdr.append_to_reply("X-Ims: " .. KSR.ims_regmon.check_profile("ims") .. "\r\n")
		KSR.hdr.append_to_reply("X-Strict: " .. KSR.ims_regmon.check_profile("strict") .. "\r\n")
		KSR.hdr.append_to_reply("X-Unknown: " .. KSR.ims_regmon.check_profile("nobody") .. "\r\n")
	end
	KSR.sl.sl_send_reply(403, "Seen")
end
