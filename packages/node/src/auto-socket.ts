import { Linux } from './linux/linux.ts';
import { dgramSocket } from './sockets/dgram-socket.ts';
import type { OpenSocket } from './sockets/socket.ts';

/** Sockets, and why these. */
export interface ChosenSocket {
  readonly openSocket: OpenSocket;
  /** For people. */
  readonly reason: string;
}

/** The fastest sockets that are to be had here: those of Linux where koffi is installed, else those of `node:dgram`. */
export async function autoSocket(): Promise<ChosenSocket> {
  try {
    const linux = await Linux.load();
    return { openSocket: linux.sockets(), reason: 'many datagrams a call, with segmentation offload, by koffi' };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { openSocket: dgramSocket, reason: `node:dgram: of many datagrams a call, ${why}` };
  }
}
