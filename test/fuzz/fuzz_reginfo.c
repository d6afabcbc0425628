/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A reg-event document: read, and applied to a table in which its phones are registered. */
#include "test/fuzz/target.h"
#include "test/unit/registration_network.h"

#define PHONES 3

static regmon_reginfo_t reginfo;

int LLVMFuzzerInitialize(int *arguments_n, char ***arguments)
{
	target_start();
	return 0;
}

static void check_slice(str slice)
{
	demand(slice.len >= 0
					&& (slice.len == 0
							|| (slice.s >= reginfo.text
									&& slice.s + slice.len
											   <= reginfo.text
														  + reginfo.text_used)),
			"a text of the document lies outside of its copy");
}

static void check_document(void)
{
	unsigned i;

	demand(reginfo.registrations_n <= REGMON_REGINFO_REGISTRATIONS
					&& reginfo.contacts_n <= REGMON_REGINFO_CONTACTS
					&& reginfo.text_used <= sizeof(reginfo.text),
			"%u registrations, %u contacts, %u bytes",
			reginfo.registrations_n, reginfo.contacts_n, reginfo.text_used);
	for(i = 0; i < reginfo.registrations_n; i++) {
		const regmon_reginfo_registration_t *one = &reginfo.registrations[i];

		check_slice(one->aor);
		check_slice(one->id);
		check_slice(one->wildcard);
		demand(one->state < REGMON_REGINFO_STATES_N
						&& one->first_contact + one->contacts_n
								   <= reginfo.contacts_n,
				"registration %u", i);
	}
	for(i = 0; i < reginfo.contacts_n; i++) {
		const regmon_reginfo_contact_t *contact = &reginfo.contacts[i];

		check_slice(contact->id);
		check_slice(contact->uri);
		check_slice(contact->call_id);
		check_slice(contact->instance);
		check_slice(contact->reg_id);
		check_slice(contact->pub_gruu);
		check_slice(contact->temp_gruu);
		demand(contact->event > REGMON_REGINFO_NONE
						&& contact->event < REGMON_REGINFO_EVENTS_N,
				"event %u", contact->event);
		demand(contact->expires_s >= REGMON_NUMBER_ABSENT
						&& contact->retry_after_s >= REGMON_NUMBER_ABSENT,
				"seconds below none");
	}
}

/* Two devices of the usual phone and another one, registered. */
static void begin_phones(void)
{
	static const ask_t phones[PHONES] = {{.call_id = "1"},
			{.call_id = "2",
					.contact = "sip:001010000000001@10.0.0.2:5060",
					.instance = "<urn:gsma:imei:35609911-000002-0>"},
			{.call_id = "3",
					.to = "tel:+491510000001",
					.contact = "sip:+491510000001@10.0.0.3"}};
	regmon_limits_t limits = REGMON_LIMITS_DEFAULT;
	unsigned i;

	limits.max_registrations = 8;
	limits.timeline_length = 6;
	begin_with(&limits);
	for(i = 0; i < PHONES; i++)
		exchange(&phones[i], (answer_t){.code = 200});
	now_ms += 60 * SECOND;
}

static void apply(void)
{
	const regmon_subscription_t subscription = {
			text_of("call"), text_of("from"), text_of("to")};
	regmon_subscriptions_t *subscriptions;
	regmon_version_t version;

	begin_phones();
	subscriptions = regmon_subscriptions_make(4, key);
	demand(subscriptions, "no memory");
	regmon_subscriptions_follow(
			subscriptions, &subscription, 7, true, now_ms);
	version = regmon_subscriptions_follow(subscriptions, &subscription,
			reginfo.version, reginfo.full, now_ms);
	demand(reginfo.version > 7 || version == REGMON_VERSION_KNOWN,
			"version %u behind 7 is new", reginfo.version);
	/* a document says the same twice: what is gone stays gone */
	regmon_table_reginfo(table, &reginfo, version == REGMON_VERSION_GAP,
			now_ms, &report);
	demand(report.ended <= PHONES, "%u bindings ended", report.ended);
	regmon_table_reginfo(table, &reginfo, false, now_ms + 1, &report);
	demand(report.ended == 0, "%u bindings ended again", report.ended);
	regmon_subscriptions_free(subscriptions);
	pass_ms(2 * SECOND);
	end();
	demand(harness_live_blocks == 0, "%u blocks are left", harness_live_blocks);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	regmon_complaint_t complaint;
	unsigned i;

	memset(&complaint, 0xee, sizeof(complaint));
	if(!regmon_reginfo_read(target_text(data, size), &reginfo, &complaint)) {
		demand(strncmp(complaint.text, "reginfo:", 8) == 0,
				"a complaint without place: %s", complaint.text);
		for(i = 0; complaint.text[i]; i++)
			demand((unsigned char)complaint.text[i] >= ' ',
					"a control character in a complaint");
		return 0;
	}
	check_document();
	if(reginfo.registrations_n > 0)
		apply();
	return 0;
}
