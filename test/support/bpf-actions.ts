/** Whether an answer of a filter lets the call through, or leaves that to another (seccomp(2), SECCOMP_RET_*). */
export const isPermission = (value: number): boolean =>
  [0x7fff0000, 0x7ffc0000, 0x00030000, 0x7ff00000, 0x7fc00000].includes((value & 0xffff0000) >>> 0);
