/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The families of causes, for the catalogue alone: one line here and one in causes.c per file of causes. */
#ifndef REGMON_DIAGNOSIS_FAMILIES_H
#define REGMON_DIAGNOSIS_FAMILIES_H

#include "diagnosis/diagnosis.h"

typedef struct regmon_family
{
	const regmon_cause_t *causes;
	unsigned n;
} regmon_family_t;

extern const regmon_family_t regmon_family_challenge;
extern const regmon_family_t regmon_family_silence;
extern const regmon_family_t regmon_family_sequence;
extern const regmon_family_t regmon_family_refresh;
extern const regmon_family_t regmon_family_core;
extern const regmon_family_t regmon_family_aka;
extern const regmon_family_t regmon_family_response;
extern const regmon_family_t regmon_family_agreement;
extern const regmon_family_t regmon_family_delivery;
extern const regmon_family_t regmon_family_refused;
extern const regmon_family_t regmon_family_named_refusals;
extern const regmon_family_t regmon_family_form;
extern const regmon_family_t regmon_family_phone;
extern const regmon_family_t regmon_family_network;

#endif
