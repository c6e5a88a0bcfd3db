import type { OpenSocket } from '../sockets/socket.ts';
import { loadNative } from './kernel/load.ts';
import type { Native } from './kernel/native.ts';
import { Tun, type TunOptions } from './tun/tun.ts';
import { type KernelSocketOptions, kernelSockets } from './udp/kernel-socket.ts';

/** What Linux has and Node has not: many datagrams a call, and TUNs. */
export class Linux {
  readonly #native: Native;

  private constructor(native: Native) {
    this.#native = native;
  }

  /** Rejects with an Error that says why it is not to be had here: another system, another thread, no koffi. */
  static async load(): Promise<Linux> {
    return new Linux(await loadNative());
  }

  /** For `UdpDriverOptions.openSocket`. */
  sockets(options?: KernelSocketOptions): OpenSocket {
    return kernelSockets(this.#native, options);
  }

  /** For `UdpDriverOptions.inside`. @throws TypeError for a name that can be none. */
  tun(options: TunOptions): Tun {
    return new Tun(this.#native, options);
  }
}
