import { equalConstantTime, hash, wipe } from '@espalier/crypto';
import { readShortText } from '../configuration/mode-config.ts';
import { readArray, readObject, readSecret } from '../configuration/read.ts';
import type { VerifyCredentialsAnswer, VerifyCredentialsQuestion } from '../questions/transaction-questions.ts';
import { chapPassword } from '../v1/transaction/xauth/attributes.ts';

/** A user and their password. */
export interface UserPassword {
  readonly userName: string;
  /** At least 1 octet, copied. */
  readonly password: Uint8Array;
}

/** Users and passwords in memory: answers `verify-credentials`, of XAuth's types 'generic' and 'radius-chap'. */
export class Passwords {
  readonly #passwords: Map<string, Uint8Array>;

  /** @throws TypeError or RangeError naming the argument, and for a user who is there twice. */
  constructor(users: readonly UserPassword[]) {
    const passwords = new Map<string, Uint8Array>();
    for (const [i, user] of readArray('users', users).entries()) {
      const { userName, password } = readObject<UserPassword>(`users[${i}]`, user);
      const name = readShortText(`users[${i}].userName`, userName);
      if (passwords.has(name)) throw new RangeError(`users[${i}].userName: ${name} appears twice`);
      passwords.set(name, readSecret(`users[${i}].password`, password));
    }
    this.#passwords = passwords;
  }

  /** The time that it takes tells nothing of a password, nor whether there is such a user. */
  answer({ type, userName, password, challenge }: VerifyCredentialsQuestion): VerifyCredentialsAnswer {
    const known = this.#passwords.get(userName ?? '') ?? NOBODYS;
    const isChap = type === 'radius-chap';
    const expected = isChap ? chapPassword(password?.[0] ?? 0, known, challenge) : known;
    const isRight = equalConstantTime(hash('sha2-256', expected), hash('sha2-256', password ?? NOTHING));
    if (isChap) wipe(expected);
    const isAccepted = isRight && known !== NOBODYS && (type === 'generic' || isChap);
    return { kind: 'verify-credentials', verdict: isAccepted ? 'accept' : 'refuse' };
  }

  /** Overwrites the passwords: from now on everybody is refused. */
  wipe(): void {
    for (const password of this.#passwords.values()) wipe(password);
    this.#passwords.clear();
  }
}

const NOTHING = new Uint8Array(0);
const NOBODYS = new Uint8Array(16);
