/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a reading gave, as one number, and whether all of it lies inside the text that was read. Places count from the
 * beginning of the text, so that readings of the same text at two places can be compared. */
#ifndef REGMON_TEST_FUZZ_VIEW_H
#define REGMON_TEST_FUZZ_VIEW_H

#include "test/fuzz/target.h"

#include "message/message.h"

TARGET_UNSEEN_BEGIN

typedef struct view
{
	const char *begin, *end;
	uint64_t hash;
} view_t;

static inline void view_number(view_t *view, int64_t number)
{
	view->hash = target_mix(view->hash, (uint64_t)number);
}

static inline void view_slice(view_t *view, str slice, const char *name)
{
	demand(slice.len >= 0, "%s has a length of %d", name, slice.len);
	demand(slice.len == 0 || (slice.s >= view->begin && slice.s <= view->end
									 && slice.len <= view->end - slice.s),
			"%s lies outside of the text", name);
	view_number(view, slice.len);
	if(slice.len > 0)
		view_number(view, slice.s - view->begin);
	else
		view_number(view, slice.s != NULL);
}
#define VIEW_SLICE(view, thing, field) \
	view_slice(view, (thing)->field, #field)

static inline void view_uri(view_t *view, const regmon_uri_t *uri)
{
	VIEW_SLICE(view, uri, text);
	VIEW_SLICE(view, uri, user);
	VIEW_SLICE(view, uri, host);
	VIEW_SLICE(view, uri, port_text);
	VIEW_SLICE(view, uri, parameters);
	VIEW_SLICE(view, uri, headers);
	demand(uri->port >= -1 && uri->port <= 65535, "port %d", uri->port);
	view_number(view, uri->port * 64 + uri->scheme * 2 + uri->broken);
}

static inline void view_party(view_t *view, const regmon_party_t *party)
{
	view_uri(view, &party->uri);
	VIEW_SLICE(view, party, tag);
	view_number(view, party->tag_given * 2 + party->broken);
}

static inline void view_contacts(
		view_t *view, const regmon_contacts_t *contacts)
{
	int i;

	demand(contacts->kept >= 0 && contacts->kept <= REGMON_MAX_CONTACTS
					&& contacts->kept <= contacts->n,
			"%d of %d Contacts kept", contacts->kept, contacts->n);
	view_number(view, contacts->n * 2 + contacts->star);
	for(i = 0; i < contacts->kept; i++) {
		const regmon_contact_t *contact = &contacts->list[i];

		VIEW_SLICE(view, contact, text);
		view_uri(view, &contact->uri);
		VIEW_SLICE(view, contact, expires_text);
		VIEW_SLICE(view, contact, q);
		VIEW_SLICE(view, contact, instance);
		VIEW_SLICE(view, contact, reg_id);
		VIEW_SLICE(view, contact, icsi_ref);
		VIEW_SLICE(view, contact, iari_ref);
		VIEW_SLICE(view, contact, accesstype);
		VIEW_SLICE(view, contact, ps_data_off);
		VIEW_SLICE(view, contact, pub_gruu);
		VIEW_SLICE(view, contact, temp_gruu);
		VIEW_SLICE(view, contact, video);
		demand(contact->expires >= REGMON_NUMBER_BAD, "a Contact's expires");
		view_number(view, contact->expires);
		view_number(view, contact->features);
		view_number(view, contact->star | contact->sos << 1 | contact->ob << 2
								  | contact->broken << 3
								  | contact->instance_quoted << 4
								  | contact->icsi_quoted << 5
								  | contact->iari_quoted << 6
								  | contact->expires_given << 7
								  | contact->reg_id_given << 8);
	}
}

static inline void view_digest(view_t *view, const regmon_digest_t *digest)
{
	unsigned i;

	VIEW_SLICE(view, digest, text);
	VIEW_SLICE(view, digest, scheme);
	for(i = 0; i < REGMON_DIGEST_FIELDS_N; i++) {
		view_slice(view, digest->field[i], "a parameter");
		demand((digest->given >> i & 1) || digest->field[i].len == 0,
				"parameter %u is there and not given", i);
	}
	view_number(view, digest->given);
	view_number(view, digest->quoted);
	view_number(view, digest->repeated);
	view_number(view, digest->algorithm * 2 + digest->broken);
	demand((digest->repeated & ~digest->given) == 0, "repeated and not given");
	demand(digest->algorithm <= REGMON_ALGORITHM_OTHER, "an algorithm");
}

static inline void view_security(
		view_t *view, const regmon_security_list_t *security)
{
	int i;

	demand(security->kept >= 0 && security->kept <= REGMON_MAX_SECURITY
					&& security->kept <= security->n,
			"%d of %d mechanisms kept", security->kept, security->n);
	view_number(view, security->n);
	for(i = 0; i < security->kept; i++) {
		const regmon_security_t *one = &security->list[i];

		VIEW_SLICE(view, one, text);
		VIEW_SLICE(view, one, mechanism);
		VIEW_SLICE(view, one, alg);
		VIEW_SLICE(view, one, ealg);
		VIEW_SLICE(view, one, prot);
		VIEW_SLICE(view, one, mod);
		VIEW_SLICE(view, one, q);
		VIEW_SLICE(view, one, unknown);
		demand(one->spi_c >= REGMON_NUMBER_BAD
						&& one->spi_s >= REGMON_NUMBER_BAD
						&& one->port_c >= REGMON_NUMBER_BAD
						&& one->port_s >= REGMON_NUMBER_BAD,
				"an SPI or a port");
		view_number(view, one->spi_c);
		view_number(view, one->spi_s);
		view_number(view, one->port_c);
		view_number(view, one->port_s);
		demand(one->alg_word < REGMON_WORDS_N
						&& one->ealg_word < REGMON_WORDS_N
						&& one->prot_word < REGMON_WORDS_N
						&& one->mod_word < REGMON_WORDS_N,
				"a word that is none");
		view_number(view, one->alg_word << 24 | one->ealg_word << 16
								  | one->prot_word << 8 | one->mod_word);
		view_number(view, one->ipsec_3gpp | one->mediasec << 1
								  | one->broken << 2);
	}
}

static inline void view_access(view_t *view, const regmon_access_list_t *access)
{
	int i;

	demand(access->kept >= 0 && access->kept <= REGMON_MAX_ACCESS
					&& access->kept <= access->n,
			"%d of %d accesses kept", access->kept, access->n);
	view_number(view, access->n);
	for(i = 0; i < access->kept; i++) {
		const regmon_access_value_t *value = &access->list[i];

		VIEW_SLICE(view, value, text);
		VIEW_SLICE(view, value, type);
		VIEW_SLICE(view, value, broken_part);
		VIEW_SLICE(view, value, cell_parameter_name);
		VIEW_SLICE(view, value, cell_text);
		VIEW_SLICE(view, value, plmn);
		VIEW_SLICE(view, value, tac);
		VIEW_SLICE(view, value, cell);
		VIEW_SLICE(view, value, nid);
		demand(value->access < REGMON_ACCESS_KINDS_N, "an access");
		demand(value->fits || value->plmn.len + value->tac.len + value->cell.len
											  + value->nid.len
									  == 0,
				"a cell of what does not fit");
		demand(value->plmn.len == 0 || value->plmn.len == 5
						|| value->plmn.len == 6,
				"a PLMN of %d digits", value->plmn.len);
		view_number(view, value->access << 16 | value->cell_parameter << 8
								  | value->known | value->is_class << 1
								  | value->network_provided << 2
								  | value->broken << 3
								  | value->cell_quoted << 4
								  | value->fits << 5);
	}
}

static inline void view_lines(view_t *view, const regmon_message_t *message)
{
	unsigned i, header, linked = 0;

	demand(message->lines_n <= REGMON_MAX_LINES, "%u lines", message->lines_n);
	view_number(view, message->lines_n << 16 | message->lines_dropped);
	view_number(view, message->lines_broken);
	VIEW_SLICE(view, message, first_broken_line);
	for(i = 0; i < message->lines_n; i++) {
		VIEW_SLICE(view, &message->lines[i], name);
		VIEW_SLICE(view, &message->lines[i], value);
		demand(message->lines[i].header < REGMON_HEADERS_N, "a header");
		demand(message->lines[i].next == 0 || message->lines[i].next > i + 1u,
				"line %u leads back", i);
		view_number(view, message->lines[i].header << 8
								  | message->lines[i].next);
	}
	for(header = 0; header < REGMON_HEADERS_N; header++) {
		const regmon_line_t *line = regmon_message_line(message, header);

		view_number(view, message->count[header] << 8 | message->first[header]);
		for(; line; line = regmon_message_next_line(message, line)) {
			demand(line->header == header, "a line of another header");
			linked++;
		}
	}
	demand(linked <= message->lines_n, "%u lines in chains", linked);
}

/* All of it, as one number. */
static inline uint64_t view_message(const regmon_message_t *message)
{
	view_t view = {message->text.s, message->text.s + message->text.len,
			TARGET_HASH_START};

	VIEW_SLICE(&view, message, method);
	VIEW_SLICE(&view, message, reason);
	VIEW_SLICE(&view, message, request_uri_text);
	view_uri(&view, &message->request_uri);
	view_number(&view, message->code);
	view_number(&view, message->is_answer | message->broken_start_line << 1
							   | message->no_end_of_headers << 2);
	view_lines(&view, message);
	VIEW_SLICE(&view, message, body);
	view_party(&view, &message->to);
	view_party(&view, &message->from);
	VIEW_SLICE(&view, message, call_id);
	VIEW_SLICE(&view, message, cseq.number_text);
	VIEW_SLICE(&view, message, cseq.method);
	view_number(&view, message->cseq.number);
	VIEW_SLICE(&view, message, via.text);
	VIEW_SLICE(&view, message, via.transport);
	VIEW_SLICE(&view, message, via.host);
	VIEW_SLICE(&view, message, via.branch);
	VIEW_SLICE(&view, message, via.received);
	VIEW_SLICE(&view, message, via.rport);
	VIEW_SLICE(&view, message, via.keep);
	view_number(&view, message->via.port * 8 + message->via.rport_given
							   + message->via.keep_given * 2
							   + message->via.broken * 4);
	demand(message->via_n >= 0, "%d Vias", message->via_n);
	view_number(&view, message->via_n);
	view_number(&view, message->expires);
	view_number(&view, message->min_expires);
	view_number(&view, message->retry_after);
	view_number(&view, message->max_forwards);
	view_number(&view, message->content_length);
	view_number(&view, message->supported << 16 | message->required << 8
							   | message->proxy_required);
	view_contacts(&view, &message->contacts);
	view_digest(&view, &message->authorization);
	view_digest(&view, &message->challenge);
	view_security(&view, &message->security_client);
	view_security(&view, &message->security_server);
	view_security(&view, &message->security_verify);
	view_access(&view, &message->access);
	VIEW_SLICE(&view, message, user_agent);
	return view.hash;
}

TARGET_UNSEEN_END

#endif
