/** How many times as much as `npm test` does is asked for: `npm run thorough` sets it. */
const { THOROUGH = '1', SEED } = process.env;

export const times: number = Number(THOROUGH);

/** Whether grids are gone through whole, in place of every pair of what they cross. */
export const isThorough: boolean = times > 1;

/** What laws and walks at random begin with, where one is asked for. */
export const seed: number | undefined = SEED === undefined ? undefined : Number(SEED);
