import type { Server } from 'node:http';

/** A server of these files on the loopback interface. `port` 0: any that is free. */
export function serve(files: ReadonlyMap<string, Uint8Array>, port?: number): Promise<Server>;
