import { type Certificate, nameCertificate } from '../certificate/certificate.ts';
import type { RefusalReason } from './reasons.ts';
import type { ChainRefusal } from './refusals.ts';

/** Ends the validation of one path. Thrown and caught within this package. */
export class PathFault extends Error {
  readonly refusal: ChainRefusal;

  constructor(refusal: ChainRefusal) {
    super(refusal.reason);
    this.refusal = refusal;
  }
}

export function refuse(certificate: Certificate | undefined, reason: RefusalReason, detail: string): never {
  throw new PathFault({
    reason,
    certificate: certificate === undefined ? undefined : nameCertificate(certificate),
    detail,
  });
}
