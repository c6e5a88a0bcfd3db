import { p256, p384, p521 } from '@noble/curves/nist.js';
import type { SignatureCurve } from './keys.ts';

type Curve = typeof p256;

const CURVES: Readonly<Record<SignatureCurve, Curve>> = { 'P-256': p256, 'P-384': p384, 'P-521': p521 };

/** @throws RangeError for a curve that is not known. */
export function curveOf(name: SignatureCurve): Curve {
  if (!Object.hasOwn(CURVES, name)) throw new RangeError(`curve ${name} is not known`);
  return CURVES[name];
}
