/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ims_usrloc_scscf, the contact store of an S-CSCF. The callbacks run with a lock of the store held. It tells of
 * contacts that come and run out; that one is deleted shows in its IMPU: no contact left, or gone itself. */
#include "core/dprint.h"
#include "modules/ims_usrloc_scscf/usrloc.h"

#include "hooks/hooks.h"

static usrloc_api_t store;

static void tell(const struct impurecord *impu, const struct ucontact *contact,
		regmon_stored_t what)
{
	regmon_store_news_t stored = {.store = REGMON_STORE_SCSCF,
			.stored = what,
			.aor = impu->public_identity};

	if(contact) {
		stored.contact = contact->c;
		stored.call_id = contact->callid;
	}
	regmon_tell_stored(&stored);
}

static void on_change(struct impurecord *impu, struct ucontact *contact,
		int type, void *unused)
{
	switch(type) {
		case UL_IMPU_NEW_CONTACT:
			tell(impu, contact, REGMON_STORED_STORED);
			break;
		case UL_IMPU_EXPIRE_CONTACT:
			tell(impu, contact, REGMON_STORED_EXPIRED);
			break;
		default:
			tell(impu, NULL, REGMON_STORED_REMOVED);
	}
}

/* only insertions can be listened to for all IMPUs */
static void on_insert(struct impurecord *impu, struct ucontact *contact,
		int type, void *unused)
{
	store.register_ulcb(impu, NULL,
			UL_IMPU_NEW_CONTACT | UL_IMPU_EXPIRE_CONTACT | UL_IMPU_UNREG_NC
					| UL_IMPU_DELETE,
			on_change, NULL);
}

bool regmon_hook_scscf_store(void)
{
	bind_usrloc_t bind_store = (bind_usrloc_t)(void *)find_mod_export(
			"ims_usrloc_scscf", "ul_bind_usrloc", 1, 0);

	if(bind_store == NULL)
		return false;
	if(bind_store(&store) < 0
			|| store.register_ulcb(NULL, NULL, UL_IMPU_INSERT, on_insert, NULL)
					   < 0) {
		LM_ERR("ims_usrloc_scscf refused the callback for contacts\n");
		return false;
	}
	return true;
}
