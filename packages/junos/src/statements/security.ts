import type { JunosCaProfile } from '../pki.ts';
import type { Block } from '../places/block.ts';
import { Definitions } from '../places/definitions.ts';
import { choice, identifier, integer, text } from '../places/values.ts';
import type { Word } from '../text/tokenizer.ts';
import type { SecurityAssociation } from '../vpn.ts';
import { readManual } from './manual.ts';
import { readPki } from './pki.ts';

/** What `security` defines for others to refer to. */
export interface Security {
  readonly associations: Definitions<SecurityAssociation>;
  readonly caProfiles: Definitions<JunosCaProfile>;
}

export const NO_SECURITY: Security = {
  associations: new Definitions('an IPsec security association'),
  caProfiles: new Definitions('a CA profile'),
};

/** `security { ipsec { security-association NAME { ... } } pki { ... } }`: the rest is passed over with a notice. */
export function readSecurity(block: Block): Security {
  if (!block.has('ipsec') && !block.has('pki')) block.passOverWhole();
  const caProfiles = block.section('pki', readPki);
  const associations = block.section('ipsec', (ipsec) => {
    const read = ipsec.named('security-association', (sa, name) => ({ name, value: readAssociation(sa, name) }));
    ipsec.passOver();
    return read;
  });
  block.passOver();
  return {
    associations: new Definitions('an IPsec security association', associations ?? []),
    caProfiles: caProfiles ?? NO_SECURITY.caProfiles,
  };
}

/** Of tunnel mode they are the ES PIC's. */
function readAssociation(block: Block, name: Word): SecurityAssociation {
  identifier(32)(name);
  block.withoutEffect('description', text);
  const mode = block.one('mode', choice({ transport: 'transport', tunnel: 'tunnel' })) ?? 'tunnel';
  const sas = block.section('manual', readManual);
  const isDynamic = block.section('dynamic', readDynamic) ?? false;
  if (mode === 'transport' && isDynamic) {
    return block.refused('Dynamic security associations are not supported in transport mode');
  }
  if (mode === 'transport' && sas === undefined) {
    return block.refused('Manual block must be configured for transport mode security association');
  }
  if (sas !== undefined && isDynamic) return block.incomplete('either manual or dynamic');
  if (mode === 'tunnel') {
    block.notice(name.position, `not read: security-association ${name.text} in tunnel mode, which is of an ES PIC`);
  }
  return { name: name.text, mode, sas };
}

function readDynamic(block: Block): true {
  block.one('ipsec-policy', text);
  block.one('replay-window-size', integer(32, 64));
  return true;
}
