/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads Security-Client, Security-Server and Security-Verify. */
#include "message/security_agreement.h"

#include <stdio.h>

#include <stddef.h>

#include "message/parameter.h"

typedef enum parameter
{
	OTHER,
	MEDIASEC,
	/* texts */
	ALG,
	EALG,
	MOD,
	PROT,
	Q,
	/* numbers */
	SPI_C,
	SPI_S,
	PORT_C,
	PORT_S
} parameter_t;

/* where the value goes */
static const uint8_t place[] = {
		[ALG] = offsetof(regmon_security_t, alg),
		[EALG] = offsetof(regmon_security_t, ealg),
		[MOD] = offsetof(regmon_security_t, mod),
		[PROT] = offsetof(regmon_security_t, prot),
		[Q] = offsetof(regmon_security_t, q),
		[SPI_C] = offsetof(regmon_security_t, spi_c),
		[SPI_S] = offsetof(regmon_security_t, spi_s),
		[PORT_C] = offsetof(regmon_security_t, port_c),
		[PORT_S] = offsetof(regmon_security_t, port_s),
};

static const uint8_t word_place[] = {
		[ALG] = offsetof(regmon_security_t, alg_word),
		[EALG] = offsetof(regmon_security_t, ealg_word),
		[MOD] = offsetof(regmon_security_t, mod_word),
		[PROT] = offsetof(regmon_security_t, prot_word),
};

#define WORD_GIVES(literal, id)                                            \
	if(value.len == sizeof(literal) - 1 && REGMON_NAME_IS(value, literal)) \
		return REGMON_WORD_##id;

/* lengths tell most of them apart */
static inline regmon_security_word_t find_word(str value)
{
	if(value.len > 8) {
		WORD_GIVES("hmac-sha-1-96", HMAC_SHA_1_96);
		WORD_GIVES("hmac-md5-96", HMAC_MD5_96);
		WORD_GIVES("des-ede3-cbc", DES_EDE3_CBC);
		WORD_GIVES("hmac-sha-256-128", HMAC_SHA_256_128);
		WORD_GIVES("UDP-enc-tun", UDP_ENC_TUN);
		return REGMON_WORD_OTHER;
	}
	if(value.len > 5) {
		WORD_GIVES("aes-cbc", AES_CBC);
		WORD_GIVES("aes-gcm", AES_GCM);
		WORD_GIVES("aes-gmac", AES_GMAC);
		return REGMON_WORD_OTHER;
	}
	WORD_GIVES("esp", ESP);
	WORD_GIVES("trans", TRANS);
	WORD_GIVES("null", NULL);
	WORD_GIVES("tun", TUN);
	WORD_GIVES("ah", AH);
	return REGMON_WORD_OTHER;
}

/* In the case that everybody writes four characters tell them apart, most together with the '='. */
REGMON_INLINE int find_usual_parameter(
		const regmon_scan_t *scan, int *ret_length)
{
	const bool exact = true;

	*ret_length = 3;
	switch(regmon_four(scan->at)) {
		case REGMON_FOUR('a', 'l', 'g', '='):
			return ALG;
		case REGMON_FOUR('m', 'o', 'd', '='):
			return MOD;
		case REGMON_FOUR('e', 'a', 'l', 'g'):
			*ret_length = 4;
			return EALG;
		case REGMON_FOUR('p', 'r', 'o', 't'):
			*ret_length = 4;
			return PROT;
		case REGMON_FOUR('s', 'p', 'i', '-'):
			*ret_length = 5;
			if(scan->at[4] == 'c')
				return SPI_C;
			if(scan->at[4] == 's')
				return SPI_S;
			break;
		case REGMON_FOUR('p', 'o', 'r', 't'):
			REGMON_NAME_GIVES("port-c", PORT_C);
			REGMON_NAME_GIVES("port-s", PORT_S);
			break;
		default:
			*ret_length = 0;
			REGMON_NAME_GIVES("q", Q);
			REGMON_NAME_GIVES("mediasec", MEDIASEC);
			break;
	}
	*ret_length = 0;
	return OTHER;
}

REGMON_INLINE int find_parameter(
		const regmon_scan_t *scan, bool exact, int *ret_length)
{
	if(exact)
		return find_usual_parameter(scan, ret_length);
	*ret_length = 0;
	if(scan->at >= scan->end)
		return OTHER;
	switch(*scan->at | 0x20) {
		case 'a':
			REGMON_NAME_GIVES("alg", ALG);
			break;
		case 'e':
			REGMON_NAME_GIVES("ealg", EALG);
			break;
		case 'm':
			REGMON_NAME_GIVES("mod", MOD);
			REGMON_NAME_GIVES("mediasec", MEDIASEC);
			break;
		case 'p':
			REGMON_NAME_GIVES("port-c", PORT_C);
			REGMON_NAME_GIVES("port-s", PORT_S);
			REGMON_NAME_GIVES("prot", PROT);
			break;
		case 'q':
			REGMON_NAME_GIVES("q", Q);
			break;
		case 's':
			REGMON_NAME_GIVES("spi-c", SPI_C);
			REGMON_NAME_GIVES("spi-s", SPI_S);
			break;
		default:
			break;
	}
	return OTHER;
}

REGMON_THOROUGH(read_thoroughly, find_parameter, ';', ',')

static void take_unknown(str name, str value, regmon_security_t *security)
{
	if(name.len == 0)
		security->broken = true; /* ";;" or "=value" */
	else if(!security->unknown.s)
		security->unknown = (str){name.s,
				(value.s ? value.s + value.len : name.s + name.len) - name.s};
}

REGMON_INLINE char read_parameter(
		regmon_scan_t *scan, regmon_security_t *security)
{
	regmon_parameter_t parameter;
	const str *value = &parameter.value;
	char ended = regmon_scan_next(scan, find_parameter, read_thoroughly, ';',
			',', &parameter, &security->broken);

	if(parameter.id >= SPI_C) {
		*(int64_t *)((char *)security + place[parameter.id]) =
				regmon_scan_number(scan->begin, *value);
	} else if(parameter.id >= ALG) {
		security->broken |= value->len == 0;
		*(str *)((char *)security + place[parameter.id]) = *value;
		if(parameter.id != Q)
			*((uint8_t *)security + word_place[parameter.id]) =
					find_word(*value);
	} else if(parameter.id == MEDIASEC) {
		security->mediasec = true;
	} else {
		take_unknown(parameter.name, *value, security);
	}
	return ended;
}

/* The mechanism is read as a parameter that has no value. */
REGMON_INLINE int find_mechanism(
		const regmon_scan_t *scan, bool exact, int *ret_length)
{
	*ret_length = 0;
	REGMON_NAME_GIVES("ipsec-3gpp", true);
	return false;
}
REGMON_THOROUGH(read_mechanism_thoroughly, find_mechanism, ';', ',')

REGMON_INLINE char read_value(regmon_scan_t *scan, regmon_security_t *security)
{
	regmon_parameter_t mechanism;
	const char *from;
	char ended;

	scan->at = from = regmon_scan_skip_space(scan->at, scan->end);
	regmon_clear(security, sizeof(*security));
	security->spi_c = security->spi_s = REGMON_NUMBER_ABSENT;
	security->port_c = security->port_s = REGMON_NUMBER_ABSENT;
	ended = regmon_scan_next(scan, find_mechanism, read_mechanism_thoroughly,
			';', ',', &mechanism, &security->broken);
	security->ipsec_3gpp = mechanism.id;
	security->mechanism = mechanism.name;
	security->broken |= mechanism.name.len == 0 || mechanism.value.s != NULL;
	while(ended == ';')
		ended = read_parameter(scan, security);
	security->text = regmon_scan_slice(from, ended ? scan->at - 1 : scan->end);
	return ended;
}

void regmon_security_read_within(
		str value, const char *text_end, regmon_security_list_t *list)
{
	regmon_security_t beyond, *security;
	regmon_scan_t scan;
	char ended;

	if(value.len <= 0)
		return;
	regmon_scan_start(&scan, value, text_end);
	do {
		security = list->kept < REGMON_MAX_SECURITY ? &list->list[list->kept]
													: &beyond;
		ended = read_value(&scan, security);
		/* "a,,b": nothing between the commas is no value */
		if(security->text.len == 0)
			continue;
		list->n++;
		if(security != &beyond)
			list->kept++;
	} while(ended);
}

const char *regmon_security_word_name(unsigned word)
{
	static const char *const names[REGMON_WORDS_N] = {"none", "another",
			"hmac-md5-96", "hmac-sha-1-96", "hmac-sha-256-128", "aes-gmac",
			"aes-cbc", "aes-gcm", "des-ede3-cbc", "null", "esp", "ah", "trans",
			"tun", "UDP-enc-tun"};

	return word < REGMON_WORDS_N ? names[word] : "?";
}

void regmon_security_words(unsigned set, char *buffer, int size)
{
	int used = 0;
	unsigned word;

	buffer[0] = '\0';
	for(word = 0; word < REGMON_WORDS_N && used < size; word++)
		if((set >> word) & 1)
			used += snprintf(buffer + used, size - used, "%s%s",
					used ? ", " : "", regmon_security_word_name(word));
}
