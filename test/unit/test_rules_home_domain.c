/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The derived home network domain: what has the form, and which IMSIs and cells belong to it. */
#include <stdlib.h>

#include "rules/home_domain.h"
#include "test/unit/harness.h"

static regmon_home_domain_t read_domain(const char *host)
{
	regmon_home_domain_t domain;
	size_t length;
	char *copy = harness_copy(host, &length);

	regmon_home_domain_read((str){copy, (int)length}, &domain);
	/* the slices point into the copy: what is compared later is the given text */
	if(domain.well_formed) {
		domain.mcc.s = (char *)host + (domain.mcc.s - copy);
		domain.mnc.s = (char *)host + (domain.mnc.s - copy);
	}
	free(copy);
	return domain;
}

static void forms_that_are_right(void **state)
{
	static const char *const hosts[] = {"ims.mnc001.mcc001.3gppnetwork.org",
			"IMS.MNC999.mcc234.3GPPNetwork.ORG",
			"ims.nid0123456789a.mnc001.mcc001.3gppnetwork.org",
			"scscf.ims.mnc001.mcc001.3gppnetwork.org"};
	unsigned i;

	for(i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		regmon_home_domain_t domain = read_domain(hosts[i]);

		if(!domain.is_3gpp || !domain.well_formed)
			fail_msg("%s is right", hosts[i]);
		assert_int_equal(domain.mcc.len, 3);
		assert_int_equal(domain.mnc.len, 3);
	}
}

static void forms_that_are_wrong(void **state)
{
	static const char *const hosts[] = {"ims.mnc01.mcc001.3gppnetwork.org",
			"ims.mnc001.mcc01.3gppnetwork.org",
			"ims.mnc0a1.mcc001.3gppnetwork.org",
			"ims.mnc001.mcc00:.3gppnetwork.org",
			"ims.mnc0/1.mcc001.3gppnetwork.org",
			"epc.mnc001.mcc001.3gppnetwork.org",
			"xims.mnc001.mcc001.3gppnetwork.org",
			"ims.nid0123456789.mnc001.mcc001.3gppnetwork.org",
			"mnc001.mcc001.3gppnetwork.org", "a.3gppnetwork.org",
			"ims.mcc001.mnc001.3gppnetwork.org"};
	unsigned i;

	for(i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		regmon_home_domain_t domain = read_domain(hosts[i]);

		if(!domain.is_3gpp || domain.well_formed)
			fail_msg("%s is wrong", hosts[i]);
	}
}

static void other_domains_claim_nothing(void **state)
{
	assert_false(read_domain("ims.example.net").is_3gpp);
	assert_false(read_domain(".3gppnetwork.org").is_3gpp);
	assert_false(read_domain("ims.mnc001.mcc001.3gppnetwork.com").is_3gpp);
	assert_false(read_domain("").is_3gpp);
}

static bool has(const char *host, const char *digits, bool exact)
{
	regmon_home_domain_t domain = read_domain(host);

	assert_true(domain.well_formed);
	return regmon_home_domain_has(
			&domain, (str){(char *)digits, (int)strlen(digits)}, exact);
}

/* a 0 in front of the MNC may be padding or part of it */
static void padding_of_the_mnc(void **state)
{
	const char *host = "ims.mnc015.mcc234.3gppnetwork.org";

	assert_true(has(host, "234151234567890", false));
	assert_true(has(host, "234015123456789", false));
	assert_true(has(host, "23415", true));
	assert_true(has(host, "234015", true));
	assert_false(has(host, "234151", true));
	assert_false(has(host, "23416", true));
	assert_false(has(host, "23515", true));
	assert_false(has(host, "2341", false));
	host = "ims.mnc410.mcc310.3gppnetwork.org";
	assert_true(has(host, "310410123456789", false));
	assert_false(has(host, "310100123456789", false));
	assert_false(has(host, "31041", true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(forms_that_are_right),
			cmocka_unit_test(forms_that_are_wrong),
			cmocka_unit_test(other_domains_claim_nothing),
			cmocka_unit_test(padding_of_the_mnc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
