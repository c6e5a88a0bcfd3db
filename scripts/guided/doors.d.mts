/** A door that parses. */
export interface Door {
  readonly name: string;
  /** Of a message that is encrypted. */
  readonly isEncrypted?: boolean;
  readonly isText?: boolean;
  readonly seeds: () => readonly Uint8Array[];
  /** Whether the octets were taken; throws what no such door throws. */
  readonly run: (octets: Uint8Array) => boolean;
  readonly forget?: () => void;
}

export function doorsOf(modules: Readonly<Record<string, unknown>>): readonly Door[];
