/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Failures on the way or in the core: 408, 480, 5xx, 6xx. After RFC 3261 21, RFC 5626 4.5, TS 24.229 5.1.1.2, 5.2.2,
 * 5.3.1, TS 23.380. */
#include "show/messages.h"
#include "show/messages_answer.h"

#define ANY_CORE_NODE \
	"the node with the fault -> phone (Gm), through Mw when it is in the core"
#define BACK_OFF                                                               \
	"Retry-After: waits that long. Else: next attempt within 5 min, from the " \
	"second failure on 30 to 60 s, 60 to 120 s "                               \
	"and so on up to 30 min (RFC 5626 4.5); "

static const regmon_explained_t failures[] = {
		{.word = "408",
				.also = "Request Timeout",
				.code = 408,
				.name = "408 Request Timeout",
				.type = "SIP answer, client error (4xx)",
				ANSWER_COMMON,
				.interface = "the node that waited -> phone: P-CSCF (Gm) or "
							 "I-CSCF (Mw); the phone's own timer counts as one",
				.bearer = ANSWER_BEARER,
				.trigger = "A node that sent the REGISTER on and got no final "
						   "answer in time: 32 s between core nodes, 128 s "
						   "towards the phone; Kamailio's tm by fr_timer",
				.purpose = "Says that the node behind is silent",
				.position = "Instead of 401 or 200, long after the REGISTER",
				.typical_state = "Failed; when it was a refresh the old "
								 "binding lasts until expiry",
				.preconditions =
						"The REGISTER left this node and nobody answered",
				.previous = "REGISTER, perhaps 100 Trying",
				.next = "REGISTER from the beginning, perhaps to another "
						"P-CSCF",
				.security = "None: nobody was asked. Temporary SAs run out 4 "
							"min after the 401",
				.procedures = ANSWER_PROCEDURES ", re-registration",
				.carries = "Nothing special; Server and Via tell who waited",
				.phone = BACK_OFF
				"may go to another P-CSCF; after a failed refresh it begins "
				"with an initial registration",
				.clause = "RFC 3261 21.4.9, 8.1.3.1; TS 24.229 5.1.1.2.1, "
						  "5.1.1.4.1, 7.7",
				.release = "RFC 3261 (2002)",
				.confidence = REGMON_SECONDARY,
				.doubt = "The phone's reaction and the IMS timers are from "
						 "summaries of TS 24.229, not re-read",
				.causes = "no-answer-from-core, unanswered-here, "
						  "refused-by-core",
				.troubles = {{"408 made by this node",
									 "I-CSCF or S-CSCF does not answer: down, "
									 "unreachable, or its answers do not find "
									 "back",
									 "ims_regmon.timeline WHO: here -> core "
									 "without core -> here; capture on the "
									 "core side; "
									 "Via and routing back",
									 "ims_regmon.why WHO; ping the next hop "
									 "with OPTIONS; look at its Cx peer"},
						{"408 from the core after a few seconds",
								"The HSS is slow or lost; the CSCF gave up on "
								"Cx",
								"Diameter peers and their delays (UAR, MAR, "
								"SAR)",
								"Repair the Cx way; make fr_timer of the "
								"P-CSCF longer than that of the core"}}},
		{.word = "480",
				.also = "Temporarily Unavailable",
				.code = 480,
				.name = "480 Temporarily Unavailable",
				.type = "SIP answer, client error (4xx)",
				ANSWER_COMMON,
				.interface = "I-CSCF or S-CSCF -> P-CSCF (Mw) -> phone (Gm)",
				.bearer = ANSWER_BEARER,
				.trigger =
						"I-CSCF: the query to the HSS could not be completed. "
						"S-CSCF that has lost its data, so that the "
						"I-CSCF chooses another one",
				.purpose = "Says: not now",
				.position = "Instead of 401 or 200",
				.typical_state = "Failed; when it was a refresh the old "
								 "binding lasts until expiry",
				.preconditions = "The core is reached, its Cx interface or the "
								 "S-CSCF is not well",
				.previous = "REGISTER",
				.next = "REGISTER again after a pause; inside the core: "
						"another S-CSCF",
				.security = "That of the REGISTER it answers",
				.procedures = ANSWER_PROCEDURES ", restoration of an S-CSCF",
				.carries = "Retry-After perhaps",
				.phone = BACK_OFF "keeps an existing binding until expiry",
				.clause = "TS 24.229 5.3.1.2, 5.3.1.3; TS 23.380; RFC 3261 "
						  "21.4.18",
				.release = "3GPP Release 5; restoration Release 8",
				.confidence = REGMON_SECONDARY,
				.doubt = "The I-CSCF's codes are from memory of TS 24.229 "
						 "5.3.1; cores differ",
				.causes = "no-answer-from-core, refused-by-core",
				.troubles = {{"480 to many phones at once",
						"Cx is down between I-CSCF and HSS, or no S-CSCF takes "
						"users",
						"Diameter peer state, UAR without UAA; S-CSCF list and "
						"capabilities",
						"Restore the Cx peer; ims_regmon.summary shows when it "
						"began"}}},
		{.word = "500",
				.also = "Server Internal Error, 5xx",
				.code = 500,
				.name = "500 Server Internal Error",
				.type = "SIP answer, server error (5xx)",
				ANSWER_COMMON,
				.interface = ANY_CORE_NODE,
				.bearer = ANSWER_BEARER,
				.trigger = "A node with an internal fault; a registrar that "
						   "finds CSeq not higher than the stored one; an "
						   "S-CSCF after a restart for a protected REGISTER of "
						   "which it holds no data; Kamailio when the "
						   "script ended without an answer or tm failed",
				.purpose = "Says that the fault is not the message's",
				.position = "Instead of 401 or 200",
				.typical_state = "Failed; when it was a refresh the old "
								 "binding lasts until expiry",
				.preconditions = "The REGISTER was read; processing failed",
				.previous = "REGISTER",
				.next = "REGISTER from the beginning after a pause",
				.security = "That of the REGISTER it answers",
				.procedures = ANSWER_PROCEDURES ", re-registration",
				.carries = "Retry-After perhaps; Server tells which node",
				.phone = BACK_OFF
				"after a failed refresh it begins with an initial "
				"registration, perhaps at another P-CSCF",
				.clause =
						"RFC 3261 21.5.1, 10.3; TS 24.229 5.1.1.2.1, 5.4.1.2.2",
				.release = "RFC 3261 (2002)",
				.confidence = REGMON_SECONDARY,
				.doubt = "RFC 3261 10.3 only says that a CSeq that is not "
						 "higher makes the request fail; 500 is what "
						 "registrars send then. S-CSCF after a restart: from a "
						 "summary",
				.causes = "cseq-regression, no-answer-from-core, "
						  "refused-by-core, refused-here",
				.troubles = {{"500 to one phone",
									 "Its CSeq went back within one Call-ID: "
									 "restart with a stored Call-ID, or two "
									 "devices "
									 "share one",
									 "Call-ID, CSeq, instance and source "
									 "address over the last REGISTERs",
									 "ims_regmon.why WHO; let the client take "
									 "a new Call-ID after a restart"},
						{"500 to all phones",
								"Script, database, memory or Cx of the node "
								"that answers",
								"Its log at the second of the 500; private and "
								"shared memory; database; Diameter peers",
								"ims_regmon.summary for the beginning; then "
								"that node's log"}}},
		{.word = "502",
				.also = "Bad Gateway",
				.code = 502,
				.name = "502 Bad Gateway",
				.type = "SIP answer, server error (5xx)",
				ANSWER_COMMON,
				.interface = ANY_CORE_NODE,
				.bearer = ANSWER_BEARER,
				.trigger = "A node that got an unusable answer from the one "
						   "behind; by RFC 3329 a node that finds Require: "
						   "sec-agree behind the first hop (more than one Via)",
				.purpose = "Puts the fault on the node between or behind",
				.position = "Instead of 401 or 200",
				.typical_state = "Failed",
				.preconditions = "A proxy between spoils or does not take out "
								 "what belongs to the first hop",
				.previous = "REGISTER with sec-agree that went through one "
							"more proxy",
				.next = "None until that proxy is repaired",
				.security = "An agreement across a proxy would protect "
							"nothing, so it is refused",
				.procedures = "no procedure leads here: a fault of an SBC or "
							  "of the P-CSCF",
				.carries = "Nothing special; Via count and Require of the "
						   "REGISTER are what to read",
				.phone = BACK_OFF "may try another P-CSCF",
				.clause = "RFC 3329 2.3.2; RFC 3261 21.5.3",
				.release = "RFC 3329 (2003)",
				.confidence = REGMON_VERIFIED,
				.troubles = {{"502 behind an SBC",
						"The SBC passes Require: sec-agree on",
						"Require, Proxy-Require and the number of Vias at the "
						"node that answers",
						"Let the SBC end the security agreement, or be "
						"transparent with one Via"}}},
		{.word = "503",
				.also = "Service Unavailable",
				.code = 503,
				.name = "503 Service Unavailable",
				.type = "SIP answer, server error (5xx)",
				ANSWER_COMMON,
				.interface = ANY_CORE_NODE,
				.bearer = ANSWER_BEARER,
				.trigger = "A node in overload or maintenance, or one that "
						   "finds no next hop; Kamailio's dispatcher scripts "
						   "when all destinations are down",
				.purpose = "Says: later, or elsewhere",
				.position = "Instead of 401 or 200",
				.typical_state = "Failed; when it was a refresh the old "
								 "binding lasts until expiry",
				.preconditions = "Overload, maintenance, no way to the core",
				.previous = "REGISTER",
				.next = "REGISTER after Retry-After, or to another P-CSCF",
				.security = "That of the REGISTER it answers",
				.procedures = ANSWER_PROCEDURES ", re-registration",
				.carries = "Retry-After (ought to be there: without it phones "
						   "come back when they like)",
				.phone = BACK_OFF
				"no new attempt at this P-CSCF before Retry-After is over",
				.clause = "RFC 3261 21.5.4, 20.33; RFC 5626 4.5; TS 24.229 "
						  "5.1.1.2.1",
				.release = "RFC 3261 (2002)",
				.confidence = REGMON_WELL_KNOWN,
				.doubt = "The Retry-After rule was read for INVITE and "
						 "SUBSCRIBE; for REGISTER it is well-known",
				.causes = "no-answer-from-core, refresh-storm, "
						  "back-off-ignored, refused-by-core",
				.troubles =
						{{"503 to a wave of phones",
								 "More REGISTERs than the core can take: after "
								 "an outage, a restart, a mass power-on",
								 "ims_regmon.summary: attempts in the last "
								 "minute; load of CSCF and HSS",
								 "Send Retry-After with spread values (300 to "
								 "900 s); let the wave in slowly"},
								{"503 from the P-CSCF with little load",
										"No next hop: dispatcher set down, DNS "
										"of the I-CSCF empty",
										"kamcmd dispatcher.list; DNS answers "
										"of this node",
										"Repair the way; then watch "
										"ims_regmon.summary"}}},
		{.word = "504",
				.also = "Server Time-out, Gateway Timeout",
				.code = 504,
				.name = "504 Server Time-out",
				.type = "SIP answer, server error (5xx)",
				ANSWER_COMMON,
				.interface = "P-CSCF -> phone (Gm) when the core is silent; "
							 "I-CSCF -> P-CSCF (Mw) when no S-CSCF is reached",
				.bearer = ANSWER_BEARER,
				.trigger = "A node that waited in vain for a server it needs: "
						   "I-CSCF, S-CSCF, HSS, DNS. On other methods: "
						   "S-CSCF or P-CSCF that lost the user's data asks "
						   "for restoration",
				.purpose = "Says that a server behind did not answer; with the "
						   "body application/3gpp-ims+xml: register anew",
				.position = "Instead of 401 or 200; the restoration form "
							"answers INVITE, SUBSCRIBE and the like",
				.typical_state = "Failed; in the restoration form: registered "
								 "in the phone's view only",
				.preconditions = "A server behind is dead or unreachable, or "
								 "was restarted",
				.previous = "REGISTER; for restoration: any other request "
							"after an outage",
				.next = "REGISTER after a pause; restoration: initial REGISTER "
						"at once",
				.security = "Restoration is believed only when it comes inside "
							"the SAs and P-Asserted-Identity is a URI of "
							"Path or Service-Route",
				.procedures = ANSWER_PROCEDURES
				", re-registration, S-CSCF and P-CSCF restoration",
				.carries =
						"Restoration: Content-Type application/3gpp-ims+xml, "
						"alternative-service type restoration, action "
						"initial-registration, P-Asserted-Identity",
				.phone = BACK_OFF
				"restoration form: begins an initial registration at once",
				.clause =
						"TS 24.229 5.1.2A.1.6, 5.2.2, 5.3.1.3; RFC 3261 21.5.5",
				.release = "RFC 3261 (2002); restoration 3GPP Release 8",
				.confidence = REGMON_SECONDARY,
				.doubt =
						"The restoration form was read in the clause; who else "
						"sends 504 to a REGISTER, and what the phone does "
						"then, is from memory",
				.causes = "no-answer-from-core, unanswered-here, "
						  "next-hop-unresolvable, refused-by-core",
				.troubles =
						{{"504 to first REGISTERs",
								 "The S-CSCF that the HSS names is not "
								 "reached: down, renamed, DNS",
								 "Server-Name in UAA; DNS and reachability of "
								 "it from the I-CSCF",
								 "Let the I-CSCF choose another S-CSCF; clear "
								 "the name in the HSS when it no longer "
								 "exists"},
								{"504 after an S-CSCF restart, on calls",
										"Restoration: the phone is asked to "
										"register anew",
										"Body of the 504; does an initial "
										"REGISTER follow at once?",
										"Nothing, when it follows; else the "
										"phone does not understand the body or "
										"P-Asserted-Identity "
										"does not match"}}},
		{.word = "6xx",
				.also = "600, 603, Busy Everywhere, Decline",
				.code = 600,
				.name = "6xx Global Failure",
				.type = "SIP answer, global failure (6xx)",
				ANSWER_COMMON,
				.interface =
						"I-CSCF -> P-CSCF (Mw) -> phone (Gm) in old releases",
				.bearer = ANSWER_BEARER,
				.trigger =
						"Nobody ought to: a registrar must not answer a "
						"REGISTER with 6xx. Old I-CSCFs used 600 when no "
						"S-CSCF could be chosen; scripts that refuse with 603",
				.purpose = "Says that asking anybody else is in vain",
				.position = "Instead of 401 or 200",
				.typical_state = "Failed",
				.preconditions = "A node that does not keep to RFC 3261 10.3",
				.previous = "REGISTER",
				.next = "REGISTER after a long pause",
				.security = "That of the REGISTER it answers",
				.procedures = "none that is in force",
				.carries = "Retry-After perhaps",
				.phone = BACK_OFF "some do not come back before power-off",
				.clause = "RFC 3261 10.3, 21.6; TS 24.229 5.3.1.3",
				.release = "RFC 3261 (2002)",
				.confidence = REGMON_VERIFIED,
				.causes = "refused-by-core",
				.doubt = "That registrars must not send it was read; the use "
						 "of 600 by an I-CSCF is from memory",
				.troubles = {{"6xx to a REGISTER",
						"A script or an SBC refuses with a code for calls",
						"Which node made it (Server, To tag)",
						"Change it to 403 (for good) or 503 with Retry-After "
						"(for now)"}}},
};

const regmon_explained_set_t regmon_explained_failures = {
		failures, REGMON_COUNT(failures)};
