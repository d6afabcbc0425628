/* SPDX-License-Identifier: GPL-2.0-or-later */
/* usrloc, the contact store of a plain registrar. The callbacks run with a lock of the store held. */
#include "core/dprint.h"
#include "modules/usrloc/usrloc.h"

#include "hooks/hooks.h"
#include "show/monitor.h"

void regmon_tell_stored(const regmon_store_news_t *stored)
{
	if(!regmon_is_over())
		regmon_table_stored(
				regmon_monitor.table, stored, regmon_clock_now_ms());
}

static regmon_stored_t stored_of(int type)
{
	switch(type) {
		case UL_CONTACT_DELETE:
			return REGMON_STORED_REMOVED;
		case UL_CONTACT_EXPIRE:
			return REGMON_STORED_EXPIRED;
		default:
			return REGMON_STORED_STORED;
	}
}

static void on_contact(struct ucontact *contact, int type, void *unused)
{
	const regmon_store_news_t stored = {.store = REGMON_STORE_USRLOC,
			.stored = stored_of(type),
			.aor = contact->aor ? *contact->aor : (str){NULL, 0},
			.contact = contact->c,
			.call_id = contact->callid,
			.instance = regmon_reginfo_urn(contact->instance)};

	regmon_tell_stored(&stored);
}

bool regmon_hook_usrloc(void)
{
	/* ims_usrloc_scscf and p_usrloc export the same name */
	bind_usrloc_t bind_usrloc = (bind_usrloc_t)(void *)find_mod_export(
			"usrloc", "ul_bind_usrloc", 1, 0);
	usrloc_api_t usrloc;

	if(bind_usrloc == NULL)
		return false;
	/* that a refresh updates it says nothing new, and each REGISTER would pay for it */
	if(bind_usrloc(&usrloc) < 0
			|| usrloc.register_ulcb(UL_CONTACT_INSERT | UL_CONTACT_DELETE
											| UL_CONTACT_EXPIRE,
					   on_contact, NULL)
					   < 0) {
		LM_ERR("usrloc refused the callback for contacts\n");
		return false;
	}
	return true;
}
