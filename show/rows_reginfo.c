/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this node knows of an IMPU's bindings as a reg-event document. */
#include "show/rows.h"

#include <stdarg.h>
#include <stdio.h>

#include "registration/identity.h"

#define INDENT "  "
/* kept for the end tags and the comment */
#define RESERVE 120

/* false: no room; nothing was written then */
static bool put(regmon_document_t *document, const char *format, ...)
		__attribute__((format(printf, 2, 3)));
static bool put(regmon_document_t *document, const char *format, ...)
{
	int room = document->size - document->kept - document->used;
	va_list arguments;
	int n;

	if(room <= 0)
		return false;
	va_start(arguments, format);
	n = vsnprintf(document->buffer + document->used, room, format, arguments);
	va_end(arguments);
	if(n < 0 || n >= room)
		return false;
	document->used += n;
	return true;
}

/* Text that a stranger wrote, fit for an element or an attribute. */
static bool put_text(regmon_document_t *document, str text)
{
	char clean[600];
	int length = regmon_clean_text(text, clean, sizeof(clean)), i;
	bool fits = true;

	for(i = 0; i < length && fits; i++) {
		switch(clean[i]) {
			case '&':
				fits = put(document, "&amp;");
				break;
			case '<':
				fits = put(document, "&lt;");
				break;
			case '>':
				fits = put(document, "&gt;");
				break;
			case '"':
				fits = put(document, "&quot;");
				break;
			default:
				/* U+FFFE and U+FFFF are no characters of XML */
				if(i + 2 < length && (unsigned char)clean[i] == 0xef
						&& (unsigned char)clean[i + 1] == 0xbf
						&& (unsigned char)clean[i + 2] >= 0xbe) {
					fits = put(document, "?");
					i += 2;
					break;
				}
				fits = put(document, "%c", clean[i]);
		}
	}
	return fits;
}

static bool put_identity(regmon_document_t *document,
		const regmon_registration_t *registration, regmon_identity_t which)
{
	char buffer[REGMON_IDENTITY_LENGTH];

	return put_text(
			document, regmon_identity_of(registration, which, buffer));
}

static bool put_attribute(regmon_document_t *document, const char *name,
		const regmon_registration_t *registration, regmon_identity_t which)
{
	return put(document, " %s=\"", name)
		   && put_identity(document, registration, which)
		   && put(document, "\"");
}

static bool put_seconds(
		regmon_document_t *document, const char *name, int64_t ms)
{
	return put(document, " %s=\"%lld\"", name,
			(long long)(ms < 0 ? 0 : ms / 1000));
}


/* what happened last to the contact, as the package names it; NONE: it was never bound */
static regmon_reginfo_event_t event_of(
		const regmon_registration_t *registration)
{
	const regmon_network_t *network =
			&regmon_supplement_of(registration)->network;

	if(regmon_registration_is_bound(registration)) {
		if(regmon_registration_is_shortened(registration))
			return REGMON_REGINFO_SHORTENED;
		return registration->granted_ms > registration->registered_ms
					   ? REGMON_REGINFO_REFRESHED
					   : REGMON_REGINFO_REGISTERED;
	}
	switch(registration->state) {
		case REGMON_STATE_DEREGISTERED:
			return REGMON_REGINFO_UNREGISTERED;
		case REGMON_STATE_EXPIRED:
			return REGMON_REGINFO_EXPIRED;
		case REGMON_STATE_NETWORK_DEREGISTERED:
			/* without a reason: what the phone does then by itself */
			return network->event == REGMON_REGINFO_NONE
						   ? REGMON_REGINFO_DEACTIVATED
						   : network->event;
		default:
			return REGMON_REGINFO_NONE;
	}
}

static bool put_contact_attributes(regmon_document_t *document,
		const regmon_registration_t *registration, regmon_reginfo_event_t event,
		int64_t now_ms)
{
	const regmon_network_t *network =
			&regmon_supplement_of(registration)->network;
	const regmon_attempt_t *attempt = &registration->attempt;
	bool bound = regmon_registration_is_bound(registration);

	return put(document, " id=\"%016llx\" state=\"%s\" event=\"%s\"",
				   (unsigned long long)registration->binding_hash,
				   bound ? "active" : "terminated",
				   regmon_reginfo_event_name(event))
		   && (!bound
				   || (put_seconds(document, "expires",
							   registration->expires_ms - now_ms)
						   && put_seconds(document, "duration-registered",
								   now_ms - registration->registered_ms)))
		   && (event != REGMON_REGINFO_PROBATION
				   || put_seconds(document, "retry-after",
						   network->removed_ms
								   + network->retry_after_s * INT64_C(1000)
								   - now_ms))
		   /* of the REGISTER that bound it; another one may be under way */
		   && (attempt->result != REGMON_RESULT_SUCCESS
				   || !regmon_identity_is_whole(
							registration, REGMON_IDENTITY_CALL_ID)
				   || (put_attribute(document, "callid", registration,
							   REGMON_IDENTITY_CALL_ID)
						   && put(document, " cseq=\"%u\"",
								   attempt->last_cseq)));
}

static bool put_instance(
		regmon_document_t *document, const regmon_registration_t *registration)
{
	if(!regmon_identity_is_whole(registration, REGMON_IDENTITY_INSTANCE))
		return true;
	return put(document, INDENT INDENT INDENT
				   "<unknown-param name=\"+sip.instance\">&quot;&lt;")
		   && put_identity(document, registration, REGMON_IDENTITY_INSTANCE)
		   && put(document, "&gt;&quot;</unknown-param>\n")
		   && (registration->last_reg_id < 0
				   || put(document,
						   INDENT INDENT INDENT
						   "<unknown-param "
						   "name=\"reg-id\">%d</unknown-param>\n",
						   registration->last_reg_id))
		   && (!registration->public_gruu
				   || (put(document, INDENT INDENT INDENT "<gr:pub-gruu uri=\"")
						   && put_identity(document, registration,
								   REGMON_IDENTITY_IMPU)
						   && put(document, ";gr=")
						   && put_identity(document, registration,
								   REGMON_IDENTITY_INSTANCE)
						   && put(document, "\"/>\n")));
}

static bool put_contact(regmon_document_t *document,
		const regmon_registration_t *registration, int64_t now_ms)
{
	regmon_reginfo_event_t event = event_of(registration);

	return put(document, INDENT INDENT "<contact")
		   && put_contact_attributes(document, registration, event, now_ms)
		   && put(document, ">\n" INDENT INDENT INDENT "<uri>")
		   && put_identity(document, registration, REGMON_IDENTITY_CONTACT)
		   && put(document, "</uri>\n") && put_instance(document, registration)
		   && put(document, INDENT INDENT "</contact>\n");
}

static const char *state_of(
		const regmon_table_t *table, void *records, unsigned n)
{
	const char *state = "init";
	unsigned i;

	for(i = 0; i < n; i++) {
		const regmon_registration_t *registration =
				regmon_table_record_in(table, records, i);

		if(regmon_registration_is_bound(registration))
			return "active";
		if(event_of(registration) != REGMON_REGINFO_NONE)
			state = "terminated";
	}
	return state;
}

void regmon_document_begin(
		regmon_document_t *ret_document, char *buffer, int size)
{
	*ret_document = (regmon_document_t){
			.buffer = buffer, .size = size, .kept = RESERVE};
	put(ret_document, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
					  "<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\""
					  " xmlns:gr=\"urn:ietf:params:xml:ns:gruuinfo\""
					  " version=\"0\" state=\"full\">\n");
}

void regmon_document_add(regmon_document_t *document,
		const regmon_table_t *table, void *records, unsigned n, int64_t now_ms)
{
	const regmon_registration_t *first;
	unsigned i;
	int before = document->used, whole;

	if(n == 0)
		return;
	first = regmon_table_record_in(table, records, 0);
	document->kept = 2 * RESERVE;
	if(!put(document, INDENT "<registration")
			|| !put_attribute(document, "aor", first, REGMON_IDENTITY_IMPU)
			|| !put(document, " id=\"%016llx\" state=\"%s\">\n",
					(unsigned long long)first->impu_hash,
					state_of(table, records, n))) {
		document->used = before;
		document->kept = RESERVE;
		document->left_out += n;
		return;
	}
	for(i = 0; i < n; i++) {
		const regmon_registration_t *registration =
				regmon_table_record_in(table, records, i);

		if(event_of(registration) == REGMON_REGINFO_NONE)
			continue;
		whole = document->used;
		/* a cut Contact is the URI of nobody */
		if(regmon_identity_is_whole(
				   registration, REGMON_IDENTITY_CONTACT)
				&& put_contact(document, registration, now_ms))
			continue;
		document->used = whole;
		document->left_out++;
	}
	document->kept = RESERVE;
	put(document, INDENT "</registration>\n");
}

str regmon_document_end(regmon_document_t *document)
{
	document->kept = 0;
	if(document->left_out)
		put(document,
				INDENT "<!-- %u more do not fit, or are not kept whole -->\n",
				document->left_out);
	put(document, "</reginfo>\n");
	return (str){document->buffer, document->used};
}
