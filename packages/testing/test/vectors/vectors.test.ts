import { readFileSync } from 'node:fs';
import { ESP_REFUSALS } from '@espalier/esp';
import { IKE_REFUSALS } from '@espalier/ike';
import { REFUSAL_REASONS } from '@espalier/pki';
import { STRUCTURES } from '@espalier/testing/arbitraries';
import { FAULTS, fromHex, toHex } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { READINGS } from '../support/reading.ts';
import { opened } from './esp.ts';
import { sealed } from './esp-outbound.ts';
import type { EspOutboundVector, EspVector, Expected, IkeVector, PkiVector, VectorFile, WireVector } from './format.ts';
import { handled } from './ike.ts';
import { believed } from './pki.ts';

const wire = vectorsOf<WireVector>('wire');
const esp = vectorsOf<EspVector>('esp');
const espOutbound = vectorsOf<EspOutboundVector>('esp-outbound');
const ike = vectorsOf<IkeVector>('ike');
const pki = vectorsOf<PkiVector>('pki');

function vectorsOf<Vector>(name: string): readonly Vector[] {
  const file: VectorFile<Vector> = JSON.parse(
    readFileSync(new URL(`../../vectors/${name}.json`, import.meta.url), 'utf8'),
  );
  return file.vectors;
}

function verdictOf(reason: string | undefined): Expected {
  return reason === undefined ? { verdict: 'take' } : { verdict: 'refuse', reason };
}

describe('vectors for implementers: our verdict', () => {
  it.each(STRUCTURES)('on %s', (structure) => {
    const own = wire.filter((vector) => vector.structure === structure);
    expect(own.length).toBeGreaterThan(1);
    for (const { name, octets, expect: expected } of own) {
      expect(verdictOf(READINGS[structure](fromHex(octets))), name).toEqual(expected);
    }
  });

  it.each(esp)('on ESP: $name', (vector) => {
    const result = opened(vector);
    expect(verdictOf(result.ok ? undefined : result.reason)).toEqual(vector.expect);
    expect(result.ok ? toHex(result.octets) : undefined).toBe(vector.inner);
  });

  it.each(espOutbound)('on ESP that is sent: $name', (vector) => {
    const result = sealed(vector);
    expect(verdictOf(result.ok ? undefined : result.reason)).toEqual(vector.expect);
    expect(result.ok ? toHex(result.octets) : undefined).toBe(vector.packet);
  });

  it.each(ike)('on IKE: $name', (vector) => {
    expect(handled(vector)).toEqual(vector.expect);
  });

  it.each(pki)('on certificates: $name', (vector) => {
    const verdict = believed(vector);
    expect(verdictOf(verdict.ok ? undefined : verdict.refusal.reason)).toEqual(vector.expect);
  });
});

/** Reasons without a vector, and why. */
const WITHOUT: Readonly<Record<string, readonly string[]>> = {
  'a program that has closed its endpoint, or fetches nothing from it: of this interface, and no octets show it': [
    ...['closed', 'outputs-pending'],
  ],
  'a number that no kept snapshot covers: snapshots are of this library, and no RFC has them': ['not-kept'],
};

it('are as many as their README says', () => {
  const page = readFileSync(new URL('../../vectors/README.md', import.meta.url), 'utf8');
  for (const [name, { length }] of Object.entries({ wire, esp, 'esp-outbound': espOutbound, ike, pki })) {
    expect(page).toMatch(new RegExp(`^\\| \`${name}\\.json\` \\|.*\\| ${length} \\|`, 'm'));
  }
});

describe('each reason', () => {
  it.each([
    ['wire', FAULTS, wire],
    ['ESP', ESP_REFUSALS, [...esp, ...espOutbound]],
    ['IKE', IKE_REFUSALS, ike],
    ['certificates', REFUSAL_REASONS, pki],
  ] as const)('of %s has a vector, or it is said why not', (_, reasons, vectors) => {
    const shown = new Set(vectors.flatMap(({ expect }) => ('reason' in expect ? expect.reason : [])));
    const without = Object.values(WITHOUT).flat();
    for (const reason of reasons) expect(shown.has(reason), reason).toBe(!without.includes(reason));
  });
});
