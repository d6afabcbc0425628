/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of terms. */
#include "show/terms.h"

#include "rules/rule.h"

static const regmon_term_t terms[] = {
		{"RRD", "registration request delay",
				"time from the first REGISTER of an attempt to its 200, the "
				"401 round and retransmissions included; only of "
				"attempts that succeeded. RFC 6076 measures at the phone, this "
				"module at its own node (RRD_net)",
				"RFC 6076 4.1"},
		{"RRD_net", "registration request delay as the network sees it",
				"RRD from the arrival of the first REGISTER here to the 200 "
				"that left here; shorter than the phone's by the "
				"way there and back",
				"RFC 6076 4.1"},
		{"IRA", "ineffective registration attempts",
				"attempts that ended in a final 4xx but 401, 402, 407, in 5xx, "
				"6xx or without an answer, as a share of all REGISTERs; "
				"ims_regmon.kpi gives their share of attempts, too",
				"RFC 6076 4.2"},
		{"IRSR", "initial registration success rate",
				"successes_initial / attempts_initial x 100 %: an attempt "
				"counts once, whatever number of REGISTERs it takes",
				"TS 32.454; TS 32.409 UR.SuccInitReg, UR.AttInitReg"},
		{"attempt", "registration attempt",
				"opens with the first REGISTER of a Call-ID and From tag, ends "
				"with a final answer other than 401, 421, 423, "
				"494, 240 s after an unanswered 401, or without an answer "
				"after 128 s",
				"TS 24.229 7.8; RFC 6076 4.2"},
		{"IMPU", "IP multimedia public identity",
				"the address of the user, a SIP or tel URI: To of the REGISTER",
				"TS 23.003 13.4"},
		{"IMPI", "IP multimedia private identity",
				"the name of the subscription, user@realm: username in "
				"Authorization; never used for calls",
				"TS 23.003 13.3"},
		{"AKA", "authentication and key agreement",
				"challenge and response from the key K that only card and HSS "
				"know; proves both sides and yields CK and IK",
				"TS 33.102 6.3; RFC 3310"},
		{"RAND", "random challenge",
				"16 octets, first half of the nonce in a 401",
				"TS 33.102 6.3.2"},
		{"AUTN", "authentication token",
				"16 octets, second half of the nonce: hidden SQN, AMF, MAC; by "
				"it the card knows the network",
				"TS 33.102 6.3.2"},
		{"SQN", "sequence number",
				"counter in card and HSS: a vector with an old one is refused "
				"with auts",
				"TS 33.102 6.3.3, C"},
		{"AMF", "authentication management field",
				"2 octets in AUTN; a wrong one makes the MAC wrong",
				"TS 33.102 H"},
		{"RES", "response",
				"what the card computes from K and RAND; password of the "
				"digest in the second REGISTER",
				"TS 33.102 6.3.3; RFC 3310 3.3"},
		{"SA", "security association",
				"one direction of IPsec between phone and P-CSCF; a "
				"registration has two pairs, each with its SPI and ports",
				"TS 33.203 7.1"},
		{"SPI", "security parameter index",
				"number by which the receiver finds the SA of an ESP packet",
				"RFC 4303 2.1"},
		{"ESP", "encapsulating security payload",
				"the IPsec packets between phone and P-CSCF, IP protocol 50",
				"RFC 4303"},
		{"P-CSCF", "proxy call session control function",
				"the phone's first hop; ends IPsec, adds Path",
				"TS 23.228 4.6.1"},
		{"I-CSCF", "interrogating call session control function",
				"entry of the home network; asks the HSS for the S-CSCF (UAR)",
				"TS 23.228 4.6.2"},
		{"S-CSCF", "serving call session control function",
				"the registrar; challenges (MAR), stores the binding (SAR)",
				"TS 23.228 4.6.3"},
		{"HSS", "home subscriber server",
				"subscriptions, keys and the name of the S-CSCF; asked over Cx "
				"(Diameter)",
				"TS 23.228 4.3.3"},
		{"PANI", "P-Access-Network-Info",
				"the header with access type and cell", "RFC 7315 5.4"},
		{"Gm", "reference point Gm", "SIP between phone and P-CSCF",
				"TS 23.228 4.4"},
		{"Mw", "reference point Mw", "SIP between P-, I- and S-CSCF",
				"TS 23.228 4.4"},
		{"Cx", "reference point Cx",
				"Diameter between I- or S-CSCF and HSS: UAR, MAR, SAR, LIR, "
				"RTR, PPR",
				"TS 29.228 6"},
};

unsigned regmon_terms_n(void)
{
	return REGMON_COUNT(terms);
}

const regmon_term_t *regmon_term_at(unsigned index)
{
	return index < REGMON_COUNT(terms) ? &terms[index] : NULL;
}
