/** The solver: z3-solver's, by SMT-LIB's text. */
import { init, Z3_error_code, Z3_lbool } from "z3-solver";
import type { Call } from "../../../src/authority/calls.ts";
import { and, argument, declarations, type EntryName, entryNumbers, same, type Term, word } from "./terms.ts";

/** What it says of a question. */
export interface Answer {
  /** A call for which the term holds; undefined when there is none. */
  readonly call: Pick<Call, "entry" | "number" | "words"> | undefined;
  /** Whether the term holds for the call that was proposed. */
  readonly agrees: boolean;
}

/** A solver that runs. */
export interface Solver {
  /** @throws Error when it can't decide, or can't read it */
  readonly ask: (
    definitions: string,
    term: Term,
    proposed: Pick<Call, "entry" | "number" | "words"> | undefined,
  ) => Promise<Answer>;
  readonly stop: () => Promise<void>;
}

const bits = { entry: 32, nr: 32, a0: 64, a1: 64, a2: 64, a3: 64, a4: 64, a5: 64 } as const;

const isThis = ({ entry, number, words }: NonNullable<Answer["call"]>): Term =>
  and([
    same("entry", word(entryNumbers[entry], 32)),
    same("nr", word(number, 32)),
    ...words.map((value, at) => same(argument(at), word(value, 64))),
  ]);

type Z3 = Awaited<ReturnType<typeof init>>["Z3"];

/** Asks one question, in a context of its own. */
async function satisfied(Z3: Z3, text: string): Promise<Answer["call"]> {
  const config = Z3.mk_config();
  const context = Z3.mk_context(config);
  try {
    const solver = Z3.mk_solver(context);
    // `eval_smtlib2_string` is not used: it reads its text in another thread after the text was let go of.
    Z3.solver_from_string(context, solver, text);
    if (Z3.get_error_code(context) !== Z3_error_code.Z3_OK)
      throw new Error(Z3.get_error_msg(context, Z3.get_error_code(context)));
    const verdict = await Z3.solver_check(context, solver);
    if (verdict === Z3_lbool.Z3_L_FALSE) return undefined;
    if (verdict !== Z3_lbool.Z3_L_TRUE) throw new Error("it can't decide");
    const model = Z3.solver_get_model(context, solver);
    const value = (name: keyof typeof bits): bigint => {
      const constant = Z3.mk_const(
        context,
        Z3.mk_string_symbol(context, name),
        Z3.mk_bv_sort(context, bits[name]),
      );
      const found = Z3.model_eval(context, model, constant, true);
      if (found === null) throw new Error(`no value of ${name}`);
      return BigInt(Z3.get_numeral_string(context, found));
    };
    const [entry] = (Object.keys(entryNumbers) as EntryName[]).filter(
      (e) => BigInt(entryNumbers[e]) === value("entry"),
    );
    if (!entry) throw new Error("there is no such entry");
    const words = (["a0", "a1", "a2", "a3", "a4", "a5"] as const).map(value);
    return { entry, number: Number(value("nr")), words };
  } finally {
    Z3.del_context(context);
    Z3.del_config(config);
  }
}

/** Starts a solver. */
export async function startSolver(): Promise<Solver> {
  const { Z3, em } = await init();
  return {
    ask: async (definitions, term, proposed) => {
      const head = `${declarations}\n${definitions}\n(define-fun beyond () Bool ${term})\n(assert beyond)`;
      const call = await satisfied(Z3, head);
      const agrees =
        !proposed || (await satisfied(Z3, `${head}\n(assert ${isThis(proposed)})`)) !== undefined;
      return { call, agrees };
    },
    stop: async () => em.PThread.terminateAllThreads(),
  };
}
