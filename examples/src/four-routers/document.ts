/**
 * What Juniper's "Example: AS PIC IKE Dynamic SA Configuration" shows on its two gateways, as words: `<n>` is a number
 * and `<cookie>` a cookie that are others in every run.
 */
export interface DocumentedViews {
  readonly ikeSecurityAssociations: string;
  readonly ipsecSecurityAssociations: string;
  readonly ipsecStatistics: string;
}

export const DOCUMENT: { readonly r2: DocumentedViews; readonly r3: DocumentedViews } = {
  r2: documentedViews('10.1.15.1', '10.1.15.2', '10.1.12.0/24', '10.1.56.0/24'),
  r3: documentedViews('10.1.15.2', '10.1.15.1', '10.1.56.0/24', '10.1.12.0/24'),
};

/** The routers that a traceroute from R4 to R1 meets: R3's end of the tunnel, R2 by its loopback address, R1. */
export const DOCUMENTED_HOPS: readonly string[] = ['10.1.15.2', '10.0.0.2', '10.1.12.2'];

/** Seconds from the soft lifetime to the hard one: R2 is the initiator. */
export const DOCUMENTED_MARGIN = { r2: 135, r3: 90 } as const;

/** The first word in which `text` differs from what is documented, if any; white space does not count. */
export function firstDifference(documented: string, text: string): string | undefined {
  const expected = words(documented);
  const found = words(text);
  for (let index = 0; index < Math.max(expected.length, found.length); index++) {
    const pattern = expected[index];
    const word = found[index];
    if (pattern === undefined) return `"${word}" after "${lastWords(expected, index)}", where the document ends`;
    if (word === undefined) return `nothing after "${lastWords(found, index)}", where the document has "${pattern}"`;
    if (!matches(pattern, word)) {
      return `"${word}" after "${lastWords(found, index)}", where the document has "${pattern}"`;
    }
  }
  return undefined;
}

function documentedViews(local: string, remote: string, localSubnet: string, remoteSubnet: string): DocumentedViews {
  const sa = (direction: string): string => `
    Direction: ${direction}, SPI: <n>, AUX-SPI: 0
    Mode: tunnel, Type: dynamic, State: Installed
    Protocol: ESP, Authentication: hmac-sha1-96, Encryption: 3des-cbc
    Soft lifetime: Expires in <n> seconds
    Hard lifetime: Expires in <n> seconds
    Anti-replay service: Enabled, Replay window size: 64`;
  return {
    ikeSecurityAssociations: `
      Remote Address  State    Initiator cookie  Responder cookie  Exchange type
      ${remote}       Matured  <cookie>          <cookie>          Main`,
    ipsecSecurityAssociations: `
      Service set: service-set-dynamic-BiEspsha3des
        Rule: rule-ike, Term: term-ike, Tunnel index: 1
        Local gateway: ${local}, Remote gateway: ${remote}
        Local identity: ipv4_subnet(any:0,[0..7]=${localSubnet})
        Remote identity: ipv4_subnet(any:0,[0..7]=${remoteSubnet})
        ${sa('inbound')}
        ${sa('outbound')}`,
    ipsecStatistics: `
      PIC: sp-1/2/0, Service set: service-set-dynamic-BiEspsha3des
      ESP Statistics:
        Encrypted bytes: <n>
        Decrypted bytes: <n>
        Encrypted packets: <n>
        Decrypted packets: <n>
      AH Statistics:
        Input bytes: 0
        Output bytes: 0
        Input packets: 0
        Output packets: 0
      Errors:
        AH authentication failures: 0, Replay errors: 0
        ESP authentication failures: 0, ESP decryption failures: 0
        Bad headers: 0, Bad trailers: 0`,
  };
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

function lastWords(all: readonly string[], end: number): string {
  return all.slice(Math.max(0, end - 2), end).join(' ');
}

function matches(pattern: string, word: string): boolean {
  const masked = pattern.includes('<n>') ? word.replace(/^\d+/, '<n>') : word.replace(/^[0-9a-f]{16}$/, '<cookie>');
  return masked === pattern || word === pattern;
}
