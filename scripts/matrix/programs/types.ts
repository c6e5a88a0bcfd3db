// Types as a user's compiler reads them, none of its libraries passed over.
import { PcapngWriter } from '@espalier/capture';
import { hash, nobleEngine, type OwnOctets } from '@espalier/crypto';
import { OutboundSa, type OutboundSaOptions } from '@espalier/esp';
import { Gateway } from '@espalier/gateway';
import { IkeEndpoint, type PeerConfig } from '@espalier/ike';
import { readJunos } from '@espalier/junos';
import { Pki } from '@espalier/pki';
import { ReplayWindow } from '@espalier/replay';
import { encodeIpv4, parseAddress } from '@espalier/wire';

export const packet: OwnOctets = encodeIpv4({
  source: parseAddress('10.1.0.1'),
  destination: parseAddress('10.2.0.1'),
  protocol: 17,
  payload: hash('sha2-256', new Uint8Array(1)),
});
/** DOM's types take what is ours: from TypeScript 5.9 on they ask for memory that is not shared. */
export const body: Blob = new Blob([packet]);
export const capture: Blob = new Blob([new PcapngWriter().beginning()]);
export const digest: Promise<ArrayBuffer> = crypto.subtle.digest('SHA-256', packet);
export const make = (options: OutboundSaOptions): OutboundSa => new OutboundSa(options);
export const peersOf = (...peers: readonly PeerConfig[]): IkeEndpoint =>
  new IkeEndpoint({ engine: nobleEngine(), rng: { fill: (octets) => octets.fill(0) }, peers });
export const window = new ReplayWindow({ packets: 64 });
export const doors = [Gateway, Pki, readJunos];
