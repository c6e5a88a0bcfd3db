import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { MISBEHAVIOURS, type Misbehaviour, RESPONDER_MISBEHAVIOURS } from '@espalier/testing/peer';
import { fromAscii, milliseconds, seconds } from '@espalier/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { markdownOf, type Result, runTrials, type Target, type TrialOptions, Unreachable } from '../src/index.ts';
import { ADDRESS, Daemon, FAR, KEY, NEAR } from './support/daemon.ts';

let daemon: Daemon;
beforeAll(async () => {
  daemon = await Daemon.open();
});
afterAll(() => daemon[Symbol.asyncDispose]());

const local = { address: ADDRESS, port: 0 };
const SHORT = { wait: milliseconds(50), patience: seconds(10) };

function target(changed: Partial<Target> = {}): Target {
  const remote = { address: ADDRESS, port: daemon.port };
  return { remote, local, preSharedKey: fromAscii(KEY), near: NEAR, far: FAR, ...changed };
}

function named(...names: readonly string[]): readonly Misbehaviour[] {
  return MISBEHAVIOURS.filter(({ name }) => names.includes(name));
}

async function resultsOf(trials: AsyncIterable<Result>): Promise<readonly Result[]> {
  const results: Result[] = [];
  for await (const result of trials) results.push(result);
  return results;
}

describe('a target that is there', () => {
  it('is misbehaved to once in each session, and called by somebody honest after it', async () => {
    const misbehaviours = named('ke-payload-zero', 'jacob-two-two', 'clear-delete-child', 'wrong-key-main');
    const results = await resultsOf(runTrials(target(), { misbehaviours, ...SHORT }));
    expect(results.map(({ name }) => name)).toEqual(misbehaviours.map(({ name }) => name));
    expect(results).toEqual(
      results.map((result) => expect.objectContaining({ name: result.name, verdict: 'as expected', lives: true })),
    );
  });

  it('is told no more once it is called off, and the port is free again', async () => {
    const calledOff = new AbortController();
    const at = { address: ADDRESS, port: await freePort() };
    const trials = runTrials(target({ local: at }), { ...SHORT, signal: calledOff.signal });
    await trials.next();
    calledOff.abort(new Error('enough'));
    await expect(trials.next()).rejects.toThrow('enough');
    await expect(bound(at.port)).resolves.toBe(at.port);
    await expect.poll(() => daemon.endpoint.children()).toEqual([]);
  });
});

describe.concurrent('a target that is not to be had', () => {
  it.each([
    ['with another key', 800, { preSharedKey: fromAscii('another') }, /pre-shared keys differ/],
    ['for other networks', 5000, { near: '10.3.0.0/16' }, /INVALID-ID-INFORMATION to message 1 of Quick Mode/],
    [
      'in another group',
      5000,
      { phase1: { keyOctets: 16, hash: 'sha1', group: 31 } },
      /NO-PROPOSAL-CHOSEN to message 1 of Main/,
    ],
    ['in a mode that it does not speak', 100, { mode: 'aggressive' }, /nothing comes back from 127\.0\.0\.1, port \d+/],
    [
      'when its command does not have it call',
      100,
      { call: 'exit 7' },
      /nothing comes from .*the command ended with 7/,
    ],
  ] as const)('%s is told with what is in the way', async (_, patience, changed, why) => {
    const trials = runTrials(target(changed), { ...SHORT, patience: milliseconds(patience) });
    const error = await trials.next().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Unreachable);
    expect(error).toMatchObject({ message: expect.stringMatching(why) });
  });

  it('in a mode, which it does not speak, is not reached in that', async () => {
    await using other = await Daemon.open();
    const [misbehaviours, patience] = [named('wrong-key-aggressive'), milliseconds(800)];
    const remote = { address: ADDRESS, port: other.port };
    const results = await resultsOf(runTrials(target({ remote }), { ...SHORT, misbehaviours, patience }));
    const why = expect.stringContaining('nothing comes back');
    expect(results).toMatchObject([{ name: 'wrong-key-aggressive', verdict: 'not reached', lives: true, why }]);
  });

  it('because the port is taken is told by the system', async () => {
    await expect(runTrials(target({ local: { address: ADDRESS, port: daemon.port } })).next()).rejects.toThrow(
      /EADDRINUSE/,
    );
  });
});

describe('what a caller does wrong', () => {
  it.each<readonly [object, RegExp]>([
    [{ remote: { address: '192.0.2.1', port: 500 } }, /target\.remote: 192\.0\.2\.1 is not loopback.*iOwnThis/],
    [{ remote: { address: 'localhost', port: 500 } }, /target\.remote\.address must be an IP address: localhost/],
    [{ remote: { address: ADDRESS, port: 0 } }, /target\.remote\.port must be a port, from 1/],
    [{ local: { address: '::1', port: 0 } }, /target\.local must be of the family of target\.remote/],
    [{ preSharedKey: new Uint8Array(0) }, /target\.preSharedKey/],
    [{ near: '10.1.0.0/33' }, /target\.near must be a prefix/],
    [{ far: undefined }, /target\.far must be a prefix/],
    [{ phase1: { keyOctets: 17, hash: 'sha1', group: 14 } }, /target\.phase1\.keyOctets must be one of 16, 24, 32: 17/],
    [{ mode: 'base' }, /target\.mode must be one of main, aggressive: base/],
    [{ call: '' }, /target\.call must be a string, and not empty/],
    [{ road: { group: 'g', user: 'u', password: '' } }, /target\.road\.password/],
  ])('to a target is named, before anything is opened: %j', (changed, message) => {
    expect(() => runTrials({ ...target(), ...changed })).toThrow(message);
  });

  it.each<readonly [object, RegExp]>([
    [{ wait: 0 }, /options\.wait/],
    [{ patience: Number.NaN }, /options\.patience/],
    [{ misbehaviours: [] }, /options\.misbehaviours must be an array, and not empty/],
    [{ misbehaviours: [{ ...MISBEHAVIOURS[0], expects: 'nothing' }] }, /misbehaviour\.expects must be one of/],
  ])('in options is named: %j', (options: TrialOptions, message) => {
    expect(() => runTrials(target(), options)).toThrow(message);
  });
});

it('a table is sorted by clause, as numbers are, and sums up what was reached', () => {
  const [one, two, three] = RESPONDER_MISBEHAVIOURS.filter(({ clause }) => clause.startsWith('RFC 2408'));
  if (one === undefined || two === undefined || three === undefined) expect.fail('no misbehaviours');
  const result = { seen: { child: false, another: false }, lives: true, seconds: 0 };
  const table = markdownOf('a daemon', [
    { ...one, ...result, clause: 'RFC 2408 §5.10', verdict: 'as expected' },
    { ...two, ...result, clause: 'RFC 2408 §5.4', verdict: 'otherwise', lives: false },
    { ...three, ...result, clause: 'RFC 2408 §5.5', verdict: 'not reached' },
  ]);
  expect(table).toContain('1 of 2 as expected, 1 not reached.');
  expect(table).toContain('otherwise, and serves nobody any more');
  expect([...table.matchAll(/§5\.(\d+)/g)].map(([, number]) => number)).toEqual(['4', '5', '10']);
});

async function freePort(): Promise<number> {
  return bound(0);
}

/** The port of a socket that could be bound, and is closed again. */
async function bound(port: number): Promise<number> {
  const socket = createSocket('udp4').bind(port, ADDRESS);
  await once(socket, 'listening');
  const { port: got } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return got;
}
