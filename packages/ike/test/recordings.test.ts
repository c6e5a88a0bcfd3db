import { readdirSync, readFileSync } from 'node:fs';
import { ahSuite, espSuite, nobleEngine } from '@espalier/crypto';
import { type ChildPolicy, Replay } from '@espalier/ike';
import { fromAscii, ipv4AddressId, milliseconds, seconds, spi } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { childPolicy, Pair, type PairOptions, R2, R3, type Side } from './support/pair.ts';
import { roadOptions } from './transaction/road.ts';

/** IPComp, ESP and AH between the gateways themselves. */
function bundled(side: Side): ChildPolicy {
  const [own, theirs] = side === 'R2' ? [R2, R3] : [R3, R2];
  return childPolicy(side, {
    mode: 'transport',
    suites: [],
    bundles: [{ ipcomp: 'deflate', esp: [espSuite('aes-128-ctr/hmac-sha1-96')], ah: [ahSuite('hmac-sha2-256-128')] }],
    localIdentity: ipv4AddressId(own.address),
    remoteIdentity: ipv4AddressId(theirs.address),
  });
}

/**
 * Sessions whose recordings are kept beside this file: whoever changes on purpose what an endpoint sends or says renews
 * them by `npx vitest run packages/ike/test/recordings.test.ts -u`, and looks at what has changed.
 */
const SESSIONS: readonly (readonly [name: string, options: PairOptions, run: (pair: Pair) => void])[] = [
  [
    'main-mode',
    { R2: { deadPeerDetection: { idle: seconds(10), interval: seconds(2), retries: 2 } }, record: 'with secrets' },
    (pair) =>
      pair
        .initiate()
        .run(seconds(15))
        .on('R2', (endpoint, now) => endpoint.close(now)),
  ],
  [
    'aggressive-mode-key-asked-for',
    {
      R2: { mode: 'aggressive', preSharedKey: 'ask' },
      R3: { mode: 'aggressive' },
      network: ({ index }) => (index === 1 ? [] : [10]),
      endpoint: { softLifetime: (hard) => milliseconds(hard / 2) },
      record: 'with secrets',
    },
    (pair) => {
      pair.initiate().run(seconds(2));
      const id = pair.R2.endpoint.pollQuestion()?.id ?? -1;
      pair.on('R2', (endpoint, now) => endpoint.answer(now, id, { kind: 'shared-key', key: fromAscii('juniper') }));
      pair.run(seconds(2));
    },
  ],
  [
    'bundle-in-transport-mode',
    { R2: { children: [bundled('R2')] }, R3: { children: [bundled('R3')] }, record: 'with secrets' },
    (pair) => {
      pair.initiate().run(seconds(2));
      pair.on('R2', (endpoint, now) => endpoint.rekeyChild(now, endpoint.children()[0]?.inbound ?? spi(300)));
      pair.run(seconds(40)).on('R2', (endpoint, now) => endpoint.close(now));
    },
  ],
  [
    'several-children-at-once-and-the-first-drafts-of-nat-traversal',
    {
      R2: {
        natTraversal: 'force',
        natTraversalForms: ['draft-01', 'draft-00'],
        children: [childPolicy('R2'), childPolicy('R2', { name: 'other', suites: [espSuite('aes-128-gcm-16')] })],
      },
      R3: {
        commitBit: true,
        children: [
          childPolicy('R3', { replayStatus: 'enabled' }),
          childPolicy('R3', { name: 'other', suites: [espSuite('aes-128-gcm-16')] }),
        ],
      },
      record: 'with secrets',
    },
    (pair) => {
      pair.on('R2', (endpoint, now) => endpoint.initiateTogether(now, 'R3', ['net', 'other']));
      pair.run(seconds(30)).on('R2', (endpoint, now) => endpoint.close(now));
    },
  ],
  [
    'user-on-the-road',
    { ...roadOptions({ method: 'push' }), record: 'with secrets' },
    (pair) => {
      pair.initiate();
      for (let i = 0; i < 10; i++) answerUser(pair.run(milliseconds(100)));
      pair.on('R2', (endpoint, now) => endpoint.close(now));
    },
  ],
  [
    'wrong-key-without-secrets',
    { R2: { preSharedKey: fromAscii('netscreen') }, record: 'without secrets' },
    (pair) => pair.initiate().run(seconds(70)),
  ],
];

/** R3 lets everybody in, and has one address. */
function answerUser(pair: Pair): void {
  pair.on('R3', (endpoint, now) => {
    for (let question = endpoint.pollQuestion(); question !== undefined; question = endpoint.pollQuestion()) {
      const { id, kind } = question;
      if (kind === 'verify-credentials') endpoint.answer(now, id, { kind, verdict: 'accept' });
      if (kind === 'lease') endpoint.answer(now, id, { kind, lease: { addresses: ['10.1.77.1'] } });
    }
  });
}

const FOLDER = new URL('recordings/', import.meta.url);
/** What `examples/dist/replay.js` shows. */
const SAMPLE = new URL('../../../examples/recordings/handshake.jsonl', import.meta.url);

describe('a kept recording', () => {
  it.each(SESSIONS)('of %s is what the session gives today', async (name, options, run) => {
    const pair = new Pair({ ...options, engine: nobleEngine() });
    run(pair);
    const text = `${pair.R2.recording.join('\n')}\n`;
    await expect(text).toMatchFileSnapshot(new URL(`${name}.jsonl`, FOLDER).pathname);
    if (name === 'main-mode') await expect(text).toMatchFileSnapshot(SAMPLE.pathname);
  });

  it.each(readdirSync(FOLDER))('of %s replays, whichever release it is of', (file) => {
    const replay = new Replay(readFileSync(new URL(file, FOLDER), 'utf8'), { engine: nobleEngine() });
    const steps = [...replay];
    expect(steps.length).toBeGreaterThan(2);
    expect(replay.endedAt).toBe(file.includes('without-secrets') ? 'secret' : 'end');
  });
});
