import { type EspMac, MACS } from './macs.ts';

/** AES-GMAC by the bits of its key (RFC 4543 §4). */
export type AhGmac = 'aes-128-gmac' | 'aes-192-gmac' | 'aes-256-gmac';

/** One way to protect AH packets (RFC 4302 §3.2): a MAC alone. Lengths in octets. */
export interface AhSuite {
  readonly name: EspMac | AhGmac;
  /** Of GMAC the key and, behind it, four octets of salt (RFC 4543 §5). */
  readonly integrityKeyOctets: number;
  /** Of the IV that lies in front of the ICV, in the field of both; its numbers never come again under one key. */
  readonly ivOctets: number;
  readonly iv: 'none' | 'sequence';
  readonly icvOctets: number;
  /** MD5 (RFC 8221). */
  readonly legacy: boolean;
}

const GMACS = [128, 192, 256] as const;
const SALT_OCTETS = 4;

/** Every suite of AH. */
export const AH_SUITES: readonly AhSuite[] = [
  ...MACS.map(({ integrity: name, keyOctets, icvOctets, legacy }) =>
    Object.freeze({ name, integrityKeyOctets: keyOctets, ivOctets: 0, iv: 'none', icvOctets, legacy } as const),
  ),
  ...GMACS.map((bits) =>
    Object.freeze({
      name: `aes-${bits}-gmac`,
      integrityKeyOctets: bits / 8 + SALT_OCTETS,
      ivOctets: 8,
      iv: 'sequence',
      icvOctets: 16,
      legacy: false,
    } as const),
  ),
];

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
