/** What protects a child where it is not ESP in tunnel mode, in the words of each program. */
export interface ChosenProtection {
  readonly name: string;
  readonly mode: 'tunnel' | 'transport';
  /** Names of the library's suites. */
  readonly bundle: {
    readonly ipcomp?: 'deflate';
    readonly esp?: readonly string[];
    readonly ah?: readonly string[];
  };
  /** Statements of its connection. */
  readonly libreswan: Readonly<Record<string, string>>;
}

const ESP = { esp: '3des-sha1' } as const;
const AH = { phase2: 'ah', ah: 'sha2_256', encapsulation: 'no' } as const;

/** `encapsulation` of libreswan: whether it claims a NAT where there is none, so that ESP goes in UDP. */
export const PROTECTIONS: readonly ChosenProtection[] = [
  {
    name: 'esp-transport',
    mode: 'transport',
    bundle: { esp: ['3des-cbc/hmac-sha1-96'] },
    libreswan: { ...ESP, type: 'transport', encapsulation: 'no' },
  },
  {
    name: 'esp-udp-transport',
    mode: 'transport',
    bundle: { esp: ['3des-cbc/hmac-sha1-96'] },
    libreswan: { ...ESP, type: 'transport', encapsulation: 'yes' },
  },
  { name: 'ah-tunnel', mode: 'tunnel', bundle: { ah: ['hmac-sha2-256-128'] }, libreswan: AH },
  {
    name: 'ah-transport',
    mode: 'transport',
    bundle: { ah: ['hmac-sha2-256-128', 'hmac-sha1-96'] },
    libreswan: { ...AH, type: 'transport' },
  },
  {
    name: 'ipcomp-esp-tunnel',
    mode: 'tunnel',
    bundle: { ipcomp: 'deflate', esp: ['3des-cbc/hmac-sha1-96'] },
    libreswan: { ...ESP, compress: 'yes', encapsulation: 'no' },
  },
];
