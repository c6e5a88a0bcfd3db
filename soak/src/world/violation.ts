/** What holds in every world, whatever happens in it. */
export const LAWS = {
  'delivered-twice': 'no packet is delivered twice, whatever the network repeats',
  'never-sent': 'nothing is delivered that was not sent, or not to there, or otherwise than it was sent',
  'in-clear': 'nothing of what is inside is outside in clear',
  'used-twice': 'no number and no IV is used twice under one key, no message ID under one IKE SA, power cuts or not',
  outlived: 'no SA lives, or is used, longer than its hard lifetime and a second',
  refused:
    'what arrives as it was sent is taken, unless the receiver may have no SA for it, or it is too old for the window',
  lost: 'nothing is lost once the network has been whole for as long as tunnels may need to be up again',
  leak: 'nothing is left of what has ended: SAs, timers, transforms, key pairs, octets of the arena',
  exception: 'nothing throws, and everything is done some time',
  'not-the-same': 'the same world again is the same, octet for octet',
} as const;

export type Law = keyof typeof LAWS;

/** A law that does not hold. */
export interface Violation {
  readonly law: Law;
  /** On the network's clock. */
  readonly at: number;
  readonly detail: string;
}
