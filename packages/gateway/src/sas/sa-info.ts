import type { AhSuite, EspSuite } from '@espalier/crypto';
import type { IpsecMode, Role } from '@espalier/ike';
import type { Identification, Instant } from '@espalier/wire';
import type { SaName } from '../config.ts';
import type { Tunnel } from '../tunnels/tunnel.ts';
import type { PairOfSas } from './agreement.ts';
import type { SaPair } from './sa-pair.ts';

/** A pair of SAs as it is now, without keys. */
export interface IpsecSaInfo extends SaName {
  /** Name of the peer; of a template's peers each has its identity in its name; of SAs given by hand, its address. */
  readonly peer: string;
  /** Address of this end. */
  readonly local: string;
  /** Address of the peer, where packets go to. */
  readonly remote: string;
  /** Who has begun; undefined of SAs given by hand (RFC 4301 §4.5.1). */
  readonly role: Role | undefined;
  /** `negotiated`: the peer may already use it, this side does not yet. The first established one of a policy sends. */
  readonly state: 'established' | 'negotiated';
  readonly mode: IpsecMode;
  /** Whether ESP goes in UDP (RFC 3948). */
  readonly inUdp: boolean;
  /** Of ESP, or where there is none of AH; of SAs given by hand, of what leaves. */
  readonly suite: EspSuite | AhSuite;
  /** What protects packets each way, in the order in which one that leaves gets it: ESP, then AH around it. */
  readonly sas: PairOfSas;
  /** What the peers agreed on that it carries; of SAs given by hand, what the policy's selectors say. */
  readonly localIdentity: Identification;
  readonly remoteIdentity: Identification;
  /** When it is renewed; undefined of SAs given by hand. */
  readonly softExpiry: Instant | undefined;
  /** When it is deleted; undefined of SAs given by hand. */
  readonly hardExpiry: Instant | undefined;
  /** Packets. */
  readonly antiReplayWindow: number | 'off';
  /** Which live tunnel it is of (see `LiveTunnelInfo`), with a template of peers. */
  readonly liveTunnel: number | undefined;
}

/** The pair that sends comes first. */
export function saInfos(tunnel: Tunnel): readonly IpsecSaInfo[] {
  return [
    ...tunnel.established.map((pair) => saInfo(tunnel, pair, 'established')),
    ...tunnel.negotiated.map((pair) => saInfo(tunnel, pair, 'negotiated')),
  ];
}

function saInfo({ number }: Tunnel, pair: SaPair, state: IpsecSaInfo['state']): IpsecSaInfo {
  return {
    ...pair.name,
    peer: pair.peer,
    local: pair.local,
    remote: pair.remote,
    role: pair.role,
    state,
    mode: pair.mode,
    inUdp: pair.inUdp,
    suite: pair.suite,
    sas: pair.sas,
    localIdentity: pair.localIdentity,
    remoteIdentity: pair.remoteIdentity,
    softExpiry: pair.softExpiry,
    hardExpiry: pair.hardExpiry,
    antiReplayWindow: pair.replayWindow,
    liveTunnel: number,
  };
}
