/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The requests: REGISTER, and those around a registration that a reader meets beside it. After RFC 3261, RFC 6665,
 * RFC 3680, RFC 3903, TS 24.229 5.1.1, 5.1.2A, 5.2.3, 5.4.2. */
#include "show/messages.h"

#define ANY_ACCESS "4G (LTE), 5G (NR) and Wi-Fi: the same message on each"
#define PROTECTED_BEARER                                                    \
	"SIP signalling inside the IPsec SAs that the registration set up, on " \
	"the default bearer of the IMS APN or DNN "                             \
	"(QCI 5 in LTE, 5QI 5 in 5G; on Wi-Fi inside the tunnel to the ePDG)"

static const regmon_explained_t requests[] = {
		{.word = "REGISTER",
				.also = "registration",
				.name = "IMS SIP REGISTER",
				.type = "SIP request method",
				.protocol = "SIP (text, no ASN.1): a request line, headers, no "
							"body from a phone",
				.technology = ANY_ACCESS,
				.deployment = "VoLTE, VoNR, VoWiFi, SMS over IP, RCS; plain "
							  "SIP phones use the same method",
				.direction = "phone -> network; each one is answered network "
							 "-> phone",
				.interface = "Gm (phone - P-CSCF), then Mw (P-CSCF - I-CSCF - "
							 "S-CSCF); the I- and S-CSCF ask the HSS over Cx "
							 "meanwhile (UAR, MAR, SAR); as third-party "
							 "REGISTER over ISC to application servers",
				.bearer = "SIP signalling, no media: the default bearer of the "
						  "IMS APN or DNN, QCI 5 in LTE, 5QI 5 in 5G; "
						  "on Wi-Fi the tunnel to the ePDG. The first one goes "
						  "unprotected, from the answer to the 401 on "
						  "inside IPsec SAs. Each REGISTER is a transaction of "
						  "its own; there is no dialog",
				.trigger =
						"The phone: when IMS is switched on and the bearer is "
						"up; to answer a 401; as refresh 600 s before "
						"expiry (granted 1200 s or less: at half time); when "
						"capabilities, access or address change; after "
						"IMS service was lost; with Expires 0 when it leaves",
				.purpose = "Makes the phone reachable: binds a public identity "
						   "(IMPU) to the phone's contact address and "
						   "capabilities, and tells the S-CSCF by Path behind "
						   "which P-CSCF it is, so that calls, messages and "
						   "other service signalling find it. Creates, "
						   "refreshes, lists or removes that binding",
				.position = "The first SIP request of a phone in IMS, and then "
							"again before each expiry; everything else "
							"(calls, SMS, SUBSCRIBE) needs it",
				.typical_state =
						"The phone has IP connectivity and knows a P-CSCF; it "
						"wants to become, or to stay, reachable for "
						"voice and messages",
				.preconditions =
						"Attached in LTE, or registered in 5GS, or tunnel to "
						"the ePDG; PDN connection or PDU session to the "
						"IMS APN or DNN with the default bearer; P-CSCF "
						"address known (PCO, DHCP, DNS); ISIM or USIM gives "
						"IMPI, IMPU and home domain; IMS voice allowed by "
						"network and subscription",
				.previous =
						"First: default bearer for IMS up, P-CSCF found. "
						"Later: 401 (then it answers), 200 (then it "
						"refreshes), 421, 423 or 494 (then it tries again), a "
						"NOTIFY that ended or shortened the binding",
				.next = "401 Unauthorized to a first one, 200 OK to a good "
						"answer or refresh. Then SUBSCRIBE to the reg "
						"event, and calls. Else a refusal: 403, 404, 42x, 494, "
						"5xx",
				.security =
						"IMS AKA with the card's K (the HSS has the same): the "
						"first REGISTER only names the IMPI and offers "
						"IPsec (Security-Client), the 401 brings RAND, AUTN "
						"and Security-Server, the second proves RES and "
						"comes through the new SAs with Security-Verify. SIP "
						"digest, TLS or access-bound (GIBA) schemes "
						"exist beside it",
				.procedures = "IMS registration, VoLTE registration, VoNR "
							  "registration, VoWiFi registration, emergency "
							  "registration, re-registration, de-registration",
				.carries =
						"Request-URI (home domain), To and From (IMPU), "
						"Call-ID, CSeq, Contact with instance and service "
						"tags, Expires, Authorization, Security-Client, "
						"Security-Verify, Supported: path, "
						"P-Access-Network-Info; all of them in the table below",
				.phone = "Waits for the answer before another REGISTER; "
						 "repeats over UDP after 2, 6, 14 s and so on, and "
						 "gives up after 128 s (timer F). After failures it "
						 "waits 30 s, 60 s, up to 30 min (RFC 5626 4.5)",
				.clause = "RFC 3261 10; TS 24.229 5.1.1.2, 5.1.1.4, 5.1.1.5, "
						  "5.1.1.6",
				.release = "3GPP Release 5 (IMS); LTE since Release 8, NR "
						   "since Release 15",
				.confidence = REGMON_VERIFIED,
				.causes = "silent-after-challenge, no-answer-from-core, "
						  "refresh-storm, cseq-regression, "
						  "binding-does-not-hold, overlapping-registers, "
						  "back-off-ignored, broken-register, "
						  "identity-mismatch, unanswered-here",
				.example =
						"REGISTER sip:ims.mnc001.mcc001.3gppnetwork.org "
						"SIP/2.0\n"
						"Via: SIP/2.0/UDP "
						"10.45.12.34:5060;branch=z9hG4bK-52a1-1;rport;keep\n"
						"Max-Forwards: 70\n"
						"From: "
						"<sip:001010123456789@ims.mnc001.mcc001.3gppnetwork."
						"org>;tag=a73k2\n"
						"To: "
						"<sip:001010123456789@ims.mnc001.mcc001.3gppnetwork."
						"org>\n"
						"Call-ID: 4f2b9c1d0a5e7b3c@10.45.12.34\n"
						"CSeq: 1 REGISTER\n"
						"Contact: <sip:001010123456789@10.45.12.34:5060>"
						";+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims."
						"icsi.mmtel\";+g.3gpp.smsip"
						";+sip.instance=\"<urn:gsma:imei:35609911-123456-0>\"\n"
						"Expires: 600000\n"
						"Require: sec-agree\n"
						"Proxy-Require: sec-agree\n"
						"Supported: path, gruu, sec-agree\n"
						"Authorization: Digest "
						"username=\"001010123456789@ims.mnc001.mcc001."
						"3gppnetwork.org\","
						"realm=\"ims.mnc001.mcc001.3gppnetwork.org\",uri=\"sip:"
						"ims.mnc001.mcc001.3gppnetwork.org\","
						"nonce=\"\",response=\"\"\n"
						"Security-Client: "
						"ipsec-3gpp;prot=esp;mod=trans;alg=hmac-sha-1-96;ealg="
						"aes-cbc;spi-c=160001;"
						"spi-s=160002;port-c=31112;port-s=31100\n"
						"Content-Length: 0\n",
				.troubles = {{"the REGISTER is refused, or never gets beyond "
							  "the first answer",
									 "Identity, contact or credentials do not "
									 "fit: the home domain, IMPI and IMPU do "
									 "not "
									 "belong together, or the answer to the "
									 "challenge is missing or wrong",
									 "Request-URI, To and username against the "
									 "card; Call-ID and CSeq over the whole "
									 "attempt; Contact, Expires; Authorization "
									 "of the second REGISTER",
									 "Read it together with its answer: "
									 "ims_regmon.timeline WHO shows both, "
									 "ims_regmon.why WHO names the cause"},
						{"REGISTER after REGISTER",
								"The phone refreshes too early, reuses stale "
								"credentials, or gets no "
								"binding that holds",
								"CSeq, Contact, Expires and nonce from one to "
								"the next; the expires that the last 200 "
								"granted to this very contact",
								"Find the answer that starts the round again "
								"(401, 423, 200 without its contact) and read "
								"it with the REGISTER before it: "
								"ims_regmon.timeline WHO"},
						{"the REGISTER arrives here and no answer goes back",
								"The core or the HSS is not reached, or the "
								"script drops it",
								"Whether it left for the core (timeline: here "
								"-> core); dispatcher and DNS towards the "
								"I-CSCF; Cx peers",
								"ims_regmon.why WHO; then trace Mw and Cx for "
								"this Call-ID"},
						{"no REGISTER of the phone arrives at all",
								"No IMS bearer, wrong P-CSCF address, IMS "
								"switched off on the phone or by its carrier "
								"settings",
								"PDN connection or PDU session for the IMS APN "
								"or DNN, P-CSCF address in PCO, the voice "
								"support indication of MME or AMF",
								"Trace SIP on the P-CSCF's address for the "
								"phone's IP; nothing there: look at the "
								"bearer, "
								"not at SIP"}}},
		{.word = "INVITE",
				.name = "IMS SIP INVITE",
				.type = "SIP request method",
				.protocol = "SIP with an SDP body",
				.technology = ANY_ACCESS,
				.deployment = "VoLTE, VoNR, VoWiFi and video calls",
				.direction = "either way: phone -> network for a call it "
							 "makes, network -> phone for one it gets",
				.interface = "Gm (phone - P-CSCF), Mw between the CSCFs, ISC "
							 "to the telephony application server",
				.bearer = PROTECTED_BEARER "; the media gets a bearer of its "
										   "own (QCI 1 or 5QI 1 for voice)",
				.trigger = "The calling phone when the user dials; the S-CSCF "
						   "of the called user sends it on to the contact "
						   "that REGISTER bound",
				.purpose = "Starts a session and negotiates its media",
				.differs =
						"REGISTER creates reachability, INVITE a session: "
						"INVITE makes a dialog that lives until BYE, "
						"carries SDP, runs through the application servers and "
						"reserves a media bearer; REGISTER makes "
						"none of it and is answered by the registrar itself. "
						"Without the binding of a REGISTER an INVITE "
						"neither leaves (no Service-Route, no SA) nor arrives "
						"(no contact)",
				.position = "Any time while a registration is in force",
				.typical_state = "Registered; the phone is idle or in a call",
				.preconditions =
						"200 to the REGISTER with Service-Route and "
						"P-Associated-URI; the SAs of that registration; "
						"the binding has not run out",
				.previous = "200 to the REGISTER, at some time; NOTIFY of the "
							"reg event",
				.next = "100 Trying, 183 with PRACK, 180 Ringing, 200 OK, ACK; "
						"504 with restoration: REGISTER anew",
				.security = "The IPsec SAs of the registration; the identity "
							"was checked then and is asserted by the P-CSCF "
							"(P-Asserted-Identity); no challenge of its own",
				.procedures = "call set-up and change of media, after IMS, "
							  "VoLTE or VoNR registration",
				.carries = "Route (P-CSCF, then the Service-Route of the 200), "
						   "P-Preferred-Identity, Contact, SDP, "
						   "P-Access-Network-Info, Security-Verify",
				.phone = "Fails at once when not registered; registers first, "
						 "except for emergency calls without one",
				.clause = "RFC 3261 13; TS 24.229 5.1.3, 5.1.2A",
				.release = "3GPP Release 5",
				.confidence = REGMON_WELL_KNOWN,
				.doubt = "This module does not watch INVITE; it is here for "
						 "the difference",
				.causes = "binding-does-not-hold",
				.troubles = {{"calls from the phone fail while it is "
							  "registered",
									 "No Service-Route in the 200, or the "
									 "P-CSCF has lost the contact",
									 "Service-Route in the last 200; the "
									 "P-CSCF's list of contacts; "
									 "Security-Verify in the "
									 "INVITE",
									 "ims_regmon.show WHO for state, expiry "
									 "and SPIs; then trace Gm for the INVITE"},
						{"calls to the phone end in voice mail or 480",
								"The binding has gone or is another one: "
								"expired, replaced, or bound to an old address",
								"Contact and expiry of the registration; "
								"NOTIFY of the reg event; Path",
								"ims_regmon.show WHO; let the phone register "
								"anew and call again"}}},
		{.word = "SUBSCRIBE",
				.also = "SUBSCRIBE reg",
				.name = "SIP SUBSCRIBE to the reg event",
				.type = "SIP request method",
				.protocol = "SIP, Event: reg, no body",
				.technology = ANY_ACCESS,
				.deployment = "VoLTE, VoNR, VoWiFi: every IMS phone, and the "
							  "P-CSCF for itself",
				.direction = "phone -> network (and P-CSCF -> S-CSCF)",
				.interface = "Gm and Mw to the S-CSCF, along the Service-Route",
				.bearer = PROTECTED_BEARER,
				.trigger = "The phone right after the 200 to its initial "
						   "registration, with Expires 600000, and again "
						   "before it runs out; the P-CSCF once for each "
						   "private identity; application servers, too",
				.purpose = "Asks the S-CSCF to tell of all changes to the "
						   "registrations of this user, above all of those "
						   "that the network makes",
				.differs = "REGISTER changes the binding, SUBSCRIBE only wants "
						   "to hear of changes; it makes a dialog and "
						   "needs a registration to ride on",
				.position =
						"First request after a successful initial registration",
				.typical_state = "Registered, the first 200 has just come",
				.preconditions = "200 to the REGISTER with Service-Route; SAs "
								 "in use; the IMPU is not barred",
				.previous = "200 to the initial REGISTER",
				.next = "200 OK with Expires, at once NOTIFY with the full "
						"state",
				.security = "The IPsec SAs of the registration; the S-CSCF "
							"checks the asserted identity, no challenge",
				.procedures = "IMS registration, VoLTE registration, VoNR "
							  "registration: their last step",
				.carries = "Event: reg, Accept: application/reginfo+xml, "
						   "Expires, Contact, Route from Service-Route",
				.phone = "On an error it may try again after Retry-After; "
						 "without this subscription it never learns that "
						 "the network took its registration back",
				.clause = "RFC 3680 4; RFC 6665; TS 24.229 5.1.1.3, 5.2.3",
				.release = "3GPP Release 5",
				.confidence = REGMON_VERIFIED,
				.doubt = "That the P-CSCF subscribes once for each private "
						 "identity is from a summary of TS 24.229 5.2.3",
				.troubles = {{"no SUBSCRIBE within half a minute of the 200",
									 "The phone cannot send through the new "
									 "SAs, or has no Service-Route",
									 "ESP packets from the phone after the "
									 "200; Service-Route in it",
									 "ip -s xfrm state at the P-CSCF; "
									 "ims_regmon.timeline WHO: does the phone "
									 "return with a "
									 "first REGISTER?"},
						{"SUBSCRIBE is refused with 403 or 404",
								"The S-CSCF does not know the user as "
								"registered, or Route leads elsewhere",
								"Route against the Service-Route of the 200; "
								"S-CSCF after a restart?",
								"Compare the S-CSCF's list of registrations "
								"with ims_regmon.show WHO"}}},
		{.word = "NOTIFY",
				.also = "NOTIFY reg",
				.name = "SIP NOTIFY of the reg event",
				.type = "SIP request method",
				.protocol = "SIP with an XML body (application/reginfo+xml)",
				.technology = ANY_ACCESS,
				.deployment = "VoLTE, VoNR, VoWiFi: to every subscriber of the "
							  "reg event",
				.direction = "network -> phone (and S-CSCF -> P-CSCF)",
				.interface = "Mw and Gm, inside the dialog of the SUBSCRIBE",
				.bearer = PROTECTED_BEARER,
				.trigger =
						"The S-CSCF: at once after the SUBSCRIBE, and at each "
						"change: registered, refreshed, shortened, "
						"expired, taken back by the HSS (RTR) or the operator",
				.purpose = "Tells the phone which of its identities and "
						   "contacts are registered and why one no longer is",
				.differs = "REGISTER asks of the phone's own will; NOTIFY is "
						   "how the network takes a registration back or "
						   "makes the phone come again",
				.position = "After SUBSCRIBE, then any time while the "
							"subscription lives",
				.typical_state =
						"Registered; the network has changed something",
				.preconditions = "A subscription in force; a way to the phone "
								 "(SAs, Path)",
				.previous = "SUBSCRIBE, or a change: REGISTER of another "
							"device, RTR on Cx, expiry",
				.next = "200 OK of the phone; then by the event: deactivated - "
						"initial REGISTER at once; probation - after "
						"retry-after; shortened - earlier refresh; rejected - "
						"none, the phone stays away",
				.security = "The IPsec SAs of the registration",
				.procedures =
						"network-initiated de-registration and "
						"re-authentication; implicit registration of further "
						"identities",
				.carries = "Event: reg, Subscription-State, body: reginfo "
						   "(version, state full or partial), registration "
						   "(aor, state), contact (state, event, expires, uri)",
				.phone = "Version one higher: takes it; a gap: subscribes anew "
						 "for the full state; lower: drops it. Its own "
						 "contact terminated: acts by the event attribute",
				.clause = "RFC 3680 4, 5; TS 24.229 5.1.1.5.2, 5.1.1.7, "
						  "5.4.2.1.2",
				.release = "3GPP Release 5",
				.causes = "network-deregistered, removed-by-this-node, "
						  "contact-dropped",
				.confidence = REGMON_VERIFIED,
				.doubt = "What the phone does by each event (TS 24.229 "
						 "5.1.1.7) was not re-read in the clause; RFC 3680 was",
				.example = "<?xml version=\"1.0\"?>\n"
						   "<reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" "
						   "version=\"1\" state=\"full\">\n"
						   " <registration aor=\"sip:alice@ims.example.net\" "
						   "id=\"a1\" state=\"terminated\">\n"
						   "  <contact id=\"c1\" state=\"terminated\" "
						   "event=\"deactivated\">\n"
						   "   <uri>sip:alice@192.0.2.10:31100</uri>\n"
						   "  </contact>\n"
						   " </registration>\n"
						   "</reginfo>\n",
				.troubles = {{"the phone registers anew soon after a 200",
									 "A NOTIFY told it so: deactivated, "
									 "probation or shortened",
									 "event and state of its contact in the "
									 "body; RTR on Cx; administrator's actions",
									 "Trace the dialog of the SUBSCRIBE; ask "
									 "at S-CSCF and HSS who took the binding "
									 "back"},
						{"the phone goes on refreshing what the network has "
						 "ended",
								"The NOTIFY never came, or the phone never "
								"subscribed",
								"SUBSCRIBE after the 200; answers to NOTIFY at "
								"the S-CSCF (408, 481)",
								"Refuse its next refresh, so that it starts "
								"from the beginning; look for the missing "
								"SUBSCRIBE"}}},
		{.word = "reg event",
				.also = "reginfo, registration event package, event package "
						"reg",
				.name = "Registration event package",
				.type = "event package for SUBSCRIBE and NOTIFY",
				.protocol = "SIP events with an XML document, MIME type "
							"application/reginfo+xml",
				.technology = ANY_ACCESS,
				.deployment = "every IMS; outside of IMS rare",
				.direction =
						"phone -> network: SUBSCRIBE; network -> phone: NOTIFY",
				.interface = "Gm and Mw between phone and S-CSCF, Mw between "
							 "P-CSCF and S-CSCF, ISC to application servers",
				.bearer = PROTECTED_BEARER,
				.trigger = "Set up by the phone and by the P-CSCF after the "
						   "first 200; documents come at each change, not "
						   "faster than one in 5 s to a subscriber",
				.purpose = "Keeps phone, P-CSCF and application servers in "
						   "step with what the S-CSCF holds",
				.differs = "The reverse side of REGISTER: the registrar's view "
						   "of the bindings, pushed to those concerned",
				.position = "Beside the registration, from its first 200 to "
							"its end",
				.typical_state = "Registered; subscription active",
				.preconditions =
						"A registration; subscription granted by the S-CSCF",
				.previous = "200 to the initial REGISTER, SUBSCRIBE",
				.next = "NOTIFY by NOTIFY; the last says Subscription-State: "
						"terminated",
				.security = "The IPsec SAs of the registration; only the "
							"user's own identities and trusted nodes may "
							"subscribe",
				.procedures = "IMS registration (last step), network-initiated "
							  "de-registration, network-initiated "
							  "re-authentication, implicit registration",
				.carries = "events: registered, created (by the operator or "
						   "implicitly), refreshed, shortened: binding in "
						   "force; expired, deactivated, probation, "
						   "unregistered, rejected: binding gone. Registration "
						   "state: init, active, terminated. GRUUs (RFC 5628) "
						   "may stand inside contact",
				.phone = "shortened: refreshes by the new expiry; deactivated: "
						 "registers at once; probation: after "
						 "retry-after; rejected: stops; expired: registers "
						 "when it still wants service; unregistered: "
						 "nothing",
				.clause = "RFC 3680 4.7.1, 5; RFC 5628; TS 24.229 5.1.1.3, "
						  "5.1.1.7",
				.release = "3GPP Release 5",
				.confidence = REGMON_VERIFIED,
				.doubt = "The phone's reaction to each event is from memory of "
						 "TS 24.229 5.1.1.7",
				.troubles = {{"phone and S-CSCF hold different states",
						"A NOTIFY was lost, or a version gap was not noticed",
						"version from document to document; full or partial; "
						"answers to NOTIFY",
						"Let the phone subscribe anew: the first document is "
						"full"}}},
		{.word = "PUBLISH",
				.also = "PUBLISH reg",
				.name = "SIP PUBLISH of the reg event",
				.type = "SIP request method",
				.protocol = "SIP with an XML body (application/reginfo+xml)",
				.technology = "core network only, whatever the access",
				.deployment = "between servers of some cores, Kamailio's IMS "
							  "modules among them; no phone sends it",
				.direction = "inside the core: P-CSCF -> S-CSCF; never on the "
							 "phone's leg",
				.interface = "Mw; not part of 3GPP's procedures for it",
				.bearer = "the core's own IP network; no bearer of the phone",
				.trigger = "A P-CSCF that finds a contact dead (lost SA, lost "
						   "connection) and wants the S-CSCF to remove it",
				.purpose = "Puts state into the event package: here that a "
						   "contact of a user has ended",
				.differs = "REGISTER with Expires 0 is the phone's own "
						   "farewell; PUBLISH is a third node's word that the "
						   "contact has gone",
				.position = "After the P-CSCF saw a contact die, before the "
							"NOTIFY that tells the rest",
				.typical_state = "Registered at the S-CSCF, lost at the P-CSCF",
				.preconditions = "The S-CSCF takes PUBLISH for the reg event "
								 "and trusts the sender",
				.previous = "Rx abort (ASR) for the signalling path, a broken "
							"connection, or expiry at the P-CSCF",
				.next = "200 OK with SIP-ETag; NOTIFY to the subscribers",
				.security = "Trust between core nodes (private network or "
							"IPsec between them); no AKA",
				.procedures = "removal of a dead contact; some cores only",
				.carries = "Event: reg, Expires, SIP-If-Match when repeated, "
						   "body: reginfo with the contact terminated",
				.phone = "Sees nothing of it; may get a NOTIFY when it can "
						 "still be reached, and has to register anew",
				.clause = "RFC 3903; RFC 3680 5",
				.release = "RFC 3903 (2004); no procedure of a 3GPP release",
				.confidence = REGMON_SECONDARY,
				.doubt = "No clause of TS 24.229 asks for it: this is what "
						 "implementations do",
				.troubles = {{"bindings vanish at the S-CSCF while the phone "
							  "believes to be registered",
						"The P-CSCF publishes contacts as ended too eagerly",
						"PUBLISH from the P-CSCF and its body; Rx aborts at "
						"the same time",
						"Set the P-CSCF to wait for the expiry, or repair what "
						"makes it think the contact dead"}}},
};

const regmon_explained_set_t regmon_explained_requests = {
		requests, REGMON_COUNT(requests)};
