/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An entry of the timeline in words, for timeline and ladder alike. */
#ifndef REGMON_SHOW_ENTRY_WORDS_H
#define REGMON_SHOW_ENTRY_WORDS_H

#include "registration/registration.h"

/* "phone -> here", "here -> core", ...; "here" for what is no message */
const char *regmon_entry_direction(const regmon_entry_t *entry);
/* It tells of the binding, not of a message: event and seconds stand in place of code and CSeq. */
bool regmon_entry_is_of_binding(const regmon_entry_t *entry);
/* of such a one: "deactivated", "stored", ... */
const char *regmon_entry_event(const regmon_entry_t *entry);
/* "REGISTER", "401 Unauthorized", "REGISTER again (3x)", "binding ran out" */
void regmon_entry_what(const regmon_entry_t *entry, char *buffer, int size);

/* What is remarkable about it: words of the marks that it has, index by index from 0; NULL behind the last one. A mark that
 * it has not gives "". */
const char *regmon_entry_mark(const regmon_entry_t *entry, unsigned index);

#endif
