import { copySecret } from '@espalier/crypto';
import type { Spi } from '@espalier/wire';
import type { ManualEsp } from '../config.ts';
import { IKE_PORT, proxyIdentities } from '../policy/ike-peers.ts';
import type { AgreedSa, SaAgreement } from '../sas/agreement.ts';
import type { ManualPolicy } from './policy.ts';

/** What both ends were told, in the form of what two of them agree on; its keys are copies. */
export function manualAgreement({ selectors = {}, action }: ManualPolicy): SaAgreement {
  const { local, remote, inbound, outbound, mode = 'tunnel' } = action;
  return {
    peer: remote,
    role: undefined,
    inbound: agreed(inbound.esp),
    outbound: agreed(outbound.esp),
    mode,
    originalAddresses: undefined,
    inUdp: false,
    esn: false,
    local: { address: local, port: IKE_PORT },
    remote: { address: remote, port: IKE_PORT },
    ...proxyIdentities(selectors),
    antiReplayWindow: 'off',
    life: undefined,
  };
}

function agreed({ spi, suite, keys }: ManualEsp): AgreedSa {
  return {
    suite,
    spi: spi as Spi,
    encryption: copySecret('keys.encryption', keys.encryption),
    salt: copySecret('keys.salt', keys.salt),
    integrity: copySecret('keys.integrity', keys.integrity),
  };
}
