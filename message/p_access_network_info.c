/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads P-Access-Network-Info: access types and classes, their parameters, the cell identity of each family. */
#include "message/p_access_network_info.h"

#include "message/parameter.h"

/* cell parameters as a set */
#define CELL(id) (1u << REGMON_CELL_##id)
#define CELLS_3GPP_UTRAN (CELL(UTRAN_CELL_ID_3GPP) | CELL(UTRAN_SAI_3GPP))

typedef struct access_type
{
	str name;
	regmon_access_t access;
	bool is_class;
	unsigned cells; /* cell parameters that go with it */
} access_type_t;

#define TYPE(name, access, cells)                                   \
	{                                                               \
		STR_STATIC_INIT(name), REGMON_ACCESS_##access, false, cells \
	}
#define CLASS(name, access, cells)                                 \
	{                                                              \
		STR_STATIC_INIT(name), REGMON_ACCESS_##access, true, cells \
	}

/* RFC 7315 5.4 and TS 24.229 7.2A.4; what today's phones send comes first */
static const access_type_t access_types[] = {
		TYPE("3GPP-E-UTRAN-FDD", E_UTRAN, CELL(UTRAN_CELL_ID_3GPP)),
		TYPE("3GPP-NR-FDD", NR, CELL(UTRAN_CELL_ID_3GPP)),
		TYPE("3GPP-NR-TDD", NR, CELL(UTRAN_CELL_ID_3GPP)),
		TYPE("3GPP-E-UTRAN-TDD", E_UTRAN, CELL(UTRAN_CELL_ID_3GPP)),
		TYPE("IEEE-802.11", WLAN, CELL(I_WLAN_NODE_ID)),
		TYPE("3GPP-UTRAN-FDD", UTRAN, CELLS_3GPP_UTRAN),
		TYPE("3GPP-UTRAN-TDD", UTRAN, CELLS_3GPP_UTRAN),
		TYPE("3GPP-GERAN", GERAN, CELL(CGI_3GPP)),
		TYPE("3GPP-NR-U-FDD", NR, CELL(UTRAN_CELL_ID_3GPP)),
		TYPE("3GPP-NR-U-TDD", NR, CELL(UTRAN_CELL_ID_3GPP)),
		TYPE("3GPP-E-UTRAN-ProSe-UNR", E_UTRAN, CELL(UTRAN_CELL_ID_3GPP)),
		CLASS("3GPP-NR", NR, CELL(UTRAN_CELL_ID_3GPP)),
		CLASS("3GPP-NR-U", NR, CELL(UTRAN_CELL_ID_3GPP)),
		CLASS("3GPP-E-UTRAN", E_UTRAN, CELL(UTRAN_CELL_ID_3GPP)),
		CLASS("3GPP-UTRAN", UTRAN, CELLS_3GPP_UTRAN),
		CLASS("3GPP-HSPA", UTRAN, CELLS_3GPP_UTRAN),
		CLASS("3GPP-WLAN", WLAN, CELL(I_WLAN_NODE_ID)),
		CLASS("WLAN-no-PS", WLAN, CELL(I_WLAN_NODE_ID)),
		CLASS("3GPP-GAN", OTHER, CELL(CGI_3GPP) | CELL(I_WLAN_NODE_ID)),
		CLASS("untrusted-non-3GPP-VIRTUAL-EPC", OTHER,
				CELL(I_WLAN_NODE_ID) | CELL(UTRAN_CELL_ID_3GPP)),
		CLASS("VIRTUAL-no-PS", OTHER, 0),
		CLASS("3GPP2", OTHER, CELL(CI_3GPP2) | CELL(CI_3GPP2_FEMTO)),
		TYPE("3GPP2-1X", 3GPP2_1X, CELL(CI_3GPP2)),
		TYPE("3GPP2-1X-Femto", 3GPP2_1X, CELL(CI_3GPP2_FEMTO)),
		TYPE("3GPP2-1X-HRPD", 3GPP2_HRPD, CELL(CI_3GPP2)),
		TYPE("3GPP2-UMB", OTHER, CELL(CI_3GPP2)),
		TYPE("IEEE-802.11a", WLAN, CELL(I_WLAN_NODE_ID)),
		TYPE("IEEE-802.11b", WLAN, CELL(I_WLAN_NODE_ID)),
		TYPE("IEEE-802.11g", WLAN, CELL(I_WLAN_NODE_ID)),
		TYPE("IEEE-802.11n", WLAN, CELL(I_WLAN_NODE_ID)),
		TYPE("IEEE-802.11ac", WLAN, CELL(I_WLAN_NODE_ID)),
		TYPE("IEEE-802.3", FIXED, CELL(ETH_LOCATION)),
		TYPE("IEEE-802.3a", FIXED, CELL(ETH_LOCATION)),
		TYPE("IEEE-802.3ab", FIXED, CELL(ETH_LOCATION)),
		TYPE("IEEE-802.3ae", FIXED, CELL(ETH_LOCATION)),
		TYPE("IEEE-802.3ah", FIXED, CELL(ETH_LOCATION)),
		TYPE("IEEE-802.3ak", FIXED, CELL(ETH_LOCATION)),
		TYPE("IEEE-802.3an", FIXED, CELL(ETH_LOCATION)),
		TYPE("IEEE-802.3aq", FIXED, CELL(ETH_LOCATION)),
		TYPE("IEEE-802.3e", FIXED, CELL(ETH_LOCATION)),
		TYPE("IEEE-802.3i", FIXED, CELL(ETH_LOCATION)),
		TYPE("IEEE-802.3j", FIXED, CELL(ETH_LOCATION)),
		TYPE("IEEE-802.3u", FIXED, CELL(ETH_LOCATION)),
		TYPE("IEEE-802.3y", FIXED, CELL(ETH_LOCATION)),
		TYPE("IEEE-802.3z", FIXED, CELL(ETH_LOCATION)),
		TYPE("ADSL", FIXED, CELL(DSL_LOCATION)),
		TYPE("ADSL2", FIXED, CELL(DSL_LOCATION)),
		TYPE("ADSL2+", FIXED, CELL(DSL_LOCATION)),
		TYPE("RADSL", FIXED, CELL(DSL_LOCATION)),
		TYPE("SDSL", FIXED, CELL(DSL_LOCATION)),
		TYPE("HDSL", FIXED, CELL(DSL_LOCATION)),
		TYPE("HDSL2", FIXED, CELL(DSL_LOCATION)),
		TYPE("G.SHDSL", FIXED, CELL(DSL_LOCATION)),
		TYPE("VDSL", FIXED, CELL(DSL_LOCATION)),
		TYPE("IDSL", FIXED, CELL(DSL_LOCATION)),
		TYPE("xDSL", FIXED, CELL(DSL_LOCATION)),
		TYPE("DOCSIS", FIXED, 0),
		TYPE("GSTN", FIXED, CELL(GSTN_LOCATION)),
		TYPE("GPON", FIXED, CELL(FIBER_LOCATION)),
		TYPE("XGPON1", FIXED, CELL(FIBER_LOCATION)),
		TYPE("DVB-RCS2", FIXED, CELL(DVB_RCS2_NODE_ID)),
};
#define ACCESS_TYPES_N (sizeof(access_types) / sizeof(access_types[0]))
_Static_assert(ACCESS_TYPES_N < 256, "type_number has a byte");

static const struct
{
	str name;
	regmon_cell_parameter_t parameter;
} cell_parameters[] = {
		{STR_STATIC_INIT("utran-cell-id-3gpp"), REGMON_CELL_UTRAN_CELL_ID_3GPP},
		{STR_STATIC_INIT("i-wlan-node-id"), REGMON_CELL_I_WLAN_NODE_ID},
		{STR_STATIC_INIT("cgi-3gpp"), REGMON_CELL_CGI_3GPP},
		{STR_STATIC_INIT("utran-sai-3gpp"), REGMON_CELL_UTRAN_SAI_3GPP},
		{STR_STATIC_INIT("ci-3gpp2"), REGMON_CELL_CI_3GPP2},
		{STR_STATIC_INIT("ci-3gpp2-femto"), REGMON_CELL_CI_3GPP2_FEMTO},
		{STR_STATIC_INIT("dsl-location"), REGMON_CELL_DSL_LOCATION},
		{STR_STATIC_INIT("eth-location"), REGMON_CELL_ETH_LOCATION},
		{STR_STATIC_INIT("fiber-location"), REGMON_CELL_FIBER_LOCATION},
		{STR_STATIC_INIT("gstn-location"), REGMON_CELL_GSTN_LOCATION},
		{STR_STATIC_INIT("dvb-rcs2-node-id"), REGMON_CELL_DVB_RCS2_NODE_ID},
};
#define CELL_PARAMETERS_N (sizeof(cell_parameters) / sizeof(cell_parameters[0]))

/* Where a cell identity is cut, by the length that is left behind MCC and two digits of MNC. A third digit of MNC
 * makes it one longer. */
typedef struct cell_form
{
	regmon_access_t
			access; /* REGMON_ACCESS_OTHER: what an unknown type falls back to */
	regmon_cell_parameter_t parameter;
	uint8_t tac, cell, nid; /* digits */
} cell_form_t;

static const cell_form_t cell_forms[] = {
		{REGMON_ACCESS_E_UTRAN, REGMON_CELL_UTRAN_CELL_ID_3GPP, 4, 7, 0},
		{REGMON_ACCESS_NR, REGMON_CELL_UTRAN_CELL_ID_3GPP, 6, 9, 0},
		{REGMON_ACCESS_NR, REGMON_CELL_UTRAN_CELL_ID_3GPP, 6, 9, 11},
		{REGMON_ACCESS_UTRAN, REGMON_CELL_UTRAN_CELL_ID_3GPP, 4, 7, 0},
		{REGMON_ACCESS_UTRAN, REGMON_CELL_UTRAN_SAI_3GPP, 4, 4, 0},
		{REGMON_ACCESS_GERAN, REGMON_CELL_CGI_3GPP, 4, 4, 0},
};
#define CELL_FORMS_N (sizeof(cell_forms) / sizeof(cell_forms[0]))

static const char *const access_names[REGMON_ACCESS_KINDS_N] = {
		[REGMON_ACCESS_NONE] = "none",
		[REGMON_ACCESS_GERAN] = "GERAN",
		[REGMON_ACCESS_UTRAN] = "UTRAN",
		[REGMON_ACCESS_E_UTRAN] = "E-UTRAN",
		[REGMON_ACCESS_NR] = "NR",
		[REGMON_ACCESS_WLAN] = "WLAN",
		[REGMON_ACCESS_3GPP2_1X] = "3GPP2-1X",
		[REGMON_ACCESS_3GPP2_HRPD] = "3GPP2-HRPD",
		[REGMON_ACCESS_FIXED] = "fixed",
		[REGMON_ACCESS_OTHER] = "other",
};

const char *regmon_access_name(regmon_access_t access)
{
	return (unsigned)access < REGMON_ACCESS_KINDS_N ? access_names[access]
													: "other";
}

str regmon_access_type(unsigned number)
{
	return number > 0 && number <= ACCESS_TYPES_N
				   ? access_types[number - 1].name
				   : (str){NULL, 0};
}

static const access_type_t *find_type(str name)
{
	unsigned i;

	for(i = 0; i < ACCESS_TYPES_N; i++) {
		if(access_types[i].name.len == name.len
				&& regmon_same_nocase(name.s, access_types[i].name.s, name.len))
			return &access_types[i];
	}
	return NULL;
}

static regmon_cell_parameter_t find_cell_parameter(str name)
{
	unsigned i;

	for(i = 0; i < CELL_PARAMETERS_N; i++) {
		if(cell_parameters[i].name.len == name.len
				&& regmon_same_nocase(
						name.s, cell_parameters[i].name.s, name.len))
			return cell_parameters[i].parameter;
	}
	return REGMON_CELL_NONE;
}

static void mark_broken(regmon_access_value_t *value, str part)
{
	if(!value->broken)
		value->broken_part = part;
	value->broken = true;
}

/* ---- parameters ---- */

/* gen-value of RFC 3261 25.1: token, host or quoted string; of a host only the IPv6 reference is no token */
static bool is_gen_value(str text)
{
	int i;

	if(text.len >= 2 && text.s[0] == '"')
		return true;
	if(text.len <= 2 || text.s[0] != '[' || text.s[text.len - 1] != ']')
		return regmon_text_is_token(text);
	for(i = 1; i < text.len - 1; i++) {
		if(!regmon_is_hex(text.s[i]) && text.s[i] != ':' && text.s[i] != '.')
			return false;
	}
	return true;
}

/* besides dvb-rcs2-node-id the only one that the grammar gives as quoted string only */
static bool is_time_zone(str name)
{
	return name.len == 15 && REGMON_NAME_IS(name, "local-time-zone");
}

/* What phones send today is found at once; of the others the name is looked up when it is known where it ends. */
REGMON_INLINE int find_name(
		const regmon_scan_t *scan, bool exact, int *ret_length)
{
	*ret_length = 0;
	if(exact) {
		REGMON_NAME_GIVES("utran-cell-id-3gpp", REGMON_CELL_UTRAN_CELL_ID_3GPP);
		REGMON_NAME_GIVES("i-wlan-node-id", REGMON_CELL_I_WLAN_NODE_ID);
	}
	return REGMON_CELL_NONE;
}
REGMON_THOROUGH(read_thoroughly, find_name, ';', ',')

static void take_parameter(
		const regmon_parameter_t *parameter, regmon_access_value_t *value)
{
	str name = parameter->name, text = parameter->value;
	str whole = {name.s, name.len};
	regmon_cell_parameter_t cell = parameter->id;
	bool quoted;

	if(text.s)
		whole.len = text.s + text.len - name.s;
	if(name.len == 16 && REGMON_NAME_IS(name, "network-provided")) {
		value->network_provided = true;
		if(text.s)
			mark_broken(value, whole);
		return;
	}
	if(cell == REGMON_CELL_NONE)
		cell = find_cell_parameter(name);
	if(cell != REGMON_CELL_NONE) {
		quoted = text.len >= 2 && text.s[0] == '"';
		if(value->cell_parameter == REGMON_CELL_NONE) {
			value->cell_parameter = cell;
			value->cell_parameter_name = name;
			value->cell_text = quoted ? (str){text.s + 1, text.len - 2} : text;
			value->cell_quoted = quoted;
		} else if(!text.s || !is_gen_value(text)) {
			/* the first one is judged with its digits, at the end */
			mark_broken(value, whole);
		}
		if(!quoted && cell == REGMON_CELL_DVB_RCS2_NODE_ID)
			mark_broken(value, whole);
		return;
	}
	if(!regmon_text_is_token(name)) {
		mark_broken(value, whole);
		return;
	}
	/* an extension may come without value (RFC 7913: generic-param), with '=' something has to follow */
	if(text.s && !is_gen_value(text))
		mark_broken(value, whole);
	else if(is_time_zone(name) && (!text.s || text.s[0] != '"'))
		mark_broken(value, whole);
}

/* ---- cell identity ---- */

static bool cut_cell(const cell_form_t *form, regmon_access_value_t *value)
{
	int rest = form->tac + form->cell + form->nid;
	int plmn = value->cell_text.len - rest;
	const str *text = &value->cell_text;

	if(plmn != 5 && plmn != 6)
		return false;
	if(!regmon_text_all_digits((str){text->s, plmn}))
		return false;
	value->plmn = (str){text->s, plmn};
	value->tac = (str){text->s + plmn, form->tac};
	value->cell = (str){text->s + plmn + form->tac, form->cell};
	if(form->nid)
		value->nid = (str){text->s + plmn + form->tac + form->cell, form->nid};
	return true;
}

static bool cut_by_form(regmon_access_value_t *value, bool any_access)
{
	unsigned i;

	for(i = 0; i < CELL_FORMS_N; i++) {
		if(cell_forms[i].parameter == value->cell_parameter
				&& (any_access || cell_forms[i].access == value->access)
				&& cut_cell(&cell_forms[i], value))
			return true;
	}
	return false;
}

/* cdma2000: hex of known length (TS 24.229 7.2A.4.3); the sector or base is the cell */
static bool cut_3gpp2(regmon_access_value_t *value)
{
	int n = value->cell_text.len;

	if(value->access == REGMON_ACCESS_3GPP2_1X ? n != 14 : n != 34 && n != 40)
		return false;
	value->cell = value->cell_text;
	return true;
}

static bool cut_identity(
		regmon_access_value_t *value, const access_type_t *type)
{
	bool hex = regmon_text_all_hex(value->cell_text);

	switch(value->cell_parameter) {
		case REGMON_CELL_CGI_3GPP:
		case REGMON_CELL_UTRAN_CELL_ID_3GPP:
		case REGMON_CELL_UTRAN_SAI_3GPP:
			return hex
				   && cut_by_form(
						   value, !type || type->access == REGMON_ACCESS_OTHER);
		case REGMON_CELL_I_WLAN_NODE_ID:
			if(!hex || value->cell_text.len != 12)
				return false;
			value->cell = value->cell_text;
			return true;
		case REGMON_CELL_CI_3GPP2:
			if(type && type->access != REGMON_ACCESS_OTHER)
				return hex && cut_3gpp2(value);
			return hex;
		case REGMON_CELL_CI_3GPP2_FEMTO:
			return hex;
		default:
			/* lines and fibres have names of the operator's own */
			return value->cell_text.len > 0;
	}
}

static void judge_cell(regmon_access_value_t *value, const access_type_t *type)
{
	/* hex digits are a token: nothing more to look at in the usual case */
	bool fits = cut_identity(value, type);

	if(!value->cell_text.s || value->cell_text.len == 0
			|| (!value->cell_quoted && !value->cell.len
					&& !regmon_text_is_token(value->cell_text)))
		mark_broken(value,
				(str){value->cell_parameter_name.s,
						value->cell_text.s
								? value->cell_text.s + value->cell_text.len
										  - value->cell_parameter_name.s
								: value->cell_parameter_name.len});
	if(!type) {
		/* an open list: what nobody knows cannot be the wrong one */
		value->fits = true;
		return;
	}
	value->fits = fits && ((type->cells >> value->cell_parameter) & 1);
	if(!value->fits)
		value->plmn.len = value->tac.len = value->cell.len = value->nid.len = 0;
}

/* ---- values ---- */

static char read_type(
		regmon_scan_t *scan, regmon_access_value_t *value, bool *open)
{
	const char *from = scan->at, *stop;
	str text;
	char ended;

	stop = regmon_scan_seek(scan, from, ';', ',', '=');
	if(stop > from && stop < scan->end && *stop == ';'
			&& (unsigned char)*from > ' ' && (unsigned char)stop[-1] > ' ') {
		value->type = (str){(char *)from, stop - from};
		scan->at = stop + 1;
		return *stop;
	}
	ended = regmon_scan_parameter(scan, 0, ';', ',', &value->type, &text, open);
	if(text.s)
		mark_broken(value, value->type);
	return ended;
}

static void finish_value(
		regmon_access_value_t *value, const access_type_t *type, bool open)
{
	if(open)
		mark_broken(value, value->text);
	if(value->cell_parameter != REGMON_CELL_NONE)
		judge_cell(value, type);
	else
		value->fits = true; /* nothing there that could be wrong */
}

static char read_value(regmon_scan_t *scan, regmon_access_value_t *value)
{
	const char *from = scan->at, *part;
	regmon_parameter_t parameter;
	const access_type_t *type;
	bool open = false;
	char ended;

	regmon_clear(value, sizeof(*value));
	ended = read_type(scan, value, &open);
	type = find_type(value->type);
	value->known = type != NULL;
	value->is_class = type && type->is_class;
	if(type && memcmp(value->type.s, type->name.s, type->name.len) == 0)
		value->type_number = (uint8_t)(type - access_types + 1);
	value->access = type ? type->access : REGMON_ACCESS_OTHER;
	if(!type && !regmon_text_is_token(value->type))
		mark_broken(value, value->type);
	while(ended == ';') {
		part = scan->at;
		ended = regmon_scan_next(
				scan, find_name, read_thoroughly, ';', ',', &parameter, &open);
		if(open)
			mark_broken(value,
					regmon_scan_slice(part, ended ? scan->at - 1 : scan->end));
		take_parameter(&parameter, value);
	}
	value->text = regmon_scan_slice(from, ended ? scan->at - 1 : scan->end);
	finish_value(value, type, open);
	return ended;
}

void regmon_access_read_within(
		str value, const char *text_end, regmon_access_list_t *list)
{
	regmon_access_value_t beyond, *access;
	regmon_scan_t scan;
	char ended;

	if(value.len <= 0)
		return;
	regmon_scan_start(&scan, value, text_end);
	do {
		access = list->kept < REGMON_MAX_ACCESS ? &list->list[list->kept]
												: &beyond;
		ended = read_value(&scan, access);
		/* "a,,b": nothing between the commas is no value */
		if(access->text.len == 0)
			continue;
		list->n++;
		if(access != &beyond)
			list->kept++;
	} while(ended);
}

const regmon_access_value_t *regmon_access_best(
		const regmon_access_list_t *list)
{
	int i;

	for(i = 0; i < list->kept; i++) {
		if(list->list[i].network_provided)
			return &list->list[i];
	}
	return list->kept > 0 ? &list->list[0] : NULL;
}
