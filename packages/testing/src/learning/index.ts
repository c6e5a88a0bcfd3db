export { type Learned, type LearnOptions, learn } from './learn.ts';
export {
  type Drawing,
  drawMachine,
  type LearnedSystem,
  type MealyMachine,
  type MealyState,
  type MealyTransition,
  walk,
} from './mealy.ts';
