import type { Engine, Rng } from '@espalier/crypto';
import { InboundSa, OutboundSa, type OuterHeaderOptions } from '@espalier/esp';
import type { NegotiatedChild } from '@espalier/ike';
import { requireFunction, requireObject } from '../arguments.ts';
import type { OuterTreatment } from '../config.ts';
import { type AgreedEsp, negotiatedAgreement, type SaAgreement, type SequenceChecks } from './agreement.ts';
import { espOf, mendingOf, numbersOf, resynchronisationOf } from './sa-options.ts';

/** What a child does not say of its SAs. */
export interface SaPairOptions extends SequenceChecks {
  readonly engine: Engine;
  /** Of IVs. */
  readonly rng: Rng;
  /**
   * What sealed packets are: `ip`, whole IP packets, or `udp`, of a tunnel in UDP, what the caller's own sockets send. What is
   * opened begins at the ESP header in either case. Default `ip`.
   */
  readonly outside?: 'ip' | 'udp';
  /** The outer header of a tunnel. Default: DF as inside. */
  readonly outer?: OuterTreatment;
}

/** Both directions of a child, through ESP. */
export interface EspSaPair {
  readonly inbound: InboundSa;
  readonly outbound: OutboundSa;
}

/**
 * The SAs of a child that IKE has agreed on, for who uses an `IkeEndpoint` without a `Gateway`. They open from
 * 'child-negotiated' on, and may seal from 'child-established' on. The engine has the keys then: `wipeChild` overwrites those
 * of the child, after which nothing more can be built of it.
 *
 * @throws RangeError for a child of other protections than ESP alone, for one that `outside` cannot be, and when the engine's
 * arena is spent; TypeError for an argument of the wrong type.
 */
export function saPairOf(child: NegotiatedChild, options: SaPairOptions): EspSaPair {
  requireObject(child, 'child');
  requireObject(options, 'options');
  requireObject(options.engine, 'options.engine');
  requireFunction(options.rng?.fill, 'options.rng.fill');
  const { engine, rng, outside = 'ip', outer = {} } = options;
  const agreement = negotiatedAgreement(child, options);
  const [inbound, outbound] = [agreement.inbound, agreement.outbound].map(({ esp }) => esp);
  if (child.protections.length !== 1 || inbound === undefined || outbound === undefined) {
    throw new RangeError('child.protections: must be ESP alone');
  }
  if (outside === 'udp' && (!child.inUdp || child.mode !== 'tunnel' || child.nonIkeMarker)) {
    throw new RangeError("options.outside: 'udp' must be of a tunnel in UDP, without a non-IKE marker");
  }
  const opening = inboundSa(engine, agreement, inbound);
  try {
    return {
      inbound: opening,
      outbound: outboundSa(engine, rng, agreement, outbound, frontOf(agreement, outside, outer)),
    };
  } catch (error) {
    opening.wipe();
    throw error;
  }
}

function inboundSa(engine: Engine, agreement: SaAgreement, esp: AgreedEsp): InboundSa {
  const { mode, esn, antiReplayWindow: replayWindow, life } = agreement;
  return new InboundSa({
    ...{ engine, mode, esn, replayWindow },
    ...(life && { lifetime: life.lifetime }),
    ...resynchronisationOf(agreement, esp.suite),
    ...mendingOf(agreement, mode),
    ...espOf(esp),
  });
}

function outboundSa(engine: Engine, rng: Rng, agreement: SaAgreement, esp: AgreedEsp, front: Front): OutboundSa {
  const { mode, esn, life } = agreement;
  return new OutboundSa({
    ...{ engine, rng, mode, esn },
    ...(life && { lifetime: life.lifetime }),
    ...espOf(esp),
    ...numbersOf(agreement, 'esp', esp.suite),
    ...front,
  });
}

type Front = Pick<ConstructorParameters<typeof OutboundSa>[0], 'outer' | 'udp'>;

/** What goes in front of the ESP header: nothing, where the caller's sockets do. */
function frontOf({ mode, inUdp, local, remote }: SaAgreement, outside: 'ip' | 'udp', treatment: OuterTreatment): Front {
  if (outside === 'udp') return {};
  const udp = inUdp ? { udp: { sourcePort: local.port, destinationPort: remote.port } } : {};
  if (mode === 'transport') return udp;
  const ends = { source: local.address, destination: remote.address };
  const outer: OuterHeaderOptions = { df: 'copy', ...treatment, ...ends, ...udp };
  return { outer };
}
