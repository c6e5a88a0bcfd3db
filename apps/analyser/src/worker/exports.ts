import {
  CaptureReader,
  decryptedFrame,
  framesOf,
  type Observation,
  Observer,
  PcapngWriter,
  reportText,
  toJson,
  toText,
} from '@espalier/capture';
import type { ExportForm, Progress } from '../protocol.ts';
import type { Session } from './session.ts';
import { breathe, type Cancel, chunksOf } from './source.ts';

/** Octets that are put together before they are handed to the browser. */
const PART_OCTETS = 1 << 20;

/** A file of what was found. Packets are read once more, so that nobody keeps them: the browser keeps the file. */
export async function exported(
  session: Session,
  form: ExportForm,
  cancel: Cancel,
  tell: (progress: Progress) => void,
): Promise<Blob> {
  const { report } = session;
  switch (form) {
    case 'report-text':
      return new Blob([`${reportText(report)}\n`], { type: 'text/plain' });
    case 'report-json':
      return new Blob([`${JSON.stringify(report, null, 2)}\n`], { type: 'application/json' });
    case 'packets-text':
      return packets(session, 'text/plain', '', (observation) => `${toText(observation)}\n`, cancel, tell);
    case 'packets-json':
      return packets(session, 'application/x-ndjson', '', (observation) => `${toJson(observation)}\n`, cancel, tell);
    case 'decrypted-pcapng': {
      const writer = new PcapngWriter();
      return packets(
        session,
        'application/x-pcapng',
        writer.beginning(),
        (observation) => {
          const frame = decryptedFrame(observation);
          return frame && writer.frame(frame);
        },
        cancel,
        tell,
      );
    }
  }
}

type Part = string | Uint8Array<ArrayBuffer>;

async function packets(
  { file, keys, ports, rows }: Session,
  type: string,
  beginning: Part,
  write: (observation: Observation) => Part | undefined,
  cancel: Cancel,
  tell: (progress: Progress) => void,
): Promise<Blob> {
  const reader = new CaptureReader();
  const observer = new Observer({ keys, ports });
  let whole = new Blob([beginning]);
  let parts: Part[] = [];
  let size = 0;
  let octets = 0;
  const chunks = chunksOf(file, cancel, (taken) => {
    octets += taken;
  });
  for await (const frames of framesOf(chunks, reader)) {
    for (const frame of frames) {
      for (const observation of observer.push(frame)) {
        const written = write(observation);
        if (written === undefined) continue;
        parts.push(written);
        size += written.length;
      }
    }
    if (size > PART_OCTETS) {
      whole = new Blob([whole, ...parts]);
      parts = [];
      size = 0;
    }
    tell({ doing: 'exporting', octets, of: file.size, frames: reader.frames, rows: rows.length });
    await breathe();
  }
  if (cancel.isCancelled) throw new Error('The export was cancelled.');
  return new Blob([whole, ...parts], { type });
}
