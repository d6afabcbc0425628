/* SPDX-License-Identifier: GPL-2.0-or-later */
/* message/p_access_network_info.h: types, cells, grammar. */
#include "test/unit/message_exact.h"

static regmon_access_list_t list;
static const regmon_access_value_t *read_access(const char *value)
{
	memset(&list, 0xa5, sizeof(list));
	list.n = list.kept = 0;
	regmon_access_read(exact(value), &list);
	return &list.list[0];
}

static void types(void **state)
{
	static const struct
	{
		const char *name;
		regmon_access_t access;
		bool known, is_class;
	} cases[] = {
			{"3GPP-GERAN", REGMON_ACCESS_GERAN, true, false},
			{"3gpp-utran-fdd", REGMON_ACCESS_UTRAN, true, false},
			{"3GPP-UTRAN-TDD", REGMON_ACCESS_UTRAN, true, false},
			{"3GPP-UTRAN", REGMON_ACCESS_UTRAN, true, true},
			{"3GPP-HSPA", REGMON_ACCESS_UTRAN, true, true},
			{"3GPP-E-UTRAN-FDD", REGMON_ACCESS_E_UTRAN, true, false},
			{"3GPP-E-UTRAN-TDD", REGMON_ACCESS_E_UTRAN, true, false},
			{"3GPP-E-UTRAN", REGMON_ACCESS_E_UTRAN, true, true},
			{"3GPP-E-UTRAN-ProSe-UNR", REGMON_ACCESS_E_UTRAN, true, false},
			{"3GPP-NR-FDD", REGMON_ACCESS_NR, true, false},
			{"3GPP-NR-TDD", REGMON_ACCESS_NR, true, false},
			{"3GPP-NR-U-FDD", REGMON_ACCESS_NR, true, false},
			{"3GPP-NR-U-TDD", REGMON_ACCESS_NR, true, false},
			{"3GPP-NR", REGMON_ACCESS_NR, true, true},
			{"3GPP-NR-U", REGMON_ACCESS_NR, true, true},
			{"3GPP-WLAN", REGMON_ACCESS_WLAN, true, true},
			{"WLAN-no-PS", REGMON_ACCESS_WLAN, true, true},
			{"3GPP-GAN", REGMON_ACCESS_OTHER, true, true},
			{"untrusted-non-3GPP-VIRTUAL-EPC", REGMON_ACCESS_OTHER, true, true},
			{"VIRTUAL-no-PS", REGMON_ACCESS_OTHER, true, true},
			{"3GPP2", REGMON_ACCESS_OTHER, true, true},
			{"3GPP2-1X", REGMON_ACCESS_3GPP2_1X, true, false},
			{"3GPP2-1X-Femto", REGMON_ACCESS_3GPP2_1X, true, false},
			{"3GPP2-1X-HRPD", REGMON_ACCESS_3GPP2_HRPD, true, false},
			{"3GPP2-UMB", REGMON_ACCESS_OTHER, true, false},
			{"IEEE-802.11", REGMON_ACCESS_WLAN, true, false},
			{"IEEE-802.11ac", REGMON_ACCESS_WLAN, true, false},
			{"IEEE-802.3", REGMON_ACCESS_FIXED, true, false},
			{"IEEE-802.3ab", REGMON_ACCESS_FIXED, true, false},
			{"ADSL2+", REGMON_ACCESS_FIXED, true, false},
			{"G.SHDSL", REGMON_ACCESS_FIXED, true, false},
			{"DOCSIS", REGMON_ACCESS_FIXED, true, false},
			{"GSTN", REGMON_ACCESS_FIXED, true, false},
			{"GPON", REGMON_ACCESS_FIXED, true, false},
			{"XGPON1", REGMON_ACCESS_FIXED, true, false},
			{"DVB-RCS2", REGMON_ACCESS_FIXED, true, false},
			{"3GPP-NR-LEO", REGMON_ACCESS_OTHER, false, false},
			{"x", REGMON_ACCESS_OTHER, false, false},
	};
	unsigned i;

	for(i = 0; i < COUNT(cases); i++) {
		const regmon_access_value_t *value = read_access(cases[i].name);

		assert_int_equal(list.n, 1);
		if(value->access != cases[i].access || value->known != cases[i].known
				|| value->is_class != cases[i].is_class || value->broken
				|| !value->fits)
			fail_msg("%s: access %d known %d class %d broken %d fits %d",
					cases[i].name, value->access, value->known, value->is_class,
					value->broken, value->fits);
	}
}

static void cells(void **state)
{
	/* plmn NULL: does not fit */
	static const struct
	{
		const char *value, *plmn, *tac, *cell, *nid;
	} cases[] = {
			{"3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=0010100010000101", "00101",
					"0001", "0000101", ""},
			{"3GPP-E-UTRAN-FDD; utran-cell-id-3gpp = \"31026000aB00fffff\"",
					"310260", "00aB", "00fffff", ""},
			{"3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=001010001000010", NULL, "",
					"", ""},
			{"3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=001010001000010123", NULL, "",
					"", ""},
			{"3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=00a0100010000101", NULL, "",
					"", ""},
			{"3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=001010001000010g", NULL, "",
					"", ""},
			{"3GPP-E-UTRAN-FDD;cgi-3gpp=0010100010001", NULL, "", "", ""},
			{"3GPP-E-UTRAN-FDD;utran-sai-3gpp=0010100010001", NULL, "", "", ""},
			{"3GPP-NR-FDD;utran-cell-id-3gpp=00101000001000000001", "00101",
					"000001", "000000001", ""},
			{"3GPP-NR-TDD;utran-cell-id-3gpp=310260000001000000001", "310260",
					"000001", "000000001", ""},
			{"3GPP-NR-FDD;utran-cell-id-3gpp=0010100000100000000112345678901",
					"00101", "000001", "000000001", "12345678901"},
			{"3GPP-NR-FDD;utran-cell-id-3gpp="
			 "31026000000100000000112345678901",
					"310260", "000001", "000000001", "12345678901"},
			{"3GPP-NR-FDD;utran-cell-id-3gpp=0010100010000101", NULL, "", "",
					""},
			{"3GPP-UTRAN-FDD;utran-cell-id-3gpp=0010100010000101", "00101",
					"0001", "0000101", ""},
			{"3GPP-UTRAN;utran-sai-3gpp=3102600001abcd", "310260", "0001",
					"abcd", ""},
			{"3GPP-UTRAN;utran-sai-3gpp=001010001000101", NULL, "", "", ""},
			{"3GPP-GERAN;cgi-3gpp=0010100011a2b", "00101", "0001", "1a2b", ""},
			{"3GPP-GERAN;cgi-3gpp=3102600001abcd", "310260", "0001", "abcd",
					""},
			{"3GPP-GERAN;utran-cell-id-3gpp=0010100010000101", NULL, "", "",
					""},
			{"IEEE-802.11;i-wlan-node-id=00112233aaBB", "", "", "00112233aaBB",
					""},
			{"IEEE-802.11;i-wlan-node-id=\"00112233aabb\"", "", "",
					"00112233aabb", ""},
			{"IEEE-802.11;i-wlan-node-id=00:11:22:33:aa:bb", NULL, "", "", ""},
			{"IEEE-802.11;i-wlan-node-id=00-11-22-33-aa-bb", NULL, "", "", ""},
			{"IEEE-802.11;i-wlan-node-id=00112233aab", NULL, "", "", ""},
			{"IEEE-802.11;utran-cell-id-3gpp=0010100010000101", NULL, "", "",
					""},
			{"3GPP2-1X;ci-3gpp2=0123456789abcd", "", "", "0123456789abcd", ""},
			{"3GPP2-1X;ci-3gpp2=0123456789abc", NULL, "", "", ""},
			{"3GPP2-1X-HRPD;ci-3gpp2=0123456789abcdef0123456789abcdef40", "",
					"", "0123456789abcdef0123456789abcdef40", ""},
			{"3GPP2-1X-HRPD;ci-3gpp2=0123456789abcd", NULL, "", "", ""},
			{"ADSL;dsl-location=\"some where\"", "", "", "", ""},
			{"ADSL;eth-location=\"x\"", NULL, "", "", ""},
			{"IEEE-802.3;eth-location=x", "", "", "", ""},
			{"GPON;fiber-location=x", "", "", "", ""},
			{"GSTN;gstn-location=x", "", "", "", ""},
			{"DVB-RCS2;dvb-rcs2-node-id=\"x\"", "", "", "", ""},
			/* what nobody knows cannot be wrong; a known form is still cut */
			{"3GPP-NR-LEO;utran-cell-id-3gpp=00101000001000000001", "00101",
					"000001", "000000001", ""},
			{"X-NEW;utran-cell-id-3gpp=12", "", "", "", ""},
			{"X-NEW;i-wlan-node-id=00:11", "", "", "", ""},
	};
	unsigned i;

	for(i = 0; i < COUNT(cases); i++) {
		const regmon_access_value_t *value = read_access(cases[i].value);

		if(value->fits != (cases[i].plmn != NULL))
			fail_msg("%s: fits %d", cases[i].value, value->fits);
		assert_text(value->plmn, cases[i].plmn ? cases[i].plmn : "");
		assert_text(value->tac, cases[i].tac);
		assert_text(value->cell, cases[i].cell);
		assert_text(value->nid, cases[i].nid);
		assert_true(value->cell_parameter != REGMON_CELL_NONE);
	}
}

static void grammar(void **state)
{
	/* part NULL: follows the grammar */
	static const struct
	{
		const char *value, *part;
	} cases[] = {
			{"3GPP-NR-FDD;network-provided", NULL},
			{"3GPP-NR-FDD;x", NULL},
			{"3GPP-NR-FDD;x=y;z=\"a b\"", NULL},
			{"3GPP-NR-FDD;operator-specific-GI=\"a\"", NULL},
			{"3GPP-NR-FDD;local-time-zone=\"2023-01-01T00:00:00+01:00\"", NULL},
			{"WLAN-no-PS;UE-local-IP-address=[2001:db8::1];UDP-source-port=5",
					NULL},
			{"3GPP-NR-FDD;daylight-saving-time=\"01\"", NULL},
			{"3GPP-NR-FDD;network-provided=1", "network-provided=1"},
			{"3GPP-NR-FDD;local-time-zone=UTC", "local-time-zone=UTC"},
			{"DVB-RCS2;dvb-rcs2-node-id=x", "dvb-rcs2-node-id=x"},
			{"3GPP-NR-FDD;x=", "x="},
			{"3GPP-NR-FDD;=x", ""},
			{"3GPP-NR-FDD;;x", ""},
			{"3GPP-NR-FDD;a b=c", "a b=c"},
			{"3GPP-NR-FDD;a=b c", "a=b c"},
			{"3GPP-NR-FDD;a=2001:db8::1", "a=2001:db8::1"},
			{"3GPP-NR-FDD;utran-cell-id-3gpp", "utran-cell-id-3gpp"},
			{"3GPP-NR-FDD;utran-cell-id-3gpp=", "utran-cell-id-3gpp="},
			{"3GPP-NR-FDD;utran-cell-id-3gpp=1:2", "utran-cell-id-3gpp=1:2"},
			{"IEEE-802.11;i-wlan-node-id=00:11:22:33:aa:bb",
					"i-wlan-node-id=00:11:22:33:aa:bb"},
			{"IEEE-802.11;i-wlan-node-id=00-11-22-33-aa-bb", NULL},
			{"3GPP-NR-FDD;x=\"open", "x=\"open"},
			{"3GPP NR", "3GPP NR"},
			{";x", ""},
			{"3GPP-NR-FDD=x", "3GPP-NR-FDD"},
	};
	unsigned i;

	for(i = 0; i < COUNT(cases); i++) {
		const regmon_access_value_t *value = read_access(cases[i].value);

		if(value->broken != (cases[i].part != NULL))
			fail_msg("%s: broken %d at \"%.*s\"", cases[i].value, value->broken,
					value->broken_part.len,
					value->broken_part.s ? value->broken_part.s : "");
		if(cases[i].part && cases[i].part[0])
			assert_text(value->broken_part, cases[i].part);
	}
}

static void several(void **state)
{
	read_access("3GPP-NR-FDD;utran-cell-id-3gpp=\"a,b\", IEEE-802.11 ,,"
				"3GPP-E-UTRAN;network-provided");
	assert_int_equal(list.n, 3);
	assert_text(list.list[0].text, "3GPP-NR-FDD;utran-cell-id-3gpp=\"a,b\"");
	assert_text(list.list[1].text, "IEEE-802.11");
	assert_ptr_equal(regmon_access_best(&list), &list.list[2]);
	regmon_access_read(exact("a,b"), &list);
	assert_int_equal(list.n, 5);
	assert_int_equal(list.kept, REGMON_MAX_ACCESS);
	read_access("3GPP-NR-FDD,IEEE-802.11");
	assert_ptr_equal(regmon_access_best(&list), &list.list[0]);
	read_access(" ");
	assert_int_equal(list.n, 0);
	assert_null(regmon_access_best(&list));
	/* the first location counts */
	assert_int_equal(read_access("IEEE-802.11;i-wlan-node-id=001122334455;"
								 "utran-cell-id-3gpp=1")
							 ->cell_parameter,
			REGMON_CELL_I_WLAN_NODE_ID);
	assert_true(list.list[0].fits);
}

static void names(void **state)
{
	int i, j;

	for(i = 0; i < REGMON_ACCESS_KINDS_N; i++) {
		assert_true(strlen(regmon_access_name(i)) > 0);
		for(j = 0; j < i; j++)
			assert_string_not_equal(
					regmon_access_name(i), regmon_access_name(j));
	}
	assert_string_equal(regmon_access_name(REGMON_ACCESS_E_UTRAN), "E-UTRAN");
	assert_string_equal(regmon_access_name(99), "other");
}

int main(void)
{
	const struct CMUnitTest tests[] = {exact_test(types), exact_test(cells),
			exact_test(grammar), exact_test(several), exact_test(names)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
