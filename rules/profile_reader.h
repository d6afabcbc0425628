/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the reader of profile files share: profile_xml.c (document, profiles, names, complaints) and the
 * files of what stands inside of a profile. */
#ifndef REGMON_RULES_PROFILE_READER_H
#define REGMON_RULES_PROFILE_READER_H

#include <libxml/tree.h>

#include "message/xml.h"
#include "rules/profile.h"

typedef struct regmon_profile_reader
{
	regmon_profiles_t *profiles;
	regmon_xml_t xml;
	int profile; /* whose elements are read */
	long set_at[REGMON_MAX_RULES]; /* line at which the profile sets a rule; 0: it does not */
	long threshold_at[REGMON_THRESHOLDS_N];
} regmon_profile_reader_t;

/* Keeps the complaint that stands first in the file, counts the others. */
void regmon_reader_complain(regmon_profile_reader_t *reader,
		const xmlNode *node, const char *format, ...)
		__attribute__((format(printf, 3, 4)));

/* known: names with commas between. Complains about others. */
void regmon_reader_know_attributes(regmon_profile_reader_t *reader,
		const xmlNode *node, const char *known);
/* .s NULL: absent; a slice of the document */
str regmon_reader_attribute(const xmlNode *node, const char *name);
/* complains when absent or empty */
bool regmon_reader_needs(regmon_profile_reader_t *reader, const xmlNode *node,
		const char *name, str *ret_value);
/* complains when it is there and no such number */
bool regmon_reader_number(regmon_profile_reader_t *reader,
		const xmlNode *node, const char *name, int64_t least, int64_t most,
		int64_t *ret_number);
/* The text of an element without children, white space folded; complains when it is empty or longer than size. */
bool regmon_reader_text(regmon_profile_reader_t *reader, const xmlNode *node,
		char *buffer, int size, str *ret_text);
bool regmon_reader_keep(regmon_profile_reader_t *reader, const xmlNode *node,
		str text, str *ret_kept);
/* the next element from node on; complains about text between elements */
const xmlNode *regmon_reader_element(
		regmon_profile_reader_t *reader, const xmlNode *node);
bool regmon_reader_is(const xmlNode *node, const char *name);
str regmon_reader_name(const xmlNode *node);

/* ---- profile_exceptions_xml.c ---- */
void regmon_reader_exception(
		regmon_profile_reader_t *reader, const xmlNode *node);
/* "CSEQ-*" */
bool regmon_reader_is_group(str id);
bool regmon_reader_in_group(str group, const regmon_rule_t *rule);
/* complains that there is none, with those like it */
void regmon_reader_no_rule(
		regmon_profile_reader_t *reader, const xmlNode *node, str id);
/* severity of <rule>, REGMON_AS_PARENT when it is absent; false: it names none that is known */
bool regmon_reader_severity(regmon_profile_reader_t *reader,
		const xmlNode *node, uint8_t *ret_severity);

/* ---- profile_own_xml.c, profile_elements.c ---- */
void regmon_reader_own_rules(
		regmon_profile_reader_t *reader, const xmlNode *profile);
void regmon_reader_elements(
		regmon_profile_reader_t *reader, const xmlNode *profile);

#endif
