import type { Watch } from './native.ts';

/** What of libuv is called. Handles are addresses. */
export interface LibuvPoll {
  readonly loop: number;
  handleOctets(type: number): number;
  allocate(octets: number): number;
  free(handle: number): void;
  init(loop: number, handle: number, fd: number): number;
  start(handle: number, events: number, polled: unknown): number;
  close(handle: number, closed: unknown): void;
  onPolled(polled: (handle: number, status: number) => void): unknown;
  onClosed(closed: (handle: number) => void): unknown;
}

/** `UV_POLL` of `uv_handle_type`. */
const UV_POLL = 8;
const UV_READABLE = 1;

/**
 * File descriptors that Node's own event loop waits for, beside its own. What libuv calls does no more than note what is ready;
 * that is served in the check phase of the same turn, where JavaScript may do what it likes, and may throw.
 */
export class Watches {
  readonly #libuv: LibuvPoll;
  readonly #polled: unknown;
  readonly #closed: unknown;
  readonly #ready = new Map<number, (broken: boolean) => void>();
  readonly #closing = new Map<number, () => void>();

  constructor(libuv: LibuvPoll) {
    this.#libuv = libuv;
    this.#polled = libuv.onPolled((handle, status) => this.#note(handle, status < 0));
    this.#closed = libuv.onClosed((handle) => this.#forget(handle));
  }

  /** The number of an error where it cannot be watched. */
  add(fd: number, ready: (broken: boolean) => void): Watch | number {
    const handle = this.#libuv.allocate(this.#libuv.handleOctets(UV_POLL));
    const failure = this.#libuv.init(this.#libuv.loop, handle, fd);
    if (failure !== 0) {
      this.#libuv.free(handle);
      return -failure;
    }
    this.#ready.set(handle, ready);
    this.#start(handle);
    return { again: () => this.#start(handle), stop: () => this.#stop(handle) };
  }

  #start(handle: number): void {
    if (this.#ready.has(handle)) this.#libuv.start(handle, UV_READABLE, this.#polled);
  }

  #stop(handle: number): Promise<void> {
    if (!this.#ready.delete(handle)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#closing.set(handle, resolve);
      this.#libuv.close(handle, this.#closed);
    });
  }

  /** Each by itself: libuv has stopped what is broken, and tells nobody of it again because another has thrown. */
  #note(handle: number, broken: boolean): void {
    const ready = this.#ready.get(handle);
    if (ready === undefined) return;
    setImmediate(() => {
      if (this.#ready.get(handle) === ready) ready(broken);
    });
  }

  #forget(handle: number): void {
    const resolve = this.#closing.get(handle);
    this.#closing.delete(handle);
    this.#libuv.free(handle);
    // What awaits a promise goes on when JavaScript that Node knows of has run: nothing else need come to pass before.
    if (resolve !== undefined) setImmediate(resolve);
  }
}
