-- SPDX-License-Identifier: GPL-2.0-or-later
-- What ims_icscf reads at its start: one S-CSCF.
CREATE TABLE version (id INTEGER PRIMARY KEY, table_name TEXT, table_version INTEGER);
INSERT INTO version (table_name, table_version) VALUES ('nds_trusted_domains', 1), ('s_cscf', 1), ('s_cscf_capabilities', 1);
CREATE TABLE nds_trusted_domains (id INTEGER PRIMARY KEY, trusted_domain TEXT NOT NULL);
CREATE TABLE s_cscf (id INTEGER PRIMARY KEY, name TEXT, s_cscf_uri TEXT);
CREATE TABLE s_cscf_capabilities (id INTEGER PRIMARY KEY, id_s_cscf INTEGER, capability INTEGER);
INSERT INTO nds_trusted_domains (trusted_domain) VALUES ('@DOMAIN@');
INSERT INTO s_cscf (id, name, s_cscf_uri) VALUES (1, 'the only one', 'sip:@SCSCF@:5060');
INSERT INTO s_cscf_capabilities (id_s_cscf, capability) VALUES (1, 0), (1, 1);
