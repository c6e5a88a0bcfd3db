export { type JunosConfiguration, type JunosReading, readJunos } from './read.ts';
export type { JunosNotice } from './statements/block.ts';
export type { JunosInterface } from './statements/interfaces.ts';
export type { JunosOspfArea, JunosOspfInterface, JunosStaticRoute } from './statements/routing.ts';
export { JunosError } from './text/error.ts';
