/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a reg-event document: bytes in, a struct of fixed size or one complaint out. */
#include "message/reginfo.h"

#include <libxml/tree.h>

#define NAMESPACE "urn:ietf:params:xml:ns:reginfo"
#define NAMESPACE_GRUU "urn:ietf:params:xml:ns:gruuinfo"
#define NAMESPACE_WILDCARD "urn:3gpp:ns:extRegExp:1.0"
#define NAMESPACE_POLICY "urn:3gpp:ns:extRegInfo:1.0"

/* libxml2 compares each attribute of an element with all others of it, and a tree takes many times the bytes of its
 * text: what is far beyond any use is not given to it. */
#define MOST_TAGS 8192
#define MOST_ATTRIBUTES 64

#define LARGEST_VERSION UINT32_MAX

#define NAME_OF(id, name, meaning) name,
#define MEANING_OF(id, name, meaning) meaning,
static const char *const event_names[] = {REGMON_REGINFO_EVENTS(NAME_OF)};
static const char *const event_meanings[] = {REGMON_REGINFO_EVENTS(MEANING_OF)};
static const char *const state_names[] = {"init", "active", "terminated"};

const char *regmon_reginfo_event_name(unsigned event)
{
	return event < REGMON_REGINFO_EVENTS_N ? event_names[event] : "?";
}

const char *regmon_reginfo_event_meaning(unsigned event)
{
	return event < REGMON_REGINFO_EVENTS_N ? event_meanings[event] : "?";
}

typedef struct reader
{
	regmon_xml_t xml;
	regmon_reginfo_t *reginfo;
} reader_t;

static long line_of(const xmlNode *node)
{
	return xmlGetLineNo(node);
}

static bool is_named(
		const xmlNode *node, const char *namespace, const char *name)
{
	return node->type == XML_ELEMENT_NODE && node->ns != NULL
		   && node->ns->href != NULL /* xmlns="" */
		   && strcmp((const char *)node->ns->href, namespace) == 0
		   && (name == NULL || strcmp((const char *)node->name, name) == 0);
}

/* ---- texts ---- */

/* All text below, comments apart, copied behind what is kept already. Texts of a document are never longer than the
 * document. */
static str keep(reader_t *reader, const xmlNode *child)
{
	regmon_reginfo_t *reginfo = reader->reginfo;
	char *start = reginfo->text + reginfo->text_used;
	unsigned room = sizeof(reginfo->text) - reginfo->text_used, used = 0;
	size_t length;

	for(; child; child = child->next) {
		if((child->type != XML_TEXT_NODE
				   && child->type != XML_CDATA_SECTION_NODE)
				|| child->content == NULL)
			continue;
		length = strlen((const char *)child->content);
		if(length > room - used)
			length = room - used;
		memcpy(start + used, child->content, length);
		used += length;
	}
	reginfo->text_used += used;
	return regmon_text_trim((str){start, (int)used});
}

static const xmlAttr *find_attribute(const xmlNode *node, const char *name)
{
	const xmlAttr *attribute = node->properties;

	while(attribute
			&& (attribute->ns != NULL
					|| strcmp((const char *)attribute->name, name) != 0))
		attribute = attribute->next;
	return attribute;
}

/* empty: absent or nothing in it */
static str attribute_of(reader_t *reader, const xmlNode *node, const char *name)
{
	const xmlAttr *attribute = find_attribute(node, name);

	return attribute ? keep(reader, attribute->children) : (str){NULL, 0};
}

static str needed_attribute(
		reader_t *reader, const xmlNode *node, const char *name)
{
	str value = attribute_of(reader, node, name);

	if(value.len == 0)
		regmon_xml_complain(&reader->xml, line_of(node),
				"<%s> needs the attribute '%s'%s", node->name, name,
				value.s ? ", which is empty" : "");
	return value;
}

static int64_t number_of(
		reader_t *reader, const xmlNode *node, const char *name, bool needed)
{
	str value = needed ? needed_attribute(reader, node, name)
					   : attribute_of(reader, node, name);
	int64_t number;

	if(value.len == 0)
		return REGMON_NUMBER_ABSENT;
	number = regmon_text_number(value);
	if(number < 0 || number > LARGEST_VERSION) {
		regmon_xml_complain(&reader->xml, line_of(node),
				"<%s %s=\"%.*s\">: expected a number from 0 to %u", node->name,
				name, value.len > 40 ? 40 : value.len, value.s, UINT32_MAX);
		return REGMON_NUMBER_ABSENT;
	}
	return number;
}

/* index into words; -1: complained */
static int word_of(reader_t *reader, const xmlNode *node, const char *name,
		const char *const *words, unsigned first, unsigned n)
{
	str value = needed_attribute(reader, node, name);
	char allowed[160] = "";
	unsigned i;
	size_t used = 0;

	if(value.len == 0)
		return -1;
	for(i = first; i < n; i++) {
		size_t length = strlen(words[i]);

		if(regmon_text_is(value, (str){(char *)words[i], (int)length}))
			return (int)i;
		if(used + length + 3 < sizeof(allowed)) {
			if(used > 0) {
				memcpy(allowed + used, ", ", 2);
				used += 2;
			}
			memcpy(allowed + used, words[i], length + 1);
			used += length;
		}
	}
	regmon_xml_complain(&reader->xml, line_of(node),
			"<%s %s=\"%.*s\">: expected one of %s", node->name, name,
			value.len > 40 ? 40 : value.len, value.s, allowed);
	return -1;
}

str regmon_reginfo_urn(str instance)
{
	if(instance.len >= 2 && instance.s[0] == '"'
			&& instance.s[instance.len - 1] == '"')
		instance = (str){instance.s + 1, instance.len - 2};
	if(instance.len >= 2 && instance.s[0] == '<'
			&& instance.s[instance.len - 1] == '>')
		instance = (str){instance.s + 1, instance.len - 2};
	return instance;
}

/* ---- contact ---- */

static void read_parameter(reader_t *reader, const xmlNode *node,
		regmon_reginfo_contact_t *contact)
{
	str name = needed_attribute(reader, node, "name");

	if(regmon_text_is_nocase(name, REGMON_TEXT("+sip.instance")))
		contact->instance = regmon_reginfo_urn(keep(reader, node->children));
	else if(regmon_text_is_nocase(name, REGMON_TEXT("reg-id")))
		contact->reg_id = keep(reader, node->children);
}

/* RFC 5628 5.2 */
static void read_gruu(reader_t *reader, const xmlNode *node,
		regmon_reginfo_contact_t *contact)
{
	if(is_named(node, NAMESPACE_GRUU, "pub-gruu")) {
		contact->pub_gruu = needed_attribute(reader, node, "uri");
	} else if(is_named(node, NAMESPACE_GRUU, "temp-gruu")) {
		contact->temp_gruu = needed_attribute(reader, node, "uri");
		contact->first_cseq = number_of(reader, node, "first-cseq", true);
	}
}

static bool ends_binding(int event)
{
	return event >= REGMON_REGINFO_EXPIRED;
}

static void read_contact(reader_t *reader, const xmlNode *node,
		regmon_reginfo_contact_t *contact)
{
	const xmlNode *child;
	int state = word_of(reader, node, "state", state_names,
			REGMON_REGINFO_ACTIVE, REGMON_REGINFO_STATES_N);
	int event = word_of(reader, node, "event", event_names,
			REGMON_REGINFO_REGISTERED, REGMON_REGINFO_EVENTS_N);
	bool has_uri = false;

	*contact = (regmon_reginfo_contact_t){
			.event = event < 0 ? REGMON_REGINFO_NONE : (uint8_t)event,
			.active = state == REGMON_REGINFO_ACTIVE,
			.first_cseq = REGMON_NUMBER_ABSENT};
	contact->id = needed_attribute(reader, node, "id");
	contact->call_id = attribute_of(reader, node, "callid");
	contact->expires_s = number_of(
			reader, node, "expires", event == REGMON_REGINFO_SHORTENED);
	contact->retry_after_s = number_of(
			reader, node, "retry-after", event == REGMON_REGINFO_PROBATION);
	contact->duration_s = number_of(reader, node, "duration-registered", false);
	contact->cseq = number_of(reader, node, "cseq", false);
	if(state >= 0 && event >= 0 && ends_binding(event) == contact->active)
		regmon_xml_complain(&reader->xml, line_of(node),
				"<contact state=\"%s\" event=\"%s\">: one contradicts the "
				"other",
				state_names[state], event_names[event]);
	for(child = node->children; child; child = child->next) {
		if(is_named(child, NAMESPACE, "uri")) {
			contact->uri = keep(reader, child->children);
			has_uri = contact->uri.len > 0;
		} else if(is_named(child, NAMESPACE, "unknown-param")) {
			read_parameter(reader, child, contact);
		} else {
			read_gruu(reader, child, contact);
		}
	}
	if(!has_uri)
		regmon_xml_complain(&reader->xml, line_of(node),
				"<contact> needs an element <uri> with a URI in it");
}

/* ---- registration ---- */

/* TS 24.229 7.10.3: what the P-CSCF is to allow this phone */
static void count_policies(
		const xmlNode *node, regmon_reginfo_registration_t *registration)
{
	const xmlNode *child;

	for(child = node->children; child; child = child->next)
		if(is_named(child, NAMESPACE_POLICY, NULL)
				&& registration->policies < UINT8_MAX)
			registration->policies++;
}

static void read_registration(reader_t *reader, const xmlNode *node,
		regmon_reginfo_registration_t *registration)
{
	regmon_reginfo_t *reginfo = reader->reginfo;
	const xmlNode *child;
	int state;

	*registration = (regmon_reginfo_registration_t){
			.first_contact = (uint16_t)reginfo->contacts_n};
	registration->aor = needed_attribute(reader, node, "aor");
	registration->id = needed_attribute(reader, node, "id");
	state = word_of(reader, node, "state", state_names, REGMON_REGINFO_INIT,
			REGMON_REGINFO_STATES_N);
	registration->state = state < 0 ? REGMON_REGINFO_INIT : (uint8_t)state;
	for(child = node->children; child; child = child->next) {
		if(is_named(child, NAMESPACE_WILDCARD, "wildcardedIdentity"))
			registration->wildcard = keep(reader, child->children);
		else if(is_named(child, NAMESPACE_POLICY, "actions"))
			count_policies(child, registration);
		if(!is_named(child, NAMESPACE, "contact"))
			continue;
		if(reginfo->contacts_n == REGMON_REGINFO_CONTACTS) {
			reginfo->contacts_more++;
			if(registration->contacts_more < UINT16_MAX)
				registration->contacts_more++;
			continue;
		}
		read_contact(reader, child, &reginfo->contacts[reginfo->contacts_n++]);
		registration->contacts_n++;
	}
}

/* ---- the document ---- */

static void read_root(reader_t *reader, const xmlNode *root)
{
	static const char *const states[] = {"full", "partial"};
	regmon_reginfo_t *reginfo = reader->reginfo;
	const xmlNode *child;

	if(!is_named(root, NAMESPACE, "reginfo")) {
		regmon_xml_complain(&reader->xml, line_of(root),
				"the outermost element is <%.60s>, %s%.80s; expected <reginfo>"
				" of namespace " NAMESPACE,
				root->name, root->ns ? "namespace " : "without a namespace",
				root->ns ? (const char *)root->ns->href : "");
		return;
	}
	reginfo->version = (uint32_t)number_of(reader, root, "version", true);
	reginfo->full = word_of(reader, root, "state", states, 0, 2) == 0;
	for(child = root->children; child; child = child->next) {
		if(!is_named(child, NAMESPACE, "registration"))
			continue;
		if(reginfo->registrations_n == REGMON_REGINFO_REGISTRATIONS)
			reginfo->registrations_more++;
		else
			read_registration(reader, child,
					&reginfo->registrations[reginfo->registrations_n++]);
	}
}

/* Text of the XML declaration, "<?xml ... ?>"; empty: there is none. */
static str declaration_of(str document)
{
	int i;

	if(!regmon_text_starts_nocase(document, REGMON_TEXT("<?xml")))
		return (str){NULL, 0};
	for(i = 5; i + 1 < document.len && i < 200; i++)
		if(document.s[i] == '?' && document.s[i + 1] == '>')
			return (str){document.s, i};
	return (str){NULL, 0};
}

/* of the declaration; empty: none named */
static str encoding_of(str declaration)
{
	static const str word = {"encoding", 8};
	int i, end;

	for(i = 5; i + word.len < declaration.len; i++)
		if(memcmp(declaration.s + i, word.s, word.len) == 0)
			break;
	for(i += word.len; i < declaration.len; i++)
		if(declaration.s[i] == '"' || declaration.s[i] == '\'')
			break;
	for(end = i + 1; end < declaration.len; end++)
		if(declaration.s[end] == declaration.s[i])
			return (str){declaration.s + i + 1, end - i - 1};
	return (str){NULL, 0};
}

/* RFC 3680 5: XML 1.0 in UTF-8. Nothing else is handed to libxml2's converters. */
static bool is_utf8(reader_t *reader, str document)
{
	str encoding = encoding_of(declaration_of(document));

	if(memchr(document.s, 0, document.len)) {
		regmon_xml_complain(&reader->xml, 1,
				"it holds a zero byte: UTF-16 or no text; expected UTF-8");
		return false;
	}
	if(encoding.len == 0
			|| regmon_text_is_nocase(encoding, REGMON_TEXT("UTF-8"))
			|| regmon_text_is_nocase(encoding, REGMON_TEXT("US-ASCII")))
		return true;
	regmon_xml_complain(&reader->xml, 1, "encoding '%.*s', expected UTF-8",
			encoding.len > 40 ? 40 : encoding.len, encoding.s);
	return false;
}

static bool is_of_sane_shape(reader_t *reader, str document)
{
	unsigned tags = 0, attributes = 0;
	bool in_tag = false;
	long line = 1;
	int i;

	for(i = 0; i < document.len; i++) {
		switch(document.s[i]) {
			case '\n':
				line++;
				break;
			case '<':
				in_tag = true;
				attributes = 0;
				if(++tags <= MOST_TAGS)
					break;
				regmon_xml_complain(
						&reader->xml, line, "more than %d tags", MOST_TAGS);
				return false;
			case '>':
				in_tag = false;
				break;
			case '=':
				if(!in_tag || ++attributes <= MOST_ATTRIBUTES)
					break;
				regmon_xml_complain(&reader->xml, line,
						"more than %d attributes in one tag", MOST_ATTRIBUTES);
				return false;
		}
	}
	return true;
}

static bool is_of_sane_size(reader_t *reader, str document)
{
	if(regmon_text_empty(document))
		regmon_xml_complain(&reader->xml, 1, "it is empty");
	else if(document.len > REGMON_REGINFO_MOST)
		regmon_xml_complain(&reader->xml, 1,
				"it has %d bytes, at most %d are read", document.len,
				REGMON_REGINFO_MOST);
	return reader->xml.wrong == 0;
}

static void empty(regmon_reginfo_t *reginfo)
{
	reginfo->version = 0;
	reginfo->full = false;
	reginfo->registrations_n = reginfo->contacts_n = 0;
	reginfo->registrations_more = reginfo->contacts_more = 0;
	reginfo->text_used = 0;
}

/* the byte order mark, which says UTF-8 and hides the declaration */
static str without_mark(str document)
{
	return regmon_text_starts_nocase(document, REGMON_TEXT("\xef\xbb\xbf"))
				   ? regmon_text_from(document, 3)
				   : document;
}

bool regmon_reginfo_read(str document, regmon_reginfo_t *ret_reginfo,
		regmon_complaint_t *ret_complaint)
{
	reader_t reader = {.reginfo = ret_reginfo};
	xmlDoc *tree;

	regmon_xml_start(&reader.xml, "reginfo", ret_complaint);
	empty(ret_reginfo);
	document = without_mark(document);
	if(!is_of_sane_size(&reader, document) || !is_utf8(&reader, document)
			|| !is_of_sane_shape(&reader, document))
		return false;
	tree = regmon_xml_read(&reader.xml, document.s, (size_t)document.len);
	if(tree == NULL)
		return false;
	read_root(&reader, xmlDocGetRootElement(tree));
	xmlFreeDoc(tree);
	return reader.xml.wrong == 0;
}
