/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding a message, an answer or a place in the call flow. The texts stand in messages_*.c and flows.c. */
#include "show/messages.h"

static const regmon_explained_set_t *const sets[] = {&regmon_explained_requests,
		&regmon_explained_challenges, &regmon_explained_refusals,
		&regmon_explained_failures};

static char folded(char c)
{
	if(c == '_' || c == ' ')
		return '-';
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool regmon_same_word(str word, const char *known)
{
	int i;

	if(word.len != (int)strlen(known))
		return false;
	for(i = 0; i < word.len; i++)
		if(folded(word.s[i]) != folded(known[i]))
			return false;
	return true;
}

bool regmon_word_in(str word, const char *list)
{
	int i, length;

	for(; list && *list; list += length + strspn(list + length, ", ")) {
		length = (int)strcspn(list, ",");
		if(length != word.len)
			continue;
		for(i = 0; i < length; i++)
			if(folded(word.s[i]) != folded(list[i]))
				break;
		if(i == length)
			return true;
	}
	return false;
}

const char *regmon_explained_basis(const regmon_explained_t *explained)
{
	static const char *const basis[] = {"the clause itself was read",
			"generally known reading of the clause, not read anew",
			"from summaries, implementations or experience"};

	return explained->confidence < REGMON_COUNT(basis)
				   ? basis[explained->confidence]
				   : "?";
}

unsigned regmon_explained_n(void)
{
	unsigned i, n = 0;

	for(i = 0; i < REGMON_COUNT(sets); i++)
		n += sets[i]->n;
	return n;
}

const regmon_explained_t *regmon_explained_at(unsigned index)
{
	unsigned i;

	for(i = 0; i < REGMON_COUNT(sets); i++) {
		if(index < sets[i]->n)
			return &sets[i]->list[index];
		index -= sets[i]->n;
	}
	return NULL;
}

const regmon_explained_t *regmon_explained_find(str word)
{
	const regmon_explained_t *explained;
	unsigned i;

	for(i = 0; (explained = regmon_explained_at(i)); i++)
		if(regmon_same_word(word, explained->word)
				|| regmon_same_word(word, explained->name)
				|| regmon_word_in(word, explained->also))
			return explained;
	return NULL;
}

static const regmon_explained_t *with_code(int code)
{
	const regmon_explained_t *explained;
	unsigned i;

	for(i = 0; (explained = regmon_explained_at(i)); i++)
		if(explained->code == code)
			return explained;
	return NULL;
}

const regmon_explained_t *regmon_explained_code(int code)
{
	/* a redirection has no x00 here: what a phone may do with one is said at 305 */
	static const int class_of[] = {0, 100, 200, 305, 400, 500, 600};
	const regmon_explained_t *explained;

	if(code < 100 || code > 699)
		return NULL;
	explained = with_code(code);
	return explained ? explained : with_code(class_of[code / 100]);
}

const regmon_flow_t *regmon_flow_find(str word)
{
	const regmon_flow_t *flow;
	unsigned i;

	for(i = 0; (flow = regmon_flow_at(i)); i++)
		if(regmon_same_word(word, flow->word)
				|| regmon_same_word(word, flow->name)
				|| regmon_word_in(word, flow->also))
			return flow;
	return NULL;
}

static const char *word_of_place(const regmon_class_t *class)
{
	if(class->leg == REGMON_LEG_SA
			|| class->purpose == REGMON_PURPOSE_THIRD_PARTY)
		return "third-party-register";
	if(class->leg & REGMON_LEGS_CORE)
		return "core-register";
	if(class->credentials == REGMON_CREDENTIALS_RESYNC)
		return "resync";
	if(class->credentials == REGMON_CREDENTIALS_REFUSED)
		return "autn-refused";
	if(class->purpose == REGMON_PURPOSE_QUERY)
		return "query";
	if(class->purpose == REGMON_PURPOSE_DEREGISTRATION)
		return "de-registration";
	if(!class->ims)
		return "plain-register";
	if(class->leg == REGMON_LEG_U1)
		return "challenge-answer";
	if(class->leg == REGMON_LEG_U2)
		return "refresh";
	return class->emergency ? "emergency-registration" : "first-register";
}

const regmon_flow_t *regmon_flow_of(
		const regmon_message_t *message, const regmon_class_t *class)
{
	const char *word = word_of_place(class);

	return message->is_answer
				   ? NULL
				   : regmon_flow_find((str){(char *)word, (int)strlen(word)});
}
