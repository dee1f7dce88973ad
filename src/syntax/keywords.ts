/** The keywords of the language, apart from the lexer, whose library their users do without. */

/** What a keyword begins. */
export type KeywordKind = "declaration" | "relation" | "clause";

/** A keyword of the language: its text, and what it begins. */
export interface Keyword {
  readonly text: string;
  readonly kind: KeywordKind;
}

/** Words that begin a clause of a block. */
export const clauseKeywords = [
  "accept",
  "deny",
  "env",
  "exec",
  "image",
  "isolation",
  "limits",
  "net",
  "read",
  "run",
  "runtime",
  "syscalls",
  "tmp",
  "unix",
  "user",
  "write",
] as const;

/** A word that begins a clause. */
export type ClauseKeyword = (typeof clauseKeywords)[number];

/** Words that begin a declaration. */
export const declarationKeywords = ["group", "import", "language", "profile", "server"] as const;

/** Words between a declaration's name and its block. */
export const relationKeywords = ["extends", "within"] as const;

/** All keywords, in the order of the table. */
export const keywords: readonly Keyword[] = [
  ...declarationKeywords.map((text) => ({ text, kind: "declaration" as const })),
  ...relationKeywords.map((text) => ({ text, kind: "relation" as const })),
  ...clauseKeywords.map((text) => ({ text, kind: "clause" as const })),
];
