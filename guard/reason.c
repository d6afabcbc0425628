/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reason phrases of the answers that a REGISTER gets (RFC 3261 21 and the extensions that registered a code). */
#include "guard/reason.h"

static const struct
{
	int code;
	const char *reason;
} codes[] = {{200, "OK"}, {300, "Multiple Choices"}, {301, "Moved Permanently"},
		{302, "Moved Temporarily"}, {305, "Use Proxy"}, {400, "Bad Request"},
		{401, "Unauthorized"}, {402, "Payment Required"}, {403, "Forbidden"},
		{404, "Not Found"}, {405, "Method Not Allowed"},
		{406, "Not Acceptable"}, {407, "Proxy Authentication Required"},
		{408, "Request Timeout"}, {410, "Gone"},
		{413, "Request Entity Too Large"}, {414, "Request-URI Too Long"},
		{415, "Unsupported Media Type"}, {416, "Unsupported URI Scheme"},
		{420, "Bad Extension"}, {421, "Extension Required"},
		{423, "Interval Too Brief"}, {424, "Bad Location Information"},
		{430, "Flow Failed"}, {433, "Anonymity Disallowed"},
		{439, "First Hop Lacks Outbound Support"},
		{440, "Max-Breadth Exceeded"}, {480, "Temporarily Unavailable"},
		{481, "Does Not Exist"}, {482, "Loop Detected"}, {483, "Too Many Hops"},
		{484, "Address Incomplete"}, {486, "Busy Here"},
		{488, "Not Acceptable Here"}, {493, "Undecipherable"},
		{494, "Security Agreement Required"}, {500, "Server Internal Error"},
		{501, "Not Implemented"}, {502, "Bad Gateway"},
		{503, "Service Unavailable"}, {504, "Server Time-out"},
		{505, "Version Not Supported"}, {513, "Message Too Large"},
		{580, "Precondition Failure"}, {600, "Busy Everywhere"},
		{603, "Decline"}, {604, "Does Not Exist Anywhere"},
		{606, "Not Acceptable"}};

const char *regmon_code_reason(int code)
{
	unsigned i;

	for(i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if(codes[i].code == code)
			return codes[i].reason;
	return "";
}
