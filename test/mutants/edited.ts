/** What every mutator of a text gives. */

/** A text with one thing changed, and what that is. */
export interface Edited {
  readonly what: string;
  readonly text: string;
}
