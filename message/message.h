/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was said: one REGISTER, or one answer to it, as fields. The view lives on the caller's stack, its slices
 * point into the text, so it must not outlive it. One walk over the text finds every header line; each header that
 * somebody reads has one reader. Nothing is allocated, nothing is logged, no input is refused: what is wrong is
 * left visible for the rules. */
#ifndef REGMON_MESSAGE_MESSAGE_H
#define REGMON_MESSAGE_MESSAGE_H

#include "message/authorization.h"
#include "message/contact.h"
#include "message/p_access_network_info.h"
#include "message/security_agreement.h"
#include "message/text.h"
#include "message/uri.h"
#include "message/via.h"

/* Header kinds with their name and compact form. A new one also needs its place in header_name.c. */
#define REGMON_HEADERS(X)                                               \
	X(VIA, "Via", 'v')                                                  \
	X(FROM, "From", 'f')                                                \
	X(TO, "To", 't')                                                    \
	X(CALL_ID, "Call-ID", 'i')                                          \
	X(CSEQ, "CSeq", 0)                                                  \
	X(MAX_FORWARDS, "Max-Forwards", 0)                                  \
	X(CONTACT, "Contact", 'm')                                          \
	X(EXPIRES, "Expires", 0)                                            \
	X(AUTHORIZATION, "Authorization", 0)                                \
	X(WWW_AUTHENTICATE, "WWW-Authenticate", 0)                          \
	X(SECURITY_CLIENT, "Security-Client", 0)                            \
	X(SECURITY_SERVER, "Security-Server", 0)                            \
	X(SECURITY_VERIFY, "Security-Verify", 0)                            \
	X(P_ACCESS_NETWORK_INFO, "P-Access-Network-Info", 0)                \
	X(SUPPORTED, "Supported", 'k')                                      \
	X(REQUIRE, "Require", 0)                                            \
	X(PROXY_REQUIRE, "Proxy-Require", 0)                                \
	X(UNSUPPORTED, "Unsupported", 0)                                    \
	X(PATH, "Path", 0)                                                  \
	X(ROUTE, "Route", 0)                                                \
	X(RECORD_ROUTE, "Record-Route", 0)                                  \
	X(SERVICE_ROUTE, "Service-Route", 0)                                \
	X(P_ASSOCIATED_URI, "P-Associated-URI", 0)                          \
	X(P_VISITED_NETWORK_ID, "P-Visited-Network-ID", 0)                  \
	X(P_CHARGING_VECTOR, "P-Charging-Vector", 0)                        \
	X(P_CHARGING_FUNCTION_ADDRESSES, "P-Charging-Function-Addresses", 0) \
	X(P_PREFERRED_IDENTITY, "P-Preferred-Identity", 0)                  \
	X(P_ASSERTED_IDENTITY, "P-Asserted-Identity", 0)                    \
	X(AUTHENTICATION_INFO, "Authentication-Info", 0)                    \
	X(MIN_EXPIRES, "Min-Expires", 0)                                    \
	X(RETRY_AFTER, "Retry-After", 0)                                    \
	X(WARNING, "Warning", 0)                                            \
	X(USER_AGENT, "User-Agent", 0)                                      \
	X(SERVER, "Server", 0)                                              \
	X(ALLOW, "Allow", 0)                                                \
	X(DATE, "Date", 0)                                                  \
	X(CONTENT_LENGTH, "Content-Length", 'l')                            \
	X(CONTENT_TYPE, "Content-Type", 'c')                                \
	X(CELLULAR_NETWORK_INFO, "Cellular-Network-Info", 0)                \
	X(GEOLOCATION, "Geolocation", 0)                                    \
	X(FEATURE_CAPS, "Feature-Caps", 0)                                  \
	X(RESOURCE_PRIORITY, "Resource-Priority", 0)                        \
	X(PRIORITY_SHARE, "Priority-Share", 0)                              \
	X(RESOURCE_SHARE, "Resource-Share", 0)                              \
	X(FLOW_TIMER, "Flow-Timer", 0)                                      \
	X(EVENT, "Event", 'o')

typedef enum regmon_header
{
	REGMON_HEADER_OTHER = 0, /* a header this module has no name for */
#define X(id, name, compact) REGMON_HEADER_##id,
	REGMON_HEADERS(X)
#undef X
	REGMON_HEADERS_N
} regmon_header_t;

/* headers as a set */
#define REGMON_HEADER_BIT(id) (UINT64_C(1) << REGMON_HEADER_##id)

/* Made for each REGISTER. */
#define REGMON_HEADERS_VARYING                                                \
	(REGMON_HEADER_BIT(VIA) | REGMON_HEADER_BIT(FROM)                         \
			| REGMON_HEADER_BIT(CALL_ID) | REGMON_HEADER_BIT(CSEQ)            \
			| REGMON_HEADER_BIT(AUTHORIZATION))
/* Change now and then, without the others. */
#define REGMON_HEADERS_APART                                                  \
	(REGMON_HEADER_BIT(SECURITY_CLIENT) | REGMON_HEADER_BIT(SECURITY_VERIFY)  \
			| REGMON_HEADER_BIT(P_ACCESS_NETWORK_INFO))
/* out of what a phone says each time again */
#define REGMON_HEADERS_LEFT_OUT (REGMON_HEADERS_VARYING | REGMON_HEADERS_APART)

/* Option tags that somebody asks about, as a set. */
typedef enum regmon_option
{
	REGMON_OPTION_PATH = 1 << 0,
	REGMON_OPTION_SEC_AGREE = 1 << 1,
	REGMON_OPTION_GRUU = 1 << 2,
	REGMON_OPTION_OUTBOUND = 1 << 3,
	REGMON_OPTION_OTHER = 1 << 7 /* any other tag */
} regmon_option_t;

#define REGMON_MAX_LINES 96 /* header lines beyond are counted, not kept */

typedef struct regmon_line
{
	str name;
	str value; /* trimmed; folds inside are left as they are */
	uint8_t header;
	uint8_t next; /* index + 1 of the next line of the same header; 0: last */
} regmon_line_t;

/* name-addr of To and From */
typedef struct regmon_party
{
	regmon_uri_t uri;
	str tag;
	bool tag_given;
	bool broken; /* open bracket or quote, no URI */
} regmon_party_t;

typedef struct regmon_cseq
{
	str number_text, method;
	int64_t number; /* REGMON_NUMBER_ABSENT, _BAD, or the value */
} regmon_cseq_t;

typedef struct regmon_message
{
	str text;
	/* start line */
	bool is_answer;
	bool broken_start_line;
	int code;
	str method, reason, request_uri_text;
	regmon_uri_t request_uri;
	/* header lines in order, and per header how many and which is first (index + 1) */
	regmon_line_t lines[REGMON_MAX_LINES];
	uint16_t lines_n;
	uint16_t lines_dropped;
	uint16_t lines_broken; /* lines without ':' or with an empty name */
	str first_broken_line;
	uint8_t count[REGMON_HEADERS_N];
	uint8_t first[REGMON_HEADERS_N];
	bool no_end_of_headers; /* text ended before the empty line */
	str body;
	/* headers (REGMON_HEADER_BIT) that are there and whose fields were not read: of these nothing below holds */
	uint64_t unread;
	uint64_t seen; /* headers of the lines above */
	/* Lines were skipped (regmon_message_scan_on): of their headers neither lines nor count are known, they are just
	 * unread. */
	bool skipped;
	const char *scan_at; /* where regmon_message_scan_on() goes on; NULL: nowhere */
	/* fields */
	regmon_party_t to, from;
	str call_id;
	regmon_cseq_t cseq;
	regmon_via_t via; /* the topmost value */
	int via_n;		  /* values over all Via lines */
	int64_t expires, min_expires, retry_after, max_forwards, content_length;
	uint8_t supported, required, proxy_required; /* REGMON_OPTION_* over all lines */
	regmon_contacts_t contacts;
	regmon_digest_t authorization; /* first Authorization */
	regmon_digest_t challenge;	   /* first WWW-Authenticate */
	int nonce_octets; /* of its nonce, as regmon_base64_read counts: 0: none, -1: no base64 */
	regmon_security_list_t security_client, security_server, security_verify;
	regmon_access_list_t access; /* P-Access-Network-Info */
	str user_agent;
} regmon_message_t;

/* Reads text of length bytes; it need not end with NUL. Always leaves a usable view. Returns false when the start
 * line is neither a SIP request nor an answer. */
bool regmon_message_read(const char *text, int length, regmon_message_t *ret_message);
/* The same in two steps, for whoever can do without some headers: the start line and the lines, then the fields of the
 * headers that are asked for (REGMON_HEADER_BIT) and not read yet. */
bool regmon_message_scan(const char *text, int length, regmon_message_t *ret_message);
void regmon_message_read_headers(regmon_message_t *message, uint64_t headers);
/* And the lines in two steps: as far as To and the headers of REGMON_HEADERS_LEFT_OUT that follow it, and the others.
 * Between the steps To and REGMON_HEADERS_VARYING may be read. Runs of lines that are known from elsewhere are skipped in
 * the second: each is so many bytes long and begins at the next line whose header is not left out; 0: there is none.
 * Whoever gives runs has to find out whether the text in them is the one they were made of (regmon_outline_read does).
 * Any other field that is asked for afterwards brings the lines back. */
#define REGMON_RUNS_N 3
typedef struct regmon_runs
{
	uint16_t bytes[REGMON_RUNS_N];
} regmon_runs_t;
bool regmon_message_scan_head(
		const char *text, int length, regmon_message_t *ret_message);
/* To before all that, for whoever heard where its value begins; at: NULL, or anything. False: no address stands there.
 * Only the message knows whether this is To: it takes it once its lines have been found, or leaves To to be read. */
typedef struct regmon_ahead
{
	str value;
	regmon_party_t to;
} regmon_ahead_t;
bool regmon_message_read_ahead(const char *text, int length, const char *at,
		regmon_ahead_t *ret_ahead);
bool regmon_message_take_ahead(
		regmon_message_t *message, const regmon_ahead_t *ahead);
void regmon_message_scan_on(regmon_message_t *message, const regmon_runs_t *runs);
/* the runs of a message in which nothing was skipped */
void regmon_message_runs(const regmon_message_t *message, regmon_runs_t *ret_runs);
/* Finds the lines that were skipped. */
void regmon_message_scan_again(regmon_message_t *message);
/* What of these headers was not read yet. The fields say no more than the text does: to be read late is no change of a
 * message. */
static inline void regmon_message_need(
		const regmon_message_t *message, uint64_t headers)
{
	if(message->unread & headers)
		regmon_message_read_headers((regmon_message_t *)message, headers);
}
static inline void regmon_message_complete(const regmon_message_t *message)
{
	regmon_message_need(message, ~UINT64_C(0));
}

/* Of a message in which Via and From were not read: via_n and from.tag all the same, which is what tells the REGISTER of
 * an answer. */
void regmon_message_read_dialog(regmon_message_t *message);
/* Is this text the message without its topmost Via, as a proxy passes an answer on? Then the message becomes that, as if
 * the text had been read; only that Via is gone, and the next one is not read (message->via is empty, or Via unread). */
bool regmon_message_passed_on(
		regmon_message_t *message, const char *text, int length);

/* first line of a header, NULL when absent */
static inline const regmon_line_t *regmon_message_line(
		const regmon_message_t *message, regmon_header_t header)
{
	return message->first[header] ? &message->lines[message->first[header] - 1]
								  : NULL;
}
static inline const regmon_line_t *regmon_message_next_line(
		const regmon_message_t *message, const regmon_line_t *line)
{
	return line->next ? &message->lines[line->next - 1] : NULL;
}
/* value of the first line, empty when absent */
static inline str regmon_message_value(
		const regmon_message_t *message, regmon_header_t header)
{
	const regmon_line_t *line = regmon_message_line(message, header);
	return line ? line->value : (str){NULL, 0};
}
/* The Contact that a REGISTER is about: the first that is not taken back (RFC 3261 10.2.2), the first of all when each one is;
 * NULL: there is none, or "*". */
static inline const regmon_contact_t *regmon_message_contact(
		const regmon_message_t *message)
{
	const regmon_contacts_t *contacts = &message->contacts;
	int i;

	if(contacts->kept == 0 || contacts->star)
		return NULL;
	for(i = 0; contacts->kept > 1 && i < contacts->kept; i++)
		if(regmon_contact_effective_expires(
				   &contacts->list[i], message->expires, 3600)
				> 0)
			return &contacts->list[i];
	return &contacts->list[0];
}

/* true when one of the header's lines lists the token (Supported, Require, ...) */
bool regmon_message_lists(
		const regmon_message_t *message, regmon_header_t header, str token);

/* The IMPI of a REGISTER: username of Authorization; without one it is derived from To: no scheme, port or parameters
 * (TS 24.229 5.4.1.1 item 3). Empty where there is neither. */
str regmon_message_impi(const regmon_message_t *message);

/* the name as the standard writes it ("Call-ID"); "" for REGMON_HEADER_OTHER */
const char *regmon_header_name(regmon_header_t header);
/* kind of a header name, long or compact, without case */
regmon_header_t regmon_header_find(str name);

#endif
