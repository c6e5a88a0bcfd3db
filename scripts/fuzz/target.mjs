/** Exchanges that sessions have, and what a session must be to have them. */
const TARGETS = {
  main: { exchange: 'phase-1', only: { mode: 'main' } },
  aggressive: { exchange: 'phase-1', only: { mode: 'aggressive' } },
  quick: { exchange: 'quick', only: {} },
  'new-group': {
    exchange: 'new-group',
    only: {
      acts: [
        { by: 'left', act: 'new-group' },
        { by: 'left', act: 'renew-ike' },
      ],
    },
  },
  informational: { exchange: 'informational', only: {} },
  transaction: {
    exchange: 'transaction',
    only: { authentication: 'xauth-initiator-pre-shared-key', modeConfig: true, childMode: 'tunnel' },
  },
};

/** Names of exchanges that can be asked for. */
export const EXCHANGES = Object.keys(TARGETS);

const CIPHERS = ['aes-cbc', '3des-cbc', 'des-cbc', 'camellia-cbc'];
const HASHES = ['sha1', 'sha2-256', 'sha2-384', 'sha2-512', 'md5'];
/** In words. */
export const SUITES = `aes-cbc-128/sha1 and the like, of ${CIPHERS.join(', ')} and ${HASHES.join(', ')}`;
/** Of one session, where all of it goes to one exchange. */
const MUTANTS = 256;

/** What `attackSessions` is told to keep to; undefined: there is no such suite or exchange. */
export function onlyOf({ suite, exchange }) {
  const target = exchange === undefined ? undefined : TARGETS[exchange];
  const proposal = suite === undefined ? {} : proposalOf(suite);
  if ((exchange !== undefined && target === undefined) || proposal === undefined) return undefined;
  const only = { ...proposal, ...target?.only };
  return target === undefined ? { only } : { only, exchange: target.exchange, mutants: MUTANTS };
}

function proposalOf(suite) {
  const [, encryption, bits, hash] = /^(.*?)(?:-(128|192|256))?\/(.*)$/.exec(suite) ?? [];
  if (!CIPHERS.includes(encryption) || !HASHES.includes(hash)) return undefined;
  const hasBits = encryption === 'aes-cbc' || encryption === 'camellia-cbc';
  if (hasBits !== (bits !== undefined)) return undefined;
  return { encryption, keyOctets: hasBits ? Number(bits) / 8 : undefined, hash };
}
