export type { JunosNotice } from './junos/block.ts';
export { JunosError } from './junos/error.ts';
export type { JunosInterface } from './junos/interfaces.ts';
export { type JunosConfiguration, type JunosReading, readJunos } from './junos/read.ts';
export type { JunosOspfArea, JunosOspfInterface, JunosStaticRoute } from './junos/routing.ts';
