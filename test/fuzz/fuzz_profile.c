/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file of profiles: read, compiled into plans, and two messages judged by each. */
#include "test/fuzz/message.h"

static regmon_profiles_t built_in; /* as they are before a file is read */
static regmon_message_t judged[2];
static regmon_class_t classes[2];

int LLVMFuzzerInitialize(int *arguments_n, char ***arguments)
{
	static const char *const files[] = {
			"test/rules/many-findings.sip", "test/rules/clean-answer-401.sip"};
	size_t length;
	unsigned i;

	target_start();
	for(i = 0; i < 2; i++) {
		char *text = harness_read_sip(files[i], &length);

		regmon_message_read(text, (int)length, &judged[i]);
		regmon_classify(&judged[i], NULL, REGMON_ROLE_AUTO, &classes[i]);
	}
	plans[0] = malloc(regmon_plan_size());
	demand(plans[0], "no memory");
	regmon_profiles_start(&profiles, REGMON_ROLE_PCSCF, NULL);
	built_in = profiles;
	return 0;
}

static void check_complaint(const regmon_complaint_t *complaint)
{
	unsigned i;

	demand(strncmp(complaint->text, "p.xml:", 6) == 0,
			"a complaint without place: %s", complaint->text);
	for(i = 0; complaint->text[i]; i++)
		demand((unsigned char)complaint->text[i] >= ' ',
				"a control character in a complaint");
}

static void check_effect(const regmon_profile_effect_t *effect)
{
	unsigned i;

	for(i = 0; i < REGMON_MAX_RULES; i++)
		demand(effect->severities[i] <= REGMON_ERROR
						&& effect->modes[i] < REGMON_MODES_N,
				"rule %u: severity %d, mode %u", i, effect->severities[i],
				effect->modes[i]);
	for(i = 0; i < REGMON_THRESHOLDS_N; i++)
		demand(effect->thresholds[i] == 0
						|| (effect->thresholds[i] >= regmon_threshold_least(i)
								&& effect->thresholds[i]
										   <= regmon_threshold_most(i)),
				"%s is %d", regmon_threshold_name(i), effect->thresholds[i]);
}

static bool reaches_the_catalogue(int profile)
{
	unsigned steps;

	for(steps = 0; profile >= 0 && steps < REGMON_MAX_PROFILES; steps++)
		profile = profiles.profiles[profile].parent;
	return profile < 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static regmon_profile_effect_t effect;
	static regmon_findings_t findings;
	regmon_complaint_t complaint;
	unsigned profile, i;
	char names[300];

	memset(&complaint, 0xee, sizeof(complaint));
	profiles = built_in;
	if(!regmon_profiles_read(
			   &profiles, (const char *)data, size, "p.xml", &complaint)) {
		check_complaint(&complaint);
		return 0;
	}
	demand(profiles.profiles_n <= REGMON_MAX_PROFILES
					&& profiles.text_n <= REGMON_PROFILES_TEXT
					&& profiles.exceptions_n <= REGMON_MAX_EXCEPTIONS,
			"%u profiles, %u bytes, %u exceptions", profiles.profiles_n,
			profiles.text_n, profiles.exceptions_n);
	regmon_profile_names(&profiles, names, sizeof(names));
	regmon_own_rules_use(&profiles);
	for(profile = built_in.profiles_n; profile < profiles.profiles_n;
			profile++) {
		demand(reaches_the_catalogue(profile), "profile %u is its own ancestor",
				profile);
		regmon_profile_effect(&profiles, profile, &effect);
		check_effect(&effect);
		regmon_plan_make_profile(plans[0], &profiles, profile, &effect);
		for(i = 0; i < 2; i++) {
			regmon_rules_judge(plans[0], &judged[i], &classes[i], &findings);
			check_findings(plans[0], &judged[i], &findings);
		}
	}
	regmon_own_rules_use(NULL);
	return 0;
}
