import { autoSocket, type ChosenSocket, dgramSocket, type Inside } from '@espalier/node';
import { Linux } from '@espalier/node/linux';
import { type RelayPorts, TunRelay } from './tun-relay.ts';

const KINDS = ['dgram', 'mmsg', 'gso'] as const;

/** How datagrams go: one a call, many a call, or many that the kernel cuts and joins. */
type SocketKind = (typeof KINDS)[number];

export interface InputOutput {
  /** Undefined: as fast as they are to be had. */
  readonly sockets: SocketKind | undefined;
  readonly tun: RelayPorts | undefined;
  /** Name of an interface. */
  readonly tunDevice: string | undefined;
}

/** For `parseArgs`. */
export const INPUT_OUTPUT = {
  tun: { type: 'string' },
  'tun-device': { type: 'string' },
  sockets: { type: 'string' },
} as const;

/** @throws Error that says what is wrong with them. */
export function readInputOutput(
  values: { readonly [Name in keyof typeof INPUT_OUTPUT]?: string | undefined },
): InputOutput {
  const { tun, 'tun-device': tunDevice, sockets } = values;
  if (tun !== undefined && tunDevice !== undefined) throw new Error('--tun and --tun-device are one too many');
  return {
    tun: tun === undefined ? undefined : readPorts(tun),
    tunDevice,
    sockets: sockets === undefined ? undefined : readSocketKind(sockets),
  };
}

/** How sockets are opened, and what that is. Rejects where what is asked for is not to be had. */
export async function socketsOf({ sockets }: InputOutput): Promise<ChosenSocket> {
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

function readSocketKind(text: string): SocketKind {
  const kind = KINDS.find((one) => one === text);
  if (kind === undefined) throw new Error(`--sockets must be one of ${KINDS.join(', ')}`);
  return kind;
}

function readPorts(text: string): RelayPorts {
  const [, from, to] = /^(\d{1,5}):(\d{1,5})$/.exec(text) ?? [];
  if (from === undefined || to === undefined) throw new Error('--tun must be two ports, as in 7001:7000');
  return { from: Number(from), to: Number(to) };
}
