/** Each file of the page by its name, as octets. */
export function builtFiles(): Promise<ReadonlyMap<string, Uint8Array>>;

/** Writes them to `dist`. */
export function build(): Promise<ReadonlyMap<string, Uint8Array>>;
