/** Every diagnostic, by code: what `explain MC…`, the documentation and SARIF are made from. */
import { configurationErrors } from "./catalogue/configuration.ts";
import { enforcementErrors } from "./catalogue/enforcement.ts";
import { meaningErrors } from "./catalogue/meaning.ts";
import { nameErrors } from "./catalogue/names.ts";
import { proofErrors } from "./catalogue/proof.ts";
import { syntaxErrors } from "./catalogue/syntax.ts";
import type { EntryDefinition } from "./entry.ts";

/** An entry without the type of its holes. */
export interface CatalogueEntry extends Omit<EntryDefinition<never>, "message"> {
  readonly code: string;
}

const tables = [syntaxErrors, nameErrors, meaningErrors, enforcementErrors, proofErrors, configurationErrors];

/** The catalogue, in the order of the codes. */
export const catalogue: ReadonlyMap<string, CatalogueEntry> = new Map(
  tables
    .flatMap((table): readonly CatalogueEntry[] => Object.values(table))
    .sort((a, b) => (a.code < b.code ? -1 : 1))
    .map((entry) => [entry.code, entry]),
);
