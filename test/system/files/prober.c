/*
 * Tries files from inside of a sandbox, and says what came of it. It stands where a policy's program or its interpreter
 * stands, and reads the file that the interpreter would: a list of probes, one a line, of fields that tabs part.
 *
 *   read PATH NAME    opens and reads; of a directory, whether NAME is in it (nothing: any will do)
 *   write PATH        opens to write, without truncating; in a directory it makes a file and unlinks it
 *   exec PATH HOW     maps as executable; with HOW `run` it also executes the file, which must be this program
 *
 * Each probe gives a line `RIGHT PATH OUTCOME`: `file HASH` (FNV-1a, 64 bits), `directory`, `device`, `other` (a directory
 * without the name), `ran`, or the number of an error. A probe that executes replaces this process: the program that it
 * becomes reads the same list, behind the probe. No process is made, no memory is written that is executable, and nothing
 * is called but what each runtime grants; no C library, so that a copy of it runs wherever it is executed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define MOST_BYTES (8u << 20)

static char list[1 << 20];
static char buffer[1 << 16];
static char line[1 << 13];
static unsigned filled;

static long call(long number, long a, long b, long c, long d, long e, long f) {
#if defined(__x86_64__)
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                   : "memory");
  return x0;
#else
#error "this machine's system calls are not written down here"
#endif
}

#define CALL3(n, a, b, c) call(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define CALL4(n, a, b, c, d) call(n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)

static int same(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

static void say(const char *text) {
  while (*text && filled < sizeof line - 2) line[filled++] = *text++;
}

static void say_number(unsigned long number, unsigned base) {
  char digits[24];
  unsigned at = sizeof digits;
  digits[--at] = 0;
  do digits[--at] = "0123456789abcdef"[number % base];
  while ((number /= base) != 0);
  say(digits + at);
}

static void end_line(void) {
  line[filled++] = '\n';
  for (unsigned done = 0; done < filled;) {
    long written = CALL3(SYS_write, 1, line + done, filled - done);
    if (written <= 0) break;
    done += written;
  }
  filled = 0;
}

static void begin(const char *right, const char *path) {
  say(right);
  say("\t");
  say(path);
  say("\t");
}

static void end_with_error(long result) {
  say_number(-result, 10);
  end_line();
}

static long open_at(const char *path, int flags) {
  return CALL4(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
}

static void close_of(long fd) { CALL3(SYS_close, fd, 0, 0); }

/** The type of what is open, as in `st_mode`. */
static unsigned type_of(long fd) {
  struct statx about;
  if (call(SYS_statx, fd, (long)"", AT_EMPTY_PATH, STATX_TYPE, (long)&about, 0) < 0) return 0;
  return about.stx_mode & S_IFMT;
}

struct entry {
  unsigned long inode;
  long next;
  unsigned short length;
  unsigned char type;
  char name[];
};

static void read_directory(long fd, const char *name) {
  int seen = *name == 0;
  long got;
  while ((got = CALL3(SYS_getdents64, fd, buffer, sizeof buffer)) > 0)
    for (long at = 0; at < got;) {
      struct entry *entry = (struct entry *)(buffer + at);
      if (same(entry->name, name)) seen = 1;
      at += entry->length;
    }
  if (got < 0) return end_with_error(got);
  say(seen ? "directory" : "other");
  end_line();
}

static void try_read(const char *path, const char *name) {
  begin("read", path);
  long fd = open_at(path, O_RDONLY);
  if (fd < 0) return end_with_error(fd);
  unsigned type = type_of(fd);
  if (type == S_IFDIR) read_directory(fd, name);
  else {
    unsigned long hash = 0xcbf29ce484222325ul;
    unsigned total = 0;
    long got;
    while ((got = CALL3(SYS_read, fd, buffer, sizeof buffer)) > 0) {
      for (long at = 0; at < got; at++) hash = (hash ^ (unsigned char)buffer[at]) * 0x100000001b3ul;
      total += got;
      if (type != S_IFREG || total >= MOST_BYTES) break;
    }
    if (got < 0) end_with_error(got);
    else {
      if (type == S_IFREG) {
        say("file ");
        say_number(hash, 16);
      } else say("device");
      end_line();
    }
  }
  close_of(fd);
}

static void make_in(const char *directory) {
  unsigned at = 0;
  for (; directory[at] && at < sizeof buffer - 16; at++) buffer[at] = directory[at];
  const char *name = "/mcpc-made";
  for (unsigned i = 0; i <= 10; i++) buffer[at + i] = name[i];
  long fd = open_at(buffer, O_WRONLY | O_CREAT | O_EXCL);
  if (fd < 0) return end_with_error(fd);
  close_of(fd);
  long gone = CALL3(SYS_unlinkat, AT_FDCWD, buffer, 0);
  say(gone < 0 ? "directory kept" : "directory");
  end_line();
}

static void try_write(const char *path) {
  begin("write", path);
  long fd = open_at(path, O_WRONLY);
  if (fd == -EISDIR) return make_in(path);
  // A program that runs: the kernel says so before it looks at the mount. access(2) looks at it.
  if (fd == -ETXTBSY) {
    long may = CALL3(SYS_faccessat, AT_FDCWD, path, 2);
    if (may < 0) return end_with_error(may);
    say("file");
    return end_line();
  }
  if (fd < 0) return end_with_error(fd);
  say(type_of(fd) == S_IFREG ? "file" : "device");
  end_line();
  close_of(fd);
}

static void try_map(const char *path) {
  begin("map", path);
  long fd = open_at(path, O_RDONLY);
  if (fd < 0) return end_with_error(fd);
  long at = call(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
  close_of(fd);
  if (at < 0 && at > -4096) return end_with_error(at);
  CALL3(SYS_munmap, at, 4096, 0);
  say("ran");
  end_line();
}

/** Becomes the program at a path, which goes on behind this probe; comes back only when that is denied. */
static void try_run(const char *path, const char *from, unsigned long offset) {
  char where[24];
  unsigned at = sizeof where;
  where[--at] = 0;
  do where[--at] = '0' + offset % 10;
  while ((offset /= 10) != 0);
  const char *words[] = {"mcpc-went-on", from, where + at, path, 0};
  const char *none[] = {0};
  long result = CALL3(SYS_execve, path, words, none);
  begin("run", path);
  end_with_error(result);
}

static long load(const char *path) {
  long fd = open_at(path, O_RDONLY);
  if (fd < 0) return fd;
  long size = 0, got;
  while ((got = CALL3(SYS_read, fd, list + size, sizeof list - 1 - size)) > 0) size += got;
  close_of(fd);
  return got < 0 ? got : size;
}

static char *field(char **rest) {
  char *begun = *rest;
  char *at = begun;
  while (*at && *at != '\t') at++;
  *rest = *at ? at + 1 : at;
  *at = 0;
  return begun;
}

static void run(long argc, char **argv) {
  long at = 0;
  if (argc < 2) return;
  if (argc == 4 && same(argv[0], "mcpc-went-on")) {
    for (const char *digit = argv[2]; *digit; digit++) at = at * 10 + (*digit - '0');
    begin("run", argv[3]);
    say("ran");
    end_line();
  }
  long size = load(argv[1]);
  if (size < 0) {
    begin("list", argv[1]);
    return end_with_error(size);
  }
  while (at < size) {
    char *rest = list + at;
    while (at < size && list[at] != '\n') at++;
    list[at++] = 0;
    char *right = field(&rest), *path = field(&rest), *more = field(&rest);
    if (same(right, "read")) try_read(path, more);
    else if (same(right, "write")) try_write(path);
    else if (same(right, "exec")) {
      try_map(path);
      if (same(more, "run")) try_run(path, argv[1], at);
    }
  }
  begin("end", argv[1]);
  end_line();
}

__attribute__((used)) static void start(long *stack) {
  run(stack[0], (char **)(stack + 1));
  CALL3(SYS_exit_group, 0, 0, 0);
  __builtin_unreachable();
}

#if defined(__x86_64__)
__asm__(".globl _start\n_start: xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call start\n");
#else
__asm__(".globl _start\n_start: mov x29, #0\n mov x0, sp\n bl start\n");
#endif
