import type { CertificateHolder } from '../common/certificate-holder.ts';
import { readPkiFolder } from '../common/pki-folder.ts';
import { messageOf } from '../common/program.ts';
import type { Narrator } from './narrator.ts';

/** CRLs that have been fetched anew, and put into the folder. */
export function reread(folder: string | undefined, holder: CertificateHolder, narrator: Narrator): void {
  if (folder === undefined) return;
  try {
    const { crls } = readPkiFolder(folder);
    holder.renew(crls);
    narrator.say(`CRLs of ${[...crls.keys()].join(', ')}`);
  } catch (error) {
    narrator.say(`CRLs as they were: ${messageOf(error)}`);
  }
}
