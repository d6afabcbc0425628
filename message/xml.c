/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every reader of XML shares: the way into libxml2, and complaints. */
#include "message/xml.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <stdio.h>

#include "compat.h"

void regmon_xml_start(
		regmon_xml_t *ret_xml, const char *name, regmon_complaint_t *complaint)
{
	*ret_xml = (regmon_xml_t){.name = name, .complaint = complaint};
	complaint->text[0] = '\0';
	complaint->more = 0;
}

void regmon_xml_complain_list(
		regmon_xml_t *xml, long line, const char *format, va_list arguments)
{
	regmon_complaint_t *complaint = xml->complaint;
	int used, length;

	if(xml->wrong++ > 0) {
		complaint->more++;
		if(line >= xml->line)
			return;
	}
	xml->line = line;
	used = snprintf(complaint->text, sizeof(complaint->text),
			"%s:%ld: ", xml->name, line);
	if(used < 0 || used >= (int)sizeof(complaint->text))
		return;
	vsnprintf(complaint->text + used, sizeof(complaint->text) - used, format,
			arguments);
	/* whatever the document has brought */
	for(length = used; complaint->text[length]; length++)
		if((unsigned char)complaint->text[length] < 0x20)
			complaint->text[length] = ' ';
	length = regmon_clean_text(
			(str){complaint->text, length}, complaint->text, length);
	while(length > 0 && complaint->text[length - 1] == ' ')
		length--;
	complaint->text[length] = '\0';
}

void regmon_xml_complain(regmon_xml_t *xml, long line, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	regmon_xml_complain_list(xml, line, format, arguments);
	va_end(arguments);
}

typedef struct refusal
{
	bool doctype, no_memory;
	long line; /* 0: nothing is wrong */
	char message[160];
} refusal_t;

/* The first error says what is wrong; those behind it follow from it. A tree in which something is missing for want
 * of memory passes for whole otherwise. */
static void keep_first_error(void *context, regmon_xml_error_t *error)
{
	refusal_t *refusal = context;

	if(error->code == XML_ERR_NO_MEMORY)
		refusal->no_memory = true;
	if(refusal->line > 0 || error->level < XML_ERR_ERROR)
		return;
	refusal->line = error->line > 0 ? error->line : 1;
	snprintf(refusal->message, sizeof(refusal->message), "%s",
			error->message ? error->message : "unknown");
}

static void keep_parser_error(void *context, regmon_xml_error_t *error)
{
	keep_first_error(((xmlParserCtxt *)context)->_private, error);
}

/* Called before anything of the DOCTYPE is read: no entity is ever declared. */
static void refuse_doctype(void *context, const xmlChar *name,
		const xmlChar *external, const xmlChar *system)
{
	xmlParserCtxt *parser = context;
	refusal_t *refusal = parser->_private;

	if(refusal->line > 0)
		return;
	refusal->doctype = true;
	refusal->line = parser->input ? parser->input->line : 1;
	xmlStopParser(parser);
}

/* wellformed: no error was met */
static xmlDoc *parse(const char *bytes, size_t length, refusal_t *refusal,
		bool *ret_wellformed)
{
	xmlParserCtxt *parser = xmlNewParserCtxt();
	xmlDoc *document;

	*ret_wellformed = false;
	if(parser == NULL) {
		refusal->no_memory = true;
		return NULL;
	}
	parser->_private = refusal;
	parser->sax->internalSubset = refuse_doctype;
	parser->sax->serror = keep_parser_error;
	/* Not XML_PARSE_NOERROR: libxml2 2.15 then takes the errors from the handler, too (compat.h). */
	document = xmlCtxtReadMemory(parser, bytes, (int)length, NULL, NULL,
			XML_PARSE_NONET | XML_PARSE_BIG_LINES);
	*ret_wellformed = parser->wellFormed;
	xmlFreeParserCtxt(parser);
	return document;
}

struct _xmlDoc *regmon_xml_read(
		regmon_xml_t *xml, const char *bytes, size_t length)
{
	/* also for what libxml2 does without its parser at hand, and would write to stderr */
	xmlStructuredErrorFunc others = xmlStructuredError;
	void *others_context = xmlStructuredErrorContext;
	refusal_t refusal = {.line = 0};
	xmlDoc *document;
	bool wellformed;

	xmlSetStructuredErrorFunc(&refusal, keep_first_error);
	document = parse(bytes, length, &refusal, &wellformed);
	xmlSetStructuredErrorFunc(others_context, others);
	xmlResetLastError(); /* or it would keep a piece of the document */
	if(refusal.no_memory)
		regmon_xml_complain(xml, 1, "no memory to read it");
	else if(refusal.doctype)
		regmon_xml_complain(xml, refusal.line,
				"a DOCTYPE is not allowed (it could declare entities)");
	else if(refusal.line > 0 || !wellformed || document == NULL
			|| xmlDocGetRootElement(document) == NULL)
		regmon_xml_complain(xml, refusal.line ? refusal.line : 1,
				"no well-formed XML: %s", refusal.message);
	if(xml->wrong == 0)
		return document;
	xmlFreeDoc(document);
	return NULL;
}
