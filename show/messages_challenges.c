/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answers that belong to a good registration, and those that ask the phone to come again with more: 100, 200,
 * 401, 407, 421, 423, 494. After RFC 3261, RFC 3329, RFC 3310, TS 24.229 5.1.1. */
#include "show/messages.h"
#include "show/messages_answer.h"

static const regmon_explained_t challenges[] = {
		{.word = "100",
				.also = "Trying, 1xx",
				.code = 100,
				.name = "100 Trying",
				.type = "SIP answer, provisional (1xx)",
				ANSWER_COMMON,
				.interface = "each hop for itself: Gm, Mw",
				.bearer = ANSWER_BEARER,
				.trigger = "A proxy or registrar whose final answer takes "
						   "long; for a REGISTER not before the sender's "
						   "repetitions over UDP have slowed down to T2. "
						   "Kamailio's tm sends one by itself for INVITE "
						   "only",
				.purpose = "Stops the repetitions of the hop before; says "
						   "nothing of the registration",
				.position = "Between REGISTER and its final answer",
				.typical_state = "REGISTER on its way to the core",
				.preconditions = "A REGISTER that the node has taken",
				.previous = "REGISTER",
				.next = "The final answer: 401 or 200, or a refusal",
				.security = "That of the REGISTER it answers; nothing is "
							"proven by it",
				.procedures = "any registration; rare, because it is not sent "
							  "early for a REGISTER",
				.carries =
						"Via, From, To, Call-ID, CSeq copied from the REGISTER",
				.phone = "Slows its repetitions down to one per T2 (RFC 3261 "
						 "17.1.2.2) and goes on waiting",
				.clause = "RFC 3261 17.1.2, 21.1.1; RFC 4320 4.1",
				.release = "RFC 3261 (2002)",
				.confidence = REGMON_WELL_KNOWN,
				.causes = "no-answer-from-core",
				.troubles = {{"100 and then nothing",
						"The node behind did not answer: core or HSS path dead",
						"The leg to the core in ims_regmon.timeline WHO; Cx "
						"peers; DNS for the I-CSCF",
						"ims_regmon.why WHO; trace Mw at the node that sent "
						"the 100"}}},
		{.word = "200",
				.also = "OK, 2xx",
				.code = 200,
				.name = "200 OK",
				.type = "SIP answer, success (2xx)",
				ANSWER_COMMON,
				.interface = "S-CSCF -> I-CSCF -> P-CSCF (Mw) -> phone (Gm)",
				.bearer = ANSWER_BEARER
				"; after a challenge it comes inside the new SAs",
				.trigger = "The S-CSCF (registrar) when the credentials are "
						   "good or a protected refresh is taken, and the "
						   "HSS has said yes (SAR, SAA)",
				.purpose = "Confirms the registration and gives what the phone "
						   "needs next: time of the binding, its "
						   "identities, its way out",
				.position = "Ends each good attempt: after REGISTER, 401, "
							"REGISTER; or after a refresh, a query, a "
							"de-registration",
				.typical_state = "Registered from here on; after Expires 0: "
								 "de-registered",
				.preconditions =
						"Right response to the challenge, or protection by the "
						"SA of an earlier one; binding "
						"stored; profile fetched from the HSS",
				.previous = "REGISTER with the answer to the challenge, or a "
							"protected refresh",
				.next = "SUBSCRIBE to the reg event, third-party REGISTER to "
						"application servers; then refresh 600 s before "
						"expiry (granted 1200 s or less: at half time); calls "
						"and messages",
				.security = "Both sides are proven now. The phone keeps its "
							"SAs at least for the granted time plus 30 s; "
							"the SAs of before are dropped once the new ones "
							"are in use",
				.procedures =
						ANSWER_PROCEDURES ", re-registration, de-registration",
				.carries = "Contact with expires for each binding, "
						   "P-Associated-URI (first: default identity), "
						   "Service-Route, Path as in the REGISTER, To with "
						   "tag; perhaps Authentication-Info, GRUUs, "
						   "Require: outbound; never Record-Route",
				.phone = "Looks for its own contact and its expires; takes an "
						 "identity that is missing in P-Associated-URI "
						 "as barred; builds Route from Service-Route; "
						 "subscribes to the reg event",
				.clause = "RFC 3261 10.3; TS 24.229 5.1.1.2.1, 5.1.1.4.1, "
						  "5.4.1.2.2",
				.release = "3GPP Release 5",
				.confidence = REGMON_VERIFIED,
				.doubt = "What the 200 to a de-registration lists (own contact "
						 "gone, or expires=0) is from a summary of "
						 "TS 24.229 5.4.1.4",
				.causes = "binding-does-not-hold, refresh-storm, "
						  "expired-without-refresh, answer-not-delivered, "
						  "duplicate-device",
				.example =
						"SIP/2.0 200 OK\n"
						"Via: SIP/2.0/UDP "
						"10.45.12.34:31100;branch=z9hG4bK-52a1-2\n"
						"From: "
						"<sip:001010123456789@ims.mnc001.mcc001.3gppnetwork."
						"org>;tag=a73k2\n"
						"To: "
						"<sip:001010123456789@ims.mnc001.mcc001.3gppnetwork."
						"org>;tag=s9\n"
						"Call-ID: 4f2b9c1d0a5e7b3c@10.45.12.34\n"
						"CSeq: 2 REGISTER\n"
						"Contact: "
						"<sip:001010123456789@10.45.12.34:31100>;expires=3600\n"
						"Path: "
						"<sip:term@pcscf.ims.mnc001.mcc001.3gppnetwork.org;lr>"
						"\n"
						"Service-Route: "
						"<sip:orig@scscf.ims.mnc001.mcc001.3gppnetwork.org;lr>"
						"\n"
						"P-Associated-URI: "
						"<sip:+15550100@ims.mnc001.mcc001.3gppnetwork.org>, "
						"<tel:+15550100>\n"
						"Content-Length: 0\n",
				.troubles =
						{{"200, yet the phone registers again and again",
								 "Its own contact is missing in the 200 or "
								 "granted for a very short time, or the 200 "
								 "does not reach it",
								 "All Contact values with expires; the phone's "
								 "contact and instance; timeline: REGISTER "
								 "repeated after the 200",
								 "ims_regmon.why WHO; registrar: contact "
								 "limit, minimum and maximum of expires; SAs "
								 "towards the phone"},
								{"registered, but calls fail",
										"Service-Route or P-Associated-URI is "
										"missing or wrong",
										"Both headers on the P-CSCF's phone "
										"side and on its core side",
										"Compare the 200 on Gm and Mw; HSS: "
										"implicit registration set, barred "
										"identities"},
								{"SMS or video is missing after a refresh",
										"The refresh no longer listed the "
										"feature tag (smsip, video, icsi-ref)",
										"Feature tags of Contact from one "
										"REGISTER to the next",
										"ims_regmon.show WHO and the findings "
										"about Contact; ask for the device's "
										"reason"}}},
		{.word = "401",
				.also = "Unauthorized, challenge",
				.code = 401,
				.name = "401 Unauthorized",
				.type = "SIP answer, client error (4xx), in IMS the normal "
						"first answer",
				ANSWER_COMMON,
				.interface = "S-CSCF -> I-CSCF -> P-CSCF (Mw), with ck and ik; "
							 "P-CSCF -> phone (Gm), without them",
				.bearer = ANSWER_BEARER
				"; it is still unprotected on the first registration",
				.trigger = "The S-CSCF for each REGISTER that did not come "
						   "protected, after it got a vector from the HSS "
						   "(MAR, MAA); again when the phone sends auts; may "
						   "also challenge a protected refresh",
				.purpose = "Proves the network to the phone (AUTN) and asks "
						   "the phone to prove itself (RAND); brings the "
						   "P-CSCF's side of the security agreement",
				.position = "Second message of each initial registration: no "
							"failure",
				.typical_state = "Challenged: the S-CSCF waits 4 min "
								 "(reg-await-auth) for the answer",
				.preconditions =
						"The user is known in the HSS; vector at hand; the "
						"P-CSCF has chosen algorithms, SPIs and "
						"ports for IPsec",
				.previous = "REGISTER without credentials; REGISTER with auts; "
							"REGISTER whose response was not taken",
				.next = "REGISTER with the response, one CSeq higher, same "
						"Call-ID, through the new SAs; or with auts, or "
						"with an empty response; within 4 min",
				.security = "RAND and AUTN are inside nonce (base64, at least "
							"44 characters). From CK and IK phone and P-CSCF "
							"build the SAs; ck and ik stop at the P-CSCF: on "
							"the phone's leg they are a leak of keys",
				.procedures =
						ANSWER_PROCEDURES ", re-authentication at a refresh",
				.carries = "WWW-Authenticate: Digest realm, nonce, "
						   "algorithm=AKAv1-MD5 (or AKAv2-...), qop perhaps; "
						   "Security-Server with alg, ealg, spi-c, spi-s, "
						   "port-c, port-s",
				.phone = "Checks AUTN: good - computes RES, sets up SAs, "
						 "answers; MAC wrong - answers with an empty response; "
						 "SQN out of range - answers with auts; at most two "
						 "bad challenges in a row, then it pauses. "
						 "Security-Server missing or unusable: gives up, new "
						 "Call-ID",
				.clause = "RFC 3261 22; RFC 3310 3; TS 24.229 5.1.1.5.1, "
						  "5.1.1.5.3, 5.4.1.2.1",
				.release = "3GPP Release 5",
				.confidence = REGMON_VERIFIED,
				.doubt = "That ck and ik must not pass the P-CSCF (TS 24.229 "
						 "7.2A.1) was not re-read; nobody doubts it",
				.causes = "challenge-loop, silent-after-challenge, "
						  "sqn-out-of-range, autn-mac-failure, "
						  "stale-credentials, security-agreement-mismatch, "
						  "answer-not-delivered",
				.example = "SIP/2.0 401 Unauthorized\n"
						   "Via: SIP/2.0/UDP "
						   "10.45.12.34:5060;branch=z9hG4bK-52a1-1;rport=5060\n"
						   "From: "
						   "<sip:001010123456789@ims.mnc001.mcc001.3gppnetwork."
						   "org>;tag=a73k2\n"
						   "To: "
						   "<sip:001010123456789@ims.mnc001.mcc001.3gppnetwork."
						   "org>;tag=s8\n"
						   "Call-ID: 4f2b9c1d0a5e7b3c@10.45.12.34\n"
						   "CSeq: 1 REGISTER\n"
						   "WWW-Authenticate: Digest "
						   "realm=\"ims.mnc001.mcc001.3gppnetwork.org\","
						   "nonce=\"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/"
						   "6w1Tfr7M=\",algorithm=AKAv1-MD5,qop=\"auth\"\n"
						   "Security-Server: "
						   "ipsec-3gpp;q=0.5;prot=esp;mod=trans;alg=hmac-sha-1-"
						   "96;ealg=aes-cbc;"
						   "spi-c=4101;spi-s=4102;port-c=5100;port-s=5101\n"
						   "Content-Length: 0\n",
				.troubles = {{"no REGISTER follows the 401",
									 "IPsec: the protected REGISTER is lost "
									 "(SPI, port, MTU, keys), or the phone "
									 "gave up on "
									 "the 401 (no Security-Server), or never "
									 "got it",
									 "ESP from the phone's address; ip -s xfrm "
									 "state; Security-Server in the 401 as "
									 "sent; "
									 "its size",
									 "ims_regmon.why WHO; P-CSCF ipsec "
									 "settings; try TCP or a smaller MTU"},
						{"401 after 401, with auts",
								"SQN of the HSS is behind the card",
								"auts in each REGISTER; does the next MAR "
								"carry RAND and auts?",
								"Let the HSS take the SQN from auts, or set "
								"its SQN ahead"},
						{"401 after 401, the phone's response is empty",
								"K or OPc of card and HSS differ (OP taken for "
								"OPc, AMF, Milenage against TUAK)",
								"K, OP or OPc, AMF and algorithm of this IMPI "
								"in the HSS",
								"Provision the card's data again; check with a "
								"test vector"},
						{"401 after 401, with a response each time",
								"The S-CSCF does not match it: other S-CSCF, "
								"other Call-ID, integrity-protected is not "
								"yes, "
								"answer after the 4 min",
								"S-CSCF name in UAA; integrity-protected on "
								"Mw; Call-ID; time between 401 and answer",
								"Capture the answer on Gm and Mw side by "
								"side"}}},
		{.word = "407",
				.also = "Proxy Authentication Required",
				.code = 407,
				.name = "407 Proxy Authentication Required",
				.type = "SIP answer, client error (4xx)",
				ANSWER_COMMON,
				.interface = "a proxy -> phone; not foreseen on Gm",
				.bearer = ANSWER_BEARER,
				.trigger =
						"A proxy before the registrar that wants credentials "
						"of its own: an SBC or a proxy outside of IMS",
				.purpose = "Challenges for the proxy, as 401 does for the "
						   "registrar",
				.position = "After a REGISTER, in plain SIP networks",
				.typical_state = "Challenged by a proxy",
				.preconditions = "A proxy with user accounts stands in the way",
				.previous = "REGISTER without Proxy-Authorization",
				.next = "REGISTER with Proxy-Authorization, one CSeq higher",
				.security = "SIP digest with the proxy's realm; IMS AKA uses "
							"401 only",
				.procedures = "registration of plain SIP phones; no IMS, VoLTE "
							  "or VoNR procedure has it for REGISTER",
				.carries = "Proxy-Authenticate: Digest realm, nonce, "
						   "algorithm, qop",
				.phone = "A plain phone answers it; an IMS phone has no "
						 "credentials for it and takes it as a failure",
				.clause = "RFC 3261 22.3, 21.4.8",
				.release = "RFC 3261 (2002)",
				.confidence = REGMON_WELL_KNOWN,
				.troubles = {{"an IMS phone gets 407",
						"The REGISTER went to a proxy that is no P-CSCF, or "
						"the script challenges with the wrong function",
						"Which node made the 407 (Server, To tag, Via); the "
						"authentication call in its script",
						"Use www_challenge for REGISTER, or lead the phone to "
						"the P-CSCF"}}},
		{.word = "421",
				.also = "Extension Required",
				.code = 421,
				.name = "421 Extension Required",
				.type = "SIP answer, client error (4xx) that asks for a better "
						"REGISTER",
				ANSWER_COMMON,
				.interface = "P-CSCF -> phone (Gm)",
				.bearer = ANSWER_BEARER,
				.trigger = "The P-CSCF when the REGISTER does not name an "
						   "extension it needs: sec-agree in none of Require, "
						   "Proxy-Require, Supported; or path",
				.purpose = "Names the extension without which this node does "
						   "not go on",
				.position = "First answer, before anything reached the core",
				.typical_state =
						"The attempt is open: the phone may come again at once",
				.preconditions = "The P-CSCF insists on a security agreement "
								 "(or on Path)",
				.previous = "REGISTER without the extension",
				.next = "REGISTER with the extension in Require, Proxy-Require "
						"or Supported; else the end of the attempt",
				.security = "None yet; it carries Security-Server so that the "
							"agreement can begin",
				.procedures =
						ANSWER_PROCEDURES "; only where the P-CSCF insists",
				.carries = "Require with the missing option tag; "
						   "Security-Server when it is sec-agree",
				.phone = "Adds the extension and sends the REGISTER anew, or "
						 "gives up when it does not know it",
				.clause = "RFC 3261 21.4.16; RFC 3329 2.3.2; RFC 3327 5.2",
				.release = "RFC 3261 (2002); sec-agree in 3GPP Release 5",
				.confidence = REGMON_VERIFIED,
				.causes = "extension-refused, security-agreement-mismatch",
				.troubles = {{"each REGISTER of one device type ends in 421",
						"The device has no IPsec (or it is switched off in its "
						"profile), or an SBC took sec-agree out",
						"Require, Proxy-Require, Supported and Security-Client "
						"as the phone sent them",
						"Switch IPsec on in the device's carrier settings, or "
						"let the P-CSCF take it without"}}},
		{.word = "423",
				.also = "Interval Too Brief",
				.code = 423,
				.name = "423 Interval Too Brief",
				.type = "SIP answer, client error (4xx) that asks for a better "
						"REGISTER",
				ANSWER_COMMON,
				.interface = "S-CSCF -> P-CSCF (Mw) -> phone (Gm)",
				.bearer = ANSWER_BEARER,
				.trigger = "The registrar when more than 0 s but less than its "
						   "minimum was asked for; by RFC 3261 only below "
						   "3600 s",
				.purpose = "Keeps phones from refreshing too often",
				.position = "Instead of the 200, mostly after the challenge "
							"was answered",
				.typical_state = "The attempt is open: the phone comes again "
								 "with a longer interval",
				.preconditions = "A minimum is configured at the registrar",
				.previous = "REGISTER with a short Expires or expires",
				.next = "REGISTER with at least Min-Expires for all contacts",
				.security = "That of the REGISTER it answers",
				.procedures = ANSWER_PROCEDURES ", re-registration",
				.carries = "Min-Expires (must be there)",
				.phone = "Raises the interval of all its contacts to "
						 "Min-Expires or more and sends the REGISTER anew",
				.clause = "RFC 3261 10.2.8, 10.3, 21.4.17, 20.23; TS 24.229 "
						  "5.1.1.2.1",
				.release = "RFC 3261 (2002)",
				.confidence = REGMON_VERIFIED,
				.causes = "interval-too-brief",
				.troubles = {{"423 again and again",
									 "Min-Expires is missing, or the phone "
									 "does not heed it",
									 "Min-Expires in the 423; Expires and each "
									 "expires parameter of the next REGISTER",
									 "Put Min-Expires in, or lower the minimum "
									 "for this device"},
						{"423 to a request of 3600 s or more",
								"The registrar's minimum is above one hour, "
								"which RFC 3261 does not allow it to enforce",
								"The registrar's minimum",
								"Set it to 3600 s or less; the phone is "
								"right"}}},
		{.word = "494",
				.also = "Security Agreement Required",
				.code = 494,
				.name = "494 Security Agreement Required",
				.type = "SIP answer, client error (4xx) that asks for a better "
						"REGISTER",
				ANSWER_COMMON,
				.interface = "P-CSCF -> phone (Gm)",
				.bearer = ANSWER_BEARER,
				.trigger = "The P-CSCF when Security-Verify is not what it "
						   "sent as Security-Server, or when sec-agree stands "
						   "in Supported only",
				.purpose = "Refuses a bid-down: both sides must have seen the "
						   "same lists of algorithms",
				.position = "Answer to the protected REGISTER, or first answer "
							"to one that does not ask for sec-agree",
				.typical_state = "The attempt is open: the security agreement "
								 "starts again",
				.preconditions = "The P-CSCF uses sec-agree",
				.previous = "REGISTER with Security-Verify that differs, or "
							"without Require: sec-agree",
				.next = "REGISTER that begins the agreement anew "
						"(Security-Client, then 401 with Security-Server)",
				.security = "The agreement has failed; nothing of this attempt "
							"is trusted",
				.procedures = ANSWER_PROCEDURES ", re-registration",
				.carries = "Security-Server, unchanged (must be there)",
				.phone = "Drops the agreement and begins again; after repeated "
						 "494s it tries another P-CSCF or stops",
				.clause = "RFC 3329 2.3.1, 2.3.2; TS 24.229 5.1.1.5.1",
				.release = "3GPP Release 5",
				.confidence = REGMON_VERIFIED,
				.causes = "security-agreement-mismatch",
				.doubt = "RFC 3329 wants 494 for an unprotected Require: "
						 "sec-agree, too; IMS answers the first REGISTER with "
						 "401 instead, and that is right there",
				.troubles = {{"494 after each answered challenge",
						"Security-Verify does not mirror Security-Server: "
						"order, parameters or spelling changed by phone, "
						"SBC or P-CSCF",
						"Security-Server of the 401 against Security-Verify, "
						"entry by entry; sorted at the P-CSCF?",
						"Compare both texts on the phone's side; align the "
						"list of algorithms; take middleboxes out"}}},
};

const regmon_explained_set_t regmon_explained_challenges = {
		challenges, REGMON_COUNT(challenges)};
