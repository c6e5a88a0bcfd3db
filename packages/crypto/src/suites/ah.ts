import { type EspMac, MACS } from './macs.ts';

/** One way to protect AH packets (RFC 4302 §3.2): a MAC alone. Lengths in octets. */
export interface AhSuite {
  readonly name: EspMac;
  readonly integrityKeyOctets: number;
  readonly icvOctets: number;
  /** MD5 (RFC 8221). */
  readonly legacy: boolean;
}

/** Every suite of AH. */
export const AH_SUITES: readonly AhSuite[] = MACS.map(({ integrity, keyOctets, icvOctets, legacy }) =>
  Object.freeze({ name: integrity, integrityKeyOctets: keyOctets, icvOctets, legacy }),
);

const BY_NAME: ReadonlyMap<string, AhSuite> = new Map(AH_SUITES.map((suite) => [suite.name, suite]));

/**
 * The suite of that name: of a suite too, which may have been copied, only the name counts.
 * @throws RangeError for a name that is not in `AH_SUITES`, or for what has none.
 */
export function ahSuite(suite: string | Pick<AhSuite, 'name'>): AhSuite {
  const name: unknown = typeof suite === 'string' ? suite : suite?.name;
  const known = typeof name === 'string' ? BY_NAME.get(name) : undefined;
  if (known === undefined) throw new RangeError(`AH suite '${String(name)}' is not known`);
  return known;
}
