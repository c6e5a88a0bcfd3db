import { type IkeSaKeys, isakmpText, type KeyRing, Observer, readKeys } from '@espalier/capture';
import type { Engine } from '@espalier/crypto';
import {
  type Endpoint,
  formatFailure,
  type IkeEvent,
  type KeyLogEntry,
  Replay,
  type ReplayedEndpoint,
  type ReplayedStep,
  type Transmit,
} from '@espalier/ike';

/** A recording as lines for people: each step with its time, what went in, what came out, and what changed. */
export function* tellRecording(text: string, engine: Engine, last: number): Iterable<string> {
  const observer = new Observer({ engine, keys: keysOf(text, engine, last) });
  const replay = new Replay(text, { engine });
  let [began, states] = [Number.NaN, ''];
  for (const step of replay) {
    if (Number.isNaN(began) && step.now !== undefined) began = step.now;
    const after = step.now === undefined ? '' : `+${((step.now - began) / 1000).toFixed(3)} s  `;
    yield `${step.index}. ${after}${step.input}${argumentsOf(step)}`;
    if (step.datagram !== undefined) yield* tellDatagram('<-', step.datagram, observer);
    if (step.refused !== undefined) yield `     refused: ${step.refused}`;
    if (step.threw !== undefined) yield `     threw ${step.threw}`;
    for (const transmit of step.transmits) yield* tellDatagram('->', transmit, observer);
    for (const event of step.events) yield* tellEvent(event);
    for (const { id, kind, peer } of step.questions) yield `     question ${id}: ${kind} of ${peer}?`;
    const now = statesOf(replay.endpoint);
    if (now !== states) yield `     now ${now}`;
    states = now;
    if (step.index >= last) return;
  }
  if (replay.endedAt === 'secret') yield 'What follows needs a key, which was left out of the recording.';
  else yield 'The end: all came out as it was recorded.';
}

/** The keys that come up on the way, with which its messages are read. */
function keysOf(text: string, engine: Engine, last: number): KeyRing {
  const ike: IkeSaKeys[] = [];
  const keyLog = (entry: KeyLogEntry): void => {
    if (entry.kind !== 'ike') return;
    const { initiatorCookie, encryption } = entry;
    ike.push({ initiatorCookie, encryption: encryption.slice() });
  };
  for (const step of new Replay(text, { engine, keyLog })) if (step.index >= last) break;
  return { ...readKeys([]), ike };
}

function argumentsOf({ input, fields }: ReplayedStep): string {
  if (input === 'handleDatagram' || input === 'construct') return '';
  const { now: _, ...others } = fields;
  const named = Object.values(others).filter((value) => typeof value === 'string' || typeof value === 'number');
  return named.length === 0 ? '' : ` ${named.join(' ')}`;
}

function* tellDatagram(arrow: string, { source, destination, octets }: Transmit, observer: Observer): Iterable<string> {
  const way = `     ${arrow} ${endText(source)} to ${endText(destination)}`;
  for (const message of observer.pushDatagram({ number: 0, time: 0, source, destination, octets })) {
    if (message.kind === 'keepalive') yield `${way}: NAT keepalive`;
    if (message.kind !== 'isakmp') continue;
    // What a hash is worth, the replay has found out; what is sent again, its recording tells.
    const notes = message.decrypted ? [] : message.notes;
    yield `${way}: ${isakmpText({ ...message, notes, repeats: undefined })}`;
    for (const { summary } of message.payloads) yield `          ${summary}`;
  }
}

function* tellEvent(event: IkeEvent): Iterable<string> {
  yield `     event ${event.kind}${'reason' in event ? `: ${event.reason}` : ''}`;
  if (event.kind !== 'ike-failed' && event.kind !== 'child-failed' && event.kind !== 'negotiation-refused') return;
  for (const line of formatFailure(event).split('\n')) yield `       ${line}`;
}

function statesOf(endpoint: ReplayedEndpoint | undefined): string {
  if (endpoint === undefined) return '';
  const ikeSas = endpoint.ikeSas().map(({ peer, role, state }) => `IKE SA with ${peer} as ${role} ${state}`);
  const children = endpoint.children().map(({ policy, state }) => `child ${policy} ${state}`);
  return [...ikeSas, ...children].join('; ') || 'nothing';
}

function endText({ address, port }: Endpoint): string {
  return `${address}:${port}`;
}
