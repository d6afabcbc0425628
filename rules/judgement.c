/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the stateless rules judge, in one hash, and what they found. The hash is made of all of the text but for the
 * headers that change; of those it has what the rules look at: the parts that stay the same as text, the others as the
 * answers to the questions that the rules ask. */
#include "rules/judgement.h"

#include "message/scan.h"
#include "rules/plan.h"

_Static_assert(
		sizeof(regmon_judgement_t) == 16, "two of them are in each record");
_Static_assert(
		REGMON_MAX_RULES <= 1 << REGMON_JUDGEMENT_RULE_BITS, "an index fits its bits");
_Static_assert(REGMON_JUDGEMENT_FINDINGS <= REGMON_MAX_SEEN, "all are listed");

#define ABSENT 2 /* a part; of those that are there the lowest bit is set */

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

void regmon_judgement_keep(regmon_judgement_t *judgement, uint64_t basis,
		const regmon_class_t *class, const regmon_findings_t *findings)
{
	uint64_t rules = 0;
	unsigned i;

	if(basis == 0 || findings->total > REGMON_JUDGEMENT_FINDINGS)
		return;
	for(i = findings->n; i-- > 0;)
		rules = rules << REGMON_JUDGEMENT_RULE_BITS | findings->list[i].rule;
	judgement->rules = rules;
	judgement->findings_n = findings->n;
	judgement->class = class_in_short(class);
	judgement->basis = basis;
}

void regmon_judgement_give(const regmon_judgement_t *judgement,
		const regmon_plan_t *plan, regmon_class_t *ret_class,
		regmon_findings_t *ret_findings)
{
	const unsigned n = judgement->findings_n;
	uint64_t rules = judgement->rules;
	regmon_finding_t *finding;
	unsigned i;

	class_from_short(judgement->class, ret_class);
	ret_findings->n = ret_findings->total = n;
	ret_findings->worst = REGMON_OFF;
	ret_findings->worst_at = -1;
	for(i = 0; i < n; i++, rules >>= REGMON_JUDGEMENT_RULE_BITS) {
		finding = &ret_findings->list[i];
		finding->rule = rules & ((1u << REGMON_JUDGEMENT_RULE_BITS) - 1);
		finding->severity = plan->severities[finding->rule];
		finding->mode = plan->modes[finding->rule];
		finding->seen = (str){NULL, 0};
		if(finding->severity > ret_findings->worst) {
			ret_findings->worst = finding->severity;
			ret_findings->worst_at = (int)i;
		}
	}
}

void regmon_judgement_show(const regmon_plan_t *plan,
		const regmon_message_t *message, const regmon_class_t *class,
		regmon_findings_t *findings)
{
	regmon_findings_t again;
	unsigned i;

	regmon_message_complete(message);
	regmon_rules_judge(plan, message, class, &again);
	/* a plan that came into force since may say something else */
	for(i = 0; i < again.n && i < findings->n
			&& again.list[i].rule == findings->list[i].rule;
			i++)
		findings->list[i].seen = again.list[i].seen;
}
