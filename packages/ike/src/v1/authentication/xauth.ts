import type { IkeProposal, Role, XAuth } from '../../types.ts';
import { AUTHENTICATION_METHODS } from './methods.ts';

/** Who is the user, of the methods that ask for one (draft-beaulieu-ike-xauth-02 §7, draft-ietf-ipsec-isakmp-hybrid-auth-05 §4). */
const USERS: Readonly<Partial<Record<IkeProposal['authentication'], Role>>> = {
  'xauth-initiator-pre-shared-key': 'initiator',
  'xauth-responder-pre-shared-key': 'responder',
  'xauth-initiator-rsa-signature': 'initiator',
  'xauth-responder-rsa-signature': 'responder',
  'hybrid-initiator-rsa-signature': 'initiator',
  'hybrid-responder-rsa-signature': 'responder',
};

/** Whether a method asks for a user. */
export function hasXAuth({ authentication }: IkeProposal): boolean {
  return USERS[authentication] !== undefined;
}

/** Whether the user of a method, if it has one, proves something before being asked: who does not has to be asked each time. */
export function provesUser({ authentication }: IkeProposal): boolean {
  const user = USERS[authentication];
  return user === undefined || AUTHENTICATION_METHODS[authentication].proves(user);
}

/** Which side this one is in XAuth; undefined where the method has none. */
export function sideInXAuth({ authentication }: IkeProposal, role: Role): XAuth['side'] | undefined {
  const user = USERS[authentication];
  if (user === undefined) return undefined;
  return user === role ? 'user' : 'gateway';
}

/** Whether one can be negotiated in a role: a gateway is not to be asked who it is. */
export function fitsSide(proposal: IkeProposal, role: Role, xauth: XAuth | undefined): boolean {
  const side = sideInXAuth(proposal, role);
  return side === undefined || xauth === undefined || side === xauth.side;
}
