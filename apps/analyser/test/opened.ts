import type { KeyFile } from '@espalier/capture';
import { Session } from '../src/worker/session.ts';
import { Cancel } from '../src/worker/source.ts';

/** A capture as the worker has it once it is read. */
export async function opened(octets: Uint8Array, keys: readonly KeyFile[] = []): Promise<Session> {
  const session = new Session(new Blob([octets.slice()]), 'test.pcap', keys);
  await session.read(new Cancel(), () => {});
  return session;
}
