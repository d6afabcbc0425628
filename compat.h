/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is not the same in all the versions that this tree is built for: Kamailio 5.6 to 6.1, libxml2 2.9 to 2.15.
 * Differences are told apart here and nowhere else; it includes nothing of Kamailio, so pure files may use it.
 *
 * Most differences need no #if, only the one spelling that all versions take:
 *   modparam types         PARAM_STRING, PARAM_STR, PARAM_INT, PARAM_USE_FUNC: STR_PARAM and the like went with 6.0
 *   random number          kam_rand(): a macro with one (empty) argument before 6.1, a function without any since
 *   msg->msg_flags         has 64 bits since 6.0: test its FL_* where it is, never keep it in an int
 *   numbers of $variables  int became long with 5.8: by pv_get_sintval() and its kind, never by writing pv_value_t.ri
 *   SR_KEMIP_*, PARAM_*    were renumbered with 5.8 and 6.1: by name only
 *   struct members         come and go (sip_msg, tm_binds, dmq_api_t): one build for each version, which the loader
 *                          enforces
 *   XML_PARSE_NOERROR      with libxml2 2.15 it silences sax->serror as well: no such flag where errors are wanted */
#ifndef REGMON_COMPAT_H
#define REGMON_COMPAT_H

#include <libxml/xmlerror.h>

/* libxml2 2.12 made the error of a structured handler const. */
#if LIBXML_VERSION < 21200
typedef xmlError regmon_xml_error_t;
#else
typedef const xmlError regmon_xml_error_t;
#endif

#endif
