import type { Engine } from '@espalier/crypto';
import type { Answer, Question } from '@espalier/ike';
import { answerWith, Pki } from '@espalier/pki';
import { readPkiFolder } from '../common/pki-folder.ts';

/** Certificates in the place of the group's key: what is asked of them, and answered. */
export interface Signing {
  readonly requests: ReturnType<Pki['certificateRequests']>;
  answer(question: Question): Answer | undefined;
}

/**
 * Believes every authority of the folder, and shows what has a key there.
 * @throws Error for a file that cannot be read, naming it.
 */
export function signingFrom(folder: string, engine: Engine): Signing {
  const { authorities, crls, own } = readPkiFolder(folder);
  const pki = new Pki({
    trustAnchors: [...authorities.values()],
    crls: [...crls.values()].flat(),
    credentials: [...own.values()],
    engine,
  });
  const answering = answerWith(pki);
  return { requests: pki.certificateRequests(), answer: (question) => answering(question, Date.now()) };
}
