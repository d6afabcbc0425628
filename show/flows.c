/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where in the call flow a REGISTER stands, and the procedures step by step. After TS 24.229 5.1.1, 5.1.6, 5.2.2,
 * 5.4.1; TS 23.228 5.2; TS 33.203. */
#include "show/messages.h"

static const regmon_flow_t flows[] = {
		{.word = "first-register",
				.also = "initial-register, unprotected-register, "
						"initial-registration",
				.name = "First REGISTER, unprotected",
				.position = "Message 1 of an initial registration",
				.typical_state = "Not registered; the phone has its IMS bearer "
								 "and knows a P-CSCF",
				.preconditions =
						"Bearer for IMS up (QCI 5, 5QI 5, or tunnel to the "
						"ePDG), P-CSCF address known, IMPI, IMPU and "
						"home domain from the card",
				.previous = "Bearer set-up; or 403, 408, 5xx and a pause; or "
							"the loss of the SAs of an earlier registration",
				.next = "401 Unauthorized with Security-Server; 200 only where "
						"the network trusts the access; else 403, 404, "
						"42x, 5xx",
				.security = "None yet: to the P-CSCF's unprotected port. "
							"Authorization names the IMPI with empty nonce and "
							"response, Security-Client offers IPsec",
				.clause = "TS 24.229 5.1.1.2.1, 5.1.1.2.2",
				.troubles = {{"no 401 comes",
									 "The core or the HSS is not reached",
									 "The same Call-ID on Mw; UAR and MAR on "
									 "Cx",
									 "ims_regmon.why WHO, ims_regmon.explain "
									 "no-answer-from-core"},
						{"the phone gives up after the 401",
								"It offered no IPsec that the P-CSCF has, or "
								"AUTN is wrong",
								"Security-Client here against Security-Server "
								"in the 401",
								"ims_regmon.explain silent-after-challenge"},
						{"403 at once",
								"The HSS does not know this IMPI and IMPU, or "
								"not here",
								"Request-URI, To and username; UAA result",
								"ims_regmon.explain 403"}}},
		{.word = "challenge-answer",
				.also = "second-register, protected-register, "
						"authenticated-register",
				.name = "REGISTER that answers the challenge",
				.position = "Message 3 of an initial registration (REGISTER, "
							"401, REGISTER, 200); a refresh that repeats the "
							"last nonce and response looks the same, only the "
							"messages before tell them apart",
				.typical_state = "Challenged; phone and P-CSCF have set up "
								 "temporary SAs",
				.preconditions =
						"401 with a nonce that the card accepts; SAs built "
						"from CK and IK; less than 4 min since the "
						"401",
				.previous =
						"401 Unauthorized of the same Call-ID, one CSeq lower",
				.next = "200 OK; 401 again when the response is not matched; "
						"403 when it is wrong; 494 when Security-Verify "
						"differs",
				.security =
						"Inside the new SAs, to the P-CSCF's protected server "
						"port. Response from RES; Security-Client as "
						"before, Security-Verify a copy of Security-Server",
				.clause = "TS 24.229 5.1.1.5.1; RFC 3310 3.3; RFC 3329 2.3.1",
				.troubles = {{"401 again",
									 "The S-CSCF does not match the response "
									 "to its challenge",
									 "Call-ID, nonce, integrity-protected on "
									 "Mw, S-CSCF name",
									 "ims_regmon.explain challenge-loop"},
						{"403", "RES is not XRES",
								"Algorithm, realm, uri, response; K and OPc",
								"ims_regmon.explain forbidden-by-core"},
						{"494",
								"Security-Verify is not the Security-Server "
								"that was sent",
								"Both texts, entry by entry",
								"ims_regmon.explain 494"}}},
		{.word = "resync",
				.also = "auts, synchronisation-failure",
				.name = "REGISTER with auts",
				.position = "Message 3 of a registration whose SQN did not "
							"fit: REGISTER, 401, this one, 401, REGISTER, 200",
				.typical_state = "Challenged; the card found SQN out of range",
				.preconditions = "401 whose AUTN has a right MAC and an SQN "
								 "outside of the card's window",
				.previous = "401 Unauthorized",
				.next = "401 with a new vector, made with the SQN from auts; "
						"then the normal answer",
				.security = "No SAs come from this challenge; new SPIs and "
							"client port are offered. auts (14 octets) proves "
							"the card; the response, when there is one, is "
							"made with an empty password",
				.clause = "TS 24.229 5.1.1.5.3; RFC 3310 3.4; TS 33.102 6.3.5",
				.troubles = {{"auts again after the next 401",
						"The HSS does not take SQN over from auts",
						"RAND and auts in the next MAR; SQN of the vectors; "
						"more than one AuC",
						"Repair resynchronisation in the HSS or set its SQN "
						"ahead; ims_regmon.explain challenge-loop"}}},
		{.word = "autn-refused",
				.also = "mac-failure-register",
				.name = "REGISTER that refuses the network's AUTN",
				.position = "Message 3 of a registration that cannot succeed "
							"like this",
				.typical_state =
						"Challenged; the card found the MAC in AUTN wrong",
				.preconditions = "401 whose AUTN was not made with this card's "
								 "K and OPc",
				.previous = "401 Unauthorized",
				.next = "403, or one more 401; after two bad challenges the "
						"phone pauses",
				.security = "Neither side is proven: empty response, no auts, "
							"no SAs from this challenge",
				.clause = "TS 24.229 5.1.1.5.3; TS 33.203 6.1.2",
				.troubles = {{"each attempt of one card ends here",
						"K, OP or OPc, AMF or algorithm of card and HSS differ",
						"The HSS's data for this IMPI: OP stored as OPc, or "
						"the reverse; Milenage or TUAK",
						"Provision again and check with a test vector"}}},
		{.word = "refresh",
				.also = "re-registration, reregistration, re-register",
				.name = "Refresh (re-registration)",
				.position = "Any time while registered: 600 s before expiry, "
							"at half time when 1200 s or less were granted; "
							"earlier after a change of access or capabilities",
				.typical_state = "Registered",
				.preconditions = "A binding in force and live SAs",
				.previous = "200 to the REGISTER before, at some time; NOTIFY "
							"with shortened; change of access",
				.next = "200 OK; or 401, when the S-CSCF wants to authenticate "
						"anew, and then an answer over new SAs",
				.security =
						"Inside the SAs in use. Repeats the last nonce and "
						"response: that is no replay. Security-Client "
						"with new SPIs and client port and the old server port",
				.clause = "TS 24.229 5.1.1.4.1, 5.1.1.4.2",
				.troubles = {{"refresh after refresh",
									 "The 200 grants little time or does not "
									 "list the contact",
									 "expires of the own contact in the last "
									 "200",
									 "ims_regmon.explain refresh-storm"},
						{"403 or 481 to a refresh",
								"The S-CSCF holds no such binding any more",
								"Restart of the S-CSCF, RTR on Cx, missing "
								"NOTIFY",
								"ims_regmon.explain binding-does-not-hold"},
						{"none comes", "The phone lost coverage, or its SAs",
								"Time of expiry; SA lifetime at the P-CSCF",
								"ims_regmon.show WHO"}}},
		{.word = "de-registration",
				.also = "deregistration, de-register, deregister, unregister",
				.name = "De-registration by the phone",
				.position = "Last REGISTER of a registration",
				.typical_state = "Registered; IMS or the phone is being "
								 "switched off, or the card leaves",
				.preconditions =
						"A binding in force; calls of this identity are over",
				.previous = "200 to the REGISTER before; BYE of open calls",
				.next = "200 OK without this contact; last NOTIFY "
						"(terminated); SAs and bearer go",
				.security = "Inside the SAs in use; an unprotected one is "
							"challenged or refused",
				.clause = "TS 24.229 5.1.1.6; RFC 3261 10.2.2",
				.troubles = {{"no 200 reaches the phone",
									 "It switched its radio off before the "
									 "answer",
									 "Time between this REGISTER and the loss "
									 "of the bearer",
									 "Nothing: the binding has gone all the "
									 "same"},
						{"calls still go to the phone",
								"Another binding of the same identity is left",
								"Contacts in the 200; reg-id; a second device",
								"ims_regmon.list with this identity"}}},
		{.word = "query",
				.also = "binding-query, fetch",
				.name = "Query for bindings",
				.position =
						"Any time; asks what is registered and changes nothing",
				.typical_state = "Any",
				.preconditions = "Credentials as for any REGISTER",
				.previous = "Nothing in particular",
				.next = "200 OK with all bindings in Contact, or 401 first",
				.security =
						"As any REGISTER: challenged when it is not protected",
				.clause = "RFC 3261 10.2.3; TS 24.229 5.1.1.4.1",
				.troubles = {{"a phone seems to register and is not reachable",
						"Its REGISTER has no Contact: it only asked",
						"Contact in the REGISTER; a middlebox that dropped it",
						"Look at the sender, or at the ALG between"}}},
		{.word = "core-register",
				.also = "mw-register",
				.name = "REGISTER inside the core",
				.position = "The phone's REGISTER on its way P-CSCF -> I-CSCF "
							"-> S-CSCF",
				.typical_state = "As at the phone: being registered, "
								 "challenged, or refreshed",
				.preconditions =
						"The P-CSCF took the phone's REGISTER, found the "
						"I-CSCF of the home domain; the I-CSCF got an "
						"S-CSCF from the HSS (UAR, UAA)",
				.previous = "The REGISTER on Gm",
				.next = "401 with ck and ik, or 200 (after MAR or SAR to the "
						"HSS), back the same way; refusals",
				.security = "Network domain security between the nodes. "
							"integrity-protected tells the S-CSCF whether the "
							"phone "
							"came through its SA; sec-agree and Security-* "
							"have been taken out",
				.clause = "TS 24.229 5.2.2, 5.3.1, 5.4.1; RFC 3327; RFC 7315",
				.troubles = {{"the S-CSCF challenges a protected REGISTER",
									 "integrity-protected is not yes",
									 "Authorization on Mw",
									 "Let the P-CSCF set it from its SAs; "
									 "ims_regmon.explain challenge-loop"},
						{"no answer from the core",
								"I-CSCF not found, HSS silent, S-CSCF of UAA "
								"dead",
								"DNS of the home domain, Cx peers, Server-Name",
								"ims_regmon.explain no-answer-from-core"},
						{"420",
								"Require: path or sec-agree is not known "
								"behind",
								"Require, Proxy-Require, Unsupported",
								"ims_regmon.explain 420"}}},
		{.word = "third-party-register",
				.also = "third-party-registration, third-party, isc-register",
				.name = "Third-party REGISTER",
				.position =
						"After the 200: the S-CSCF tells application servers",
				.typical_state = "Registered",
				.preconditions = "Initial filter criteria of the profile name "
								 "a server for REGISTER",
				.previous = "200 to the phone's REGISTER",
				.next = "200 OK of the server; when it does not answer, the "
						"default handling of the criteria decides",
				.security = "Trust between S-CSCF and server; no credentials, "
							"no security agreement",
				.clause = "TS 24.229 5.4.1.7; RFC 3261 10.2",
				.troubles = {{"registered, but the telephony server does not "
							  "know it",
						"No third-party REGISTER, or it failed",
						"Filter criteria in SAA; the server's answer; default "
						"handling",
						"Repair the profile or the server; then let the phone "
						"register anew"}}},
		{.word = "plain-register",
				.also = "sip-registration, plain-registration",
				.name = "REGISTER of a plain SIP phone",
				.position = "First or later message of a registration with SIP "
							"digest",
				.typical_state = "Not registered, or registered and refreshing",
				.preconditions = "Account at the registrar; IP way there",
				.previous = "Nothing, a 401, or a 200 some time before",
				.next = "401 with an MD5 or SHA-256 challenge, then REGISTER "
						"with response, then 200 OK",
				.security =
						"SIP digest with a password; UDP, TCP or TLS; no IPsec",
				.clause = "RFC 3261 10.2, 22; RFC 8760",
				.troubles = {{"401 again and again",
									 "Wrong password, realm or user name",
									 "realm of the challenge, username, uri of "
									 "the answer",
									 "Set the account's password anew; check "
									 "the realm"},
						{"registered, but no call arrives",
								"The contact lies behind NAT",
								"Contact address against the source address",
								"Use received and keep-alives (nathelper), or "
								"outbound"}}},
		{.word = "ims-registration",
				.also = "registration-flow, call-flow",
				.name = "IMS Registration",
				.position = "After the bearer, before any service",
				.typical_state = "The phone goes from not registered over "
								 "challenged to registered",
				.preconditions = "IP connectivity to a P-CSCF, ISIM or USIM, "
								 "subscription in the HSS",
				.previous = "Bearer for IMS, discovery of the P-CSCF",
				.next = "Calls, messages, refresh before expiry",
				.security = "IMS AKA, and IPsec between phone and P-CSCF from "
							"message 3 on",
				.clause = "TS 23.228 5.2.2; TS 24.229 5.1.1.2, 5.2.2, 5.3.1, "
						  "5.4.1; TS 29.228 6",
				.steps = "phone -> P-CSCF: REGISTER, unprotected, with "
						 "Security-Client\n"
						 "P-CSCF -> I-CSCF: REGISTER with Path, "
						 "P-Visited-Network-ID, P-Charging-Vector, Require: "
						 "path\n"
						 "I-CSCF <-> HSS: UAR, UAA: may the user register, and "
						 "at which S-CSCF?\n"
						 "I-CSCF -> S-CSCF: REGISTER; S-CSCF <-> HSS: MAR, "
						 "MAA: a vector\n"
						 "S-CSCF -> P-CSCF: 401 with RAND, AUTN, ck, ik\n"
						 "P-CSCF -> phone: 401 without ck and ik, with "
						 "Security-Server; both set up SAs\n"
						 "phone -> P-CSCF: REGISTER through the SAs, with "
						 "response and Security-Verify\n"
						 "P-CSCF -> I-CSCF -> S-CSCF: REGISTER, "
						 "integrity-protected=\"yes\"; UAR, UAA again\n"
						 "S-CSCF <-> HSS: SAR, SAA: store the S-CSCF, fetch "
						 "the profile\n"
						 "S-CSCF -> phone: 200 with Contact, Service-Route, "
						 "P-Associated-URI\n"
						 "S-CSCF -> application servers: third-party REGISTER\n"
						 "phone -> S-CSCF: SUBSCRIBE to the reg event, 200, "
						 "NOTIFY, 200; the P-CSCF does the same\n",
				.troubles = {{"it stops after one of the steps",
						"The node of the next step is the first suspect",
						"ims_regmon.timeline WHO: the last message on each "
						"side",
						"ims_regmon.why WHO"}}},
		{.word = "volte-registration",
				.also = "volte, lte-registration",
				.name = "VoLTE Registration",
				.position = "IMS registration over LTE: after attach and the "
							"default bearer of the IMS APN",
				.typical_state = "Attached in LTE, second PDN connection up; "
								 "getting ready for voice",
				.preconditions = "Attach with IMS voice over PS supported; PDN "
								 "connection to the IMS APN with QCI 5; P-CSCF "
								 "addresses in PCO",
				.previous = "Activate default EPS bearer context request with "
							"P-CSCF addresses in PCO",
				.next = "The steps of ims-registration; later a dedicated "
						"bearer with QCI 1 for each call",
				.security = "IMS AKA with ISIM or USIM beside the attach's own "
							"EPS AKA; SQN is shared when the USIM serves both",
				.clause = "TS 23.401 5.3.2, 5.10.2; TS 24.229 5.1.1.2, annex "
						  "L; GSMA IR.92",
				.steps = "Attach to LTE; MME tells that IMS voice over PS is "
						 "supported\n"
						 "PDN connection to the IMS APN, default bearer QCI 5, "
						 "P-CSCF addresses in PCO\n"
						 "phone -> P-CSCF: REGISTER; P-Access-Network-Info "
						 "3GPP-E-UTRAN-FDD or -TDD, cell of 16 or 17 digits\n"
						 "401, REGISTER through the SAs, 200: as in "
						 "ims-registration\n"
						 "SUBSCRIBE and NOTIFY of the reg event\n"
						 "Ready: calls get a dedicated bearer with QCI 1\n",
				.troubles = {{"attached, but no REGISTER",
						"No IMS APN, no P-CSCF in PCO, or voice not indicated",
						"PDN connectivity and PCO on S11 or S5; attach accept; "
						"the phone's carrier settings",
						"Repair APN or PCO; without P-CSCF address no phone "
						"can begin"}}},
		{.word = "vonr-registration",
				.also = "vonr, nr-registration, 5g-registration",
				.name = "VoNR Registration",
				.position = "IMS registration over 5G: after registration in "
							"5GS and the PDU session to the IMS DNN",
				.typical_state = "Registered in 5GS, PDU session up; getting "
								 "ready for voice over NR",
				.preconditions =
						"5GS registration accept with IMS voice over PS "
						"supported (IMS VoPS) for NR; PDU session to "
						"the IMS DNN with 5QI 5; P-CSCF addresses in extended "
						"PCO",
				.previous = "PDU session establishment accept with P-CSCF "
							"addresses",
				.next = "The steps of ims-registration; later a QoS flow with "
						"5QI 1 for each call, or EPS fallback",
				.security = "IMS AKA with ISIM or USIM beside 5G AKA; the "
							"P-CSCF talks to the PCF (N5 or Rx)",
				.clause = "TS 23.501 5.16.3; TS 24.229 5.1.1.2, annex U; GSMA "
						  "NG.114",
				.steps = "Registration in 5GS; AMF tells that IMS voice over "
						 "PS is supported\n"
						 "PDU session to the IMS DNN, QoS flow 5QI 5, P-CSCF "
						 "addresses in extended PCO\n"
						 "phone -> P-CSCF: REGISTER; P-Access-Network-Info "
						 "3GPP-NR-FDD or -TDD, cell of 20 or 21 digits (with "
						 "NID 31 or 32)\n"
						 "401, REGISTER through the SAs, 200: as in "
						 "ims-registration\n"
						 "SUBSCRIBE and NOTIFY of the reg event\n"
						 "Ready: calls get a QoS flow with 5QI 1, or fall back "
						 "to LTE\n",
				.troubles = {{"registered in 5GS, but no REGISTER",
									 "No PDU session to the IMS DNN, no P-CSCF "
									 "address, or voice "
									 "not indicated",
									 "PDU session establishment on N1 and N11; "
									 "extended PCO; registration accept",
									 "Repair DNN, PCO or the AMF's indication"},
						{"registers anew at each change between NR and LTE",
								"That is right: the access has changed",
								"P-Access-Network-Info from one REGISTER to "
								"the next",
								"Nothing, unless the IP address changes, too: "
								"then look at the interworking of SMF and "
								"PGW"}}},
		{.word = "vowifi-registration",
				.also = "vowifi, wifi-registration, wi-fi-calling",
				.name = "VoWiFi Registration",
				.position = "IMS registration over Wi-Fi: after the tunnel to "
							"the ePDG and its PDN connection",
				.typical_state = "On Wi-Fi, tunnel to the ePDG up",
				.preconditions =
						"Wi-Fi with internet, ePDG found by DNS, IKEv2 with "
						"EAP-AKA done, P-CSCF address in the IKE "
						"configuration payload",
				.previous = "IKE_AUTH with P-CSCF addresses",
				.next = "The steps of ims-registration",
				.security = "IMS AKA and SAs inside the IPsec tunnel to the "
							"ePDG: ESP in ESP, so packets get larger",
				.clause = "TS 24.302; TS 24.229 5.1.1.2, annex R; GSMA IR.51",
				.steps = "phone <-> ePDG: IKEv2 with EAP-AKA; P-CSCF addresses "
						 "in the configuration payload\n"
						 "ePDG <-> PGW or SMF: session to the IMS APN or DNN\n"
						 "phone -> P-CSCF: REGISTER; P-Access-Network-Info "
						 "IEEE-802.11 with the access point's MAC, "
						 "Cellular-Network-Info with the last cell\n"
						 "401, REGISTER through the SAs inside the tunnel, "
						 "200: as in ims-registration\n"
						 "SUBSCRIBE and NOTIFY of the reg event\n",
				.troubles = {{"401, then silence, on Wi-Fi only",
						"ESP inside ESP is over the MTU",
						"Fragments at the P-CSCF; MTU of the tunnel",
						"Lower the MTU towards the ePDG or use TCP for SIP"}}},
		{.word = "emergency-registration",
				.also = "emergency, sos",
				.name = "Emergency Registration",
				.position = "IMS registration for one emergency call: Contact "
							"URI with sos",
				.typical_state = "The user dials an emergency number; the "
								 "phone is not registered at home, or roams",
				.preconditions =
						"Emergency bearer (PDN connection or PDU session for "
						"emergency) with a P-CSCF of the visited "
						"network",
				.previous = "Emergency attach or emergency PDU session",
				.next = "401, REGISTER, 200, then the emergency INVITE; no "
						"de-registration by the user: it runs out. Without "
						"credentials the call may go out unregistered",
				.security = "IMS AKA as always; a barred identity may register "
							"with sos only",
				.clause = "TS 24.229 5.1.6.2, 7.2A.13; TS 23.167",
				.steps = "Emergency bearer with its own APN or DNN and P-CSCF\n"
						 "phone -> P-CSCF: REGISTER with sos in the Contact "
						 "URI\n"
						 "401, REGISTER through the SAs, 200, within 8 to 20 s "
						 "(emerg-reg), else the call goes on without\n"
						 "phone -> P-CSCF -> E-CSCF: INVITE urn:service:sos\n"
						 "Refresh at half time only while the call or a new "
						 "one is there; then the binding runs out\n",
				.troubles = {{"emergency registration fails",
						"P-CSCF or S-CSCF treats it as a normal one: barred, "
						"roaming not "
						"allowed",
						"sos in Contact on Gm and Mw; result of UAA",
						"Let emergency registrations through for barred and "
						"roaming users; the call must go out in any case"}}},
};

unsigned regmon_flows_n(void)
{
	return REGMON_COUNT(flows);
}

const regmon_flow_t *regmon_flow_at(unsigned index)
{
	return index < REGMON_COUNT(flows) ? &flows[index] : NULL;
}
