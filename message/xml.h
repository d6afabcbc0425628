/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a strange XML document in bounds: no DOCTYPE, so no entity to expand and nothing to fetch; libxml2's own
 * limits bound depth and length of names. Whatever is wrong becomes one line with its place. */
#ifndef REGMON_MESSAGE_XML_H
#define REGMON_MESSAGE_XML_H

#include <stdarg.h>

#include "message/text.h"

/* What is wrong, "NAME:LINE: what", and how much more. One line, fit for a log. */
typedef struct regmon_complaint
{
	char text[400];
	unsigned more;
} regmon_complaint_t;

typedef struct regmon_xml
{
	const char *name; /* of the document, in front of line numbers */
	regmon_complaint_t *complaint;
	unsigned wrong; /* complaints so far */
	long line;		/* of the first one in the document */
} regmon_xml_t;

/* complaint is emptied; both must outlive ret_xml */
void regmon_xml_start(
		regmon_xml_t *ret_xml, const char *name, regmon_complaint_t *complaint);

/* Keeps the complaint that stands first in the document, counts the others. */
void regmon_xml_complain(regmon_xml_t *xml, long line, const char *format, ...)
		__attribute__((format(printf, 3, 4)));
void regmon_xml_complain_list(
		regmon_xml_t *xml, long line, const char *format, va_list arguments);

struct _xmlDoc; /* libxml2's xmlDoc */
/* The document, for xmlFreeDoc(); its outermost element is there. NULL: complained of. libxml2 takes its memory from
 * malloc(), a multiple of length at most. */
struct _xmlDoc *regmon_xml_read(
		regmon_xml_t *xml, const char *bytes, size_t length);

#endif
