export { type ReplayVerdict, ReplayWindow, type ReplayWindowOptions } from './window.ts';
