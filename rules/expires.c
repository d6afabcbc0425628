/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the interval that is asked for: expires of a Contact, else the Expires header. */
#include "rules/rule.h"

/* what the message says of this contact, before malformed values are read as something: absent, bad or seconds */
static int64_t asked_s(
		const regmon_message_t *message, const regmon_contact_t *contact)
{
	return contact->expires != REGMON_NUMBER_ABSENT ? contact->expires
													: message->expires;
}

static str asked_text(
		const regmon_message_t *message, const regmon_contact_t *contact)
{
	return contact->expires != REGMON_NUMBER_ABSENT
				   ? contact->expires_text
				   : regmon_message_value(message, REGMON_HEADER_EXPIRES);
}

static bool is_not_600000(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	const regmon_contact_t *contact = &message->contacts.list[0];
	int64_t asked;

	if(message->contacts.kept < 1 || contact->star)
		return false;
	asked = asked_s(message, contact);
	*seen = asked_text(message, contact);
	return asked > 0 && asked != 600000;
}

/* An interval of an hour or more must not be refused as too short (RFC 3261 10.3 step 7). */
static bool below_minimum(const regmon_message_t *message,
		const regmon_class_t *class, const regmon_expectations_t *expected,
		str *seen)
{
	int i;

	for(i = 0; i < message->contacts.kept; i++) {
		const regmon_contact_t *contact = &message->contacts.list[i];
		int64_t asked = asked_s(message, contact);

		if(asked > 0 && asked < 3600 && asked < expected->min_expires_s) {
			*seen = asked_text(message, contact);
			return true;
		}
	}
	return false;
}

static bool is_no_number(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	int i;

	if(message->expires == REGMON_NUMBER_BAD) {
		*seen = regmon_message_value(message, REGMON_HEADER_EXPIRES);
		return true;
	}
	for(i = 0; i < message->contacts.kept; i++) {
		if(message->contacts.list[i].expires == REGMON_NUMBER_BAD) {
			*seen = message->contacts.list[i].expires_text;
			return true;
		}
	}
	return false;
}

static bool zero_and_more(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	int i, zero = 0, more = 0;

	for(i = 0; i < message->contacts.kept; i++) {
		const regmon_contact_t *contact = &message->contacts.list[i];

		if(asked_s(message, contact) == 0) {
			*seen = contact->text;
			zero++;
		} else {
			more++;
		}
	}
	return zero > 0 && more > 0;
}

static bool not_given(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	int i;

	for(i = 0; i < message->contacts.kept; i++) {
		if(message->contacts.list[i].expires == REGMON_NUMBER_ABSENT
				&& !message->contacts.list[i].star) {
			*seen = message->contacts.list[i].uri.text;
			return true;
		}
	}
	return false;
}

static const regmon_rule_t rules[] = {
		{
				.id = "EXP-01",
				.name = "interval-not-600000",
				.header = "Expires",
				.legs = REGMON_LEGS_U,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.level = REGMON_MUST,
				/* what most phones do; only the granted interval matters */
				.severity = REGMON_NOTE,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.2.1",
				.text = "An IMS phone asks for 600000 seconds and takes what the "
						"network grants.",
				.cause = "The carrier profile of the phone sets its own interval, "
						 "3600 and 7200 being the usual ones.",
				.inspect = "The interval granted in the 200.",
				.next_step = "Nothing; only a conformance test fails from it.",
				.ims_only = true,
				.broken = is_not_600000,
		},
		{
				.id = "EXP-02",
				.name = "interval-too-brief",
				.header = "Expires",
				.legs = REGMON_LEG_IS,
				.level = REGMON_MAY,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 10.3",
				.text = "The interval asked for is not below the registrar's "
						"minimum, or the registrar may answer 423 with "
						"Min-Expires.",
				.cause = "The phone or an SBC asks for short intervals to keep a "
						 "NAT binding open.",
				.inspect = "The asked interval, the registrar's minimum, and "
						   "whether the phone repeats with Min-Expires.",
				.next_step = "Raise the interval in the phone, or lower the "
							 "minimum; keep NAT open with keep-alives instead.",
				.answer = 423,
				.unexpected = below_minimum,
		},
		{
				.id = "EXP-03",
				.name = "interval-not-a-number",
				.header = "Expires",
				.legs = REGMON_LEGS_REQUEST,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 10.2",
				.text = "Expires and expires are whole seconds, 0 to remove the "
						"binding; what is no number counts as 3600.",
				.cause = "A date of RFC 2543, a unit behind the number (60s), a "
						 "negative number or a stray quote.",
				.inspect = "The Expires header and the expires parameters; "
						   "Kamailio reads digits and forgives what follows.",
				.next_step = "Correct the client. If it meant to sign off, its "
							 "binding is still there for an hour.",
				.broken = is_no_number,
		},
		{
				.id = "EXP-04",
				.name = "interval-mixed",
				.header = "Contact",
				.legs = REGMON_LEGS_REQUEST,
				.when = REGMON_WHEN_SEVERAL,
				.level = REGMON_MAY,
				.severity = REGMON_NOTE,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 10.3",
				.text = "One REGISTER removes one contact and keeps or adds "
						"another: a partial de-registration.",
				.cause = "The client moved to a new address and cleans up the old "
						 "one in the same message.",
				.inspect = "expires of each Contact value.",
				.next_step = "Count it per contact, not per message; make sure "
							 "the 200 lists exactly the contacts that remain.",
				.broken = zero_and_more,
		},
		{
				.id = "EXP-05",
				.name = "interval-not-given",
				.header = "Expires",
				.legs = REGMON_LEGS_U,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.when = REGMON_WHEN_NO_EXPIRES,
				.level = REGMON_MAY,
				.severity = REGMON_NOTE,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3261 10.2.1.1",
				.text = "Without Expires and expires the registrar takes its own "
						"default; an IMS phone is to name an interval.",
				.cause = "A minimal client that leaves the choice to the "
						 "registrar.",
				.inspect = "The default of the registrar and the expires of the "
						   "200.",
				.next_step = "Make sure that the client reads the granted value "
							 "from the 200, else it refreshes too late.",
				.ims_only = true,
				.broken = not_given,
		},
};

const regmon_rule_set_t regmon_rules_expires =
		REGMON_RULE_SET(rules, REGMON_HEADER_CONTACT);
