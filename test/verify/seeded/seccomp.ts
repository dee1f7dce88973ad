import { replaced, type SeededBug } from "./seeded.ts";

const file = /seccomp\.json$/;

/** Bugs of a filter of system calls. */
export const seccompBugs: readonly SeededBug[] = [
  replaced("a call more", file, /"names": \["/, '"names": ["mount", "', /mount\(0\) on x86_64/),
  replaced(
    "a condition less",
    file,
    /("names": \["ioctl"\], "action": "SCMP_ACT_ALLOW"), "args": \[.*?\]/,
    "$1",
    /ioctl\(0\) on x86_64/,
  ),
  replaced(
    "a mask of less bits",
    file,
    /("names": \["socketpair"\].*?"value": )4294967295/,
    "$14294967294",
    /socketpair\(/,
  ),
  replaced(
    "a comparison at the wrong argument",
    file,
    /("names": \["socketpair"\].*?"index": )0/,
    "$11",
    /socketpair\(/,
  ),
  replaced(
    "another default",
    file,
    /"defaultAction": "SCMP_ACT_ERRNO"/,
    '"defaultAction": "SCMP_ACT_LOG"',
    /on x86_64/,
  ),
  replaced("a key that no runtime knows", file, /"syscalls"/, '"sycalls"', /there is no such key/),
  replaced(
    "a denial that allows",
    file,
    /"action": "SCMP_ACT_ERRNO"/,
    '"action": "SCMP_ACT_ALLOW"',
    /on x86_64/,
  ),
  replaced(
    "a denial that only traces",
    file,
    /"action": "SCMP_ACT_ERRNO"/,
    '"action": "SCMP_ACT_TRACE"',
    /on x86_64/,
  ),
  replaced("an ABI more", file, /"architectures": \[/, '"architectures": ["SCMP_ARCH_X86", ', /on i386/),
  replaced(
    "a comparison of another kind",
    file,
    /"SCMP_CMP_MASKED_EQ"/,
    '"SCMP_CMP_NE"',
    /can't be read back|on x86_64/,
  ),
  { name: "half of it", file, edit: (text) => text.slice(0, text.length / 2), says: /can't be read back/ },
  replaced(
    "a second condition on one argument, of which runtimes take either",
    file,
    /("names": \["ioctl"\].*?"args": \[\{.*?\})/,
    '$1, { "index": 1, "value": 1, "op": "SCMP_CMP_GT" }',
    /ioctl/,
  ),
];
