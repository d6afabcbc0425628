/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the derived home network domain from its end: the parts have fixed lengths. */
#include "rules/home_domain.h"

#define TAIL ".3gppnetwork.org"
#define TAIL_LENGTH 16
#define PLMN_LENGTH 13 /* mncNNN.mccNNN */
#define NID_LENGTH 15  /* nid, 11 digits of base 16, dot */

#define SMALL 0x2020202020202020ULL
#define EIGHT(byte) (0x0101010101010101ULL * (byte))

/* Words are compared instead of letters: this is asked two or three times of each REGISTER. Dots and digits have the
 * bit that makes a letter small, so setting it changes nothing in them. */
static inline uint64_t word_of(const char *text)
{
	uint64_t word;

	memcpy(&word, text, sizeof(word));
	return word;
}

static bool has_tail(const char *tail)
{
	return (word_of(tail) | SMALL) == word_of(TAIL)
		   && (word_of(tail + 8) | SMALL) == word_of(TAIL + 8);
}

/* Are the eight bytes those of the form, where mask is 0xff at a letter and 0xf0 at a digit (0x30 to 0x39: the high
 * half is 3, and stays 3 when 6 is added)? */
static inline bool has_form(const char *text, const char *form, const char *mask)
{
	const uint64_t letters = word_of(mask);
	const uint64_t digits = ~letters & EIGHT(0x0f);
	const uint64_t word = word_of(text) | SMALL;

	return ((word ^ word_of(form)) & letters) == 0
		   && (((word + (digits & EIGHT(0x06))) ^ word_of(form))
					  & (digits << 4))
					  == 0;
}

/* what nearly every phone sends: ims.mncNNN.mccNNN and nothing in front */
static bool is_plain_form(str host)
{
	return host.len == 4 + PLMN_LENGTH
		   && has_form(host.s, "ims.mnc0", "\xff\xff\xff\xff\xff\xff\xff\xf0")
		   && has_form(host.s + 8, "00.mcc00",
				   "\xf0\xf0\xff\xff\xff\xff\xf0\xf0")
		   && regmon_is_digit(host.s[16]);
}

static bool is_label(const char *text, char a, char b, char c)
{
	return (text[0] | 0x20) == a && (text[1] | 0x20) == b
		   && (text[2] | 0x20) == c;
}

static bool three_digits(const char *text)
{
	return regmon_is_digit(text[0]) && regmon_is_digit(text[1])
		   && regmon_is_digit(text[2]);
}

/* "nidXXXXXXXXXXX." at the end of what stands before the PLMN */
static bool ends_in_nid(str host)
{
	const char *nid = host.s + host.len - NID_LENGTH;

	return host.len > NID_LENGTH && is_label(nid, 'n', 'i', 'd')
		   && nid[NID_LENGTH - 1] == '.'
		   && regmon_text_all_hex((str){(char *)nid + 3, 11});
}

void regmon_home_domain_read(str host, regmon_home_domain_t *ret_domain)
{
	const char *plmn;

	ret_domain->is_3gpp = false;
	ret_domain->well_formed = false;
	if(host.len <= TAIL_LENGTH || !has_tail(host.s + host.len - TAIL_LENGTH))
		return;
	ret_domain->is_3gpp = true;
	host.len -= TAIL_LENGTH;
	if(host.len < 4 + PLMN_LENGTH)
		return;
	plmn = host.s + host.len - PLMN_LENGTH;
	ret_domain->mnc = (str){(char *)plmn + 3, 3};
	ret_domain->mcc = (str){(char *)plmn + 10, 3};
	if(is_plain_form(host)) {
		ret_domain->well_formed = true;
		return;
	}
	host.len -= PLMN_LENGTH;
	if(!is_label(plmn, 'm', 'n', 'c') || plmn[6] != '.'
			|| !is_label(plmn + 7, 'm', 'c', 'c') || !three_digits(plmn + 3)
			|| !three_digits(plmn + 10))
		return;
	if(ends_in_nid(host))
		host.len -= NID_LENGTH;
	/* more labels in front of "ims" are a node of that network */
	ret_domain->well_formed = host.len >= 4 && plmn[-1] == '.'
							  && is_label(host.s + host.len - 4, 'i', 'm', 's')
							  && (host.len == 4
									  || host.s[host.len - 5] == '.');
}

bool regmon_home_domain_has(
		const regmon_home_domain_t *domain, str digits, bool exact)
{
	if(digits.len < 5 || memcmp(digits.s, domain->mcc.s, 3) != 0)
		return false;
	if(domain->mnc.s[0] == '0'
			&& memcmp(digits.s + 3, domain->mnc.s + 1, 2) == 0
			&& (!exact || digits.len == 5))
		return true;
	return digits.len >= 6 && memcmp(digits.s + 3, domain->mnc.s, 3) == 0
		   && (!exact || digits.len == 6);
}
