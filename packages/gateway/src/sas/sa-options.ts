import type { EspSuite } from '@espalier/crypto';
import type { InboundSaOptions } from '@espalier/esp';
import type { OutboundAhSaOptions } from '@espalier/esp/ah';
import type { IpsecMode } from '@espalier/ike';
import { type AgreedAh, type AgreedEsp, isCounted, type SaAgreement } from './agreement.ts';

/** What SAs are built with, of what was agreed on. */

/** How checksums behind a NAT are mended of what ESP brings in transport mode (RFC 3948 §3.1.2). */
export function mendingOf(
  { mode, inUdp, originalAddresses }: SaAgreement,
  espMode: IpsecMode,
): Pick<InboundSaOptions, 'originalAddresses'> {
  if (espMode === 'tunnel' || !inUdp || mode === 'tunnel') return {};
  if (originalAddresses === undefined) return { originalAddresses: 'unknown' };
  const { local, remote } = originalAddresses;
  return { originalAddresses: { source: remote, destination: local } };
}

/** The DSCP of what is delivered is a matter of whatever takes the header of the tunnel off: ESP, AH or IPComp. */
export function dscpOf(mode: IpsecMode, dscp: 'keep' | 'copy' | undefined): Pick<InboundSaOptions, 'dscp'> {
  return mode === 'transport' || dscp === undefined ? {} : { dscp };
}

/** What does not authenticate has no ESN, and nothing to find again. */
export function resynchronisationOf(
  { resynchronise }: SaAgreement,
  suite?: EspSuite,
): Pick<InboundSaOptions, 'resynchronise'> {
  return suite?.unauthenticated || resynchronise === undefined ? {} : { resynchronise };
}

/** Where it does not authenticate, AH around it does, and counts, or the configuration wants it so. */
export function espOf(esp: AgreedEsp): Pick<InboundSaOptions, 'suite' | 'spi' | 'keys' | Unauthenticated> {
  const { suite, spi } = esp;
  const unauthenticated = { allowUnauthenticated: true, esn: false, replayWindow: 'off' } as const;
  return { suite, spi, keys: esp, ...(suite.unauthenticated && unauthenticated) };
}

/**
 * How an outbound SA numbers its packets. The other end of one given by hand has no anti-replay window, so that it goes on from
 * 0 (RFC 4303 §3.3.3), unless IVs are made of the numbers or they are kept.
 */
export function numbersOf(
  { role, kept }: SaAgreement,
  protocol: 'esp' | 'ah',
  suite: Pick<EspSuite, 'iv'>,
): Pick<OutboundAhSaOptions, 'antiReplay' | 'keepAhead' | 'resume'> {
  if (kept !== undefined) {
    const resume = kept.resume?.[protocol];
    return resume === undefined ? { keepAhead: true } : { resume };
  }
  return { antiReplay: role !== undefined || isCounted(suite) };
}

type Unauthenticated = 'allowUnauthenticated' | 'esn' | 'replayWindow';

export function ahOf({ suite, spi, integrity: key }: AgreedAh): Pick<OutboundAhSaOptions, 'suite' | 'spi' | 'key'> {
  return { suite, spi, key };
}
