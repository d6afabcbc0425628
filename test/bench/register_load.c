/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Phones and core of the benchmark, on UDP.
 *
 *  register_load phones PORT OWN_PORT FIRST_PHONE PHONES ROUNDS WINDOW FIRST_CSEQ TIMEOUT_MS TEMPLATE
 *                [AUTHORISED_TEMPLATE]
 *    PHONES phones from the number FIRST_PHONE on. Every phone registers ROUNDS times, WINDOW of them at the same time (closed loop: the next one begins when one has
 *    its final answer). With two templates each registration is the first, its 401, and the second. Templates hold
 *    {phone} 6 digits, {hash} 8 hex digits of the phone, {cseq} 8 digits, {before} the CSeq before, {port} our own.
 *    Nothing is sent twice: without an answer within TIMEOUT_MS the run has failed.
 *
 *  register_load core PORT
 *    Answers REGISTERs: 401 when the response is empty, else 200 with the Contact it asked for. Ends by SIGTERM.
 *
 *  register_load sink PORT
 *    Takes whatever comes. Ends by SIGTERM. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 32
#define MAX_MESSAGE 8192
#define MAX_TOKENS 96

static void die(const char *what)
{
	perror(what);
	exit(2);
}

/* ---- datagrams, many with one call ---- */

typedef struct batch
{
	struct mmsghdr header[BATCH];
	struct iovec vector[BATCH];
	struct sockaddr_in address[BATCH];
	char text[BATCH][MAX_MESSAGE];
	int n;
} batch_t;

static void batch_prepare(batch_t *batch)
{
	int i;

	for(i = 0; i < BATCH; i++) {
		batch->vector[i].iov_base = batch->text[i];
		batch->vector[i].iov_len = MAX_MESSAGE - 1;
		batch->header[i].msg_hdr.msg_iov = &batch->vector[i];
		batch->header[i].msg_hdr.msg_iovlen = 1;
		batch->header[i].msg_hdr.msg_name = &batch->address[i];
		batch->header[i].msg_hdr.msg_namelen = sizeof(batch->address[i]);
	}
	batch->n = 0;
}

static void batch_send(int fd, batch_t *batch)
{
	int sent = 0, n;

	while(sent < batch->n) {
		n = sendmmsg(fd, batch->header + sent, batch->n - sent, 0);
		if(n >= 0)
			sent += n;
		else if(errno != EINTR && errno != ENOBUFS && errno != ECONNREFUSED)
			die("sendmmsg");
	}
	batch->n = 0;
}

/* waits for one, takes all that are there; texts end with a zero */
static void batch_receive(int fd, batch_t *batch)
{
	int i, n;

	batch_prepare(batch);
	n = recvmmsg(fd, batch->header, BATCH, MSG_WAITFORONE, NULL);
	if(n < 0 && errno != EINTR && errno != ECONNREFUSED)
		die("recvmmsg");
	batch->n = n < 0 ? 0 : n;
	for(i = 0; i < batch->n; i++)
		batch->text[i][batch->header[i].msg_len] = '\0';
}

static int udp_socket(int port, struct sockaddr_in *ret_own)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), buffer = 4 << 20;
	socklen_t length = sizeof(*ret_own);

	memset(ret_own, 0, sizeof(*ret_own));
	ret_own->sin_family = AF_INET;
	ret_own->sin_port = htons(port);
	ret_own->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if(fd < 0 || bind(fd, (struct sockaddr *)ret_own, length) < 0
			|| getsockname(fd, (struct sockaddr *)ret_own, &length) < 0)
		die("UDP socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	return fd;
}

/* ---- templates ---- */

static const struct token
{
	const char *name;
	int width;
} tokens[] = {{"{phone}", 6}, {"{hash}", 8}, {"{cseq}", 8}, {"{before}", 8},
		{"{port}", 5}};
enum
{
	PHONE,
	HASH,
	CSEQ,
	BEFORE,
	PORT,
	TOKENS_N
};

typedef struct template
{
	char text[MAX_MESSAGE];
	int length, places_n;
	struct
	{
		int at, token;
	} places[MAX_TOKENS];
}
template_t;

/* Lines of the file end with LF, those of the message with CR LF. */
static void template_load(const char *path, template_t *template)
{
	static char in[MAX_MESSAGE / 2];
	FILE *file = fopen(path, "r");
	char *at = in;
	int t;

	memset(in, 0, sizeof(in));
	if(!file || fread(in, 1, sizeof(in) - 1, file) == 0)
		die(path);
	fclose(file);
	while(*at) {
		for(t = 0; t < TOKENS_N; t++)
			if(strncmp(at, tokens[t].name, strlen(tokens[t].name)) == 0)
				break;
		if(t < TOKENS_N && template->places_n < MAX_TOKENS) {
			template->places[template->places_n].at = template->length;
			template->places[template->places_n++].token = t;
			template->length += tokens[t].width;
			at += strlen(tokens[t].name);
			continue;
		}
		if(*at == '\n')
			template->text[template->length++] = '\r';
		template->text[template->length++] = *at++;
	}
}

static void put_digits(char *at, int width, uint32_t value, unsigned base)
{
	while(width--) {
		at[width] = "0123456789abcdef"[value % base];
		value /= base;
	}
}

static void template_fill(const template_t *template, uint32_t phone,
		uint32_t cseq, int port, batch_t *batch)
{
	uint32_t values[TOKENS_N] = {phone, (phone ^ 0x5bd1e995u) * 2654435761u,
			cseq, cseq - 1, (uint32_t)port};
	int i, t, n = batch->n++;

	memcpy(batch->text[n], template->text, template->length);
	for(i = 0; i < template->places_n; i++) {
		t = template->places[i].token;
		put_digits(batch->text[n] + template->places[i].at, tokens[t].width,
				values[t], t == HASH ? 16 : 10);
	}
	batch->vector[n].iov_len = template->length;
}

/* ---- phones ---- */

static double now_s(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec * 1e-9;
}

/* the number behind the name of a header: which phone it is (its Call-ID begins with it), or the CSeq */
static uint32_t number_behind(const char *message, const char *name)
{
	const char *at = strcasestr(message, name);

	return at ? (uint32_t)strtoul(at + strlen(name), NULL, 10) : 0;
}

typedef struct phones
{
	template_t templates[2];
	int templates_n, port;
	long first_phone, phones, registrations, begun,
			ended; /* registrations: PHONES x ROUNDS */
	uint32_t first_cseq;
	long messages, challenged, accepted, other;
} phones_t;

static void begin_registration(phones_t *phones, batch_t *out)
{
	uint32_t round = phones->begun / phones->phones;

	template_fill(&phones->templates[0],
			phones->first_phone + phones->begun % phones->phones,
			phones->first_cseq + round * phones->templates_n, phones->port,
			out);
	phones->begun++;
	phones->messages++;
}

static void take_answer(phones_t *phones, const char *text, batch_t *out)
{
	int code = strncmp(text, "SIP/2.0 ", 8) == 0 ? atoi(text + 8) : 0;

	if(code < 200)
		return;
	if(code == 401 && phones->templates_n == 2) {
		phones->challenged++;
		phones->messages++;
		template_fill(&phones->templates[1], number_behind(text, "\nCall-ID: "),
				number_behind(text, "\nCSeq: ") + 1, phones->port, out);
		return;
	}
	if(code < 300)
		phones->accepted++;
	else
		phones->other++;
	phones->ended++;
	if(phones->begun < phones->registrations)
		begin_registration(phones, out);
}

static int play_phones(char **arguments)
{
	static batch_t in, out;
	static phones_t phones;
	struct sockaddr_in own, server;
	int i, fd = udp_socket(atoi(arguments[1]), &own);
	int timeout_ms = atoi(arguments[7]);
	long window = atol(arguments[5]);
	struct pollfd waiting = {fd, POLLIN, 0};
	double began_s;

	server = own;
	server.sin_port = htons(atoi(arguments[0]));
	if(connect(fd, (struct sockaddr *)&server, sizeof(server)) < 0)
		die("connect");
	phones.first_phone = atol(arguments[2]);
	phones.phones = atol(arguments[3]);
	phones.registrations = phones.phones * atol(arguments[4]);
	phones.first_cseq = (uint32_t)atol(arguments[6]);
	phones.port = ntohs(own.sin_port);
	for(i = 8; arguments[i] && phones.templates_n < 2; i++)
		template_load(arguments[i], &phones.templates[phones.templates_n++]);
	batch_prepare(&out);
	/* connected: no addresses wanted */
	for(i = 0; i < BATCH; i++) {
		out.header[i].msg_hdr.msg_name = NULL;
		out.header[i].msg_hdr.msg_namelen = 0;
	}
	began_s = now_s();
	while(phones.begun < window && phones.begun < phones.registrations) {
		begin_registration(&phones, &out);
		if(out.n == BATCH)
			batch_send(fd, &out);
	}
	batch_send(fd, &out);
	while(phones.ended < phones.registrations
			&& poll(&waiting, 1, timeout_ms) > 0) {
		batch_receive(fd, &in);
		for(i = 0; i < in.n; i++)
			take_answer(&phones, in.text[i], &out);
		batch_send(fd, &out);
	}
	printf("messages=%ld challenged=%ld accepted=%ld other=%ld missing=%ld"
		   " seconds=%.6f\n",
			phones.messages, phones.challenged, phones.accepted, phones.other,
			phones.registrations - phones.ended, now_s() - began_s);
	return phones.ended < phones.registrations;
}

/* ---- core ---- */

#define REALM "ims.mnc001.mcc001.3gppnetwork.org"

static char *copy_line(char *to, const char *line, int length)
{
	memcpy(to, line, length);
	return to + length;
}

static int starts(const char *line, const char *name)
{
	return strncasecmp(line, name, strlen(name)) == 0;
}

/* Via, From, To with a tag, Call-ID, CSeq and, in a 200, Contact as they came (RFC 3261 8.2.6.2, 10.3 step 8) */
static char *copy_headers(char *to, const char *request, int accepted)
{
	const char *line = strchr(request, '\n'), *end;

	while(line && line[1] && line[1] != '\r') {
		line++;
		end = strchr(line, '\n');
		if(!end)
			break;
		if(starts(line, "Via:") || starts(line, "From:")
				|| starts(line, "Call-ID:") || starts(line, "CSeq:")
				|| (accepted && starts(line, "Contact:")))
			to = copy_line(to, line, (int)(end + 1 - line));
		else if(starts(line, "To:"))
			to += sprintf(
					to, "%.*s;tag=scscf-1\r\n", (int)(end - 1 - line), line);
		line = end;
	}
	return to;
}

static void answer(
		const char *request, batch_t *out, const struct sockaddr_in *address)
{
	int accepted = strstr(request, "response=\"\"") == NULL;
	char *begin = out->text[out->n], *to = begin;

	to += sprintf(
			to, "SIP/2.0 %s\r\n", accepted ? "200 OK" : "401 Unauthorized");
	to = copy_headers(to, request, accepted);
	if(accepted)
		to += sprintf(to,
				"Path: <sip:term@127.0.0.1;lr>\r\n"
				"Service-Route: <sip:orig@scscf." REALM ":6060;lr>\r\n"
				"P-Associated-URI: <sip:+491715550100@" REALM ">,"
				" <tel:+491715550100>\r\n"
				"P-Charging-Function-Addresses: ccf=\"aaa://cdf." REALM
				":3868\"\r\nExpires: 600000\r\n");
	else
		to += sprintf(to,
				"WWW-Authenticate: Digest realm=\"" REALM "\","
				"nonce=\"%06u%08uVd1oRr7sKcY0bNfZqE2uXw5T9hJmg=\","
				"algorithm=AKAv1-MD5,qop=\"auth\"\r\n"
				"Security-Server: ipsec-3gpp;q=0.1;alg=hmac-sha-1-96;"
				"ealg=aes-cbc;mod=trans;prot=esp;spi-c=8192;spi-s=8193;"
				"port-c=5100;port-s=6100\r\n",
				number_behind(request, "\nCall-ID: "),
				number_behind(request, "\nCSeq: "));
	to += sprintf(to, "Server: core of the benchmark\r\n"
					  "Content-Length: 0\r\n\r\n");
	out->vector[out->n].iov_len = to - begin;
	out->address[out->n++] = *address;
}

static void play_core(int port)
{
	static batch_t in, out;
	struct sockaddr_in own;
	int i, fd = udp_socket(port, &own);

	batch_prepare(&out);
	for(;;) {
		batch_receive(fd, &in);
		for(i = 0; i < in.n; i++)
			if(starts(in.text[i], "REGISTER "))
				answer(in.text[i], &out, &in.address[i]);
		batch_send(fd, &out);
	}
}

static void play_sink(int port)
{
	static batch_t in;
	struct sockaddr_in own;
	int fd = udp_socket(port, &own);

	for(;;)
		batch_receive(fd, &in);
}

int main(int count, char **arguments)
{
	if(count == 3 && strcmp(arguments[1], "sink") == 0)
		play_sink(atoi(arguments[2]));
	if(count == 3 && strcmp(arguments[1], "core") == 0)
		play_core(atoi(arguments[2]));
	if(count >= 11 && strcmp(arguments[1], "phones") == 0)
		return play_phones(arguments + 2);
	fprintf(stderr, "see the head of register_load.c\n");
	return 2;
}
