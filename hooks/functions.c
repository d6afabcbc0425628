/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Script functions and their KEMI twins. */
#include "core/dprint.h"
#include "core/kemi.h"

#include "hooks/hooks.h"
#include "show/current.h"

/* ims_regmon_observe(): remembers this REGISTER; 1, or -1 when it is none. A second call for one message is nothing
 * new. */
static int observe(struct sip_msg *msg)
{
	const regmon_current_t *current;

	if(msg->first_line.type != SIP_REQUEST
			|| msg->first_line.u.request.method_value != METHOD_REGISTER)
		return -1;
	current = regmon_current_of(msg);
	if(current && current->observed)
		return 1;
	return regmon_observe_request(msg) ? 1 : -1;
}

/* ims_regmon_check(): 1 when no rule of severity error is broken, -1 when one is or when it is no REGISTER and no
 * answer to one. */
static int check(struct sip_msg *msg)
{
	const regmon_current_t *current = regmon_current_of(msg);

	return current && current->findings.worst < REGMON_ERROR ? 1 : -1;
}

static int w_observe(struct sip_msg *msg, char *unused1, char *unused2)
{
	return observe(msg);
}

static int w_check(struct sip_msg *msg, char *unused1, char *unused2)
{
	return check(msg);
}

cmd_export_t regmon_functions[] = {
		{"ims_regmon_observe", (cmd_function)w_observe, 0, 0, 0,
				REQUEST_ROUTE},
		{"ims_regmon_check", (cmd_function)w_check, 0, 0, 0, ANY_ROUTE},
		{0, 0, 0, 0, 0, 0}};

static sr_kemi_t kemi_functions[] = {
		{str_init("ims_regmon"), str_init("observe"), SR_KEMIP_INT, observe,
				{SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
						SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{str_init("ims_regmon"), str_init("check"), SR_KEMIP_INT, check,
				{SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
						SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{{0, 0}, {0, 0}, 0, NULL, {0, 0, 0, 0, 0, 0}}};

int regmon_kemi_register(void)
{
	return sr_kemi_modules_add(kemi_functions);
}
