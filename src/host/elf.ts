/**
 * The libraries that the dynamic loader would map for an ELF file: its interpreter, its DT_NEEDED entries and theirs.
 * Formats: System V ABI, "Program Header" and "Dynamic Section"; search order: ld.so(8).
 */
import { closeSync, openSync, readFileSync, readSync, realpathSync } from "node:fs";
import { dirname } from "node:path";

interface Dynamic {
  readonly interpreter: string | undefined;
  readonly needed: readonly string[];
  readonly searchPath: readonly string[];
}

const cache = new Map<string, Dynamic | undefined>();

/** Reads part of a file; short reads give shorter buffers. */
function readAt(fd: number, offset: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  const got = readSync(fd, buffer, 0, length, offset);
  return buffer.subarray(0, got);
}

// A string table can hold megabytes of symbols; what is read of it is a few names, each at most a path long.
const longestName = 4096;

/** The string at a place in a file, up to its NUL. */
function stringAt(fd: number, offset: number): string {
  for (let length = 128; ; length *= 4) {
    const buffer = readAt(fd, offset, Math.min(length, longestName));
    if (buffer.includes(0) || buffer.length < length || length >= longestName) return text(buffer, 0);
  }
}

const text = (buffer: Buffer, at: number): string => {
  const end = buffer.indexOf(0, at);
  return buffer.toString("utf8", at, end === -1 ? undefined : end);
};

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

function segments(fd: number, header: Buffer): Segment[] {
  const start = Number(header.readBigUInt64LE(32));
  const size = header.readUInt16LE(54);
  const count = header.readUInt16LE(56);
  const table = readAt(fd, start, size * count);
  const out: Segment[] = [];
  for (let at = 0; at + 56 <= table.length; at += size) {
    out.push({
      type: table.readUInt32LE(at),
      offset: Number(table.readBigUInt64LE(at + 8)),
      address: Number(table.readBigUInt64LE(at + 16)),
      size: Number(table.readBigUInt64LE(at + 32)),
    });
  }
  return out;
}

const ptLoad = 1;
const ptDynamic = 2;
const ptInterp = 3;
const dtNeeded = 1;
const dtStrtab = 5;
const dtStrsz = 10;
const dtRpath = 15;
const dtRunpath = 29;

function parseElf(path: string): Dynamic | undefined {
  const fd = openSync(path, "r");
  try {
    const header = readAt(fd, 0, 64);
    // 64-bit little-endian ELF: what the supported architectures use.
    if (header.length < 64 || header.readUInt32BE(0) !== 0x7f454c46 || header[4] !== 2 || header[5] !== 1)
      return undefined;
    const all = segments(fd, header);
    const interp = all.find((s) => s.type === ptInterp);
    const dynamic = all.find((s) => s.type === ptDynamic);
    const interpreter = interp && text(readAt(fd, interp.offset, interp.size), 0);
    if (!dynamic) return { interpreter, needed: [], searchPath: [] };
    const table = readAt(fd, dynamic.offset, dynamic.size);
    const tags: [number, number][] = [];
    for (let at = 0; at + 16 <= table.length; at += 16) {
      tags.push([Number(table.readBigUInt64LE(at)), Number(table.readBigUInt64LE(at + 8))]);
    }
    const tagValue = (tag: number): number => tags.find(([t]) => t === tag)?.[1] ?? 0;
    const stringsAt = tagValue(dtStrtab);
    const holder = all.find(
      (s) => s.type === ptLoad && stringsAt >= s.address && stringsAt < s.address + s.size,
    );
    if (!holder) return { interpreter, needed: [], searchPath: [] };
    const strings = stringsAt - holder.address + holder.offset;
    const size = tagValue(dtStrsz);
    const named = (tag: number): string[] =>
      tags.filter(([t, at]) => t === tag && at < size).map(([, at]) => stringAt(fd, strings + at));
    const origin = dirname(path);
    const searchPath = [...named(dtRunpath), ...named(dtRpath)]
      .flatMap((list) => list.split(":"))
      .map((directory) => directory.replace(/\$(?:ORIGIN|\{ORIGIN\})/g, origin))
      .filter((directory) => directory.startsWith("/"));
    return { interpreter, needed: named(dtNeeded), searchPath };
  } finally {
    closeSync(fd);
  }
}

function read(path: string): Dynamic | undefined {
  if (cache.has(path)) return cache.get(path);
  let found: Dynamic | undefined;
  try {
    found = parseElf(path);
  } catch {
    found = undefined;
  }
  cache.set(path, found);
  return found;
}

let systemDirectories: readonly string[] | undefined;

/** The directories that ld.so searches by configuration (ld.so.conf(5)), the defaults last. */
function loaderDirectories(): readonly string[] {
  if (systemDirectories) return systemDirectories;
  const out: string[] = [];
  const include = (file: string): void => {
    let content: string;
    try {
      content = readFileSync(file, "utf8");
    } catch {
      return;
    }
    for (const line of content.split("\n").map((l) => l.replace(/#.*/, "").trim())) {
      if (line.startsWith("/")) out.push(line);
    }
  };
  const multiarch: Readonly<Record<string, string>> = {
    x64: "x86_64-linux-gnu",
    arm64: "aarch64-linux-gnu",
    riscv64: "riscv64-linux-gnu",
  };
  const triplet = multiarch[process.arch] ?? "";
  include("/etc/ld.so.conf");
  for (const file of ["libc.conf", `${triplet}.conf`]) include(`/etc/ld.so.conf.d/${file}`);
  systemDirectories = [
    ...out,
    `/lib/${triplet}`,
    `/usr/lib/${triplet}`,
    "/lib64",
    "/usr/lib64",
    "/lib",
    "/usr/lib",
  ];
  return systemDirectories;
}

/**
 * Where the loader would find a library. Only what is an ELF file itself: these names are granted, and they are written
 * by whoever built the file, who must not be able to name a secret.
 */
function find(name: string, searchPath: readonly string[]): string | undefined {
  if (name.startsWith("/")) return read(name) && name;
  for (const directory of [...searchPath, ...loaderDirectories()]) {
    const candidate = `${directory}/${name}`;
    if (read(candidate)) return candidate;
  }
  return undefined;
}

/**
 * The interpreter and all libraries of an ELF file, sorted: each as it is named to the loader and as it resolves.
 * Undefined when the file is no 64-bit ELF file; empty for a static one.
 */
export function readElf(path: string): readonly string[] | undefined {
  const root = read(path);
  if (!root) return undefined;
  const found = new Set<string>();
  const pending: { readonly dynamic: Dynamic }[] = [{ dynamic: root }];
  if (root.interpreter && read(root.interpreter)) found.add(root.interpreter);
  for (let next = pending.pop(); next; next = pending.pop()) {
    for (const name of next.dynamic.needed) {
      const library = find(name, next.dynamic.searchPath);
      if (library === undefined || found.has(library)) continue;
      found.add(library);
      const dynamic = read(library);
      if (dynamic) pending.push({ dynamic });
    }
  }
  const resolved = [...found].flatMap((library) => {
    try {
      return [library, realpathSync(library)];
    } catch {
      return [library];
    }
  });
  return [...new Set(resolved)].sort();
}
