/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ims_usrloc_pcscf, the contact store of a P-CSCF. The callbacks run with a lock of the store held. Contacts that it
 * loads from its database at start are told of from their next REGISTER on, or never. */
#include "core/dprint.h"
#include "modules/ims_usrloc_pcscf/usrloc.h"

#include "hooks/hooks.h"

static usrloc_api_t store;

static bool is_pending(const struct pcontact *contact)
{
	return contact->reg_state == PCONTACT_REG_PENDING
		   || contact->reg_state == PCONTACT_REG_PENDING_AAR;
}

static regmon_stored_t stored_of(const struct pcontact *contact, int type)
{
	if(type == PCSCF_CONTACT_DELETE)
		return REGMON_STORED_REMOVED;
	if(type == PCSCF_CONTACT_EXPIRE)
		return REGMON_STORED_EXPIRED;
	/* this node de-registers it itself: a lost Rx session, pcscf_unregister() */
	if(contact->reg_state == PCONTACT_DEREG_PENDING_PUBLISH
			|| contact->reg_state == PCONTACT_DEREGISTERED)
		return REGMON_STORED_REMOVED;
	return is_pending(contact) ? REGMON_STORED_PENDING : REGMON_STORED_STORED;
}

/* It knows no IMPU before the answer, and then those of P-Associated-URI: the Contact tells whose it is. */
static void tell(const struct pcontact *contact, int type)
{
	const regmon_store_news_t stored = {.store = REGMON_STORE_PCSCF,
			.stored = stored_of(contact, type),
			.was_pending = is_pending(contact),
			.contact = contact->aor,
			.call_id = contact->callid};

	regmon_tell_stored(&stored);
}

static void on_change(struct pcontact *contact, int type, void *unused)
{
	tell(contact, type);
}

/* Only insertions can be listened to for all contacts. The parameter has to be NULL: the store reads behind it. */
static void on_insert(struct pcontact *contact, int type, void *unused)
{
	tell(contact, type);
	store.register_ulcb(contact,
			PCSCF_CONTACT_UPDATE | PCSCF_CONTACT_DELETE | PCSCF_CONTACT_EXPIRE,
			on_change, NULL);
}

bool regmon_hook_pcscf_store(void)
{
	bind_usrloc_t bind_store = (bind_usrloc_t)(void *)find_export(
			"ul_bind_ims_usrloc_pcscf", 1, 0);

	if(bind_store == NULL)
		return false;
	if(bind_store(&store) < 0
			|| store.register_ulcb(NULL, PCSCF_CONTACT_INSERT, on_insert, NULL)
					   < 0) {
		LM_ERR("ims_usrloc_pcscf refused the callback for contacts\n");
		return false;
	}
	return true;
}
