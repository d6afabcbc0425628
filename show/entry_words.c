/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An entry of the timeline in words. */
#include "show/entry_words.h"

#include <stdio.h>

#include "guard/reason.h"

const char *regmon_entry_direction(const regmon_entry_t *entry)
{
	bool is_phone = entry->side == REGMON_SIDE_PHONE;

	switch(entry->kind) {
		case REGMON_ENTRY_REQUEST:
		case REGMON_ENTRY_RETRANSMISSION:
			return is_phone ? "phone -> here" : "here -> core";
		case REGMON_ENTRY_ANSWER:
			return is_phone ? "here -> phone" : "core -> here";
		case REGMON_ENTRY_NOT_SENT:
			return "here -x phone";
		case REGMON_ENTRY_REMOVED:
		case REGMON_ENTRY_NETWORK:
			return "network";
	}
	return "here";
}

bool regmon_entry_is_of_binding(const regmon_entry_t *entry)
{
	return entry->kind == REGMON_ENTRY_REMOVED
		   || entry->kind == REGMON_ENTRY_NETWORK
		   || entry->kind == REGMON_ENTRY_STORE;
}

const char *regmon_entry_event(const regmon_entry_t *entry)
{
	return entry->kind == REGMON_ENTRY_STORE
				   ? regmon_stored_name(entry->event)
				   : regmon_reginfo_event_name(entry->event);
}

static int print_network(const regmon_entry_t *entry, char *buffer, int size)
{
	int n = snprintf(buffer, size, "%s",
			entry->kind == REGMON_ENTRY_REMOVED ? "removed by the network"
												: "network");

	if(entry->event != REGMON_REGINFO_NONE)
		n += snprintf(buffer + n, size - n, ": %s", regmon_entry_event(entry));
	else if(entry->kind == REGMON_ENTRY_NETWORK)
		n += snprintf(buffer + n, size - n, ": terminated");
	if(entry->event == REGMON_REGINFO_SHORTENED)
		n += snprintf(buffer + n, size - n, " to %u s", entry->seconds);
	else if(entry->event == REGMON_REGINFO_PROBATION)
		n += snprintf(
				buffer + n, size - n, ", retry after %u s", entry->seconds);
	return n;
}

#define MOST_REPEATS 15

void regmon_entry_what(const regmon_entry_t *entry, char *buffer, int size)
{
	const char *many = entry->repeats == MOST_REPEATS ? " or more" : "";
	int n = 0;

	switch(entry->kind) {
		case REGMON_ENTRY_REQUEST:
			n = snprintf(buffer, size, "REGISTER%s",
					entry->marks & REGMON_MARK_EXPIRES_0 ? " expires 0" : "");
			break;
		case REGMON_ENTRY_RETRANSMISSION:
			snprintf(buffer, size, "REGISTER again (%ux%s)",
					entry->repeats + 1u, many);
			return;
		case REGMON_ENTRY_ANSWER:
			n = snprintf(buffer, size, "%u %s", entry->code,
					regmon_code_reason(entry->code));
			break;
		case REGMON_ENTRY_NOT_SENT:
			n = snprintf(buffer, size, "%u could not be sent", entry->code);
			break;
		case REGMON_ENTRY_NO_ANSWER:
			n = snprintf(buffer, size, "no final answer");
			break;
		case REGMON_ENTRY_EXPIRED:
			n = snprintf(buffer, size, "binding ran out");
			break;
		case REGMON_ENTRY_REMOVED:
		case REGMON_ENTRY_NETWORK:
			n = print_network(entry, buffer, size);
			break;
		case REGMON_ENTRY_STORE:
			n = snprintf(buffer, size, "contact store: %s",
					regmon_entry_event(entry));
			break;
		case REGMON_ENTRY_REPLACED:
			n = snprintf(buffer, size, "not in another device's 200");
			break;
		default:
			n = snprintf(buffer, size, "?");
	}
	if(entry->repeats && n > 0 && n < size)
		snprintf(buffer + n, size - n, " (%ux again%s)", entry->repeats, many);
}

static const struct
{
	unsigned mark;
	const char *words;
} marks[] = {{REGMON_MARK_PROTECTED, "protected"},
		{REGMON_MARK_CREDENTIALS, "credentials"},
		{REGMON_MARK_AUTS, "auts (SQN out of range)"},
		{REGMON_MARK_REFUSED_AUTN, "AUTN refused"},
		{REGMON_MARK_EXPIRES_0, "expires 0"},
		{REGMON_MARK_SECURITY_SERVER, "security-server"},
		{REGMON_MARK_LOCAL, "made here"},
		{REGMON_MARK_PARALLEL, "same REGISTER on another leg"},
		{REGMON_MARK_KEYS, "ck/ik"}, {REGMON_MARK_NEW_NONCE, "new nonce"},
		{REGMON_MARK_SAME_NONCE, "same nonce"},
		{REGMON_MARK_GAP, "documents missing before it"}};

const char *regmon_entry_mark(const regmon_entry_t *entry, unsigned index)
{
	if(index >= REGMON_COUNT(marks))
		return NULL;
	return entry->marks & marks[index].mark ? marks[index].words : "";
}
