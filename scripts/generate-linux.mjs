// Generates src/linux/tables.generated.ts from the kernel's headers in Debian's packages: numbers of system calls for
// x86_64, aarch64, riscv64, i386 and x32, argument names and widths from the prototypes in include/linux/syscalls.h,
// and constants of arguments. Needs apt-get, dpkg and gcc. `--check` compares with the committed file instead.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const target = join(dirname(fileURLToPath(import.meta.url)), "../src/linux/tables.generated.ts");
const work = mkdtempSync(join(tmpdir(), "mcpc-linux-"));
const run = (command, ...rest) =>
  execFileSync(command, rest, {
    cwd: work,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    maxBuffer: 1 << 26,
  });

// The newest headers whose prototypes Debian 12 has; the series is fixed so that a rebuild gives the same tables.
const series = "6.12";
const common = run("apt-cache", "search", `^linux-headers-${series.replace(".", "\\.")}.*-common$`)
  .split("\n")
  .map((line) => line.split(" ")[0])
  .filter(Boolean)
  .sort((a, b) => a.localeCompare(b, "en", { numeric: true }))
  .at(-1);
if (!common) throw new Error(`no linux-headers-${series}…-common package; run apt-get update`);
const packages = ["linux-libc-dev", "linux-libc-dev-arm64-cross", "linux-libc-dev-riscv64-cross", common];
for (const name of packages) {
  run("apt-get", "download", name);
}
const versions = {};
for (const file of readdirSync(work).filter((f) => f.endsWith(".deb"))) {
  run("dpkg", "-x", file, "x");
  const [name, version] = run("dpkg-deb", "-f", file, "Package", "Version")
    .split("\n")
    .map((l) => l.replace(/^.*?: /, ""));
  versions[name === common ? "linux-headers-common" : name] = version;
}
const kernel = join(work, "x/usr/src", common);
const includes = {
  x86_64: [join(work, "x/usr/include/x86_64-linux-gnu"), join(work, "x/usr/include")],
  aarch64: [join(work, "x/usr/aarch64-linux-gnu/include")],
  riscv64: [join(work, "x/usr/riscv64-linux-gnu/include")],
};
const flags = (arch) => [
  "-nostdinc",
  ...includes[arch].flatMap((d) => ["-I", d]),
  ...(arch === "x86_64" ? [] : archMacros[arch]),
];
// The cross headers are read by the native compiler, which must not believe that it compiles for itself.
const archMacros = {
  aarch64: ["-U__x86_64__", "-D__aarch64__", "-D__LP64__"],
  riscv64: ["-U__x86_64__", "-D__riscv", "-D__riscv_xlen=64", "-D__LP64__"],
};

function numbers(text, mask = 0) {
  const out = new Map();
  for (const [, name, expression] of text.matchAll(/^#define __NR_(\w+)\s+(.+)$/gm)) {
    const number = /^\(?(?:__X32_SYSCALL_BIT \+ )?(\d+)\)?$/.exec(expression.trim());
    if (number && !/^(?:syscalls|arch_specific_syscall|arm_|3264_)/.test(name))
      out.set(name, Number(number[1]) | mask);
  }
  return out;
}

function preprocessedNumbers(arch) {
  const text = run("gcc", "-E", "-dM", ...flags(arch), "-include", "asm/unistd.h", "-x", "c", "/dev/null");
  const defines = new Map([...text.matchAll(/^#define (\w+) (.+)$/gm)].map(([, k, v]) => [k, v.trim()]));
  const out = new Map();
  for (const [key, value] of defines) {
    if (!key.startsWith("__NR_")) continue;
    let expression = value;
    for (let hops = 0; hops < 4 && defines.has(expression); hops++) expression = defines.get(expression);
    expression = expression.replace(/__NR_arch_specific_syscall/g, "244").replace(/[()\s]/g, "");
    const sum = /^(\d+)(?:\+(\d+))?$/.exec(expression);
    const name = key.slice("__NR_".length);
    if (sum && !/^(?:syscalls|arch_specific_syscall|3264_|sync_file_range2$)/.test(name))
      out.set(name, Number(sum[1]) + Number(sum[2] ?? 0));
  }
  return out;
}

const asm = includes.x86_64[0];
const tables = {
  x86_64: numbers(readFileSync(join(asm, "asm/unistd_64.h"), "utf8")),
  aarch64: preprocessedNumbers("aarch64"),
  riscv64: preprocessedNumbers("riscv64"),
};
const i386 = numbers(readFileSync(join(asm, "asm/unistd_32.h"), "utf8"));
const x32 = numbers(readFileSync(join(asm, "asm/unistd_x32.h"), "utf8"));
// Since 424 a new call has one number on all architectures (Documentation/process/adding-syscalls.rst), so the generic
// table of newer headers is good for x86_64 too.
const generic = numbers(readFileSync(join(kernel, "include/uapi/asm-generic/unistd.h"), "utf8"));
const newest = Math.max(...tables.x86_64.values());
for (const [name, number] of generic) {
  if (number <= newest || number < 424) continue;
  for (const arch of Object.keys(tables)) tables[arch].set(name, number);
  i386.set(name, number);
  x32.set(name, number | 0x40000000);
}
for (const [name, number] of x32) x32.set(name, number | 0x40000000);

// Prototypes. Names that the table of numbers has and the prototype spells otherwise.
const spelt = {
  newstat: "stat",
  newfstat: "fstat",
  newlstat: "lstat",
  newuname: "uname",
  umount: "umount2",
  sendfile64: "sendfile",
  fadvise64_64: "fadvise64",
  fstatat64: "newfstatat",
  sched_getparam: "sched_getparam",
};
const wide =
  /\*|\blong\b|\bsize_t\b|\bssize_t\b|\bloff_t\b|\boff_t\b|\b(?:__)?u64\b|\baio_context_t\b|\bold_sigset_t\b|\bcap_user_\w+_t\b|\b__sighandler_t\b|\bsiginfo_t\b/;
const source = readFileSync(join(kernel, "include/linux/syscalls.h"), "utf8").replace(
  /\/\*[\s\S]*?\*\//g,
  "",
);
const prototypes = new Map();
for (const [, rawName, list] of source.matchAll(/asmlinkage long sys_(\w+)\(([^;]*)\);/g)) {
  const name = spelt[rawName] ?? rawName;
  const parts = list
    .replace(/\s+/g, " ")
    .split(",")
    .map((p) => p.trim())
    .filter((p) => p !== "" && p !== "void");
  const parameters = parts.map((part, index) => {
    const named = /([A-Za-z_]\w*)(?:\[\d*\])?$/.exec(part)?.[1] ?? "";
    const isType =
      parts.length > 0 &&
      /^(?:const )?(?:unsigned |struct |enum )?\w+(?: __user)? ?\*?$/.test(part) &&
      !/ \*?[a-z]\w*$/.test(part.replace(/^(?:const |unsigned |struct |enum )+/, ""));
    return `${isType || /^(?:int|long|char|unsigned|__user)$/.test(named) ? `arg${index + 1}` : named.replace(/^_+/, "")}:${wide.test(part) ? 64 : 32}`;
  });
  if (!prototypes.has(name) || parameters.every((p) => !p.startsWith("arg")))
    prototypes.set(name, parameters);
}

// Constants: macros by prefix from UAPI headers, and enumerations and socket families from the kernel's own.
const headers = [
  "asm/mman.h",
  "linux/mman.h",
  "asm/fcntl.h",
  "linux/fcntl.h",
  "linux/sched.h",
  "linux/prctl.h",
  "asm/ioctls.h",
  "linux/sockios.h",
  "linux/futex.h",
  "asm/resource.h",
  "asm/signal.h",
  "linux/keyctl.h",
  "linux/ptrace.h",
  "asm/errno.h",
  "linux/in.h",
  "asm/socket.h",
  "linux/tcp.h",
  "linux/netlink.h",
  "linux/eventpoll.h",
  "linux/eventfd.h",
  "linux/memfd.h",
  "linux/random.h",
  "linux/seccomp.h",
  "linux/fs.h",
  "linux/time.h",
  "linux/wait.h",
  "linux/membarrier.h",
  "linux/inotify.h",
  "linux/capability.h",
];
const prefixes =
  /^(?:PROT|MAP|MADV|O|CLONE|PR|TC|TIO|FIO|SIO|FUTEX|RLIMIT|SIG|KEYCTL|PTRACE|IPPROTO|SO|TCP|NETLINK|EPOLL|EFD|MFD|GRND|SECCOMP|AT|LOCK|SEEK|CLOCK|MREMAP|F|FD|MS|MCL|ARCH|W|P|IN|MEMBARRIER|SCM|RENAME|STATX|FALLOC|DN|BLK|FS)_?[A-Z0-9_]+$/;
const include = (arch) =>
  [...headers, ...(arch === "x86_64" ? ["asm/prctl.h"] : [])]
    .map((h) => `#if __has_include(<${h}>)\n#include <${h}>\n#endif`)
    .join("\n");
const values = {};
for (const arch of Object.keys(includes)) {
  writeFileSync(join(work, "names.c"), `${include(arch)}\n`);
  const macros = run("gcc", "-E", "-dM", ...flags(arch), "names.c");
  const names = [...macros.matchAll(/^#define ([A-Z][A-Z0-9_]*) (\S.*)$/gm)]
    .map(([, n]) => n)
    .filter((n) => prefixes.test(n) || /^E[A-Z0-9]+$/.test(n));
  const enumerated = [
    "IPPROTO_IP",
    "IPPROTO_ICMP",
    "IPPROTO_TCP",
    "IPPROTO_UDP",
    "IPPROTO_IPV6",
    "IPPROTO_RAW",
    "IPPROTO_ICMPV6",
  ].filter((n) => !names.includes(n));
  const wanted = [...new Set([...names, ...enumerated])].sort();
  let left = wanted;
  // A macro that is no integer expression makes the compiler complain; each complaint takes its name out.
  for (let round = 0; round < 12; round++) {
    const body = left.map((n) => `  printf("%s %lld\\n", "${n}", (long long)(${n}));`).join("\n");
    writeFileSync(
      join(work, "values.c"),
      `typedef unsigned long size_t;\n${include(arch)}\nint printf(const char *, ...);\nint main(void) {\n${body}\n  return 0;\n}\n`,
    );
    let errors = "";
    try {
      execFileSync("gcc", ["-w", "-fmax-errors=0", "-o", "values", ...flags(arch), "values.c"], {
        cwd: work,
        stdio: ["ignore", "ignore", "pipe"],
        encoding: "utf8",
      });
    } catch (error) {
      errors = error.stderr;
    }
    if (errors === "") break;
    const lines = readFileSync(join(work, "values.c"), "utf8").split("\n");
    const bad = new Set(
      [...errors.matchAll(/values\.c:(\d+):\d+: (?:error|note)/g)].map(
        ([, n]) => /"(\w+)", \(/.exec(lines[Number(n) - 1] ?? "")?.[1],
      ),
    );
    left = left.filter((n) => !bad.has(n));
  }
  values[arch] = new Map(
    run("./values")
      .trim()
      .split("\n")
      .map((l) => [l.split(" ")[0], BigInt(l.split(" ")[1])]),
  );
}
const socketHeader = readFileSync(join(kernel, "include/linux/socket.h"), "utf8");
const netHeader = readFileSync(join(kernel, "include/linux/net.h"), "utf8");
const kernelConstants = [
  ...socketHeader.matchAll(/^#define\s+((?:AF|PF|SOL|MSG|SOMAXCONN)_\w+)\s+(0x[0-9a-fA-F]+|\d+)\b/gm),
  ...netHeader.matchAll(/^\s*(SOCK_\w+)\s*=\s*(\d+),/gm),
].map(([, n, v]) => [n, BigInt(v)]);
for (const [name, value] of kernelConstants) {
  for (const arch of Object.keys(values)) values[arch].set(name, value);
}
for (const arch of Object.keys(values)) {
  values[arch].set("SOCK_CLOEXEC", values[arch].get("O_CLOEXEC"));
  values[arch].set("SOCK_NONBLOCK", values[arch].get("O_NONBLOCK"));
  for (const [name, value] of [...values[arch]])
    if (name.startsWith("AF_")) values[arch].set(name.replace("AF_", "PF_"), value);
}

const order = ["x86_64", "aarch64", "riscv64"];
const names = [...new Set(order.flatMap((a) => [...tables[a].keys()]))].sort();
const calls = names.map((n) => {
  const parameters = prototypes.get(n);
  return `${n} ${order.map((a) => tables[a].get(n) ?? "-").join(" ")} ${parameters ? parameters.join(",") || "." : "?"}`;
});
const constantNames = [...new Set(order.flatMap((a) => [...values[a].keys()]))].sort();
const constants = constantNames.map((n) => {
  const own = order.map((a) => values[a].get(n));
  return own.every((v) => v === own[0]) ? `${n} ${own[0]}` : `${n} ${own.map((v) => v ?? "-").join(" ")}`;
});
const pack = (map) =>
  [...map]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([n, v]) => `${n} ${v}`)
    .join("\n");
const literal = (text) => `\`\n${text}\n\``;
const text = `// Generated by scripts/generate-linux.mjs from the kernel's headers in Debian's packages. Do not edit.

/** Versions of the packages that the tables were made from. */
export const headerVersions: Readonly<Record<string, string>> = ${JSON.stringify(Object.fromEntries(Object.entries(versions).sort()), null, 2)};

/** A line a call: name, its numbers on x86_64, aarch64 and riscv64 (\`-\` where it does not exist), parameters as name:bits. */
export const packedCalls = ${literal(calls.join("\n"))};

/** A line a constant: name and value, or three values where the architectures differ. */
export const packedConstants = ${literal(constants.join("\n"))};

/** Numbers of the i386 entry (int 0x80). */
export const packedI386 = ${literal(pack(i386))};

/** Numbers of the x32 ABI, bit 30 set. */
export const packedX32 = ${literal(pack(x32))};
`;
rmSync(work, { recursive: true, force: true });
if (process.argv.includes("--check")) {
  const normalize = (t) => t.replace(/"[^"]*": "[^"]*"/g, "");
  if (normalize(readFileSync(target, "utf8")) !== normalize(text)) {
    console.error("src/linux/tables.generated.ts is stale; run node scripts/generate-linux.mjs");
    process.exit(1);
  }
  console.log("src/linux/tables.generated.ts is what the headers say");
} else writeFileSync(target, text);
