/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the stateless rules judge, in one hash, and what they found. The hash is made of all of the text but for the
 * headers that change; of those it has what the rules look at: the parts that stay the same as text, the others as the
 * answers to the questions that the rules ask. */
#include "rules/judgement.h"

#include "message/scan.h"
#include "rules/plan.h"

_Static_assert(
		sizeof(regmon_judgement_t) == 32, "two of them are in each record");
_Static_assert(REGMON_MAX_RULES <= 1 << 9, "an index fits its bits");

#define ABSENT 2 /* a part; of those that are there the lowest bit is set */
#define WHOLE UINT16_MAX /* length: all of the value */
#define IN_START_LINE \
	127 /* header: the text stands in front of the first line */
_Static_assert(REGMON_HEADERS_N < IN_START_LINE, "a header fits its bits");

static uint64_t mix_text(
		uint64_t hash, str text, const regmon_outline_secret_t *secret)
{
	return regmon_text_hash(hash, text.s, text.len, secret);
}

uint32_t regmon_judgement_client_part(
		const regmon_message_t *message, const regmon_outline_secret_t *secret)
{
	const regmon_security_list_t *list = &message->security_client;
	uint64_t hash = secret->words[0];
	int i;

	if(message->count[REGMON_HEADER_SECURITY_CLIENT] == 0)
		return ABSENT;
	if(list->kept == 0 || list->kept != list->n
			|| regmon_offers_look_odd(message))
		return 0;
	for(i = 0; i < list->kept; i++) {
		const regmon_security_t *offer = &list->list[i];

		if(!offer->ipsec_3gpp || offer->mediasec || offer->broken)
			return 0;
		hash = regmon_number_hash(hash,
				(uint64_t)offer->alg_word | (uint64_t)offer->ealg_word << 8
						| (uint64_t)offer->prot_word << 16
						| (uint64_t)offer->mod_word << 24
						| (uint64_t)offer->port_s << 32,
				secret);
	}
	return (uint32_t)hash | 1;
}

uint32_t regmon_judgement_access_part(
		const regmon_message_t *message, const regmon_outline_secret_t *secret)
{
	const regmon_access_list_t *list = &message->access;
	const regmon_access_value_t *value = &list->list[0];
	uint64_t hash = secret->words[0];

	if(message->count[REGMON_HEADER_P_ACCESS_NETWORK_INFO] == 0)
		return ABSENT;
	if(list->kept != 1 || list->n != 1 || regmon_access_looks_odd(message))
		return 0;
	hash = mix_text(hash, value->type, secret);
	hash = mix_text(hash, value->plmn, secret);
	hash = regmon_number_hash(hash,
			(uint64_t)value->cell_parameter << 8 | (value->fits << 1) | 1,
			secret);
	return (uint32_t)hash | 1;
}

/* ---- the headers that change ---- */

/* alone in its line, too: what is seen in it is seen in the line */
static bool is_usual_via(const regmon_message_t *message)
{
	const regmon_via_t *via = &message->via;
	str line = regmon_message_value(message, REGMON_HEADER_VIA);

	return via->text.len == line.len && via->branch.len >= 7
		   && memcmp(via->branch.s, "z9hG4bK", 7) == 0 && via->keep.len <= 0
		   && via->host.s != NULL && !via->broken;
}

static bool is_usual_cseq(const regmon_cseq_t *cseq)
{
	return cseq->number >= 0 && cseq->number <= INT32_MAX
		   && regmon_text_is(cseq->method, REGMON_TEXT("REGISTER"));
}

static bool is_usual_from(const regmon_message_t *message)
{
	return message->from.tag.len > 0 && message->to.uri.text.len > 0
		   && regmon_text_is(message->from.uri.text, message->to.uri.text);
}

#define BIT(field) (1u << REGMON_DIGEST_##field)

/* 1 of a fresh nonce, as nearly always */
static bool is_nc(str nc)
{
	return nc.len == 8
		   && (regmon_same(nc.s, "00000001", 8) || regmon_text_all_hex(nc));
}

/* what a phone may send of itself */
static bool is_usual_digest(const regmon_digest_t *digest)
{
	const uint32_t usual = BIT(USERNAME) | BIT(REALM) | BIT(NONCE) | BIT(URI)
						   | BIT(RESPONSE) | BIT(ALGORITHM) | BIT(QOP) | BIT(NC)
						   | BIT(CNONCE) | BIT(OPAQUE);
	str response = REGMON_DIGEST_TEXT(digest, RESPONSE);
	str nc = REGMON_DIGEST_TEXT(digest, NC);

	return !(digest->given & ~usual) && !digest->repeated && !digest->broken
		   && digest->algorithm != REGMON_ALGORITHM_OTHER
		   && (response.len <= 0 || !regmon_response_looks_odd(response))
		   && (nc.s == NULL || is_nc(nc));
}

static uint64_t hash_digest(uint64_t hash, const regmon_digest_t *digest,
		const regmon_outline_secret_t *secret)
{
	uint64_t filled = 0;

	hash = mix_text(hash, REGMON_DIGEST_TEXT(digest, USERNAME), secret);
	hash = mix_text(hash, REGMON_DIGEST_TEXT(digest, REALM), secret);
	hash = mix_text(hash, REGMON_DIGEST_TEXT(digest, URI), secret);
	filled |= REGMON_DIGEST_FILLED(digest, NONCE);
	filled |= REGMON_DIGEST_FILLED(digest, RESPONSE) << 1;
	filled |= REGMON_DIGEST_FILLED(digest, QOP) << 2;
	filled |= REGMON_DIGEST_FILLED(digest, CNONCE) << 3;
	filled |= REGMON_DIGEST_FILLED(digest, OPAQUE) << 4;
	return regmon_number_hash(hash,
			filled | (uint64_t)digest->algorithm << 8
					| (uint64_t)digest->given << 16
					| (uint64_t)digest->quoted << 40,
			secret);
}

uint64_t regmon_judgement_basis(const regmon_message_t *message,
		const regmon_plan_t *plan, regmon_role_t role,
		const regmon_outline_t *outline, uint32_t client_part,
		uint32_t access_part, const regmon_outline_secret_t *secret)
{
	const regmon_digest_t *digest = &message->authorization;
	const regmon_via_t *via = &message->via;
	uint64_t hash, form;

	/* an operator's own rules and exceptions may look at anything */
	if(outline->rest == 0 || client_part == 0 || access_part == 0
			|| plan->own_n > 0 || plan->exceptions_n > 0
			|| !is_usual_via(message) || !is_usual_cseq(&message->cseq)
			|| !is_usual_from(message)
			|| message->count[REGMON_HEADER_AUTHORIZATION] > 1
			|| !is_usual_digest(digest))
		return 0;
	form = (uint64_t)via->rport_given | (uint64_t)(via->rport.len > 0) << 1
		   | (uint64_t)via->keep_given << 2
		   | (uint64_t)(message->count[REGMON_HEADER_SECURITY_VERIFY] > 0) << 3
		   | (uint64_t)role << 4 | (uint64_t)(uint16_t)message->via_n << 16
		   | (uint64_t)(uint32_t)via->port << 32;
	hash = regmon_number_hash(outline->rest ^ plan->identity, form, secret);
	hash = regmon_number_hash(
			hash, (uint64_t)client_part << 32 | access_part, secret);
	/* transport and host */
	hash = regmon_text_hash(hash, via->transport.s,
			(int)(via->host.s + via->host.len - via->transport.s), secret);
	if(message->count[REGMON_HEADER_AUTHORIZATION])
		hash = hash_digest(hash, digest, secret);
	return hash | 1;
}

/* ---- what was found ---- */

static uint16_t class_in_short(const regmon_class_t *class)
{
	return (uint16_t)(class->leg | class->is_protected << 8
					  | class->emergency << 9 | class->ims << 10
					  | class->credentials << 11
					  | __builtin_ctz(class->purpose | 0x10) << 13);
}

static void class_from_short(uint16_t class, regmon_class_t *ret_class)
{
	ret_class->leg = class & 0xff;
	ret_class->is_protected = (class >> 8) & 1;
	ret_class->emergency = (class >> 9) & 1;
	ret_class->ims = (class >> 10) & 1;
	ret_class->credentials = (class >> 11) & 3;
	ret_class->purpose = 1 << (class >> 13);
}

/* Where a text stands in the first line of some header, or in front of all. false: elsewhere, or where it may be of
 * another length next time. */
static bool find_place(const regmon_message_t *message, str seen,
		unsigned *ret_header, str *ret_place)
{
	const regmon_line_t *line = message->lines;
	const regmon_line_t *end = line + message->lines_n;

	if(line < end && seen.s < line->name.s) {
		*ret_header = IN_START_LINE;
		*ret_place = message->text;
		return seen.s >= message->text.s;
	}
	for(; line < end; line++) {
		if(seen.s < line->value.s
				|| seen.s + seen.len > line->value.s + line->value.len)
			continue;
		*ret_header = line->header;
		*ret_place = line->value;
		return line->header != REGMON_HEADER_OTHER
			   && &message->lines[message->first[line->header] - 1] == line;
	}
	return false;
}

static bool keep_finding(regmon_judgement_t *judgement, unsigned at,
		const regmon_message_t *message, const regmon_finding_t *finding)
{
	const uint64_t changing = REGMON_HEADERS_LEFT_OUT;
	unsigned header = REGMON_HEADER_OTHER;
	str seen = finding->seen, place;
	uint16_t offset = 0, length = 0;
	bool whole;

	if(seen.s != NULL) {
		if(seen.len < 0 || !find_place(message, seen, &header, &place))
			return false;
		whole = header != IN_START_LINE && seen.s == place.s
				&& seen.len == place.len;
		if(!whole && header != IN_START_LINE && ((changing >> header) & 1))
			return false;
		if(seen.s - place.s >= WHOLE || seen.len >= WHOLE)
			return false;
		offset = (uint16_t)(seen.s - place.s);
		length = whole ? WHOLE : (uint16_t)seen.len;
	}
	judgement->findings[at].rule = finding->rule;
	judgement->findings[at].header = header;
	judgement->findings[at].offset = offset;
	judgement->findings[at].length = length;
	return true;
}

void regmon_judgement_keep(regmon_judgement_t *judgement, uint64_t basis,
		const regmon_message_t *message, const regmon_class_t *class,
		const regmon_findings_t *findings)
{
	unsigned i;

	if(basis == 0 || findings->total > REGMON_JUDGEMENT_FINDINGS)
		return;
	judgement->basis = 0;
	for(i = 0; i < findings->n; i++)
		if(!keep_finding(judgement, i, message, &findings->list[i]))
			return;
	judgement->findings_n = (uint16_t)findings->n;
	judgement->class = class_in_short(class);
	judgement->basis = basis;
}

static str text_at(const regmon_message_t *message, unsigned header,
		uint16_t offset, uint16_t length)
{
	str value;

	if(header == REGMON_HEADER_OTHER)
		return (str){NULL, 0};
	if(header == IN_START_LINE)
		return (str){message->text.s + offset, length};
	value = regmon_message_value(message, header);
	return (str){value.s + offset, length == WHOLE ? value.len : length};
}

void regmon_judgement_give(const regmon_judgement_t *judgement,
		const regmon_plan_t *plan, regmon_class_t *ret_class,
		regmon_findings_t *ret_findings)
{
	regmon_finding_t *finding;
	unsigned i;

	class_from_short(judgement->class, ret_class);
	ret_findings->n = ret_findings->total = judgement->findings_n;
	ret_findings->worst = REGMON_OFF;
	ret_findings->worst_at = -1;
	for(i = 0; i < judgement->findings_n; i++) {
		finding = &ret_findings->list[i];
		finding->rule = judgement->findings[i].rule;
		finding->severity = plan->severities[finding->rule];
		finding->mode = plan->modes[finding->rule];
		finding->seen = (str){NULL, 0};
		if(finding->severity > ret_findings->worst) {
			ret_findings->worst = finding->severity;
			ret_findings->worst_at = (int)i;
		}
	}
}

void regmon_judgement_show(const regmon_judgement_t *judgement,
		const regmon_message_t *message, regmon_findings_t *findings)
{
	unsigned i;

	regmon_message_complete(message);
	/* stateful findings stand behind these */
	for(i = 0; i < judgement->findings_n; i++)
		findings->list[i].seen = text_at(message, judgement->findings[i].header,
				judgement->findings[i].offset, judgement->findings[i].length);
}
