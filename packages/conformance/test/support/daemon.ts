import { espSuite } from '@espalier/crypto';
import { autoEngine } from '@espalier/crypto/node';
import { IkeEndpoint, type PeerConfig } from '@espalier/ike';
import { systemRng, UdpDriver } from '@espalier/node';
import { fromAscii, ipv4SubnetId, seconds } from '@espalier/wire';

export const ADDRESS = '127.0.0.1';
export const KEY = 'a key that protects nothing';
export const [NEAR, FAR] = ['10.1.0.0/16', '10.2.0.0/16'];

const AT = { address: ADDRESS, port: 500 };
const PEER: PeerConfig = {
  ...{ name: 'tester', local: AT, remote: AT, preSharedKey: fromAscii(KEY), lifetime: seconds(3600) },
  proposals: [{ encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1', group: 14, authentication: 'pre-shared-key' }],
  children: [
    {
      ...{ name: 'net', suites: [espSuite('aes-128-cbc/hmac-sha1-96')], lifetime: seconds(3600) },
      ...{ localIdentity: ipv4SubnetId(FAR), remoteIdentity: ipv4SubnetId(NEAR) },
    },
  ],
};

/** An endpoint of ours on loopback, at any port that is free; it answers in Main Mode alone. */
export class Daemon implements AsyncDisposable {
  readonly endpoint: IkeEndpoint;
  readonly #driver: UdpDriver<IkeEndpoint>;

  private constructor(endpoint: IkeEndpoint, driver: UdpDriver<IkeEndpoint>) {
    this.endpoint = endpoint;
    this.#driver = driver;
  }

  static async open(): Promise<Daemon> {
    const endpoint = new IkeEndpoint({ engine: autoEngine().engine, rng: systemRng(), peers: [PEER] });
    const ports = { ike: 0, natTraversal: 0 };
    return new Daemon(endpoint, await UdpDriver.open(endpoint, { addresses: [ADDRESS], ports, onEvent: () => {} }));
  }

  get port(): number {
    return this.#driver.portsAt(ADDRESS).ike;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#driver.close();
  }
}
