/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of states and results, the packed strings of a record, and the number forms inside identities. */
#include "registration/registration.h"

#define NAME_OF(id, name, ...) name,
#define MEANING_OF(id, name, meaning) meaning,
#define MAXIMUM_OF(id, max) max,

static const char *const state_names[] = {REGMON_STATES(NAME_OF)};
static const char *const state_meanings[] = {REGMON_STATES(MEANING_OF)};
static const char *const attempt_names[] = {REGMON_ATTEMPTS(NAME_OF)};
static const char *const result_names[] = {REGMON_RESULTS(NAME_OF)};
static const char *const store_names[] = {REGMON_STORES(NAME_OF)};
static const char *const stored_names[] = {REGMON_STORED(NAME_OF)};
static const char *const stored_meanings[] = {REGMON_STORED(MEANING_OF)};
static const int string_maxima[] = {REGMON_STRINGS(MAXIMUM_OF)};

_Static_assert(sizeof(regmon_registration_t) % _Alignof(regmon_supplement_t) == 0
					   && sizeof(regmon_entry_t)
										  % _Alignof(regmon_supplement_t)
								  == 0,
		"the supplement of a copy stands behind its timeline");

_Static_assert(REGMON_STORES_N <= 8 && REGMON_STORED_N <= 16, "bits for each");

const regmon_supplement_t regmon_no_supplement;
_Static_assert(sizeof(regmon_entry_t) == 16, "an entry is 16 bytes");
_Static_assert(REGMON_ATTEMPTS_N <= 16 && REGMON_RESULTS_N <= 16
					   && REGMON_CREDENTIALS_REFUSED < 16,
		"four bits for each in an attempt");
_Static_assert(REGMON_VERIFY_DIFFERS < 8, "three bits of a record");
_Static_assert(REGMON_FEATURE_OTHER < 1 << 16, "16 bits of a record");
_Static_assert(REGMON_MAX_RULES < 1 << 9, "an entry has 9 bits for finding");
_Static_assert(REGMON_MARK_GAP < 1 << 12, "an entry has 12 bits for marks");
_Static_assert(REGMON_ENTRY_REPLACED < 1 << 4, "an entry has 4 bits for kind");
_Static_assert(INT32_MAX / REGMON_AFTER_STEP_MS < REGMON_AFTER_LONG,
		"an entry has room for each time that has passed");

const char *regmon_state_name(regmon_state_t state)
{
	return state < REGMON_STATES_N ? state_names[state] : "?";
}

const char *regmon_state_meaning(regmon_state_t state)
{
	return state < REGMON_STATES_N ? state_meanings[state] : "?";
}

bool regmon_state_find(str name, regmon_state_t *ret_state)
{
	int i;

	for(i = 0; i < REGMON_STATES_N; i++) {
		str known = {(char *)state_names[i], (int)strlen(state_names[i])};

		if(regmon_text_is_nocase(name, known)) {
			*ret_state = i;
			return true;
		}
	}
	return false;
}

const char *regmon_attempt_name(regmon_attempt_kind_t kind)
{
	return kind < REGMON_ATTEMPTS_N ? attempt_names[kind] : "?";
}

const char *regmon_result_name(regmon_result_t result)
{
	return result < REGMON_RESULTS_N ? result_names[result] : "?";
}

const char *regmon_store_name(unsigned store)
{
	return store < REGMON_STORES_N ? store_names[store] : "?";
}

const char *regmon_stored_name(unsigned stored)
{
	return stored < REGMON_STORED_N ? stored_names[stored] : "?";
}

const char *regmon_stored_meaning(unsigned stored)
{
	return stored < REGMON_STORED_N ? stored_meanings[stored] : "?";
}

size_t regmon_registration_size(unsigned timeline_length)
{
	return sizeof(regmon_registration_t)
		   + timeline_length * sizeof(regmon_entry_t);
}

size_t regmon_registration_copy_size(unsigned timeline_length)
{
	return regmon_registration_size(timeline_length)
		   + sizeof(regmon_supplement_t);
}

static regmon_supplement_t *supplement_behind(regmon_registration_t *copy)
{
	return (regmon_supplement_t *)(void *)((char *)copy
										   + regmon_registration_size(
												   copy->timeline_length));
}

void regmon_registration_copy(
		const regmon_registration_t *registration, void *room)
{
	regmon_registration_t *copy = room;

	/* a timeline that is not full yet begins with its first entry */
	memcpy(copy, registration,
			regmon_registration_size(registration->timeline_n));
	if(__builtin_expect(registration->supplement != NULL, 0)) {
		copy->supplement = supplement_behind(copy);
		*copy->supplement = *registration->supplement;
	}
}

void regmon_registration_copy_moved(regmon_registration_t *copy)
{
	if(copy->supplement)
		copy->supplement = supplement_behind(copy);
}

int32_t regmon_entry_long_after_ms(const regmon_registration_t *registration,
		const regmon_entry_t *entry)
{
	regmon_side_t from = entry->kind == REGMON_ENTRY_ANSWER
								 ? (regmon_side_t)entry->side
								 : REGMON_SIDE_PHONE;
	const regmon_entry_t *request;
	int64_t after_ms;
	unsigned i = registration->timeline_n; /* 1 more than its index; 0: it is none of this record */

	/* the REGISTER it counts from is one of those before it, if it has not been pushed out */
	while(i > 0 && regmon_registration_entry(registration, i - 1) != entry)
		i--;
	for(i -= i > 0; i-- > 0;) {
		request = regmon_registration_entry(registration, i);
		after_ms = regmon_entry_at_ms(registration, entry)
				   - regmon_entry_at_ms(registration, request);
		if(request->kind == REGMON_ENTRY_REQUEST && request->side == from
				&& after_ms >= 0 && after_ms <= INT32_MAX
				&& regmon_entry_after((int32_t)after_ms) == entry->after)
			return (int32_t)after_ms;
	}
	return (int32_t)((entry->after - REGMON_AFTER_LONG)
					 * REGMON_AFTER_STEP_MS);
}

static bool is_impu_without_scheme(
		const regmon_registration_t *registration, str value)
{
	str impu = regmon_registration_string(registration, REGMON_STRING_IMPU);

	return value.len > 0 && value.len + 4 == impu.len
		   && regmon_text_starts_nocase(impu, REGMON_TEXT("sip:"))
		   && regmon_text_is(regmon_text_from(impu, 4), value)
		   && !((registration->cut_strings >> REGMON_STRING_IMPU) & 1);
}

void regmon_registration_set_string(regmon_registration_t *registration,
		regmon_string_t which, str value)
{
	int start = which ? registration->string_end[which - 1] : 0;
	int end = registration->string_end[which];
	int total = registration->string_end[REGMON_STRINGS_N - 1];
	int room = REGMON_STRINGS_BYTES - total + (end - start);
	int length = value.s ? value.len : 0;
	int most = string_maxima[which] < room ? string_maxima[which] : room;
	int i;

	if(which == REGMON_STRING_IMPI) {
		registration->impi_in_impu = is_impu_without_scheme(registration, value);
		if(registration->impi_in_impu)
			length = 0;
	}
	registration->cut_strings &= ~(1u << which);
	if(length > most) {
		length = most;
		registration->cut_strings |= 1u << which;
	}
	if(length == end - start) {
		memcpy(registration->strings + start, value.s ? value.s : "", length);
		return;
	}
	memmove(registration->strings + start + length,
			registration->strings + end, total - end);
	memcpy(registration->strings + start, value.s ? value.s : "", length);
	for(i = which; i < REGMON_STRINGS_N; i++)
		registration->string_end[i] += length - (end - start);
}

bool regmon_registration_cut_string_is(
		const regmon_registration_t *registration, regmon_string_t which,
		str value)
{
	str kept = regmon_registration_string(registration, which);

	if(kept.len == 0)
		return false;
	if(value.len > kept.len)
		value.len = kept.len;
	return regmon_text_is(kept, value);
}

str regmon_registration_domain(const regmon_registration_t *registration)
{
	str impu = regmon_registration_string(registration, REGMON_STRING_IMPU);
	const char *at = impu.len > 0 ? memchr(impu.s, '@', impu.len) : NULL;

	if(at == NULL || (registration->cut_strings >> REGMON_STRING_IMPU) & 1)
		return (str){NULL, 0};
	return regmon_text_from(impu, (int)(at + 1 - impu.s));
}

str regmon_registration_associated(const regmon_registration_t *registration,
		char buffer[REGMON_ASSOCIATED_BYTES])
{
	str list = regmon_registration_string(
			registration, REGMON_STRING_ASSOCIATED);
	str domain = regmon_registration_domain(registration);
	bool is_cut = (registration->cut_strings >> REGMON_STRING_ASSOCIATED) & 1;
	int i, used = 0;

	for(i = 0; i < list.len && used < REGMON_ASSOCIATED_BYTES; i++) {
		buffer[used++] = list.s[i];
		if(list.s[i] != '@'
				|| (i + 1 < list.len ? list.s[i + 1] != ',' : is_cut)
				|| used + domain.len > REGMON_ASSOCIATED_BYTES)
			continue;
		memcpy(buffer + used, domain.s, domain.len);
		used += domain.len;
	}
	return (str){buffer, used};
}

static str without_scheme(str identity)
{
	if(regmon_text_starts_nocase(identity, REGMON_TEXT("sip:"))
			|| regmon_text_starts_nocase(identity, REGMON_TEXT("tel:")))
		return regmon_text_from(identity, 4);
	if(regmon_text_starts_nocase(identity, REGMON_TEXT("sips:")))
		return regmon_text_from(identity, 5);
	return identity;
}

static int leading_digits(str text)
{
	int n = 0;

	while(n < text.len && regmon_is_digit(text.s[n]))
		n++;
	return n;
}

str regmon_identity_imsi(str impi_or_impu)
{
	str rest = without_scheme(impi_or_impu);
	int n = leading_digits(rest);

	if((n == 14 || n == 15) && n < rest.len && rest.s[n] == '@')
		return (str){rest.s, n};
	return (str){NULL, 0};
}

str regmon_identity_msisdn(str impu)
{
	str rest = without_scheme(impu);
	int n;

	/* E.164 numbers are written with '+'; bare digits of IMSI length are an IMSI */
	if(rest.len > 0 && rest.s[0] == '+')
		rest = regmon_text_from(rest, 1);
	else if(regmon_identity_imsi(impu).len)
		return (str){NULL, 0};
	n = leading_digits(rest);
	if(n < 3 || (n < rest.len && rest.s[n] != '@' && rest.s[n] != ';'))
		return (str){NULL, 0};
	return (str){rest.s, n};
}

str regmon_identity_imei(str instance)
{
	static const str scheme = {"urn:gsma:imei:", 14};
	int end;

	if(!regmon_text_starts_nocase(instance, scheme))
		return (str){NULL, 0};
	instance = regmon_text_from(instance, scheme.len);
	for(end = 0; end < instance.len; end++)
		if(!regmon_is_digit(instance.s[end]) && instance.s[end] != '-')
			break;
	return (str){instance.s, end};
}

const char *regmon_transport_name(const regmon_registration_t *registration)
{
	switch(registration->transport) {
		case 'U':
			return "UDP";
		case 'T':
			return "TCP";
		case 'L':
			return "TLS";
		case 'S':
			return "SCTP";
		case 'W':
			return "WS";
	}
	return "";
}
