import type { KeyFile } from '@espalier/capture';
import { Session } from '../src/worker/session.ts';
import { Cancel } from '../src/worker/source.ts';

/** A capture as the worker has it once it is read. */
export async function opened(
  octets: Uint8Array,
  keys: readonly KeyFile[] = [],
  ports: readonly number[] = [],
): Promise<Session> {
  const session = new Session({ file: new Blob([octets.slice()]), name: 'test.pcap', keys, ports });
  await session.read(new Cancel(), () => {});
  return session;
}
