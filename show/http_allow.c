/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "show/http_allow.h"

#include <arpa/inet.h>
#include <stdio.h>

#define LONGEST_ADDRESS 46

static bool is_separator(char c)
{
	return c == ',' || regmon_is_space(c);
}

static bool is_mapped(const uint8_t *bytes, int bytes_n)
{
	static const uint8_t prefix[12] = {
			0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	return bytes_n == 16 && memcmp(bytes, prefix, sizeof(prefix)) == 0;
}

static bool read_address(str text, regmon_subnet_t *network)
{
	char buffer[LONGEST_ADDRESS];

	if(text.len >= 2 && text.s[0] == '[' && text.s[text.len - 1] == ']')
		text = (str){text.s + 1, text.len - 2};
	if(text.len <= 0 || text.len >= (int)sizeof(buffer)
			|| memchr(text.s, '\0', text.len))
		return false;
	memcpy(buffer, text.s, text.len);
	buffer[text.len] = '\0';
	network->bytes_n = memchr(text.s, ':', text.len) ? 16 : 4;
	return inet_pton(network->bytes_n == 16 ? AF_INET6 : AF_INET, buffer,
				   network->bytes)
		   == 1;
}

static bool same_bits(const uint8_t *a, const uint8_t *b, int bits)
{
	uint8_t mask = (uint8_t)(0xff00 >> (bits % 8));

	return memcmp(a, b, bits / 8) == 0
		   && (bits % 8 == 0 || ((a[bits / 8] ^ b[bits / 8]) & mask) == 0);
}

/* bits behind those that count are a typing error more often than meant */
static bool has_bits_behind(const regmon_subnet_t *network)
{
	int bit;

	for(bit = network->bits; bit < network->bytes_n * 8; bit++)
		if(network->bytes[bit / 8] & (0x80 >> (bit % 8)))
			return true;
	return false;
}

/* NULL: read; else what is wrong with it */
static const char *read_network(str entry, regmon_subnet_t *network)
{
	const char *slash = memchr(entry.s, '/', entry.len);
	str address = {entry.s, slash ? (int)(slash - entry.s) : entry.len};
	int64_t bits;

	memset(network, 0, sizeof(*network));
	if(!read_address(address, network))
		return "is no IPv4 or IPv6 address or network, like 127.0.0.1, "
			   "10.1.0.0/16 or 2001:db8::/32";
	network->bits = network->bytes_n * 8;
	if(slash) {
		bits = regmon_text_number(regmon_text_from(entry, address.len + 1));
		if(bits < 0 || bits > network->bits)
			return network->bytes_n == 4
						   ? "needs a number from 0 to 32 behind /"
						   : "needs a number from 0 to 128 behind /";
		network->bits = (uint8_t)bits;
	}
	if(has_bits_behind(network))
		return "has bits behind its network: is one address meant, or a "
			   "smaller network?";
	/* ::ffff:10.0.0.0/104 is 10.0.0.0/8 */
	if(is_mapped(network->bytes, network->bytes_n) && network->bits >= 96) {
		memmove(network->bytes, network->bytes + 12, 4);
		network->bytes_n = 4;
		network->bits -= 96;
	}
	return NULL;
}

bool regmon_networks_read(
		str text, regmon_networks_t *ret_networks, char *complaint, int size)
{
	const char *wrong;
	str entry;
	int i = 0;

	ret_networks->n = 0;
	for(;;) {
		while(i < text.len && is_separator(text.s[i]))
			i++;
		if(i >= text.len)
			return true;
		entry = (str){text.s + i, 0};
		while(i < text.len && !is_separator(text.s[i]))
			i++;
		entry.len = (int)(text.s + i - entry.s);
		wrong = ret_networks->n == REGMON_MAX_NETWORKS
						? "is one entry more than fit"
						: read_network(
								entry, &ret_networks->list[ret_networks->n]);
		if(wrong) {
			snprintf(complaint, size, "'%.*s' %s",
					entry.len < 60 ? entry.len : 60, entry.s, wrong);
			return false;
		}
		ret_networks->n++;
	}
}

bool regmon_networks_hold(
		const regmon_networks_t *networks, const uint8_t *bytes, int bytes_n)
{
	unsigned i;

	if(is_mapped(bytes, bytes_n)) {
		bytes += 12;
		bytes_n = 4;
	}
	for(i = 0; i < networks->n; i++)
		if(networks->list[i].bytes_n == bytes_n
				&& same_bits(
						networks->list[i].bytes, bytes, networks->list[i].bits))
			return true;
	return false;
}
