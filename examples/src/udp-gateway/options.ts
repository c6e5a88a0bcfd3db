import { parseArgs } from 'node:util';
import { type EspSuite, espSuite } from '@espalier/crypto';
import { type Duration, seconds } from '@espalier/wire';
import { INPUT_OUTPUT, type InputOutput, readInputOutput } from '../common/input-output.ts';

export const USAGE = `\
Usage: node examples/dist/udp-gateway.js --config FILE --bind ADDRESS [options]
  --config FILE     Junos text: interfaces, services service-set, services ipsec-vpn
  --bind ADDRESS    the local gateway's address; UDP ports 500 and 4500 are opened there
  --esp SUITES      ESP suites in place of those of the configuration, by the library's names, in order of preference:
                    aes-128-ctr/hmac-sha1-96,aes-256-gcm-8
  --pki FOLDER      certificates of the configuration: ID.pem and ID.key of each certificate-id, PROFILE.pem and
                    PROFILE.crl of each ca-profile
  --renew SECONDS   renew every SA so long after it was agreed on, whatever its lifetime
  --initiate        negotiate at once, not when traffic asks for it
  --tun IN:OUT      relay inner packets by UDP on 127.0.0.1: they come to port IN, they are sent to port OUT.
  --tun-device NAME inner packets come from this TUN and go to it (Linux, with koffi installed)
                    With neither this program itself answers ICMP echo for the addresses of the configuration
  --sockets KIND    dgram: node:dgram; mmsg: many datagrams a call (Linux, with koffi installed); gso: which the kernel cuts
                    and joins, TCP of a TUN as well. Default: gso where it is to be had
  --keylog FILE     write all keys to FILE.ikev1_decryption_table and FILE.esp_sa, as Wireshark reads them
  --record FILE     write down what IKE is given and says, without keys: examples/dist/replay.js shows it
  --record-secrets  with the pre-shared keys and all others in it: so it replays to its end
  --json            print one event a line as JSON
  --help            print this
SIGINT and SIGTERM delete the SAs and end; SIGHUP reads the CRLs of --pki again; SIGUSR1 prints the "show services ipsec-vpn" and "show security pki" views.
`;

export interface Options extends InputOutput {
  readonly config: string;
  readonly bind: string;
  /** Of ESP; undefined for those of the configuration. */
  readonly suites: readonly EspSuite[] | undefined;
  /** A folder; undefined: there are no certificates. */
  readonly pki: string | undefined;
  /** After which SAs are renewed; undefined: as their lifetimes have it. */
  readonly renewAfter: Duration | undefined;
  readonly initiate: boolean;
  readonly keylog: string | undefined;
  readonly record: string | undefined;
  readonly recordSecrets: boolean;
  readonly json: boolean;
}

/** @throws Error that says what is wrong with the arguments. */
export function readOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      config: { type: 'string' },
      bind: { type: 'string' },
      esp: { type: 'string' },
      pki: { type: 'string' },
      renew: { type: 'string' },
      initiate: { type: 'boolean', default: false },
      ...INPUT_OUTPUT,
      keylog: { type: 'string' },
      record: { type: 'string' },
      'record-secrets': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const { config, bind, esp, pki, initiate, keylog, record, 'record-secrets': recordSecrets, json } = values;
  if (config === undefined) throw new Error('--config FILE is missing');
  if (bind === undefined) throw new Error('--bind ADDRESS is missing');
  if (recordSecrets && record === undefined) throw new Error('--record-secrets is nothing without --record FILE');
  const suites = esp?.split(',').map(espSuite);
  const renewAfter = values.renew === undefined ? undefined : readSeconds(values.renew);
  return {
    ...{ config, bind, suites, pki, renewAfter, initiate, keylog, record, recordSecrets, json },
    ...readInputOutput(values),
  };
}

function readSeconds(text: string): Duration {
  if (!/^\d{1,6}$/.test(text) || Number(text) === 0) throw new Error('--renew must be a number of seconds');
  return seconds(Number(text));
}
