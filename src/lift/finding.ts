/** Something that the consumer of a file passes over, or whose meaning is not known: the file is not what it looks like. */
export interface Finding {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
}
