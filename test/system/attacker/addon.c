// What JavaScript can't do by itself: raw system calls, the i386 entry, executable mappings, forking.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <node_api.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int64_t number(napi_env env, napi_value value) {
  int64_t out = 0;
  napi_get_value_int64(env, value, &out);
  return out;
}

static napi_value result(napi_env env, int64_t value) {
  napi_value out;
  napi_create_int64(env, value, &out);
  return out;
}

// A number, or the address of a buffer's bytes.
static int64_t word(napi_env env, napi_value value) {
  bool is_buffer = false;
  napi_is_buffer(env, value, &is_buffer);
  if (!is_buffer) return number(env, value);
  void *data = NULL;
  size_t length = 0;
  napi_get_buffer_info(env, value, &data, &length);
  return (int64_t)data;
}

// call(number, a0, …, a5): the result, or the negative errno.
static napi_value call(napi_env env, napi_callback_info info) {
  size_t count = 7;
  napi_value words[7];
  napi_get_cb_info(env, info, &count, words, NULL, NULL);
  int64_t a[7] = {0};
  for (size_t i = 0; i < count && i < 7; i++) a[i] = word(env, words[i]);
  long out = syscall(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
  return result(env, out == -1 ? -errno : out);
}

// int80(number, a0): the i386 entry of an x86_64 kernel.
static napi_value int80(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value words[2];
  napi_get_cb_info(env, info, &count, words, NULL, NULL);
  int64_t out = -ENOSYS;
#if defined(__x86_64__)
  int32_t eax = (int32_t)number(env, words[0]);
  int32_t ebx = count > 1 ? (int32_t)number(env, words[1]) : 0;
  __asm__ volatile("int $0x80" : "+a"(eax) : "b"(ebx), "c"(0), "d"(0) : "memory", "r8", "r9", "r10", "r11");
  out = eax;
#endif
  return result(env, out);
}

// mapExecutable(path): 0 when a page of the file can be mapped to be executed.
static napi_value map_executable(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value words[1];
  napi_get_cb_info(env, info, &count, words, NULL, NULL);
  char path[4096];
  size_t length = 0;
  napi_get_value_string_utf8(env, words[0], path, sizeof path, &length);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return result(env, -errno);
  void *page = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
  int64_t out = page == MAP_FAILED ? -errno : 0;
  if (page != MAP_FAILED) munmap(page, 4096);
  close(fd);
  return result(env, out);
}

// forks(n): how many of n children could be made; each lives until all are, at most five seconds.
static napi_value forks(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value words[1];
  napi_get_cb_info(env, info, &count, words, NULL, NULL);
  int64_t wanted = number(env, words[0]);
  pid_t *children = calloc((size_t)wanted, sizeof(pid_t));
  int64_t made = 0;
  for (; made < wanted; made++) {
    pid_t child = fork();
    if (child == 0) {
      sleep(5);
      _exit(0);
    }
    if (child < 0) break;
    children[made] = child;
  }
  for (int64_t i = 0; i < made; i++) {
    syscall(SYS_kill, children[i], 9);
    waitpid(children[i], NULL, 0);
  }
  free(children);
  return result(env, made);
}

static napi_value start(napi_env env, napi_value exports) {
  napi_property_descriptor properties[] = {
      {"call", 0, call, 0, 0, 0, napi_default, 0},
      {"int80", 0, int80, 0, 0, 0, napi_default, 0},
      {"mapExecutable", 0, map_executable, 0, 0, 0, napi_default, 0},
      {"forks", 0, forks, 0, 0, 0, napi_default, 0},
  };
  napi_define_properties(env, exports, sizeof properties / sizeof *properties, properties);
  return exports;
}

NAPI_MODULE(NODE_GYP_MODULE_NAME, start)
