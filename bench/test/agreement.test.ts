import { afterAll, describe, expect, test } from 'vitest';
import { checkAgreement } from '../src/packets/agreement.ts';
import { OpensslProgram } from '../src/packets/c-openssl.ts';
import { createEngines, EVERYTHING, lineUp, tuned } from '../src/packets/line-up.ts';
import { PerPacketContender } from '../src/packets/per-packet.ts';
import { measure } from '../src/packets/rounds.ts';
import { EVERY_SUITE, keysFor } from '../src/packets/suites.ts';
import { Supplier } from '../src/packets/supply.ts';

const engines = createEngines();
const openssl = OpensslProgram.start();
afterAll(() => openssl?.stop());

describe.each(EVERY_SUITE.map((suite) => [suite.name, suite] as const))('%s', (_, suite) => {
  test('everyone opens what the portable engine seals, and the reverse', async () => {
    const contenders = await lineUp(engines, suite, { ...EVERYTHING, batches: () => [1, 4] }, openssl);
    expect(contenders.map(({ name }) => name)).toEqual(expect.arrayContaining(['node', 'tuned-node']));
    for (const contender of contenders) await checkAgreement(contender, suite);
    for (const contender of contenders) contender.close();
  });

  test('who has another key is found out', async () => {
    const keys = {
      ...keysFor(suite),
      integrity: new Uint8Array(keysFor(suite).integrity.length),
      encryption: new Uint8Array(keysFor(suite).encryption.length).fill(8),
    };
    const stranger = new PerPacketContender('tuned-node', tuned(suite, keys));
    await expect(checkAgreement(stranger, suite)).rejects.toThrow('disagree');
  });

  test('a round gives everyone one turn in each direction', async () => {
    const contenders = await lineUp(engines, suite, { ...EVERYTHING, batches: () => [1, 64] }, openssl);
    const supplier = new Supplier(engines.wasm, suite);
    const effort = { rounds: 1, warmUpRounds: 1, turn: 0.1, turnWithGarbage: 0.2 };
    const measurements = await measure(contenders, suite, 576, effort, supplier);
    expect(measurements).toHaveLength(2 * contenders.length);
    // How long it took is the machine's affair.
    expect(measurements.every(({ nsPerPacket }) => nsPerPacket > 0 && Number.isFinite(nsPerPacket))).toBe(true);
    supplier.close();
    for (const contender of contenders) contender.close();
  });
});
