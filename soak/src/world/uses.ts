import { ip, PROTOCOL, readU16, readU32 } from '@espalier/wire';

/** Octets of an IV that are looked at: of every suite there are as many, or the number is the IV. */
const IV_OCTETS = 8;
const COOKIES_OCTETS = 16;
const EXCHANGE_AT = 18;
const MESSAGE_ID_AT = 20;
const ISAKMP_OCTETS = 28;
const QUICK_MODE = 32;
/** What one side sends under one message ID, but for repetitions: 1 and 3 of Quick Mode, or one message. */
const QUICK_MESSAGES = 2;

interface Key {
  readonly numbers: Set<number>;
  readonly ivs: Set<string>;
}

interface Exchange {
  readonly life: number;
  readonly type: number;
  readonly messages: Set<string>;
}

/**
 * What each site has used up, over all its lives: numbers and IVs under each key, message IDs under each IKE SA. Keys by hand
 * are the same in every life.
 */
export class Uses {
  /** By site and SPI. */
  readonly #keys = new Map<string, Key>();
  /** By site, cookies and message ID. */
  readonly #exchanges = new Map<string, Exchange>();
  /** By site and initiator cookie: in which life it was begun. */
  readonly #cookies = new Map<string, number>();

  /** There is a new key for this SPI. */
  keyed(site: number, spi: number): void {
    this.#keys.delete(`${site} ${spi}`);
  }

  /** What is used a second time by a packet that leaves; undefined: nothing. */
  leaves(site: number, life: number, packet: Uint8Array): string | undefined {
    const end = packet.length;
    if (ip.isFragment(packet, 0, end)) return undefined;
    const at = ip.payloadAt(packet, 0, end);
    switch (ip.protocol(packet, 0, end)) {
      case PROTOCOL.esp:
        return this.#esp(site, packet, at);
      case PROTOCOL.ah:
        return this.#number(site, readU32(packet, at + 4), readU32(packet, at + 8));
      case PROTOCOL.udp:
        return this.#udp(site, life, packet, at);
      default:
        return undefined;
    }
  }

  #udp(site: number, life: number, packet: Uint8Array, udpAt: number): string | undefined {
    const isFloated = readU16(packet, udpAt) === 4500 || readU16(packet, udpAt + 2) === 4500;
    const at = udpAt + 8;
    if (isFloated && packet.length < at + 8) return undefined;
    if (isFloated && readU32(packet, at) !== 0) return this.#esp(site, packet, at);
    return this.#isakmp(site, life, packet.subarray(isFloated ? at + 4 : at));
  }

  #esp(site: number, packet: Uint8Array, at: number): string | undefined {
    const spi = readU32(packet, at);
    const repeated = this.#number(site, spi, readU32(packet, at + 4));
    if (repeated !== undefined) return repeated;
    const { ivs } = this.#key(site, spi);
    const iv = hex(packet.subarray(at + 8, at + 8 + IV_OCTETS));
    if (ivs.has(iv)) return `IV ${iv} under SPI ${spi.toString(16)}`;
    ivs.add(iv);
    return undefined;
  }

  #number(site: number, spi: number, number: number): string | undefined {
    const { numbers } = this.#key(site, spi);
    if (numbers.has(number)) return `number ${number} under SPI ${spi.toString(16)}`;
    numbers.add(number);
    return undefined;
  }

  #key(site: number, spi: number): Key {
    const name = `${site} ${spi}`;
    const key = this.#keys.get(name) ?? { numbers: new Set(), ivs: new Set() };
    this.#keys.set(name, key);
    return key;
  }

  #isakmp(site: number, life: number, message: Uint8Array): string | undefined {
    if (message.length < ISAKMP_OCTETS) return undefined;
    const type = message[EXCHANGE_AT] ?? 0;
    const id = readU32(message, MESSAGE_ID_AT);
    if (id === 0) return this.#cookie(site, life, message);
    const name = `${site} ${hex(message.subarray(0, COOKIES_OCTETS))} ${id}`;
    const exchange = this.#exchanges.get(name) ?? { life, type, messages: new Set() };
    this.#exchanges.set(name, exchange);
    exchange.messages.add(hex(message));
    const isOver = exchange.messages.size > (type === QUICK_MODE ? QUICK_MESSAGES : 1);
    return exchange.life !== life || exchange.type !== type || isOver ? `message ID ${id.toString(16)}` : undefined;
  }

  /** An initiator's first message has no responder cookie. */
  #cookie(site: number, life: number, message: Uint8Array): string | undefined {
    if (message.subarray(8, COOKIES_OCTETS).some((octet) => octet !== 0)) return undefined;
    const cookie = hex(message.subarray(0, 8));
    const name = `${site} ${cookie}`;
    const before = this.#cookies.get(name) ?? life;
    this.#cookies.set(name, before);
    return before === life ? undefined : `cookie ${cookie}`;
  }
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}
