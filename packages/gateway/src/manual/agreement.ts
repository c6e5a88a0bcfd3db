import { ahSuite, copySecret, espSuite } from '@espalier/crypto';
import type { Spi } from '@espalier/wire';
import type { ManualAh, ManualEsp, ManualSa } from '../config.ts';
import { IKE_PORT, proxyIdentities } from '../policy/ike-peers.ts';
import type { AgreedAh, AgreedEsp, AgreedSa, SaAgreement } from '../sas/agreement.ts';
import { endsOf, unspecified } from './ends.ts';
import type { ManualPolicy } from './policy.ts';

/** What both ends were told, in the form of what two of them agree on; its keys are copies. */
export function manualAgreement({ selectors = {}, action }: ManualPolicy): SaAgreement {
  const { inbound, outbound, mode = 'tunnel', resume, keepAhead = resume !== undefined } = action;
  const ends = endsOf(action);
  return {
    peer: action.remote,
    role: undefined,
    inbound: agreed(inbound),
    outbound: agreed(outbound),
    mode,
    originalAddresses: undefined,
    inUdp: false,
    esn: false,
    local: { address: ends.locals[0], port: IKE_PORT },
    remote: { address: ends.remote ?? unspecified(ends), port: IKE_PORT },
    toldBy: ends.remote === undefined ? 'spi' : 'both-ends',
    ...proxyIdentities(selectors),
    antiReplayWindow: 'off',
    ...(keepAhead && { kept: { resume } }),
    life: undefined,
  };
}

function agreed({ esp, ah }: ManualSa): AgreedSa {
  return { ...(esp && { esp: agreedEsp(esp) }), ...(ah && { ah: agreedAh(ah) }) };
}

function agreedEsp({ spi, suite, keys }: ManualEsp): AgreedEsp {
  return {
    suite: espSuite(suite),
    spi: spi as Spi,
    encryption: copySecret('keys.encryption', keys.encryption),
    salt: copySecret('keys.salt', keys.salt),
    integrity: copySecret('keys.integrity', keys.integrity),
  };
}

function agreedAh({ spi, suite, key }: ManualAh): AgreedAh {
  return { suite: ahSuite(suite), spi: spi as Spi, integrity: copySecret('key', key) };
}
