-- SPDX-License-Identifier: GPL-2.0-or-later
-- Hands reg-event documents over and answers with what the functions return.
function ksr_request_route()
	if KSR.is_REGISTER() then
		KSR.ims_regmon.observe()
		KSR.sl.sl_send_reply(200, "OK")
		return 1
	end
	local body = KSR.pv.gete("$rb")
	local subject = KSR.hdr.gete("Subject")
	local result
	if subject == "text" then
		result = KSR.ims_regmon.reginfo_body(body)
	else
		result = KSR.ims_regmon.reginfo()
	end
	KSR.sl.sl_send_reply(200, "Result " .. result)
	return 1
end
