import type { PrivateKey, PublicKey } from '@espalier/crypto';
import type { SessionSpecification, Side } from '../specification.ts';
import { METHODS } from './methods.ts';
import { ecdsaKey, ecdsaPublicKey, rsaKey, rsaPublicKey } from './signing-keys.ts';

/** What verifies the signatures of one end of a session; where it signs nothing, or shares a key, nobody has the key. */
export function publicKeyOfEnd(side: Side, { authentication }: SessionSpecification): PublicKey {
  const { keys } = METHODS[authentication];
  return keys === 'rsa' || keys === 'shared' ? rsaPublicKey(keyName(side)) : ecdsaPublicKey(keys, keyName(side));
}

/** Undefined of who does not sign. A stranger whose own key alone is looked at has another one. */
export function signingKey(side: Side, specification: SessionSpecification): PrivateKey | undefined {
  const { authentication, isStranger } = specification;
  const { keys, signers } = METHODS[authentication];
  if (keys === 'shared' || !signers.includes(side)) return undefined;
  const isWrong = isStranger && side === 'right' && !signers.includes('left');
  const name = keyName(isWrong ? 'left' : side);
  return keys === 'rsa' ? rsaKey(name) : ecdsaKey(keys, name);
}

function keyName(side: Side): 'one' | 'other' {
  return side === 'left' ? 'one' : 'other';
}
