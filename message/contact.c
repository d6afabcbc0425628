/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads Contact values and their feature tags. */
#include "message/contact.h"

#include "message/parameter.h"

/* sos and ob of the Contact URI; parameters of a URI have no quotes */
static inline void read_uri_parameters(regmon_contact_t *contact)
{
	const str *list = &contact->uri.parameters;
	const char *at = list->s, *end, *stop;
	str name;

	if(list->len == 0)
		return;
	end = at + list->len;
	for(; at < end; at = stop + 1) {
		stop = regmon_scan_find(list->s, at, end, ';', ';', ';');
		name = (str){(char *)at, stop - at};
		if(name.len >= 3 && REGMON_NAME_IS(name, "sos"))
			contact->sos |= name.len == 3 || name.s[3] == '=';
		else if(name.len >= 2 && REGMON_NAME_IS(name, "ob"))
			contact->ob |= name.len == 2 || name.s[2] == '=';
	}
}

/* one of the comma separated services inside the quotes; the URN is percent-encoded or, wrongly, raw */
static bool names_mmtel(str icsi_ref)
{
	static const char wanted[] = "ims.icsi.mmtel";
	const int n = sizeof(wanted) - 1;
	const char *at = icsi_ref.s, *end;

	if(icsi_ref.len < n)
		return false;
	end = at + icsi_ref.len;
	while(end - at >= n) {
		/* whole word: mmtel.oma.cpim is another service below it, mmtelx is not ours */
		if(regmon_same_nocase(at, wanted, n)
				&& (end - at == n || !regmon_is_token_char(at[n])
						|| at[n] == '.' || at[n] == '%'))
			return true;
		at = regmon_scan_find(icsi_ref.s, at + 1, end, 'i', 'I', 'I');
	}
	return false;
}

typedef enum parameter
{
	OTHER,
	Q,
	EXPIRES,
	REG_ID,
	PUB_GRUU,
	TEMP_GRUU,
	INSTANCE,
	ICSI_REF,
	IARI_REF,
	ACCESSTYPE,
	PS_DATA_OFF,
	VIDEO,
	AUDIO,
	TEXT,
	SMSIP,
	MID_CALL,
	SRVCC_ALERTING,
	PS2CS_SRVCC,
	PARAMETERS_N
} parameter_t;

/* tags of which it is enough to know that they are there */
static const uint32_t features[PARAMETERS_N] = {
		[ICSI_REF] = REGMON_FEATURE_ICSI,
		[IARI_REF] = REGMON_FEATURE_IARI,
		[ACCESSTYPE] = REGMON_FEATURE_ACCESSTYPE,
		[PS_DATA_OFF] = REGMON_FEATURE_PS_DATA_OFF,
		[VIDEO] = REGMON_FEATURE_VIDEO,
		[AUDIO] = REGMON_FEATURE_AUDIO,
		[TEXT] = REGMON_FEATURE_TEXT,
		[SMSIP] = REGMON_FEATURE_SMSIP,
		[MID_CALL] = REGMON_FEATURE_MID_CALL,
		[SRVCC_ALERTING] = REGMON_FEATURE_SRVCC_ALERTING,
		[PS2CS_SRVCC] = REGMON_FEATURE_PS2CS_SRVCC,
};

/* tags of 3GPP, told apart by the letter behind the prefix they share */
REGMON_INLINE int find_3gpp_tag(
		const regmon_scan_t *scan, bool exact, int *ret_length)
{
	static const char prefix[] = "+g.3gpp.";
	const int n = sizeof(prefix) - 1;

	if(exact ? !regmon_same(scan->at, prefix, n)
			 : scan->end - scan->at <= n
							|| !regmon_same_nocase(scan->at, prefix, n))
		return OTHER;
	switch(scan->at[n] | 0x20) {
		case 'a':
			REGMON_NAME_GIVES("+g.3gpp.accesstype", ACCESSTYPE);
			break;
		case 'i':
			REGMON_NAME_GIVES("+g.3gpp.icsi-ref", ICSI_REF);
			REGMON_NAME_GIVES("+g.3gpp.iari-ref", IARI_REF);
			break;
		case 'm':
			REGMON_NAME_GIVES("+g.3gpp.mid-call", MID_CALL);
			break;
		case 'p':
			REGMON_NAME_GIVES("+g.3gpp.ps-data-off", PS_DATA_OFF);
			REGMON_NAME_GIVES(
					"+g.3gpp.ps2cs-srvcc-orig-pre-alerting", PS2CS_SRVCC);
			break;
		case 's':
			REGMON_NAME_GIVES("+g.3gpp.smsip", SMSIP);
			REGMON_NAME_GIVES("+g.3gpp.srvcc-alerting", SRVCC_ALERTING);
			break;
		default:
			break;
	}
	return OTHER;
}

REGMON_INLINE int find_parameter(
		const regmon_scan_t *scan, bool exact, int *ret_length)
{
	*ret_length = 0;
	if(!exact && scan->at >= scan->end)
		return OTHER;
	switch(*scan->at | 0x20) {
		case '+' | 0x20:
			REGMON_NAME_GIVES("+sip.instance", INSTANCE);
			return find_3gpp_tag(scan, exact, ret_length);
		case 'a':
			REGMON_NAME_GIVES("audio", AUDIO);
			break;
		case 'e':
			REGMON_NAME_GIVES("expires", EXPIRES);
			break;
		case 'p':
			REGMON_NAME_GIVES("pub-gruu", PUB_GRUU);
			break;
		case 'q':
			REGMON_NAME_GIVES("q", Q);
			break;
		case 'r':
			REGMON_NAME_GIVES("reg-id", REG_ID);
			break;
		case 't':
			REGMON_NAME_GIVES("text", TEXT);
			REGMON_NAME_GIVES("temp-gruu", TEMP_GRUU);
			break;
		case 'v':
			REGMON_NAME_GIVES("video", VIDEO);
			break;
		default:
			break;
	}
	return OTHER;
}

REGMON_THOROUGH(read_thoroughly, find_parameter, ';', ',')

static void take_other(str name, str value, regmon_contact_t *contact)
{
	if(name.len == 0)
		contact->broken |= value.s != NULL;
	else if(name.s[0] == '+')
		contact->features |= REGMON_FEATURE_OTHER;
}

REGMON_INLINE void take_parameter(const char *begin,
		const regmon_parameter_t *parameter, regmon_contact_t *contact)
{
	str value = parameter->value;

	contact->features |= features[parameter->id];
	switch(parameter->id) {
		case Q:
			contact->q = value;
			break;
		case EXPIRES:
			/* the first counts, as the registrar does it */
			if(contact->expires_given)
				break;
			contact->expires_text = value;
			contact->expires_given = true;
			contact->expires = regmon_scan_number(begin, value);
			break;
		case REG_ID:
			contact->reg_id = value;
			contact->reg_id_given = true;
			break;
		case PUB_GRUU:
			contact->pub_gruu = regmon_text_unquote(value, NULL);
			break;
		case TEMP_GRUU:
			contact->temp_gruu = regmon_text_unquote(value, NULL);
			break;
		case INSTANCE:
			contact->instance =
					regmon_text_unquote(value, &contact->instance_quoted);
			break;
		case ICSI_REF:
			contact->icsi_ref =
					regmon_text_unquote(value, &contact->icsi_quoted);
			if(names_mmtel(contact->icsi_ref))
				contact->features |= REGMON_FEATURE_MMTEL;
			break;
		case IARI_REF:
			contact->iari_ref =
					regmon_text_unquote(value, &contact->iari_quoted);
			break;
		case ACCESSTYPE:
			contact->accesstype = regmon_text_unquote(value, NULL);
			break;
		case PS_DATA_OFF:
			contact->ps_data_off = regmon_text_unquote(value, NULL);
			break;
		case VIDEO:
			contact->video = value;
			break;
		case OTHER:
			take_other(parameter->name, value, contact);
			break;
		default:
			break;
	}
}

static char read_value(regmon_scan_t *value_scan, regmon_contact_t *contact)
{
	const char *from = value_scan->at;
	regmon_scan_t scan = *value_scan;
	regmon_parameter_t parameter;
	str uri;
	char ended;

	regmon_clear(contact, sizeof(*contact));
	contact->expires = REGMON_NUMBER_ABSENT;
	ended = regmon_scan_address(value_scan, ',', &uri, &contact->broken);
	scan.at = value_scan->at;
	while(ended == ';') {
		ended = regmon_scan_next(&scan, find_parameter, read_thoroughly, ';',
				',', &parameter, &contact->broken);
		take_parameter(scan.begin, &parameter, contact);
	}
	value_scan->at = scan.at;
	contact->text = regmon_scan_slice(from, ended ? scan.at - 1 : scan.end);
	if(uri.len == 1 && uri.s[0] == '*' && contact->text.s[0] == '*') {
		contact->star = true;
		return ended;
	}
	contact->broken |= uri.len == 0;
	regmon_uri_read(uri, &contact->uri);
	read_uri_parameters(contact);
	return ended;
}

void regmon_contacts_read_within(
		str value, const char *text_end, regmon_contacts_t *contacts)
{
	regmon_contact_t beyond, *contact;
	regmon_scan_t scan;
	char ended;

	if(value.len <= 0)
		return;
	regmon_scan_start(&scan, value, text_end);
	do {
		contact = contacts->kept < REGMON_MAX_CONTACTS
						  ? &contacts->list[contacts->kept]
						  : &beyond;
		ended = read_value(&scan, contact);
		/* "a,,b": nothing between the commas is no value */
		if(contact->text.len == 0)
			continue;
		contacts->n++;
		contacts->star |= contact->star;
		if(contact != &beyond)
			contacts->kept++;
	} while(ended);
}

int64_t regmon_contact_effective_expires(const regmon_contact_t *contact,
		int64_t expires_header, int64_t default_s)
{
	int64_t expires =
			contact->expires_given ? contact->expires : expires_header;

	if(expires == REGMON_NUMBER_ABSENT)
		return default_s;
	/* RFC 3261 10.2.1.1: malformed is treated as 3600 */
	return expires < 0 ? 3600 : expires;
}
