/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Profiles: what a network wants of the catalogue. A profile inherits from another one; it changes severities and
 * modes, thresholds and expectations, makes exceptions for certain phones and adds rules of its own. All profiles of
 * a run stand in one block without pointers to elsewhere, in memory that the caller gives. */
#ifndef REGMON_RULES_PROFILE_H
#define REGMON_RULES_PROFILE_H

#include "message/xml.h"
#include "rules/profile_pattern.h"
#include "rules/rule.h"

#define REGMON_MAX_PROFILES 24
#define REGMON_PROFILE_NAME_LENGTH 32
#define REGMON_MAX_EXCEPTIONS 64
#define REGMON_MAX_EXCEPTION_RULES 1024
#define REGMON_PROFILES_TEXT 65536 /* bytes of all descriptions, texts and names */
#define REGMON_PROFILE_FILE_MOST (1 << 20) /* bytes; a larger file is not read */
#define REGMON_PROFILE_DEFAULT "ims"

/* thresholds of diagnosis/, by name: least and most */
#define REGMON_THRESHOLD_NAMES(X) \
	X(challenge_loop, 2, 100)     \
	X(storm_count, 1, 1000)       \
	X(storm_ratio, 1, 100)        \
	X(short_grant_s, 1, 3600)     \
	X(silence_s, 1, 240)          \
	X(no_answer_s, 1, 128)        \
	X(regressions, 1, 1000)
typedef enum regmon_threshold
{
#define X(name, least, most) REGMON_THRESHOLD_##name,
	REGMON_THRESHOLD_NAMES(X)
#undef X
	REGMON_THRESHOLDS_N
} regmon_threshold_t;
const char *regmon_threshold_name(regmon_threshold_t threshold);
int regmon_threshold_least(regmon_threshold_t threshold);
int regmon_threshold_most(regmon_threshold_t threshold);

/* A rule that an operator wrote. */
typedef enum regmon_own_test
{
	REGMON_OWN_PRESENT,
	REGMON_OWN_ABSENT,
	REGMON_OWN_MATCHES, /* a value of the header does */
	REGMON_OWN_DIFFERS, /* a value of the header does not */
	REGMON_OWN_TESTS_N
} regmon_own_test_t;
const char *regmon_own_test_name(regmon_own_test_t test);

#define REGMON_OWN_ID_LENGTH 24
typedef struct regmon_own_rule
{
	char id[REGMON_OWN_ID_LENGTH + 1]; /* "": the place is free */
	uint8_t profile;
	bool loaded; /* false: the file in force has it no longer; records may still name it */
	uint8_t header;	 /* regmon_header_t; OTHER: found by header_name */
	uint8_t test;
	bool is_secret; /* the value is never shown: credentials */
	str header_name;
	regmon_rule_t rule;
	regmon_pattern_t pattern;
} regmon_own_rule_t;

/* For certain phones some rules get another severity. All conditions that are given have to hold. */
typedef struct regmon_exception
{
	uint8_t profile;
	str user_agent_prefix, user_agent_contains; /* without case */
	uint32_t tac_from, tac_to; /* first eight digits of the IMEI; tac_to 0: any phone */
	uint16_t first, n; /* in exception_rules[] */
} regmon_exception_t;

typedef struct regmon_exception_rule
{
	regmon_rule_index_t rule;
	uint8_t severity;
} regmon_exception_rule_t;

#define REGMON_AS_PARENT 0xff
typedef struct regmon_profile
{
	char name[REGMON_PROFILE_NAME_LENGTH + 1];
	int8_t parent; /* -1: the catalogue itself */
	bool built_in;
	unsigned line; /* of the file */
	str description;
	uint8_t severities[REGMON_MAX_RULES]; /* or REGMON_AS_PARENT, as below */
	uint8_t modes[REGMON_MAX_RULES];
	int thresholds[REGMON_THRESHOLDS_N]; /* 0: as parent */
	/* an empty list, or 0: as parent */
	regmon_expectations_t expected;
} regmon_profile_t;

typedef struct regmon_profiles
{
	unsigned profiles_n, exceptions_n, exception_rules_n, text_n;
	regmon_profile_t profiles[REGMON_MAX_PROFILES];
	regmon_own_rule_t own[REGMON_MAX_OWN_RULES];
	regmon_exception_t exceptions[REGMON_MAX_EXCEPTIONS];
	regmon_exception_rule_t exception_rules[REGMON_MAX_EXCEPTION_RULES];
	char text[REGMON_PROFILES_TEXT];
} regmon_profiles_t;

/* ---- profiles.c, profiles_builtin.c ---- */
/* The built-in ones, as they are for that role. previous (NULL: none) lends the places of its own rules, so that one
 * id keeps one index for the whole run. */
void regmon_profile_clear(regmon_profile_t *profile);
void regmon_profiles_start(regmon_profiles_t *profiles, regmon_role_t role,
		const regmon_profiles_t *previous);
int regmon_profile_find(const regmon_profiles_t *profiles, str name); /* -1: unknown */
/* "rfc3261, ims, ..." */
void regmon_profile_names(
		const regmon_profiles_t *profiles, char *buffer, int size);
/* is ancestor the profile itself or one that it inherits from? */
bool regmon_profile_inherits(
		const regmon_profiles_t *profiles, int profile, int ancestor);
/* Index of a rule by id or name, -1: unknown. An own rule is known to the profile that has it and to those that
 * inherit from that. */
int regmon_profile_rule(
		const regmon_profiles_t *profiles, int profile, str id);
/* copies text; .s ends with NUL. false: no room */
bool regmon_profiles_keep(
		regmon_profiles_t *profiles, str text, str *ret_kept);

/* profile_xml.c: adds the profiles of a file. false: what is wrong; the profiles are of no use then */
bool regmon_profiles_read(regmon_profiles_t *profiles, const char *bytes,
		size_t length, const char *file, regmon_complaint_t *ret_complaint);

/* ---- what a profile comes to, parents included ---- */
typedef struct regmon_profile_effect
{
	regmon_severity_t severities[REGMON_MAX_RULES];
	uint8_t modes[REGMON_MAX_RULES];
	int thresholds[REGMON_THRESHOLDS_N]; /* 0: nobody said */
	regmon_expectations_t expected;
} regmon_profile_effect_t;
void regmon_profile_effect(const regmon_profiles_t *profiles, int profile,
		regmon_profile_effect_t *ret_effect);

/* What the configuration says of one rule; id may be one of an operator's own rules, which are known later. */
typedef struct regmon_override
{
	str id;
	uint8_t severity, mode; /* or REGMON_AS_PARENT */
} regmon_override_t;
/* -1, or the index of the first override that names no rule of the profile */
int regmon_profile_override(const regmon_profiles_t *profiles, int profile,
		const regmon_override_t *overrides, unsigned n,
		regmon_profile_effect_t *effect);
/* The facts that hold for every profile: domains are added, the shortest interval replaces. */
void regmon_profile_add_facts(
		regmon_profile_effect_t *effect, const regmon_expectations_t *facts);

/* Exceptions and own rules are read from profiles, which must outlive the plan. */
void regmon_plan_make_profile(regmon_plan_t *plan,
		const regmon_profiles_t *profiles, int profile,
		const regmon_profile_effect_t *effect);

/* ---- own rules in the catalogue: regmon_rule_at(REGMON_OWN_FIRST + i) ---- */
/* Those of this process; NULL: none. The profiles must outlive their use. */
void regmon_own_rules_use(const regmon_profiles_t *profiles);
const regmon_rule_t *regmon_own_rule_at(regmon_rule_index_t index);
int regmon_own_rule_find(str id_or_name);
bool regmon_own_rule_broken(const regmon_own_rule_t *own,
		const regmon_message_t *message, str *seen);
/* which of the exceptions hold for this message, a bit for each */
uint64_t regmon_exceptions_match(const regmon_exception_t *const *exceptions,
		unsigned n, const regmon_message_t *message);

#endif
