import { parseArgs } from 'node:util';
import { INPUT_OUTPUT, type InputOutput, readInputOutput } from '../common/input-output.ts';

export const USAGE = `\
Usage: node examples/dist/road-warrior.js gateway --bind ADDRESS [options]
       node examples/dist/road-warrior.js client --bind ADDRESS --gateway ADDRESS [options]
A gateway that asks who its users are and gives each an address, and a client of one: XAuth and Mode Config.
  --bind ADDRESS     of this end; UDP ports 500 and 4500 are opened there
  --gateway ADDRESS  of the gateway
  --group NAME       what all users say they are in phase 1 (ID_KEY_ID); default: testgroup
  --user NAME        default: alice
  --net PREFIX       the network behind the gateway; default: 10.1.56.0/24
  --pool PREFIX      the addresses that a gateway gives; default: 10.1.77.0/24
  --dns ADDRESS      the name server that it tells; default: none
  --push             the gateway tells an address without being asked; default: the client asks (pull)
  --pki FOLDER       certificates in the place of the group's key: OWN.pem and OWN.key, CA.pem and CA.crl; RSA signatures
  --hybrid           the gateway alone has a certificate: of the user the password is enough
  --id NAME          with certificates: who this end is; default: what a group has
  --gateway-id NAME  with certificates: who the gateway is to be
  --main             Main Mode, where the address finds the key; default: Aggressive Mode, where the group does
  --tun IN:OUT       relay inner packets by UDP on 127.0.0.1: they come to port IN, they are sent to port OUT;
                     default: there is nothing inside
  --tun-device NAME  inner packets come from this TUN and go to it (Linux, with koffi installed)
  --sockets KIND     dgram: node:dgram; mmsg: many datagrams a call; gso: which the kernel cuts and joins;
                     default: gso where it is to be had
  --record FILE      write down what IKE is given and says; --record-secrets: with all keys
  --json             print one event a line as JSON
The group's key is in the environment, ROAD_KEY, unless there are certificates; the user's password in ROAD_PASSWORD.
`;

export interface Options extends InputOutput {
  readonly side: 'gateway' | 'client';
  readonly bind: string;
  /** Of a client. */
  readonly gateway: string | undefined;
  readonly group: string;
  /** Of the group; undefined where there are certificates. */
  readonly key: string | undefined;
  /** A folder of certificates. */
  readonly pki: string | undefined;
  readonly hybrid: boolean;
  /** Domain names. */
  readonly id: string | undefined;
  readonly gatewayId: string | undefined;
  readonly user: string;
  readonly password: string;
  readonly net: string;
  readonly pool: string;
  readonly dns: string | undefined;
  readonly method: 'pull' | 'push';
  readonly mode: 'main' | 'aggressive';
  readonly record: string | undefined;
  readonly recordSecrets: boolean;
  readonly json: boolean;
}

/** @throws Error that says what is wrong with the arguments. */
export function readOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Options | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      bind: { type: 'string' },
      gateway: { type: 'string' },
      group: { type: 'string', default: 'testgroup' },
      user: { type: 'string', default: 'alice' },
      net: { type: 'string', default: '10.1.56.0/24' },
      pool: { type: 'string', default: '10.1.77.0/24' },
      dns: { type: 'string' },
      pki: { type: 'string' },
      hybrid: { type: 'boolean', default: false },
      id: { type: 'string' },
      'gateway-id': { type: 'string' },
      push: { type: 'boolean', default: false },
      main: { type: 'boolean', default: false },
      ...INPUT_OUTPUT,
      record: { type: 'string' },
      'record-secrets': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const [side] = positionals;
  if (side !== 'gateway' && side !== 'client') throw new Error('say which side this is: gateway or client');
  const { bind, gateway, group, user, net, pool, dns, push, main, record, json, pki, hybrid, id } = values;
  if (bind === undefined) throw new Error('--bind ADDRESS is missing');
  if (side === 'client' && gateway === undefined) throw new Error('--gateway ADDRESS is missing');
  const { ROAD_KEY: key, ROAD_PASSWORD: password } = environment;
  if (!key && pki === undefined) throw new Error('ROAD_KEY is not in the environment');
  if (hybrid && pki === undefined) throw new Error('--hybrid is nothing without --pki FOLDER');
  if (!password) throw new Error('ROAD_PASSWORD is not in the environment');
  return {
    ...{ side, bind, gateway, group, user, password, net, pool, dns, record, json, pki, hybrid, id },
    key: pki === undefined ? key : undefined,
    gatewayId: values['gateway-id'],
    method: push ? 'push' : 'pull',
    mode: main ? 'main' : 'aggressive',
    ...readInputOutput(values),
    recordSecrets: values['record-secrets'],
  };
}
