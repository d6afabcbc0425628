/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all answers to a REGISTER have in common, for the tables of messages_*.c. */
#ifndef REGMON_SHOW_MESSAGES_ANSWER_H
#define REGMON_SHOW_MESSAGES_ANSWER_H

#define ANSWER_COMMON                                                       \
	.protocol = "SIP (text): a status line, headers, no body as a rule",    \
	.technology = "4G (LTE), 5G (NR) and Wi-Fi: the same on each",          \
	.deployment =                                                           \
			"VoLTE, VoNR, VoWiFi; plain SIP registrars use the same codes", \
	.direction = "network -> phone, back along the Vias of the REGISTER"
#define ANSWER_BEARER                                                          \
	"the way of its REGISTER: default bearer of the IMS APN or DNN (QCI 5 in " \
	"LTE, 5QI 5 in 5G; on Wi-Fi inside "                                       \
	"the tunnel to the ePDG), in the IPsec SAs when the REGISTER came "        \
	"through them"
#define ANSWER_PROCEDURES                                              \
	"IMS registration, VoLTE registration, VoNR registration, VoWiFi " \
	"registration, emergency registration"

#endif
