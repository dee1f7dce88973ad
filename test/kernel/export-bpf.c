/*
 * Compiles a profile by libseccomp and writes the filter to standard output. The profile is lines on standard input, with
 * numbers in hexadecimal:
 *
 *   default ACTION                     the first line
 *   optimize LEVEL
 *   arch NAME                          as seccomp_arch_resolve_name(3) has them
 *   rule ACTION NAME [INDEX OP VALUE VALUETWO]...
 *
 * A name that libseccomp does not know is skipped, as runtimes do, and told on standard error, as is one that x32 has not
 * by its tables; and a rule that it refuses, with its errno, after which the exit code is 1.
 */
#include <errno.h>
#include <inttypes.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int add_rule(scmp_filter_ctx filter, char *rest) {
  char name[64];
  unsigned action;
  int used = 0;
  unsigned count = 0;
  struct scmp_arg_cmp comparisons[6];
  if (sscanf(rest, "%x %63s%n", &action, name, &used) != 2) return -EINVAL;
  const int number = seccomp_syscall_resolve_name(name);
  if (number == __NR_SCMP_ERROR) {
    fprintf(stderr, "unknown %s\n", name);
    return 0;
  }
  if (seccomp_arch_exist(filter, SCMP_ARCH_X32) == 0 && seccomp_syscall_resolve_name_arch(SCMP_ARCH_X32, name) < 0)
    fprintf(stderr, "x32 has no %s\n", name);
  for (rest += used;; rest += used) {
    unsigned index, op;
    uint64_t value, two;
    if (sscanf(rest, " %x %x %" SCNx64 " %" SCNx64 "%n", &index, &op, &value, &two, &used) != 4) break;
    if (count == 6) return -E2BIG;
    comparisons[count++] = (struct scmp_arg_cmp){index, (enum scmp_compare)op, value, two};
  }
  return seccomp_rule_add_array(filter, action, number, count, comparisons);
}

int main(void) {
  static char line[4096];
  unsigned value;
  int failed = 0;
  scmp_filter_ctx filter = NULL;
  while (fgets(line, sizeof line, stdin)) {
    int result = -EINVAL;
    char name[64];
    if (sscanf(line, "default %x", &value) == 1) {
      filter = seccomp_init(value);
      result = filter ? 0 : -ENOMEM;
    } else if (sscanf(line, "optimize %x", &value) == 1) {
      result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, value);
    } else if (sscanf(line, "arch %63s", name) == 1) {
      result = seccomp_arch_add(filter, seccomp_arch_resolve_name(name));
      if (result == -EEXIST) result = 0;
    } else if (strncmp(line, "rule ", 5) == 0) {
      result = add_rule(filter, line + 5);
    }
    if (result != 0) {
      fprintf(stderr, "refused %d: %s", result, line);
      failed = 1;
    }
  }
  if (!filter || failed) return 1;
  return seccomp_export_bpf(filter, STDOUT_FILENO) == 0 ? 0 : 1;
}
