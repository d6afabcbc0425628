/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about what a Contact tells of the phone: instance identifier and feature tags. */
#include "rules/rule.h"

/* A softphone that merely registers at an IMS domain has no IMEI: the duty needs a sign of an IMS phone. */
static bool looks_like_a_phone(const regmon_message_t *message)
{
	const uint32_t phone_tags = REGMON_FEATURE_ICSI | REGMON_FEATURE_SMSIP
								| REGMON_FEATURE_ACCESSTYPE;
	int i;

	for(i = 0; i < message->contacts.kept; i++) {
		if((message->contacts.list[i].features & phone_tags)
				|| message->contacts.list[i].reg_id_given)
			return true;
	}
	return message->count[REGMON_HEADER_SECURITY_CLIENT] > 0;
}

static bool instance_missing(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	int i;

	for(i = 0; i < message->contacts.kept; i++) {
		const regmon_contact_t *contact = &message->contacts.list[i];

		if(contact->instance.s == NULL && !contact->star) {
			*seen = contact->uri.text;
			return looks_like_a_phone(message);
		}
	}
	return false;
}

/* Are these eight bytes digits, but for the one at `but` (-1: all)? As one word: an IMEI is looked at in every
 * REGISTER of a phone. */
static bool eight_digits(const char *text, int but)
{
	static const uint64_t high = 0xf0f0f0f0f0f0f0f0ULL;
	static const uint64_t zeros = 0x3030303030303030ULL;
	unsigned char bytes[8];
	uint64_t word;

	memcpy(bytes, text, sizeof(bytes));
	if(but >= 0)
		bytes[but] = '0';
	memcpy(&word, bytes, sizeof(word));
	/* 0x30 to 0x39: the high half is 3, and stays 3 when 6 is added */
	return (word & high) == zeros
		   && ((word + 0x0606060606060606ULL) & high) == zeros;
}

#define IMEI_START "<urn:gsma:imei:"
#define UUID_START "<urn:uuid:"

/* nearly always in small letters: the slow comparison comes second */
static bool is_imei(str urn)
{
	const int start = (int)sizeof(IMEI_START) - 1;

	return urn.len > start
		   && (memcmp(urn.s, IMEI_START, start) == 0
				   || strncasecmp(urn.s, IMEI_START, start) == 0);
}

/* TAC, serial number, spare digit. What the spare digit is does not matter: devices put 0, or the check digit. The
 * length leaves no room for svn and vers, which must not be there. */
static bool imei_is_well_formed(str urn)
{
	const int start = (int)sizeof(IMEI_START) - 1;
	const char *imei = urn.s + start;

	return urn.len == start + (int)sizeof("########-######-#>") - 1
		   && imei[8] == '-' && imei[15] == '-' && imei[17] == '>'
		   && eight_digits(imei, -1) && eight_digits(imei + 9, 6);
}

static bool instance_malformed(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	int i;

	for(i = 0; i < message->contacts.kept; i++) {
		const regmon_contact_t *contact = &message->contacts.list[i];
		str urn = contact->instance;

		if(urn.s == NULL)
			continue;
		*seen = urn;
		if(!contact->instance_quoted || urn.len < 3 || urn.s[0] != '<'
				|| urn.s[urn.len - 1] != '>')
			return true;
		if(is_imei(urn) && !imei_is_well_formed(urn))
			return true;
	}
	return false;
}

#define UUID_LENGTH 36

static bool is_uuid(const char *text)
{
	int i;

	for(i = 0; i < UUID_LENGTH; i++) {
		bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;

		if(hyphen ? text[i] != '-' : !regmon_is_hex(text[i]))
			return false;
	}
	return true;
}

static bool uuid_malformed(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	const int start = (int)sizeof(UUID_START) - 1;
	const int end = start + UUID_LENGTH;
	int i;

	for(i = 0; i < message->contacts.kept; i++) {
		str urn = message->contacts.list[i].instance;

		if(urn.len < 6 || (urn.s[5] | 0x20) != 'u'
				|| !regmon_text_starts_nocase(urn, REGMON_TEXT(UUID_START)))
			continue;
		/* what follows the UUID is CON-08's affair */
		if(urn.len < end || !is_uuid(urn.s + start)
				|| (urn.len > end && regmon_is_hex(urn.s[end]))) {
			*seen = urn;
			return true;
		}
	}
	return false;
}

static bool icsi_not_a_string(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	int i;

	for(i = 0; i < message->contacts.kept; i++) {
		const regmon_contact_t *contact = &message->contacts.list[i];

		if((contact->features & REGMON_FEATURE_ICSI)
				&& (!contact->icsi_quoted || contact->icsi_ref.len == 0)) {
			*seen = contact->icsi_ref;
			return true;
		}
	}
	return false;
}

static bool has_colon(str text)
{
	return text.len > 0 && memchr(text.s, ':', text.len) != NULL;
}

static bool urn_not_encoded(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	int i;

	for(i = 0; i < message->contacts.kept; i++) {
		const regmon_contact_t *contact = &message->contacts.list[i];

		if(has_colon(contact->icsi_ref)) {
			*seen = contact->icsi_ref;
			return true;
		}
		if(has_colon(contact->iari_ref)) {
			*seen = contact->iari_ref;
			return true;
		}
	}
	return false;
}

/* the word without "<>" and the digit at its end: cellular2 and cellular are both in use */
static bool accesstype_is(str text, str word)
{
	if(text.len > 0 && text.s[0] == '<')
		text = regmon_text_from(text, 1);
	if(text.len > 0 && text.s[text.len - 1] == '>')
		text.len--;
	if(text.len == word.len + 1 && regmon_is_digit(text.s[text.len - 1]))
		text.len--;
	return regmon_text_is_nocase(text, word);
}

static bool accesstype_unknown(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	int i;

	for(i = 0; i < message->contacts.kept; i++) {
		const regmon_contact_t *contact = &message->contacts.list[i];
		str type = contact->accesstype;

		if(!(contact->features & REGMON_FEATURE_ACCESSTYPE))
			continue;
		if(!accesstype_is(type, REGMON_TEXT("cellular"))
				&& !accesstype_is(type, REGMON_TEXT("wlan"))
				&& !accesstype_is(type, REGMON_TEXT("dsl"))
				&& !accesstype_is(type, REGMON_TEXT("docsis"))
				&& !accesstype_is(type, REGMON_TEXT("ethernet"))) {
			*seen = contact->accesstype;
			return true;
		}
	}
	return false;
}

static bool accesstype_contradicts_access(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	const regmon_contact_t *contact = &message->contacts.list[0];
	const regmon_access_value_t *value;

	if(message->contacts.kept < 1 || message->access.kept < 1
			|| !(contact->features & REGMON_FEATURE_ACCESSTYPE))
		return false;
	value = &message->access.list[0];
	*seen = contact->accesstype;
	if(value->access == REGMON_ACCESS_WLAN)
		return accesstype_is(contact->accesstype, REGMON_TEXT("cellular"));
	return value->access >= REGMON_ACCESS_GERAN
		   && value->access <= REGMON_ACCESS_NR
		   && accesstype_is(contact->accesstype, REGMON_TEXT("wlan"));
}

/* RFC 3840 knows ;video, ;video="TRUE" and ;video="FALSE" */
static bool video_with_value(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	int i;

	for(i = 0; i < message->contacts.kept; i++) {
		str value = message->contacts.list[i].video;
		bool quoted;

		if(value.s == NULL)
			continue;
		*seen = value;
		value = regmon_text_unquote(value, &quoted);
		if(!regmon_text_is_nocase(value, REGMON_TEXT("TRUE"))
				&& !regmon_text_is_nocase(value, REGMON_TEXT("FALSE")))
			return true;
	}
	return false;
}

static const regmon_rule_t rules[] = {
		{
				.id = "CON-07",
				.name = "instance-missing",
				.header = "Contact",
				.legs = REGMON_LEGS_U,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.when = REGMON_WHEN_NO_INSTANCE,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.2.1",
				.text = "An IMS phone that has an IMEI, or supports GRUU or "
						"several registrations, puts +sip.instance into Contact.",
				.cause = "A softphone or test tool without a device identity, or "
						 "a phone whose carrier profile hides the IMEI.",
				.inspect = "The parameters of Contact and User-Agent.",
				.next_step = "Set the instance in the client. Without it a phone "
							 "that comes back with a new address keeps its dead "
							 "binding, and calls fork to both.",
				.ims_only = true,
				.broken = instance_missing,
		},
		{
				.id = "CON-08",
				.name = "instance-malformed",
				.header = "Contact",
				.legs = REGMON_LEGS_U,
				.when = REGMON_WHEN_INSTANCE,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 23.003 13.8",
				.text = "+sip.instance is a quoted URN in angle brackets; an IMEI "
						"is written as 8, 6 and 1 digits with hyphens, without "
						"svn or vers.",
				.cause = "The IMEI was put in as 15 or 16 digits in a row, with "
						 "its software version, or quotes or brackets are "
						 "missing.",
				.inspect = "The value against \"<urn:gsma:imei:90420156-025763-0>\".",
				.next_step = "Correct the format in the phone; IMEI based barring "
								 "and device statistics in the core do not recognise "
							 "this one.",
				.ims_only = true,
				.broken = instance_malformed,
		},
		{
				.id = "CON-09",
				.name = "instance-uuid-malformed",
				.header = "Contact",
				.legs = REGMON_LEGS_U,
				.when = REGMON_WHEN_INSTANCE,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 23.003 13.8",
				.text = "A device without IMEI uses urn:uuid: with 32 hexadecimal "
						"digits in groups of 8, 4, 4, 4 and 12.",
				.cause = "A MAC address, serial number or account name was put "
						 "where a UUID belongs.",
				.inspect = "Length and hyphens of the part behind urn:uuid:.",
				.next_step = "Let the client generate a UUID once and keep it; two "
							 "devices with the same made-up value replace each "
							 "other's binding.",
				.broken = uuid_malformed,
		},
		{
				.id = "CON-15",
				.name = "icsi-not-quoted",
				.header = "Contact",
				.legs = REGMON_LEGS_U,
				.when = REGMON_WHEN_SERVICES,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.229 5.1.1.2.1",
				.text = "+g.3gpp.icsi-ref is one quoted string that lists the IMS "
						"services in use, separated by commas.",
				.cause = "Each service was given as a tag of its own, or the "
						 "quotes were lost when a proxy rebuilt Contact.",
				.inspect = "Quotes and commas of +g.3gpp.icsi-ref on this leg and "
						   "on the one before.",
				.next_step = "Restore the quotes where they got lost; MMTEL calls "
							 "are offered only to contacts whose ICSI can be "
							 "read.",
				.ims_only = true,
				.broken = icsi_not_a_string,
		},
		{
				.id = "CON-16",
				.name = "icsi-not-encoded",
				.header = "Contact",
				.legs = REGMON_LEGS_U,
				.when = REGMON_WHEN_SERVICES,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_SECONDARY,
				.clause = "TS 24.229 7.2A.8.2",
				.text = "The URNs in icsi-ref and iari-ref are percent-encoded: "
						"no bare colon.",
				.cause = "The client wrote urn:urn-7:... as it stands in the "
						 "specification instead of urn%3Aurn-7%3A...",
				.inspect = "The colons in the tag value.",
				.next_step = "Encode the colons in the client. Servers that "
							 "compare text with the encoded form find no MMTEL "
							 "here and send calls elsewhere.",
				.ims_only = true,
				.broken = urn_not_encoded,
		},
		{
				.id = "CON-18",
				.name = "accesstype-unknown",
				.header = "Contact",
				.legs = REGMON_LEGS_U,
				.when = REGMON_WHEN_ACCESSTYPE,
				.level = REGMON_MAY,
				.severity = REGMON_NOTE,
				.confidence = REGMON_VERIFIED,
				.clause = "TS 24.292 B.3",
				.text = "+g.3gpp.accesstype is one of cellular, wlan, dsl, docsis "
						"and ethernet, with or without its digit.",
				.cause = "A newer or private name: the list is open.",
				.inspect = "The value beside P-Access-Network-Info, which tells "
						   "the access in more detail.",
				.next_step = "Check that the SCC AS takes this name for what it "
							 "means, else terminating access domain selection "
							 "guesses.",
				.ims_only = true,
				.broken = accesstype_unknown,
		},
		{
				.id = "CON-19",
				.name = "accesstype-contradicts-access",
				.header = "Contact",
				.legs = REGMON_LEGS_U,
				.purposes = REGMON_PURPOSE_REGISTRATION,
				.when = REGMON_WHEN_ACCESSTYPE,
				.level = REGMON_HEURISTIC,
				.severity = REGMON_NOTE,
				.confidence = REGMON_SECONDARY,
				.clause = "TS 24.292 6.2",
				.text = "+g.3gpp.accesstype and P-Access-Network-Info name the "
						"same kind of access.",
				.cause = "The phone moved between cellular and WLAN and refreshed "
						 "only one of the two.",
				.inspect = "Which of both fits the source address: ePDG pool or "
						   "packet core pool.",
				.next_step = "See whether the next REGISTER agrees. If it stays, "
							 "T-ADS and emergency location work with the wrong "
							 "access.",
				.ims_only = true,
				.broken = accesstype_contradicts_access,
		},
		{
				.id = "CON-20",
				.name = "video-tag-with-value",
				.header = "Contact",
				.legs = REGMON_LEGS_U,
				.when = REGMON_WHEN_VIDEO_VALUE,
				.level = REGMON_MUST,
				.severity = REGMON_NOTE,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "RFC 3840 9",
				.text = "The feature tag video is boolean: it stands without a "
						"value, or with TRUE or FALSE.",
				.cause = "A codec or resolution was written behind the tag.",
				.inspect = "The video tag, and whether video calls to the phone "
						   "are offered as video.",
				.next_step = "Drop the value in the client if the other side does "
							 "not show this phone as able to do video.",
				.broken = video_with_value,
		},
};

/* One Contact as nearly every phone writes it: a well formed IMEI, services encoded and in quotes, an access type that
 * fits. */
static bool looks_odd(const regmon_message_t *message)
{
	const regmon_contact_t *contact = &message->contacts.list[0];
	str type = contact->accesstype;
	uint32_t features = contact->features;

	if(message->contacts.kept != 1 || !contact->instance_quoted
			|| !is_imei(contact->instance)
			|| !imei_is_well_formed(contact->instance)
			|| contact->video.s != NULL || (features & REGMON_FEATURE_IARI))
		return true;
	if((features & REGMON_FEATURE_ICSI)
			&& (!contact->icsi_quoted || contact->icsi_ref.len == 0
					|| has_colon(contact->icsi_ref)))
		return true;
	return (features & REGMON_FEATURE_ACCESSTYPE)
		   && (type.len != 9 || memcmp(type.s, "cellular2", 9) != 0
				   || message->access.kept == 0
				   || message->access.list[0].access == REGMON_ACCESS_WLAN);
}

const regmon_rule_set_t regmon_rules_contact_tags = {
		rules, REGMON_COUNT(rules), REGMON_HEADER_CONTACT, looks_odd};
