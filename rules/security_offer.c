/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about what a Security-Client value offers: TS 33.203 Annex H. Media plane entries are left out (TS 24.229
 * 7.2A.7). */
#include "rules/judgement.h"

#define for_each_offer(message, i, offer)                                 \
	for((i) = 0; (i) < (message)->security_client.kept                    \
				 && ((offer) = &(message)->security_client.list[i]); (i)++) \
		if((offer)->ipsec_3gpp && !(offer)->mediasec)

static bool incomplete(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	const regmon_security_t *offer;
	int i;

	for_each_offer(message, i, offer)
	{
		if(offer->alg.len == 0 || offer->spi_c == REGMON_NUMBER_ABSENT
				|| offer->spi_s == REGMON_NUMBER_ABSENT
				|| offer->port_c == REGMON_NUMBER_ABSENT
				|| offer->port_s == REGMON_NUMBER_ABSENT) {
			*seen = offer->text;
			return true;
		}
	}
	return false;
}

/* absent is right: each has a default */
#define WORD(id) (1u << REGMON_WORD_##id)
#define IS_ONE_OF(word, words) \
	(((WORD(ABSENT) | (words)) >> (word)) & 1)

static bool mode_unknown(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	const regmon_security_t *offer;
	int i;

	for_each_offer(message, i, offer)
	{
		if(!IS_ONE_OF(offer->prot_word, WORD(ESP) | WORD(AH))) {
			*seen = offer->prot;
			return true;
		}
		if(!IS_ONE_OF(offer->mod_word,
				   WORD(TRANS) | WORD(TUN) | WORD(UDP_ENC_TUN))) {
			*seen = offer->mod;
			return true;
		}
	}
	return false;
}

static bool algorithm_unknown(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	const unsigned integrity = WORD(HMAC_SHA_1_96) | WORD(HMAC_MD5_96)
							   | WORD(AES_GMAC) | WORD(NULL)
							   | WORD(HMAC_SHA_256_128);
	const unsigned encryption = WORD(AES_CBC) | WORD(NULL)
								| WORD(DES_EDE3_CBC) | WORD(AES_GCM);
	const regmon_security_t *offer;
	int i;

	for_each_offer(message, i, offer)
	{
		if(!IS_ONE_OF(offer->alg_word, integrity)) {
			*seen = offer->alg;
			return true;
		}
		if(!IS_ONE_OF(offer->ealg_word, encryption)) {
			*seen = offer->ealg;
			return true;
		}
	}
	return false;
}

/* ESP reserves 0 to 255 (RFC 4303 2.1) */
static bool is_spi(int64_t spi)
{
	return spi == REGMON_NUMBER_ABSENT || (spi > 255 && spi <= UINT32_MAX);
}

static bool spi_unusable(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	const regmon_security_t *offer;
	int i;

	for_each_offer(message, i, offer)
	{
		if(!is_spi(offer->spi_c) || !is_spi(offer->spi_s)
				|| (offer->spi_c >= 0 && offer->spi_c == offer->spi_s)) {
			*seen = offer->text;
			return true;
		}
	}
	return false;
}

static bool is_port(int64_t port)
{
	return port == REGMON_NUMBER_ABSENT
		   || (port >= 1 && port <= 65535 && port != 5060);
}

static bool port_unusable(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	const regmon_security_t *offer;
	int i;

	for_each_offer(message, i, offer)
	{
		if(!is_port(offer->port_c) || !is_port(offer->port_s)
				|| (offer->port_c >= 0 && offer->port_c == offer->port_s)) {
			*seen = offer->text;
			return true;
		}
	}
	return false;
}

static bool names_transport(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	const regmon_security_t *offer;
	int i;

	for_each_offer(message, i, offer)
	{
		if(regmon_text_starts_nocase(
				   offer->unknown, REGMON_TEXT("protocol"))) {
			*seen = offer->text;
			return true;
		}
	}
	return false;
}

static bool preference_out_of_range(const regmon_message_t *message,
		const regmon_class_t *class, str *seen)
{
	int i, j;

	for(i = 0; i < message->security_client.kept; i++) {
		str q = message->security_client.list[i].q;

		if(q.s == NULL)
			continue;
		*seen = q;
		if(q.len < 1 || q.len > 5 || (q.s[0] != '0' && q.s[0] != '1')
				|| (q.len > 1 && q.s[1] != '.'))
			return true;
		for(j = 2; j < q.len; j++) {
			if(!regmon_is_digit(q.s[j]) || (q.s[0] == '1' && q.s[j] != '0'))
				return true;
		}
	}
	return false;
}

static const regmon_rule_t rules[] = {
		{
				.id = "SEC-06",
				.name = "offer-incomplete",
				.header = "Security-Client",
				.legs = REGMON_LEGS_U,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_SECONDARY,
				.clause = "TS 33.203 Annex H",
				.text = "An offer of ipsec-3gpp has alg, spi-c, spi-s, port-c and "
						"port-s.",
				.cause = "The header was cut off at some length, or the stack "
						 "follows RFC 3329 alone, where none of them exists.",
				.inspect = "Each comma separated value of Security-Client.",
				.next_step = "See which parameter is missing and where: complete "
							 "at the phone and cut here means a middlebox or a "
							 "lost fragment.",
				.answer = 494,
				.broken = incomplete,
		},
		{
				.id = "SEC-07",
				.name = "offer-mode-unknown",
				.header = "Security-Client",
				.legs = REGMON_LEGS_U,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "TS 33.203 Annex H",
				.text = "prot is esp or ah, mod is trans, tun or UDP-enc-tun.",
				.cause = "Names of the IPsec implementation (transport, tunnel) "
						 "were used instead of those of the standard.",
				.inspect = "prot and mod beside the P-CSCF's Security-Server.",
				.next_step = "Use esp and trans, or UDP-enc-tun behind NAT; the "
							 "P-CSCF finds no common mechanism otherwise.",
				.broken = mode_unknown,
		},
		{
				.id = "SEC-08",
				.name = "offer-algorithm-unknown",
				.header = "Security-Client",
				.legs = REGMON_LEGS_U,
				.level = REGMON_MUST,
				/* newer releases add algorithms */
				.severity = REGMON_NOTE,
				.confidence = REGMON_SECONDARY,
				.clause = "TS 33.203 Annex H",
				.text = "alg and ealg are algorithms that the standard names.",
				.cause = "A newer release or a maker's own algorithm, or a "
						 "misspelled name.",
				.inspect = "Which entry the P-CSCF chose in Security-Server.",
				.next_step = "Nothing while another entry is common to both; else "
							 "align the lists of phone and P-CSCF.",
				.broken = algorithm_unknown,
		},
		{
				.id = "SEC-09",
				.name = "spi-unusable",
				.header = "Security-Client",
				.legs = REGMON_LEGS_U,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "RFC 4303 2.1",
				.text = "spi-c and spi-s are decimal numbers from 256 to "
						"4294967295 and differ.",
				.cause = "Hexadecimal or signed numbers, or a stack that draws one "
						 "SPI for both directions.",
				.inspect = "Both SPIs, and what the P-CSCF's kernel took for them "
						   "(ip xfrm state).",
				.next_step = "Correct it in the phone; the association cannot be "
							 "set up or answers are decrypted with the wrong "
							 "keys.",
				.broken = spi_unusable,
		},
		{
				.id = "SEC-10",
				.name = "protected-port-unusable",
				.header = "Security-Client",
				.legs = REGMON_LEGS_U,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_WELL_KNOWN,
				.clause = "TS 33.203 7.1",
				.text = "port-c and port-s lie between 1 and 65535, differ, and "
						"are not the port of unprotected SIP (5060).",
				.cause = "The stack reuses its ordinary SIP port for the "
						 "association.",
				.inspect = "Both ports and the source port of the unprotected "
						   "REGISTER.",
				.next_step = "Give the phone two free ports. With 5060 protected, "
							 "its next unprotected REGISTER is dropped by its own "
							 "policy.",
				.broken = port_unusable,
		},
		{
				.id = "SEC-11",
				.name = "offer-names-transport",
				.header = "Security-Client",
				.legs = REGMON_LEGS_U,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_SECONDARY,
				.clause = "TS 33.203 Annex H",
				.text = "There is no parameter protocol: one set of associations "
						"serves UDP and TCP.",
				.cause = "An early implementation with one association per "
						 "transport.",
				.inspect = "Whether UDP and TCP of this phone both pass.",
				.next_step = "Have the P-CSCF ignore the parameter, and test a "
							 "large request, which goes by TCP.",
				.broken = names_transport,
		},
		{
				.id = "SEC-12",
				.name = "offer-q-out-of-range",
				.header = "Security-Client",
				.legs = REGMON_LEGS_U,
				.level = REGMON_MUST,
				.severity = REGMON_WARNING,
				.confidence = REGMON_VERIFIED,
				.clause = "RFC 3329 2.2",
				.text = "The preference q of a mechanism lies between 0 and 1.",
				.cause = "Priorities were numbered 1, 2, 3 instead of as "
						 "fractions.",
				.inspect = "q of each value: order and numbers should agree.",
				.next_step = "Rewrite it as fractions; which algorithm gets chosen "
							 "is left to chance until then.",
				.broken = preference_out_of_range,
		},
};

/* Offers are many and nearly always right: one look at each tells whether the rules are worth asking. */
bool regmon_offers_look_odd(const regmon_message_t *message)
{
	const unsigned words = WORD(HMAC_SHA_1_96) | WORD(HMAC_MD5_96);
	const unsigned ciphers = WORD(ABSENT) | WORD(AES_CBC) | WORD(NULL)
							 | WORD(DES_EDE3_CBC);
	const regmon_security_t *offer;
	int i;

	for(i = 0; i < message->security_client.kept; i++) {
		offer = &message->security_client.list[i];
		if(offer->mediasec)
			continue;
		if(!((words >> offer->alg_word) & (ciphers >> offer->ealg_word) & 1)
				|| !IS_ONE_OF(offer->prot_word, WORD(ESP))
				|| !IS_ONE_OF(offer->mod_word, WORD(TRANS))
				|| offer->unknown.s != NULL || offer->q.s != NULL
				|| offer->spi_c <= 255 || offer->spi_s <= 255
				|| !is_spi(offer->spi_c) || !is_spi(offer->spi_s)
				|| offer->spi_c == offer->spi_s || offer->port_c <= 0
				|| offer->port_s <= 0 || !is_port(offer->port_c)
				|| !is_port(offer->port_s) || offer->port_c == offer->port_s)
			return true;
	}
	return false;
}

const regmon_rule_set_t regmon_rules_security_offer = {rules,
		REGMON_COUNT(rules), REGMON_HEADER_SECURITY_CLIENT,
		regmon_offers_look_odd};
