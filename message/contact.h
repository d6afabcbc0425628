/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Contact of a REGISTER or of its 200: RFC 3261 20.10, RFC 5626 (reg-id, +sip.instance), RFC 3840 (feature tags),
 * TS 24.229 7.2A.8, TS 24.341 5.3.2.2, TS 24.292 6.2. */
#ifndef REGMON_MESSAGE_CONTACT_H
#define REGMON_MESSAGE_CONTACT_H

#include "message/uri.h"

/* feature tags and marks, as a set so that two REGISTERs can be compared */
typedef enum regmon_feature
{
	REGMON_FEATURE_MMTEL = 1 << 0, /* icsi-ref names ims.icsi.mmtel */
	REGMON_FEATURE_SMSIP = 1 << 1,
	REGMON_FEATURE_VIDEO = 1 << 2,
	REGMON_FEATURE_AUDIO = 1 << 3,
	REGMON_FEATURE_TEXT = 1 << 4,
	REGMON_FEATURE_MID_CALL = 1 << 5,
	REGMON_FEATURE_SRVCC_ALERTING = 1 << 6,
	REGMON_FEATURE_PS2CS_SRVCC = 1 << 7,
	REGMON_FEATURE_PS_DATA_OFF = 1 << 8,
	REGMON_FEATURE_ICSI = 1 << 9,
	REGMON_FEATURE_IARI = 1 << 10,
	REGMON_FEATURE_ACCESSTYPE = 1 << 11,
	REGMON_FEATURE_OTHER = 1 << 12 /* any other tag that begins with '+' */
} regmon_feature_t;

typedef struct regmon_contact
{
	str text; /* the whole value */
	regmon_uri_t uri;
	bool star;	 /* "*" */
	bool sos;	 /* URI parameter sos: emergency registration */
	bool ob;	 /* URI parameter ob, RFC 5626 */
	bool broken; /* open bracket or quote, nothing in front of ';' */
	/* parameters; s NULL: absent */
	str expires_text, q, instance, reg_id, icsi_ref, iari_ref, accesstype,
			ps_data_off, pub_gruu, temp_gruu;
	bool instance_quoted, icsi_quoted, iari_quoted;
	bool expires_given, reg_id_given;
	str video; /* value of the boolean tag `video`; s NULL: tag absent or bare */
	int64_t expires; /* REGMON_NUMBER_ABSENT, _BAD or seconds */
	uint32_t features;
} regmon_contact_t;

#define REGMON_MAX_CONTACTS 8

typedef struct regmon_contacts
{
	int n;	   /* values seen over all lines, "*" included */
	int kept;  /* of these in list[] */
	bool star; /* one of them is "*" */
	regmon_contact_t list[REGMON_MAX_CONTACTS];
} regmon_contacts_t;

/* The URN inside "<urn:...>", where the second bracket may be missing; the text itself when it has none. */
static inline str regmon_instance_urn(str instance)
{
	if(instance.len > 2 && instance.s[0] == '<')
		return (str){instance.s + 1,
				instance.len - 1 - (instance.s[instance.len - 1] == '>')};
	return instance;
}

/* Reads one header line and appends its values. There is text up to text_end, behind the value too: that makes it
 * quicker, what stands there means nothing. */
void regmon_contacts_read_within(
		str value, const char *text_end, regmon_contacts_t *contacts);
static inline void regmon_contacts_read(str value, regmon_contacts_t *contacts)
{
	regmon_contacts_read_within(value, value.s + value.len, contacts);
}

/* RFC 3261 10.3 step 7: contact parameter, else Expires header, else default_s; malformed counts as 3600. */
int64_t regmon_contact_effective_expires(const regmon_contact_t *contact,
		int64_t expires_header, int64_t default_s);

#endif
