/**
 * The fragment of the OCI runtime specification's `linux.seccomp` (config-linux.md, "seccomp") that is emitted: its
 * fields exactly, nothing of docker's own (`archMap`, `includes`, `excludes`, `name`, `comment`), numbers of 64 bits.
 */
import * as z from "zod";

const word64 = z
  .string()
  .regex(/^\d+$/)
  .transform(BigInt)
  .refine((value) => value < 1n << 64n);

const argument = z.strictObject({
  index: z.int().min(0).max(5),
  value: word64,
  valueTwo: word64.optional(),
  op: z.enum(["SCMP_CMP_EQ", "SCMP_CMP_NE", "SCMP_CMP_MASKED_EQ"]),
});

const rule = z
  .strictObject({
    names: z.array(z.string().regex(/^[a-z_][a-z0-9_]*$/)).min(1),
    action: z.enum(["SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO"]),
    errnoRet: z.int().min(1).max(4095).optional(),
    args: z.array(argument).min(1).optional(),
  })
  .refine(({ action, errnoRet }) => (action === "SCMP_ACT_ERRNO") === (errnoRet !== undefined), {
    message: "an errno stands with ERRNO, and only there",
  })
  .refine(
    ({ args = [] }) => args.every((a) => (a.op === "SCMP_CMP_MASKED_EQ") === (a.valueTwo !== undefined)),
    { message: "a second value stands with MASKED_EQ, and only there" },
  );

/** The schema; words of 64 bits are strings in it, since JSON.parse would round them. */
export const seccompSchema = z.strictObject({
  defaultAction: z.enum(["SCMP_ACT_ERRNO", "SCMP_ACT_ALLOW"]),
  defaultErrnoRet: z.int().min(1).max(4095),
  architectures: z.array(z.enum(["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64", "SCMP_ARCH_RISCV64"])).min(1),
  syscalls: z.array(rule).min(1),
});

/** A profile, read. */
export type ReadProfile = z.infer<typeof seccompSchema>;

/** Reads the text of a profile. */
export function parseProfile(
  text: string,
): { readonly ok: true; readonly value: ReadProfile } | { readonly ok: false; readonly problem: string } {
  const data: unknown = JSON.parse(text.replace(/"(value|valueTwo)": (\d+)/g, '"$1": "$2"'));
  const { success, data: value, error } = seccompSchema.safeParse(data);
  return success ? { ok: true, value } : { ok: false, problem: z.prettifyError(error) };
}
