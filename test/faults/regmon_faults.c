/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A module of Kamailio for tests alone: makes things go wrong where the real world does so once in years. Its line stands
 * in front of ims_regmon's, so that it is there when that one starts.
 *
 *   regmon_faults.shm NTH TIMES MODULE FUNCTION   allocations of shared memory by that function of that module ("": any)
 *   regmon_faults.pkg NTH TIMES MODULE FUNCTION   fail, of all processes together the nth from now on and so many (0: all)
 *                                                 in a row; NTH 0: none does, they are counted
 *   regmon_faults.seen                            how many there were since, how many of them failed
 *   regmon_faults.eat LEAVE                       takes all shared memory but so many bytes; give_back gives it back
 *   regmon_faults_eat_pkg("LEAVE")                script: the same with the private memory of this process
 *   regmon_faults_give_pkg()
 *   regmon_faults_die_in("OFFSET", "SIGNAL")      script: this process sends itself that signal as soon as it comes to this
 *                                                 place in ims_regmon.so (nm tells the offset of a function)
 *
 * In the environment, from the start on:
 *   REGMON_FAULTS_SHM, REGMON_FAULTS_PKG="NTH TIMES MODULE FUNCTION"   as above ("*": any)
 *   REGMON_FAULTS_PKG=system               private memory is malloc()'s, so that valgrind sees its bounds
 *   REGMON_FAULTS_DIE_IN="OFFSET SIGNAL"   whichever process comes there first dies */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "core/dprint.h"
#include "core/mem/mem.h"
#include "core/mem/shm_mem.h"
#include "core/mod_fix.h"
#include "core/rpc.h"
#include "core/sr_module.h"

#include <link.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#ifndef DBG_SR_MEMORY
#error "built without MEMDBG: nobody knows who allocates"
#endif

MODULE_VERSION

#define NAME_LENGTH 64

/* which allocations fail; shared by all processes */
typedef struct order
{
	char module[NAME_LENGTH], function[NAME_LENGTH]; /* "": any */
	unsigned nth, times; /* nth 0: none; times 0: all from the nth on */
	unsigned seen, failed;
} order_t;

typedef struct block
{
	struct block *next;
} block_t;

static struct
{
	order_t shm, pkg;
	block_t *eaten;
} *shared;

/* ---- allocations that fail ---- */

static sr_shm_api_t shm;
static sr_pkg_api_t pkg;

static int is_meant(
		const order_t *order, const char *module, const char *function)
{
	return (!*order->module || strcmp(order->module, module) == 0)
		   && (!*order->function || strcmp(order->function, function) == 0);
}

static int fails(order_t *order, const char *module, const char *function)
{
	unsigned seen;

	if(!is_meant(order, module, function))
		return 0;
	seen = __atomic_add_fetch(&order->seen, 1, __ATOMIC_SEQ_CST);
	if(order->nth == 0 || seen < order->nth
			|| (order->times && seen >= order->nth + order->times))
		return 0;
	__atomic_add_fetch(&order->failed, 1, __ATOMIC_SEQ_CST);
	return 1;
}

#define WHERE                                                     \
	const char *file, const char *function, unsigned int line, \
			const char *module
#define THERE file, function, line, module

#define FAILING(pool, name)                                       \
	static void *pool##_##name(void *block, size_t size, WHERE)   \
	{                                                             \
		return fails(&shared->pool, module, function)             \
					   ? NULL                                     \
					   : pool.name(block, size, THERE);           \
	}
FAILING(shm, xmalloc)
FAILING(shm, xmallocxz)
FAILING(pkg, xmalloc)
FAILING(pkg, xmallocxz)

static void *pkg_xrealloc(void *block, void *old, size_t size, WHERE)
{
	return fails(&shared->pkg, module, function)
				   ? NULL
				   : pkg.xrealloc(block, old, size, THERE);
}

static void read_order(order_t *order, const char *text)
{
	char module[NAME_LENGTH] = "*", function[NAME_LENGTH] = "*";

	if(text == NULL
			|| sscanf(text, "%u %u %63s %63s", &order->nth, &order->times,
					   module, function)
					   < 1)
		return;
	strcpy(order->module, *module == '*' ? "" : module);
	strcpy(order->function, *function == '*' ? "" : function);
}

/* ---- private memory by malloc() ---- */

static int is_of_pool(const void *memory)
{
	return (const char *)memory >= pkg.mem_pool
		   && (const char *)memory < pkg.mem_pool + pkg_mem_size;
}

static void *system_malloc(void *block, size_t size, WHERE)
{
	return malloc(size);
}

static void *system_mallocxz(void *block, size_t size, WHERE)
{
	return calloc(1, size);
}

static void *system_realloc(void *block, void *old, size_t size, WHERE)
{
	return is_of_pool(old) ? pkg.xrealloc(block, old, size, THERE)
						   : realloc(old, size);
}

static void system_free(void *block, void *memory, WHERE)
{
	if(is_of_pool(memory))
		pkg.xfree(block, memory, THERE);
	else
		free(memory);
}

static void use_system_memory(void)
{
	_pkg_root.xmalloc = system_malloc;
	_pkg_root.xmallocxz = system_mallocxz;
	_pkg_root.xrealloc = system_realloc;
	_pkg_root.xfree = system_free;
}

static void use_failing_memory(void)
{
	_pkg_root.xmalloc = pkg_xmalloc;
	_pkg_root.xmallocxz = pkg_xmallocxz;
	_pkg_root.xrealloc = pkg_xrealloc;
}

/* ---- memory that somebody else has ---- */

/* The pool's own functions: what is eaten is in no count. */
static void eat_shm(size_t leave)
{
	size_t size = 1 << 20;
	block_t *block;

	while(size >= sizeof(block_t)) {
		block = shm_available() > leave + size
						? shm.xmalloc(_shm_root.mem_block, size, __FILE__,
								  __func__, __LINE__, "regmon_faults")
						: NULL;
		if(block == NULL) {
			size /= 2;
			continue;
		}
		block->next = shared->eaten;
		shared->eaten = block;
	}
}

static void give_shm_back(void)
{
	block_t *block;

	while((block = shared->eaten) != NULL) {
		shared->eaten = block->next;
		shm_free(block);
	}
}

static block_t *eaten_pkg;

static int eat_pkg(struct sip_msg *msg, char *text, char *unused)
{
	size_t size = 1 << 16, leave;
	block_t *block;
	str word;

	if(get_str_fparam(&word, msg, (fparam_t *)text) < 0)
		return -1;
	leave = strtoul(word.s, NULL, 10);
	while(size >= sizeof(block_t)) {
		block = pkg_available() > leave + size
						? pkg.xmalloc(_pkg_root.mem_block, size, __FILE__,
								  __func__, __LINE__, "regmon_faults")
						: NULL;
		if(block == NULL) {
			size /= 2;
			continue;
		}
		block->next = eaten_pkg;
		eaten_pkg = block;
	}
	return 1;
}

static int give_pkg(struct sip_msg *msg, char *unused1, char *unused2)
{
	block_t *block;

	while((block = eaten_pkg) != NULL) {
		eaten_pkg = block->next;
		pkg_free(block);
	}
	return 1;
}

/* ---- dying in the middle of things ---- */

#ifdef __x86_64__
static int deadly_signal;

static int is_ours(struct dl_phdr_info *object, size_t size, void *ret_base)
{
	if(strstr(object->dlpi_name, "/ims_regmon.so") == NULL)
		return 0;
	*(uintptr_t *)ret_base = object->dlpi_addr;
	return 1;
}

static void on_trap(int signal)
{
	/* SIGSEGV and SIGABRT end it by default only once nobody catches them */
	struct sigaction action = {.sa_handler = SIG_DFL};

	if(deadly_signal != SIGSTOP && deadly_signal != SIGKILL)
		sigaction(deadly_signal, &action, NULL);
	kill(getpid(), deadly_signal);
	for(;;)
		pause();
}

/* A breakpoint (int3) in this process's own copy of the code, and in that of the processes it forks. */
static int set_trap(const char *offset, const char *signal)
{
	struct sigaction action = {.sa_handler = on_trap};
	uintptr_t base = 0, page = (uintptr_t)sysconf(_SC_PAGESIZE);
	unsigned char *place;

	if(dl_iterate_phdr(is_ours, &base) == 0)
		return -1;
	place = (unsigned char *)(base + strtoul(offset, NULL, 0));
	deadly_signal = atoi(signal);
	if(mprotect((void *)((uintptr_t)place & ~(page - 1)), page,
			   PROT_READ | PROT_WRITE | PROT_EXEC)
					< 0
			|| sigaction(SIGTRAP, &action, NULL) < 0)
		return -1;
	*place = 0xcc;
	return 1;
}
#else
static int set_trap(const char *offset, const char *signal)
{
	LM_ERR("breakpoints are known for x86-64 only\n");
	return -1;
}
#endif

static int die_in(struct sip_msg *msg, char *offset_text, char *signal_text)
{
	str offset, number;

	if(get_str_fparam(&offset, msg, (fparam_t *)offset_text) < 0
			|| get_str_fparam(&number, msg, (fparam_t *)signal_text) < 0)
		return -1;
	return set_trap(offset.s, number.s);
}

/* ---- RPC ---- */

static void set_order(rpc_t *rpc, void *context, order_t *order)
{
	char *module = "", *function = "";
	int nth = 0, times = 1;

	if(rpc->scan(context, "d*dss", &nth, &times, &module, &function) < 1)
		return;
	order->nth = 0;
	snprintf(order->module, NAME_LENGTH, "%s", module);
	snprintf(order->function, NAME_LENGTH, "%s", function);
	order->times = (unsigned)times;
	order->seen = order->failed = 0;
	__atomic_store_n(&order->nth, (unsigned)nth, __ATOMIC_SEQ_CST);
}

static void rpc_shm(rpc_t *rpc, void *context)
{
	set_order(rpc, context, &shared->shm);
}

static void rpc_pkg(rpc_t *rpc, void *context)
{
	set_order(rpc, context, &shared->pkg);
}

static void rpc_seen(rpc_t *rpc, void *context)
{
	void *answer;

	if(rpc->add(context, "{", &answer) < 0)
		return;
	rpc->struct_add(answer, "dddd", "shm", (int)shared->shm.seen, "shm_failed",
			(int)shared->shm.failed, "pkg", (int)shared->pkg.seen,
			"pkg_failed", (int)shared->pkg.failed);
}

static void rpc_eat(rpc_t *rpc, void *context)
{
	int leave = 0;

	if(rpc->scan(context, "d", &leave) < 1)
		return;
	eat_shm((size_t)leave);
	rpc->add(context, "d", (int)shm_available());
}

static void rpc_give_back(rpc_t *rpc, void *context)
{
	give_shm_back();
	rpc->add(context, "d", (int)shm_available());
}

static const char *doc[] = {"see the head of regmon_faults.c", 0};

static rpc_export_t commands[] = {{"regmon_faults.shm", rpc_shm, doc, 0},
		{"regmon_faults.pkg", rpc_pkg, doc, 0},
		{"regmon_faults.seen", rpc_seen, doc, 0},
		{"regmon_faults.eat", rpc_eat, doc, 0},
		{"regmon_faults.give_back", rpc_give_back, doc, 0}, {0, 0, 0, 0}};

static cmd_export_t functions[] = {
		{"regmon_faults_eat_pkg", (cmd_function)eat_pkg, 1, fixup_spve_null,
				0, ANY_ROUTE},
		{"regmon_faults_give_pkg", (cmd_function)give_pkg, 0, 0, 0, ANY_ROUTE},
		{"regmon_faults_die_in", (cmd_function)die_in, 2, fixup_spve_spve, 0,
				ANY_ROUTE},
		{0, 0, 0, 0, 0, 0}};

/* Shared memory is not there before. */
static int mod_init(void)
{
	const char *how = getenv("REGMON_FAULTS_DIE_IN");

	shm = _shm_root;
	_shm_root.xmalloc = shm_xmalloc;
	_shm_root.xmallocxz = shm_xmallocxz;
	return how && set_trap(how, strchr(how, ' ') ? strchr(how, ' ') : "9") < 0
				   ? -1
				   : 0;
}

struct module_exports exports = {.name = "regmon_faults",
		.dlflags = DEFAULT_DLFLAGS,
		.cmds = functions,
		.rpc_methods = commands,
		.init_mod_f = mod_init};

int mod_register(char *path, int *dlflags, void *unused1, void *unused2)
{
	const char *how = getenv("REGMON_FAULTS_PKG");

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if(shared == MAP_FAILED)
		return -1;
	pkg = _pkg_root;
	read_order(&shared->shm, getenv("REGMON_FAULTS_SHM"));
	if(how && strcmp(how, "system") == 0) {
		use_system_memory();
		return 0;
	}
	read_order(&shared->pkg, how);
	use_failing_memory();
	return 0;
}
