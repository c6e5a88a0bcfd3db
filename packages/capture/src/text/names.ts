type Registry = Readonly<Record<string, number>>;

/** The registry's name of a value, or the value itself. */
export function nameIn(registry: Registry, value: number): string {
  return Object.entries(registry).find(([, known]) => known === value)?.[0] ?? String(value);
}

/** Likewise as the explanations of `@espalier/ike` write it: `tripleDes` is `3des`, `preSharedKey` is `pre-shared-key`. */
export function wordIn(registry: Registry, value: number): string {
  return wordOf(nameIn(registry, value));
}

function wordOf(name: string): string {
  return name
    .replace('tripleDes', '3des')
    .replaceAll('_', '-')
    .replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

const GROUPS: Readonly<Record<number, string>> = {
  1: 'modp-768',
  2: 'modp-1024',
  5: 'modp-1536',
  14: 'modp-2048',
  15: 'modp-3072',
  16: 'modp-4096',
  17: 'modp-6144',
  18: 'modp-8192',
  19: 'ecp-256',
  20: 'ecp-384',
  21: 'ecp-521',
  22: 'modp-1024-160',
  23: 'modp-2048-224',
  24: 'modp-2048-256',
  25: 'ecp-192',
  26: 'ecp-224',
  27: 'brainpool-224',
  28: 'brainpool-256',
  29: 'brainpool-384',
  30: 'brainpool-512',
  31: 'curve25519',
  32: 'curve448',
};

/** `2 (modp-1024)` */
export function groupName(number: number): string {
  const name = GROUPS[number];
  return name === undefined ? String(number) : `${number} (${name})`;
}

/** The names of exchanges of IKEv1, for people (RFC 2408 §4, RFC 2409 §5). */
const EXCHANGES: Readonly<Record<number, string>> = {
  1: 'Base',
  2: 'Main Mode',
  3: 'Authentication Only',
  4: 'Aggressive Mode',
  5: 'Informational',
  6: 'Transaction',
  32: 'Quick Mode',
  33: 'New Group Mode',
};

export function exchangeText(type: number): string {
  return EXCHANGES[type] ?? `exchange ${type}`;
}

/** 8 digits of hexadecimal. */
export function spiText(spi: number): string {
  return spi.toString(16).padStart(8, '0');
}
