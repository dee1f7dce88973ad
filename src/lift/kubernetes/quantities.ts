/** Quantities: numbers with a suffix of powers of ten or of two (Kubernetes' API reference, "Quantity"). */

const suffixes: Readonly<Record<string, bigint>> = {
  n: 1n,
  u: 1_000n,
  m: 1_000_000n,
  "": 10n ** 9n,
  k: 10n ** 12n,
  M: 10n ** 15n,
  G: 10n ** 18n,
  T: 10n ** 21n,
  P: 10n ** 24n,
  E: 10n ** 27n,
  Ki: (10n ** 9n) << 10n,
  Mi: (10n ** 9n) << 20n,
  Gi: (10n ** 9n) << 30n,
  Ti: (10n ** 9n) << 40n,
  Pi: (10n ** 9n) << 50n,
  Ei: (10n ** 9n) << 60n,
};

const ceiling = (number: bigint, by: bigint): bigint => (number + by - 1n) / by;

/** A quantity in billionths, rounded up as the API server does; undefined for what is none, or is negative. */
export function billionthsOf(text: string): bigint | undefined {
  const parts = /^\+?(\d{1,30})?(?:\.(\d{0,30}))?(?:[eE]([+-]?\d{1,2})|([numkMGTPE]|[KMGTPE]i))?$/.exec(text);
  if (!parts) return undefined;
  const [, whole = "", fraction = "", exponent, suffix = ""] = parts;
  if (whole + fraction === "") return undefined;
  const digits = BigInt(whole + fraction);
  const scale = suffixes[suffix];
  if (scale === undefined) return undefined;
  const power = Number(exponent ?? 0) - fraction.length;
  return power >= 0 ? digits * scale * 10n ** BigInt(power) : ceiling(digits * scale, 10n ** BigInt(-power));
}

/** Bytes of a quantity; undefined for what is none, and for zero, which is no limit. */
export function bytesOf(text: string): number | undefined {
  const billionths = billionthsOf(text);
  return billionths ? Number(ceiling(billionths, 10n ** 9n)) : undefined;
}
