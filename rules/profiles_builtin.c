/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The profiles that are there without a file, as a table of what they change, each line with its reason in the
 * profile's description or behind it. "ims" is the catalogue as it stands. */
#include "rules/profile.h"

#include <stdio.h>

/* all that is given has to hold */
typedef struct change
{
	const char *rules;	/* id, or the beginning of ids before a '*'; NULL: any */
	const char *clause; /* the beginning of clauses; NULL: any */
	int level;			/* REGMON_MUST, ...; ANY_LEVEL */
	int needs_ims;		/* rules for IMS phones only */
	regmon_severity_t severity;
	unsigned roles; /* bits; 0: all */
} change_t;

#define ANY_LEVEL (-1)
#define FOR(id, new_severity)                                  \
	{                                                          \
		.rules = (id), .level = ANY_LEVEL, .severity = (new_severity) \
	}
#define BY_CLAUSE(of, new_severity)                             \
	{                                                           \
		.clause = (of), .level = ANY_LEVEL, .severity = (new_severity) \
	}
#define BY_LEVEL(of, new_severity)                \
	{                                             \
		.level = (of), .severity = (new_severity) \
	}
#define IN_ROLE(id, role, new_severity)                                \
	{                                                                  \
		.rules = (id), .level = ANY_LEVEL, .severity = (new_severity), \
		.roles = 1u << (role)                                          \
	}

/* A registrar has its phones in front of it: what proxies add on the way is not there, and no fault. */
#define WITHOUT_PROXIES                                        \
	IN_ROLE("PATH-01", REGMON_ROLE_REGISTRAR, REGMON_OFF),     \
			IN_ROLE("PVNI-*", REGMON_ROLE_REGISTRAR, REGMON_OFF), \
			IN_ROLE("PCV-*", REGMON_ROLE_REGISTRAR, REGMON_OFF)

static const change_t rfc3261[] = {
		BY_CLAUSE("TS ", REGMON_OFF),
		BY_CLAUSE("RFC 7315", REGMON_OFF),
		BY_CLAUSE("RFC 3329", REGMON_OFF),
		BY_CLAUSE("RFC 3310", REGMON_OFF),
		{.level = ANY_LEVEL, .needs_ims = true, .severity = REGMON_OFF},
		FOR("SEC-*", REGMON_OFF),
		FOR("PANI-*", REGMON_OFF),
		WITHOUT_PROXIES,
};

static const change_t ims[] = {
		WITHOUT_PROXIES,
};

/* IR.92: AKA with IPsec, IMEI and MMTEL in the first REGISTER */
static const change_t volte[] = {
		FOR("SEC-01", REGMON_ERROR),
		FOR("AUTH-02", REGMON_WARNING),
		FOR("AUTH-01", REGMON_ERROR),
		FOR("SUP-01", REGMON_ERROR),
};

/* over NR the phone falls back to LTE and returns: another access is nothing to note */
static const change_t vonr[] = {
		FOR("PANI-09", REGMON_OFF),
		FOR("CON-19", REGMON_WARNING),
};

/* through an ePDG: no cell to check, a place told by the phone, IPsec around IPsec that some networks leave out */
static const change_t vowifi[] = {
		FOR("SEC-01", REGMON_NOTE),
		FOR("CNI-01", REGMON_OFF),
		FOR("GEO-01", REGMON_OFF),
		FOR("PANI-02", REGMON_OFF),
		FOR("PANI-08", REGMON_OFF),
		FOR("PANI-09", REGMON_OFF),
		FOR("CON-19", REGMON_OFF),
};

/* A test lab compares with the default messages of TS 34.229-1 A.1: what must be must be. */
static const change_t lab_strict[] = {
		BY_LEVEL(REGMON_MUST, REGMON_ERROR),
		BY_LEVEL(REGMON_SHOULD, REGMON_WARNING),
		FOR("EXP-01", REGMON_ERROR),
		FOR("RT-01", REGMON_ERROR),
		FOR("CON-07", REGMON_ERROR),
		FOR("AUTH-02", REGMON_WARNING),
		FOR("PANI-02", REGMON_WARNING),
		FOR("VIA-03", REGMON_ERROR),
		/* a call for the network's own behaviour, which no phone answers for */
		IN_ROLE("PATH-*", REGMON_ROLE_PCSCF, REGMON_NOTE),
		WITHOUT_PROXIES,
};

static const char *const aka_only[] = {
		"AKAv1-MD5", "AKAv2-MD5", "AKAv2-SHA-256", NULL};
static const char *const any_digest[] = {NULL};

#define CHANGES(table) table, REGMON_COUNT(table)
static const struct
{
	const char *name, *parent, *description;
	const change_t *changes;
	unsigned n;
	const char *const *digests;
	int challenge_loop; /* 0: as parent */
} built_in[] = {
		{"rfc3261", NULL,
				"Plain SIP phones at a registrar: RFC 3261 and what belongs to "
				"it; everything of 3GPP is off.",
				CHANGES(rfc3261), any_digest, 0},
		{"ims", NULL,
				"Any IMS network: the catalogue as it stands. Errors are what "
				"registrations fail from.",
				CHANGES(ims), any_digest, 0},
		{"volte", "ims",
				"Phones over LTE with IMS AKA and IPsec (GSMA IR.92): what "
				"these need from the first REGISTER on is an error.",
				CHANGES(volte), aka_only, 0},
		{"vonr", "volte",
				"Phones over NR (GSMA NG.114), which fall back to LTE and "
				"return.",
				CHANGES(vonr), any_digest, 0},
		{"vowifi", "ims",
				"Phones over Wi-Fi through an ePDG (GSMA IR.51): no cell to "
				"check, handovers are usual.",
				CHANGES(vowifi), aka_only, 0},
		{"lab-strict", "ims",
				"A conformance lab: each verified must is an error, as the "
				"default messages of TS 34.229-1 A.1 would have it.",
				CHANGES(lab_strict), aka_only, 2},
};

static bool concerns(
		const change_t *change, const regmon_rule_t *rule, regmon_role_t role)
{
	size_t length;

	if(change->roles && !(change->roles & (1u << role)))
		return false;
	if(change->level != ANY_LEVEL && (int)rule->level != change->level)
		return false;
	if(change->needs_ims && !rule->ims_only)
		return false;
	if(change->clause
			&& strncmp(rule->clause, change->clause, strlen(change->clause))
					   != 0)
		return false;
	if(change->rules == NULL)
		return true;
	length = strlen(change->rules);
	if(change->rules[length - 1] == '*')
		return strncmp(rule->id, change->rules, length - 1) == 0;
	return strcmp(rule->id, change->rules) == 0;
}

static void set_severities(
		regmon_profile_t *profile, unsigned number, regmon_role_t role)
{
	unsigned i, j;

	for(i = 0; i < built_in[number].n; i++) {
		const change_t *change = &built_in[number].changes[i];

		for(j = 0; j < regmon_rules_n(); j++) {
			const regmon_rule_t *rule = regmon_rule_at(j);

			/* a level that asks for less than the catalogue does changes nothing */
			if(concerns(change, rule, role)
					&& (change->level == ANY_LEVEL
							|| change->severity > rule->severity))
				profile->severities[j] = change->severity;
		}
	}
}

void regmon_profile_clear(regmon_profile_t *profile)
{
	memset(profile, 0, sizeof(*profile));
	profile->parent = -1;
	memset(profile->severities, REGMON_AS_PARENT, sizeof(profile->severities));
	memset(profile->modes, REGMON_AS_PARENT, sizeof(profile->modes));
}

static void start_one(regmon_profiles_t *profiles, unsigned number,
		regmon_role_t role)
{
	regmon_profile_t *profile = &profiles->profiles[profiles->profiles_n];
	const char *const *digest;
	str parent = {(char *)built_in[number].parent, 0};

	regmon_profile_clear(profile);
	profile->built_in = true;
	snprintf(profile->name, sizeof(profile->name), "%s",
			built_in[number].name);
	profile->description = (str){(char *)built_in[number].description,
			(int)strlen(built_in[number].description)};
	if(parent.s != NULL) {
		parent.len = (int)strlen(parent.s);
		profile->parent = regmon_profile_find(profiles, parent);
	}
	for(digest = built_in[number].digests; *digest; digest++)
		profile->expected.digests[profile->expected.digests_n++] =
				(str){(char *)*digest, (int)strlen(*digest)};
	profile->thresholds[REGMON_THRESHOLD_challenge_loop] =
			built_in[number].challenge_loop;
	set_severities(profile, number, role);
	profiles->profiles_n++;
}

/* What stays of an own rule whose file is gone: its id and index, for the records that hold it. */
static void lend_place(regmon_own_rule_t *own, const regmon_own_rule_t *previous)
{
	static const char gone[] = "This rule was in a profile that is no longer "
							   "loaded.";

	memcpy(own->id, previous->id, sizeof(own->id));
	own->rule = (regmon_rule_t){.id = own->id,
			.name = own->id,
			.header = "",
			.legs = REGMON_LEGS_REQUEST,
			.level = REGMON_MAY,
			.severity = REGMON_OFF,
			.confidence = REGMON_VERIFIED,
			.clause = "operator",
			.text = gone,
			.cause = "",
			.inspect = "",
			.next_step = ""};
}

void regmon_profiles_start(regmon_profiles_t *profiles, regmon_role_t role,
		const regmon_profiles_t *previous)
{
	unsigned i;

	profiles->profiles_n = profiles->exceptions_n = 0;
	profiles->exception_rules_n = profiles->text_n = 0;
	memset(profiles->own, 0, sizeof(profiles->own));
	for(i = 0; i < REGMON_COUNT(built_in); i++)
		start_one(profiles, i, role);
	for(i = 0; previous != NULL && i < REGMON_MAX_OWN_RULES; i++) {
		if(previous->own[i].id[0])
			lend_place(&profiles->own[i], &previous->own[i]);
	}
}
