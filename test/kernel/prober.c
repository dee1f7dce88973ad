/*
 * Asks the kernel what a seccomp filter answers, without executing a call. A child installs two filters: an older one that
 * lets a call through where its sixth argument is a cookie and else answers errno 4094, and then, by a call that carries
 * the cookie, the one under test. The kernel takes the strictest answer, and of two errnos the newer filter's: so a call
 * that the filter under test permits answers 4094, and one that it denies its own errno.
 *
 *   prober probe   one child for all probes of standard input
 *   prober apart   one child for each, so that one may be killed
 *   prober bare    the call of the first probe for real under the one filter, with a handler for SIGSYS
 *   prober int80   exits with 0 if this machine lets a process call by `int 0x80`
 *
 * Input, little-endian: u32 instructions, u32 probes, struct sock_filter[], struct probe[]. Output: u32 errno of the
 * filter's installation, u32 probes that were answered, i32[]: what each call returned, or 100000 + the signal that ended
 * the child, or 200000 for one that the handler saw.
 *
 * Source: seccomp(2); kernel/seccomp.c, `seccomp_run_filters`.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define COOKIE 0x6d6370635f6f6b21ull
#define DIED 100000
#define CAUGHT 200000

struct probe {
  uint32_t entry; /* 0: syscall; 1: int 0x80 */
  uint32_t number;
  uint64_t words[6];
};

struct shared {
  volatile uint32_t installed;
  volatile uint32_t answered;
  int32_t verdicts[];
};

static long call(uint64_t number, const uint64_t w[6]) {
  long result;
  register uint64_t r10 __asm__("r10") = w[3];
  register uint64_t r8 __asm__("r8") = w[4];
  register uint64_t r9 __asm__("r9") = w[5];
  __asm__ volatile("syscall"
                   : "=a"(result), "+r"(r10), "+r"(r8), "+r"(r9)
                   : "a"(number), "D"(w[0]), "S"(w[1]), "d"(w[2])
                   : "rcx", "r11", "memory");
  return result;
}

/* Pushes below the stack's end: to be compiled without a red zone. */
static long call32(uint32_t number, const uint64_t w[6]) {
  long result;
  __asm__ volatile("push %%rbp\n\tpush %%rbx\n\t"
                   "mov 0(%[w]), %%rbx\n\tmov 8(%[w]), %%rcx\n\tmov 16(%[w]), %%rdx\n\tmov 24(%[w]), %%rsi\n\t"
                   "mov 40(%[w]), %%rbp\n\tmov 32(%[w]), %%rdi\n\t"
                   "int $0x80\n\tpop %%rbx\n\tpop %%rbp"
                   : "=a"(result), [w] "+D"(w)
                   : "a"(number)
                   : "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory", "cc");
  return (int32_t)result;
}

static int ask(const struct probe *p) {
  return (int)(p->entry == 1 ? call32(p->number, p->words) : call(p->number, p->words));
}

static long install(const struct sock_fprog *program) {
  const uint64_t w[6] = {SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, (uint64_t)program, 0, 0, COOKIE};
  return call(SYS_seccomp, w);
}

static void leave(int code) {
  const uint64_t w[6] = {(uint64_t)code, 0, 0, 0, 0, COOKIE};
  call(SYS_exit_group, w);
  /* The filter under test may deny that; no filter stands before an exception. */
  __builtin_trap();
}

static void prepare(void) {
  const struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) _exit(3);
}

static void sandwich(const struct sock_fprog *program, struct shared *out) {
  struct sock_filter older[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args) + 40),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)COOKIE, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args) + 44),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(COOKIE >> 32), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 4094),
  };
  const struct sock_fprog first = {sizeof older / sizeof *older, older};
  prepare();
  if (install(&first) != 0) _exit(3);
  const long result = install(program);
  out->installed = (uint32_t)-result;
  if (result != 0) leave(4);
}

/* Runs the probes [from, to) in a child; what they answer is in `out`, whose `answered` says how many. */
static int run(const struct sock_fprog *program, const struct probe *probes, uint32_t from, uint32_t to,
               struct shared *out) {
  int status;
  const pid_t child = fork();
  if (child < 0) _exit(3);
  if (child == 0) {
    sandwich(program, out);
    for (uint32_t at = from; at < to; at++) {
      out->verdicts[at] = ask(&probes[at]);
      out->answered = at + 1;
    }
    leave(0);
  }
  if (waitpid(child, &status, 0) != child) _exit(3);
  return status;
}

static void apart(const struct sock_fprog *program, const struct probe *probes, uint32_t count, struct shared *out) {
  for (uint32_t at = 0; at < count; at++) {
    const int status = run(program, probes, at, at + 1, out);
    if (out->answered == at + 1) continue;
    if (!WIFSIGNALED(status)) break;
    out->verdicts[at] = DIED + WTERMSIG(status);
    out->answered = at + 1;
  }
}

static sigjmp_buf after;
static void caught(int signal) {
  (void)signal;
  siglongjmp(after, 1);
}

static void bare(const struct sock_fprog *program, const struct probe *probe, struct shared *out) {
  int status;
  const pid_t child = fork();
  if (child < 0) _exit(3);
  if (child == 0) {
    struct sigaction action = {.sa_handler = caught};
    prepare();
    sigaction(SIGSYS, &action, NULL);
    out->installed = install(program) == 0 ? 0 : EINVAL;
    out->verdicts[0] = sigsetjmp(after, 1) == 0 ? ask(probe) : CAUGHT;
    out->answered = 1;
    _exit(0);
  }
  if (waitpid(child, &status, 0) != child) _exit(3);
  if (out->answered == 0 && WIFSIGNALED(status)) {
    out->verdicts[0] = DIED + WTERMSIG(status);
    out->answered = 1;
  }
}

static void take(void *to, size_t length) {
  for (size_t at = 0; at < length;) {
    const ssize_t got = read(0, (char *)to + at, length - at);
    if (got <= 0) _exit(3);
    at += (size_t)got;
  }
}

static void give(const void *from, size_t length) {
  for (size_t at = 0; at < length;) {
    const ssize_t put = write(1, (const char *)from + at, length - at);
    if (put <= 0) _exit(3);
    at += (size_t)put;
  }
}

/* The older filter would not stop these: one is the cookie's, the others pass every filter and end the process. */
static int askable(const struct probe *p) {
  return p->words[5] != COOKIE && !(p->entry == 0 && (p->number == 335 || p->number == 336));
}

int main(int count, char **words) {
  const char *mode = count > 1 ? words[1] : "";
  if (strcmp(mode, "int80") == 0) {
    const uint64_t none[6] = {0};
    prepare();
    return call32(20, none) == getpid() ? 0 : 1;
  }
  uint32_t head[2];
  take(head, sizeof head);
  struct sock_filter *instructions = calloc(head[0] + 1, sizeof *instructions);
  struct probe *probes = calloc(head[1] + 1, sizeof *probes);
  const size_t length = sizeof(struct shared) + (head[1] + 1) * sizeof(int32_t);
  struct shared *out = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (!instructions || !probes || out == MAP_FAILED) return 3;
  take(instructions, head[0] * sizeof *instructions);
  take(probes, head[1] * sizeof *probes);
  out->installed = 0xffffffff;
  const struct sock_fprog program = {(unsigned short)head[0], instructions};
  if (strcmp(mode, "bare") == 0 && head[1] > 0) {
    bare(&program, probes, out);
  } else {
    for (uint32_t at = 0; at < head[1]; at++)
      if (!askable(&probes[at])) return 5;
    if (strcmp(mode, "apart") == 0)
      apart(&program, probes, head[1], out);
    else if (strcmp(mode, "probe") == 0)
      run(&program, probes, 0, head[1], out);
    else
      return 2;
  }
  give(out, sizeof(struct shared) + out->answered * sizeof(int32_t));
  return 0;
}
