/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules that compare a Contact with the one of the same registration before. */
#include "rules/rule.h"

static const regmon_contact_t *first_of(const regmon_message_t *message)
{
	return message->contacts.kept > 0 && !message->contacts.star
				   ? &message->contacts.list[0]
				   : NULL;
}

static bool instance_changed(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	const regmon_contact_t *contact = first_of(message);

	if(contact == NULL || contact->instance.len == 0
			|| history->last_instance.len == 0)
		return false;
	*seen = contact->instance;
	return !regmon_text_is_nocase(
			regmon_instance_urn(contact->instance), history->last_instance);
}

/* One Call-ID and one instance are one flow; several flows of a phone differ in Call-ID. */
static bool reg_id_changed(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	const regmon_contact_t *contact = first_of(message);

	if(contact == NULL || !contact->reg_id_given || history->last_reg_id < 0
			|| contact->instance.len == 0
			|| !regmon_text_is_nocase(
					regmon_instance_urn(contact->instance),
					history->last_instance))
		return false;
	*seen = contact->reg_id;
	return regmon_text_number(contact->reg_id) != history->last_reg_id;
}

/* feature tags that the last REGISTER had in its first Contact and this one has not */
static uint32_t features_lost(const regmon_message_t *message,
		const regmon_history_t *history, str *seen)
{
	const regmon_contact_t *contact = first_of(message);

	if(contact == NULL)
		return 0;
	*seen = contact->text;
	return history->last_features & ~contact->features;
}

static bool smsip_lost(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	return features_lost(message, history, seen) & REGMON_FEATURE_SMSIP;
}

static bool ps_data_off_lost(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	return history->last_ps_data_off_given
		   && (features_lost(message, history, seen)
				   & REGMON_FEATURE_PS_DATA_OFF);
}

static bool features_changed(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	const regmon_contact_t *contact = first_of(message);

	if(contact == NULL)
		return false;
	*seen = contact->text;
	return history->last_features != contact->features;
}

/* Only the host counts: proxies rewrite ports and parameters from one REGISTER to the next. */
static bool contact_is_new(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_history_t *history, str *seen)
{
	const regmon_contact_t *contact = first_of(message);
	regmon_uri_t last;

	if(contact == NULL || history->challenge_open || history->same_contact
			|| contact->reg_id_given || history->last_contact.len == 0
			|| class->credentials == REGMON_CREDENTIALS_RESYNC)
		return false;
	regmon_uri_read(history->last_contact, &last);
	*seen = contact->uri.text;
	return last.host.len > 0
		   && !regmon_text_is_nocase(contact->uri.host, last.host);
}

static const regmon_rule_t rules[] = {
		{
				.id = "CON-10",
				.name = "instance-changed",
				.header = "Contact",
				.legs = REGMON_LEGS_U,
				.when = REGMON_WHEN_INSTANCE,
				.level = REGMON_HEURISTIC,
				.severity = REGMON_WARNING,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "RFC 5626 4.1",
				.text = "The instance identifier of a registration stays the "
						"same as long as it lives.",
				.cause = "The SIM was moved to another phone without signing "
						 "off, an IMEI was cloned, or a test tool draws a new "
						 "instance for each run.",
				.inspect = "Both instance values, User-Agent and source address "
						   "before and after.",
				.next_step = "If both values go on alternating, two devices use "
							 "one subscription: check the subscription for a "
							 "copied SIM.",
				.broken_since = instance_changed,
		},
		{
				.id = "CON-13",
				.name = "reg-id-changed",
				.header = "Contact",
				.legs = REGMON_LEGS_U,
				.when = REGMON_WHEN_REG_ID | REGMON_WHEN_SAME_CALL_ID,
				.level = REGMON_MUST,
				.severity = REGMON_NOTE,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 5626 4.5",
				.text = "A flow that replaces a failed one registers with the "
						"reg-id of the failed one.",
				.cause = "The client counts reg-id up at each reconnect instead "
						 "of numbering its flows.",
				.inspect = "reg-id over the last REGISTERs of this instance and "
						   "the number of its bindings.",
				.next_step = "Watch the bindings of the identity: they pile up "
							 "until the registrar's limit refuses the phone.",
				.broken_since = reg_id_changed,
		},
		{
				.id = "CON-17",
				.name = "sms-tag-lost",
				.header = "Contact",
				.legs = REGMON_LEGS_U,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.when = REGMON_WHEN_REGISTERED,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.341 5.3.2.2",
				.text = "A phone that receives SMS over IP lists +g.3gpp.smsip in "
						"each registration.",
				.cause = "A refresh built from fewer data than the first "
						 "registration, or SMS over IP was switched off by a "
						 "profile update.",
				.inspect = "Contact of the registration before and of this one.",
				.next_step = "Send the subscriber a text message: if it does not "
							 "arrive, force a new registration (flight mode) and "
							 "report the refresh to the maker of the phone.",
				.implies = "CON-23",
				.ims_only = true,
				.broken_since = smsip_lost,
		},
		{
				.id = "CON-21",
				.name = "ps-data-off-lost",
				.header = "Contact",
				.legs = REGMON_LEGS_U,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.when = REGMON_WHEN_REGISTERED,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 L.3.1.0",
				.text = "A phone that supports PS data off tells its state "
						"(+g.3gpp.ps-data-off) in every REGISTER.",
				.cause = "The refresh leaves out the tag that the first "
						 "registration had.",
				.inspect = "+g.3gpp.ps-data-off in the REGISTERs of this phone, "
						   "and the user's data switch.",
				.next_step = "Check at the AS whether exempt services still work "
							 "with data off: it may have fallen back to its "
							 "default.",
				.implies = "CON-23",
				.ims_only = true,
				.broken_since = ps_data_off_lost,
		},
		{
				.id = "CON-23",
				.name = "features-changed",
				.header = "Contact",
				.legs = REGMON_LEGS_U,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.when = REGMON_WHEN_REGISTERED,
				.level = REGMON_MAY,
				.severity = REGMON_NOTE,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.4.1",
				.text = "The feature tags differ from those of the registration "
						"before: a lawful reason for an early refresh, and a "
						"change of what the phone can do.",
				.cause = "The user switched video, RCS or SMS over IP, or the "
						 "phone changed between cellular and WLAN.",
				.inspect = "Which tags came and which went.",
				.next_step = "Nothing, unless a service of this phone stopped at "
							 "this very time: then this is when and why.",
				.ims_only = true,
				.broken_since = features_changed,
		},
		{
				.id = "CON-24",
				.name = "protected-with-new-contact",
				.header = "Contact",
				.legs = REGMON_LEG_IS,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.when = REGMON_WHEN_PROTECTED | REGMON_WHEN_REGISTERED,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.4.1.2.2",
				.text = "A protected REGISTER outside of a challenge, without "
						"reg-id, refreshes a contact address that is registered "
						"already.",
				.cause = "The phone got a new address and refreshed over the old "
						 "security association instead of registering anew.",
				.inspect = "The address in Contact beside the registered one, and "
						   "whether the PDN connection was set up again between.",
				.next_step = "Expect 403 from the S-CSCF; the phone has to start "
							 "with an unprotected REGISTER. If it does not, "
							 "release its IMS bearer.",
				.answer = 403,
				.ims_only = true,
				.broken_since = contact_is_new,
		},
};

const regmon_rule_set_t regmon_rules_contact_since =
		REGMON_RULE_SET(rules, REGMON_HEADER_CONTACT);
