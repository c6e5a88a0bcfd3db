import { DOI_IPSEC, formatAddress, type Identification, NOTIFY, type NotificationPayload } from '@espalier/wire';
import type { Path } from '../path.ts';
import type { PeerConfig } from '../types.ts';
import { addressId } from '../v1/identities.ts';

const IKE_PORT = 500;

/** To where a gateway has sent this side, for the time being. */
export class Redirection {
  /** From port 500 to port 500: Cisco's gateways refuse what begins at port 4500. */
  readonly path: Path;
  /** How many there were in a row. */
  readonly count: number;

  constructor(local: string, remote: string, count: number) {
    this.path = { local: { address: local, port: IKE_PORT }, remote: { address: remote, port: IKE_PORT } };
    this.count = count;
  }

  /** Whom the other gateway may say it is, where nobody has said it of the first but by its address. */
  identityOf({ remoteIdentity }: PeerConfig): Identification | undefined {
    return remoteIdentity === undefined ? addressId(this.path.remote.address) : undefined;
  }
}

/** The address that a LOAD-BALANCE notification names; undefined for any other notification. */
export function loadBalanceAddress({ doi, notifyType, data }: NotificationPayload): string | undefined {
  const isMeant = doi === DOI_IPSEC && notifyType === NOTIFY['LOAD-BALANCE'] && data.length === 4;
  return isMeant && data.some((octet) => octet !== 0) ? formatAddress(data) : undefined;
}
