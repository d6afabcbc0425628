/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the operator knows and no message tells: the facts that a rule marked "needs configuration" compares with.
 * An empty fact keeps its rules silent. Part of the plan, so that both change together. */
#ifndef REGMON_RULES_EXPECTATIONS_H
#define REGMON_RULES_EXPECTATIONS_H

#include "message/text.h"

#define REGMON_MAX_HOME_DOMAINS 16
#define REGMON_MAX_ALGORITHMS 8

typedef struct regmon_expectations
{
	/* domains whose phones register here (RURI-02, TO-02); the text must outlive the plan */
	unsigned home_domains_n;
	str home_domains[REGMON_MAX_HOME_DOMAINS];
	/* the registrar's shortest interval (EXP-02); 0: not known */
	int64_t min_expires_s;
	/* the longest interval that the network wants to be asked for (POL-04); 0: any */
	int64_t max_expires_s;
	/* what the network accepts (POL-01 to POL-03), compared without case; none: anything */
	unsigned digests_n, algs_n, ealgs_n;
	str digests[REGMON_MAX_ALGORITHMS];
	str algs[REGMON_MAX_ALGORITHMS];	 /* of IPsec: integrity */
	str ealgs[REGMON_MAX_ALGORITHMS]; /* of IPsec: encryption */
} regmon_expectations_t;

static inline bool regmon_expects_anything(
		const regmon_expectations_t *expected)
{
	return expected->home_domains_n > 0 || expected->min_expires_s > 0
		   || expected->max_expires_s > 0 || expected->digests_n > 0
		   || expected->algs_n > 0 || expected->ealgs_n > 0;
}

/* Is the host none of the expected domains? false where nothing is expected or there is no host. */
static inline bool regmon_domain_is_unexpected(
		const regmon_expectations_t *expected, str host)
{
	unsigned i;

	if(host.len <= 0)
		return false;
	for(i = 0; i < expected->home_domains_n; i++) {
		if(regmon_text_is_nocase(host, expected->home_domains[i]))
			return false;
	}
	return expected->home_domains_n > 0;
}

#endif
