/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a file of profiles: bytes in, profiles or one complaint out. The document is XML without DOCTYPE, so there is
 * no entity to expand and nothing to fetch; libxml2's own limits bound depth and length of names. */
#include "rules/profile_reader.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <stdarg.h>
#include <stdio.h>

#include "compat.h"

/* ---- complaints ---- */

static void complain_at(regmon_profile_reader_t *reader, long line,
		const char *format, va_list arguments)
{
	regmon_complaint_t *complaint = reader->complaint;
	int used;

	if(reader->wrong++ > 0) {
		complaint->more++;
		if(line >= reader->line)
			return;
	}
	reader->line = line;
	used = snprintf(complaint->text, sizeof(complaint->text), "%s:%ld: ",
			reader->file, line);
	if(used < 0 || used >= (int)sizeof(complaint->text))
		return;
	vsnprintf(complaint->text + used, sizeof(complaint->text) - used, format,
			arguments);
	/* one line, fit for a log, whatever the file has brought */
	for(; complaint->text[used]; used++) {
		if((unsigned char)complaint->text[used] < 0x20
				|| complaint->text[used] == 0x7f)
			complaint->text[used] = ' ';
	}
	while(used > 0 && complaint->text[used - 1] == ' ')
		complaint->text[--used] = '\0';
}

void regmon_reader_complain(regmon_profile_reader_t *reader,
		const xmlNode *node, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	complain_at(reader, xmlGetLineNo(node), format, arguments);
	va_end(arguments);
}

static __attribute__((format(printf, 3, 4))) void complain_of_line(
		regmon_profile_reader_t *reader, long line, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	complain_at(reader, line, format, arguments);
	va_end(arguments);
}

/* ---- what stands in an element ---- */

str regmon_reader_name(const xmlNode *node)
{
	return (str){(char *)node->name, (int)strlen((const char *)node->name)};
}

bool regmon_reader_is(const xmlNode *node, const char *name)
{
	return node->ns == NULL && strcmp((const char *)node->name, name) == 0;
}

/* is it one of the words? */
static bool is_among(const char *words, str word)
{
	str list = {(char *)words, (int)strlen(words)}, name;
	int position = 0;

	while(regmon_text_next_element(list, &position, &name)) {
		if(regmon_text_is(name, word))
			return true;
	}
	return false;
}

static bool is_plain(const xmlAttr *attribute)
{
	return attribute->children == NULL
		   || (attribute->children->type == XML_TEXT_NODE
				   && attribute->children->next == NULL);
}

void regmon_reader_know_attributes(regmon_profile_reader_t *reader,
		const xmlNode *node, const char *known)
{
	const xmlAttr *attribute;

	for(attribute = node->properties; attribute; attribute = attribute->next) {
		str name = {(char *)attribute->name,
				(int)strlen((const char *)attribute->name)};

		if(attribute->ns != NULL || !is_among(known, name))
			regmon_reader_complain(reader, node,
					"<%s> has no attribute '%.60s'%s%s", node->name, name.s,
					known[0] ? ", only " : "", known);
		else if(!is_plain(attribute))
			regmon_reader_complain(reader, node,
					"<%s %s>: the value is no plain text", node->name, name.s);
	}
}

str regmon_reader_attribute(const xmlNode *node, const char *name)
{
	const xmlAttr *attribute;

	for(attribute = node->properties; attribute; attribute = attribute->next) {
		const xmlChar *value;

		if(attribute->ns != NULL
				|| strcmp((const char *)attribute->name, name) != 0)
			continue;
		if(!is_plain(attribute) || attribute->children == NULL)
			return (str){"", 0};
		value = attribute->children->content;
		return regmon_text_trim(
				(str){(char *)value, (int)strlen((const char *)value)});
	}
	return (str){NULL, 0};
}

bool regmon_reader_needs(regmon_profile_reader_t *reader, const xmlNode *node,
		const char *name, str *ret_value)
{
	*ret_value = regmon_reader_attribute(node, name);
	if(ret_value->len > 0)
		return true;
	regmon_reader_complain(reader, node, "<%s> needs the attribute '%s'%s",
			node->name, name, ret_value->s ? ", which is empty" : "");
	return false;
}

bool regmon_reader_number(regmon_profile_reader_t *reader,
		const xmlNode *node, const char *name, int64_t least, int64_t most,
		int64_t *ret_number)
{
	str value = regmon_reader_attribute(node, name);
	int64_t number;

	if(value.s == NULL)
		return false;
	number = regmon_text_number(value);
	if(number < least || number > most) {
		regmon_reader_complain(reader, node,
				"<%s %s=\"%.40s\">: expected a number from %lld to %lld",
				node->name, name, value.s, (long long)least, (long long)most);
		return false;
	}
	*ret_number = number;
	return true;
}

/* appended with each run of white space as one space; false: no room */
static bool append_folded(char *buffer, int size, int *length, const char *s)
{
	for(; s && *s; s++) {
		bool space = regmon_is_space(*s);

		if(space && (*length == 0 || buffer[*length - 1] == ' '))
			continue;
		if(*length == size)
			return false;
		buffer[(*length)++] = space ? ' ' : *s;
	}
	return true;
}

bool regmon_reader_text(regmon_profile_reader_t *reader, const xmlNode *node,
		char *buffer, int size, str *ret_text)
{
	const xmlNode *child;
	int length = 0;

	regmon_reader_know_attributes(reader, node, "");
	for(child = node->children; child; child = child->next) {
		if(child->type == XML_ELEMENT_NODE) {
			regmon_reader_complain(reader, child,
					"<%.60s> inside of <%s>, which holds text only",
					child->name, node->name);
			return false;
		}
		if(child->type != XML_TEXT_NODE
				&& child->type != XML_CDATA_SECTION_NODE)
			continue;
		if(!append_folded(
				   buffer, size, &length, (const char *)child->content)) {
			regmon_reader_complain(reader, node,
					"<%s> holds more than %d characters", node->name, size);
			return false;
		}
	}
	*ret_text = regmon_text_trim((str){buffer, length});
	if(ret_text->len > 0)
		return true;
	regmon_reader_complain(reader, node, "<%s> is empty", node->name);
	return false;
}

bool regmon_reader_keep(regmon_profile_reader_t *reader, const xmlNode *node,
		str text, str *ret_kept)
{
	if(regmon_profiles_keep(reader->profiles, text, ret_kept))
		return true;
	regmon_reader_complain(reader, node,
			"all texts of the file together are longer than %d bytes",
			REGMON_PROFILES_TEXT);
	return false;
}

const xmlNode *regmon_reader_element(
		regmon_profile_reader_t *reader, const xmlNode *node)
{
	for(; node && node->type != XML_ELEMENT_NODE; node = node->next) {
		if((node->type == XML_TEXT_NODE
				   || node->type == XML_CDATA_SECTION_NODE)
				&& !xmlIsBlankNode(node))
			regmon_reader_complain(reader, node, "text inside of <%s>",
					node->parent->name);
	}
	return node;
}

/* ---- profiles: names, then parents, then what is in them ---- */

static bool is_name(str name)
{
	int i;

	for(i = 0; i < name.len; i++) {
		char c = name.s[i];

		if(!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
				   || regmon_is_digit(c)
				   || (i > 0 && (c == '-' || c == '_' || c == '.'))))
			return false;
	}
	return name.len > 0 && name.len <= REGMON_PROFILE_NAME_LENGTH;
}

static void read_name(regmon_profile_reader_t *reader, xmlNode *node)
{
	regmon_profiles_t *profiles = reader->profiles;
	regmon_profile_t *profile;
	str name;
	int known;

	node->_private = NULL;
	if(!regmon_reader_needs(reader, node, "name", &name))
		return;
	if(!is_name(name)) {
		regmon_reader_complain(reader, node,
				"profile name '%.60s': expected 1 to %d letters, digits, '-',"
				" '_' and '.', a letter or digit first",
				name.s, REGMON_PROFILE_NAME_LENGTH);
		return;
	}
	known = regmon_profile_find(profiles, name);
	if(known >= 0) {
		profile = &profiles->profiles[known];
		if(profile->built_in)
			regmon_reader_complain(reader, node,
					"profile '%s' is built in; take another name and"
					" parent=\"%s\"",
					name.s, profile->name);
		else
			regmon_reader_complain(reader, node,
					"profile '%s' is there already, in line %u", name.s,
					profile->line);
		return;
	}
	if(profiles->profiles_n == REGMON_MAX_PROFILES) {
		regmon_reader_complain(reader, node,
				"more than %d profiles, the built-in ones included",
				REGMON_MAX_PROFILES);
		return;
	}
	profile = &profiles->profiles[profiles->profiles_n++];
	regmon_profile_clear(profile);
	memcpy(profile->name, name.s, name.len);
	profile->line = xmlGetLineNo(node);
	node->_private = profile;
}

static void read_parent(regmon_profile_reader_t *reader, const xmlNode *node)
{
	regmon_profile_t *profile = node->_private;
	str parent = regmon_reader_attribute(node, "parent");
	char known[512];
	int found;

	if(parent.s == NULL)
		parent = REGMON_TEXT(REGMON_PROFILE_DEFAULT);
	found = regmon_profile_find(reader->profiles, parent);
	if(found < 0) {
		regmon_profile_names(reader->profiles, known, 200);
		regmon_reader_complain(reader, node,
				"profile '%s': no parent '%.60s'; known: %s", profile->name,
				parent.s, known);
		return;
	}
	profile->parent = found;
}

/* who inherits from itself, along whatever way */
static void find_cycle(regmon_profile_reader_t *reader, const xmlNode *node)
{
	regmon_profile_t *profile = node->_private;
	int own = (int)(profile - reader->profiles->profiles);

	if(!regmon_profile_inherits(reader->profiles, profile->parent, own))
		return;
	regmon_reader_complain(reader, node,
			"profile '%s' inherits from itself%s%s", profile->name,
			profile->parent == own ? "" : " by way of ",
			profile->parent == own
					? ""
					: reader->profiles->profiles[profile->parent].name);
}

static void start_profile(
		regmon_profile_reader_t *reader, const xmlNode *node)
{
	const regmon_profile_t *profile = node->_private;

	reader->profile = (int)(profile - reader->profiles->profiles);
	memset(reader->set_at, 0, sizeof(reader->set_at));
	memset(reader->threshold_at, 0, sizeof(reader->threshold_at));
}

typedef void (*pass_f)(regmon_profile_reader_t *reader, const xmlNode *node);

static void pass_own_rules(
		regmon_profile_reader_t *reader, const xmlNode *node)
{
	start_profile(reader, node);
	regmon_reader_own_rules(reader, node);
}

static void pass_elements(
		regmon_profile_reader_t *reader, const xmlNode *node)
{
	start_profile(reader, node);
	regmon_reader_elements(reader, node);
}

static void read_profiles(regmon_profile_reader_t *reader, xmlNode *root)
{
	static const pass_f passes[] = {
			read_parent, find_cycle, pass_own_rules, pass_elements};
	const xmlNode *node;
	unsigned i;

	if(root->ns != NULL) {
		regmon_reader_complain(reader, root,
				"<%.60s> is in a namespace; write it without xmlns", root->name);
		return;
	}
	if(!regmon_reader_is(root, "profiles")) {
		regmon_reader_complain(reader, root,
				"the outermost element is <%.60s>, expected <profiles>",
				root->name);
		return;
	}
	regmon_reader_know_attributes(reader, root, "");
	node = regmon_reader_element(reader, root->children);
	if(node == NULL)
		regmon_reader_complain(reader, root, "<profiles> holds no <profile>");
	for(; node; node = regmon_reader_element(reader, node->next)) {
		((xmlNode *)node)->_private = NULL;
		if(!regmon_reader_is(node, "profile")) {
			regmon_reader_complain(reader, node,
					"<%.60s> inside of <profiles>, expected <profile>",
					node->name);
			continue;
		}
		regmon_reader_know_attributes(reader, node, "name, parent");
		read_name(reader, (xmlNode *)node);
	}
	for(i = 0; i < REGMON_COUNT(passes); i++) {
		for(node = root->children; node; node = node->next) {
			if(node->type == XML_ELEMENT_NODE && node->_private != NULL)
				passes[i](reader, node);
		}
	}
}

/* ---- the document ---- */

typedef struct refusal
{
	bool doctype;
	long line; /* 0: nothing is wrong */
	char message[160];
} refusal_t;

/* The first error says what is wrong; those behind it follow from it. */
static void keep_first_error(void *context, regmon_xml_error_t *error)
{
	refusal_t *refusal = ((xmlParserCtxt *)context)->_private;

	if(refusal->line > 0 || error->level < XML_ERR_ERROR)
		return;
	refusal->line = error->line > 0 ? error->line : 1;
	snprintf(refusal->message, sizeof(refusal->message), "%s",
			error->message ? error->message : "unknown");
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

static void complain_of_xml(
		regmon_profile_reader_t *reader, const refusal_t *refusal)
{
	if(refusal->doctype)
		complain_of_line(reader, refusal->line,
				"a DOCTYPE is not allowed (it could declare entities)");
	else
		complain_of_line(reader, refusal->line ? refusal->line : 1,
				"no well-formed XML: %s", refusal->message);
}

static void read_document(
		regmon_profile_reader_t *reader, const char *bytes, size_t length)
{
	refusal_t refusal = {false, 0, ""};
	xmlParserCtxt *parser = xmlNewParserCtxt();
	xmlDoc *document;

	if(parser == NULL) {
		complain_of_line(reader, 1, "no memory to read it");
		return;
	}
	parser->_private = &refusal;
	parser->sax->internalSubset = refuse_doctype;
	parser->sax->serror = keep_first_error;
	/* Not XML_PARSE_NOERROR: libxml2 2.15 then takes the errors from the handler, too (compat.h). */
	document = xmlCtxtReadMemory(parser, bytes, (int)length, NULL, NULL,
			XML_PARSE_NONET | XML_PARSE_BIG_LINES);
	if(document == NULL || refusal.line > 0 || !parser->wellFormed
			|| xmlDocGetRootElement(document) == NULL)
		complain_of_xml(reader, &refusal);
	else
		read_profiles(reader, xmlDocGetRootElement(document));
	xmlFreeDoc(document);
	xmlFreeParserCtxt(parser);
}

bool regmon_profiles_read(regmon_profiles_t *profiles, const char *bytes,
		size_t length, const char *file, regmon_complaint_t *ret_complaint)
{
	regmon_profile_reader_t reader = {.profiles = profiles,
			.file = file,
			.complaint = ret_complaint};

	ret_complaint->text[0] = '\0';
	ret_complaint->more = 0;
	if(length == 0)
		complain_of_line(&reader, 1, "the file is empty");
	else if(length > REGMON_PROFILE_FILE_MOST)
		complain_of_line(&reader, 1, "the file has %zu bytes, at most %d are read",
				length, REGMON_PROFILE_FILE_MOST);
	else
		read_document(&reader, bytes, length);
	return reader.wrong == 0;
}
