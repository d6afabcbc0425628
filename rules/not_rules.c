/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requirements that are no rules, and why: definitions, what no message here can tell, what another rule or a cause
 * covers. The documentation prints them beside the rules, so that nothing is left out in silence. */
#include "rules/rule.h"

static const regmon_not_rule_t rows[] = {
		{"TO-03", "RFC 3261 10.3",
				"The key of a registration is the To URI without parameters and "
				"with escapes decoded.",
				"Definition: this is how records are keyed."},
		{"TO-06", "TS 24.229 5.1.1.2.1",
				"To carries the public identity that is being registered.",
				"What the phone means to register is told by To alone; an "
				"identity that is not its own is refused with 403 or missing in "
				"P-Associated-URI."},
		{"TO-07", "RFC 3261 10.3",
				"The authenticated user may register this public identity.",
				"Needs the subscription data of the HSS; seen here as 403."},
		{"VIA-02", "TS 24.229 5.1.1.2.1",
				"The sent-by of an unprotected REGISTER is the phone's own "
				"address and port.",
				"Needs the source address of the packet, which the text does not "
				"hold; behind NAT both differ by right."},
		{"VIA-06", "RFC 3261 18.2.1",
				"Source address and sent-by agree, or there is NAT between.",
				"Needs the source address of the packet, which the text does not "
				"hold."},
		{"VIA-08", "TS 24.229 5.1.1.2.2",
				"A name in sent-by or Contact resolves to the address of the "
				"security association.",
				"Needs a DNS query, which nothing on the path of a REGISTER may "
				"wait for."},
		{"HDR-02", "RFC 3261 20",
				"Allow and User-Agent are optional.",
				"Nothing to break: both serve the statistics of devices."},
		{"HDR-04", "RFC 3261 8.2.2.3",
				"The registrar supports each option in Require.",
				"What it supports is its own setting; seen here as 420 with "
				"Unsupported."},
		{"CON-14", "RFC 5626 6",
				"A binding is keyed by instance and reg-id where both are given, "
				"else by its Contact URI.",
				"Definition: this is how records are keyed."},
		{"CON-25", "TS 24.229 5.4.1.2.2",
				"The number of flows of one phone stays within the allowed "
				"maximum.",
				"The maximum is the registrar's own setting; seen here as 403."},
		{"CON-27", "TS 24.229 7.2A.13",
				"An emergency registration has the URI parameter sos in Contact.",
				"Definition: without sos a REGISTER is not recognisable as one "
				"for emergency calls."},
		{"AUTH-05", "TS 24.229 5.1.1.1A",
				"The host part of the private identity may differ from realm and "
				"home domain.",
				"A freedom of the operator, not a requirement."},
		{"AUTH-13", "TS 24.229 5.1.1.4.2",
				"A refresh without challenge repeats the last nonce and response.",
				"A permission: it is why a repeated nonce raises no finding."},
		{"AUTH-14", "TS 24.229 5.1.1.5.3",
				"An SQN failure is told by auts.",
				"Definition: this is how a resynchronisation is recognised; its "
				"form is AUTH-15."},
		{"AUTH-16", "TS 24.229 5.1.1.5.3",
				"A MAC failure is told by an empty response without auts.",
				"Definition: this is how a refused challenge is recognised; the "
				"diagnosis explains it."},
		{"AUTH-18", "RFC 2617 3.2.2",
				"nc rises with each use of a nonce.",
				"Needs the last nc of each nonce, which belongs to the server "
				"that issued it; seen here as 401 with stale."},
		{"AUTH-22", "TS 24.229 5.4.1.1",
				"integrity-protected tells the S-CSCF how to authenticate.",
				"Definition of what the S-CSCF does with the mark."},
		{"AUTH-23", "TS 24.229 5.4.1.2.2",
				"A REGISTER without protection is always challenged.",
				"A duty of the S-CSCF: it is judged by the answer."},
		{"PCV-02", "RFC 7315 5.6",
				"Each REGISTER gets an icid of its own from the P-CSCF.",
				"Needs the icids of all phones; one record knows only its own."},
		{"SUP-03", "RFC 3327 5.2",
				"A proxy that needs Path refuses a phone that does not support "
				"it.",
				"A choice of the proxy; what the phone owes is SUP-01."},
		{"SEC-05", "RFC 3329 2.3.1",
				"A REGISTER without agreement is answered with 494, or in the "
				"IMS with a 401 that carries Security-Server.",
				"Both are right: TS 24.229 5.1.1.5.1 departs from the text on "
				"purpose."},
		{"SEC-19", "TS 24.229 5.1.1.2.1",
				"The first REGISTER after a lost association goes to the "
				"unprotected port.",
				"Needs the port that the packet came in on, which the text does "
				"not hold."},
		{"SEC-20", "TS 24.229 5.1.1.5.1",
				"The answer to a challenge arrives on the protected server port.",
				"Needs the port that the packet came in on, which the text does "
				"not hold."},
		{"SEC-21", "TS 24.229 7.2A.7",
				"Entries with mediasec are about the media plane.",
				"Definition: they are left out of the rules about "
				"associations."},
		{"R200-06", "RFC 3608 6.1",
				"Service-Route belongs to a contact or flow; a new list replaces "
				"the old one.",
				"Definition of what the phone does with it; a change of host is "
				"ST-26."},
		{"R200-13", "RFC 3310 3.5",
				"Authentication-Info may prove the server to the phone; the phone "
				"checks it if it is there.",
				"A permission, and the proof needs the keys."},
		{"R200-14", "TS 24.229 5.1.1.5.1",
				"The security association lives as long as the registration and "
				"30 s, at least.",
				"Happens inside of phone and P-CSCF; no SIP message shows it."},
		{"RF-305", "TS 24.229 5.1.1.2.1",
				"305 sends a phone to another P-CSCF; the phone does not use its "
				"Contact.",
				"Duty of the phone towards a node that is not this one."},
		{"RF-400", "RFC 3261 21.4.1",
				"400 refuses a malformed REGISTER.",
				"Nothing it has to carry; the findings on the REGISTER tell what "
				"was malformed."},
		{"RF-403", "TS 24.229 5.4.1.2.2",
				"403 refuses for good: wrong identities, barring, roaming, a wrong "
				"response.",
				"Nothing it has to carry; the causes forbidden-by-core and "
				"challenge-loop explain it."},
		{"RF-404", "RFC 3261 10.3",
				"404 says that the identity does not belong to the domain.",
				"Nothing it has to carry; RURI-02 and TO-02 compare domain and "
				"identity."},
		{"RF-408", "RFC 3261 21.4.9",
				"408 and timer F say that a node further on is silent.",
				"Told by the cause no-answer-from-core."},
		{"RF-480", "TS 29.228 6.1",
				"480 says that the HSS could not be asked, or that the S-CSCF is "
				"being restored.",
				"Nothing it has to carry; counted by code."},
		{"RF-500", "RFC 3261 21.5.1",
				"500 says that the registrar is in trouble, or that CSeq did not "
				"rise.",
				"Nothing it has to carry; CSEQ-03 tells the second, and "
				"ST-16 whether the phone keeps to Retry-After."},
		{"RF-504", "TS 24.229 5.1.2A.1.6",
				"504 with 3gpp-ims+xml asks for an initial registration at once.",
				"Comes on other requests than REGISTER, which are not read."},
		{"ST-01", "RFC 3261 17.2.3",
				"The same branch, Call-ID and CSeq again is a retransmission.",
				"Definition: counted as retransmission, never judged twice."},
		{"ST-03", "RFC 3261 10.3",
				"CSeq does not rise in a new transaction of the same Call-ID.",
				"Told by CSEQ-02 and CSEQ-03, and by the cause "
				"cseq-regression."},
		{"ST-04", "TS 24.229 5.1.1.5.12",
				"Several 401 to answered challenges in a row are a loop.",
				"Told by the cause challenge-loop, which counts them."},
		{"ST-05", "TS 24.229 5.1.1.5.3",
				"A loop in which each answer has auts: SQN out of step.",
				"Told by the cause challenge-loop, by what the phone answers."},
		{"ST-06", "TS 24.229 5.1.1.5.3",
				"A loop of empty answers: the phone refuses the network's AUTN.",
				"Told by the cause challenge-loop, by what the phone answers."},
		{"ST-07", "TS 24.229 5.4.1.2.2",
				"A loop of full answers: the S-CSCF does not match them.",
				"Told by the cause challenge-loop, by what the phone answers."},
		{"ST-08", "RFC 3310 3.3",
				"403 after an answered challenge: RES and XRES differ.",
				"Told by the cause forbidden-by-core: a full answer went "
				"before it."},
		{"ST-09", "TS 24.229 5.1.1.5.1",
				"No REGISTER within 240 s after a 401.",
				"There is no message to judge: told by the cause "
				"silent-after-challenge."},
		{"ST-10", "TS 24.229 5.1.1.5.1",
				"Unprotected REGISTERs with new Call-IDs, none of them answers "
				"the challenge.",
				"Told by the cause silent-after-challenge, which counts over "
				"Call-IDs; CID-03 and R401-05 judge the messages."},
		{"ST-18", "RFC 3261 10.3",
				"A binding does not hold: not listed, granted for a moment, or "
				"begun anew inside its time.",
				"Told by the cause binding-does-not-hold; R200-02 and ST-15 "
				"judge the messages."},
		{"ST-20", "TS 24.229 5.1.1.4.2",
				"Security-Client of a refresh has the old numbers.",
				"The same as SEC-17."},
		{"ST-21", "TS 24.229 5.1.1.3",
				"After its 200 the phone subscribes to the event package reg.",
				"Needs SUBSCRIBE, which is not read."},
		{"ST-22", "TS 24.229 5.2.3",
				"The P-CSCF subscribes to the event package reg once per private "
				"identity.",
				"Needs SUBSCRIBE, which is not read."},
		{"ST-23", "TS 24.229 5.1.1.6",
				"Before it signs off, a phone ends its dialogs.",
				"Needs the dialogs, which are not read; that it signs off "
				"protected is SEC-23."},
		{"ST-24", "RFC 3680 4.7",
				"The network takes a binding back by NOTIFY.",
				"Needs NOTIFY, which is not read; a phone that goes on "
				"refreshing shows by its 403 or 481."},
		{"ST-25", "RFC 3261 10.3",
				"Several private identities at one address, or one at many: NAT, "
				"cloning or a test tool.",
				"Needs all records at once; within one registration CON-10 and "
				"AUTH-24 tell it."},
};

unsigned regmon_not_rules_n(void)
{
	return REGMON_COUNT(rows);
}

const regmon_not_rule_t *regmon_not_rule_at(unsigned index)
{
	return index < REGMON_COUNT(rows) ? &rows[index] : NULL;
}
