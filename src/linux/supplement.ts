/** System calls that are newer than the headers, or that the generic tables leave out: each with its source. */

/** One call by hand. */
export interface SupplementRow {
  readonly name: string;
  /** Numbers on x86_64, aarch64 and riscv64; null where it does not exist. */
  readonly numbers: readonly [number | null, number | null, number | null];
  /** `name:bits`, as in the generated table. */
  readonly parameters: string;
  /** The release that brought it. */
  readonly since: string;
  readonly source: string;
}

/** The rows; where the generated table also has a call, that one counts. */
export const supplement: readonly SupplementRow[] = [
  {
    name: "riscv_hwprobe",
    numbers: [null, null, 258],
    parameters: "pairs:64,pair_count:64,cpusetsize:64,cpus:64,flags:32",
    since: "6.4",
    source: "Documentation/arch/riscv/hwprobe.rst; arch/riscv/include/uapi/asm/unistd.h",
  },
  {
    name: "riscv_flush_icache",
    numbers: [null, null, 259],
    parameters: "start:64,end:64,flags:64",
    since: "4.15",
    source: "arch/riscv/include/uapi/asm/unistd.h",
  },
  {
    name: "uretprobe",
    numbers: [335, null, null],
    parameters: ".",
    since: "6.11",
    source: "arch/x86/entry/syscalls/syscall_64.tbl; exempt from every filter (kernel/seccomp.c)",
  },
  {
    name: "uprobe",
    numbers: [336, null, null],
    parameters: ".",
    since: "6.18",
    source: "arch/x86/entry/syscalls/syscall_64.tbl; exempt from every filter (kernel/seccomp.c)",
  },
  {
    name: "setxattrat",
    numbers: [463, 463, 463],
    parameters: "dfd:32,path:64,at_flags:32,name:64,args:64,size:64",
    since: "6.13",
    source: "include/uapi/asm-generic/unistd.h; setxattr(2)",
  },
  {
    name: "getxattrat",
    numbers: [464, 464, 464],
    parameters: "dfd:32,path:64,at_flags:32,name:64,args:64,size:64",
    since: "6.13",
    source: "include/uapi/asm-generic/unistd.h",
  },
  {
    name: "listxattrat",
    numbers: [465, 465, 465],
    parameters: "dfd:32,path:64,at_flags:32,list:64,size:64",
    since: "6.13",
    source: "include/uapi/asm-generic/unistd.h",
  },
  {
    name: "removexattrat",
    numbers: [466, 466, 466],
    parameters: "dfd:32,path:64,at_flags:32,name:64",
    since: "6.13",
    source: "include/uapi/asm-generic/unistd.h",
  },
  {
    name: "open_tree_attr",
    numbers: [467, 467, 467],
    parameters: "dfd:32,path:64,flags:32,uattr:64,usize:64",
    since: "6.15",
    source: "include/uapi/asm-generic/unistd.h",
  },
  {
    name: "file_getattr",
    numbers: [468, 468, 468],
    parameters: "dfd:32,filename:64,ufattr:64,usize:64,at_flags:32",
    since: "6.17",
    source: "include/uapi/asm-generic/unistd.h",
  },
  {
    name: "file_setattr",
    numbers: [469, 469, 469],
    parameters: "dfd:32,filename:64,ufattr:64,usize:64,at_flags:32",
    since: "6.17",
    source: "include/uapi/asm-generic/unistd.h",
  },
];
