import { type Frame, type Observation, Observer } from '@espalier/capture';
import { espSuite } from '@espalier/crypto';
import { Cursor } from '../fields/cursor.ts';
import type { Buffer, Buffers, Field } from '../fields/field.ts';
import { frameFields } from '../fields/frame.ts';
import { transport } from '../fields/ip.ts';
import { espOrAh, isakmpMessage } from '../fields/ipsec.ts';
import { payloads } from '../fields/payloads.ts';
import type { Details } from '../protocol.ts';
import type { KeptObservation } from './kept.ts';
import { KINDS } from './rows.ts';
import type { Session } from './session.ts';
import { octetsAt } from './source.ts';

/** All of a row: its frame is read again, and what was encrypted in it decrypted again. */
export async function detailsOf(session: Session, row: number): Promise<Details> {
  const { rows, file, unzipped, observer, report } = session;
  const place = rows.place(row);
  const kept = session.kept.at(row);
  const frame = await octetsAt(file, unzipped, place.offset, place.frameOctets);
  const kind = KINDS[rows.kind.at(row)] ?? 'isakmp';
  const octets = kept?.octets ?? frame.subarray(place.at ?? 0, (place.at ?? 0) + place.octets);
  const sa = report.sas[rows.sa.at(row)];
  const opened =
    kind === 'esp' ? observer.reopen({ sa: rows.sa.at(row), octets, sequenceHigh: rows.sequenceHigh(row) }) : undefined;
  const seen = again(
    { ...place, number: rows.frame.at(row), time: rows.time.at(row), octets: frame },
    kind,
    place.at,
    session.ports,
  );
  const buffers: Buffer[] = [
    {
      name: 'Frame',
      octets: frame,
      fields: seen === undefined ? piece(frame) : frameFields(frame, shown(seen, kept), icvOctetsOf(sa?.suite)),
    },
    ...(place.at === undefined ? [message(kind, octets, kept, icvOctetsOf(sa?.suite))] : []),
    ...decrypted(kept),
    ...inside(opened),
  ];
  const note = rows.texts.at(rows.notes.at(row));
  return {
    row: rows.row(row),
    facts: [...factsOf(session, row), ...compression(opened), ...(kept?.facts ?? [])],
    notes: note === '' ? [] : note.split('; '),
    buffers,
  };
}

/** A frame that shows nothing by itself. */
function piece(frame: Uint8Array): readonly Field[] {
  const cursor = new Cursor(frame, 0);
  cursor.rest('A fragment, or a segment of TCP');
  return cursor.fields;
}

/** What an observer without keys and without a past sees in the frame at the same place. */
function again(
  frame: Omit<Frame, 'interfaceId' | 'offset'>,
  kind: Observation['kind'],
  at: number | undefined,
  ports: readonly number[],
): Observation | undefined {
  const seen = new Observer({ ports }).push(frame);
  return seen.find((one) => one.kind === kind && one.at === at) ?? seen[0];
}

/** As the first pass has seen it, where that knew more. */
function shown(seen: Observation, kept: KeptObservation | undefined): Observation {
  if (seen.kind !== 'isakmp' || kept === undefined || seen.at === undefined) return seen;
  return { ...seen, decrypted: kept.plain !== undefined };
}

function icvOctetsOf(suite: string | undefined): number {
  try {
    return suite === undefined ? 0 : espSuite(suite).icvOctets;
  } catch {
    // What was agreed on has a name, and is no suite that the library has.
    return 0;
  }
}

/** What came in several frames, or out of another packet. */
function message(
  kind: Observation['kind'],
  octets: Uint8Array,
  kept: KeptObservation | undefined,
  icvOctets: number,
): Buffer {
  const cursor = new Cursor(octets, 0);
  if (kind === 'isakmp') isakmpMessage(cursor, octets.length, kept?.payloads ?? [], kept?.plain !== undefined);
  else if (kind === 'esp' || kind === 'ah') espOrAh(cursor, kind, octets.length, icvOctets);
  else cursor.rest('Octets');
  return { name: 'Message', octets, fields: cursor.fields };
}

function decrypted(kept: KeptObservation | undefined): Buffers {
  if (kept?.plain === undefined) return [];
  const cursor = new Cursor(kept.plain, 0);
  payloads(cursor, kept.payloads, 0);
  cursor.rest('Padding');
  return [{ name: 'Decrypted', octets: kept.plain, fields: cursor.fields }];
}

function inside(opened: ReturnType<Observer['reopen']>): Buffers {
  const { inner, nextHeader } = opened ?? {};
  if (inner === undefined || nextHeader === undefined) return [];
  const cursor = new Cursor(inner, 0);
  transport(cursor, nextHeader);
  return [{ name: 'Inside', octets: inner, fields: cursor.fields }];
}

function compression(opened: ReturnType<Observer['reopen']>): readonly (readonly [string, string])[] {
  return opened?.cpi === undefined ? [] : [['Compressed by', `IPComp, CPI ${opened.cpi}`]];
}

function factsOf({ rows, report }: Session, row: number): readonly (readonly [string, string])[] {
  const { sas, ikeSas, exchanges } = report;
  const [sa, ikeSa, exchange] = [sas[rows.sa.at(row)], ikeSas[rows.ikeSa.at(row)], exchanges[rows.exchange.at(row)]];
  return [
    ...(sa === undefined ? [] : [['SA', `${sa.protocol.toUpperCase()} ${rows.spiText(row)}`] as const]),
    ...(sa?.suite === undefined ? [] : [['Suite', sa.suite] as const]),
    ...(ikeSa === undefined ? [] : [['IKE SA', `${ikeSa.initiatorCookie} ${ikeSa.responderCookie}`] as const]),
    ...(exchange === undefined ? [] : [['Exchange', `${exchange.name}, ${exchange.outcome}`] as const]),
  ];
}
