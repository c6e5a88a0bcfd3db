import {
  type Attribute,
  AUTH_ALGORITHM,
  ENCAPSULATION_MODE,
  ESP_TRANSFORM,
  IPSEC_ATTRIBUTE,
  LIFE_TYPE,
  OAKLEY_ATTRIBUTE,
  OAKLEY_AUTHENTICATION,
  OAKLEY_ENCRYPTION,
  OAKLEY_HASH,
  PROTOCOL_ID,
  type Proposal,
  toHex,
} from '@espalier/wire';
import { nameIn, wordIn } from './names.ts';

type Registry = Readonly<Record<string, number>>;

/** What the values of an attribute are called; others are plain numbers. */
const PHASE1_VALUES: Readonly<Record<number, Registry>> = {
  [OAKLEY_ATTRIBUTE.encryption]: OAKLEY_ENCRYPTION,
  [OAKLEY_ATTRIBUTE.hash]: OAKLEY_HASH,
  [OAKLEY_ATTRIBUTE.authentication]: OAKLEY_AUTHENTICATION,
  [OAKLEY_ATTRIBUTE.lifeType]: LIFE_TYPE,
};
const PHASE2_VALUES: Readonly<Record<number, Registry>> = {
  [IPSEC_ATTRIBUTE.lifeType]: LIFE_TYPE,
  [IPSEC_ATTRIBUTE.encapsulationMode]: ENCAPSULATION_MODE,
  [IPSEC_ATTRIBUTE.authenticationAlgorithm]: AUTH_ALGORITHM,
};

/** For example `proposal 1 esp spi 0x01020304: aes-cbc(key-length=128 encapsulation-mode=udp-tunnel)`. */
export function proposalText({ number, protocol, spi, transforms }: Proposal): string {
  const index = spi.length === 0 ? '' : ` spi 0x${toHex(spi)}`;
  const isPhase1 = protocol === PROTOCOL_ID.isakmp;
  const choices = transforms.map(({ id, attributes }) => {
    const transform = isPhase1 ? '' : protocol === PROTOCOL_ID.esp ? wordIn(ESP_TRANSFORM, id) : `transform ${id}`;
    return `${transform}(${attributes.map((attribute) => attributeText(isPhase1, attribute)).join(' ')})`;
  });
  return `proposal ${number} ${protocolName(protocol)}${index}: ${choices.join(' or ')}`;
}

export function protocolName(protocol: number): string {
  return nameIn(PROTOCOL_ID, protocol);
}

function attributeText(isPhase1: boolean, { type, value }: Attribute): string {
  const name = wordIn(isPhase1 ? OAKLEY_ATTRIBUTE : IPSEC_ATTRIBUTE, type);
  if (typeof value !== 'number') return `${name}=0x${toHex(value)}`;
  return `${name}=${wordIn((isPhase1 ? PHASE1_VALUES : PHASE2_VALUES)[type] ?? {}, value)}`;
}
