/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Refusals that name a fault of the REGISTER or of the subscription. After RFC 3261 10.3, 21, RFC 3327, RFC 5626,
 * TS 24.229 5.1.1.2, 5.4.1. */
#include "show/messages.h"
#include "show/messages_answer.h"

#define REGISTRAR_WAY "S-CSCF (registrar) -> P-CSCF (Mw) -> phone (Gm)"
#define ANY_NODE "the node that finds the fault, often the P-CSCF -> phone (Gm)"

static const regmon_explained_t refusals[] = {
		{.word = "305",
				.also = "Use Proxy, 3xx",
				.code = 305,
				.name = "305 Use Proxy",
				.type = "SIP answer, redirection (3xx)",
				ANSWER_COMMON,
				.interface = "P-CSCF -> phone (Gm)",
				.bearer = ANSWER_BEARER,
				.trigger = "The P-CSCF to a first REGISTER when it wants the "
						   "phone to go elsewhere: overload, maintenance",
				.purpose = "Sends the phone to another P-CSCF",
				.position = "First answer, before the core",
				.typical_state = "Not registered",
				.preconditions = "Another P-CSCF can be found by the phone",
				.previous = "REGISTER, unprotected",
				.next = "REGISTER to another P-CSCF with a new Call-ID",
				.security = "None: an unprotected redirect proves nothing, so "
							"its Contact is not to be followed",
				.procedures = ANSWER_PROCEDURES,
				.carries = "Contact, which the phone ignores",
				.phone = "Looks for another P-CSCF (PCO, DHCP, DNS) and "
						 "registers there",
				.clause = "RFC 3261 21.3.4; TS 24.229 5.1.1.2.1",
				.release = "RFC 3261 (2002)",
				.confidence = REGMON_SECONDARY,
				.doubt = "The phone's reaction is from memory of TS 24.229 "
						 "5.1.1.2",
				.troubles = {{"the phone comes back to the same P-CSCF",
						"It knows no other one",
						"P-CSCF addresses in PCO; DNS NAPTR and SRV",
						"Give the phone a second P-CSCF, or answer 503 with "
						"Retry-After instead"}}},
		{.word = "400",
				.also = "Bad Request, 4xx",
				.code = 400,
				.name = "400 Bad Request",
				.type = "SIP answer, client error (4xx)",
				ANSWER_COMMON,
				.interface = ANY_NODE,
				.bearer = ANSWER_BEARER,
				.trigger = "Any node that cannot read the REGISTER, or the "
						   "registrar for Contact: * misused, a To that is no "
						   "SIP URI, several contacts in force beside a reg-id",
				.purpose = "Says that the text of the REGISTER is wrong",
				.position = "First answer, or after the challenge when only "
							"then the registrar looks",
				.typical_state = "Not registered, or registered until expiry "
								 "when it was a refresh",
				.preconditions = "A fault in the message itself",
				.previous = "REGISTER with a wrong header",
				.next = "None until the sender is repaired; the phone falls "
						"back to slow retries",
				.security = "That of the REGISTER it answers; it may come from "
							"a node that authenticated nobody",
				.procedures =
						ANSWER_PROCEDURES ", re-registration, de-registration",
				.carries = "A reason phrase or Warning that names the header, "
						   "when one is lucky",
				.phone = "Takes the registration as failed; retries by RFC "
						 "5626 4.5 with growing pauses",
				.clause = "RFC 3261 21.4.1, 10.3; RFC 5626 6",
				.release = "RFC 3261 (2002)",
				.confidence = REGMON_VERIFIED,
				.causes = "broken-register, refused-here, refused-by-core",
				.troubles = {{"one device type always gets 400",
									 "Its REGISTER breaks the grammar, or the "
									 "node's parser is stricter than others",
									 "ims_regmon.decode of the message: its "
									 "findings of severity error",
									 "Repair the sender by the finding; when "
									 "there is none, ask which check of the "
									 "node "
									 "answered (sanity, script)"},
						{"400 only on some legs",
								"A node between spoilt it: folded lines, cut "
								"headers, a second Contact",
								"The same REGISTER before and behind that node",
								"Compare both texts with ims_regmon.decode"}}},
		{.word = "403",
				.also = "Forbidden",
				.code = 403,
				.name = "403 Forbidden",
				.type = "SIP answer, client error (4xx)",
				ANSWER_COMMON,
				.interface = "I-CSCF or S-CSCF -> P-CSCF (Mw) -> phone (Gm); "
							 "the P-CSCF itself for a foreign SA",
				.bearer = ANSWER_BEARER,
				.trigger = "I-CSCF: the HSS says no in UAA (5001 user unknown, "
						   "5002 identities do not match, 5003 "
						   "authorisation rejected, 5004 roaming not allowed). "
						   "S-CSCF: response wrong, AUTN refused, unknown "
						   "contact on a protected REGISTER, too many flows. "
						   "P-CSCF: the IMPI is not the owner of the SA",
				.purpose = "Refuses this user, or these credentials, for good",
				.position = "After the first REGISTER: the HSS refused. After "
							"the answered challenge: the credentials failed",
				.typical_state = "Failed; when it was a refresh the old "
								 "binding lasts until expiry",
				.preconditions = "The request was understood; the subscription "
								 "or the credentials are the matter",
				.previous = "REGISTER (first or with response)",
				.next = "None at once; an initial REGISTER after a pause, a "
						"new card or a change of the subscription",
				.security = "First REGISTER: nothing was proven. After a "
							"challenge: RES did not match XRES, or AUTN was "
							"refused",
				.procedures = ANSWER_PROCEDURES ", re-registration",
				.carries = "A reason phrase, sometimes Warning or Reason with "
						   "the Cx result",
				.phone = "Takes the registration as failed and shows no IMS "
						 "service; tries again seldom, after power-off, "
						 "card change or a long pause",
				.clause = "RFC 3261 10.3, 21.4.4; TS 24.229 5.3.1.2, "
						  "5.4.1.2.2; TS 29.228 6.1.1",
				.release = "3GPP Release 5",
				.confidence = REGMON_WELL_KNOWN,
				.doubt = "Read in the clause: identity not allowed, unknown "
						 "contact, too many flows. The I-CSCF's table of "
						 "Cx results and 403 for a refused AUTN are well-known "
						 "but were not re-read; a conformance test "
						 "answers 401 there",
				.causes = "forbidden-by-core, wrong-response, qos-refused, "
						  "identity-mismatch, refused-here, broken-register",
				.troubles = {{"403 to the first REGISTER",
									 "The HSS does not know the user or does "
									 "not allow it here: not provisioned, IMPI "
									 "and "
									 "IMPU not linked, barred, roaming not "
									 "allowed",
									 "Cx UAR and UAA for this IMPI: "
									 "experimental result; visited network",
									 "ims_regmon.why WHO; provision IMPI and "
									 "IMPU; check the roaming profile"},
						{"403 after the answered challenge",
								"RES does not match: RES taken as hex text, "
								"AKAv1 against AKAv2, wrong realm or uri; or "
								"the "
								"phone refused AUTN",
								"Authorization: response empty or full, "
								"algorithm, realm, uri against the 401",
								"Compare K and OPc of card and HSS; compute "
								"the response with lab keys"},
						{"403 to a refresh after a change of address",
								"The contact of a protected REGISTER is not "
								"the registered one and there is no reg-id",
								"Contact against that of the registration",
								"Let the phone begin with an unprotected "
								"REGISTER; look at NAT and at a new IP "
								"address"}}},
		{.word = "404",
				.also = "Not Found",
				.code = 404,
				.name = "404 Not Found",
				.type = "SIP answer, client error (4xx)",
				ANSWER_COMMON,
				.interface = REGISTRAR_WAY,
				.bearer = ANSWER_BEARER,
				.trigger = "The registrar when the identity in To does not "
						   "belong to the domain of the Request-URI; a proxy "
						   "that serves no such domain",
				.purpose = "Says that this identity is not registered here",
				.position = "Answer to the first REGISTER, or to the one with "
							"credentials",
				.typical_state = "Failed",
				.preconditions = "Domain or identity does not belong here",
				.previous = "REGISTER",
				.next = "None until domain or provisioning is right",
				.security = "That of the REGISTER it answers",
				.procedures = ANSWER_PROCEDURES,
				.carries = "Nothing special; Server tells which node it was",
				.phone = "Takes the registration as failed; retries with "
						 "growing pauses",
				.clause = "RFC 3261 10.3 step 5, 21.4.5",
				.release = "RFC 3261 (2002)",
				.confidence = REGMON_VERIFIED,
				.causes = "identity-mismatch, refused-by-core, refused-here",
				.troubles = {{"all phones of one network get 404",
						"The home domain is spelt otherwise: MNC with two "
						"instead of three digits, test domain, alias missing",
						"Request-URI and To against the registrar's domains "
						"(mncNNN has three digits)",
						"Add the domain, or repair ISIM or derivation in the "
						"phone; modparam home_domain lets this module "
						"check it"}}},
		{.word = "415",
				.also = "Unsupported Media Type",
				.code = 415,
				.name = "415 Unsupported Media Type",
				.type = "SIP answer, client error (4xx)",
				ANSWER_COMMON,
				.interface =
						REGISTRAR_WAY "; application server -> S-CSCF (ISC)",
				.bearer = ANSWER_BEARER,
				.trigger = "A node that does not know the body of the "
						   "REGISTER; most often an application server for a "
						   "third-party REGISTER",
				.purpose = "Refuses the body, not the registration",
				.position = "Answer to a REGISTER with a body",
				.typical_state = "Unchanged at the phone, when it was a "
								 "third-party REGISTER",
				.preconditions = "The REGISTER carries a body",
				.previous = "REGISTER with Content-Type",
				.next = "REGISTER without body, or with one of the types in "
						"Accept",
				.security = "That of the REGISTER it answers",
				.procedures = "third-party registration; a phone's REGISTER "
							  "has no body",
				.carries = "Accept with the types that would do",
				.phone = "Has no body to leave out and takes it as a failure",
				.clause = "RFC 3261 21.4.13, 8.2.3",
				.release = "RFC 3261 (2002)",
				.confidence = REGMON_SECONDARY,
				.doubt = "That a body in a REGISTER is answered so is from "
						 "experience; RFC 3261 gives the code its meaning",
				.troubles = {{"an application server answers 415",
						"It does not know application/3gpp-ims+xml, or "
						"message/sip inside multipart/mixed",
						"Content-Type of the third-party REGISTER; service "
						"information and include flags of the trigger in "
						"the user profile",
						"Leave the body out in the initial filter criteria, or "
						"teach the server the type"}}},
		{.word = "416",
				.also = "Unsupported URI Scheme",
				.code = 416,
				.name = "416 Unsupported URI Scheme",
				.type = "SIP answer, client error (4xx)",
				ANSWER_COMMON,
				.interface = ANY_NODE,
				.bearer = ANSWER_BEARER,
				.trigger = "A node that finds another scheme than sip or sips "
						   "in the Request-URI",
				.purpose = "Says that the scheme of the target is not served",
				.position = "First answer",
				.typical_state = "Not registered",
				.preconditions = "Request-URI with tel: or another scheme",
				.previous = "REGISTER with a target such as tel:",
				.next = "REGISTER with a SIP URI of the home domain",
				.security = "None: it comes before any check of the user",
				.procedures = "no procedure leads here: a fault of the phone's "
							  "configuration",
				.carries = "Nothing special",
				.phone = "Takes the registration as failed",
				.clause = "RFC 3261 21.4.14, 8.2.2.1",
				.release = "RFC 3261 (2002)",
				.confidence = REGMON_WELL_KNOWN,
				.troubles = {{"416 to a lab phone",
						"A number was typed where the home domain belongs",
						"Request-URI",
						"Configure the registrar as sip: and domain"}}},
		{.word = "420",
				.also = "Bad Extension",
				.code = 420,
				.name = "420 Bad Extension",
				.type = "SIP answer, client error (4xx)",
				ANSWER_COMMON,
				.interface = ANY_NODE ", or the registrar through Mw",
				.bearer = ANSWER_BEARER,
				.trigger = "A node that does not know an option in Require "
						   "(registrar) or Proxy-Require (proxy); a registrar "
						   "that got Path though the phone does not name path "
						   "in Supported",
				.purpose = "Names the option that cannot be fulfilled",
				.position = "First answer",
				.typical_state = "Not registered",
				.preconditions = "An option is required that this node lacks",
				.previous = "REGISTER with Require or Proxy-Require",
				.next = "REGISTER without that option, or to another node",
				.security = "None yet; with sec-agree in Unsupported the node "
							"knows no security agreement at all",
				.procedures = ANSWER_PROCEDURES,
				.carries = "Unsupported with the option tags (must be there)",
				.phone = "May send the REGISTER again without the option; an "
						 "IMS phone that needs sec-agree gives up",
				.clause = "RFC 3261 8.2.2.3, 21.4.15, 10.3; RFC 3327 5.3",
				.release = "RFC 3261 (2002)",
				.confidence = REGMON_VERIFIED,
				.causes = "extension-refused",
				.troubles =
						{{"420 with Unsupported: sec-agree",
								 "The REGISTER reached a plain registrar or "
								 "SBC instead of a P-CSCF, or the P-CSCF did "
								 "not take sec-agree out before sending it on",
								 "Which node answered (Server, Via); Require "
								 "and Proxy-Require on its incoming side",
								 "Repair the way, or let the P-CSCF remove "
								 "sec-agree"},
								{"420 with Unsupported: path",
										"The registrar does not support Path, "
										"or the phone does not list path",
										"Require: path from the P-CSCF; "
										"Supported of the phone; path support "
										"of the registrar",
										"Switch Path on at the registrar "
										"(registrar module: use_path)"}}},
		{.word = "439",
				.also = "First Hop Lacks Outbound Support",
				.code = 439,
				.name = "439 First Hop Lacks Outbound Support",
				.type = "SIP answer, client error (4xx)",
				ANSWER_COMMON,
				.interface = REGISTRAR_WAY,
				.bearer = ANSWER_BEARER,
				.trigger = "The registrar when the phone asks for outbound "
						   "(reg-id and Supported: outbound) and its first hop "
						   "did not put ob into its Path",
				.purpose = "Says that this way cannot keep several flows",
				.position = "Instead of the 200",
				.typical_state = "Not registered through this edge",
				.preconditions =
						"The registrar knows RFC 5626, the edge does not",
				.previous = "REGISTER with reg-id and Supported: outbound",
				.next = "REGISTER without reg-id or outbound, or through "
						"another edge",
				.security = "That of the REGISTER it answers",
				.procedures = "registration with several flows (RFC 5626), IMS "
							  "multiple registration",
				.carries =
						"Nothing special; Path of the REGISTER is what to read",
				.phone = "Leaves outbound out, or tries another edge",
				.clause = "RFC 5626 6, 11.6",
				.release = "RFC 5626 (2009); 3GPP Release 9",
				.confidence = REGMON_VERIFIED,
				.causes = "extension-refused",
				.doubt = "The 3GPP release is from memory",
				.troubles = {{"439 at one site only",
						"The edge there does not put ob and flow token into "
						"Path, or a node behind it dropped its Path",
						"Path of the REGISTER at the registrar: the last value "
						"is the edge's",
						"Switch outbound on at that edge, or take reg-id "
						"support away from the registrar"}}},
		{.word = "481",
				.also = "Call/Transaction Does Not Exist, Does Not Exist",
				.code = 481,
				.name = "481 Call/Transaction Does Not Exist",
				.type = "SIP answer, client error (4xx)",
				ANSWER_COMMON,
				.interface = REGISTRAR_WAY,
				.bearer = ANSWER_BEARER,
				.trigger = "The S-CSCF for a de-registration of a contact or "
						   "flow that is not registered; strict nodes for a "
						   "REGISTER with a tag in To",
				.purpose = "Says that there is nothing to take back",
				.position = "Answer to Expires 0",
				.typical_state = "De-registered already",
				.preconditions = "The binding has gone: expired, replaced, "
								 "taken back by the network",
				.previous = "REGISTER with Expires 0, or a refresh of what the "
							"network has ended",
				.next = "None, or an initial REGISTER when service is wanted",
				.security = "That of the REGISTER it answers",
				.procedures = "de-registration by the phone",
				.carries = "Nothing special",
				.phone = "Takes itself as de-registered and drops its SAs",
				.clause = "TS 24.229 5.4.1.4; RFC 3261 21.4.19, 12.2.2",
				.release = "3GPP, with the use of outbound flows",
				.confidence = REGMON_SECONDARY,
				.causes = "refused-by-core",
				.doubt = "481 to a de-registration is from a summary of TS "
						 "24.229 5.4.1.4",
				.troubles = {{"481 to a refresh",
						"Phone and S-CSCF differ: the S-CSCF restarted or took "
						"the binding back and the NOTIFY was lost; or "
						"To carries an old tag",
						"To tag; time of the last 200; NOTIFY of the reg event",
						"ims_regmon.timeline WHO; let the phone register from "
						"the beginning"}}},
		{.word = "482",
				.also = "Loop Detected",
				.code = 482,
				.name = "482 Loop Detected",
				.type = "SIP answer, client error (4xx)",
				ANSWER_COMMON,
				.interface = "a node that sees the REGISTER a second time (Mw)",
				.bearer = ANSWER_BEARER,
				.trigger = "A node that gets one REGISTER twice over different "
						   "ways: a loop, or forked copies that merge "
						   "again",
				.purpose = "Ends a REGISTER that runs in circles",
				.position = "Instead of the registrar's answer",
				.typical_state = "Not registered",
				.preconditions =
						"Routing sends the REGISTER back, or it was forked",
				.previous = "REGISTER with the same From tag, Call-ID and CSeq "
							"as one in progress",
				.next = "None of the phone's making: the routing has to be "
						"repaired",
				.security = "None: it is about routing",
				.procedures = "no procedure leads here: a fault of routing",
				.carries = "Via list with one node twice",
				.phone = "Takes the registration as failed; retries with "
						 "growing pauses",
				.clause = "RFC 3261 8.2.2.2, 16.3, 21.4.20",
				.release = "RFC 3261 (2002)",
				.confidence = REGMON_WELL_KNOWN,
				.troubles = {{"482 after a change of DNS or dispatcher",
						"I-CSCF or home domain resolves to the node itself",
						"Via list at the node that answers; DNS of the home "
						"domain; dispatcher sets",
						"Let the P-CSCF send to the I-CSCF's own name; add the "
						"domain as local where it ends"}}},
		{.word = "483",
				.also = "Too Many Hops",
				.code = 483,
				.name = "483 Too Many Hops",
				.type = "SIP answer, client error (4xx)",
				ANSWER_COMMON,
				.interface = "the proxy at which Max-Forwards reached 0",
				.bearer = ANSWER_BEARER,
				.trigger = "A proxy that gets a REGISTER with Max-Forwards 0 "
						   "and would have to send it on",
				.purpose = "Ends a loop, or a way that is too long",
				.position = "Instead of the registrar's answer",
				.typical_state = "Not registered",
				.preconditions =
						"A loop, or a sender that starts Max-Forwards too low",
				.previous = "REGISTER with Max-Forwards used up",
				.next = "None until routing or sender is repaired",
				.security = "None: it is about routing",
				.procedures = "no procedure leads here: a fault of routing",
				.carries =
						"Via list: a loop shows the same nodes over and over",
				.phone = "Takes the registration as failed; retries with "
						 "growing pauses",
				.clause = "RFC 3261 16.3, 21.4.21",
				.release = "RFC 3261 (2002)",
				.confidence = REGMON_WELL_KNOWN,
				.troubles = {{"483 to every phone",
						"Two nodes send the REGISTER to each other",
						"Via list; routing of both nodes for the home domain",
						"Break the loop where the domain should have been "
						"local; the usual start value is 70"}}},
};

const regmon_explained_set_t regmon_explained_refusals = {
		refusals, REGMON_COUNT(refusals)};
