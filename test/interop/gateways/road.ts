/** What a user on the road and its gateway agree on: the same whatever programs they are. */
export const ROAD = {
  group: 'testgroup',
  user: 'alice',
  password: 'wonderland',
  /** The addresses that the gateway gives. */
  pool: '10.1.77.0/24',
  dns: '10.1.56.53',
} as const;

/** How the client is told its address. */
export interface RoadSettings {
  readonly method: 'pull' | 'push';
  /** The client asks for a tunnel to everything, as Cisco's do whatever they are told of networks. Default: to one. */
  readonly everything?: true;
}
