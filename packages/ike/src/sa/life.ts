/** The life of an IKE SA. Only one that is ready begins to negotiate children; only one that is gone has no keys. */
export type IkeSaState = 'half-open' | 'authenticated' | 'xauth' | 'mode-config' | 'ready' | 'retired' | 'gone';
export type IkeSaTurn =
  | 'authenticated'
  | 'user asked for'
  | 'configuration begun'
  | 'stages passed'
  | 'superseded'
  | 'reinstated'
  | 'ended';

export const IKE_SA_LIFE: Readonly<Record<IkeSaState, Readonly<Partial<Record<IkeSaTurn, IkeSaState>>>>> = {
  'half-open': { authenticated: 'authenticated', ended: 'gone' },
  authenticated: {
    'user asked for': 'xauth',
    'configuration begun': 'mode-config',
    'stages passed': 'ready',
    ended: 'gone',
  },
  xauth: { 'configuration begun': 'mode-config', 'stages passed': 'ready', ended: 'gone' },
  'mode-config': { 'stages passed': 'ready', ended: 'gone' },
  ready: { superseded: 'retired', ended: 'gone' },
  retired: { reinstated: 'ready', superseded: 'retired', ended: 'gone' },
  gone: {},
};

/** The life of a pair of child SAs. All but one that is offered or gone receive; only one that is established sends. */
export type ChildState = 'offered' | 'negotiated' | 'established' | 'superseded' | 'gone';
export type ChildTurn = 'negotiated' | 'confirmed' | 'superseded' | 'reinstated' | 'ended';

export const CHILD_LIFE: Readonly<Record<ChildState, Readonly<Partial<Record<ChildTurn, ChildState>>>>> = {
  offered: { negotiated: 'negotiated', confirmed: 'established', ended: 'gone' },
  negotiated: { confirmed: 'established', ended: 'gone' },
  established: { confirmed: 'established', superseded: 'superseded', ended: 'gone' },
  superseded: { reinstated: 'established', superseded: 'superseded', ended: 'gone' },
  gone: {},
};

/** The state that follows; the same where nothing does. */
export function ikeSaAfter(state: IkeSaState, turn: IkeSaTurn): IkeSaState {
  return IKE_SA_LIFE[state][turn] ?? state;
}

/** Likewise. */
export function childAfter(state: ChildState, turn: ChildTurn): ChildState {
  return CHILD_LIFE[state][turn] ?? state;
}
