/** Calls in the prober's binary form, with the bits of each as a diagram and an interpreter ask for them. */

/** Bytes of one probe: u32 entry, u32 number, six arguments of 64 bits. */
export const probeBytes = 56;
const wordsOfProbe = probeBytes / 4;

/** How a probe enters: natively (x32 by bit 30 of the number), or by `int 0x80`; the others only a diagram can be asked. */
export const probeEntries = ["x86_64", "i386", "aarch64", "riscv64"] as const;

/** A growing list of probes. */
export interface Probes {
  words: Uint32Array;
  count: number;
}

/** An empty list. */
export function createProbes(capacity = 1024): Probes {
  return { words: new Uint32Array(capacity * wordsOfProbe), count: 0 };
}

/** Adds a probe of zeros of an entry, and gives where its words begin. */
export function addProbe(probes: Probes, entry: number): number {
  const at = probes.count++ * wordsOfProbe;
  if (at + wordsOfProbe > probes.words.length) {
    const wide = new Uint32Array(probes.words.length * 2);
    wide.set(probes.words);
    probes.words = wide;
  }
  probes.words[at] = entry;
  return at;
}

/** Where the number of a probe lies, from where its words begin. */
export const numberAt = 1;

/** Where the low half of an argument lies; the high half is behind it. */
export const argumentAt = (index: number): number => 2 + index * 2;

/** Where the words of a probe begin. */
export const startOf = (index: number): number => index * wordsOfProbe;

/** A bit of the diagram of calls, as a place in a probe: the word, from where it begins, and the mask. */
export function placeOf(level: number): { readonly word: number; readonly mask: number } {
  if (level < 2) return { word: 0, mask: 1 << (1 - level) };
  if (level < 34) return { word: numberAt, mask: 1 << (33 - level) };
  const [index, bit] = [(level - 34) >> 6, 63 - ((level - 34) & 63)];
  return { word: argumentAt(index) + (bit >> 5), mask: 1 << (bit & 31) };
}

/** Sets a variable of the diagram in a probe. */
export function setLevel({ words }: Probes, start: number, level: number, value: boolean): void {
  const { word, mask } = placeOf(level);
  const old = words[start + word] ?? 0;
  words[start + word] = value ? old | mask : old & ~mask;
}

/** An argument of a probe. */
export function argumentOf({ words }: Probes, start: number, index: number): bigint {
  const at = start + argumentAt(index);
  return (BigInt(words[at + 1] ?? 0) << 32n) | BigInt(words[at] ?? 0);
}

const cookie = [0x5f6f6b21, 0x6d637063] as const;

/** Whether the prober can ask: the cookie is its own, and two calls pass every filter (kernel/seccomp.c) and end it. */
export function isAskable({ words }: Probes, start: number): boolean {
  const at = start + argumentAt(5);
  if (words[at] === cookie[0] && words[at + 1] === cookie[1]) return false;
  return !(words[start] === 0 && (words[start + numberAt] === 335 || words[start + numberAt] === 336));
}

/** The bytes of a list. */
export function bytesOf({ words, count }: Probes): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, count * probeBytes);
}
