import { autoSocket, dgramSocket, type Inside, type OpenSocket } from '@espalier/node';
import { Linux } from '@espalier/node/linux';
import { type RelayPorts, TunRelay } from './tun-relay.ts';

const KINDS = ['dgram', 'mmsg', 'gso'] as const;

/** How datagrams go: one a call, many a call, or many that the kernel cuts and joins. */
export type SocketKind = (typeof KINDS)[number];

/** @throws Error for another word. */
export function readSocketKind(text: string): SocketKind {
  const kind = KINDS.find((one) => one === text);
  if (kind === undefined) throw new Error(`--sockets must be one of ${KINDS.join(', ')}`);
  return kind;
}

export interface InputOutput {
  readonly sockets: SocketKind | undefined;
  readonly tun: RelayPorts | undefined;
  readonly tunDevice: string | undefined;
}

/** How sockets are opened, and what that is. Rejects where what is asked for is not to be had. */
export async function socketsOf({
  sockets,
}: Pick<InputOutput, 'sockets'>): Promise<{ openSocket: OpenSocket; reason: string }> {
  if (sockets === undefined) return autoSocket();
  if (sockets === 'dgram') return { openSocket: dgramSocket, reason: 'node:dgram' };
  const linux = await Linux.load();
  return { openSocket: linux.sockets({ segmentation: sockets === 'gso' }), reason: sockets };
}

/** What is inside, if a TUN is: that of a relay, or one of this program. */
export async function tunOf({ sockets, tun, tunDevice: name }: InputOutput): Promise<Inside | undefined> {
  if (tun !== undefined) return new TunRelay(tun);
  if (name === undefined) return undefined;
  const linux = await Linux.load();
  return linux.tun({ name, offload: sockets !== 'mmsg' && sockets !== 'dgram' });
}
